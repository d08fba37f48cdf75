// SPDX-License-Identifier: Apache-2.0
//! Fan-out and rate counters: all that may be lost. Nothing here is the truth of anything; a
//! subscriber that misses a durable delivery sees the gap in its sequence and refills from SQL.
//!
//! Not covered: delivery to other nodes. The local bus is the only one so far.

mod limits;
mod local;

pub use limits::{RateKey, RateLimits, RetryAfterSecs};
pub use local::{Lagged, LocalBus, Subscription};

use bytes::Bytes;
use voz_domain::ids::{ChannelId, SessionId, StreamId, UserId};

/// What is handed to subscribers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// A committed event, to be seen at least once, in the order of `sequence`.
    Durable {
        /// Where it happened.
        stream: StreamId,
        /// Its place in the stream: from 1, without gaps.
        sequence: i64,
        /// JSON of `protocol::gateway::ServerEvent`.
        body: Bytes,
    },
    /// An event that may be lost.
    Passing {
        /// Whose subscribers are meant.
        stream: StreamId,
        /// Which of them.
        audience: Audience,
        /// JSON of `protocol::gateway::ServerEvent`.
        body: Bytes,
    },
}

impl Delivery {
    /// The stream whose subscribers get it.
    pub fn stream(&self) -> StreamId {
        match self {
            Delivery::Durable { stream, .. } | Delivery::Passing { stream, .. } => *stream,
        }
    }
}

/// Which subscribers of a stream a passing event is for. The bus delivers to all of them; the
/// gateway, which knows who sits behind a subscription, picks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Audience {
    /// Every subscriber of the stream.
    All,
    /// Those who are in this room.
    Room(ChannelId),
    /// All devices of one person.
    User(UserId),
    /// One signed-in device.
    Session(SessionId),
}

/// The bus of this node. Cheap to clone.
#[derive(Debug, Clone)]
pub enum Bus {
    /// Within this process.
    Local(LocalBus),
}

impl Bus {
    /// A bus within this process.
    pub fn local(limits: RateLimits) -> Self {
        Bus::Local(LocalBus::new(limits))
    }

    /// Hands `delivery` to every subscription that follows its stream. Never waits.
    pub fn publish(&self, delivery: Delivery) {
        match self {
            Bus::Local(bus) => bus.publish(&delivery),
        }
    }

    /// A subscription that follows nothing yet and holds at most `capacity` deliveries (at least one).
    pub fn subscribe(&self, capacity: usize) -> Subscription {
        match self {
            Bus::Local(bus) => bus.subscribe(capacity),
        }
    }

    /// How many streams somebody on this node follows.
    pub fn followed(&self) -> usize {
        match self {
            Bus::Local(bus) => bus.followed(),
        }
    }

    /// The rate counters.
    pub fn limits(&self) -> &RateLimits {
        match self {
            Bus::Local(bus) => bus.limits(),
        }
    }
}
