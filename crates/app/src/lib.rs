// SPDX-License-Identifier: Apache-2.0
//! Use cases, called by HTTP, gateway and command line alike: load, let `domain` decide, write, publish.
//!
//! [`App`] has them all, one file per noun. Invariants: nobody gets at a community but through
//! [`voz_domain::access`]; a durable change is one transaction with its events, and only what was
//! committed is published. Not covered: HTTP, sockets, packets.

mod access;
mod accounts;
mod actors;
mod channels;
mod errors;
mod events;
mod fields;
mod housekeeping;
mod instance;
mod invites;
mod limits;
mod members;
mod messages;
mod moment;
mod passwords;
mod sessions;
mod setup;
pub mod streams;
mod tokens;
pub mod voice;
mod voice_mutes;
mod wire;

use std::sync::Arc;
use std::time::Instant;

use voz_bus::Bus;
use voz_domain::ids::InstanceEpoch;
use voz_domain::limits::Limits;
use voz_storage::Store;

pub use accounts::Privilege;
pub use actors::{Actor, ClientAddress};
pub use errors::{AppError, AppResult, Fields};
pub use housekeeping::{ENDED_SESSIONS_KEPT, EVENTS_KEPT, Pruned};
pub use instance::Life;
pub use messages::Sent;
pub use moment::Moment;
pub use passwords::{PasswordConfig, Passwords};
pub use sessions::IssuedSession;
pub use setup::EarlierTokens;
pub use tokens::Token;

use sessions::FamilySeal;
use streams::Cursors;
use voice::VoiceControl;

/// What the use cases work with.
pub struct AppConfig {
    /// The truth.
    pub store: Store,
    /// Fan-out and counters.
    pub bus: Bus,
    /// The rooms of this node.
    pub voice: VoiceControl,
    /// How much of anything there may be.
    pub limits: Limits,
    /// How much of the machine passwords may take.
    pub passwords: PasswordConfig,
    /// This life of the server.
    pub life: Life,
    /// Version of the server, for clients to see.
    pub version: String,
    /// The monotonic clock at the start.
    pub started: Instant,
}

/// The use cases. Cheap to clone.
#[derive(Clone)]
pub struct App {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    bus: Bus,
    voice: VoiceControl,
    limits: Limits,
    passwords: Passwords,
    /// Acts of moderation reach SQL and the rooms in the same order.
    moderation: tokio::sync::Mutex<()>,
    cursors: Cursors,
    families: FamilySeal,
    epoch: InstanceEpoch,
    version: String,
    started: Instant,
}

impl App {
    /// Puts the parts together.
    pub fn new(config: AppConfig) -> Self {
        let AppConfig { store, bus, voice, limits, passwords, life, version, started } = config;
        App {
            inner: Arc::new(Inner {
                store,
                bus,
                voice,
                limits,
                passwords: Passwords::new(passwords),
                moderation: tokio::sync::Mutex::default(),
                cursors: Cursors::new(&life.secret_key.0),
                families: FamilySeal::new(&life.secret_key),
                epoch: life.epoch,
                version,
                started,
            }),
        }
    }

    /// This life of the server.
    pub fn epoch(&self) -> InstanceEpoch {
        self.inner.epoch
    }

    /// The rooms of this node.
    pub fn voice(&self) -> &VoiceControl {
        &self.inner.voice
    }

    pub(crate) fn store(&self) -> &Store {
        &self.inner.store
    }

    pub(crate) fn bus(&self) -> &Bus {
        &self.inner.bus
    }
}
