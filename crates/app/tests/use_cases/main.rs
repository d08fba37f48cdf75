// SPDX-License-Identifier: Apache-2.0
//! The use cases on a real store, SQLite and PostgreSQL, with a real bus: nothing is mocked.

#![expect(clippy::unwrap_used, reason = "tests")]

mod access;
mod accounts;
mod channels;
mod housekeeping;
mod invites;
mod life;
mod limits;
mod messages;
mod passwords;

mod sessions;
mod setup;
mod streams;
mod voice;
mod voice_mutes;
mod world;
