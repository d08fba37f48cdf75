// SPDX-License-Identifier: Apache-2.0
//! Rates: what is let through, what is not, and when to come back.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use proptest::prelude::*;
use uuid::Uuid;
use voz_bus::{RateKey, RateLimits, RetryAfterSecs};
use voz_domain::ids::UserId;
use voz_domain::limits::{Limits, Rate, RateLimit};

const LIMIT: RateLimit = RateLimit::MessagePerUser;

fn limits(burst: u32, period_ms: u64) -> RateLimits {
    let mut limits = Limits::default();
    limits.set_rate(LIMIT, Rate::new(burst, Duration::from_millis(period_ms)));
    RateLimits::new(limits)
}

fn user(number: u128) -> RateKey {
    RateKey::User(UserId(Uuid::from_u128(number)))
}

#[test]
fn a_burst_and_then_evenly() {
    let limits = limits(3, 30_000);
    let check = |now_ms| limits.check(LIMIT, &user(1), now_ms);
    assert_eq!([check(0), check(0), check(1)], [Ok(()), Ok(()), Ok(())]);
    assert_eq!(check(2), Err(RetryAfterSecs(10)));
    assert_eq!(check(9_999), Err(RetryAfterSecs(1)));
    assert_eq!(check(10_000), Ok(()));
    assert_eq!(check(10_000), Err(RetryAfterSecs(10)), "one in each ten seconds");
    assert_eq!([check(90_000), check(90_000), check(90_000)], [Ok(()); 3], "after a rest the burst is whole");
    assert_eq!(check(90_000), Err(RetryAfterSecs(10)), "and never more than whole");
}

#[test]
fn keys_and_limits_count_apart() {
    let limits = limits(1, 1000);
    assert_eq!(limits.check(LIMIT, &user(1), 0), Ok(()));
    assert!(limits.check(LIMIT, &user(1), 0).is_err());
    assert_eq!(limits.check(LIMIT, &user(2), 0), Ok(()));
    assert_eq!(limits.check(RateLimit::VoiceJoinPerUser, &user(1), 0), Ok(()));
    assert_eq!(limits.clone().check(LIMIT, &RateKey::Name("ana".to_owned()), 0), Ok(()));
    assert!(limits.check(LIMIT, &RateKey::Name("ana".to_owned()), 0).is_err(), "clones count together");
}

#[test]
fn a_burst_of_none_lets_nothing_through() {
    assert_eq!(limits(0, 5000).check(LIMIT, &user(1), 0), Err(RetryAfterSecs(5)));
}

#[test]
fn a_clock_that_goes_back_opens_nothing() {
    let limits = limits(1, 1000);
    assert_eq!(limits.check(LIMIT, &user(1), 5000), Ok(()));
    assert!(limits.check(LIMIT, &user(1), 0).is_err());
    assert_eq!(limits.check(LIMIT, &user(1), 6000), Ok(()));
}

#[test]
fn networks() {
    let v6 = |text: &str| RateKey::network(text.parse::<Ipv6Addr>().unwrap().into());
    let v4 = |text: &str| RateKey::network(text.parse::<Ipv4Addr>().unwrap().into());
    assert_eq!(v6("2001:db8:1:2::1"), v6("2001:db8:1:2:ffff::9"), "one /64");
    assert_ne!(v6("2001:db8:1:2::1"), v6("2001:db8:1:3::1"));
    assert_eq!(v6("::ffff:192.0.2.1"), v4("192.0.2.1"), "an IPv4 address in IPv6 clothes");
    assert_ne!(v4("192.0.2.1"), v4("192.0.2.2"));
    assert_eq!(v4("127.0.0.1"), v4("127.0.0.1"));
}

#[test]
fn a_flood_of_keys_limits_itself_and_is_forgotten() {
    let limits = limits(1, 10_000);
    let let_through = (0..200_000).filter(|n| limits.check(LIMIT, &user(*n), 0).is_ok()).count();
    assert!((100_000..=101_024).contains(&let_through), "{let_through}");
    assert!(limits.check(LIMIT, &user(1), 0).is_err(), "those who were counted still are");
    assert_eq!(limits.check(LIMIT, &user(300_000), 20_000), Ok(()), "room again when time has passed");
}

proptest! {
    /// In no window does more pass than the burst and one for each increment of time.
    #[test]
    fn no_window_lets_more_through(burst in 1_u32..6, steps in prop::collection::vec(0_u64..400, 1..200)) {
        let limits = limits(burst, u64::from(burst) * 100);
        let mut now_ms = 0;
        let mut passed: Vec<u64> = Vec::new();
        for step in steps {
            now_ms += step;
            match limits.check(LIMIT, &user(1), now_ms) {
                Ok(()) => passed.push(now_ms),
                Err(RetryAfterSecs(seconds)) => prop_assert!(seconds >= 1),
            }
        }
        for (from, first) in passed.iter().enumerate() {
            for (to, last) in passed.iter().enumerate().skip(from) {
                let most = u64::from(burst) + (last - first) / 100;
                prop_assert!((to - from + 1) as u64 <= most, "{} in {} ms", to - from + 1, last - first);
            }
        }
    }

    /// Who waits as told is let through.
    #[test]
    fn the_time_told_is_enough(burst in 1_u32..50, period_ms in 1_u64..100_000, tries in 1_usize..100) {
        let limits = limits(burst, period_ms);
        let refused = (0..tries).find_map(|_| limits.check(LIMIT, &user(1), 7).err());
        if let Some(RetryAfterSecs(seconds)) = refused {
            prop_assert_eq!(limits.check(LIMIT, &user(1), 7 + u64::from(seconds) * 1000), Ok(()));
        }
    }
}
