// SPDX-License-Identifier: Apache-2.0
//! How fast something may go on: each piece takes up time, and only so much of it may be taken ahead
//! (the generic cell rate algorithm).

use std::time::{Duration, Instant};

/// The time that was taken up so far.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Pace {
    taken_until: Option<Instant>,
}

impl Pace {
    /// Takes up time for one more piece; `false`, and nothing is taken, when that would be more than `ahead` of now.
    #[inline]
    pub fn admits(&mut self, now: Instant, takes: Duration, ahead: Duration) -> bool {
        let until = self.taken_until.map_or(now, |until| until.max(now)) + takes;
        let admitted = until.saturating_duration_since(now) <= ahead;
        if admitted {
            self.taken_until = Some(until);
        }
        admitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the base of a virtual clock")]
    fn a_burst_is_admitted_and_then_what_time_has_given_back() {
        let (begun, ms) = (Instant::now(), Duration::from_millis);
        let mut pace = Pace::default();
        let mut admitted = |at| (0..100).filter(|_| pace.admits(begun + at, ms(10), ms(200))).count();
        assert_eq!(admitted(ms(0)), 20);
        assert_eq!(admitted(ms(9)), 0);
        assert_eq!(admitted(ms(35)), 3);
        assert_eq!(admitted(ms(40)), 1);
        // Time that was not used is not kept.
        assert_eq!(admitted(ms(60_000)), 20);
    }
}
