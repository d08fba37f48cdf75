// SPDX-License-Identifier: Apache-2.0
//! Voice forwarding, sans-IO: a [`Node`] is one media thread's world.
//!
//! It owns no socket, clock, thread or lock. A driver tells it what came and what time it is, and takes
//! what it wants to send and say:
//!
//! 1. [`Node::join`], [`Node::leave`], [`Node::set_grants`]: what control wants;
//! 2. [`Node::handle_input`]: a datagram came. The driver hands over each datagram with the local address
//!    it came to, IPv4 as IPv4 (not mapped into IPv6);
//! 3. [`Node::handle_timeout`], when [`Node::poll_timeout`] has come;
//! 4. [`Node::transmits`], then [`Node::clear_transmits`]: at the end of each batch of input, and within
//!    it when [`Node::pending`] has grown to what one system call sends;
//! 5. [`Node::poll_event`], until there is none.
//!
//! Each peer is one PeerConnection over one address: ICE-lite ([`is`]), DTLS ([`dimpl`]), SRTP ([`srtp`]).
//! Its offer has one sending section and a slot for each person it can hear at once; who is in a slot is
//! told by CSRC and by [`Event::Speaking`], and never renegotiated.
//!
//! Invariants:
//! - a packet goes to members of its speaker's room only, by the grants of that instant, and not back;
//! - nothing is sent to an address that has not proved the ICE password;
//! - media waits for the certificate that the offer named;
//! - forwarding a packet allocates nothing once buffers are warm;
//! - no byte from outside makes it panic.
//!
//! Not covered: ICE over TCP, ICE restarts (clients make a new connection), video, RED, congestion control.

#![warn(clippy::wildcard_enum_match_arm)]

pub mod rtcp;
pub mod rtp;
pub mod sdp;
pub mod srtp;

mod arena;
mod certificate;
mod check;
mod dtls;
mod event;
mod forward;
mod grants;
mod ice;
mod ids;
mod ingress;
mod node;
mod pace;
mod path;
mod peer;
mod random;
mod report;
mod room;
mod speaker;
mod stats;
mod timer;

pub use arena::Transmit;
pub use certificate::{Certificate, CertificateError};
pub use event::{CloseReason, Event};
pub use grants::Grants;
pub use ids::{PeerId, RoomId};
pub use node::{Join, JoinError, Node, NodeConfig};
pub use stats::{NodeStats, PeerStats};
