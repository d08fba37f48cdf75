// SPDX-License-Identifier: Apache-2.0
//! A headless voice client: signs in, joins a room, plays a file into it and records what it hears.
//!
//! It is the tool of tests and of the load generator, and later of bots. Its RTP stack is `str0m`,
//! another one than the server's, so every use is an interoperability test as well.
//!
//! Not covered: coming back by itself after a lost connection; TLS.

pub mod api;
pub mod clock;
pub mod gateway;
pub mod media;
pub mod ogg;
pub mod recording;
pub mod sound;
pub mod udp;
pub mod wav;
pub mod words;
