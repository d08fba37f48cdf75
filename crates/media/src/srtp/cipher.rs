// SPDX-License-Identifier: Apache-2.0
//! The profiles' ciphers behind one face, for RTP and RTCP of one direction.

use super::cm::{self, CounterMode};
use super::gcm::{self, Gcm};
use super::kdf::Label;
use super::{INDEX_BYTES, MasterKey, Profile, RTCP_HEADER_BYTES, SrtpError};

const ENCRYPTED_FLAG: u32 = 1 << 31;

/// Which of the two flows of a direction a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    Rtp,
    Rtcp,
}

/// Session keys of one direction and flow.
pub(super) enum Cipher {
    Gcm(Gcm),
    // Boxed: rare, and twice as large as what most peers use.
    CounterMode(Box<CounterMode>),
}

impl Cipher {
    pub(super) fn derive(master: &MasterKey, flow: Flow) -> Result<Self, SrtpError> {
        let (encryption, authentication, salt) = match flow {
            Flow::Rtp => (Label::RtpEncryption, Label::RtpAuthentication, Label::RtpSalt),
            Flow::Rtcp => (Label::RtcpEncryption, Label::RtcpAuthentication, Label::RtcpSalt),
        };
        Ok(match master.profile() {
            Profile::AeadAes256Gcm | Profile::AeadAes128Gcm => Self::Gcm(Gcm::derive(master, encryption, salt)?),
            Profile::Aes128CmSha1_80 => {
                Self::CounterMode(Box::new(CounterMode::derive(master, encryption, authentication, salt)?))
            }
        })
    }

    pub(super) fn seal_rtp(
        &self,
        buffer: &mut [u8],
        header_len: usize,
        packet_len: usize,
        ssrc: u32,
        index: u64,
    ) -> Result<usize, SrtpError> {
        match self {
            Self::Gcm(gcm) => gcm.seal_rtp(buffer, header_len, packet_len, ssrc, index),
            Self::CounterMode(cm) => cm.seal_rtp(buffer, header_len, packet_len, ssrc, index),
        }
    }

    pub(super) fn open_rtp(
        &self,
        packet: &mut [u8],
        header_len: usize,
        ssrc: u32,
        index: u64,
    ) -> Result<usize, SrtpError> {
        match self {
            Self::Gcm(gcm) => gcm.open_rtp(packet, header_len, ssrc, index),
            Self::CounterMode(cm) => cm.open_rtp(packet, header_len, ssrc, index),
        }
    }

    pub(super) fn seal_rtcp(
        &self,
        buffer: &mut [u8],
        packet_len: usize,
        ssrc: u32,
        index: u32,
    ) -> Result<usize, SrtpError> {
        let word = (ENCRYPTED_FLAG | index).to_be_bytes();
        match self {
            Self::Gcm(gcm) => gcm.seal_rtcp(buffer, packet_len, ssrc, index, word),
            Self::CounterMode(cm) => cm.seal_rtcp(buffer, packet_len, ssrc, index, word),
        }
    }

    /// The SRTCP index of `packet`, not yet authenticated.
    pub(super) fn rtcp_index(&self, packet: &[u8]) -> Result<u32, SrtpError> {
        // The index word is last with GCM (RFC 7714 §9.2) and before the tag otherwise.
        let (after, least) = match self {
            Self::Gcm(_) => (0, gcm::TAG_BYTES),
            Self::CounterMode(_) => (cm::TAG_BYTES, cm::TAG_BYTES),
        };
        if packet.len() < RTCP_HEADER_BYTES + least + INDEX_BYTES {
            return Err(SrtpError::Malformed);
        }
        let word = packet[..packet.len() - after].last_chunk::<INDEX_BYTES>().ok_or(SrtpError::Malformed)?;
        let word = u32::from_be_bytes(*word);
        if word & ENCRYPTED_FLAG == 0 {
            return Err(SrtpError::Unencrypted);
        }
        Ok(word & !ENCRYPTED_FLAG)
    }

    pub(super) fn open_rtcp(&self, packet: &mut [u8], ssrc: u32, index: u32) -> Result<usize, SrtpError> {
        match self {
            Self::Gcm(gcm) => {
                let word = (ENCRYPTED_FLAG | index).to_be_bytes();
                gcm.open_rtcp(packet, ssrc, index, word)
            }
            Self::CounterMode(cm) => cm.open_rtcp(packet, ssrc, index),
        }
    }
}
