// SPDX-License-Identifier: Apache-2.0
//! `voz-client join`: exit code 0 only if it joined and did what was asked.

mod join;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;
use voz_client::words::sentence;

/// A voice client without a screen.
///
/// It signs in, joins a room, plays a file into it and records what it hears. Passwords and tokens come from
/// files, never from the command line. RUST_LOG=debug tells more on standard error.
#[derive(Parser)]
#[command(name = "voz-client", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Join a room, play a file into it, record what is heard
    #[command(after_long_help = join::EXIT_CODES)]
    Join(join::Join),
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::builder().with_default_directive(LevelFilter::WARN.into()).from_env_lossy();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let Command::Join(join) = Cli::parse().command;
    match join.run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("voz-client: {}", sentence(&error));
            ExitCode::FAILURE
        }
    }
}
