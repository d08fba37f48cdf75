// SPDX-License-Identifier: Apache-2.0
//! Voice forwarding, sans-IO.

pub mod rtcp;
pub mod rtp;
pub mod sdp;
pub mod srtp;

mod arena;
mod certificate;
mod dtls;
mod event;
mod forward;
mod grants;
mod ice;
mod ingress;
mod node;
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
pub use node::{Join, JoinError, Node, NodeConfig, PeerId, RoomId};
pub use stats::{NodeStats, PeerStats};
