// SPDX-License-Identifier: Apache-2.0
//! The real `voz-client` against the real `voz serve`, as people and scripts use them.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod ending;
mod entering;
mod hearing;
mod instance;
mod report;
mod sound;
