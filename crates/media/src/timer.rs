// SPDX-License-Identifier: Apache-2.0
//! Deadlines of all peers in one heap: asking for the next one never scans peers.
//!
//! A deadline can't be taken back. Whoever gets one that no longer holds ignores it: the peer's place
//! has another generation by then, or its state says that nothing is due.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Instant;

/// A place in the node's arrays, and which of its successive owners is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Handle {
    pub index: u32,
    pub generation: u32,
}

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Due {
    /// The once-a-second round of a peer: idleness, ICE, reports.
    Tick,
    /// DTLS wants to retransmit or give up.
    Dtls,
    /// The hang-over after speech may be over.
    Hangover,
}

/// The heap.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    heap: BinaryHeap<Reverse<(Instant, Due, Handle)>>,
}

impl Timers {
    pub fn with_capacity(deadlines: usize) -> Self {
        Self { heap: BinaryHeap::with_capacity(deadlines) }
    }

    pub fn arm(&mut self, at: Instant, due: Due, handle: Handle) {
        self.heap.push(Reverse((at, due, handle)));
    }

    pub fn next(&self) -> Option<Instant> {
        self.heap.peek().map(|Reverse((at, ..))| *at)
    }

    /// Takes the earliest deadline that is due.
    pub fn pop(&mut self, now: Instant) -> Option<(Due, Handle)> {
        if self.next()? > now {
            return None;
        }
        self.heap.pop().map(|Reverse((_, due, handle))| (due, handle))
    }
}
