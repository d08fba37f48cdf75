// SPDX-License-Identifier: Apache-2.0
//! `voz serve`.

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context;
use tokio::signal::unix::{SignalKind, signal};

use super::{Sources, log_filter, print};
use crate::http::origin::PublicUrl;
use crate::process;
use crate::start::{Running, start};
use crate::web::WebClient;

/// Arguments of `voz serve`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    sources: Sources,
    /// Address and port of HTTP; voice takes the UDP port of the same number
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// Where browsers reach this instance
    #[arg(long, value_name = "URL", value_parser = PublicUrl::parse)]
    public_url: Option<PublicUrl>,
    /// Serve the web client from a folder instead of the one in this binary
    #[arg(long, value_name = "DIR")]
    web_dir: Option<PathBuf>,
}

/// Runs the server until it is told to stop.
pub async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let config = arguments.sources.load_with(arguments.listen, arguments.public_url)?;
    tracing_subscriber::fmt()
        .with_env_filter(log_filter(&config)?)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    let files = process::allow_open_files();
    let needed = u64::from(config.limits.connections);
    if let Some(files) = files.filter(|files| *files <= needed) {
        tracing::warn!(files, needed, "the system allows fewer open files than `limits.connections`");
    }
    // Before the first await: a signal that comes early must not be lost.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;

    let web = match arguments.web_dir {
        Some(folder) => WebClient::Folder(folder),
        None => WebClient::embedded(),
    };
    let mut running = start(&config, web).await.context("voz could not start")?;
    // Nobody may be there to read it.
    drop(print(&greeting(&running)));

    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
        part = running.failed() => anyhow::bail!("{part} ended by itself; start the server again"),
    }
    tracing::info!("stopping");
    tokio::select! {
        () = running.stop() => {}
        // Asked twice: at once.
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

fn greeting(running: &Running) -> String {
    let url = &running.url;
    let mut text = format!("\n  Voz do Povo\n\n    {url}\n");
    if let Some(link) = &running.setup_link {
        text += &format!(
            "\n  Para começar, abra este link. Ele vale uma vez.\
             \n  To begin, open this link. It works once.\n\n    {link}\n"
        );
    }
    text + "\n"
}
