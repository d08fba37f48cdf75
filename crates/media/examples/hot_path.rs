// SPDX-License-Identifier: Apache-2.0
//! The hot path alone, for an instruction counter: `scripts/instructions` counts what the functions
//! named `counted_…` spend, and divides by the packets that are printed here.

#![expect(clippy::unwrap_used, reason = "what can't be prepared can't be counted")]

use std::hint::black_box;
use std::net::SocketAddr;
use std::time::Instant;

use voz_media::Node;
use voz_media::srtp::{DtlsRole, MAX_OVERHEAD_BYTES, Opener, Profile, Sealer, SrtpKeys};
use voz_testkit::simulation::{NODE, Sim, Voice, ms};

/// People in the room, and how many of them speak.
const PEOPLE: usize = 10;
const SPEAKERS: usize = 3;
/// Packets of each speaker; those before them make every buffer warm.
const PACKETS: usize = 400;
const WARM: usize = 60;
/// Packets that are sealed and opened by themselves.
const SEALED: u16 = 1000;
/// 12 bytes of header, 20 ms of Opus at 32 kbit/s.
const HEADER_BYTES: usize = 12;
const PACKET_BYTES: usize = HEADER_BYTES + 80;

struct Datagram {
    at: Instant,
    source: SocketAddr,
    bytes: Vec<u8>,
}

fn main() {
    let mut sim = Sim::new(1);
    let people: Vec<usize> = (0..PEOPLE).map(|_| sim.join(7, 4)).collect();
    sim.connect();
    for who in &people {
        sim.speak(*who, Voice::Level(-20));
    }
    sim.run(ms(1_000));
    let now = sim.now;
    let mut datagrams: Vec<Datagram> = Vec::new();
    for who in &people[..SPEAKERS] {
        let source = sim.clients[*who].public();
        let recorded = sim.clients[*who].record(now, PACKETS);
        datagrams.extend(recorded.into_iter().map(|(at, bytes)| Datagram { at, source, bytes }));
    }
    datagrams.sort_by_key(|datagram| datagram.at);
    let (warm, counted) = datagrams.split_at_mut(WARM);
    forward(&mut sim.node, warm);
    let before = sim.node.stats().packets_out;
    counted_forward(&mut sim.node, counted);
    let forwarded = sim.node.stats().packets_out - before;
    assert_eq!(forwarded as usize, (SPEAKERS * PACKETS - WARM) * (PEOPLE - 1));
    println!("forward {forwarded}");

    let material: Vec<u8> = (0..88).collect();
    let keys = |role| SrtpKeys::from_keying_material(Profile::AeadAes256Gcm, &material, role).unwrap();
    let sealer = Sealer::new(&keys(DtlsRole::Client).local).unwrap();
    let mut opener = Opener::new(&keys(DtlsRole::Server).remote).unwrap();
    let mut packets: Vec<[u8; PACKET_BYTES + MAX_OVERHEAD_BYTES]> = (0..SEALED).map(plain).collect();
    let length = counted_seal(&sealer, &mut packets);
    counted_open(&mut opener, &mut packets, length);
    println!("seal {SEALED}\nopen {SEALED}");
}

fn plain(sequence: u16) -> [u8; PACKET_BYTES + MAX_OVERHEAD_BYTES] {
    let mut packet = [0xAA; PACKET_BYTES + MAX_OVERHEAD_BYTES];
    packet[..2].copy_from_slice(&[0x80, 111]);
    packet[2..4].copy_from_slice(&sequence.to_be_bytes());
    packet
}

/// From the datagram to what is ready for the socket, for everyone in the room.
#[inline(never)]
fn counted_forward(node: &mut Node, datagrams: &mut [Datagram]) {
    forward(node, datagrams);
}

#[inline(always)]
fn forward(node: &mut Node, datagrams: &mut [Datagram]) {
    let destination = NODE.parse().unwrap();
    for datagram in datagrams {
        node.handle_input(datagram.at, datagram.source, destination, &mut datagram.bytes);
        if node.pending() >= 64 {
            for transmit in node.transmits() {
                black_box(transmit);
            }
            node.clear_transmits();
        }
    }
}

#[inline(never)]
fn counted_seal(sealer: &Sealer, packets: &mut [[u8; PACKET_BYTES + MAX_OVERHEAD_BYTES]]) -> usize {
    let mut length = 0;
    for (packet, sequence) in packets.iter_mut().zip(0..) {
        length = sealer.seal_rtp(packet, HEADER_BYTES, PACKET_BYTES, sequence).unwrap();
    }
    length
}

#[inline(never)]
fn counted_open(opener: &mut Opener, packets: &mut [[u8; PACKET_BYTES + MAX_OVERHEAD_BYTES]], length: usize) {
    for packet in packets {
        opener.open_rtp(&mut packet[..length]).unwrap();
    }
}
