// SPDX-License-Identifier: Apache-2.0
//! Key derivation of RFC 3711 §4.3 with a derivation rate of zero; with the AES-256 function for
//! keys of 256 bits (RFC 6188 §3), as RFC 7714 §11 asks.

use super::ctr::CtrKey;
use super::{MasterKey, SrtpError};

/// What a derived key is for (RFC 3711 §4.3.1, §4.3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Label {
    RtpEncryption = 0,
    RtpAuthentication = 1,
    RtpSalt = 2,
    RtcpEncryption = 3,
    RtcpAuthentication = 4,
    RtcpSalt = 5,
}

/// Fills `out` with the session key for `label`.
pub(super) fn derive(master: &MasterKey, label: Label, out: &mut [u8]) -> Result<(), SrtpError> {
    let mut iv = [0_u8; 16];
    iv[..14].copy_from_slice(master.padded_salt());
    // key_id = label ‖ 48 bits of index/rate (zero), right-aligned in the 112 bits of the salt.
    iv[7] ^= label as u8;
    out.fill(0);
    CtrKey::new(master.key())?.apply(iv, out)
}

#[cfg(test)]
mod tests;
