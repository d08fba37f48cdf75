// SPDX-License-Identifier: Apache-2.0
//! The one place where clock and randomness of the machine are read, to be handed down.

use std::time::Instant;

use rand::SeedableRng;
use rand::rngs::StdRng;
use time::OffsetDateTime;
use voz_app::Moment;

/// This moment, with fresh randomness: one per request.
#[expect(clippy::disallowed_methods, reason = "the server crate is where the clock is read")]
pub fn moment() -> Moment {
    Moment::new(OffsetDateTime::now_utc(), Instant::now(), StdRng::from_os_rng())
}
