// SPDX-License-Identifier: Apache-2.0
//! Opening what is received.

use super::cipher::{Cipher, Flow};
use super::replay::ReplayWindow;
use super::{MasterKey, RTCP_HEADER_BYTES, SrtpError};
use crate::rtp::Header;

/// Synchronisation sources kept per flow. A browser sends RTP from one and RTCP from one per
/// media section; what is over the bound is refused, never swapped for another, because a
/// forgotten source could be replayed.
pub const MAX_SOURCES: usize = 64;

/// An RTP packet that was opened in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opened {
    /// Extended sequence number: roll-over counter ‖ sequence number.
    pub ext_seq: u64,
    /// Synchronisation source.
    pub ssrc: u32,
    /// Bytes before the payload.
    pub header_len: usize,
    /// Bytes of the payload, padding included (see [`Header::payload`]).
    pub payload_len: usize,
}

/// An RTCP packet that was opened in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenedRtcp {
    /// SSRC of the sender, which is the first of the compound packet.
    pub ssrc: u32,
    /// Bytes of the compound RTCP packet at the start of the buffer.
    pub packet_len: usize,
}

/// Verifies and decrypts the packets of one direction: one per peer and session.
pub struct Opener {
    rtp: Cipher,
    rtcp: Cipher,
    rtp_sources: Sources,
    rtcp_sources: Sources,
}

impl Opener {
    /// Derives the session keys.
    ///
    /// # Errors
    /// [`SrtpError::InvalidKey`] where the cipher refuses a key.
    pub fn new(master: &MasterKey) -> Result<Self, SrtpError> {
        Ok(Self {
            rtp: Cipher::derive(master, Flow::Rtp)?,
            rtcp: Cipher::derive(master, Flow::Rtcp)?,
            rtp_sources: Sources::default(),
            rtcp_sources: Sources::default(),
        })
    }

    /// Opens an SRTP packet in place. A source's first packet is taken for one before its first
    /// roll-over (RFC 3711 §3.3.1).
    ///
    /// # Errors
    /// [`SrtpError::Malformed`], [`SrtpError::Replayed`], [`SrtpError::Unauthentic`],
    /// [`SrtpError::TooManySources`], [`SrtpError::Exhausted`]. `packet` is then unspecified, and
    /// no window has moved.
    pub fn open_rtp(&mut self, packet: &mut [u8]) -> Result<Opened, SrtpError> {
        let header = Header::parse(packet).map_err(|_| SrtpError::Malformed)?;
        let (ssrc, header_len) = (header.ssrc, header.header_len);
        let sequence = header.sequence;
        let ext_seq = match self.rtp_sources.window(ssrc) {
            None => u64::from(sequence),
            Some(window) => {
                let ext_seq = window.extend(sequence)?;
                window.check(ext_seq)?;
                ext_seq
            }
        };
        let payload_len = self.rtp.open_rtp(packet, header_len, ssrc, ext_seq)?;
        self.rtp_sources.record(ssrc, ext_seq)?;
        Ok(Opened { ext_seq, ssrc, header_len, payload_len })
    }

    /// Opens an SRTCP packet in place.
    ///
    /// # Errors
    /// As [`Self::open_rtp`], and [`SrtpError::Unencrypted`].
    pub fn open_rtcp(&mut self, packet: &mut [u8]) -> Result<OpenedRtcp, SrtpError> {
        let header = packet.first_chunk::<RTCP_HEADER_BYTES>().ok_or(SrtpError::Malformed)?;
        if header[0] >> 6 != 2 {
            return Err(SrtpError::Malformed);
        }
        let ssrc = u32::from_be_bytes([header[4], header[5], header[6], header[7]]);
        let index = self.rtcp.rtcp_index(packet)?;
        if let Some(window) = self.rtcp_sources.window(ssrc) {
            window.check(u64::from(index))?;
        }
        let packet_len = self.rtcp.open_rtcp(packet, ssrc, index)?;
        self.rtcp_sources.record(ssrc, u64::from(index))?;
        Ok(OpenedRtcp { ssrc, packet_len })
    }
}

/// The windows of the sources that sent something authentic; a peer has very few.
#[derive(Default)]
struct Sources(Vec<(u32, ReplayWindow)>);

impl Sources {
    fn window(&self, ssrc: u32) -> Option<&ReplayWindow> {
        self.0.iter().find(|(known, _)| *known == ssrc).map(|(_, window)| window)
    }

    fn record(&mut self, ssrc: u32, index: u64) -> Result<(), SrtpError> {
        if let Some((_, window)) = self.0.iter_mut().find(|(known, _)| *known == ssrc) {
            window.record(index);
            return Ok(());
        }
        if self.0.len() >= MAX_SOURCES {
            return Err(SrtpError::TooManySources);
        }
        self.0.push((ssrc, ReplayWindow::starting_at(index)));
        Ok(())
    }
}
