// SPDX-License-Identifier: Apache-2.0
//! Seeds that decide everything: people come, go, speak, are muted and move on bad networks. What must
//! always hold is in the simulator's oracle; what must come back is here.

use voz_media::{Event, Grants};

use voz_testkit::simulation::{Link, Rng, Sim, Voice, ms, seeds};

const ROOMS: u64 = 3;

fn any_grants(rng: &mut Rng) -> Grants {
    Grants { speak: rng.chance(60), hear: rng.chance(80) }
}

fn any_voice(rng: &mut Rng) -> Voice {
    match rng.below(5) {
        0 => Voice::Off,
        1 => Voice::Level(-85),
        2 => Voice::Untold(70),
        _ => Voice::Level(-(10 + rng.below(35) as i8)),
    }
}

/// Forty seconds of it. Who is still in, with the room.
fn turmoil(sim: &mut Sim, rng: &mut Rng) -> Vec<(usize, u64)> {
    let mut inside = Vec::new();
    for _ in 0..100 {
        let anyone = (!inside.is_empty()).then(|| rng.below(inside.len() as u64) as usize);
        match (rng.below(10), anyone) {
            (0..=2, _) | (_, None) if inside.len() < 16 => {
                let room = rng.below(ROOMS);
                let slots = 1 + rng.below(5) as usize;
                let grants = if rng.chance(70) { Grants::ALL } else { any_grants(rng) };
                inside.push((sim.join_with(room, slots, grants), room));
            }
            (3, Some(at)) => {
                let (who, _) = inside.swap_remove(at);
                match rng.below(3) {
                    0 => sim.close(who),
                    1 => sim.unplug(who),
                    _ => sim.leave(who),
                }
            }
            (4..=5, Some(at)) => sim.set_grants(inside[at].0, any_grants(rng)),
            // In the middle of a handshake DTLS would have to send again, when it likes.
            (6, Some(at)) if sim.clients[inside[at].0].connected => {
                let port = 50_000 + rng.below(10_000) as u16;
                sim.clients[inside[at].0].move_to_port(port);
            }
            (_, Some(at)) => sim.speak(inside[at].0, any_voice(rng)),
            (_, None) => {}
        }
        sim.run(ms(100 + rng.below(600)));
    }
    inside
}

#[test]
fn after_any_turmoil_those_who_stayed_hear_each_other() {
    for seed in seeds(0..12) {
        let mut rng = Rng::new(seed);
        let link = Link::any(&mut rng);
        let mut sim = Sim::with_link(seed, link);
        let stayed = turmoil(&mut sim, &mut rng);
        sim.link = Link { delay_ms: sim.link.longest().as_millis() as u64, ..Link::PERFECT };
        for (who, _) in &stayed {
            sim.speak(*who, Voice::Level(-90));
            sim.set_grants(*who, Grants::ALL);
        }
        sim.run(ms(20_000));
        assert!(stayed.len() >= 2, "seed {seed} leaves nobody");
        for (who, _) in &stayed {
            let closed = sim.closed(*who);
            assert!(sim.clients[*who].alive && closed.is_none(), "seed {seed} lost {who}: {closed:?}");
        }
        assert_eq!(sim.node.stats().peers, stayed.len(), "seed {seed}");
        for (speaker, room) in &stayed {
            let since = sim.now;
            sim.speak(*speaker, Voice::Level(-20));
            sim.run(ms(1_000));
            for (listener, _) in stayed.iter().filter(|(other, of)| other != speaker && of == room) {
                let count = sim.clients[*listener].heard_of(*speaker, since);
                assert!(
                    count as u64 > 45 - 2 * sim.link.delay_ms / 20,
                    "seed {seed}: {listener} heard {speaker} {count} times"
                );
            }
            let told = sim.speaking(*room).last().map(|(_, speakers)| speakers.clone());
            assert_eq!(told, Some(vec![*speaker as u32]), "seed {seed}");
            sim.speak(*speaker, Voice::Level(-90));
            sim.run(ms(1_000));
        }
        for (who, _) in &stayed {
            sim.leave(*who);
        }
        assert_eq!((sim.node.stats().peers, sim.node.stats().rooms), (0, 0));
    }
}

#[test]
fn what_is_told_of_speakers_always_changes_something() {
    let mut rng = Rng::new(99);
    let mut sim = Sim::with_link(99, Link::BAD);
    turmoil(&mut sim, &mut rng);
    for room in 0..ROOMS {
        let told = sim.speaking(room);
        assert!(told.iter().all(|(_, speakers)| speakers.is_sorted()));
    }
    let speaking = |event: &&Event| matches!(event, Event::Speaking { .. });
    assert!(sim.events.iter().map(|(_, event)| event).filter(speaking).count() > 10);
}

#[test]
fn the_same_seed_tells_the_same_story() {
    let story = |seed| {
        let mut rng = Rng::new(seed);
        let link = Link::any(&mut rng);
        let mut sim = Sim::with_link(seed, link);
        turmoil(&mut sim, &mut rng);
        sim.story()
    };
    let mut last = None;
    for seed in 0..2 {
        let told = story(seed);
        assert_eq!(told, story(seed), "seed {seed}");
        assert_ne!(last.replace(told), Some(told), "seed {seed}");
    }
}
