// SPDX-License-Identifier: Apache-2.0
//! The house's own laws, as far as text can tell: who may depend on whom, how long a file may be,
//! which names a file may not have, and that each file says its licence.

#![expect(clippy::unwrap_used, reason = "a file that can not be read fails the test")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

const LONGEST_FILE: usize = 600;

/// Files that may be longer, each with its reason.
const LONG_FILES: [(&str, &str); 0] = [];

/// Crate → crates of ours that it may use in what it ships.
fn allowed() -> BTreeMap<&'static str, &'static [&'static str]> {
    BTreeMap::from([
        ("domain", &[][..]),
        ("protocol", &["domain"]),
        ("media", &[]),
        ("storage", &["domain"]),
        ("bus", &["domain", "protocol"]),
        ("app", &["domain", "protocol", "storage", "bus"]),
        ("client", &["protocol"]),
        ("server", &["domain", "protocol", "storage", "bus", "app", "media"]),
    ])
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Dependencies of ours in the `[dependencies]` table of a crate.
fn depends_on(name: &str) -> BTreeSet<String> {
    let manifest = fs::read_to_string(root().join(format!("crates/{name}/Cargo.toml"))).unwrap();
    let mut table = "";
    let mut found = BTreeSet::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            table = line;
        } else if table == "[dependencies]"
            && let Some(rest) = line.strip_prefix("voz-")
        {
            found.insert(rest.split(['.', ' ', '=']).next().unwrap().to_owned());
        }
    }
    found
}

fn files(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if !["node_modules", "build", ".svelte-kit", "paraglide", "target"].contains(&name.as_str()) {
                files(&path, into);
            }
        } else {
            into.push(path);
        }
    }
}

/// Sources written by hand.
fn sources() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for folder in ["crates", "bench", "fuzz", "web/src", "web/tests", "web/scripts", "scripts"] {
        files(&root().join(folder), &mut found);
    }
    found
        .into_iter()
        .filter(|path| {
            let kind = path.extension().map(|kind| kind.to_string_lossy().into_owned()).unwrap_or_default();
            ["rs", "ts", "js", "svelte", "css", "html", "toml"].contains(&kind.as_str())
        })
        .map(|path| {
            let name = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
            let text = fs::read_to_string(&path).unwrap();
            (name, text)
        })
        .filter(|(name, _)| name != "web/src/lib/api/schema.ts")
        .collect()
}

#[test]
fn crates_depend_downwards_only() {
    for (name, allowed) in allowed() {
        for used in depends_on(name) {
            assert!(allowed.contains(&used.as_str()), "crates/{name} may not depend on voz-{used}");
        }
    }
}

#[test]
fn every_crate_has_its_place_in_the_list() {
    let mut crates: BTreeSet<String> = fs::read_dir(root().join("crates"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    assert!(crates.remove("testkit"), "the testkit is where this test lives");
    assert_eq!(crates, allowed().keys().map(|name| (*name).to_owned()).collect());
}

#[test]
fn the_sans_io_crates_do_no_io() {
    for (name, text) in sources() {
        let ships = !name.ends_with("tests.rs");
        let pure = ships && (name.starts_with("crates/media/src") || name.starts_with("crates/domain/src"));
        for word in ["tokio", "std::fs", "std::thread", "UdpSocket", "TcpStream", "Mutex"] {
            assert!(!(pure && text.contains(word)), "{name} mentions {word}");
        }
    }
}

#[test]
fn no_file_is_a_monster() {
    for (name, text) in sources() {
        let excused = LONG_FILES.iter().any(|(file, _)| *file == name);
        let lines = text.lines().count();
        assert!(excused || lines <= LONGEST_FILE, "{name} has {lines} lines");
    }
}

#[test]
fn no_file_is_named_after_nothing() {
    for (name, _) in sources() {
        let stem = Path::new(&name).file_stem().unwrap().to_string_lossy().into_owned();
        for empty in ["utils", "util", "helpers", "helper", "manager", "common", "misc"] {
            assert_ne!(stem, empty, "{name}");
        }
    }
}

#[test]
fn every_source_says_its_licence() {
    for (name, text) in sources() {
        let ours = !name.starts_with("web/src/lib/paraglide");
        assert!(
            !ours || text.lines().take(2).any(|line| line.contains("SPDX-License-Identifier: Apache-2.0")),
            "{name}"
        );
    }
}
