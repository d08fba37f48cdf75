// SPDX-License-Identifier: Apache-2.0
//! Time and randomness of one request, handed in from above so that a use case can be replayed.

use std::time::Instant;

use rand::RngCore;
use rand::rngs::StdRng;
use time::OffsetDateTime;
use uuid::Uuid;

/// When and with which randomness a use case runs. `server` makes one per request.
#[derive(Debug)]
pub struct Moment {
    /// Wall clock, UTC, whole microseconds: what both databases keep.
    pub now: OffsetDateTime,
    /// Monotonic clock, for durations.
    pub monotonic: Instant,
    /// Cryptographically secure randomness: tokens and ids come from it.
    pub rng: StdRng,
}

impl Moment {
    /// A moment; `now` is cut to whole microseconds.
    pub fn new(now: OffsetDateTime, monotonic: Instant, rng: StdRng) -> Self {
        let now = now.to_offset(time::UtcOffset::UTC);
        let whole = now.replace_nanosecond(now.microsecond() * 1_000).unwrap_or(now);
        Moment { now: whole, monotonic, rng }
    }

    /// Milliseconds since 1970-01-01T00:00Z; 0 before.
    pub fn unix_ms(&self) -> u64 {
        u64::try_from(self.now.unix_timestamp_nanos() / 1_000_000).unwrap_or(0)
    }

    /// A UUIDv7 of this moment (RFC 9562 §5.7): 48 bits of milliseconds, 12 bits of the fraction
    /// (§6.2, method 3), the rest random. Two moments that differ by a microsecond are ordered.
    pub fn id(&mut self) -> Uuid {
        let nanos_in_ms = self.now.nanosecond() % 1_000_000;
        // 4096 steps to the millisecond: 250 ns each.
        let fraction = u16::try_from(u64::from(nanos_in_ms) * 4096 / 1_000_000).unwrap_or(0xfff);
        let mut rest = [0_u8; 10];
        self.rng.fill_bytes(&mut rest);
        let [high, low] = fraction.to_be_bytes();
        rest[0] = high;
        rest[1] = low;
        uuid::Builder::from_unix_timestamp_millis(self.unix_ms(), &rest).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use time::Duration;

    use super::*;

    #[expect(clippy::disallowed_methods, reason = "a test chooses its clock")]
    fn moment(offset_us: i64) -> Moment {
        let start = time::macros::datetime!(2026-01-02 03:04:05.678_901 UTC);
        Moment::new(start + Duration::microseconds(offset_us), Instant::now(), StdRng::seed_from_u64(7))
    }

    #[test]
    fn ids_are_version_7_and_ordered_by_the_microsecond() {
        let ids: Vec<Uuid> = (0..3_000).map(|us| moment(us).id()).collect();
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(ids.iter().all(|id| id.get_version_num() == 7));
    }

    #[test]
    fn an_id_tells_its_millisecond() {
        let mut moment = moment(0);
        let (seconds, nanos) = moment.id().get_timestamp().map(|stamp| stamp.to_unix()).unwrap_or_default();
        assert_eq!(seconds * 1_000 + u64::from(nanos) / 1_000_000, moment.unix_ms());
    }

    #[test]
    fn the_wall_clock_is_cut_to_microseconds() {
        let mut moment = moment(0);
        moment = Moment::new(moment.now + Duration::nanoseconds(999), moment.monotonic, moment.rng);
        assert_eq!(moment.now.nanosecond() % 1_000, 0);
    }
}
