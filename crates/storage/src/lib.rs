// SPDX-License-Identifier: Apache-2.0
//! SQL truth on SQLite and PostgreSQL: one set of entities, migrations and queries for both.
//!
//! A change is made in [`Store::write`]: one transaction with the change, the next sequence numbers
//! of its streams and their event rows. It comes back as [`Committed`], which nobody but the
//! publisher can open before the events are taken along. Queries are free functions, one file a
//! noun; those that only read take any [`Source`], those that write take the [`Tx`].
//!
//! No rule is decided here: counters and states that race are checked in the statement that
//! changes them, and what that means is said by `domain`.
//!
//! Times are stored as µs since 1970-01-01T00:00:00Z; what is finer is cut off.

mod connect;
mod entities;
mod error;
mod folder;
mod group_commit;
mod migrations;
mod server_lock;
mod source;
mod store;
mod time_us;
mod transaction;

pub mod channels;
pub mod communities;
pub mod events;
pub mod instance;
pub mod invites;
pub mod members;
pub mod messages;
pub mod sessions;
pub mod setup_tokens;
pub mod users;
pub mod voice_mutes;

pub use error::{OpenError, StoreError};
pub use folder::make_folder;
pub use source::{Reader, Snapshot, Source};
pub use store::{Access, Store, StoreConfig, Work};
pub use time_us::to_stored_precision;
pub use transaction::{Committed, StoredEvent, Tx};
