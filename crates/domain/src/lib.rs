// SPDX-License-Identifier: Apache-2.0
//! Pure rules of Voz do Povo: no clock, no randomness, no IO. `now` and random bytes are parameters.

pub mod ids;
