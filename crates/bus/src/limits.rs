// SPDX-License-Identifier: Apache-2.0
//! Rate counters: the generic cell rate algorithm (GCRA, ITU-T I.371 annex A, virtual scheduling).
//!
//! Each key keeps one number, its theoretical arrival time. Memory is bounded: a key whose burst
//! is whole again is forgotten, and when a table is still full, so many keys are counted together
//! that it never grows: a flood of addresses limits itself, and is never let through.

use std::fmt;
use std::hash::{BuildHasher, Hash};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::{FxBuildHasher, FxHashMap};
use voz_domain::ids::{SessionId, UserId};
use voz_domain::limits::{Limits, Rate, RateLimit};

/// Keys kept for each limit.
const KEYS_MAX: usize = 100_000;
/// Least time between two sweeps of a full table, in µs.
const SWEEP_US: u64 = 1_000_000;
/// Counters that the keys beyond [`KEYS_MAX`] share.
const SHARED_MAX: u64 = 1024;

/// Whole seconds to wait until the next one is allowed, at least 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RetryAfterSecs(pub u32);

impl fmt::Display for RetryAfterSecs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "too many; again in {} s", self.0)
    }
}

impl std::error::Error for RetryAfterSecs {}

/// What is counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RateKey {
    /// An account.
    User(UserId),
    /// A signed-in device.
    Session(SessionId),
    /// A user name in its unique form, whether or not such an account exists.
    Name(String),
    /// A network: see [`RateKey::network`].
    Network(IpAddr),
}

impl RateKey {
    /// The network of an address: an IPv4 address itself (mapped ones too), the /64 of an IPv6 one.
    pub fn network(address: IpAddr) -> Self {
        RateKey::Network(match address.to_canonical() {
            IpAddr::V4(address) => IpAddr::V4(address),
            IpAddr::V6(address) => IpAddr::V6((address.to_bits() & !u128::from(u64::MAX)).into()),
        })
    }
}

/// The counters of one node. Cheap to clone.
#[derive(Clone)]
pub struct RateLimits {
    shared: Arc<Shared>,
}

struct Shared {
    limits: Limits,
    cells: [Mutex<Cells>; RateLimit::ALL.len()],
}

#[derive(Default)]
struct Cells {
    by_key: FxHashMap<RateKey, Tat>,
    shared: FxHashMap<u64, Tat>,
    /// When a full table may be looked through again: that takes time, and a flood must not buy it.
    sweep_from_us: u64,
}

/// Theoretical arrival time, in µs of the caller's clock.
type Tat = u64;

impl fmt::Debug for RateLimits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimits").finish_non_exhaustive()
    }
}

impl RateLimits {
    /// Counters that count by these numbers.
    pub fn new(limits: Limits) -> Self {
        RateLimits { shared: Arc::new(Shared { limits, cells: Default::default() }) }
    }

    /// Counts one more of `limit` for `key`. `now_ms` is of a clock that never goes back; a value
    /// from before the last one is taken as it is and lets nothing through that was used up.
    ///
    /// # Errors
    /// When to come back; nothing is counted then.
    pub fn check(&self, limit: RateLimit, key: &RateKey, now_ms: u64) -> Result<(), RetryAfterSecs> {
        let rate = self.shared.limits.rate(limit);
        self.cells(limit).check(rate, key, now_ms.saturating_mul(1000))
    }

    fn cells(&self, limit: RateLimit) -> MutexGuard<'_, Cells> {
        self.shared.cells[limit as usize].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Cells {
    fn check(&mut self, rate: Rate, key: &RateKey, now_us: u64) -> Result<(), RetryAfterSecs> {
        if let Some(tat) = self.by_key.get_mut(key) {
            return arrive(rate, tat, now_us);
        }
        if self.by_key.len() >= KEYS_MAX && self.sweep_from_us <= now_us {
            self.by_key.retain(|_, tat| *tat > now_us);
            self.sweep_from_us = now_us.saturating_add(SWEEP_US);
        }
        if self.by_key.len() >= KEYS_MAX {
            let cell = FxBuildHasher.hash_one(key) % SHARED_MAX;
            return arrive(rate, self.shared.entry(cell).or_default(), now_us);
        }
        arrive(rate, self.by_key.entry(key.clone()).or_default(), now_us)
    }
}

/// One arrival. `tat` moves on only when it is allowed.
fn arrive(rate: Rate, tat: &mut Tat, now_us: u64) -> Result<(), RetryAfterSecs> {
    let period_us = u64::try_from(rate.period.as_micros()).unwrap_or(u64::MAX);
    if rate.burst == 0 {
        return Err(seconds(period_us));
    }
    let increment_us = period_us / u64::from(rate.burst);
    let next = (*tat).max(now_us).saturating_add(increment_us);
    let allowed_from = next.saturating_sub(increment_us.saturating_mul(u64::from(rate.burst)));
    if allowed_from > now_us {
        return Err(seconds(allowed_from - now_us));
    }
    *tat = next;
    Ok(())
}

fn seconds(wait_us: u64) -> RetryAfterSecs {
    RetryAfterSecs(u32::try_from(wait_us.div_ceil(1_000_000)).unwrap_or(u32::MAX).max(1))
}
