// SPDX-License-Identifier: Apache-2.0
//! The command line. Results go to standard output, everything else to standard error.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::config::{self, Config, Flags};
use crate::http::origin::PublicUrl;
use crate::process;

mod admin;
mod migrate;
mod serve;

/// Voz do Povo: voice and text for communities, on your own machine.
#[derive(Debug, Parser)]
#[command(name = "voz", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server
    Serve(serve::Arguments),
    /// Look at the configuration
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Bring the database to this version, and end
    Migrate(Sources),
    /// Look after an instance
    #[command(subcommand)]
    Admin(admin::Command),
    /// Print the description of the HTTP API
    Openapi,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Read the configuration and say what is wrong with it
    Check(Sources),
    /// Print the reference of all keys
    Reference,
}

/// Where the configuration comes from.
#[derive(Debug, Clone, Default, Args)]
struct Sources {
    /// Configuration file [default: voz.toml in the data folder]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Folder of everything that is kept
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

impl Sources {
    fn load(self) -> anyhow::Result<Config> {
        self.load_with(None, None)
    }

    fn load_with(self, listen: Option<SocketAddr>, public_url: Option<PublicUrl>) -> anyhow::Result<Config> {
        Config::load(Flags { config: self.config, data_dir: self.data_dir, listen, public_url })
    }
}

/// Runs what the arguments of the process ask for.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("voz: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Serve(arguments) => {
            process::keep_heaps_few();
            runtime()?.block_on(serve::run(arguments))
        }
        Command::Config(ConfigCommand::Check(sources)) => {
            let config = sources.load()?;
            log_filter(&config)?;
            for variable in config::unknown_variables(std::env::vars_os().map(|(name, _)| name)) {
                eprintln!("voz: {variable} is not a setting: it changes nothing");
            }
            print(&format!("ok: {}\n", config.data_dir.display()))
        }
        Command::Config(ConfigCommand::Reference) => print(&config::reference()),
        Command::Migrate(sources) => runtime()?.block_on(migrate::run(&sources.load()?)),
        Command::Admin(command) => runtime()?.block_on(admin::run(command)),
        Command::Openapi => print(&crate::http::openapi::json()),
    }
}

/// To standard output; whoever reads it may have gone.
fn print(text: &str) -> anyhow::Result<()> {
    use anyhow::Context;
    std::io::stdout().write_all(text.as_bytes()).context("standard output")
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}

fn log_filter(config: &Config) -> anyhow::Result<tracing_subscriber::EnvFilter> {
    use anyhow::Context;
    tracing_subscriber::EnvFilter::builder().parse(&config.log).context("log")
}
