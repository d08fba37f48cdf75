// SPDX-License-Identifier: Apache-2.0
//! Datagrams to be sent, in one reusable buffer: after warm-up nothing is allocated.

use std::net::SocketAddr;

/// A datagram to be sent.
#[derive(Debug, Clone, Copy)]
pub struct Transmit<'a> {
    /// Where to.
    pub destination: SocketAddr,
    /// The local address it leaves from: the one the peer reached.
    pub source: SocketAddr,
    /// What.
    pub bytes: &'a [u8],
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    destination: SocketAddr,
    source: SocketAddr,
    start: usize,
    end: usize,
}

/// Datagrams waiting for the driver, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Arena {
    bytes: Vec<u8>,
    entries: Vec<Entry>,
}

impl Arena {
    pub fn with_capacity(datagrams: usize, bytes_each: usize) -> Self {
        Self { bytes: Vec::with_capacity(datagrams * bytes_each), entries: Vec::with_capacity(datagrams) }
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn iter(&self) -> impl Iterator<Item = Transmit<'_>> {
        self.entries.iter().map(|entry| Transmit {
            destination: entry.destination,
            source: entry.source,
            bytes: &self.bytes[entry.start..entry.end],
        })
    }

    pub fn clear(&mut self) {
        self.bytes.clear();
        self.entries.clear();
    }

    /// Adds a finished datagram.
    pub fn push(&mut self, source: SocketAddr, destination: SocketAddr, datagram: &[u8]) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(datagram);
        self.entries.push(Entry { destination, source, start, end: self.bytes.len() });
    }

    /// Adds a datagram that `write` makes in `room` zeroed bytes, saying how many it used; `None`
    /// takes it back.
    #[inline]
    pub fn push_with(
        &mut self,
        source: SocketAddr,
        destination: SocketAddr,
        room: usize,
        write: impl FnOnce(&mut [u8]) -> Option<usize>,
    ) -> Option<usize> {
        let start = self.bytes.len();
        self.bytes.resize(start + room, 0);
        let used = write(&mut self.bytes[start..]).filter(|used| *used <= room);
        self.bytes.truncate(start + used.unwrap_or(0));
        let used = used?;
        self.entries.push(Entry { destination, source, start, end: start + used });
        Some(used)
    }
}
