// SPDX-License-Identifier: Apache-2.0
//! The media driver: a thread with a UDP socket for the sans-IO SFU of `voz-media`, and the task that
//! brings its events to `app`.

mod addresses;
mod driver;
mod socket;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rand::RngCore;
use tokio::sync::mpsc;
use voz_app::voice::VoiceControl;
use voz_app::voice::media::{MediaCommand, MediaEvent};
use voz_media::{Certificate, NodeConfig};

use driver::Driver;
use socket::VoiceSocket;

/// Places in the queue of commands; who finds it full waits.
const COMMAND_QUEUE: usize = 1024;
/// Places in the queue of events; while it is full only the newest word on who speaks is kept.
const EVENT_QUEUE: usize = 1024;

/// What voice needs to know of the configuration.
#[derive(Debug, Clone)]
pub struct VoiceConfig {
    /// UDP port; 0 lets the kernel choose.
    pub port: u16,
    /// Addresses to advertise; empty: those of the interfaces.
    pub advertise: Vec<IpAddr>,
}

/// A running media thread, as control sees it.
pub struct Voice {
    /// Where commands go; when all senders are gone the thread ends.
    pub commands: mpsc::Sender<MediaCommand>,
    /// What the thread tells.
    pub events: mpsc::Receiver<MediaEvent>,
    /// Advertised addresses with the port.
    pub candidates: Vec<SocketAddr>,
    /// The thread itself.
    pub thread: JoinHandle<()>,
}

/// Voice could not be started.
#[derive(Debug, thiserror::Error)]
pub enum VoiceStartError {
    /// The UDP port can't be had.
    #[error("the voice port {port}/udp can't be opened")]
    Socket {
        /// Which.
        port: u16,
        /// Why.
        source: io::Error,
    },
    /// The addresses of this host can't be listed, or there are none.
    #[error("no address to advertise for voice: {0}")]
    Addresses(io::Error),
    /// No certificate or no thread.
    #[error("voice can't start: {0}")]
    Other(String),
}

/// Opens the socket and starts the media thread.
///
/// # Errors
/// [`VoiceStartError`]: the port is in use, or the host has no address.
pub fn start(config: &VoiceConfig) -> Result<Voice, VoiceStartError> {
    let socket =
        VoiceSocket::bind(config.port).map_err(|source| VoiceStartError::Socket { port: config.port, source })?;
    let port = socket.port().map_err(|source| VoiceStartError::Socket { port: config.port, source })?;
    let candidates: Vec<SocketAddr> = addresses::advertised(&config.advertise)
        .map_err(VoiceStartError::Addresses)?
        .into_iter()
        .map(|address| SocketAddr::new(address, port))
        .collect();
    if candidates.is_empty() {
        return Err(VoiceStartError::Addresses(io::ErrorKind::AddrNotAvailable.into()));
    }
    let other = |error: &dyn std::fmt::Display| VoiceStartError::Other(error.to_string());
    let certificate = Certificate::generate().map_err(|error| other(&error))?;
    let mut seed = [0; 32];
    rand::rng().fill_bytes(&mut seed);
    let node = NodeConfig::new(certificate, candidates.clone(), seed);
    let (commands, command_queue) = mpsc::channel(COMMAND_QUEUE);
    let (event_queue, events) = mpsc::channel(EVENT_QUEUE);
    let driver = Driver::new(node, socket, command_queue, event_queue).map_err(|error| other(&error))?;
    let thread = std::thread::Builder::new()
        .name("media".to_owned())
        .spawn(move || {
            if let Err(error) = driver.run() {
                tracing::error!(%error, "the media thread stopped: the server ends");
            }
        })
        .map_err(|error| other(&error))?;
    Ok(Voice { commands, events, candidates, thread })
}

/// Brings what the media thread tells to `app`, and ends voices that nobody claimed. Runs until the
/// thread is gone.
pub async fn attend(control: VoiceControl, mut events: mpsc::Receiver<MediaEvent>) {
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    loop {
        tokio::select! {
            event = events.recv() => match event {
                Some(event) => control.media_event(event).await,
                None => return,
            },
            _ = tick.tick() => control.end_unclaimed(now()).await,
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the driver is where the media clock comes from")]
fn now() -> Instant {
    Instant::now()
}
