// SPDX-License-Identifier: Apache-2.0
//! A conversation that stays, among people who come, go, speak and are muted, on networks of every quality:
//! all of it arrives that the network lets through, and no gap is longer than the network's.

use voz_media::Grants;
use voz_testkit::simulation::{Delivery, Family, Link, Rng, Sim, Voice, ms, seeds};

const ROOM: u64 = 7;
const ELSEWHERE: u64 = 8;
/// The place of those who stay, and of two others at most.
const SLOTS: usize = 5;

/// Twenty seconds in which three people talk, and others come and go. Who stayed, and since when.
fn conversation(sim: &mut Sim, rng: &mut Rng) -> (Vec<usize>, std::time::Instant) {
    let families = [Family::V4, Family::V6, Family::Both];
    let stayed: Vec<usize> = (0..3).map(|_| sim.join_over(families[rng.below(3) as usize], ROOM, SLOTS)).collect();
    sim.connect();
    for who in &stayed {
        sim.speak(*who, Voice::Level(-20));
    }
    sim.run(ms(1_000));
    let since = sim.now;
    let mut guests: Vec<usize> = Vec::new();
    while sim.now - since < ms(20_000) {
        match rng.below(6) {
            0 | 1 if guests.len() < 2 => {
                let guest = sim.join_with(ROOM, SLOTS, Grants { speak: rng.chance(70), hear: rng.chance(80) });
                sim.speak(guest, Voice::Level(-(10 + rng.below(40) as i8)));
                guests.push(guest);
            }
            2 if !guests.is_empty() => {
                let guest = guests.swap_remove(rng.below(guests.len() as u64) as usize);
                if rng.chance(50) { sim.leave(guest) } else { sim.close(guest) }
            }
            3 | 4 if !guests.is_empty() => {
                let grants = Grants { speak: rng.chance(50), hear: rng.chance(70) };
                sim.set_grants(guests[rng.below(guests.len() as u64) as usize], grants);
            }
            _ => {
                let other = sim.join(ELSEWHERE, 1);
                sim.speak(other, Voice::Level(-15));
            }
        }
        sim.run(ms(200 + rng.below(800)));
    }
    (stayed, since)
}

/// Two links lose independently; duplicates give some back. Four standard deviations below is too little,
/// and a gap that such a network makes once in ten thousand conversations is too long.
fn as_whole_as_the_network(delivery: Delivery, link: Link, what: &str) {
    let under_way = 2.0 * (link.longest().as_millis() as f64 / 20.0 + 1.0);
    let passes = (1.0 - link.loss_percent as f64 / 100.0).powi(2);
    let said = delivery.said as f64 - under_way;
    let expected = said * passes - 4.0 * (said * passes * (1.0 - passes)).sqrt();
    assert!(delivery.heard as f64 >= expected, "{what}: {delivery:?}, expected {expected}");
    let in_a_row = if passes < 1.0 { ((said * 1e4).ln() / -(1.0 - passes).ln()).ceil() as u64 } else { 0 };
    let longest = ms(20 * (in_a_row + 1) + 2 * link.jitter_ms);
    assert!(delivery.longest_gap <= longest, "{what}: {delivery:?}, expected {longest:?}");
}

#[test]
fn a_conversation_arrives_as_whole_as_its_network_lets_it() {
    for seed in seeds(0..16) {
        let mut rng = Rng::new(seed);
        let link = Link::any(&mut rng);
        let mut sim = Sim::with_link(seed, link);
        let (stayed, since) = conversation(&mut sim, &mut rng);
        for from in &stayed {
            for to in stayed.iter().filter(|to| *to != from) {
                let delivery = sim.delivery(*from, *to, since);
                assert!(delivery.said >= 999, "seed {seed}: {delivery:?}");
                as_whole_as_the_network(delivery, link, &format!("seed {seed}, {from} to {to}, {link:?}"));
            }
        }
    }
}

#[test]
fn on_a_perfect_network_every_packet_arrives_every_20_ms() {
    for seed in seeds(0..8) {
        let mut rng = Rng::new(seed);
        let mut sim = Sim::new(seed);
        let (stayed, since) = conversation(&mut sim, &mut rng);
        let pairs: Vec<(usize, usize)> = stayed
            .iter()
            .flat_map(|from| stayed.iter().map(move |to| (*from, *to)))
            .filter(|(from, to)| from != to)
            .collect();
        for (from, to) in &pairs {
            let delivery = sim.delivery(*from, *to, since);
            assert!(delivery.longest_gap <= ms(20), "seed {seed}, {from} to {to}: {delivery:?}");
        }
        // What is under way arrives; nobody says more.
        for who in &stayed {
            sim.speak(*who, Voice::Off);
        }
        sim.run(ms(15));
        for (from, to) in &pairs {
            let delivery = sim.delivery(*from, *to, since);
            assert!(delivery.said >= 999, "seed {seed}: {delivery:?}");
            assert_eq!(delivery.heard, delivery.said, "seed {seed}, {from} to {to}");
        }
    }
}
