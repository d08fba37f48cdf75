// SPDX-License-Identifier: Apache-2.0
//! Reading an offer.

use thiserror::Error;

use super::attributes::{Direction, Media, Session, read_sections};
use crate::rtp::MAX_MID_BYTES;

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
    /// Not SDP: a line that isn't `x=…`, a control character, or another start than `v=0`.
    #[error("line {line} of the offer is not SDP")]
    Syntax {
        /// Number of the line, from 1.
        line: usize,
    },
    /// A section that isn't audio over `UDP/TLS/RTP/SAVPF`, or is disabled (port 0).
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
    /// A section has no `mid`, or one over 16 bytes, not a token, or used twice.
    #[error("a section's mid is missing, invalid or used twice")]
    InvalidMid,
    /// A section without `rtcp-mux`.
    #[error("a section doesn't multiplex RTCP")]
    NoRtcpMux,
    /// A section without Opus (`opus/48000/2`, RFC 7587 §7).
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
    pub(super) opus_payload_type: u8,
    /// Format parameters of Opus as offered (RFC 7587 §6.1).
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
        let (session, media) = read_sections(text)?;
        let mut microphone = None;
        let mut slots = Vec::new();
        let mut sections = Vec::with_capacity(media.len());
        for (position, media) in media.iter().enumerate() {
            let mut section = section(position, media)?;
            if sections.iter().any(|s: &Section| s.mid == section.mid) {
                return Err(OfferError::InvalidMid);
            }
            let direction = media.transport.direction.or(session.transport.direction).unwrap_or(Direction::SendRecv);
            if direction.sends() && microphone.is_none() {
                section.is_microphone = true;
                microphone = Some(Microphone {
                    mid: section.mid.clone(),
                    opus_payload_type: section.opus_payload_type,
                    audio_level_id: section.audio_level_id,
                    mid_id: section.mid_id,
                    ssrc: media.ssrc,
                });
            }
            if direction.receives() {
                if slots.len() == MAX_SLOTS {
                    return Err(OfferError::TooManySections);
                }
                section.slot = Some(slots.len());
                slots.push(Slot {
                    mid: section.mid.clone(),
                    opus_payload_type: section.opus_payload_type,
                    audio_level_id: section.audio_level_id,
                    mid_id: section.mid_id,
                });
            }
            sections.push(section);
        }
        let microphone = microphone.ok_or(OfferError::NoMicrophone)?;
        if slots.is_empty() {
            return Err(OfferError::NoSlot);
        }
        let bundle = bundle(&session, &sections)?;
        // The transport's attributes are those of the group's first section (RFC 8843 §7.1.3).
        let tagged = bundle.first().and_then(|&position| media.get(position)).ok_or(OfferError::NotBundled)?;
        let transport = tagged.transport.or(&session.transport);
        match transport.setup {
            Some("actpass" | "active") => {}
            _ => return Err(OfferError::UnsupportedSetup),
        }
        let ice_ufrag = ice_chars(transport.ice_ufrag, 4)?;
        let ice_pwd = ice_chars(transport.ice_pwd, 22)?;
        let fingerprint = transport.sha256_fingerprint.and_then(fingerprint).ok_or(OfferError::NoFingerprint)?;
        Ok(Self { ice_ufrag, ice_pwd, fingerprint, microphone, slots, sections, bundle })
    }
}

fn section(position: usize, media: &Media<'_>) -> Result<Section, OfferError> {
    let unsupported = OfferError::UnsupportedMedia { section: position };
    let mut words = media.description.split_ascii_whitespace();
    let (Some("audio"), Some(port), Some("UDP/TLS/RTP/SAVPF")) = (words.next(), words.next(), words.next()) else {
        return Err(unsupported);
    };
    if port == "0" && !media.bundle_only {
        return Err(unsupported);
    }
    let opus_payload_type = words
        .filter_map(|format| format.parse::<u8>().ok())
        .find(|&payload_type| media.opus_payload_types.contains(payload_type))
        .ok_or(OfferError::NoOpus)?;
    let mid = media.mid.filter(|mid| is_token(mid) && mid.len() <= MAX_MID_BYTES).ok_or(OfferError::InvalidMid)?;
    if !media.rtcp_mux {
        return Err(OfferError::NoRtcpMux);
    }
    let opus_fmtp = media
        .fmtp
        .iter()
        .find(|(payload_type, _)| *payload_type == opus_payload_type)
        .map(|(_, parameters)| (*parameters).to_owned());
    Ok(Section {
        mid: mid.to_owned(),
        opus_payload_type,
        opus_fmtp,
        is_microphone: false,
        slot: None,
        audio_level_id: media.audio_level_id,
        mid_id: media.mid_id,
    })
}

/// The positions of the sections in the order of the group, which must name each exactly once.
fn bundle(session: &Session<'_>, sections: &[Section]) -> Result<Vec<usize>, OfferError> {
    let group = session.bundle.ok_or(OfferError::NotBundled)?;
    let mut positions = Vec::with_capacity(sections.len());
    for mid in group.split_ascii_whitespace() {
        let position = sections
            .iter()
            .position(|section| section.mid == mid)
            .filter(|position| !positions.contains(position))
            .ok_or(OfferError::NotBundled)?;
        positions.push(position);
    }
    if positions.len() != sections.len() {
        return Err(OfferError::NotBundled);
    }
    Ok(positions)
}

/// `ice-char`s, `least` to 256 of them (RFC 8839 §5.4).
fn ice_chars(value: Option<&str>, least: usize) -> Result<String, OfferError> {
    value
        .filter(|value| (least..=256).contains(&value.len()))
        .filter(|value| value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/'))
        .map(str::to_owned)
        .ok_or(OfferError::InvalidIceCredentials)
}

/// A `token` of RFC 8866 §9.
fn is_token(value: &str) -> bool {
    !value.is_empty()
        && value.bytes().all(|byte| {
            byte.is_ascii_alphanumeric()
                || matches!(
                    byte,
                    b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'{'..=b'~'
                )
        })
}

/// 32 pairs of hexadecimal digits with colons between (RFC 8122 §5).
fn fingerprint(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0_u8; 32];
    let mut pairs = text.split(':');
    for byte in &mut bytes {
        let pair = pairs.next().filter(|pair| pair.len() == 2)?;
        // `from_str_radix` takes a sign, which two digits leave no room for.
        if !pair.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        *byte = u8::from_str_radix(pair, 16).ok()?;
    }
    pairs.next().is_none().then_some(bytes)
}
