// SPDX-License-Identifier: Apache-2.0
//! What a network does to datagrams.

use std::time::Duration;

/// SplitMix64: small, and the same everywhere.
#[derive(Debug, Clone)]
pub struct Rng(u64);

impl Rng {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number.
    pub fn any(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Below `limit`, which is not 0.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.any() % limit
    }

    /// True so many times in a hundred.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

/// One way through the network, the same for everyone.
#[derive(Debug, Clone, Copy)]
pub struct Link {
    /// Every datagram takes at least so long.
    pub delay_ms: u64,
    /// Each datagram is late by up to so much: more than a packet's 20 ms reorders.
    pub jitter_ms: u64,
    /// Datagrams in a hundred that never arrive.
    pub loss_percent: u64,
    /// The same for clients that are not connected yet. DTLS draws its timers from randomness of its own: a
    /// story in which it must send again is another one each time.
    pub handshake_loss_percent: u64,
    /// Datagrams in a hundred that arrive twice.
    pub duplicate_percent: u64,
}

impl Link {
    /// A good home network.
    pub const PERFECT: Self =
        Self { delay_ms: 5, jitter_ms: 0, loss_percent: 0, handshake_loss_percent: 0, duplicate_percent: 0 };
    /// A bad mobile network.
    pub const BAD: Self =
        Self { delay_ms: 40, jitter_ms: 50, loss_percent: 10, handshake_loss_percent: 10, duplicate_percent: 2 };

    /// One between a perfect and a very bad one. It loses no handshakes, and a round trip is shorter than DTLS
    /// waits before it sends again: what happens on it depends on the seed alone.
    pub fn any(rng: &mut Rng) -> Self {
        Self {
            delay_ms: 1 + rng.below(80),
            jitter_ms: rng.below(80),
            loss_percent: rng.below(16),
            handshake_loss_percent: 0,
            duplicate_percent: rng.below(4),
        }
    }

    /// The longest that a datagram is under way.
    pub fn longest(&self) -> Duration {
        Duration::from_millis(self.delay_ms + self.jitter_ms)
    }

    /// When the copies of a datagram arrive: none, one or two.
    pub fn delays(&self, rng: &mut Rng, connected: bool) -> impl Iterator<Item = Duration> + use<> {
        let loss_percent = if connected { self.loss_percent } else { self.handshake_loss_percent };
        let one = |rng: &mut Rng| {
            let late = if self.jitter_ms == 0 { 0 } else { rng.below(self.jitter_ms * 1000) };
            Duration::from_micros(self.delay_ms * 1000 + late)
        };
        let first = (!rng.chance(loss_percent)).then(|| one(rng));
        let second = rng.chance(self.duplicate_percent).then(|| one(rng));
        first.into_iter().chain(second)
    }
}
