// SPDX-License-Identifier: Apache-2.0
//! Whatever comes from outside, the node stays up, says nothing to strangers and serves its peers.

use std::net::SocketAddr;

use voz_testkit::simulation::{Link, Rng, Sim, Voice, ms, seeds};

const STRANGER: &str = "203.0.113.9:5000";

/// A datagram that never was valid, of each of the kinds that share the port.
fn noise(rng: &mut Rng) -> Vec<u8> {
    let length = match rng.below(4) {
        0 => rng.below(4),
        1 => rng.below(40),
        2 => rng.below(300),
        _ => rng.below(1600),
    };
    let mut bytes: Vec<u8> = (0..length).map(|_| rng.any() as u8).collect();
    let first = [0, 1, 20, 22, 23, 63, 128, 144, 191, rng.any() as u8];
    if let Some(byte) = bytes.first_mut() {
        *byte = first[rng.below(first.len() as u64) as usize];
    }
    if rng.chance(30) && bytes.len() > 13 {
        // A believable STUN length and cookie, or a DTLS version and length.
        let body = (bytes.len() - 20.min(bytes.len())) as u16;
        let record = (bytes.len() - 13) as u16;
        match bytes[0] {
            0 | 1 => {
                bytes[2..4].copy_from_slice(&body.to_be_bytes());
                bytes[4..8].copy_from_slice(&[0x21, 0x12, 0xA4, 0x42]);
            }
            _ => {
                bytes[1..3].copy_from_slice(&[0xFE, 0xFD]);
                bytes[11..13].copy_from_slice(&record.to_be_bytes());
            }
        }
    }
    bytes
}

/// A datagram that was valid, bent.
fn bent(rng: &mut Rng, datagram: &[u8]) -> Vec<u8> {
    let mut bytes = datagram.to_vec();
    for _ in 0..=rng.below(3) {
        let at = rng.below(bytes.len().max(1) as u64) as usize;
        match rng.below(4) {
            0 if !bytes.is_empty() => bytes[at] ^= 1 << rng.below(8),
            1 => bytes.truncate(at),
            2 => bytes.insert(at.min(bytes.len()), rng.any() as u8),
            _ if !bytes.is_empty() => bytes[at] = rng.any() as u8,
            _ => bytes.push(0),
        }
    }
    bytes
}

fn storm(sim: &mut Sim, rng: &mut Rng, datagrams: usize) {
    for _ in 0..datagrams {
        let known = sim.clients[rng.below(sim.clients.len() as u64) as usize].public();
        let stranger: SocketAddr = STRANGER.parse().unwrap();
        let recent = sim.recent.len() as u64;
        let (source, bytes) = if rng.chance(50) || recent == 0 {
            (if rng.chance(70) { known } else { stranger }, noise(rng))
        } else {
            let (source, datagram) = &sim.recent[rng.below(recent) as usize];
            let source = if rng.chance(70) { *source } else { stranger };
            (source, bent(rng, datagram))
        };
        sim.inject(source, &bytes);
    }
}

#[test]
fn a_storm_of_garbage_harms_no_conversation() {
    let mut rng = Rng::new(1);
    let mut sim = Sim::new(1);
    let ana = sim.join(7, 4);
    let rui = sim.join(7, 4);
    sim.connect();
    sim.speak(ana, Voice::Level(-20));
    sim.speak(rui, Voice::Level(-20));
    for _ in 0..100 {
        sim.run(ms(100));
        storm(&mut sim, &mut rng, 200);
    }
    let since = sim.now;
    sim.run(ms(1_000));
    assert!(sim.clients[rui].heard_of(ana, since) > 45);
    assert!(sim.clients[ana].heard_of(rui, since) > 45);
    assert_eq!((sim.closed(ana), sim.closed(rui)), (None, None));
    assert!(sim.node.stats().datagrams_refused > 10_000);
}

#[test]
fn a_storm_of_garbage_during_handshakes_breaks_nothing_but_those() {
    for seed in seeds(0..6) {
        let mut rng = Rng::new(seed);
        let mut sim = Sim::with_link(seed, Link { jitter_ms: 30, ..Link::PERFECT });
        for _ in 0..6 {
            sim.join(rng.below(2), 4);
            for _ in 0..20 {
                sim.run(ms(5));
                storm(&mut sim, &mut rng, 20);
            }
        }
        sim.run(ms(20_000));
        let ana = sim.join(9, 4);
        let rui = sim.join(9, 4);
        sim.run_until(ms(10_000), "newcomers connect", |sim| sim.clients[ana].connected && sim.clients[rui].connected);
        let since = sim.now;
        sim.speak(ana, Voice::Level(-20));
        sim.run(ms(1_000));
        assert!(sim.clients[rui].heard_of(ana, since) > 40);
    }
}

#[test]
fn a_replayed_packet_is_not_forwarded_again() {
    let mut sim = Sim::new(3);
    let ana = sim.join(7, 4);
    sim.join(7, 4);
    sim.connect();
    sim.speak(ana, Voice::Level(-20));
    sim.run(ms(2_000));
    let audio: Vec<_> = sim.recent.iter().filter(|(_, bytes)| bytes[0] >= 128).cloned().collect();
    assert!(audio.len() > 40);
    for (source, bytes) in audio {
        assert_eq!(sim.inject(source, &bytes), 0);
    }
}

#[test]
fn a_check_repeated_from_a_thousand_addresses_ends_no_voice() {
    let mut sim = Sim::new(5);
    let ana = sim.join(7, 4);
    let rui = sim.join(7, 4);
    sim.connect();
    sim.speak(rui, Voice::Level(-20));
    sim.run(ms(1_000));
    let (own, address) = (sim.clients[ana].public(), |port| SocketAddr::from(([203, 0, 113, 9], port)));
    let is_anas_check = |datagram: &&(SocketAddr, Vec<u8>)| datagram.0 == own && datagram.1[0] < 4;
    let check = sim.recent.iter().rfind(is_anas_check).unwrap().1.clone();
    let since = sim.now;
    for port in 1_000..2_000 {
        sim.inject(address(port), &check);
        sim.run(ms(1));
    }
    sim.run(ms(1_000));
    assert_eq!(sim.closed(ana), None);
    assert!(sim.delivery(rui, ana, since).heard > 90, "of 100");
    // Its own new address is found as before.
    sim.clients[ana].move_to("172.20.0.9:51000".parse().unwrap());
    sim.run(ms(3_000));
    let since = sim.now;
    sim.run(ms(1_000));
    assert!(sim.delivery(rui, ana, since).heard > 45, "of 50");
}

#[test]
fn strangers_get_no_answer() {
    let mut sim = Sim::new(4);
    sim.join(7, 4);
    sim.connect();
    let check = sim.recent.iter().find(|(_, bytes)| bytes[0] < 4).unwrap().1.clone();
    let stranger = STRANGER.parse().unwrap();
    for at in 0..check.len() {
        for bit in 0..8 {
            let mut forged = check.clone();
            forged[at] ^= 1 << bit;
            let answers = sim.inject(stranger, &forged);
            // FINGERPRINT is a checksum, not a secret: the last eight bytes prove nothing.
            assert!(answers == 0 || at >= check.len() - 8, "bit {bit} of byte {at} is not protected");
        }
    }
    let audio: Vec<_> = sim.recent.iter().filter(|(_, bytes)| bytes[0] >= 20).cloned().collect();
    // Whoever repeats a whole check is believed, as ICE is; another stranger is not.
    let stranger = "203.0.113.10:5000".parse().unwrap();
    for (_, bytes) in audio {
        assert_eq!(sim.inject(stranger, &bytes), 0);
    }
    // A binding request as anybody may send it, without credentials.
    let mut plain = vec![0; 20];
    plain[1] = 1;
    plain[4..8].copy_from_slice(&[0x21, 0x12, 0xA4, 0x42]);
    assert_eq!(sim.inject(stranger, &plain), 0);
}
