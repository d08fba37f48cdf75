// SPDX-License-Identifier: Apache-2.0
//! What a node tells its driver.

use crate::ids::{PeerId, RoomId};

/// Something happened; read by [`crate::Node::poll_event`], in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// ICE and DTLS are up and the fingerprint is the offer's: packets flow.
    Connected {
        /// Which.
        peer: PeerId,
    },
    /// The peer is gone and forgotten. Not said of a peer that [`crate::Node::leave`] took out.
    Closed {
        /// Which.
        peer: PeerId,
        /// Why.
        reason: CloseReason,
    },
    /// Everyone who is heard speaking in a room now; replaces what was said before.
    Speaking {
        /// The room.
        room: RoomId,
        /// Voice numbers, ascending.
        speakers: Vec<u32>,
    },
}

/// Why a peer is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseReason {
    /// ICE or DTLS was not finished in time.
    NotConnected,
    /// Nothing authentic came for [`crate::NodeConfig::idle_timeout`].
    Silent,
    /// The peer said DTLS close_notify.
    CloseNotify,
    /// DTLS failed.
    Dtls,
    /// The certificate is not the one the offer named (RFC 8827 §6.5).
    Fingerprint,
}
