// SPDX-License-Identifier: Apache-2.0
//! How peers come and go.

use std::time::Duration;

use voz_media::{CloseReason, Event, Grants, Join, PeerId, RoomId};

use voz_testkit::simulation::{Family, Link, Sim, Voice, ms, seeds};

#[test]
fn whoever_sends_nothing_for_15_seconds_is_closed() {
    let mut sim = Sim::new(1);
    let ana = sim.join(7, 8);
    let rui = sim.join(7, 8);
    sim.connect();
    sim.speak(ana, Voice::Level(-20));
    sim.run(ms(1_000));
    let unplugged = sim.elapsed();
    sim.unplug(ana);
    sim.run(ms(20_000));
    let (at, reason) = sim.closed(ana).unwrap();
    assert_eq!(reason, CloseReason::Silent);
    let after = at - unplugged;
    assert!((ms(14_900)..=ms(16_100)).contains(&after), "closed after {after:?}");
    assert_eq!(sim.closed(rui), None, "checks alone keep a silent listener");
    assert_eq!(sim.speaking(7).last().unwrap().1, Vec::<u32>::new());
    assert_eq!(sim.node.stats().peers, 1);
}

#[test]
fn whoever_never_connects_is_closed() {
    let mut sim = Sim::new(2);
    let ana = sim.join(7, 8);
    sim.unplug(ana);
    sim.run(ms(17_000));
    assert_eq!(sim.closed(ana).unwrap().1, CloseReason::NotConnected);
    assert_eq!((sim.node.stats().peers, sim.node.stats().rooms), (0, 0));
}

#[test]
fn another_certificate_than_the_offers_is_refused() {
    let mut sim = Sim::new(3);
    let rui = sim.join(7, 8);
    let thief = sim.join_offering(7, 8, Grants::ALL, Family::V4, |offer| {
        let at = offer.find("a=fingerprint:sha-256 ").unwrap() + "a=fingerprint:sha-256 ".len();
        let other = if &offer[at..at + 2] == "00" { "11" } else { "00" };
        format!("{}{other}{}", &offer[..at], &offer[at + 2..])
    });
    sim.speak(thief, Voice::Level(-20));
    sim.run(ms(3_000));
    assert_eq!(sim.closed(thief).unwrap().1, CloseReason::Fingerprint);
    assert!(!sim.said_connected(thief));
    assert_eq!(sim.clients[rui].audio_datagrams, 0);
}

#[test]
fn whoever_is_taken_out_is_told() {
    let mut sim = Sim::new(4);
    let ana = sim.join(7, 8);
    let rui = sim.join(7, 8);
    sim.connect();
    sim.speak(rui, Voice::Level(-20));
    sim.run(ms(500));
    sim.leave(ana);
    sim.run(ms(100));
    assert!(!sim.clients[ana].alive, "no close_notify came");
    let before = sim.clients[ana].audio_datagrams;
    sim.run(ms(1_000));
    assert_eq!(sim.clients[ana].audio_datagrams, before);
    assert_eq!(sim.closed(ana), None, "the driver asked for it");
    sim.leave(rui);
    assert_eq!((sim.node.stats().peers, sim.node.stats().rooms), (0, 0));
}

#[test]
fn a_client_that_says_goodbye_is_gone_at_once() {
    let mut sim = Sim::new(5);
    let ana = sim.join(7, 8);
    sim.connect();
    sim.close(ana);
    sim.run(ms(100));
    assert_eq!(sim.closed(ana).unwrap().1, CloseReason::CloseNotify);
}

#[test]
fn dtls_state_is_dropped_and_voice_goes_on() {
    let mut sim = Sim::configured(6, Link::PERFECT, |config| {
        config.dtls_retention = Duration::from_secs(2);
    });
    let ana = sim.join(7, 8);
    let rui = sim.join(7, 8);
    sim.connect();
    sim.run(ms(4_000));
    let since = sim.now;
    sim.speak(ana, Voice::Level(-20));
    sim.run(ms(1_000));
    assert!(sim.clients[rui].heard_of(ana, since) > 45);
    sim.leave(rui);
    sim.run(ms(200));
    assert!(sim.clients[rui].alive, "nothing was left to say close_notify with");
}

#[test]
fn a_phone_that_changes_networks_goes_on_talking() {
    for seed in seeds(0..4) {
        let mut sim = Sim::new(seed);
        let ana = sim.join(7, 8);
        let rui = sim.join(7, 8);
        sim.connect();
        sim.speak(ana, Voice::Level(-20));
        sim.speak(rui, Voice::Level(-20));
        sim.run(ms(1_000 + 333 * seed));
        sim.clients[ana].move_to("172.20.0.9:51000".parse().unwrap());
        sim.run(ms(5_000));
        let since = sim.now;
        sim.run(ms(1_000));
        assert!(sim.clients[ana].heard_of(rui, since) > 45, "the path did not follow");
        assert!(sim.clients[rui].heard_of(ana, since) > 45, "the new address is not known");
        assert_eq!(sim.closed(ana), None);
    }
}

#[test]
fn a_second_join_of_a_peer_replaces_the_first() {
    let mut sim = Sim::new(7);
    let ana = sim.join(7, 8);
    sim.connect();
    let offer = sim.clients[ana].offer();
    let join = Join { peer: PeerId(ana as u64), room: RoomId(8), voice_number: 3, offer: &offer, grants: Grants::ALL };
    sim.node.join(sim.now, join).unwrap();
    sim.settle();
    sim.run(ms(100));
    assert!(!sim.clients[ana].alive);
    assert_eq!((sim.node.stats().peers, sim.node.stats().rooms), (1, 1));
    let closed = |event: &Event| matches!(event, Event::Closed { .. });
    assert!(!sim.events.iter().any(|(_, event)| closed(event)));
}

#[test]
fn an_offer_that_cannot_be_answered_changes_nothing() {
    let mut sim = Sim::new(8);
    let ana = sim.join(7, 8);
    sim.connect();
    for offer in ["", "v=0", "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"] {
        let join = Join { peer: PeerId(ana as u64), room: RoomId(7), voice_number: 1, offer, grants: Grants::ALL };
        assert!(sim.node.join(sim.now, join).is_err());
    }
    sim.run(ms(500));
    assert!(sim.clients[ana].alive);
    assert_eq!(sim.node.stats().peers, 1);
}

#[test]
fn reports_measure_the_path() {
    let link = Link { delay_ms: 30, ..Link::PERFECT };
    let mut sim = Sim::with_link(9, link);
    let ana = sim.join(7, 8);
    let rui = sim.join(7, 8);
    sim.connect();
    sim.speak(ana, Voice::Level(-20));
    sim.run(ms(20_000));
    let stats = sim.node.peer_stats(PeerId(rui as u64)).unwrap();
    let round_trip = stats.round_trip_ms.unwrap();
    assert!((55.0..70.0).contains(&round_trip), "{round_trip} ms");
    assert_eq!(stats.loss_out, 0.0);
    assert!(sim.clients[rui].heard.last().unwrap().sender_report);
    let stats = sim.node.peer_stats(PeerId(ana as u64)).unwrap();
    assert_eq!(stats.lost_in, 0);
    assert!(stats.jitter_in_ms < 1.0);
}
