// SPDX-License-Identifier: Apache-2.0
//! Who is in which room and speaks, of the load and of its limit alike.

use std::time::Duration;

use tokio::runtime::Handle;

/// Rooms.
pub const ROOMS: usize = 10;
/// People in each.
pub const PEOPLE: usize = 10;
/// How many of them speak.
pub const SPEAKERS: usize = 2;
/// How long is measured.
pub const MEASURED: Duration = Duration::from_secs(10);

/// Whether a person speaks, all numbered through, room after room.
pub fn speaks(number: usize) -> bool {
    number % PEOPLE < SPEAKERS
}

/// Where a person lives: who only listens, in the runtime that reads at a pace.
pub fn home(number: usize, paced: &Handle) -> Handle {
    if speaks(number) { Handle::current() } else { paced.clone() }
}
