// SPDX-License-Identifier: Apache-2.0
//! The server under measurement: its own process, data folder and limits.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail};
use tempfile::TempDir;
use tokio::process::{Child, Command};
use voz_client::clock::now;

use crate::results::{Results, quantile};

/// The binary under measurement.
pub const VOZ: &str = "target/release/voz";
const STARTS: usize = 5;
const READY_GOAL_MS: f64 = 2000.0;
const IDLE_GOAL_MB: f64 = 100.0;
const READY_DEADLINE: Duration = Duration::from_secs(20);

/// Limits that a load from one address needs: by configuration, no address is exempt.
const CONFIGURATION: &str = r#"
log = "warn"
[voice]
advertise = ["127.0.0.1"]
[limits.rates]
sign_up_per_network = "100000/1s"
sign_in_per_network = "100000/1s"
invite_look_up_per_network = "100000/1s"
gateway_per_network = "100000/1s"
gateway_command_per_session = "100000/1s"
voice_join_per_user = "100000/1s"
"#;

/// A running server.
pub struct Server {
    child: Child,
    folder: TempDir,
    port: u16,
}

impl Server {
    /// Starts one on a fresh data folder.
    ///
    /// # Errors
    /// When it does not become ready.
    pub async fn start() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        fs::write(folder.path().join("voz.toml"), CONFIGURATION)?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut server = Self { child: spawn(&folder, port)?, folder, port };
        server.ready().await?;
        Ok(server)
    }

    /// Where a browser would open it.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// A fresh set-up token, by the command that an owner would use.
    ///
    /// # Errors
    /// When the command fails.
    pub async fn setup_token(&self) -> anyhow::Result<String> {
        let made =
            Command::new(VOZ).args(["admin", "setup-link", "--data-dir"]).arg(self.folder.path()).output().await?;
        let text = String::from_utf8_lossy(&made.stdout);
        let token = text.split_whitespace().find_map(|word| word.split_once("/setup#"));
        Ok(token.with_context(|| format!("no set-up link: {text}"))?.1.to_owned())
    }

    /// Notes start-to-ready of starts on existing data, and the memory of the idle process.
    ///
    /// # Errors
    /// When a start fails.
    pub async fn measure_starts(&mut self, results: &mut Results) -> anyhow::Result<()> {
        let mut times = Vec::new();
        for _ in 0..STARTS {
            self.end().await?;
            let begun = now();
            self.child = spawn(&self.folder, self.port)?;
            self.ready().await?;
            times.push(begun.elapsed().as_secs_f64() * 1000.0);
        }
        results.note("ready_ms", quantile(&mut times, 0.5), Some(READY_GOAL_MS));
        results.note("idle_rss_mb", self.resident_kb()? / 1024.0, Some(IDLE_GOAL_MB));
        Ok(())
    }

    /// Resident memory, kB.
    ///
    /// # Errors
    /// When the process is gone.
    pub fn resident_kb(&self) -> anyhow::Result<f64> {
        let status = fs::read_to_string(self.proc("status")?)?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        Ok(line.trim().trim_end_matches("kB").trim().parse()?)
    }

    /// Processor time of the process so far, user and system, µs.
    ///
    /// # Errors
    /// When the process is gone.
    pub fn cpu_us(&self) -> anyhow::Result<f64> {
        cpu_us_of(&self.proc("stat")?)
    }

    /// Ends it.
    ///
    /// # Errors
    /// When the process can't be waited for.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        self.end().await
    }

    async fn end(&mut self) -> anyhow::Result<()> {
        self.child.kill().await?;
        Ok(())
    }

    async fn ready(&mut self) -> anyhow::Result<()> {
        let begun = now();
        let (http, url) = (reqwest::Client::new(), format!("{}/readyz", self.url()));
        while begun.elapsed() < READY_DEADLINE {
            if http.get(&url).send().await.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(());
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("voz serve ended: {status}");
            }
            tokio::task::yield_now().await;
        }
        bail!("voz serve is not ready after {} s", READY_DEADLINE.as_secs())
    }

    fn proc(&self, file: &str) -> anyhow::Result<PathBuf> {
        let id = self.child.id().context("voz serve is gone")?;
        Ok(PathBuf::from(format!("/proc/{id}/{file}")))
    }
}

fn spawn(folder: &TempDir, port: u16) -> anyhow::Result<Child> {
    Command::new(VOZ)
        .args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--data-dir"])
        .arg(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("{VOZ} does not start"))
}

/// Processor time so far of the process or thread whose `/proc/…/stat` this is, user and system, µs.
///
/// # Errors
/// When it is gone.
pub fn cpu_us_of(stat: &Path) -> anyhow::Result<f64> {
    let stat = fs::read_to_string(stat)?;
    // The second field is the name in brackets, which may hold spaces; utime and stime are 14 and 15.
    let fields: Vec<&str> = stat.rsplit(')').next().context("no stat")?.split_whitespace().collect();
    let ticks: f64 =
        fields.get(11).context("utime")?.parse::<f64>()? + fields.get(12).context("stime")?.parse::<f64>()?;
    Ok(ticks * 1e6 / ticks_per_second()?)
}

fn ticks_per_second() -> anyhow::Result<f64> {
    let output = std::process::Command::new("getconf").arg("CLK_TCK").output()?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().parse()?)
}
