// SPDX-License-Identifier: Apache-2.0
//! The real `voz` binary as a process of its own: what is proved with it is proved of what is shipped.

#![expect(clippy::unwrap_used, reason = "without the server a test can't go on")]

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

use tempfile::TempDir;

/// Limits that tests from one address reach.
const RATES: [&str; 4] =
    ["sign_up_per_network", "sign_in_per_network", "invite_look_up_per_network", "gateway_per_network"];
const NO_RATE: &str = "100000/1s";

/// A running `voz serve` on a fresh data folder. Ends with the value.
pub struct Voz {
    /// Where a browser would open it.
    pub url: String,
    /// The one-time token of the set-up link.
    pub setup_token: String,
    child: Child,
    folder: TempDir,
    /// Kept open: a process whose output nobody takes is ended by its next word.
    _output: BufReader<ChildStdout>,
}

impl Voz {
    /// Starts it, with voice at loopback addresses, which no packet of a test leaves, and without limits but
    /// these, by name. Returns when it is ready.
    pub fn start(advertise: &[&str], rates: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut configuration = format!("log = \"info\"\n[voice]\nadvertise = {advertise:?}\n");
        configuration += "[limits]\ndrain_s = 0\n[limits.rates]\n";
        for name in RATES {
            let rate = rates.iter().find(|(limited, _)| *limited == name).map_or(NO_RATE, |(_, rate)| *rate);
            configuration += &format!("{name} = {rate:?}\n");
        }
        fs::write(folder.path().join("voz.toml"), configuration).unwrap();
        let log = File::create(folder.path().join("log")).unwrap();
        let mut child = Command::new(binary("voz"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        // It greets once it is ready, the set-up link last.
        let mut line = String::new();
        let link = loop {
            line.clear();
            if output.read_line(&mut line).unwrap() == 0 {
                let log = fs::read_to_string(folder.path().join("log")).unwrap();
                panic!("voz serve did not start: {log}");
            }
            if line.contains("/setup#") {
                break line.trim();
            }
        };
        let (url, setup_token) = link.split_once("/setup#").unwrap();
        Voz { url: url.to_owned(), setup_token: setup_token.to_owned(), child, folder, _output: output }
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    /// Ends it as `kill -9` does.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Voz {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("voz serve logged:\n{}", self.log());
        }
    }
}

/// A binary of this workspace, where the running test was built.
pub fn binary(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let path = test.parent().and_then(|deps| deps.parent()).unwrap().join(name);
    assert!(path.exists(), "{} is not there: `cargo build --release --workspace` makes it", path.display());
    path
}
