// SPDX-License-Identifier: Apache-2.0
//! Measures the real binary from outside, on loopback, and writes `target/bench/results.json`.
//!
//! Seconds on a shared machine are noisy: compare figures of one run with each other, not runs. A
//! figure that was not measured is absent. Named parts (`joins`, `delay`, `load`) are measured alone.

mod bare;
mod crowd;
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
use tokio::runtime::Runtime;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    let mut results = Results::default();
    files::measure(&mut results)?;

    let prompt = Runtime::new()?;
    let mut server = prompt.block_on(Server::start())?;
    let owner = prompt.block_on(people::set_up(&server))?;
    prompt.block_on(server.measure_starts(&mut results))?;
    let parts: Vec<String> = std::env::args().skip(1).collect();
    let wanted = |part: &str| parts.is_empty() || parts.iter().any(|named| named == part);
    if wanted("joins") {
        prompt.block_on(joins::measure(&server, &owner, &mut results))?;
    }
    if wanted("delay") {
        prompt.block_on(delay::measure(&server, &owner, &mut results))?;
    }
    if wanted("load") {
        let paced = load::paced()?;
        prompt.block_on(load::measure(&server, &owner, paced.handle(), &mut results))?;
    }
    prompt.block_on(server.stop())?;

    results.write()
}
