// SPDX-License-Identifier: Apache-2.0
//! Connectivity of one peer: an ICE-lite agent that is always controlled (RFC 8445 §2.5).
//!
//! It only answers binding requests. Where packets go follows the client's nominations; a nomination
//! of another address also counts when the present one has gone quiet, because a client whose NAT
//! binding changed comes back with the same priority, which alone moves nothing.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use is::stun::{StunMessage, StunPacket};
use is::{Candidate, DefaultSha1HmacProvider, IceAgent, IceAgentEvent, IceCreds, Protocol};

use crate::arena::Arena;

/// Without a packet from the present address for so long, a nomination of another one is followed.
const QUIET: Duration = Duration::from_millis(300);

/// Local addresses learnt from traffic, over those configured.
const MAX_LEARNT_LOCALS: usize = 8;

/// A pair of addresses that packets travel between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Path {
    /// Ours.
    pub local: SocketAddr,
    /// The peer's.
    pub remote: SocketAddr,
}

/// The ICE agent of a peer.
#[derive(Debug)]
pub(crate) struct Ice {
    agent: IceAgent,
    locals: Vec<SocketAddr>,
    learnt: usize,
    path: Option<Path>,
}

impl Ice {
    pub fn new(now: Instant, local: IceCreds, remote: IceCreds, hosts: &[SocketAddr]) -> Self {
        let mut agent = IceAgent::with_hmac(local, &DefaultSha1HmacProvider);
        agent.set_ice_lite(true);
        agent.set_controlling(false);
        // A role conflict is always ours to win: a lite agent can't be the controlling one.
        agent.set_control_tie_breaker(u64::MAX);
        agent.set_remote_credentials(remote);
        let mut ice = Self { agent, locals: Vec::with_capacity(hosts.len()), learnt: 0, path: None };
        for &host in hosts {
            ice.add_local(host);
        }
        ice.agent.handle_timeout(now);
        ice
    }

    fn add_local(&mut self, address: SocketAddr) -> bool {
        match Candidate::host(address, Protocol::Udp) {
            Ok(candidate) => {
                self.agent.add_local_candidate(candidate);
                self.locals.push(address);
                true
            }
            Err(_) => false,
        }
    }

    /// Where packets go, once the client has nominated an address.
    pub fn path(&self) -> Option<Path> {
        self.path
    }

    /// Takes a path that DTLS finished on before anything was nominated.
    pub fn adopt(&mut self, path: Path) {
        self.path.get_or_insert(path);
    }

    /// Takes a binding request in and answers it. `false` when it is not authentic: nothing changed.
    /// `heard_at` is when something authentic last came along the present path.
    pub fn handle_request(
        &mut self,
        now: Instant,
        heard_at: Instant,
        came: Path,
        message: StunMessage<'_>,
        arena: &mut Arena,
    ) -> bool {
        if !message.is_binding_request() || !self.agent.accepts_message(&message) {
            return false;
        }
        if !self.locals.contains(&came.local) {
            if self.learnt == MAX_LEARNT_LOCALS || !self.add_local(came.local) {
                return false;
            }
            self.learnt += 1;
        }
        let nominates = message.use_candidate();
        self.agent.handle_packet(
            now,
            StunPacket { proto: Protocol::Udp, source: came.remote, destination: came.local, message },
        );
        self.handle_timeout(now, arena);
        let quiet = now.saturating_duration_since(heard_at) >= QUIET;
        if nominates && (self.path.is_none() || quiet) {
            self.path = Some(came);
        }
        true
    }

    /// Moves the agent's clock and sends what it has.
    pub fn handle_timeout(&mut self, now: Instant, arena: &mut Arena) {
        self.agent.handle_timeout(now);
        while let Some(event) = self.agent.poll_event() {
            if let IceAgentEvent::NominatedSend { source, destination, .. } = event {
                self.path = Some(Path { local: source, remote: destination });
            }
        }
        while let Some(transmit) = self.agent.poll_transmit() {
            arena.push(transmit.source, transmit.destination, &transmit.contents);
        }
    }
}
