// SPDX-License-Identifier: Apache-2.0
//! Pure rules of Voz do Povo: no clock, no randomness, no IO. `now` and random bytes are parameters.

#![warn(clippy::wildcard_enum_match_arm)]

pub mod access;
pub mod channels;
pub mod fields;
pub mod ids;
pub mod invites;
pub mod limits;
pub mod names;
pub mod passwords;
pub mod permissions;
pub mod roles;
pub mod sessions;
pub mod sign_up;
pub mod voice;
