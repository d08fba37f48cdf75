// SPDX-License-Identifier: Apache-2.0
//! Everything that the store promises, on SQLite and on a real PostgreSQL, and what SQLite alone
//! promises: one process per folder, and nothing acknowledged is lost when it is killed.

#![expect(clippy::unwrap_used, reason = "tests")]

mod accounts;
mod communities;
mod crash;
mod fixture;
mod messages;
mod opening;
mod units;
