// SPDX-License-Identifier: Apache-2.0
//! Our node against real WebRTC clients, in simulation. Tests are named as the sentence they prove.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod allocating;
mod assembling;
mod delivering;
mod flooding;
mod hearing;
mod hostility;
mod leaving;
mod muting;
mod speaking;
mod turmoil;
