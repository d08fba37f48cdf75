// SPDX-License-Identifier: Apache-2.0
//! The DTLS handshake of one peer, passive side, and its keys (RFC 5764).
//!
//! Keys leave this module only after the peer's certificate was compared with the offer's fingerprint
//! (RFC 8827 §6.5).

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use dimpl::Output;

use crate::certificate::{Certificate, fingerprint};
use crate::event::CloseReason;
use crate::srtp::{DtlsRole, Profile, SrtpKeys};

/// What every handshake of a node shares.
#[derive(Clone)]
pub(crate) struct DtlsConfig {
    config: Arc<dimpl::Config>,
    certificate: Certificate,
}

impl DtlsConfig {
    /// `None` when the crypto library refuses its own defaults.
    pub fn new(certificate: Certificate) -> Option<Self> {
        // The cookie would prove what the ICE credentials of the STUN check prove already.
        let config = dimpl::Config::builder()
            .use_server_cookie(false)
            .require_client_certificate(true)
            .mtu(1200)
            .build()
            .ok()?;
        Some(Self { config: Arc::new(config), certificate })
    }
}

impl fmt::Debug for DtlsConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DtlsConfig").finish_non_exhaustive()
    }
}

/// DTLS of one peer.
#[derive(Debug)]
pub(crate) struct Dtls {
    inner: Box<dimpl::Dtls>,
    expected_fingerprint: [u8; 32],
    verified: bool,
    deadline: Option<Instant>,
}

impl Dtls {
    pub fn new(config: &DtlsConfig, expected_fingerprint: [u8; 32], now: Instant) -> Result<Self, CloseReason> {
        let mut inner = Box::new(dimpl::Dtls::new_12(Arc::clone(&config.config), config.certificate.dtls(), now));
        // The library has no server random until its clock was set once, and panics without.
        inner.handle_timeout(now).map_err(|_| CloseReason::Dtls)?;
        Ok(Self { inner, expected_fingerprint, verified: false, deadline: None })
    }

    /// When [`Dtls::handle_timeout`] is due, as of the last call that took `send`.
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Takes a datagram in. Returns the keys once, when the handshake is done.
    pub fn handle_packet(
        &mut self,
        now: Instant,
        packet: &[u8],
        buffer: &mut Vec<u8>,
        send: impl FnMut(&[u8]),
    ) -> Result<Option<SrtpKeys>, CloseReason> {
        self.inner.handle_timeout(now).map_err(|_| CloseReason::Dtls)?;
        self.inner.handle_packet(packet).map_err(|_| CloseReason::Dtls)?;
        self.drain(buffer, send)
    }

    /// Retransmits or gives up.
    pub fn handle_timeout(
        &mut self,
        now: Instant,
        buffer: &mut Vec<u8>,
        send: impl FnMut(&[u8]),
    ) -> Result<Option<SrtpKeys>, CloseReason> {
        self.inner.handle_timeout(now).map_err(|_| CloseReason::Dtls)?;
        self.drain(buffer, send)
    }

    /// Says close_notify, if there is a session to close.
    pub fn close(&mut self, now: Instant, buffer: &mut Vec<u8>, send: impl FnMut(&[u8])) {
        if self.inner.handle_timeout(now).is_ok() && self.inner.close().is_ok() {
            // The peer is going either way: what the last drain says changes nothing.
            let _ = self.drain(buffer, send);
        }
    }

    fn drain(&mut self, buffer: &mut Vec<u8>, mut send: impl FnMut(&[u8])) -> Result<Option<SrtpKeys>, CloseReason> {
        let mut keys = None;
        loop {
            match self.inner.poll_output(buffer) {
                Output::Packet(packet) => send(packet),
                Output::BufferTooSmall { needed } => buffer.resize(needed, 0),
                Output::PeerCert(der) => {
                    if fingerprint(der) != self.expected_fingerprint {
                        return Err(CloseReason::Fingerprint);
                    }
                    self.verified = true;
                }
                Output::KeyingMaterial(material, profile) => {
                    if !self.verified {
                        return Err(CloseReason::Fingerprint);
                    }
                    let cut = Profile::try_from(profile)
                        .and_then(|profile| SrtpKeys::from_keying_material(profile, &material, DtlsRole::Server));
                    keys = Some(cut.map_err(|_| CloseReason::Dtls)?);
                }
                Output::CloseNotify => return Err(CloseReason::CloseNotify),
                Output::Timeout(at) => {
                    self.deadline = Some(at);
                    return Ok(keys);
                }
                // No data channels here; and `Connected` says less than the keys do.
                Output::Connected | Output::ApplicationData(_) => {}
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A client's first flight.
    fn client_hello(now: Instant) -> Vec<u8> {
        let config = Arc::new(dimpl::Config::default());
        let certificate = dimpl::certificate::generate_self_signed_certificate().unwrap();
        let mut client = dimpl::Dtls::new_12(config, certificate, now);
        client.set_active(true);
        client.handle_timeout(now).unwrap();
        let mut buffer = vec![0; 3000];
        loop {
            #[expect(clippy::wildcard_enum_match_arm, reason = "what else there is is not asked for")]
            match client.poll_output(&mut buffer) {
                Output::Packet(packet) => return packet.to_vec(),
                Output::Timeout(_) => panic!("the client says nothing"),
                _ => {}
            }
        }
    }

    #[test]
    fn a_packet_that_comes_before_any_timeout_is_answered() {
        #[expect(clippy::disallowed_methods, reason = "the base of a virtual clock")]
        let now = Instant::now();
        let config = DtlsConfig::new(Certificate::generate().unwrap()).unwrap();
        let mut dtls = Dtls::new(&config, [0; 32], now).unwrap();
        let mut sent = 0;
        let keys = dtls.handle_packet(now, &client_hello(now), &mut vec![0; 3000], |_| sent += 1);
        assert!(matches!(keys, Ok(None)));
        assert!(sent > 0);
        assert!(dtls.deadline().is_some_and(|at| at > now));
    }
}
