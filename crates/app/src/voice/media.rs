// SPDX-License-Identifier: Apache-2.0
//! What control and a media thread say to each other. Plain types: neither side knows the other's.

use tokio::sync::oneshot;
use voz_domain::ids::ChannelId;
use voz_domain::voice::VoiceGrants;

/// A media path on this node; never reused in one life of the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MediaPeerId(pub u64);

/// From control to media. Commands are never dropped: a full queue makes control wait.
#[derive(Debug)]
pub enum MediaCommand {
    /// Make a media path from an SDP offer and answer it.
    Join {
        /// The new path.
        peer: MediaPeerId,
        /// Where it hears and is heard.
        room: ChannelId,
        /// CSRC of its packets.
        voice_number: u32,
        /// SDP.
        offer: String,
        /// What it may do from the first packet on.
        grants: VoiceGrants,
        /// The SDP answer, or that the offer can't be answered.
        reply: oneshot::Sender<Result<String, OfferRefused>>,
    },
    /// Take a path down. An unknown one is no error: it may just have closed.
    Leave {
        /// Which.
        peer: MediaPeerId,
    },
    /// From the next packet on, these grants hold.
    SetGrants {
        /// Which.
        peer: MediaPeerId,
        /// What it may do.
        grants: VoiceGrants,
    },
}

/// The offer can't be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the SDP offer can't be answered")]
pub struct OfferRefused;

/// From media to control.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MediaEvent {
    /// ICE and DTLS are up: packets flow.
    Connected {
        /// Which.
        peer: MediaPeerId,
    },
    /// The path is gone: nothing came for too long, or DTLS failed.
    Closed {
        /// Which.
        peer: MediaPeerId,
    },
    /// Everyone who speaks in a room now; replaces what was said before.
    Speaking {
        /// The room.
        room: ChannelId,
        /// Voice numbers, ascending.
        speakers: Vec<u32>,
    },
}
