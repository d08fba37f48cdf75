// SPDX-License-Identifier: Apache-2.0
//! Who hears whom, and how whole it arrives.

use std::collections::HashSet;

use voz_media::Grants;

use voz_testkit::simulation::{Link, Sim, Voice, ms};

#[test]
fn two_people_hear_each_other() {
    let mut sim = Sim::new(1);
    let ana = sim.join(7, 8);
    let rui = sim.join(7, 8);
    sim.connect();
    let since = sim.now;
    sim.speak(ana, Voice::Level(-20));
    sim.speak(rui, Voice::Level(-25));
    sim.run(ms(2_000));
    for (listener, speaker, level) in [(ana, rui, -25), (rui, ana, -20)] {
        let client = &sim.clients[listener];
        assert!(client.heard.iter().all(|packet| packet.from == speaker));
        assert!(client.heard.iter().all(|packet| packet.level == Some(level)));
        let count = client.heard_of(speaker, since);
        assert!((98..=101).contains(&count), "{listener} heard {count} packets");
        assert_eq!(client.heard[0].number, 0, "the first word is cut");
        assert!(client.heard[0].marker);
        assert!(client.heard[1..].iter().all(|packet| !packet.marker));
    }
}

#[test]
fn nobody_is_heard_across_rooms() {
    let mut sim = Sim::new(2);
    let rooms: Vec<[usize; 2]> = (0..4).map(|room| [sim.join(room, 4), sim.join(room, 4)]).collect();
    sim.connect();
    let since = sim.now;
    for who in rooms.iter().flatten() {
        sim.speak(*who, Voice::Level(-20));
    }
    sim.run(ms(1_000));
    for [one, other] in rooms {
        let speakers: HashSet<usize> = sim.clients[one].heard.iter().map(|packet| packet.from).collect();
        assert_eq!(speakers, HashSet::from([other]));
        assert!(sim.clients[one].heard_of(other, since) > 45);
    }
    assert_eq!(sim.node.stats().rooms, 4);
}

#[test]
fn people_coming_and_going_cut_nobody() {
    let mut sim = Sim::new(3);
    let ana = sim.join(7, 8);
    let rui = sim.join(7, 8);
    sim.connect();
    sim.speak(ana, Voice::Level(-20));
    sim.run(ms(500));
    let since = sim.now;
    for _ in 0..3 {
        let third = sim.join(7, 8);
        sim.connect();
        sim.speak(third, Voice::Level(-30));
        sim.run(ms(500));
        assert!(sim.clients[third].heard_of(ana, since) > 20);
        assert!(sim.clients[rui].heard_of(third, since) > 20);
        sim.leave(third);
        sim.run(ms(500));
    }
    let of_ana: Vec<_> = sim.clients[rui].heard.iter().filter(|packet| packet.from == ana).collect();
    assert_eq!(sim.clients[rui].longest_gap(ana, since, sim.now), ms(20));
    assert!(of_ana.windows(2).all(|pair| pair[1].sequence == pair[0].sequence + 1));
    assert!(of_ana.windows(2).all(|pair| pair[1].ssrc == pair[0].ssrc));
    assert!(of_ana[1..].iter().all(|packet| !packet.marker));
}

#[test]
fn a_slot_that_changes_hands_stays_one_stream() {
    let mut sim = Sim::new(4);
    let listener = sim.join(7, 1);
    let speakers = [sim.join(7, 1), sim.join(7, 1), sim.join(7, 1)];
    sim.connect();
    for round in 0..6 {
        let speaker = speakers[round % 3];
        sim.speak(speaker, Voice::Level(-20));
        sim.run(ms(400));
        sim.speak(speaker, Voice::Off);
        sim.run(ms(600));
    }
    let heard = &sim.clients[listener].heard;
    assert_eq!(heard.iter().map(|packet| packet.from).collect::<HashSet<_>>().len(), 3);
    assert_eq!(heard.iter().map(|packet| packet.ssrc).collect::<HashSet<_>>().len(), 1);
    for pair in heard.windows(2) {
        assert_eq!(pair[1].sequence, pair[0].sequence + 1);
        let ticks = u64::from(pair[1].timestamp.wrapping_sub(pair[0].timestamp));
        let elapsed = (pair[1].at - pair[0].at).as_micros() as u64 * 48 / 1000;
        assert!(ticks.abs_diff(elapsed) <= 960, "{ticks} ticks in {elapsed} ticks' time");
        assert_eq!(pair[1].marker, pair[1].from != pair[0].from);
    }
}

#[test]
fn without_voice_activity_in_the_packets_people_are_heard_too() {
    let mut sim = Sim::new(5);
    let ana = sim.join(7, 8);
    let rui = sim.join(7, 8);
    sim.connect();
    let since = sim.now;
    sim.speak(ana, Voice::Untold(60));
    sim.run(ms(1_000));
    assert!(sim.clients[rui].heard_of(ana, since) > 45);
    assert!(sim.clients[rui].heard.iter().all(|packet| packet.level.is_none()));
    assert_eq!(sim.speaking(7).last().map(|(_, speakers)| speakers.clone()), Some(vec![ana as u32]));
}

#[test]
fn a_bad_network_loses_what_it_loses_and_no_more() {
    let mut sim = Sim::with_link(6, Link::BAD);
    let ana = sim.join(7, 8);
    let rui = sim.join(7, 8);
    sim.connect();
    let since = sim.now;
    sim.speak(ana, Voice::Level(-20));
    sim.run(ms(20_000));
    let numbers: Vec<u32> = sim.clients[rui].heard.iter().map(|packet| packet.number).collect();
    let distinct: HashSet<u32> = numbers.iter().copied().collect();
    assert_eq!(distinct.len(), numbers.len(), "a packet came twice");
    // Two lossy links: 0.9 × 0.9, and the duplicates give some back.
    let count = sim.clients[rui].heard_of(ana, since);
    assert!((770..=880).contains(&count), "{count} of 1000 packets");
    let stats = sim.node.peer_stats(voz_media::PeerId(ana as u64)).unwrap();
    let lost = stats.lost_in as f64 / 1000.0;
    assert!((0.05..0.15).contains(&lost), "the node counted {lost} lost");
}

#[test]
fn the_deafened_hear_nothing_until_they_hear_again() {
    let mut sim = Sim::new(8);
    let ana = sim.join(7, 8);
    let rui = sim.join_with(7, 8, Grants { speak: true, hear: false });
    sim.connect();
    sim.speak(ana, Voice::Level(-20));
    sim.run(ms(1_000));
    assert_eq!(sim.clients[rui].audio_datagrams, 0);
    sim.set_grants(rui, Grants::ALL);
    let since = sim.now;
    sim.run(ms(1_000));
    assert!(sim.clients[rui].heard_of(ana, since) > 45);
    sim.set_grants(rui, Grants::NONE);
    sim.run(ms(50));
    let before = sim.clients[rui].audio_datagrams;
    sim.run(ms(1_000));
    assert_eq!(sim.clients[rui].audio_datagrams, before);
    sim.set_grants(rui, Grants::ALL);
    sim.run(ms(1_000));
    let heard = &sim.clients[rui].heard;
    assert!(heard.windows(2).all(|pair| pair[1].sequence == pair[0].sequence + 1));
}

#[test]
fn whoever_has_fewer_slots_than_the_room_hears_those_who_speak() {
    let mut sim = Sim::new(9);
    let few = sim.join(7, 2);
    let others: Vec<usize> = (0..6).map(|_| sim.join(7, 8)).collect();
    sim.connect();
    for other in &others {
        sim.speak(*other, Voice::Level(-90));
    }
    sim.run(ms(1_000));
    for speaker in &others {
        let since = sim.now;
        sim.speak(*speaker, Voice::Level(-20));
        sim.run(ms(500));
        let count = sim.clients[few].heard_of(*speaker, since);
        assert!(count >= 20, "{speaker} was heard {count} times");
        sim.speak(*speaker, Voice::Level(-90));
        sim.run(ms(500));
    }
}

#[test]
fn a_flood_of_one_member_reaches_nobody_beyond_the_measure_of_a_voice() {
    let mut sim = Sim::new(11);
    let ana = sim.join(7, 4);
    let rui = sim.join(7, 4);
    sim.connect();
    let (address, now) = (sim.clients[rui].public(), sim.now);
    sim.speak(rui, Voice::Level(-20));
    let flood = sim.clients[rui].record(now, 3_000);
    for thirty in flood.chunks(30) {
        for (_, datagram) in thirty {
            sim.inject(address, datagram);
        }
        sim.run(ms(10));
    }
    // A second's worth ahead, and a second's.
    let heard = sim.clients[ana].heard_of(rui, now);
    assert!((390..=401).contains(&heard), "heard {heard} of 3000");
    assert_eq!(sim.node.stats().packets_over_measure, 3_000 - heard as u64);
}

#[test]
fn whoever_skips_sequence_numbers_leaves_nobody_deaf() {
    let mut sim = Sim::new(12);
    let ana = sim.join(7, 1);
    let rui = sim.join(7, 1);
    let eve = sim.join(7, 1);
    sim.connect();
    let (address, now) = (sim.clients[eve].public(), sim.now);
    sim.speak(eve, Voice::Level(-20));
    let skipping: Vec<_> = sim.clients[eve].record(now, 60_000).into_iter().step_by(200).collect();
    sim.inject(address, &skipping[0].1);
    sim.run(ms(100));
    // Ana's network is away for two seconds.
    sim.clients[ana].unplugged = true;
    for (_, datagram) in &skipping {
        sim.inject(address, datagram);
        sim.run(ms(7));
    }
    sim.clients[ana].unplugged = false;
    sim.run(ms(1_000));
    let since = sim.now;
    sim.speak(rui, Voice::Level(-20));
    sim.run(ms(1_000));
    assert!(sim.clients[ana].heard_of(rui, since) > 45, "of 50");
}
