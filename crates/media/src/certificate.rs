// SPDX-License-Identifier: Apache-2.0
//! The DTLS certificate of a process: self-made, ECDSA P-256, named by its fingerprint in answers.

use std::fmt;

use aws_lc_rs::digest;

/// A self-signed certificate with its key. One per process is enough: clients see it by fingerprint only.
#[derive(Clone)]
pub struct Certificate {
    dtls: dimpl::DtlsCertificate,
    fingerprint: [u8; 32],
}

/// The certificate could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no DTLS certificate: {0}")]
pub struct CertificateError(String);

impl Certificate {
    /// Makes a fresh key and certificate from the system's randomness and clock.
    ///
    /// # Errors
    /// When the crypto library can't.
    pub fn generate() -> Result<Self, CertificateError> {
        let dtls = dimpl::certificate::generate_self_signed_certificate()
            .map_err(|error| CertificateError(error.to_string()))?;
        let fingerprint = fingerprint(&dtls.certificate);
        Ok(Self { dtls, fingerprint })
    }

    /// SHA-256 of the DER form (RFC 8122 §5).
    pub fn fingerprint(&self) -> [u8; 32] {
        self.fingerprint
    }

    pub(crate) fn dtls(&self) -> dimpl::DtlsCertificate {
        self.dtls.clone()
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate").finish_non_exhaustive()
    }
}

/// SHA-256 of a certificate in DER form.
pub(crate) fn fingerprint(der: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, der).as_ref());
    out
}
