// SPDX-License-Identifier: Apache-2.0
//! What fuzzing found worth keeping is replayed at every `make test`.

#![expect(clippy::unwrap_used, reason = "a corpus that can not be read fails the test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use voz_hostile::TARGETS;

/// A file in the repository is worth its bytes.
const LARGEST_FILE_BYTES: u64 = 16 * 1024;
const MOST_FILES: usize = 64;

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn names_in(folder: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(fuzz().join(folder)).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect()
}

fn corpus(target: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(fuzz().join("corpus").join(target)).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn replay(target: &str) {
    let (_, run) = TARGETS.into_iter().find(|(name, _)| *name == target).unwrap();
    let files = corpus(target);
    assert!(!files.is_empty());
    for file in files {
        // Named when the body panics: output of a test that passes is not shown.
        println!("{}", file.display());
        run(&fs::read(&file).unwrap());
    }
}

macro_rules! replayed {
    ($($target:ident)*) => {
        $(#[test]
        fn $target() {
            replay(stringify!($target));
        })*

        #[test]
        fn every_target_has_a_body_an_entry_a_corpus_and_a_test() {
            let bodies: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
            let tests = BTreeSet::from([$(stringify!($target).to_owned()),*]);
            assert_eq!(bodies, tests);
            assert_eq!(bodies, names_in("fuzz_targets"));
            assert_eq!(bodies, names_in("corpus"));
        }
    };
}

replayed! { bodies config cursors datagrams gateway handshake http rtcp rtp sdp srtp tokens }

#[test]
fn corpora_stay_small() {
    for (target, _) in TARGETS {
        let files = corpus(target);
        assert!(files.len() <= MOST_FILES, "{target} has {} files", files.len());
        for file in files {
            let bytes = fs::metadata(&file).unwrap().len();
            assert!(bytes <= LARGEST_FILE_BYTES, "{} has {bytes} bytes", file.display());
        }
    }
}
