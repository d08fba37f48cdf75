// SPDX-License-Identifier: Apache-2.0
//! One node and many real WebRTC clients (str0m: another implementation than ours) on a virtual clock
//! and lossy links. A seed decides everything that links do, and what the test draws from it.
//!
//! In every simulation the oracle looks at each datagram that the node sends, against the rooms and grants
//! of that instant, and at each packet that a client understood. What must arrive is asked by
//! [`Sim::delivery`]. A simulation that fails prints its seed and how to replay it.
//!
//! Keys, certificates and SSRCs are random in every run: nothing here may depend on them.

#![expect(clippy::unwrap_used, reason = "a simulation fails by it")]

mod client;
mod link;
mod oracle;
mod seeds;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use voz_media::{Certificate, CloseReason, Event, Grants, Join, Node, NodeConfig, PeerId, RoomId};

pub use client::{Client, Delivery, Family, Heard, Voice};
pub use link::{Link, Rng};
use oracle::Oracle;
pub use seeds::{VARIABLE, seeds};

/// Where the node is reached by IPv4.
pub const NODE: &str = "10.0.0.1:3478";
/// Where the node is reached by IPv6.
pub const NODE_V6: &str = "[fd00::1]:3478";

/// Milliseconds.
pub fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// A client's number in a simulation, and its peer id and voice number.
pub type Who = usize;

/// A datagram under way.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Flight {
    at: Instant,
    order: u64,
    source: SocketAddr,
    destination: SocketAddr,
    bytes: Vec<u8>,
}

/// A world: the node, the clients, the network between them, and the time.
pub struct Sim {
    /// Ours.
    pub node: Node,
    /// The virtual clock.
    pub now: Instant,
    /// Where it began.
    pub start: Instant,
    /// The network, both ways, for everyone; may be changed at any time.
    pub link: Link,
    /// By their numbers.
    pub clients: Vec<Client>,
    /// What the node said, with when.
    pub events: Vec<(Duration, Event)>,
    /// The last datagrams that reached the node, for those who want to bend or repeat them.
    pub recent: VecDeque<(SocketAddr, Vec<u8>)>,
    seed: u64,
    story: u64,
    /// Datagrams so far: from, to, and whether they are DTLS.
    flows: HashMap<(SocketAddr, SocketAddr, bool), u64>,
    oracle: Oracle,
    flights: BinaryHeap<Reverse<Flight>>,
    order: u64,
}

/// How many datagrams are remembered.
const RECENT: usize = 64;

impl Sim {
    /// A world on a perfect network.
    pub fn new(seed: u64) -> Self {
        Self::with_link(seed, Link::PERFECT)
    }

    /// A world on this network.
    pub fn with_link(seed: u64, link: Link) -> Self {
        Self::configured(seed, link, |_| {})
    }

    /// A world whose node is configured otherwise.
    pub fn configured(seed: u64, link: Link, change: impl FnOnce(&mut NodeConfig)) -> Self {
        #[expect(clippy::disallowed_methods, reason = "the base of the virtual clock")]
        let start = Instant::now();
        let mut seed_bytes = [0; 32];
        seed_bytes[..8].copy_from_slice(&seed.to_be_bytes());
        let certificate = Certificate::generate().unwrap();
        let mut config =
            NodeConfig::new(certificate, vec![NODE.parse().unwrap(), NODE_V6.parse().unwrap()], seed_bytes);
        change(&mut config);
        Self {
            node: Node::new(config, start),
            now: start,
            start,
            link,
            clients: Vec::new(),
            events: Vec::new(),
            recent: VecDeque::new(),
            seed,
            story: 0,
            flows: HashMap::new(),
            oracle: Oracle::default(),
            flights: BinaryHeap::new(),
            order: 0,
        }
    }

    /// Time since the start.
    pub fn elapsed(&self) -> Duration {
        self.now - self.start
    }

    /// A client with `slots` joins a room and talks to the node from now on.
    pub fn join(&mut self, room: u64, slots: usize) -> Who {
        self.join_with(room, slots, Grants::ALL)
    }

    /// The same, with less than all grants.
    pub fn join_with(&mut self, room: u64, slots: usize, grants: Grants) -> Who {
        self.join_offering(room, slots, grants, Family::V4, str::to_owned)
    }

    /// The same, by another internet.
    pub fn join_over(&mut self, family: Family, room: u64, slots: usize) -> Who {
        self.join_offering(room, slots, Grants::ALL, family, str::to_owned)
    }

    /// The same, with another offer than its stack's.
    pub fn join_offering(
        &mut self,
        room: u64,
        slots: usize,
        grants: Grants,
        family: Family,
        bend: impl FnOnce(&str) -> String,
    ) -> Who {
        let who = self.clients.len();
        let mut client = Client::new(who, self.now, slots, family);
        let offer = bend(&client.offer());
        let join = Join {
            peer: PeerId(who as u64),
            room: RoomId(room.into()),
            voice_number: who as u32,
            offer: &offer,
            grants,
        };
        let answer = self.node.join(self.now, join).unwrap();
        client.accept(&answer);
        self.clients.push(client);
        self.oracle.joined(self.now, room, grants);
        self.settle();
        who
    }

    /// The server takes a client out.
    pub fn leave(&mut self, who: Who) {
        self.node.leave(self.now, PeerId(who as u64));
        self.oracle.gone(who);
        self.settle();
    }

    /// A client says goodbye.
    pub fn close(&mut self, who: Who) {
        self.clients[who].close();
        self.settle();
    }

    /// A client's device goes silent without a word.
    pub fn unplug(&mut self, who: Who) {
        self.clients[who].unplugged = true;
    }

    /// Control changes what a client may do.
    pub fn set_grants(&mut self, who: Who, grants: Grants) {
        self.node.set_grants(PeerId(who as u64), grants);
        self.oracle.granted(self.now, who, grants);
        self.settle();
    }

    /// A client's microphone changes.
    pub fn speak(&mut self, who: Who, voice: Voice) {
        let now = self.now;
        self.clients[who].speak(now, voice);
    }

    /// A datagram from anywhere reaches the node now; how many datagrams it sends because of that.
    pub fn inject(&mut self, source: SocketAddr, datagram: &[u8]) -> usize {
        let mut bytes = datagram.to_vec();
        let node = if source.is_ipv4() { NODE } else { NODE_V6 };
        self.node.handle_input(self.now, source, node.parse().unwrap(), &mut bytes);
        let answers = self.node.pending();
        self.settle();
        answers
    }

    /// Lets `duration` pass.
    pub fn run(&mut self, duration: Duration) {
        let end = self.now + duration;
        while let Some(at) = self.next_deadline().filter(|at| *at <= end) {
            self.now = at.max(self.now);
            self.step();
        }
        self.now = end;
        self.check();
    }

    /// Lets time pass until `done`, or fails after `limit`.
    pub fn run_until(&mut self, limit: Duration, what: &str, done: impl Fn(&Self) -> bool) {
        let end = self.now + limit;
        while !done(self) {
            let next = self.next_deadline().filter(|at| *at <= end);
            self.now = next.unwrap_or_else(|| panic!("not within {limit:?}: {what}")).max(self.now);
            self.step();
        }
    }

    /// Waits until the node and all clients that are plugged in say that they are connected.
    pub fn connect(&mut self) {
        self.run_until(ms(10_000), "everyone connects", |sim| {
            sim.clients
                .iter()
                .filter(|client| !client.unplugged)
                .all(|client| client.connected && sim.said_connected(client.who))
        });
    }

    /// How whole `from`'s voice arrived at `to` since a moment. Packets under way count as not arrived.
    pub fn delivery(&self, from: Who, to: Who, since: Instant) -> Delivery {
        let first = (self.clients[from].spoken as usize - self.clients[from].said_since(since)) as u32;
        let mut numbers: Vec<u32> =
            self.clients[to].heard.iter().filter(|heard| heard.from == from).map(|heard| heard.number).collect();
        numbers.retain(|number| *number >= first);
        let heard = numbers.len();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), heard, "{to} hears a packet of {from} twice");
        Delivery {
            said: self.clients[from].said_since(since),
            heard,
            longest_gap: self.clients[to].longest_gap(from, since, self.now),
        }
    }

    /// Datagrams that the node has sent to an address.
    pub fn sent_to(&self, address: SocketAddr) -> u64 {
        self.flows.iter().filter(|((_, to, _), _)| *to == address).map(|(_, datagrams)| datagrams).sum()
    }

    /// A digest of who sent what kind of datagram when, DTLS aside: equal where everything happened alike.
    pub fn story(&self) -> u64 {
        self.story
    }

    /// The node said that this client is connected.
    pub fn said_connected(&self, who: Who) -> bool {
        let peer = PeerId(who as u64);
        self.events.iter().any(|(_, event)| *event == Event::Connected { peer })
    }

    /// What was said about who speaks in a room, oldest first.
    pub fn speaking(&self, room: u64) -> Vec<(Duration, Vec<u32>)> {
        self.events
            .iter()
            .filter_map(|(at, event)| match event {
                Event::Speaking { room: of, speakers } if of.0 == u128::from(room) => Some((*at, speakers.clone())),
                _ => None,
            })
            .collect()
    }

    /// Fails if anybody heard what was not for them. Done at the end of each run.
    fn check(&mut self) {
        self.oracle.check(&self.clients, self.link.longest());
    }

    /// What became of a peer, if it was closed.
    pub fn closed(&self, who: Who) -> Option<(Duration, CloseReason)> {
        self.events.iter().find_map(|(at, event)| match event {
            Event::Closed { peer, reason } if peer.0 == who as u64 => Some((*at, *reason)),
            _ => None,
        })
    }

    fn next_deadline(&self) -> Option<Instant> {
        let clients = self.clients.iter().filter_map(Client::next_deadline);
        let flight = self.flights.peek().map(|Reverse(flight)| flight.at);
        clients.chain(flight).chain(self.node.poll_timeout()).min()
    }

    fn step(&mut self) {
        let now = self.now;
        while let Some(Reverse(flight)) = self.flights.peek()
            && flight.at <= now
        {
            let Some(Reverse(flight)) = self.flights.pop() else {
                return;
            };
            self.land(flight);
        }
        if self.node.poll_timeout().is_some_and(|at| at <= now) {
            self.node.handle_timeout(now);
        }
        for client in &mut self.clients {
            client.handle_timeout(now);
        }
        self.settle();
    }

    /// A datagram arrives, if somebody is there.
    fn land(&mut self, mut flight: Flight) {
        if [NODE, NODE_V6].map(|node| node.parse().unwrap()).contains(&flight.destination) {
            self.recent.push_back((flight.source, flight.bytes.clone()));
            if self.recent.len() > RECENT {
                self.recent.pop_front();
            }
            self.node.handle_input(self.now, flight.source, flight.destination, &mut flight.bytes);
            self.settle_node();
        } else if let Some(who) = self.oracle.who_is_at(flight.destination)
            && !self.clients[who].unplugged
        {
            self.clients[who].receive(self.now, flight.source, flight.destination, &flight.bytes);
            self.settle_client(who);
        }
    }

    /// Takes what everyone wants to send and say. For those who call the node themselves, too.
    pub fn settle(&mut self) {
        self.settle_node();
        for who in 0..self.clients.len() {
            self.settle_client(who);
        }
    }

    fn settle_node(&mut self) {
        let sent: Vec<_> = self
            .node
            .transmits()
            .map(|transmit| (transmit.source, transmit.destination, transmit.bytes.to_vec()))
            .collect();
        self.node.clear_transmits();
        for (source, destination, bytes) in sent {
            self.oracle.sent(destination, &bytes);
            let to = self.oracle.who_is_at(destination);
            let connected = to.is_some_and(|who| self.clients[who].connected);
            self.fly(source, destination, bytes, connected);
        }
        while let Some(event) = self.node.poll_event() {
            if let Event::Closed { peer, .. } = event {
                self.oracle.gone(peer.0 as Who);
            }
            self.events.push((self.elapsed(), event));
        }
    }

    fn settle_client(&mut self, who: Who) {
        for (source, destination, bytes) in self.clients[who].take_sent() {
            if !self.clients[who].unplugged {
                self.oracle.seen(who, source);
                let connected = self.clients[who].connected;
                self.fly(source, destination, bytes, connected);
            }
        }
    }

    /// Puts a datagram on the network, to or from a client that is connected or not. What becomes of it
    /// depends on the seed and its place in its flow: one datagram more changes nothing for other flows.
    fn fly(&mut self, source: SocketAddr, destination: SocketAddr, bytes: Vec<u8>, connected: bool) {
        let kind = bytes.first().copied();
        let dtls = matches!(kind, Some(20..=63));
        let place = self.flows.entry((source, destination, dtls)).or_default();
        *place += 1;
        let mut fate = DefaultHasher::new();
        (self.seed, source, destination, dtls, *place).hash(&mut fate);
        // When DTLS sends again is random in every run.
        if !dtls {
            let mut story = DefaultHasher::new();
            (self.story, self.now - self.start, source, destination, kind).hash(&mut story);
            self.story = story.finish();
        }
        for delay in self.link.delays(&mut Rng::new(fate.finish()), connected) {
            self.order += 1;
            self.flights.push(Reverse(Flight {
                at: self.now + delay,
                order: self.order,
                source,
                destination,
                bytes: bytes.clone(),
            }));
        }
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let Self { seed, link, .. } = self;
            eprintln!("simulation of seed {seed} failed after {:?} of its time, on {link:?}", self.now - self.start);
            eprintln!("again, alone: {VARIABLE}={seed} cargo nextest run --release --workspace <the test's name>");
        }
    }
}
