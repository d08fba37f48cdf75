// SPDX-License-Identifier: Apache-2.0
//! Fan-out within one process: stream → subscriptions, each with a bounded queue.
//!
//! A publisher never waits and never allocates per subscriber beyond its queue slot: the body is
//! shared. A full queue marks its subscription as lagged; it gets nothing more and says so once.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use rustc_hash::{FxHashMap, FxHashSet};
use tokio::sync::Notify;
use voz_domain::ids::StreamId;

use crate::{Delivery, RateLimits};

/// The subscription's queue was full, deliveries were lost, and none come any more. Its owner
/// starts anew: a gateway closes the socket with a code that makes the client resume.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lagged;

impl std::fmt::Display for Lagged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the subscription fell behind")
    }
}

impl std::error::Error for Lagged {}

/// A bus within this process. Cheap to clone.
#[derive(Debug, Clone)]
pub struct LocalBus {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    followers: RwLock<FxHashMap<StreamId, FxHashMap<u64, Arc<Queue>>>>,
    next_key: AtomicU64,
    limits: RateLimits,
}

impl LocalBus {
    /// A bus that counts by these limits.
    pub fn new(limits: RateLimits) -> Self {
        let shared = Shared { followers: RwLock::default(), next_key: AtomicU64::new(0), limits };
        LocalBus { shared: Arc::new(shared) }
    }

    /// See [`crate::Bus::publish`].
    pub fn publish(&self, delivery: &Delivery) {
        if let Some(followers) = self.shared.read().get(&delivery.stream()) {
            for queue in followers.values() {
                queue.push(delivery);
            }
        }
    }

    /// See [`crate::Bus::subscribe`].
    pub fn subscribe(&self, capacity: usize) -> Subscription {
        Subscription {
            shared: Arc::clone(&self.shared),
            key: self.shared.next_key.fetch_add(1, Ordering::Relaxed),
            queue: Arc::new(Queue { capacity: capacity.max(1), waiting: Mutex::default(), arrived: Notify::new() }),
            streams: FxHashSet::default(),
        }
    }

    /// See [`crate::Bus::followed`].
    pub fn followed(&self) -> usize {
        self.shared.read().len()
    }

    /// The rate counters.
    pub fn limits(&self) -> &RateLimits {
        &self.shared.limits
    }
}

impl Shared {
    fn read(&self) -> RwLockReadGuard<'_, FxHashMap<StreamId, FxHashMap<u64, Arc<Queue>>>> {
        self.followers.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, FxHashMap<StreamId, FxHashMap<u64, Arc<Queue>>>> {
        self.followers.write().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug)]
struct Queue {
    capacity: usize,
    waiting: Mutex<Waiting>,
    arrived: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    deliveries: VecDeque<Delivery>,
    lagged: bool,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, delivery: &Delivery) {
        let mut waiting = self.lock();
        if waiting.lagged {
            return;
        }
        if waiting.deliveries.len() == self.capacity {
            waiting.lagged = true;
            waiting.deliveries = VecDeque::new();
        } else {
            waiting.deliveries.push_back(delivery.clone());
        }
        drop(waiting);
        self.arrived.notify_one();
    }
}

/// One reader of the bus, e.g. a socket. Dropping it ends it.
#[derive(Debug)]
pub struct Subscription {
    shared: Arc<Shared>,
    key: u64,
    queue: Arc<Queue>,
    streams: FxHashSet<StreamId>,
}

impl Subscription {
    /// Follows a stream from now on. Following it twice is following it once.
    pub fn add(&mut self, stream: StreamId) {
        if self.streams.insert(stream) {
            self.shared.write().entry(stream).or_default().insert(self.key, Arc::clone(&self.queue));
        }
    }

    /// No longer follows a stream. What is queued already still comes.
    pub fn remove(&mut self, stream: StreamId) {
        if self.streams.remove(&stream) {
            unfollow(&mut self.shared.write(), stream, self.key);
        }
    }

    /// Whether it follows this stream.
    pub fn follows(&self, stream: StreamId) -> bool {
        self.streams.contains(&stream)
    }

    /// The next delivery, in the order of publishing per stream. Cancel safe.
    ///
    /// # Errors
    /// [`Lagged`] when the queue was full; again on every later call.
    pub async fn recv(&mut self) -> Result<Delivery, Lagged> {
        loop {
            if let Some(next) = self.try_recv() {
                return next;
            }
            // A permit given between the look above and this wait is kept by `Notify`.
            self.queue.arrived.notified().await;
        }
    }

    /// The next delivery that is there already; `None`: nothing waits.
    pub fn try_recv(&mut self) -> Option<Result<Delivery, Lagged>> {
        let mut waiting = self.queue.lock();
        if waiting.lagged { Some(Err(Lagged)) } else { waiting.deliveries.pop_front().map(Ok) }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let mut followers = self.shared.write();
        for stream in &self.streams {
            unfollow(&mut followers, *stream, self.key);
        }
    }
}

fn unfollow(followers: &mut FxHashMap<StreamId, FxHashMap<u64, Arc<Queue>>>, stream: StreamId, key: u64) {
    if let Some(of_stream) = followers.get_mut(&stream) {
        of_stream.remove(&key);
        if of_stream.is_empty() {
            followers.remove(&stream);
        }
    }
}
