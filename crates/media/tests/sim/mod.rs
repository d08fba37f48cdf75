// SPDX-License-Identifier: Apache-2.0
//! One node and many real WebRTC clients (str0m: another implementation than ours) on a virtual clock
//! and lossy links. A seed decides everything that links do.

mod client;
mod link;
mod oracle;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use voz_media::{Certificate, CloseReason, Event, Grants, Join, Node, NodeConfig, PeerId, RoomId};

pub use client::{Client, Voice};
pub use link::{Link, Rng};
use oracle::Oracle;

/// Where the node is reached.
pub const NODE: &str = "10.0.0.1:3478";

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

pub struct Sim {
    pub node: Node,
    pub now: Instant,
    pub start: Instant,
    pub rng: Rng,
    pub link: Link,
    pub clients: Vec<Client>,
    /// What the node said, with when.
    pub events: Vec<(Duration, Event)>,
    /// The last datagrams that reached the node, for those who want to bend or repeat them.
    pub recent: VecDeque<(SocketAddr, Vec<u8>)>,
    oracle: Oracle,
    flights: BinaryHeap<Reverse<Flight>>,
    order: u64,
}

/// How many datagrams are remembered.
const RECENT: usize = 64;

impl Sim {
    pub fn new(seed: u64) -> Self {
        Self::with_link(seed, Link::PERFECT)
    }

    pub fn with_link(seed: u64, link: Link) -> Self {
        Self::configured(seed, link, |_| {})
    }

    pub fn configured(seed: u64, link: Link, change: impl FnOnce(&mut NodeConfig)) -> Self {
        #[expect(clippy::disallowed_methods, reason = "the base of the virtual clock")]
        let start = Instant::now();
        let mut seed_bytes = [0; 32];
        seed_bytes[..8].copy_from_slice(&seed.to_be_bytes());
        let certificate = Certificate::generate().unwrap();
        let mut config = NodeConfig::new(certificate, vec![NODE.parse().unwrap()], seed_bytes);
        change(&mut config);
        Self {
            node: Node::new(config, start),
            now: start,
            start,
            rng: Rng::new(seed),
            link,
            clients: Vec::new(),
            events: Vec::new(),
            recent: VecDeque::new(),
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

    pub fn join_with(&mut self, room: u64, slots: usize, grants: Grants) -> Who {
        self.join_offering(room, slots, grants, str::to_owned)
    }

    pub fn join_offering(&mut self, room: u64, slots: usize, grants: Grants, bend: impl FnOnce(&str) -> String) -> Who {
        let who = self.clients.len();
        let mut client = Client::new(who, self.now, slots);
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
        self.node.handle_input(self.now, source, NODE.parse().unwrap(), &mut bytes);
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
            let Some(Reverse(mut flight)) = self.flights.pop() else {
                return;
            };
            if flight.destination == NODE.parse().unwrap() {
                self.recent.push_back((flight.source, flight.bytes.clone()));
                if self.recent.len() > RECENT {
                    self.recent.pop_front();
                }
                self.node.handle_input(now, flight.source, flight.destination, &mut flight.bytes);
            } else if let Some(client) = self.client_at(flight.destination) {
                client.receive(now, flight.source, &flight.bytes);
            }
            self.settle();
        }
        if self.node.poll_timeout().is_some_and(|at| at <= now) {
            self.node.handle_timeout(now);
        }
        for client in &mut self.clients {
            client.handle_timeout(now);
        }
        self.settle();
    }

    fn client_at(&mut self, address: SocketAddr) -> Option<&mut Client> {
        self.clients.iter_mut().find(|client| !client.unplugged && client.public == address)
    }

    /// Takes what everyone wants to send and say. For those who call the node themselves, too.
    pub fn settle(&mut self) {
        let sent: Vec<_> = self
            .node
            .transmits()
            .map(|transmit| (transmit.source, transmit.destination, transmit.bytes.to_vec()))
            .collect();
        self.node.clear_transmits();
        for (source, destination, bytes) in sent {
            self.oracle.sent(destination, &bytes);
            self.fly(source, destination, bytes);
        }
        while let Some(event) = self.node.poll_event() {
            self.events.push((self.elapsed(), event));
        }
        for who in 0..self.clients.len() {
            let source = self.clients[who].public;
            for (_, destination, bytes) in self.clients[who].take_sent() {
                if !self.clients[who].unplugged {
                    self.fly(source, destination, bytes);
                }
            }
        }
    }

    fn fly(&mut self, source: SocketAddr, destination: SocketAddr, bytes: Vec<u8>) {
        for delay in self.link.delays(&mut self.rng) {
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
