// SPDX-License-Identifier: Apache-2.0
//! `AES_CM_128_HMAC_SHA1_80`: AES counter mode (RFC 3711 §4.1.1) and HMAC-SHA1 cut to 80 bits
//! (§4.2.1).

use aws_lc_rs::{constant_time, hmac};
use zeroize::Zeroizing;

use super::ctr::CtrKey;
use super::kdf::{Label, derive};
use super::{INDEX_BYTES, MasterKey, RTCP_HEADER_BYTES, SrtpError};

pub(super) const TAG_BYTES: usize = 10;
const AUTHENTICATION_KEY_BYTES: usize = 20;
const SHA1_BYTES: usize = 20;
const ROLL_OVER_BYTES: usize = 4;

/// Session keys of one direction, for RTP or for RTCP.
pub(super) struct CounterMode {
    cipher: CtrKey,
    authentication: hmac::Key,
    salt: [u8; 14],
}

impl CounterMode {
    pub(super) fn derive(
        master: &MasterKey,
        encryption: Label,
        authentication: Label,
        salt: Label,
    ) -> Result<Self, SrtpError> {
        let mut cipher_key = Zeroizing::new([0_u8; 16]);
        derive(master, encryption, cipher_key.as_mut())?;
        let mut authentication_key = Zeroizing::new([0_u8; AUTHENTICATION_KEY_BYTES]);
        derive(master, authentication, authentication_key.as_mut())?;
        let mut session_salt = [0_u8; 14];
        derive(master, salt, &mut session_salt)?;
        Ok(Self {
            cipher: CtrKey::new(cipher_key.as_ref())?,
            authentication: hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, authentication_key.as_ref()),
            salt: session_salt,
        })
    }

    /// `(salt · 2¹⁶) ⊕ (SSRC · 2⁶⁴) ⊕ (index · 2¹⁶)` (RFC 3711 §4.1.1).
    fn counter_block(&self, ssrc: u32, index: u64) -> [u8; 16] {
        let mut block = [0_u8; 16];
        block[..14].copy_from_slice(&self.salt);
        for (byte, part) in block[4..8].iter_mut().zip(ssrc.to_be_bytes()) {
            *byte ^= part;
        }
        for (byte, part) in block[8..14].iter_mut().zip(&index.to_be_bytes()[2..]) {
            *byte ^= part;
        }
        block
    }

    fn tag(&self, data: &[u8]) -> Result<[u8; TAG_BYTES], SrtpError> {
        let mut full = [0_u8; SHA1_BYTES];
        hmac::sign_to_buffer(&self.authentication, data, &mut full).map_err(|_| SrtpError::InvalidKey)?;
        let mut tag = [0_u8; TAG_BYTES];
        tag.copy_from_slice(&full[..TAG_BYTES]);
        Ok(tag)
    }

    fn verify(&self, data: &[u8], tag: &[u8]) -> Result<(), SrtpError> {
        constant_time::verify_slices_are_equal(&self.tag(data)?, tag).map_err(|_| SrtpError::Unauthentic)
    }

    /// Seals `buffer[..packet_len]`, of which `header_len` bytes stay readable; the tag follows.
    pub(super) fn seal_rtp(
        &self,
        buffer: &mut [u8],
        header_len: usize,
        packet_len: usize,
        ssrc: u32,
        index: u64,
    ) -> Result<usize, SrtpError> {
        let sealed_len = packet_len + TAG_BYTES;
        let packet = buffer.get_mut(..sealed_len).ok_or(SrtpError::NoRoom)?;
        let payload = packet.get_mut(header_len..packet_len).ok_or(SrtpError::NoRoom)?;
        self.cipher.apply(self.counter_block(ssrc, index), payload)?;
        // What is authenticated is the packet and the roll-over counter, which isn't sent: it
        // lies for a moment where the tag goes.
        packet[packet_len..packet_len + ROLL_OVER_BYTES].copy_from_slice(&roll_over(index));
        let tag = self.tag(&packet[..packet_len + ROLL_OVER_BYTES])?;
        packet[packet_len..].copy_from_slice(&tag);
        Ok(sealed_len)
    }

    /// Opens `packet` and returns the length of its payload.
    pub(super) fn open_rtp(
        &self,
        packet: &mut [u8],
        header_len: usize,
        ssrc: u32,
        index: u64,
    ) -> Result<usize, SrtpError> {
        let body_end =
            packet.len().checked_sub(TAG_BYTES).filter(|&end| end >= header_len).ok_or(SrtpError::Malformed)?;
        let mut tag = [0_u8; TAG_BYTES];
        tag.copy_from_slice(&packet[body_end..]);
        packet[body_end..body_end + ROLL_OVER_BYTES].copy_from_slice(&roll_over(index));
        self.verify(&packet[..body_end + ROLL_OVER_BYTES], &tag)?;
        let payload = &mut packet[header_len..body_end];
        self.cipher.apply(self.counter_block(ssrc, index), payload)?;
        Ok(body_end - header_len)
    }

    /// Seals a compound RTCP packet; the index word and the tag follow it (RFC 3711 §3.4).
    pub(super) fn seal_rtcp(
        &self,
        buffer: &mut [u8],
        packet_len: usize,
        ssrc: u32,
        index: u32,
        index_word: [u8; INDEX_BYTES],
    ) -> Result<usize, SrtpError> {
        let word_end = packet_len + INDEX_BYTES;
        let sealed_len = word_end + TAG_BYTES;
        let packet = buffer.get_mut(..sealed_len).ok_or(SrtpError::NoRoom)?;
        let body = &mut packet[RTCP_HEADER_BYTES..packet_len];
        self.cipher.apply(self.counter_block(ssrc, u64::from(index)), body)?;
        packet[packet_len..word_end].copy_from_slice(&index_word);
        let tag = self.tag(&packet[..word_end])?;
        packet[word_end..].copy_from_slice(&tag);
        Ok(sealed_len)
    }

    /// Opens an SRTCP packet and returns the length of the RTCP packet at its start.
    pub(super) fn open_rtcp(&self, packet: &mut [u8], ssrc: u32, index: u32) -> Result<usize, SrtpError> {
        let word_end = packet.len().checked_sub(TAG_BYTES).ok_or(SrtpError::Malformed)?;
        let body_end =
            word_end.checked_sub(INDEX_BYTES).filter(|&end| end >= RTCP_HEADER_BYTES).ok_or(SrtpError::Malformed)?;
        self.verify(&packet[..word_end], &packet[word_end..])?;
        let body = &mut packet[RTCP_HEADER_BYTES..body_end];
        self.cipher.apply(self.counter_block(ssrc, u64::from(index)), body)?;
        Ok(body_end)
    }
}

/// The high 32 bits of a 48-bit index.
fn roll_over(index: u64) -> [u8; ROLL_OVER_BYTES] {
    let bytes = index.to_be_bytes();
    [bytes[2], bytes[3], bytes[4], bytes[5]]
}

#[cfg(test)]
mod tests;
