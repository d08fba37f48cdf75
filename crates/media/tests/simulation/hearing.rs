// SPDX-License-Identifier: Apache-2.0
//! Who hears whom.

use crate::sim::{Sim, Voice, ms};

#[test]
fn two_people_hear_each_other_and_nobody_else() {
    let mut sim = Sim::new(1);
    let ana = sim.join(7, 8);
    let rui = sim.join(7, 8);
    sim.connect();
    let since = sim.now;
    sim.speak(ana, Voice::Level(-20));
    sim.speak(rui, Voice::Level(-25));
    sim.run(ms(2_000));
    for (listener, speaker) in [(ana, rui), (rui, ana)] {
        let heard = &sim.clients[listener].heard;
        assert!(heard.iter().all(|packet| packet.from == speaker));
        assert!(heard.iter().all(|packet| packet.csrc == [speaker as u32]));
        let count = sim.clients[listener].heard_of(speaker, since);
        assert!((98..=101).contains(&count), "{listener} heard {count} packets");
    }
    assert!(sim.clients[rui].heard.iter().all(|packet| packet.level == Some(-20)));
}
