// SPDX-License-Identifier: Apache-2.0
//! ICE and DTLS of a peer that is not connected yet: operations: its own flights, in order or not,
//! bent, cut, joined or in pieces; checks with any attributes under the right password; garbage.
//!
//! Whatever happens to that peer, nothing goes to an address that proved nothing, no sound comes out,
//! and the next person gets in.

use std::collections::{HashSet, VecDeque};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use voz_media::{Event, Grants, Node};

use crate::input::Input;
use crate::voice::{Client, Numbers, deliver, is_audio, is_dtls, node, pass, start};

const NUMBERS: Numbers = Numbers { payload_type: 111, level_id: Some(1) };
const REMEMBERED: usize = 32;

struct World {
    node: Node,
    now: Instant,
    client: Client,
    /// Addresses that proved the password.
    proved: HashSet<SocketAddr>,
    /// What the client wants to send.
    flight: VecDeque<Vec<u8>>,
    /// What either side has said.
    said: Vec<Vec<u8>>,
}

fn address(choice: u8) -> SocketAddr {
    SocketAddr::from(([10, 1, 0, choice % 4], 40_000))
}

/// Runs the operations.
pub fn run(data: &[u8]) {
    let (mut node, now) = (node(), start());
    let client = Client::join(&mut node, now, 1, 1, Grants::ALL, NUMBERS);
    let mut world = World { node, now, client, proved: HashSet::new(), flight: VecDeque::new(), said: Vec::new() };
    let mut input = Input::new(data);
    // Most handshakes begin well.
    if input.flag() {
        let check = world.client.check(true);
        world.send(address(0), check);
    }
    while !input.is_empty() {
        match input.below(12) {
            0..=2 => world.step(),
            3 => drop(world.flight.pop_front()),
            4 => world.swap(),
            5 => world.bend(&mut input),
            6 => world.cut(&mut input),
            7 => world.join_two(&mut input),
            8 => world.send(address(input.byte()), input.bytes().to_vec()),
            9 => world.record(&mut input),
            10 => world.check(&mut input),
            _ => world.wait(Duration::from_millis(u64::from(input.byte()) * 20)),
        }
    }
    world.newcomer();
}

impl World {
    /// The client's next datagram, as it should be.
    fn step(&mut self) {
        if self.flight.is_empty() {
            self.flight.extend(self.client.flight(self.now));
        }
        if let Some(packet) = self.flight.pop_front() {
            self.remember(&packet);
            self.send(address(0), packet);
        }
    }

    fn swap(&mut self) {
        if let Some(first) = self.flight.pop_front() {
            self.flight.push_back(first);
        }
    }

    fn bend(&mut self, input: &mut Input<'_>) {
        let Some(mut packet) = self.pick(input) else { return };
        for _ in 0..=input.below(4) {
            let at = usize::from(input.u16()) % packet.len();
            packet[at] ^= input.byte();
        }
        self.send(address(0), packet);
    }

    fn cut(&mut self, input: &mut Input<'_>) {
        let Some(packet) = self.pick(input) else { return };
        let at = usize::from(input.u16()) % packet.len();
        let (first, second) = packet.split_at(at);
        self.send(address(0), first.to_vec());
        self.send(address(0), second.to_vec());
    }

    fn join_two(&mut self, input: &mut Input<'_>) {
        let (Some(mut first), Some(second)) = (self.pick(input), self.pick(input)) else { return };
        first.extend(second);
        self.send(address(0), first);
    }

    /// A DTLS record around anything (RFC 6347 §4.1).
    fn record(&mut self, input: &mut Input<'_>) {
        let (kind, version, epoch, sequence) = (20 + input.byte() % 8, input.byte(), input.byte(), input.u16());
        let body = input.bytes();
        let mut record = vec![kind, 0xFE, if version & 1 == 0 { 0xFD } else { version }, 0, epoch & 3, 0, 0, 0, 0];
        record.extend(sequence.to_be_bytes());
        record.extend(u16::try_from(body.len()).unwrap_or(u16::MAX).to_be_bytes());
        record.extend(body);
        self.send(address(0), record);
    }

    /// A message with any attributes, under the right password.
    fn check(&mut self, input: &mut Input<'_>) {
        let (kind, source) = (input.byte(), address(input.byte()));
        let kind = if kind < 200 { 1 } else { u16::from(kind & 0x3F) << 4 | 1 };
        let check = self.client.check_with(kind, input.bytes());
        self.send(source, check);
    }

    fn wait(&mut self, time: Duration) {
        pass(&mut self.node, &mut self.now, time);
        self.settle();
    }

    fn send(&mut self, source: SocketAddr, datagram: Vec<u8>) {
        if self.client.is_proof(&datagram) {
            self.proved.insert(source);
        }
        deliver(&mut self.node, self.now, source, datagram);
        self.settle();
    }

    fn settle(&mut self) {
        let transmits: Vec<(SocketAddr, Vec<u8>)> =
            self.node.transmits().map(|transmit| (transmit.destination, transmit.bytes.to_vec())).collect();
        self.node.clear_transmits();
        for (destination, bytes) in transmits {
            assert!(self.proved.contains(&destination), "{destination} has proved nothing and is sent something");
            assert!(!is_audio(&bytes), "sound without a speaker");
            if is_dtls(&bytes) {
                self.remember(&bytes);
                self.client.hear_dtls(&bytes);
            }
        }
        while let Some(event) = self.node.poll_event() {
            match event {
                Event::Connected { .. } => assert!(!self.proved.is_empty(), "connected without a proof"),
                Event::Closed { .. } => {}
                Event::Speaking { .. } => panic!("nobody has spoken"),
            }
        }
    }

    fn remember(&mut self, datagram: &[u8]) {
        if self.said.len() == REMEMBERED {
            self.said.remove(0);
        }
        self.said.push(datagram.to_vec());
    }

    fn pick(&self, input: &mut Input<'_>) -> Option<Vec<u8>> {
        let which = input.below(REMEMBERED) % self.said.len().max(1);
        self.said.get(which).filter(|datagram| !datagram.is_empty()).cloned()
    }

    /// Somebody else, who does all right.
    fn newcomer(mut self) {
        let mut client = Client::join(&mut self.node, self.now, 2, 1, Grants::ALL, NUMBERS);
        client.connect(&mut self.node, self.now, SocketAddr::from(([10, 1, 0, 9], 40_000)));
    }
}
