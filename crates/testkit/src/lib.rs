// SPDX-License-Identifier: Apache-2.0
//! What tests of several crates share. Never shipped.

pub mod postgres;
pub mod process;
pub mod simulation;
