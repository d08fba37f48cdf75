// SPDX-License-Identifier: Apache-2.0
//! Writing an answer.

use std::net::SocketAddr;

use super::Offer;

/// What the answering side says of itself. The answer is `ice-lite` and DTLS-passive.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// Session id of the `o=` line; any number that differs between sessions.
    pub session_id: u32,
    /// This side's ICE user name fragment.
    pub ice_ufrag: &'a str,
    /// This side's ICE password.
    pub ice_pwd: &'a str,
    /// SHA-256 of this side's DTLS certificate.
    pub fingerprint: &'a [u8; 32],
    /// Host candidates over UDP, the best first.
    pub candidates: &'a [SocketAddr],
    /// CNAME of all slots, as in RTCP.
    pub cname: &'a str,
    /// The SSRC of each slot, in the order of [`Offer::slots`]; slots beyond the end are answered
    /// `inactive`.
    pub slot_ssrcs: &'a [u32],
}

impl Answer<'_> {
    /// Writes the answer to `offer`.
    pub fn write(&self, offer: &Offer) -> String {
        let _ = offer;
        String::new()
    }
}
