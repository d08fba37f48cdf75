// SPDX-License-Identifier: Apache-2.0
//! Places of connections: so many in all, and of these so many of one network.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use voz_bus::RateKey;

/// All places of a listener.
pub struct Places {
    all: Arc<Semaphore>,
    total: u32,
    per_network: u32,
    taken: Mutex<FxHashMap<RateKey, u32>>,
}

/// The place of one connection; free again when it is dropped.
pub struct Place {
    _free: Free,
    network: RateKey,
    places: Arc<Places>,
}

/// A place that nobody has yet.
pub struct Free {
    _permit: OwnedSemaphorePermit,
}

impl Places {
    /// `total` places, `per_network` of them for one IPv4 address or one IPv6 /64.
    pub fn new(total: u32, per_network: u32) -> Arc<Self> {
        Arc::new(Self { all: Arc::new(Semaphore::new(total as usize)), total, per_network, taken: Mutex::default() })
    }

    /// Waits until a place is free.
    pub async fn free(&self) -> Option<Free> {
        let permit = self.all.clone().acquire_owned().await.ok()?;
        Some(Free { _permit: permit })
    }

    /// Waits until all places are free.
    pub async fn all_free(&self) {
        drop(self.all.acquire_many(self.total).await);
    }

    /// Gives a place to a peer; none when its network has all that it may have.
    pub fn take(self: &Arc<Self>, free: Free, peer: IpAddr) -> Option<Place> {
        let network = RateKey::network(peer);
        let mut taken = self.taken();
        let count = taken.entry(network.clone()).or_default();
        if *count >= self.per_network {
            return None;
        }
        *count += 1;
        Some(Place { _free: free, network, places: Arc::clone(self) })
    }

    fn taken(&self) -> MutexGuard<'_, FxHashMap<RateKey, u32>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        if let Some(count) = taken.get_mut(&self.network) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                taken.remove(&self.network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_network_has_its_share_and_gets_it_back() {
        let places = Places::new(3, 1);
        let from = |address: &str| address.parse::<IpAddr>().unwrap();
        let one = places.take(places.free().await.unwrap(), from("2001:db8::1")).unwrap();
        assert!(places.take(places.free().await.unwrap(), from("2001:db8::2")).is_none(), "the same /64");
        let other = places.take(places.free().await.unwrap(), from("10.0.0.1")).unwrap();
        assert!(places.take(places.free().await.unwrap(), from("::ffff:10.0.0.1")).is_none(), "the same address");
        drop(one);
        let again = places.take(places.free().await.unwrap(), from("2001:db8::2")).unwrap();
        drop((other, again));
        places.all_free().await;
        assert!(places.taken().is_empty());
    }
}
