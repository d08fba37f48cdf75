// SPDX-License-Identifier: Apache-2.0
//! Who hears whom, in recordings.

use std::fs;
use std::net::UdpSocket;
use std::path::Path;

use serde_json::Value;

use crate::instance::Instance;
use crate::sound::{Heard, write_tone};

#[test]
fn two_clients_hear_each_other_and_not_themselves() {
    let instance = Instance::start();
    let tones = [("bia", 440.0, 44_100, 2), ("caio", 600.0, 48_000, 1)];
    let running = tones.map(|(username, hz, rate, channels)| {
        let tone = instance.file(&format!("{username}-tone.wav"));
        write_tone(&tone, hz, 5, rate, channels);
        let heard = instance.file(&format!("{username}.wav"));
        instance
            .guest(username)
            .with(&["--seconds", "5"])
            .with_file("--play", tone)
            .with_file("--record", heard)
            .spawn()
    });
    for client in running {
        client.wait().well();
    }
    for (username, own, others) in [("bia", 440.0, 600.0), ("caio", 600.0, 440.0)] {
        let heard = Heard::read(&instance.file(&format!("{username}.wav")));
        assert_eq!(heard.samples.len(), 5 * 48_000);
        assert!(heard.tenths_with(others) >= 20, "{username} heard {} tenths", heard.tenths_with(others));
        heard.assert_without(own);
    }
}

#[test]
fn of_three_clients_one_hears_both_others_at_once() {
    let instance = Instance::start();
    let speakers = [("bia", 440.0), ("caio", 600.0)].map(|(username, hz)| {
        let tone = instance.file(&format!("{username}-tone.wav"));
        write_tone(&tone, hz, 30, 48_000, 1);
        instance.guest(username).with_file("--play", tone).spawn()
    });
    instance.wait_for(&["bia", "caio"]);
    let listener = instance.guest("duda").with(&["--seconds", "3"]).with_file("--record", instance.file("heard.wav"));
    listener.run().well();
    for speaker in speakers {
        speaker.interrupt();
    }
    let heard = Heard::read(&instance.file("heard.wav"));
    let both = heard.amplitudes(440.0).into_iter().zip(heard.amplitudes(600.0));
    let both = both.filter(|(one, other)| *one > 2_000.0 && *other > 2_000.0).count();
    assert!(both >= 15, "both tones in {both} tenths of {}", heard.seconds());
}

#[test]
fn a_recording_is_as_long_as_the_stay_with_silence_where_nobody_speaks() {
    let instance = Instance::start();
    let listener = instance.guest("bia").with(&["--seconds", "8"]).with_file("--record", instance.file("heard.wav"));
    let listener = listener.spawn();
    instance.wait_for(&["bia"]);
    // A file of two seconds that is over before the listener leaves.
    let tone = instance.file("tone.wav");
    write_tone(&tone, 440.0, 2, 48_000, 1);
    instance.guest("caio").with_file("--play", tone).run().well();
    listener.wait().well();
    let heard = Heard::read(&instance.file("heard.wav"));
    assert_eq!(heard.samples.len(), 8 * 48_000);
    let with = heard.tenths_with(440.0);
    assert!((17..=21).contains(&with), "the tone is in {with} tenths");
    let (before, after) = heard.silence();
    assert!(before > 0.0 && after > 0.5, "{before} s and {after} s of silence");
}

#[test]
fn of_a_player_that_stood_still_the_whole_file_is_heard() {
    let instance = Instance::start();
    let listener = instance.guest("bia").with(&["--seconds", "9"]).with_file("--record", instance.file("heard.wav"));
    let listener = listener.spawn();
    instance.wait_for(&["bia"]);
    let tone = instance.file("tone.wav");
    write_tone(&tone, 440.0, 3, 48_000, 1);
    let player =
        instance.guest("caio").with_file("--play", tone).with_file("--stats-json", instance.file("stats.json"));
    let player = player.spawn();
    instance.wait_for(&["caio"]);
    for seconds in ["0.1", "0.4"] {
        player.stand_still(seconds);
    }
    player.wait().well();
    listener.wait().well();
    let stats: Value = serde_json::from_slice(&fs::read(instance.file("stats.json")).unwrap()).unwrap();
    assert_eq!(stats["packets_sent"], 150);
    let loud = Heard::read(&instance.file("heard.wav")).loud_seconds();
    assert!((2.96..=3.04).contains(&loud), "{loud} s of 3 s are heard");
}

#[test]
fn alone_in_the_room_all_is_silence() {
    let instance = Instance::start();
    instance.guest("bia").with(&["--seconds", "1.5"]).with_file("--record", instance.file("heard.wav")).run().well();
    let heard = Heard::read(&instance.file("heard.wav"));
    assert_eq!(heard.samples.len(), 72_000);
    assert!(heard.samples.iter().all(|sample| *sample == 0.0));
}

#[test]
fn whoever_is_muted_by_a_moderator_is_silence_in_the_recording() {
    let instance = Instance::start();
    let tone = instance.file("tone.wav");
    write_tone(&tone, 440.0, 30, 48_000, 1);
    let speaker = instance.guest("bia").with_file("--play", tone).spawn();
    instance.wait_for(&["bia"]);
    instance.mute("bia");
    let listener = instance.guest("caio").with(&["--seconds", "2"]).with_file("--record", instance.file("heard.wav"));
    listener.run().well();
    speaker.interrupt();
    let heard = Heard::read(&instance.file("heard.wav"));
    assert_eq!(heard.seconds(), 2.0);
    assert!(heard.samples.iter().all(|sample| *sample == 0.0));
}

#[test]
fn an_ogg_opus_file_is_played() {
    let instance = Instance::start();
    let listener = instance.guest("bia").with(&["--seconds", "4"]).with_file("--record", instance.file("heard.wav"));
    let listener = listener.spawn();
    instance.wait_for(&["bia"]);
    let opus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sounds/tone440-stereo.opus");
    instance.guest("caio").with_file("--play", opus).run().well();
    listener.wait().well();
    let heard = Heard::read(&instance.file("heard.wav"));
    let with = heard.tenths_with(440.0);
    assert!((3..=6).contains(&with), "the tone is in {with} tenths");
}

#[test]
fn voice_over_ipv6_alone_is_heard() {
    if let Err(error) = UdpSocket::bind("[::1]:0") {
        println!("SKIPPED: this machine has no IPv6 loopback ({error})");
        return;
    }
    let instance = Instance::start_with(&["::1"], &[]);
    let tone = instance.file("tone.wav");
    write_tone(&tone, 440.0, 30, 48_000, 1);
    let speaker = instance.guest("bia").with_file("--play", tone).spawn();
    instance.wait_for(&["bia"]);
    let listener = instance.guest("caio").with(&["--seconds", "2"]).with_file("--record", instance.file("heard.wav"));
    listener.run().well();
    speaker.interrupt();
    assert!(Heard::read(&instance.file("heard.wav")).tenths_with(440.0) >= 10);
}
