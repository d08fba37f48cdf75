// SPDX-License-Identifier: Apache-2.0
//! SRTP and SRTCP (RFC 3711; AEAD_AES_GCM of RFC 7714) over `aws-lc-rs` primitives.
//!
//! Packets are sealed and opened in place, without allocation; only the first authentic packet of
//! a new SSRC may grow a table, up to [`MAX_SOURCES`]. Invariants:
//! - an index is used once per key and SSRC: a [`Sealer`] is handed extended sequence numbers that
//!   its owner only ever counts up, and counts its SRTCP index itself;
//! - the replay window is asked before and updated after authentication, so forged packets move
//!   nothing (RFC 3711 §3.3).
//!
//! Not covered: MKI, key derivation rates, unencrypted SRTCP (refused), re-keying.

mod cipher;
mod cm;
mod ctr;
mod gcm;
mod kdf;
mod opener;
mod replay;
mod sealer;

pub use opener::{MAX_SOURCES, Opened, OpenedRtcp, Opener};
pub use sealer::Sealer;

use thiserror::Error;
use zeroize::Zeroizing;

/// Bytes of the longest overhead that sealing adds: a tag of 16 and the SRTCP index word of 4.
pub const MAX_OVERHEAD_BYTES: usize = 20;
/// Bytes at the start of an RTCP packet that stay readable: the first header and its SSRC.
const RTCP_HEADER_BYTES: usize = 8;
/// Bytes of the word with the encryption flag and the SRTCP index.
const INDEX_BYTES: usize = 4;

/// Why a packet could not be sealed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SrtpError {
    /// Too short, or not an RTP or RTCP header at all.
    #[error("packet is malformed")]
    Malformed,
    /// The tag doesn't match: forged, damaged, or sealed with another key.
    #[error("packet is not authentic")]
    Unauthentic,
    /// Seen before, or too old to know.
    #[error("packet is replayed or too old")]
    Replayed,
    /// The packet is authentic, and one SSRC more than is kept.
    #[error("too many synchronisation sources")]
    TooManySources,
    /// SRTCP without the encryption flag, which WebRTC never sends.
    #[error("SRTCP packet is not encrypted")]
    Unencrypted,
    /// The key is used up: no index is left (2⁴⁸ packets of RTP, 2³¹ of RTCP).
    #[error("no packet index is left for this key")]
    Exhausted,
    /// The buffer has no room for the tag, or the lengths given contradict each other.
    #[error("no room to seal the packet")]
    NoRoom,
    /// The header's sequence number is not the low half of the extended one.
    #[error("sequence number and extended sequence number differ")]
    SequenceMismatch,
    /// DTLS agreed on a profile that is not implemented here.
    #[error("SRTP protection profile is not supported")]
    UnsupportedProfile,
    /// Keying material of a wrong length, or refused by the cipher.
    #[error("keying material is invalid")]
    InvalidKey,
}

/// Protection profiles, of RFC 5764 §4.1.2 and RFC 7714 §14.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Profile {
    /// `SRTP_AEAD_AES_256_GCM`
    AeadAes256Gcm,
    /// `SRTP_AEAD_AES_128_GCM`
    AeadAes128Gcm,
    /// `SRTP_AES128_CM_HMAC_SHA1_80`
    Aes128CmSha1_80,
}

impl Profile {
    /// Bytes of a master key.
    pub const fn key_len(self) -> usize {
        match self {
            Self::AeadAes256Gcm => 32,
            Self::AeadAes128Gcm | Self::Aes128CmSha1_80 => 16,
        }
    }

    /// Bytes of a master salt.
    pub const fn salt_len(self) -> usize {
        match self {
            Self::AeadAes256Gcm | Self::AeadAes128Gcm => 12,
            Self::Aes128CmSha1_80 => 14,
        }
    }

    /// Bytes of an authentication tag.
    pub const fn tag_len(self) -> usize {
        match self {
            Self::AeadAes256Gcm | Self::AeadAes128Gcm => 16,
            Self::Aes128CmSha1_80 => 10,
        }
    }

    /// Bytes of keying material that DTLS exports for this profile (RFC 5764 §4.2).
    pub const fn keying_material_len(self) -> usize {
        2 * (self.key_len() + self.salt_len())
    }
}

impl TryFrom<dimpl::SrtpProfile> for Profile {
    type Error = SrtpError;

    fn try_from(profile: dimpl::SrtpProfile) -> Result<Self, SrtpError> {
        match profile {
            dimpl::SrtpProfile::AEAD_AES_256_GCM => Ok(Self::AeadAes256Gcm),
            dimpl::SrtpProfile::AEAD_AES_128_GCM => Ok(Self::AeadAes128Gcm),
            dimpl::SrtpProfile::AES128_CM_SHA1_80 => Ok(Self::Aes128CmSha1_80),
            _ => Err(SrtpError::UnsupportedProfile),
        }
    }
}

/// Which end of the DTLS handshake this side was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DtlsRole {
    /// The active end.
    Client,
    /// The passive end: what an SFU that answers `setup:passive` is.
    Server,
}

/// Master key and salt of one direction, wiped when dropped.
pub struct MasterKey {
    profile: Profile,
    key: Zeroizing<[u8; 32]>,
    salt: Zeroizing<[u8; 14]>,
}

impl MasterKey {
    /// Takes a key and salt of the profile's lengths.
    ///
    /// # Errors
    /// [`SrtpError::InvalidKey`] for another length.
    pub fn new(profile: Profile, key: &[u8], salt: &[u8]) -> Result<Self, SrtpError> {
        if key.len() != profile.key_len() || salt.len() != profile.salt_len() {
            return Err(SrtpError::InvalidKey);
        }
        let mut master = Self { profile, key: Zeroizing::new([0; 32]), salt: Zeroizing::new([0; 14]) };
        master.key[..key.len()].copy_from_slice(key);
        // A salt of 96 bits is followed by 16 zero bits (RFC 7714 §11).
        master.salt[..salt.len()].copy_from_slice(salt);
        Ok(master)
    }

    /// The profile the key is for.
    pub fn profile(&self) -> Profile {
        self.profile
    }

    fn key(&self) -> &[u8] {
        &self.key[..self.profile.key_len()]
    }

    fn padded_salt(&self) -> &[u8; 14] {
        &self.salt
    }
}

/// The master keys of both directions of one peer.
pub struct SrtpKeys {
    /// What this side sends with.
    pub local: MasterKey,
    /// What the other side sends with.
    pub remote: MasterKey,
}

impl SrtpKeys {
    /// Cuts DTLS keying material: client key, server key, client salt, server salt
    /// (RFC 5764 §4.2).
    ///
    /// # Errors
    /// [`SrtpError::InvalidKey`] where the length is not [`Profile::keying_material_len`].
    pub fn from_keying_material(profile: Profile, material: &[u8], local_role: DtlsRole) -> Result<Self, SrtpError> {
        if material.len() != profile.keying_material_len() {
            return Err(SrtpError::InvalidKey);
        }
        let (keys, salts) = material.split_at(2 * profile.key_len());
        let (client_key, server_key) = keys.split_at(profile.key_len());
        let (client_salt, server_salt) = salts.split_at(profile.salt_len());
        let client = MasterKey::new(profile, client_key, client_salt)?;
        let server = MasterKey::new(profile, server_key, server_salt)?;
        Ok(match local_role {
            DtlsRole::Client => Self { local: client, remote: server },
            DtlsRole::Server => Self { local: server, remote: client },
        })
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod vectors;
