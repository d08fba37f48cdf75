// SPDX-License-Identifier: Apache-2.0
//! The wire of Voz do Povo, version 1: what HTTP bodies and gateway frames look like. No logic.
//!
//! One file per noun. The TypeScript types of the web client are generated from the schemas here.
//! The HTTP API changes what is durable; the gateway tells what changed and carries voice signalling.

#![warn(clippy::wildcard_enum_match_arm)]

pub mod accounts;
pub mod channels;
pub mod communities;
pub mod errors;
pub mod gateway;
pub mod instance;
pub mod invites;
pub mod messages;
pub mod sessions;
pub mod setup;
pub mod voice;
