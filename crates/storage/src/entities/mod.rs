// SPDX-License-Identifier: Apache-2.0
//! The tables as they are now, one file each; `migrations` says how they came to be so.
//! Columns that end in `_at` are µs since the Unix epoch.

pub(crate) mod channels;
pub(crate) mod communities;
pub(crate) mod events;
pub(crate) mod instance;
pub(crate) mod invites;
pub(crate) mod members;
pub(crate) mod messages;
pub(crate) mod passwords;
pub(crate) mod rule_acceptances;
pub(crate) mod sessions;
pub(crate) mod setup_tokens;
pub(crate) mod streams;
pub(crate) mod users;
