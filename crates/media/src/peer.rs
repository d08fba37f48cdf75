// SPDX-License-Identifier: Apache-2.0
//! The cold side of a peer: identity, ICE, DTLS, and what its reports say.

use std::net::SocketAddr;
use std::time::Instant;

use crate::dtls::Dtls;
use crate::forward::MAX_SLOTS;
use crate::ice::Ice;
use crate::ids::PeerId;

/// Addresses of a peer that packets are taken from at once: paths that compete, and the last ones.
const LIVE_ADDRESSES: usize = 8;
/// New addresses before the ICE agent, which keeps them all, begins afresh: a check can be repeated by whoever saw
/// it, from any number of addresses.
const AGENT_ADDRESSES: u32 = 64;

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
    /// New ones since the agent began.
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
    pub fn note_address(&mut self, address: SocketAddr) -> Noted {
        if self.addresses.contains(&address) {
            return Noted::Known;
        }
        self.addresses_seen += 1;
        if self.addresses_seen == AGENT_ADDRESSES {
            self.addresses_seen = 0;
            self.ice.begin_agent_afresh();
        }
        let in_use = self.ice.path().map(|path| path.remote);
        let mut dropped = None;
        if self.addresses.len() == LIVE_ADDRESSES {
            let oldest = self.addresses.iter().position(|known| Some(*known) != in_use);
            dropped = oldest.map(|at| self.addresses.remove(at));
        }
        self.addresses.push(address);
        Noted::New { dropped }
    }

    /// The addresses that packets are taken from.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }
}
