// SPDX-License-Identifier: Apache-2.0
//! Sealing what is sent.

use super::cipher::{Cipher, Flow};
use super::replay::low_16;
use super::{MasterKey, RTCP_HEADER_BYTES, SrtpError};
use crate::rtp::FIXED_HEADER_BYTES;

const LARGEST_RTP_INDEX: u64 = (1 << 48) - 1;
const LARGEST_RTCP_INDEX: u32 = (1 << 31) - 1;

/// Protects the packets of one direction: one per peer and session.
pub struct Sealer {
    rtp: Cipher,
    rtcp: Cipher,
    pub(super) next_rtcp_index: u32,
}

impl Sealer {
    /// Derives the session keys.
    ///
    /// # Errors
    /// [`SrtpError::InvalidKey`] where the cipher refuses a key.
    pub fn new(master: &MasterKey) -> Result<Self, SrtpError> {
        Ok(Self {
            rtp: Cipher::derive(master, Flow::Rtp)?,
            rtcp: Cipher::derive(master, Flow::Rtcp)?,
            next_rtcp_index: 0,
        })
    }

    /// Seals the RTP packet `buffer[..packet_len]` in place, appends its tag, and returns the
    /// sealed length; `buffer` needs [`super::MAX_OVERHEAD_BYTES`] of room after the packet.
    ///
    /// `header_len` counts the whole header with CSRCs and extensions. `ext_seq` is the extended
    /// sequence number: it must never repeat for an SSRC under one key, and should begin below
    /// 2¹⁵, because the receiver has to guess its high part (RFC 3711 §3.3.1).
    ///
    /// # Errors
    /// [`SrtpError::NoRoom`], [`SrtpError::SequenceMismatch`], [`SrtpError::Exhausted`] from 2⁴⁸.
    pub fn seal_rtp(
        &self,
        buffer: &mut [u8],
        header_len: usize,
        packet_len: usize,
        ext_seq: u64,
    ) -> Result<usize, SrtpError> {
        let fixed = buffer.first_chunk::<FIXED_HEADER_BYTES>().ok_or(SrtpError::NoRoom)?;
        if header_len < FIXED_HEADER_BYTES || packet_len < header_len || packet_len > buffer.len() {
            return Err(SrtpError::NoRoom);
        }
        if ext_seq > LARGEST_RTP_INDEX {
            return Err(SrtpError::Exhausted);
        }
        if u16::from_be_bytes([fixed[2], fixed[3]]) != low_16(ext_seq) {
            return Err(SrtpError::SequenceMismatch);
        }
        let ssrc = u32::from_be_bytes([fixed[8], fixed[9], fixed[10], fixed[11]]);
        self.rtp.seal_rtp(buffer, header_len, packet_len, ssrc, ext_seq)
    }

    /// Seals the compound RTCP packet `buffer[..packet_len]` in place, appends index and tag, and
    /// returns the sealed length; `buffer` needs [`super::MAX_OVERHEAD_BYTES`] of room after it.
    ///
    /// # Errors
    /// [`SrtpError::NoRoom`], [`SrtpError::Malformed`] below 8 bytes, [`SrtpError::Exhausted`]
    /// after 2³¹ packets.
    pub fn seal_rtcp(&mut self, buffer: &mut [u8], packet_len: usize) -> Result<usize, SrtpError> {
        if packet_len < RTCP_HEADER_BYTES {
            return Err(SrtpError::Malformed);
        }
        if packet_len > buffer.len() {
            return Err(SrtpError::NoRoom);
        }
        let index = self.next_rtcp_index;
        if index > LARGEST_RTCP_INDEX {
            return Err(SrtpError::Exhausted);
        }
        let ssrc = u32::from_be_bytes([buffer[4], buffer[5], buffer[6], buffer[7]]);
        let sealed_len = self.rtcp.seal_rtcp(buffer, packet_len, ssrc, index)?;
        self.next_rtcp_index = index + 1;
        Ok(sealed_len)
    }
}
