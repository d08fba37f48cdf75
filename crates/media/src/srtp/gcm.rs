// SPDX-License-Identifier: Apache-2.0
//! `AEAD_AES_128_GCM` and `AEAD_AES_256_GCM` (RFC 7714).

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use zeroize::Zeroizing;

use super::kdf::{Label, derive};
use super::{INDEX_BYTES, MasterKey, RTCP_HEADER_BYTES, SrtpError};

pub(super) const TAG_BYTES: usize = 16;

/// Session key and salt of one direction, for RTP or for RTCP.
pub(super) struct Gcm {
    key: LessSafeKey,
    /// 96 bits.
    salt: u128,
}

impl Gcm {
    pub(super) fn derive(master: &MasterKey, encryption: Label, salt: Label) -> Result<Self, SrtpError> {
        let mut key = Zeroizing::new([0_u8; 32]);
        let key = &mut key[..master.profile().key_len()];
        derive(master, encryption, key)?;
        let mut session_salt = [0_u8; 12];
        derive(master, salt, &mut session_salt)?;
        Self::from_session_key(key, session_salt)
    }

    fn from_session_key(key: &[u8], salt: [u8; 12]) -> Result<Self, SrtpError> {
        let algorithm = if key.len() == 32 { &AES_256_GCM } else { &AES_128_GCM };
        let unbound = UnboundKey::new(algorithm, key).map_err(|_| SrtpError::InvalidKey)?;
        let salt = salt.iter().fold(0, |salt, byte| salt << 8 | u128::from(*byte));
        Ok(Self { key: LessSafeKey::new(unbound), salt })
    }

    /// `00 00 ‖ SSRC ‖ index`, exclusive-or the salt. The 48-bit index is ROC ‖ SEQ for RTP
    /// (RFC 7714 §8.1) and 17 zero bits ‖ the SRTCP index for RTCP (§9.1).
    fn nonce(&self, ssrc: u32, index: u64) -> Nonce {
        let block = u128::from(ssrc) << 48 | u128::from(index);
        let [_, _, _, _, nonce @ ..] = (self.salt ^ block).to_be_bytes();
        Nonce::assume_unique_for_key(nonce)
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
        let (packet, tag_room) = packet.split_at_mut(packet_len);
        let (header, payload) = packet.split_at_mut_checked(header_len).ok_or(SrtpError::NoRoom)?;
        let tag = self
            .key
            .seal_in_place_separate_tag(self.nonce(ssrc, index), Aad::from(&*header), payload)
            .map_err(|_| SrtpError::InvalidKey)?;
        tag_room.copy_from_slice(tag.as_ref());
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
        let (header, sealed) = packet.split_at_mut_checked(header_len).ok_or(SrtpError::Malformed)?;
        if sealed.len() < TAG_BYTES {
            return Err(SrtpError::Malformed);
        }
        self.key
            .open_in_place(self.nonce(ssrc, index), Aad::from(&*header), sealed)
            .map(|payload| payload.len())
            .map_err(|_| SrtpError::Unauthentic)
    }

    /// Seals a compound RTCP packet; the tag and the index word follow it (RFC 7714 §9.2).
    pub(super) fn seal_rtcp(
        &self,
        buffer: &mut [u8],
        packet_len: usize,
        ssrc: u32,
        index: u32,
        index_word: [u8; INDEX_BYTES],
    ) -> Result<usize, SrtpError> {
        let tag_end = packet_len + TAG_BYTES;
        let sealed_len = tag_end + INDEX_BYTES;
        let packet = buffer.get_mut(..sealed_len).ok_or(SrtpError::NoRoom)?;
        let (header, rest) = packet.split_first_chunk_mut::<RTCP_HEADER_BYTES>().ok_or(SrtpError::NoRoom)?;
        let (body, trailer) = rest.split_at_mut_checked(packet_len - RTCP_HEADER_BYTES).ok_or(SrtpError::NoRoom)?;
        let aad = Aad::from(rtcp_aad(header, index_word));
        let tag = self
            .key
            .seal_in_place_separate_tag(self.nonce(ssrc, u64::from(index)), aad, body)
            .map_err(|_| SrtpError::InvalidKey)?;
        trailer[..TAG_BYTES].copy_from_slice(tag.as_ref());
        trailer[TAG_BYTES..].copy_from_slice(&index_word);
        Ok(sealed_len)
    }

    /// Opens an SRTCP packet and returns the length of the RTCP packet at its start.
    pub(super) fn open_rtcp(
        &self,
        packet: &mut [u8],
        ssrc: u32,
        index: u32,
        index_word: [u8; INDEX_BYTES],
    ) -> Result<usize, SrtpError> {
        let (header, rest) = packet.split_first_chunk_mut::<RTCP_HEADER_BYTES>().ok_or(SrtpError::Malformed)?;
        let sealed_end =
            rest.len().checked_sub(INDEX_BYTES).filter(|&end| end >= TAG_BYTES).ok_or(SrtpError::Malformed)?;
        let aad = Aad::from(rtcp_aad(header, index_word));
        self.key
            .open_in_place(self.nonce(ssrc, u64::from(index)), aad, &mut rest[..sealed_end])
            .map(|body| RTCP_HEADER_BYTES + body.len())
            .map_err(|_| SrtpError::Unauthentic)
    }
}

/// What is authenticated but not encrypted of an encrypted RTCP packet: its first eight bytes and
/// the index word (RFC 7714 §9.2).
fn rtcp_aad(header: &[u8; RTCP_HEADER_BYTES], index_word: [u8; INDEX_BYTES]) -> [u8; RTCP_HEADER_BYTES + INDEX_BYTES] {
    let mut aad = [0; RTCP_HEADER_BYTES + INDEX_BYTES];
    aad[..RTCP_HEADER_BYTES].copy_from_slice(header);
    aad[RTCP_HEADER_BYTES..].copy_from_slice(&index_word);
    aad
}

#[cfg(test)]
mod tests;
