// SPDX-License-Identifier: Apache-2.0
//! Ends of a stay, wished for and not; the files are whole after each.

use std::fs;
use std::time::Duration;

use serde_json::Value;
use voz_client::clock::now;

use crate::instance::{Client, Instance};
use crate::sound::{Heard, write_tone};

/// Somebody who records and keeps statistics.
fn recorder(instance: &Instance, username: &str) -> Client {
    let client = instance.guest(username).with_file("--record", instance.file("heard.wav"));
    client.with_file("--stats-json", instance.file("stats.json"))
}

fn ended(instance: &Instance) -> String {
    let stats: Value = serde_json::from_slice(&fs::read(instance.file("stats.json")).unwrap()).unwrap();
    stats["ended"].as_str().unwrap().to_owned()
}

#[test]
fn ctrl_c_ends_a_stay_without_an_end_well_with_whole_files() {
    let instance = Instance::start();
    let client = recorder(&instance, "bia").spawn();
    instance.wait_for(&["bia"]);
    client.signal("INT");
    client.wait().well();
    assert!((0.0..30.0).contains(&Heard::read(&instance.file("heard.wav")).seconds()));
    assert_eq!(ended(&instance), "interrupted");
}

#[test]
fn ctrl_c_before_it_was_over_is_a_failure_with_whole_files() {
    let instance = Instance::start();
    let tone = instance.file("tone.wav");
    write_tone(&tone, 440.0, 60, 48_000, 1);
    for arguments in [["--seconds", "60"], ["--play", tone.to_str().unwrap()]] {
        let client = recorder(&instance, "bia").with(&arguments).spawn();
        instance.wait_for(&["bia"]);
        client.interrupt();
        assert!((0.0..30.0).contains(&Heard::read(&instance.file("heard.wav")).seconds()));
        assert_eq!(ended(&instance), "interrupted before it was over");
    }
}

#[test]
fn a_signal_to_terminate_is_a_failure_with_whole_files() {
    let instance = Instance::start();
    let client = recorder(&instance, "bia").spawn();
    instance.wait_for(&["bia"]);
    client.signal("TERM");
    client.wait().badly("told to end by a signal");
    Heard::read(&instance.file("heard.wav"));
    assert_eq!(ended(&instance), "told to end by a signal");
}

#[test]
fn a_server_that_is_killed_is_a_failure_with_whole_files() {
    let mut instance = Instance::start();
    let client = recorder(&instance, "bia").with(&["--seconds", "60"]).spawn();
    instance.wait_for(&["bia"]);
    instance.voz.kill();
    client.wait().badly("the connection to the server broke");
    Heard::read(&instance.file("heard.wav"));
    assert_eq!(ended(&instance), "the connection to the server broke");
}

#[test]
fn a_server_that_stands_still_does_not_hold_up_the_end() {
    let instance = Instance::start();
    let (url, close) = instance.behind_a_gate();
    let client = recorder(&instance, "bia").at_server(&url).spawn();
    instance.wait_for(&["bia"]);
    close.send(true).unwrap();
    let asked = now();
    client.signal("INT");
    client.wait().well();
    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
    assert_eq!(ended(&instance), "interrupted");
}

#[test]
fn whoever_is_taken_out_is_told_so() {
    let instance = Instance::start();
    let client = recorder(&instance, "bia").with(&["--seconds", "60"]).spawn();
    instance.wait_for(&["bia"]);
    instance.take_out("bia");
    client.wait().badly("a moderator took this person out of the room");
}

#[test]
fn whoever_joins_elsewhere_is_told_so() {
    let instance = Instance::start();
    let client = recorder(&instance, "bia").with(&["--seconds", "60"]).spawn();
    instance.wait_for(&["bia"]);
    instance.guest("bia").with(&["--seconds", "0.5"]).run().well();
    client.wait().badly("joined a room from another device");
}
