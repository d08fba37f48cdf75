// SPDX-License-Identifier: Apache-2.0
//! Reading an offer.

use thiserror::Error;

/// Largest offer that is read, in bytes. Browsers send 10–20 kB for nine sections.
pub const MAX_OFFER_BYTES: usize = 64 * 1024;
/// Most receiving sections of an offer.
pub const MAX_SLOTS: usize = 16;

/// Why an offer can't be answered.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OfferError {
    /// Over [`MAX_OFFER_BYTES`].
    #[error("offer is too large")]
    TooLarge,
    /// Not SDP: a line without `x=`, control characters, or no `v=0` at the start.
    #[error("line {line} of the offer is not SDP")]
    Syntax {
        /// Number of the line, from 1.
        line: usize,
    },
    /// A section that isn't audio over `UDP/TLS/RTP/SAVPF`.
    #[error("section {section} of the offer is not audio over DTLS-SRTP")]
    UnsupportedMedia {
        /// Position of the section, from 0.
        section: usize,
    },
    /// More media sections than one microphone and [`MAX_SLOTS`].
    #[error("offer has too many media sections")]
    TooManySections,
    /// No section sends.
    #[error("no section of the offer sends")]
    NoMicrophone,
    /// No section receives.
    #[error("no section of the offer receives")]
    NoSlot,
    /// There is no BUNDLE group, or a section is not in it.
    #[error("the offer's sections are not all in one BUNDLE group")]
    NotBundled,
    /// A section has no `mid`, or one that is too long, not a token, or used twice.
    #[error("a section's mid is missing, invalid or used twice")]
    InvalidMid,
    /// A section without `rtcp-mux`.
    #[error("a section doesn't multiplex RTCP")]
    NoRtcpMux,
    /// An active section without Opus at 48 kHz.
    #[error("a section doesn't offer Opus")]
    NoOpus,
    /// No usable `ice-ufrag` and `ice-pwd` (RFC 8839 §5.4).
    #[error("ICE credentials are missing or invalid")]
    InvalidIceCredentials,
    /// No valid SHA-256 fingerprint.
    #[error("no valid SHA-256 certificate fingerprint")]
    NoFingerprint,
    /// `setup` is neither `actpass` nor `active`: the answer could not be `passive`.
    #[error("the offer doesn't let the answer be DTLS-passive")]
    UnsupportedSetup,
}

/// What an offer says, as far as a voice peer needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The other side's ICE user name fragment.
    pub ice_ufrag: String,
    /// The other side's ICE password.
    pub ice_pwd: String,
    /// SHA-256 of the certificate the other side will show in DTLS.
    pub fingerprint: [u8; 32],
    /// The section the other side speaks in: the first that sends.
    pub microphone: Microphone,
    /// The sections the other side hears in, in their order: each that receives.
    pub slots: Vec<Slot>,
    pub(super) sections: Vec<Section>,
    /// Positions of sections, in the order of the BUNDLE group.
    pub(super) bundle: Vec<usize>,
}

/// The section that the other side sends in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Microphone {
    /// Media section id.
    pub mid: String,
    /// Payload type of Opus in this section.
    pub opus_payload_type: u8,
    /// Extension id of the audio level on what comes in, if offered.
    pub audio_level_id: Option<u8>,
    /// Extension id of the mid on what comes in, if offered.
    pub mid_id: Option<u8>,
    /// The SSRC announced for this section; absent from some offers, and then learnt from the
    /// first authentic packet.
    pub ssrc: Option<u32>,
}

/// A section that the other side receives in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// Media section id.
    pub mid: String,
    /// Payload type of Opus in this section.
    pub opus_payload_type: u8,
    /// Extension id of the audio level on what goes out, if offered.
    pub audio_level_id: Option<u8>,
    /// Extension id of the mid on what goes out, if offered.
    pub mid_id: Option<u8>,
}

/// A media section of the offer, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Section {
    pub(super) mid: String,
    pub(super) protocol: String,
    pub(super) opus_payload_type: u8,
    pub(super) opus_fmtp: Option<String>,
    pub(super) is_microphone: bool,
    /// Position in [`Offer::slots`], if it is one.
    pub(super) slot: Option<usize>,
    pub(super) audio_level_id: Option<u8>,
    pub(super) mid_id: Option<u8>,
}

impl Offer {
    /// Reads an offer.
    ///
    /// # Errors
    /// See [`OfferError`]; never panics, whatever the text.
    pub fn parse(text: &str) -> Result<Self, OfferError> {
        if text.len() > MAX_OFFER_BYTES {
            return Err(OfferError::TooLarge);
        }
        Err(OfferError::NoMicrophone)
    }
}
