// SPDX-License-Identifier: Apache-2.0
//! Writing an answer.

use std::fmt::{self, Display};
use std::net::SocketAddr;

use super::offer::{Offer, Section};
use super::{AUDIO_LEVEL_URI, MID_URI};

/// Type preference of host candidates (RFC 8445 §5.1.2.2).
const HOST_PREFERENCE: u32 = 126;

/// What the answering side says of itself. The answer is `ice-lite` and DTLS-passive.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// Session id of the `o=` line; any number that differs between sessions.
    pub session_id: u32,
    /// This side's ICE user name fragment.
    pub ice_ufrag: &'a str,
    /// This side's ICE password.
    pub ice_pwd: &'a str,
    /// SHA-256 of this side's DTLS certificate.
    pub fingerprint: &'a [u8; 32],
    /// Host candidates over UDP, the best first.
    pub candidates: &'a [SocketAddr],
    /// CNAME of all slots, as in RTCP.
    pub cname: &'a str,
    /// The SSRC of each slot, in the order of [`Offer::slots`]; slots beyond the end are answered
    /// `inactive`.
    pub slot_ssrcs: &'a [u32],
}

impl Answer<'_> {
    /// Writes the answer to `offer`: the same sections in the same order, each with nothing but
    /// what was offered for it.
    pub fn write(&self, offer: &Offer) -> String {
        Document { answer: self, offer }.to_string()
    }

    fn ssrc(&self, section: &Section) -> Option<u32> {
        section.slot.and_then(|slot| self.slot_ssrcs.get(slot).copied())
    }
}

struct Document<'a> {
    answer: &'a Answer<'a>,
    offer: &'a Offer,
}

impl Display for Document<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { answer, offer } = self;
        write!(f, "v=0\r\no=- {} 1 IN IP4 0.0.0.0\r\n", answer.session_id)?;
        write!(f, "s=-\r\nt=0 0\r\na=ice-lite\r\na=group:BUNDLE")?;
        let bundled = offer.bundle.iter().filter_map(|&position| offer.sections.get(position));
        for section in bundled {
            write!(f, " {}", section.mid)?;
        }
        f.write_str("\r\n")?;
        for (position, section) in offer.sections.iter().enumerate() {
            self.write_section(f, section)?;
            if offer.bundle.first() == Some(&position) {
                self.write_candidates(f)?;
            }
        }
        Ok(())
    }
}

impl Document<'_> {
    fn write_section(&self, f: &mut fmt::Formatter<'_>, section: &Section) -> fmt::Result {
        let answer = self.answer;
        let payload_type = section.opus_payload_type;
        write!(f, "m=audio 9 UDP/TLS/RTP/SAVPF {payload_type}\r\n")?;
        write!(f, "c=IN IP4 0.0.0.0\r\n")?;
        write!(f, "a=mid:{}\r\n", section.mid)?;
        let ssrc = answer.ssrc(section);
        let direction = match (section.is_microphone, ssrc) {
            (true, Some(_)) => "sendrecv",
            (true, None) => "recvonly",
            (false, Some(_)) => "sendonly",
            (false, None) => "inactive",
        };
        write!(f, "a={direction}\r\na=rtcp-mux\r\n")?;
        write!(f, "a=ice-ufrag:{}\r\n", answer.ice_ufrag)?;
        write!(f, "a=ice-pwd:{}\r\n", answer.ice_pwd)?;
        f.write_str("a=fingerprint:sha-256 ")?;
        for (position, byte) in answer.fingerprint.iter().enumerate() {
            let colon = if position == 0 { "" } else { ":" };
            write!(f, "{colon}{byte:02X}")?;
        }
        write!(f, "\r\na=setup:passive\r\n")?;
        write!(f, "a=rtpmap:{payload_type} opus/48000/2\r\n")?;
        if let Some(parameters) = &section.opus_fmtp {
            write_fmtp(f, payload_type, parameters)?;
        }
        if let Some(id) = section.audio_level_id {
            write!(f, "a=extmap:{id} {AUDIO_LEVEL_URI}\r\n")?;
        }
        if let Some(id) = section.mid_id {
            write!(f, "a=extmap:{id} {MID_URI}\r\n")?;
        }
        if let (Some(slot), Some(ssrc)) = (section.slot, ssrc) {
            // A stream of its own, so that no receiver waits to play two people in step.
            write!(f, "a=msid:slot-{slot} slot-{slot}\r\n")?;
            write!(f, "a=ssrc:{ssrc} cname:{}\r\n", answer.cname)?;
        }
        Ok(())
    }

    fn write_candidates(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (address, position) in self.answer.candidates.iter().zip(0_u16..) {
            // RFC 8445 §5.1.2.1, component 1.
            let local_preference = u32::from(u16::MAX - position);
            let priority = HOST_PREFERENCE << 24 | local_preference << 8 | 255;
            let (ip, port) = (address.ip(), address.port());
            let foundation = u32::from(position) + 1;
            write!(f, "a=candidate:{foundation} 1 udp {priority} {ip} {port} typ host\r\n")?;
        }
        f.write_str("a=end-of-candidates\r\n")
    }
}

/// Writes the parameters as offered, without those that would ask the other side for two
/// channels: in an answer they say what this side likes to receive (RFC 7587 §6.1).
fn write_fmtp(f: &mut fmt::Formatter<'_>, payload_type: u8, parameters: &str) -> fmt::Result {
    let kept = parameters.split(';').map(str::trim).filter(|parameter| !parameter.is_empty()).filter(|parameter| {
        let name = parameter.split('=').next().unwrap_or_default();
        !matches!(name, "stereo" | "sprop-stereo")
    });
    let mut separator = "";
    for parameter in kept {
        if separator.is_empty() {
            write!(f, "a=fmtp:{payload_type} ")?;
        }
        write!(f, "{separator}{parameter}")?;
        separator = ";";
    }
    if separator.is_empty() {
        return Ok(());
    }
    f.write_str("\r\n")
}
