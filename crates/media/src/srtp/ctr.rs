// SPDX-License-Identifier: Apache-2.0
//! AES in counter mode (RFC 3711 §4.1.1): of packets, and of the derivation of keys.

use aws_lc_rs::cipher::{AES_128, AES_256, DecryptingKey, DecryptionContext, UnboundCipherKey};
use aws_lc_rs::iv::FixedLength;

use super::SrtpError;

/// A key: encrypting and decrypting are the same operation.
pub(super) struct CtrKey(DecryptingKey);

impl CtrKey {
    pub(super) fn new(key: &[u8]) -> Result<Self, SrtpError> {
        let algorithm = if key.len() == 32 { &AES_256 } else { &AES_128 };
        UnboundCipherKey::new(algorithm, key).and_then(DecryptingKey::ctr).map(Self).map_err(|_| SrtpError::InvalidKey)
    }

    /// Exclusive-ors `data` with the keystream that starts at counter block `iv`.
    pub(super) fn apply(&self, iv: [u8; 16], data: &mut [u8]) -> Result<(), SrtpError> {
        let context = DecryptionContext::Iv128(FixedLength::from(iv));
        match self.0.decrypt(data, context) {
            Ok(_) => Ok(()),
            Err(_) => Err(SrtpError::InvalidKey),
        }
    }
}
