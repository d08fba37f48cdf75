// SPDX-License-Identifier: Apache-2.0
//! The SDP of one voice peer: an offer of one sending and some receiving audio sections is read,
//! an answer is written (RFC 8829, RFC 8843 BUNDLE, RFC 8839 ICE, RFC 8842 DTLS, RFC 7587 Opus).
//!
//! Not covered: video, data channels, renegotiation, remote candidates (an ICE-lite agent learns
//! addresses from checks).

mod answer;
mod attributes;
mod offer;

pub use answer::Answer;
pub use offer::{MAX_OFFER_BYTES, MAX_SLOTS, Microphone, Offer, OfferError, Slot};

/// RFC 6464.
const AUDIO_LEVEL_URI: &str = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
/// RFC 8843 §15.
const MID_URI: &str = "urn:ietf:params:rtp-hdrext:sdes:mid";

#[cfg(test)]
mod tests;
