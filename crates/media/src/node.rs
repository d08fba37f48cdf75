// SPDX-License-Identifier: Apache-2.0
//! One media thread's world, sans-IO.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::arena::{Arena, Transmit};
use crate::certificate::Certificate;
use crate::event::Event;
use crate::grants::Grants;
use crate::stats::{NodeStats, PeerStats};

/// A peer: one PeerConnection. Chosen by the driver; never reused while it may still be alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PeerId(pub u64);

/// A room. Chosen by the driver; exists while somebody is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RoomId(pub u128);

/// What a node needs to know once.
#[derive(Debug, Clone)]
pub struct NodeConfig {
    /// Named in every answer.
    pub certificate: Certificate,
    /// Advertised in answers, best first. Packets that arrive at another address are answered from it
    /// too: behind a NAT the advertised address is not the socket's.
    pub host_candidates: Vec<SocketAddr>,
    /// Everything random grows from it; 32 bytes of the system's randomness outside tests.
    pub seed: [u8; 32],
    /// A peer from which nothing authentic came for so long is closed.
    pub idle_timeout: Duration,
    /// ICE and DTLS must be up so long after the join.
    pub connect_timeout: Duration,
    /// DTLS state (10 kB) is dropped so long after the handshake; no close_notify afterwards.
    pub dtls_retention: Duration,
}

impl NodeConfig {
    /// The usual timeouts: 15 s idle, 15 s to connect, DTLS state kept for 30 s.
    pub fn new(certificate: Certificate, host_candidates: Vec<SocketAddr>, seed: [u8; 32]) -> Self {
        Self {
            certificate,
            host_candidates,
            seed,
            idle_timeout: Duration::from_secs(15),
            connect_timeout: Duration::from_secs(15),
            dtls_retention: Duration::from_secs(30),
        }
    }
}

/// A peer that wants in.
#[derive(Debug, Clone, Copy)]
pub struct Join<'a> {
    /// Its id; a peer of that id that is still here is taken out first, silently.
    pub peer: PeerId,
    /// Where it hears and is heard.
    pub room: RoomId,
    /// CSRC of its packets at the others', unique in the room.
    pub voice_number: u32,
    /// SDP: one sendonly audio section, and one recvonly for each slot.
    pub offer: &'a str,
    /// What it may do from the first packet on.
    pub grants: Grants,
}

/// Why a peer was not let in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JoinError {
    /// The offer can't be answered.
    #[error("the SDP offer can't be answered: {0}")]
    Offer(String),
}

/// One media thread's world.
#[derive(Debug)]
pub struct Node {
    config: NodeConfig,
    arena: Arena,
    events: VecDeque<Event>,
    stats: NodeStats,
}

impl Node {
    /// An empty node.
    pub fn new(config: NodeConfig, _now: Instant) -> Self {
        Self {
            config,
            arena: Arena::with_capacity(256, 256),
            events: VecDeque::new(),
            stats: NodeStats::default(),
        }
    }

    /// Lets a peer into a room and answers its offer (SDP).
    ///
    /// # Errors
    /// When the offer can't be answered; nothing changed then.
    pub fn join(&mut self, _now: Instant, join: Join<'_>) -> Result<String, JoinError> {
        Err(JoinError::Offer(join.offer.to_owned()))
    }

    /// Takes a peer out: to the peer a DTLS close_notify, to the driver no event. Unknown ids are ignored.
    pub fn leave(&mut self, _now: Instant, _peer: PeerId) {}

    /// From the next packet on, these grants hold. Unknown ids are ignored.
    pub fn set_grants(&mut self, _peer: PeerId, _grants: Grants) {}

    /// Takes a received datagram in. `destination` is the local address it arrived at (PKTINFO). The
    /// buffer is used as working memory: what it holds afterwards is unspecified.
    pub fn handle_input(
        &mut self,
        _now: Instant,
        _source: SocketAddr,
        _destination: SocketAddr,
        _datagram: &mut [u8],
    ) {
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, _now: Instant) {}

    /// When [`Node::handle_timeout`] is to be called next.
    pub fn poll_timeout(&self) -> Option<Instant> {
        None
    }

    /// The next event.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// How many datagrams wait to be sent.
    pub fn pending(&self) -> usize {
        self.arena.len()
    }

    /// The datagrams to be sent, in order.
    pub fn transmits(&self) -> impl Iterator<Item = Transmit<'_>> {
        self.arena.iter()
    }

    /// Forgets the datagrams: they were sent.
    pub fn clear_transmits(&mut self) {
        self.arena.clear();
    }

    /// Counters of the node.
    pub fn stats(&self) -> NodeStats {
        self.stats
    }

    /// Counters of a peer, if it is here.
    pub fn peer_stats(&self, _peer: PeerId) -> Option<PeerStats> {
        let _ = &self.config;
        None
    }
}
