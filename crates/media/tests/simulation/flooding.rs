// SPDX-License-Identifier: Apache-2.0
//! A member who writes somebody else's address into its own checks can't have voice sent there. A
//! datagram of voice to an address that no client was seen at fails the simulation by itself.

use std::net::SocketAddr;

use is::stun::{StunMessage, TransId};
use is::{DefaultSha1HmacProvider, Sha1HmacProvider};
use voz_testkit::simulation::{Client, Sim, Voice, Who, ms};

/// Somebody who never had to do with this server.
const VICTIM: &str = "198.51.100.7:443";

fn victim() -> SocketAddr {
    VICTIM.parse().unwrap()
}

fn attribute<'a>(sdp: &'a str, name: &str) -> &'a str {
    sdp.lines().find_map(|line| line.strip_prefix(name)).unwrap()
}

/// A nomination that only this client, or whoever has its password, can make.
fn nomination(client: &Client, priority: u32) -> Vec<u8> {
    let (offer, answer) = (client.offer(), client.answer());
    let username = format!("{}:{}", attribute(answer, "a=ice-ufrag:"), attribute(&offer, "a=ice-ufrag:"));
    let password = attribute(answer, "a=ice-pwd:");
    let request = StunMessage::binding_request(&username, TransId::new(), true, 1, priority, true);
    written(&request, password)
}

fn written(message: &StunMessage<'_>, password: &str) -> Vec<u8> {
    let mut bytes = vec![0; 400];
    let hmac = |key: &[u8], payloads: &[&[u8]]| DefaultSha1HmacProvider.sha1_hmac(key, payloads);
    let length = message.to_bytes(Some(password.as_bytes()), &mut bytes, hmac).unwrap();
    bytes.truncate(length);
    bytes
}

/// Two in a room; the second one speaks.
fn room(seed: u64) -> (Sim, Who, Who) {
    let mut sim = Sim::new(seed);
    let ana = sim.join(7, 4);
    let rui = sim.join(7, 4);
    sim.connect();
    sim.speak(rui, Voice::Level(-20));
    sim.run(ms(500));
    (sim, ana, rui)
}

#[test]
fn forged_checks_after_silence_bring_the_victim_no_voice() {
    let (mut sim, ana, _) = room(1);
    sim.unplug(ana);
    sim.run(ms(400));
    let mut forged = 0;
    for _ in 0..100 {
        sim.inject(victim(), &nomination(&sim.clients[ana], 1));
        forged += 1;
        sim.run(ms(50));
    }
    let sent = sim.sent_to(victim());
    assert!(sent >= forged, "checks are answered: {sent}");
    assert!(sent <= 2 * forged + 3, "{sent} datagrams for {forged}");
}

#[test]
fn forged_checks_of_a_higher_priority_bring_the_victim_no_voice() {
    let (mut sim, ana, rui) = room(2);
    let since = sim.now;
    for _ in 0..20 {
        sim.inject(victim(), &nomination(&sim.clients[ana], u32::MAX));
        sim.run(ms(50));
    }
    assert!(sim.sent_to(victim()) <= 43);
    assert!(sim.delivery(rui, ana, since).heard > 45, "voice goes on to where it is wanted");
}

#[test]
fn answers_that_were_not_asked_for_prove_nothing() {
    let (mut sim, ana, _) = room(3);
    sim.unplug(ana);
    sim.run(ms(400));
    sim.inject(victim(), &nomination(&sim.clients[ana], 1));
    let offer = sim.clients[ana].offer();
    let password = attribute(&offer, "a=ice-pwd:");
    for _ in 0..100 {
        let answer = StunMessage::binding_reply(TransId::new(), victim());
        assert_eq!(sim.inject(victim(), &written(&answer, password)), 0);
        sim.run(ms(20));
    }
}

#[test]
fn a_check_forged_at_any_moment_of_the_handshake_brings_the_victim_no_voice() {
    for step in 0..30 {
        let mut sim = Sim::new(4);
        let rui = sim.join(7, 4);
        sim.connect();
        sim.speak(rui, Voice::Level(-20));
        let ana = sim.join(7, 4);
        for _ in 0..step {
            sim.run(ms(2));
        }
        sim.inject(victim(), &nomination(&sim.clients[ana], u32::MAX));
        sim.run_until(ms(10_000), "its own address is found", |sim| sim.said_connected(ana));
        let since = sim.now;
        sim.run(ms(1_000));
        assert!(sim.clients[ana].heard_of(rui, since) > 40, "forged {step} steps after the join");
    }
}

#[test]
fn a_handshake_sent_to_the_victim_is_short() {
    let mut sim = Sim::new(5);
    let ana = sim.join(7, 4);
    sim.inject(victim(), &nomination(&sim.clients[ana], u32::MAX));
    let is_dtls = |datagram: &&(SocketAddr, Vec<u8>)| matches!(datagram.1.first(), Some(20..=63));
    sim.run_until(ms(5_000), "DTLS begins", |sim| sim.recent.iter().any(|datagram| is_dtls(&datagram)));
    let (own, hello) = sim.recent.iter().find(is_dtls).unwrap().clone();
    sim.unplug(ana);
    for _ in 0..200 {
        sim.inject(own, &hello);
        sim.run(ms(50));
    }
    // An answer and four checks beside it.
    let sent = sim.sent_to(victim());
    assert!((6..=5 + 16).contains(&sent), "{sent} datagrams");
}

#[test]
fn a_check_forged_from_another_members_address_takes_no_voice_away() {
    let (mut sim, ana, rui) = room(6);
    let address = sim.clients[rui].public();
    let since = sim.now;
    for _ in 0..40 {
        sim.inject(address, &nomination(&sim.clients[ana], u32::MAX));
        sim.run(ms(25));
    }
    assert!(sim.delivery(rui, ana, since).heard > 45, "of 50");
}

#[test]
fn who_never_connects_cannot_hold_another_members_address() {
    let (mut sim, ana, rui) = room(7);
    let eve = sim.join(7, 4);
    sim.unplug(eve);
    let address = sim.clients[ana].public();
    for _ in 0..100 {
        sim.inject(address, &nomination(&sim.clients[eve], u32::MAX));
        sim.run(ms(200));
    }
    let since = sim.now;
    sim.run(ms(1_000));
    assert!(sim.delivery(rui, ana, since).heard > 45, "ana only listens, and is still there after 20 s");
}
