// SPDX-License-Identifier: Apache-2.0
//! Connectivity of one peer: an ICE-lite agent that is always controlled (RFC 8445 §2.5).
//!
//! It answers binding requests. Where packets go follows the client's nominations; a nomination of
//! another address also counts when the present one has gone quiet, because a client whose NAT binding
//! changed comes back with the same priority, which alone moves nothing.
//!
//! Packets move to another address only after it has answered a [`Check`], which a lite agent need not
//! send: a member who writes somebody else's address into its own checks would have voice sent there.
//! The first address may prove itself by finishing DTLS instead, and gets nothing but that until then.
//! An address that was proved once is not asked again while packets go there.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use is::stun::{StunMessage, StunPacket};
use is::{Candidate, DefaultSha1HmacProvider, IceAgent, IceAgentEvent, IceCreds, Protocol};

use crate::arena::Arena;
use crate::check::Check;
use crate::path::Path;
use crate::random::Random;

/// Without a packet from the present address for so long, a nomination of another one is followed.
pub(crate) const QUIET: Duration = Duration::from_millis(300);

/// Local addresses learnt from traffic, over those configured.
const MAX_LEARNT_LOCALS: usize = 8;

/// How often a check is sent again by itself; beyond that only when the peer asks again.
const REPEATS: u32 = 3;

/// The ICE agent of a peer.
#[derive(Debug)]
pub(crate) struct Ice {
    agent: IceAgent,
    locals: Vec<SocketAddr>,
    learnt: usize,
    path: Option<Path>,
    /// The peer receives what is sent along the path.
    proved: bool,
    /// Of another path, or of the present one that is not proved.
    check: Option<Check>,
    repeats_left: u32,
}

impl Ice {
    pub fn new(now: Instant, local: IceCreds, remote: IceCreds, hosts: &[SocketAddr]) -> Self {
        let mut agent = IceAgent::with_hmac(local, &DefaultSha1HmacProvider);
        agent.set_ice_lite(true);
        agent.set_controlling(false);
        // A role conflict is always ours to win: a lite agent can't be the controlling one.
        agent.set_control_tie_breaker(u64::MAX);
        agent.set_remote_credentials(remote);
        let mut ice = Self {
            agent,
            locals: Vec::with_capacity(hosts.len()),
            learnt: 0,
            path: None,
            proved: false,
            check: None,
            repeats_left: 0,
        };
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

    /// Where packets go, once the client has nominated an address or begun DTLS from one.
    pub fn path(&self) -> Option<Path> {
        self.path
    }

    /// Takes a path that DTLS begins on before anything was nominated. From here on another one must
    /// prove itself, so that the handshake speaks for the path that it ends on.
    pub fn adopt(&mut self, path: Path) {
        self.path.get_or_insert(path);
    }

    /// Whether the peer receives what is sent along the path.
    pub fn is_proved(&self) -> bool {
        self.proved
    }

    /// DTLS is done: the peer received what was sent along the path.
    pub fn prove(&mut self) {
        self.proved = self.path.is_some();
    }

    /// Sends along the path.
    pub fn send(&self, packet: &[u8], arena: &mut Arena) {
        if let Some(path) = self.path {
            arena.push(path.local, path.remote, packet);
        }
    }

    /// Takes a binding request in and answers it. `false` when it is not authentic: nothing changed.
    /// `heard_at` is when something authentic last came along the present path.
    pub fn handle_request(
        &mut self,
        now: Instant,
        heard_at: Instant,
        came: Path,
        message: StunMessage<'_>,
        random: &mut Random,
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
        let chosen = self.drain_agent(now, arena);
        if self.path.is_none() && nominates {
            self.path = Some(came);
        }
        let quiet = now.saturating_duration_since(heard_at) >= QUIET;
        let awaited = self.check.as_ref().is_some_and(|check| check.path() == came);
        let unproved = self.path == Some(came) && !self.proved;
        let wanted = if (nominates && quiet) || awaited || unproved { Some(came) } else { chosen };
        if let Some(wanted) = wanted {
            self.seek(wanted, random, arena);
        }
        true
    }

    /// Lets the agent forget the addresses it has seen and what was nominated there. Path, proof and check stay.
    pub fn begin_agent_afresh(&mut self) {
        let Some(remote) = self.agent.remote_credentials().cloned() else {
            return;
        };
        self.agent.ice_restart(self.agent.local_credentials().clone(), true);
        self.agent.set_remote_credentials(remote);
    }

    /// Takes the answer to a check of ours in. `false` when it is none: nothing changed.
    pub fn handle_answer(&mut self, came: Path, message: &StunMessage<'_>) -> bool {
        let answered = self.check.take_if(|check| check.is_answered_by(&self.agent, came, message));
        if answered.is_some() {
            self.path = Some(came);
            self.proved = true;
        }
        answered.is_some()
    }

    /// Moves the agent's clock and sends what is due.
    pub fn handle_timeout(&mut self, now: Instant, random: &mut Random, arena: &mut Arena) {
        if let Some(chosen) = self.drain_agent(now, arena) {
            self.seek(chosen, random, arena);
        } else if let Some(check) = &self.check
            && self.repeats_left > 0
        {
            self.repeats_left -= 1;
            check.send(&self.agent, arena);
        }
    }

    /// Sends what the agent has; the path that it has come to choose, if it has.
    fn drain_agent(&mut self, now: Instant, arena: &mut Arena) -> Option<Path> {
        self.agent.handle_timeout(now);
        let mut chosen = None;
        while let Some(event) = self.agent.poll_event() {
            if let IceAgentEvent::NominatedSend { source, destination, .. } = event {
                chosen = Some(Path { local: source, remote: destination });
            }
        }
        while let Some(transmit) = self.agent.poll_transmit() {
            arena.push(transmit.source, transmit.destination, &transmit.contents);
        }
        chosen
    }

    /// Checks a path that packets are to take. A check under way is sent again, at the pace of the peer's:
    /// whoever forges them gets an answer and a check for each, and [`REPEATS`] more for an address.
    fn seek(&mut self, wanted: Path, random: &mut Random, arena: &mut Arena) {
        if self.proved && self.path == Some(wanted) {
            self.check = None;
            return;
        }
        if self.check.as_ref().is_none_or(|check| check.path() != wanted) {
            self.check = Check::new(wanted, random.transaction_id());
            self.repeats_left = REPEATS;
        }
        if let Some(check) = &self.check {
            check.send(&self.agent, arena);
        }
    }
}
