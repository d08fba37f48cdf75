// SPDX-License-Identifier: Apache-2.0
//! Where this program reads the time.

use std::time::Instant;

/// The monotonic clock.
#[expect(clippy::disallowed_methods, reason = "the one place where the client reads the clock")]
pub fn now() -> Instant {
    Instant::now()
}
