// SPDX-License-Identifier: Apache-2.0
//! Grants are enforced per packet.

use voz_media::Grants;

use voz_testkit::simulation::{Sim, Voice, ms};

const MUTED: Grants = Grants { speak: false, hear: true };

#[test]
fn from_the_instant_of_a_mute_not_one_packet_goes_out() {
    let mut sim = Sim::new(1);
    let ana = sim.join(7, 8);
    let rui = sim.join(7, 8);
    sim.connect();
    sim.speak(ana, Voice::Level(-20));
    for _ in 0..3 {
        let since = sim.now;
        sim.run(ms(1_000));
        assert!(sim.clients[rui].heard_of(ana, since) > 45);
        let out_before = sim.node.stats().packets_out;
        sim.set_grants(ana, MUTED);
        sim.run(ms(1_000));
        assert_eq!(sim.node.stats().packets_out, out_before);
        assert_eq!(sim.speaking(7).last().unwrap().1, Vec::<u32>::new());
        sim.set_grants(ana, Grants::ALL);
    }
    let heard = &sim.clients[rui].heard;
    assert!(heard.windows(2).all(|pair| pair[1].sequence == pair[0].sequence + 1));
    assert_eq!(heard.iter().filter(|packet| packet.marker).count(), 3);
}

#[test]
fn whoever_joins_muted_is_not_heard_and_not_shown() {
    let mut sim = Sim::new(2);
    let ana = sim.join_with(7, 8, MUTED);
    let rui = sim.join(7, 8);
    sim.connect();
    sim.speak(ana, Voice::Level(-10));
    sim.run(ms(2_000));
    assert_eq!(sim.clients[rui].audio_datagrams, 0);
    assert_eq!(sim.speaking(7), []);
    assert!(sim.node.stats().packets_muted > 90);
}

#[test]
fn after_half_an_hour_of_mute_speech_comes_back_whole() {
    let mut sim = Sim::new(3);
    let ana = sim.join(7, 2);
    let rui = sim.join(7, 2);
    sim.connect();
    sim.speak(ana, Voice::Level(-20));
    sim.run(ms(1_000));
    sim.set_grants(ana, MUTED);
    // More packets than a sequence number counts: the roll-over counter moves unheard.
    sim.run(ms(1_400_000));
    sim.set_grants(ana, Grants::ALL);
    let since = sim.now;
    sim.run(ms(1_000));
    assert!(sim.clients[ana].spoken > 70_000);
    assert!(sim.clients[rui].heard_of(ana, since) > 45);
}
