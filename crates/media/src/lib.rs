// SPDX-License-Identifier: Apache-2.0
//! Voice forwarding, sans-IO.

pub mod rtcp;
pub mod rtp;
pub mod sdp;
pub mod srtp;

mod arena;
mod certificate;
mod event;
mod grants;
mod node;
mod stats;

pub use arena::Transmit;
pub use certificate::{Certificate, CertificateError};
pub use event::{CloseReason, Event};
pub use grants::Grants;
pub use node::{Join, JoinError, Node, NodeConfig, PeerId, RoomId};
pub use stats::{NodeStats, PeerStats};
