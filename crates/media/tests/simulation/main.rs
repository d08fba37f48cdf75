// SPDX-License-Identifier: Apache-2.0
//! Our node against real WebRTC clients, in simulation. Tests are named as the sentence they prove.

#[path = "../sim/mod.rs"]
mod sim;

mod hearing;
mod leaving;
mod muting;
mod speaking;
