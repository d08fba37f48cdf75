// SPDX-License-Identifier: Apache-2.0
//! The cold side of a peer: identity, ICE, DTLS, and what its reports say.

use std::net::SocketAddr;
use std::time::Instant;

use crate::dtls::Dtls;
use crate::event::CloseReason;
use crate::forward::MAX_SLOTS;
use crate::ice::Ice;
use crate::ids::PeerId;

/// Addresses of a peer that packets are taken from at once: paths that compete, and the last ones.
const LIVE_ADDRESSES: usize = 8;
/// Addresses a peer may come from in its life: a phone that walks around all day has fewer.
const MAX_ADDRESSES: u32 = 256;

/// What a receiver says of one slot.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SlotQuality {
    /// 256ths.
    pub fraction_lost: u8,
    /// Ticks.
    pub jitter: u32,
}

/// A peer but for its packets.
#[derive(Debug)]
pub(crate) struct Peer {
    pub id: PeerId,
    pub ice: Ice,
    pub ufrag: String,
    pub cname: String,
    pub dtls: Option<Dtls>,
    /// The deadline of DTLS that is in the heap.
    pub dtls_armed: Option<Instant>,
    pub joined_at: Instant,
    pub connected_at: Option<Instant>,
    pub quality: [SlotQuality; MAX_SLOTS],
    pub round_trip_ms: Option<f32>,
    addresses: Vec<SocketAddr>,
    addresses_seen: u32,
}

/// What became of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Noted {
    /// It was there.
    Known,
    /// It is new; another one may have had to go.
    New {
        /// The one that went.
        dropped: Option<SocketAddr>,
    },
}

impl Peer {
    pub fn new(now: Instant, id: PeerId, ice: Ice, ufrag: String, cname: String, dtls: Dtls) -> Self {
        Self {
            id,
            ice,
            ufrag,
            cname,
            dtls: Some(dtls),
            dtls_armed: None,
            joined_at: now,
            connected_at: None,
            quality: [SlotQuality::default(); MAX_SLOTS],
            round_trip_ms: None,
            addresses: Vec::with_capacity(2),
            addresses_seen: 0,
        }
    }

    /// Notes an address that an authentic check came from.
    pub fn note_address(&mut self, address: SocketAddr) -> Result<Noted, CloseReason> {
        if self.addresses.contains(&address) {
            return Ok(Noted::Known);
        }
        self.addresses_seen += 1;
        if self.addresses_seen > MAX_ADDRESSES {
            return Err(CloseReason::TooManyAddresses);
        }
        let in_use = self.ice.path().map(|path| path.remote);
        let mut dropped = None;
        if self.addresses.len() == LIVE_ADDRESSES {
            let oldest = self.addresses.iter().position(|known| Some(*known) != in_use);
            dropped = oldest.map(|at| self.addresses.remove(at));
        }
        self.addresses.push(address);
        Ok(Noted::New { dropped })
    }

    /// The addresses that packets are taken from.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }
}
