// SPDX-License-Identifier: Apache-2.0
//! The server: HTTP, gateway, media driver, configuration, command line, embedded web client.
//!
//! It extracts, calls `app` and answers; what is allowed is decided below.

pub mod cli;
pub mod clock;
pub mod config;
pub mod gateway;
pub mod http;
pub mod places;
mod process;
pub mod serve;
pub mod shutdown;
pub mod stall;
pub mod start;
pub mod state;
pub mod voice;
pub mod web;
