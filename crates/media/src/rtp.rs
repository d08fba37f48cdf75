// SPDX-License-Identifier: Apache-2.0
//! RTP headers: read without allocation, written for one receiver (RFC 3550 §5.1).
//!
//! Header extensions are read in the one-byte and the two-byte form (RFC 8285 §4.2, §4.3); the
//! client-to-mixer audio level is RFC 6464. Nothing here panics, whatever the bytes. Payloads are
//! opaque: no codec is known here.

use thiserror::Error;

/// Bytes of a header without CSRCs and extensions.
pub const FIXED_HEADER_BYTES: usize = 12;

/// CSRCs that fit the four-bit count of a header.
pub const MAX_CSRCS: usize = 15;

/// Longest extension value that the one-byte form holds (RFC 8285 §4.2), and so the longest mid.
pub const MAX_MID_BYTES: usize = 16;

const VERSION: u8 = 2;
const ONE_BYTE_PROFILE: u16 = 0xBEDE;
/// The low four bits of the two-byte profile are free ("appbits").
const TWO_BYTE_PROFILE: u16 = 0x1000;
const TWO_BYTE_MASK: u16 = 0xFFF0;
/// In the one-byte form, id 15 means "stop here" (RFC 8285 §4.2).
const ONE_BYTE_STOP_ID: u8 = 15;
const LARGEST_ONE_BYTE_ID: u8 = 14;

/// Why a header can't be read or written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RtpError {
    /// The bytes end before the header, its CSRCs, its extension block or its padding do.
    #[error("RTP packet is truncated")]
    Truncated,
    /// The version field is not 2.
    #[error("not RTP version 2")]
    Version,
    /// The last byte claims more padding than there is payload, or none at all.
    #[error("RTP padding is invalid")]
    Padding,
    /// The output is too short for the header.
    #[error("no room for the RTP header")]
    NoRoom,
    /// A field doesn't fit: over 15 CSRCs, a payload type over 127, an extension id of 0 or 15, or
    /// a value that is empty or too long.
    #[error("RTP header field out of range")]
    OutOfRange,
}

/// Audio level of one packet (RFC 6464 §3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AudioLevel {
    /// The sender's voice activity flag.
    pub voice: bool,
    /// Level below overload in dB: 0 is the loudest, 127 is digital silence (−dBov).
    pub below_overload_db: u8,
}

impl AudioLevel {
    /// Silence, no voice.
    pub const SILENCE: Self = Self { voice: false, below_overload_db: 127 };

    fn from_byte(byte: u8) -> Self {
        Self { voice: byte & 0x80 != 0, below_overload_db: byte & 0x7F }
    }

    fn to_byte(self) -> u8 {
        (u8::from(self.voice) << 7) | self.below_overload_db.min(127)
    }
}

/// An RTP header as it came, borrowing the packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header<'a> {
    /// Payload type, 0–127.
    pub payload_type: u8,
    /// Marker bit; for Opus, the first packet after silence (RFC 7587 §4.1).
    pub marker: bool,
    /// Sequence number as sent, 16 bits.
    pub sequence: u16,
    /// Timestamp in units of the RTP clock (48 kHz for Opus).
    pub timestamp: u32,
    /// Synchronisation source.
    pub ssrc: u32,
    /// Whether the payload ends in padding; see [`Header::payload`].
    pub padding: bool,
    /// Bytes from the start of the packet to the payload.
    pub header_len: usize,
    csrcs: &'a [u8],
    extensions: Extensions<'a>,
}

impl<'a> Header<'a> {
    /// Reads the header at the start of `packet`. What follows may still be encrypted.
    ///
    /// # Errors
    /// [`RtpError::Truncated`] or [`RtpError::Version`].
    pub fn parse(packet: &'a [u8]) -> Result<Self, RtpError> {
        let fixed = packet.first_chunk::<FIXED_HEADER_BYTES>().ok_or(RtpError::Truncated)?;
        if fixed[0] >> 6 != VERSION {
            return Err(RtpError::Version);
        }
        let csrc_end = FIXED_HEADER_BYTES + 4 * usize::from(fixed[0] & 0x0F);
        let csrcs = packet.get(FIXED_HEADER_BYTES..csrc_end).ok_or(RtpError::Truncated)?;
        let (extensions, header_len) = if fixed[0] & 0x10 == 0 {
            (Extensions::NONE, csrc_end)
        } else {
            let block = packet[csrc_end..].first_chunk::<4>().ok_or(RtpError::Truncated)?;
            let data_start = csrc_end + 4;
            let data_end = data_start + 4 * usize::from(u16::from_be_bytes([block[2], block[3]]));
            let data = packet.get(data_start..data_end).ok_or(RtpError::Truncated)?;
            let profile = u16::from_be_bytes([block[0], block[1]]);
            (Extensions { profile, data }, data_end)
        };
        Ok(Self {
            payload_type: fixed[1] & 0x7F,
            marker: fixed[1] & 0x80 != 0,
            sequence: u16::from_be_bytes([fixed[2], fixed[3]]),
            timestamp: u32::from_be_bytes([fixed[4], fixed[5], fixed[6], fixed[7]]),
            ssrc: u32::from_be_bytes([fixed[8], fixed[9], fixed[10], fixed[11]]),
            padding: fixed[0] & 0x20 != 0,
            header_len,
            csrcs,
            extensions,
        })
    }

    /// The contributing sources, in their order.
    pub fn csrcs(&self) -> impl ExactSizeIterator<Item = u32> + use<'a> {
        self.csrcs.chunks_exact(4).map(|word| u32::from_be_bytes([word[0], word[1], word[2], word[3]]))
    }

    /// The header extensions, empty where there are none or their form is unknown.
    pub fn extensions(&self) -> Extensions<'a> {
        self.extensions
    }

    /// The client-to-mixer audio level under `extension_id`, if the packet has it (RFC 6464).
    pub fn audio_level(&self, extension_id: u8) -> Option<AudioLevel> {
        let value = self.extensions.get(extension_id)?;
        value.first().map(|&byte| AudioLevel::from_byte(byte))
    }

    /// The payload of `packet` (decrypted, and cut to its length) without padding.
    ///
    /// # Errors
    /// [`RtpError::Truncated`] where `packet` is shorter than this header,
    /// [`RtpError::Padding`] where the padding count is 0 or larger than the payload
    /// (RFC 3550 §5.1).
    pub fn payload<'p>(&self, packet: &'p [u8]) -> Result<&'p [u8], RtpError> {
        let body = packet.get(self.header_len..).ok_or(RtpError::Truncated)?;
        if !self.padding {
            return Ok(body);
        }
        let count = usize::from(*body.last().ok_or(RtpError::Padding)?);
        if count == 0 || count > body.len() {
            return Err(RtpError::Padding);
        }
        Ok(&body[..body.len() - count])
    }
}

/// The header extension block of one packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extensions<'a> {
    profile: u16,
    data: &'a [u8],
}

impl<'a> Extensions<'a> {
    const NONE: Self = Self { profile: ONE_BYTE_PROFILE, data: &[] };

    /// The value of the first element with this id; an element may be empty in the two-byte form.
    pub fn get(&self, id: u8) -> Option<&'a [u8]> {
        self.iter().find(|(found, _)| *found == id).map(|(_, value)| value)
    }

    /// Every element as `(id, value)`. A cut-off element ends the walk.
    pub fn iter(&self) -> impl Iterator<Item = (u8, &'a [u8])> + use<'a> {
        let two_byte = self.profile & TWO_BYTE_MASK == TWO_BYTE_PROFILE;
        let known = two_byte || self.profile == ONE_BYTE_PROFILE;
        let mut rest = if known { self.data } else { &[] };
        std::iter::from_fn(move || {
            // Zero bytes between elements are padding in both forms.
            while let [0, tail @ ..] = rest {
                rest = tail;
            }
            let (id, length, tail) = match rest {
                [id, length, tail @ ..] if two_byte => (*id, usize::from(*length), tail),
                [head, tail @ ..] if !two_byte && head >> 4 != ONE_BYTE_STOP_ID => {
                    (head >> 4, usize::from(head & 0x0F) + 1, tail)
                }
                _ => return None,
            };
            let (value, tail) = tail.split_at_checked(length)?;
            rest = tail;
            Some((id, value))
        })
    }
}

/// A header to be written, for one receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutgoingHeader<'a> {
    /// Payload type, 0–127, as this receiver numbers it.
    pub payload_type: u8,
    /// Marker bit.
    pub marker: bool,
    /// Sequence number (low 16 bits of the sender's extended one).
    pub sequence: u16,
    /// Timestamp in units of the RTP clock.
    pub timestamp: u32,
    /// Synchronisation source.
    pub ssrc: u32,
    /// Contributing sources, 15 at most.
    pub csrcs: &'a [u32],
    /// Audio level under this receiver's extension id.
    pub audio_level: Option<(u8, AudioLevel)>,
    /// The media section's id under this receiver's extension id (RFC 8843 §15), 16 bytes at most.
    pub mid: Option<(u8, &'a [u8])>,
}

impl OutgoingHeader<'_> {
    /// Writes the header to the start of `out` and returns its length in bytes.
    ///
    /// Extensions take the one-byte form, unless an id is over 14.
    ///
    /// # Errors
    /// [`RtpError::NoRoom`] and [`RtpError::OutOfRange`]; `out` is then unspecified.
    pub fn write(&self, out: &mut [u8]) -> Result<usize, RtpError> {
        let level_byte = self.audio_level.map(|(id, level)| (id, [level.to_byte()]));
        let elements = [level_byte.as_ref().map(|(id, value)| (*id, &value[..])), self.mid];
        if self.payload_type > 127 || self.csrcs.len() > MAX_CSRCS {
            return Err(RtpError::OutOfRange);
        }
        let csrc_count = u8::try_from(self.csrcs.len()).map_err(|_| RtpError::OutOfRange)?;
        let extended = elements.iter().any(Option::is_some);

        let mut writer = Writer { out, at: 0 };
        writer.put(&[
            VERSION << 6 | u8::from(extended) << 4 | csrc_count,
            u8::from(self.marker) << 7 | self.payload_type,
        ])?;
        writer.put(&self.sequence.to_be_bytes())?;
        writer.put(&self.timestamp.to_be_bytes())?;
        writer.put(&self.ssrc.to_be_bytes())?;
        for csrc in self.csrcs {
            writer.put(&csrc.to_be_bytes())?;
        }
        if extended {
            writer.put_extensions(&elements)?;
        }
        Ok(writer.at)
    }
}

struct Writer<'o> {
    out: &'o mut [u8],
    at: usize,
}

impl Writer<'_> {
    fn put(&mut self, bytes: &[u8]) -> Result<(), RtpError> {
        let room = self.out.get_mut(self.at..self.at + bytes.len()).ok_or(RtpError::NoRoom)?;
        room.copy_from_slice(bytes);
        self.at += bytes.len();
        Ok(())
    }

    fn put_extensions(&mut self, elements: &[Option<(u8, &[u8])>; 2]) -> Result<(), RtpError> {
        let two_byte = elements.iter().flatten().any(|(id, _)| *id > LARGEST_ONE_BYTE_ID);
        let profile = if two_byte { TWO_BYTE_PROFILE } else { ONE_BYTE_PROFILE };
        self.put(&profile.to_be_bytes())?;
        let length_at = self.at;
        self.put(&[0, 0])?;
        for (id, value) in elements.iter().flatten() {
            if matches!(*id, 0 | ONE_BYTE_STOP_ID) || value.is_empty() || value.len() > MAX_MID_BYTES {
                return Err(RtpError::OutOfRange);
            }
            let length = u8::try_from(value.len()).map_err(|_| RtpError::OutOfRange)?;
            if two_byte {
                self.put(&[*id, length])?;
            } else {
                self.put(&[id << 4 | (length - 1)])?;
            }
            self.put(value)?;
        }
        while !self.at.is_multiple_of(4) {
            self.put(&[0])?;
        }
        // At most 2 × (2 + 16) bytes: fits any width.
        let words = u16::try_from((self.at - length_at - 2) / 4).map_err(|_| RtpError::OutOfRange)?;
        self.out[length_at..length_at + 2].copy_from_slice(&words.to_be_bytes());
        Ok(())
    }
}

#[cfg(test)]
mod tests;
