// SPDX-License-Identifier: Apache-2.0
//! `--stats-json` has the keys that docs/voz-client.md explains, and they are true.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::instance::{Instance, ROOM};
use crate::sound::write_tone;

/// The first column of the table of keys.
fn documented() -> BTreeSet<String> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/voz-client.md");
    let page = fs::read_to_string(page).unwrap();
    let table = page.split("## Statistics").nth(1).unwrap();
    table.lines().filter_map(|line| Some(line.strip_prefix("| `")?.split('`').next()?.to_owned())).collect()
}

#[test]
fn statistics_have_the_documented_keys_and_say_what_happened() {
    let instance = Instance::start();
    let tone = instance.file("tone.wav");
    write_tone(&tone, 440.0, 30, 48_000, 1);
    let speaker = instance.guest("bia").with_file("--play", tone.clone()).spawn();
    instance.wait_for(&["bia"]);
    let listener = instance.guest("caio").with(&["--seconds", "3"]).with_file("--play", tone);
    listener.with_file("--stats-json", instance.file("stats.json")).run().well();
    speaker.interrupt();

    let stats: Value = serde_json::from_slice(&fs::read(instance.file("stats.json")).unwrap()).unwrap();
    let keys: BTreeSet<String> = stats.as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys, documented());
    assert_eq!((stats["room"].as_str(), stats["ended"].as_str()), (Some(ROOM), Some("over")));
    assert_eq!((stats["seconds"].as_f64(), stats["slots"].as_u64()), (Some(3.0), Some(8)));
    let count = |key: &str| stats[key].as_u64().unwrap();
    assert!((50..=151).contains(&count("packets_sent")), "{stats}");
    assert!((50..=151).contains(&count("packets_received")), "{stats}");
    assert_eq!(count("packets_lost"), 0, "{stats}");
    assert!(count("bytes_received") > 10 * count("packets_received"));
    let heard = stats["heard"].as_object().unwrap();
    assert_eq!(heard.values().filter_map(Value::as_u64).sum::<u64>(), count("packets_received"));
    assert!(!heard.contains_key(&stats["voice_number"].to_string()), "it hears itself: {stats}");
    let ms = |key: &str| stats[key].as_f64().unwrap();
    assert!(0.0 < ms("connect_ms") && ms("connect_ms") <= ms("join_ms"), "{stats}");
    assert!(ms("join_to_first_audio_ms") > 0.0);
}
