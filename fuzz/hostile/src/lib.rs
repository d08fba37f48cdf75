// SPDX-License-Identifier: Apache-2.0
//! What must hold whatever comes from outside. One module per thing that reads foreign bytes; each has
//! `run(bytes)`, which panics when a promise is broken.
//!
//! libFuzzer looks for such bytes (`scripts/fuzz`), and the tests of this crate replay what it found
//! worth keeping (`fuzz/corpus`), without its toolchain. The shape of the bytes is written at each module.

pub mod bodies;
pub mod config;
pub mod cursors;
pub mod datagrams;
pub mod gateway;
pub mod handshake;
pub mod http;
pub mod rtcp;
pub mod rtp;
pub mod sdp;
pub mod srtp;
pub mod tokens;

mod input;
mod instance;
mod voice;

/// The body of a target: panics when a promise is broken.
pub type Body = fn(&[u8]);

/// Every target: its name, which is its corpus's, and its body.
pub const TARGETS: [(&str, Body); 12] = [
    ("bodies", bodies::run),
    ("config", config::run),
    ("cursors", cursors::run),
    ("datagrams", datagrams::run),
    ("gateway", gateway::run),
    ("handshake", handshake::run),
    ("http", http::run),
    ("rtcp", rtcp::run),
    ("rtp", rtp::run),
    ("sdp", sdp::run),
    ("srtp", srtp::run),
    ("tokens", tokens::run),
];
