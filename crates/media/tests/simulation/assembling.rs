// SPDX-License-Identifier: Apache-2.0
//! Rooms of any size, and both internets.

use std::collections::HashSet;

use voz_testkit::simulation::{Family, Link, Rng, Sim, Voice, ms, seeds};

#[test]
fn two_hundred_people_hear_three_who_speak() {
    for seed in seeds(0..1) {
        let mut rng = Rng::new(seed);
        let mut sim = Sim::with_link(seed, Link { jitter_ms: 10, ..Link::PERFECT });
        let families = [Family::V4, Family::V6, Family::Both];
        let people: Vec<usize> =
            (0..200).map(|who| sim.join_over(families[who % 3], 7, 1 + rng.below(4) as usize)).collect();
        sim.connect();
        // Microphones are open in the whole room: what is quiet must not push the speakers out.
        for who in people.iter().step_by(10) {
            sim.speak(*who, Voice::Level(-80));
        }
        sim.run(ms(500));
        let speakers = [people[17], people[101], people[199]];
        for count in 1..=speakers.len() {
            let speaking = &speakers[..count];
            sim.speak(speakers[count - 1], Voice::Level(-20));
            sim.run(ms(300));
            let since = sim.now;
            sim.run(ms(500));
            for to in &people {
                let others: Vec<usize> = speaking.iter().copied().filter(|from| from != to).collect();
                let slots = sim.clients[*to].slots();
                let whole = others.iter().filter(|from| sim.delivery(**from, *to, since).heard >= 23).count();
                assert!(
                    whole >= others.len().min(slots),
                    "seed {seed}: {to} with {slots} slots hears {whole} of {count}"
                );
            }
        }
        let told = sim.speaking(7).last().map(|(_, told)| told.iter().map(|number| *number as usize).collect());
        assert_eq!(told, Some(HashSet::from(speakers)), "seed {seed}");
        // Each listener costs its slots, whatever the size of the room.
        let before = sim.node.stats().packets_out;
        sim.run(ms(500));
        let slots: usize = people.iter().map(|who| sim.clients[*who].slots()).sum();
        let out = sim.node.stats().packets_out - before;
        assert!(out as usize <= slots * 26, "seed {seed}: {out} packets for {slots} slots");
    }
}

#[test]
fn whoever_has_ipv6_alone_talks_with_whoever_has_ipv4_alone() {
    let mut sim = Sim::new(1);
    let people = [Family::V4, Family::V6, Family::Both].map(|family| sim.join_over(family, 7, 4));
    sim.connect();
    for who in people {
        sim.speak(who, Voice::Level(-20));
    }
    let since = sim.now;
    sim.run(ms(2_000));
    for from in people {
        for to in people.into_iter().filter(|to| *to != from) {
            let delivery = sim.delivery(from, to, since);
            assert!(delivery.heard >= 98, "{from} to {to}: {delivery:?}");
        }
    }
    sim.set_grants(people[1], voz_media::Grants::NONE);
    sim.run(ms(100));
    let before: Vec<usize> = sim.clients.iter().map(|client| client.heard_of(people[1], sim.start)).collect();
    sim.run(ms(1_000));
    let after: Vec<usize> = sim.clients.iter().map(|client| client.heard_of(people[1], sim.start)).collect();
    assert_eq!(before, after);
}

#[test]
fn an_ipv6_address_that_changes_is_followed() {
    let mut sim = Sim::new(2);
    let ana = sim.join_over(Family::V6, 7, 4);
    let rui = sim.join_over(Family::Both, 7, 4);
    sim.connect();
    sim.speak(ana, Voice::Level(-20));
    sim.speak(rui, Voice::Level(-20));
    sim.run(ms(1_000));
    sim.clients[ana].move_to("[2001:db8::9]:51000".parse().unwrap());
    sim.run(ms(5_000));
    let since = sim.now;
    sim.run(ms(1_000));
    assert!(sim.delivery(ana, rui, since).heard > 45);
    assert!(sim.delivery(rui, ana, since).heard > 45);
}
