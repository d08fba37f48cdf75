// SPDX-License-Identifier: Apache-2.0
//! Measures the real binary from outside, on loopback, and writes `target/bench/results.json`.
//!
//! Seconds on a shared machine are noisy: compare figures of one run with each other, not runs. A
//! figure that was not measured is absent. Named parts (`joins`, `delay`, `load`) are measured alone.

mod bare;
mod delay;
mod files;
mod joins;
mod load;
mod people;
mod results;
mod server;

use std::process::ExitCode;

use results::Results;
use server::Server;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> anyhow::Result<()> {
    let mut results = Results::default();
    files::measure(&mut results)?;

    let mut server = Server::start().await?;
    let owner = people::set_up(&server).await?;
    server.measure_starts(&mut results).await?;
    let parts: Vec<String> = std::env::args().skip(1).collect();
    let wanted = |part: &str| parts.is_empty() || parts.iter().any(|named| named == part);
    if wanted("joins") {
        joins::measure(&server, &owner, &mut results).await?;
    }
    if wanted("delay") {
        delay::measure(&server, &owner, &mut results).await?;
    }
    if wanted("load") {
        load::measure(&server, &owner, &mut results).await?;
    }
    server.stop().await?;

    results.write()
}
