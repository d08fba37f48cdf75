// SPDX-License-Identifier: Apache-2.0
//! The server as its clients meet it: over TCP.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod authorisation;
mod cli;
mod cookies;
mod description;
mod gateway;
mod harness;
mod hostile;
mod life;
mod origin;
mod web_client;
