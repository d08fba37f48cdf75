// SPDX-License-Identifier: Apache-2.0
//! Who is said to speak, and who gets a slot when there are more people than slots.

use std::collections::HashSet;

use voz_testkit::simulation::{Link, Sim, Voice, ms, seeds};

#[test]
fn speech_is_told_within_150_ms_and_its_end_within_400() {
    for seed in seeds(0..8) {
        let link = Link { jitter_ms: 15, ..Link::PERFECT };
        let mut sim = Sim::with_link(seed, link);
        let ana = sim.join(7, 8);
        sim.join(7, 8);
        sim.connect();
        sim.speak(ana, Voice::Level(-80));
        sim.run(ms(1_000 + seed * 7));
        assert_eq!(sim.speaking(7), [], "silence is no speech");
        let began = sim.elapsed();
        sim.speak(ana, Voice::Level(-30));
        sim.run(ms(2_000));
        let ended = sim.elapsed();
        sim.speak(ana, Voice::Level(-80));
        sim.run(ms(2_000));
        let told = sim.speaking(7);
        assert_eq!(told.len(), 2, "{told:?}");
        assert_eq!(told[0].1, [ana as u32]);
        assert!(told[0].0 - began <= ms(150), "told after {:?}", told[0].0 - began);
        assert_eq!(told[1].1, []);
        let after = told[1].0 - ended;
        assert!((ms(250)..=ms(400)).contains(&after), "the end was told after {after:?}");
    }
}

#[test]
fn a_pause_between_words_is_not_the_end() {
    let mut sim = Sim::new(1);
    let ana = sim.join(7, 8);
    sim.join(7, 8);
    sim.connect();
    for _ in 0..10 {
        sim.speak(ana, Voice::Level(-30));
        sim.run(ms(300));
        sim.speak(ana, Voice::Level(-75));
        sim.run(ms(200));
    }
    assert_eq!(sim.speaking(7).len(), 1);
}

#[test]
fn speech_ends_when_the_packets_stop_or_the_speaker_leaves() {
    let mut sim = Sim::new(2);
    let ana = sim.join(7, 8);
    let rui = sim.join(7, 8);
    sim.join(7, 8);
    sim.connect();
    sim.speak(ana, Voice::Level(-30));
    sim.speak(rui, Voice::Level(-30));
    sim.run(ms(500));
    assert_eq!(sim.speaking(7).last().unwrap().1, [ana as u32, rui as u32]);
    sim.speak(ana, Voice::Off);
    sim.run(ms(500));
    assert_eq!(sim.speaking(7).last().unwrap().1, [rui as u32]);
    sim.leave(rui);
    assert_eq!(sim.speaking(7).last().unwrap().1, Vec::<u32>::new());
}

#[test]
fn in_a_big_room_a_new_speaker_takes_the_place_of_a_silent_one() {
    let mut sim = Sim::new(3);
    let people: Vec<usize> = (0..12).map(|_| sim.join(7, 3)).collect();
    sim.connect();
    for who in &people {
        sim.speak(*who, Voice::Level(-90));
    }
    sim.run(ms(1_000));
    for speaker in [people[9], people[1], people[11], people[5]] {
        let (since, began) = (sim.now, sim.clients[speaker].spoken);
        sim.speak(speaker, Voice::Level(-25));
        sim.run(ms(600));
        for listener in people.iter().filter(|listener| **listener != speaker) {
            let client = &sim.clients[*listener];
            let first = client
                .heard
                .iter()
                .find(|heard| heard.from == speaker && heard.number >= began)
                .unwrap_or_else(|| panic!("{listener} does not hear {speaker}"));
            assert!(first.number - began <= 2, "{} packets were cut", first.number - began);
            assert!(client.heard_of(speaker, since) >= 25);
        }
        assert_eq!(sim.speaking(7).last().unwrap().1, [speaker as u32]);
        sim.speak(speaker, Voice::Level(-90));
        sim.run(ms(600));
    }
}

#[test]
fn in_a_big_room_nobody_hears_more_people_at_once_than_slots() {
    let mut sim = Sim::new(4);
    let people: Vec<usize> = (0..10).map(|_| sim.join(7, 3)).collect();
    sim.connect();
    for who in &people {
        sim.speak(*who, Voice::Level(-30));
    }
    sim.run(ms(3_000));
    for listener in &people {
        let heard = &sim.clients[*listener].heard;
        let speakers: HashSet<usize> = heard.iter().map(|packet| packet.from).collect();
        assert!((2..=3).contains(&speakers.len()), "{listener} hears {speakers:?}");
        // Nobody is clearly louder: nobody loses the place.
        let slots: HashSet<(usize, u32)> = heard.iter().map(|packet| (packet.from, packet.ssrc)).collect();
        assert_eq!(slots.len(), speakers.len(), "a speaker changed slots");
    }
    assert_eq!(sim.speaking(7).last().unwrap().1.len(), 3);
}

#[test]
fn somebody_clearly_louder_gets_the_quietest_speakers_place() {
    let mut sim = Sim::new(5);
    let people: Vec<usize> = (0..5).map(|_| sim.join(7, 2)).collect();
    sim.connect();
    sim.speak(people[0], Voice::Level(-30));
    sim.speak(people[1], Voice::Level(-40));
    sim.run(ms(1_000));
    sim.speak(people[2], Voice::Level(-37));
    sim.run(ms(2_000));
    assert_eq!(sim.clients[people[4]].heard_of(people[2], sim.start), 0);
    let since = sim.now;
    sim.speak(people[3], Voice::Level(-20));
    sim.run(ms(2_000));
    assert!(sim.clients[people[4]].heard_of(people[3], since) > 50);
    assert_eq!(sim.clients[people[4]].longest_gap(people[0], since, sim.now), ms(20));
    assert_eq!(sim.speaking(7).last().unwrap().1, [people[0] as u32, people[3] as u32]);
}
