// SPDX-License-Identifier: Apache-2.0
//! SDP lines sorted into the session and its media sections; borrowed, and not yet judged.

use super::offer::{MAX_SLOTS, OfferError};
use super::{AUDIO_LEVEL_URI, MID_URI};

/// Which way a section's media flows, as its offerer sees it (RFC 8866 §6.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    SendRecv,
    SendOnly,
    RecvOnly,
    Inactive,
}

impl Direction {
    pub(super) fn sends(self) -> bool {
        matches!(self, Self::SendRecv | Self::SendOnly)
    }

    pub(super) fn receives(self) -> bool {
        matches!(self, Self::SendRecv | Self::RecvOnly)
    }
}

/// Attributes that may stand in the session part or in a media section.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Transport<'a> {
    pub(super) direction: Option<Direction>,
    pub(super) ice_ufrag: Option<&'a str>,
    pub(super) ice_pwd: Option<&'a str>,
    pub(super) setup: Option<&'a str>,
    /// What follows `sha-256` of the first such fingerprint.
    pub(super) sha256_fingerprint: Option<&'a str>,
}

impl<'a> Transport<'a> {
    /// These attributes, and those of `session` where one is missing.
    pub(super) fn or(&self, session: &Self) -> Self {
        Self {
            direction: self.direction.or(session.direction),
            ice_ufrag: self.ice_ufrag.or(session.ice_ufrag),
            ice_pwd: self.ice_pwd.or(session.ice_pwd),
            setup: self.setup.or(session.setup),
            sha256_fingerprint: self.sha256_fingerprint.or(session.sha256_fingerprint),
        }
    }

    fn read(&mut self, name: &str, value: &'a str) {
        match name {
            "sendrecv" => self.direction = Some(Direction::SendRecv),
            "sendonly" => self.direction = Some(Direction::SendOnly),
            "recvonly" => self.direction = Some(Direction::RecvOnly),
            "inactive" => self.direction = Some(Direction::Inactive),
            "ice-ufrag" => self.ice_ufrag = Some(value),
            "ice-pwd" => self.ice_pwd = Some(value),
            "setup" => self.setup = Some(value),
            "fingerprint" => {
                if let Some((hash, digest)) = value.split_once(' ')
                    && hash.eq_ignore_ascii_case("sha-256")
                {
                    self.sha256_fingerprint.get_or_insert(digest);
                }
            }
            _ => {}
        }
    }
}

/// What stands before the first media section.
#[derive(Debug, Default)]
pub(super) struct Session<'a> {
    pub(super) transport: Transport<'a>,
    /// The mids of the first BUNDLE group.
    pub(super) bundle: Option<&'a str>,
}

/// A media section.
#[derive(Debug, Default)]
pub(super) struct Media<'a> {
    /// The `m=` line after the equals sign.
    pub(super) description: &'a str,
    pub(super) transport: Transport<'a>,
    pub(super) mid: Option<&'a str>,
    pub(super) rtcp_mux: bool,
    pub(super) bundle_only: bool,
    pub(super) opus_payload_types: PayloadTypes,
    /// Format parameters by payload type.
    pub(super) fmtp: Vec<(u8, &'a str)>,
    pub(super) audio_level_id: Option<u8>,
    pub(super) mid_id: Option<u8>,
    pub(super) ssrc: Option<u32>,
}

impl<'a> Media<'a> {
    fn read(&mut self, name: &str, value: &'a str) {
        match name {
            "mid" => self.mid = Some(value),
            "rtcp-mux" => self.rtcp_mux = true,
            "bundle-only" => self.bundle_only = true,
            "rtpmap" => {
                if let Some((payload_type, encoding)) = numbered(value)
                    && encoding.eq_ignore_ascii_case("opus/48000/2")
                {
                    self.opus_payload_types.insert(payload_type);
                }
            }
            "fmtp" => self.fmtp.extend(numbered(value)),
            "extmap" => self.read_extension(value),
            "ssrc" => {
                let number = value.split_ascii_whitespace().next();
                if let Some(ssrc) = number.and_then(|number| number.parse().ok()) {
                    self.ssrc.get_or_insert(ssrc);
                }
            }
            _ => self.transport.read(name, value),
        }
    }

    /// `id[/direction] URI [attributes]` (RFC 8285 §5). One that is offered for one direction
    /// only is left alone: none that is used here ever is.
    fn read_extension(&mut self, value: &str) {
        let mut words = value.split_ascii_whitespace();
        let (Some(id), Some(uri)) = (words.next(), words.next()) else {
            return;
        };
        let Ok(id) = id.strip_suffix("/sendrecv").unwrap_or(id).parse::<u8>() else {
            return;
        };
        // 0 is padding, 15 is reserved (RFC 8285 §4.2).
        if id == 0 || id == 15 {
            return;
        }
        match uri {
            AUDIO_LEVEL_URI => self.audio_level_id = Some(id),
            MID_URI => self.mid_id = Some(id),
            _ => {}
        }
    }
}

/// A set of payload types that may be told from RTCP on one port (RFC 5761 §4).
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct PayloadTypes(u128);

impl PayloadTypes {
    fn insert(&mut self, payload_type: u8) {
        if matches!(payload_type, 0..=63 | 96..=127) {
            self.0 |= 1 << payload_type;
        }
    }

    pub(super) fn contains(self, payload_type: u8) -> bool {
        payload_type < 128 && self.0 >> payload_type & 1 == 1
    }
}

/// Sorts the lines of `text`.
///
/// # Errors
/// [`OfferError::Syntax`] and [`OfferError::TooManySections`].
pub(super) fn read_sections(text: &str) -> Result<(Session<'_>, Vec<Media<'_>>), OfferError> {
    let mut session = Session::default();
    let mut sections: Vec<Media<'_>> = Vec::new();
    let mut started = false;
    for (index, line) in text.split('\n').enumerate() {
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.is_empty() {
            continue;
        }
        let syntax = OfferError::Syntax { line: index + 1 };
        let Some((kind, value)) = line.split_once('=') else {
            return Err(syntax);
        };
        if kind.len() != 1 || line.contains(char::is_control) {
            return Err(syntax);
        }
        if !started && (kind, value) != ("v", "0") {
            return Err(syntax);
        }
        started = true;
        match kind {
            "m" => {
                if sections.len() == 1 + MAX_SLOTS {
                    return Err(OfferError::TooManySections);
                }
                sections.push(Media { description: value, ..Media::default() });
            }
            "a" => {
                let (name, value) = value.split_once(':').unwrap_or((value, ""));
                match sections.last_mut() {
                    Some(media) => media.read(name, value),
                    None if name == "group" => {
                        if let Some(mids) = value.strip_prefix("BUNDLE ") {
                            session.bundle.get_or_insert(mids);
                        }
                    }
                    None => session.transport.read(name, value),
                }
            }
            _ => {}
        }
    }
    if !started {
        return Err(OfferError::Syntax { line: 1 });
    }
    Ok((session, sections))
}

/// `number text`, as in `rtpmap` and `fmtp`.
fn numbered(value: &str) -> Option<(u8, &str)> {
    let (number, text) = value.split_once(' ')?;
    Some((number.parse().ok()?, text.trim_ascii()))
}
