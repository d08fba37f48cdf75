// SPDX-License-Identifier: Apache-2.0
//! The hot path out: one opened packet to one receiver's slot, sealed in the send arena.
//!
//! A slot's SSRC belongs to the slot for the life of the peer; people come and go in it. Its sequence
//! only moves forward when the person changes, so no index is ever sealed twice (RFC 7714 §8.1), and
//! within one person's run it keeps the gaps and the order of the source, so that loss and
//! reordering reach the receiver's jitter buffer as they are. Sequences begin below 2¹⁵: the
//! roll-over counter is never signalled (RFC 3711 §3.3.1).

use std::time::{Duration, Instant};

use crate::arena::Arena;
use crate::pace::Pace;
use crate::path::Path;
use crate::rtp::{AudioLevel, FIXED_HEADER_BYTES, OutgoingHeader};
use crate::srtp::{MAX_OVERHEAD_BYTES, Sealer};

/// Receive slots of a peer at most.
pub(crate) const MAX_SLOTS: usize = 8;

/// RTP clock of Opus (RFC 7587 §4.1).
pub(crate) const CLOCK_HZ: u64 = 48_000;
/// One packet of 20 ms.
const PACKET_TICKS: u32 = 960;
/// A longer gap in a source's sequence is not loss but a pause: the slot's sequence closes it.
const LARGEST_GAP: u32 = 250;
/// Each packet that is missing took its time (RFC 6716 §2.1.4: 2.5 ms at least). Faster than that only a source
/// goes that wants the slot's roll-over counter to move while a listener is away, who would be deaf there then.
const MISSING_PACKET_TAKES: Duration = Duration::from_micros(2_500);
const LARGEST_GAP_TAKES: Duration = MISSING_PACKET_TAKES.saturating_mul(LARGEST_GAP);
/// Longest header written: 12 fixed, one CSRC, an extension block of one level (two-byte form).
const HEADER_ROOM: usize = 12 + 4 + 4 + 4;

/// Nobody is in the slot.
pub(crate) const NOBODY: u32 = u32::MAX;

/// An opened packet on its way to everyone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Packet<'a> {
    /// The speaker's place in the node.
    pub source: u32,
    /// Changes when the source's sequence or timestamps may have jumped: new SSRC, unmuted.
    pub run: u64,
    pub sequence: u64,
    pub timestamp: u32,
    pub marker: bool,
    pub level: Option<AudioLevel>,
    pub voice_number: u32,
    pub payload: &'a [u8],
}

/// The packet as it goes out, but for what differs by receiver: rebuilt only when a receiver numbers
/// payload types or extensions differently from the one before.
#[derive(Debug, Default)]
pub(crate) struct Template {
    bytes: Vec<u8>,
    header_len: usize,
    made_for: Option<(u8, Option<u8>)>,
}

impl Template {
    pub fn with_capacity(bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes), header_len: 0, made_for: None }
    }

    /// Forgets the packet before.
    #[inline]
    pub fn reset(&mut self) {
        self.made_for = None;
    }

    #[inline]
    fn fill(&mut self, packet: &Packet<'_>, payload_type: u8, level_id: Option<u8>) -> Option<()> {
        if self.made_for == Some((payload_type, level_id)) {
            return Some(());
        }
        self.bytes.clear();
        self.bytes.resize(HEADER_ROOM, 0);
        let header = OutgoingHeader {
            payload_type,
            marker: false,
            sequence: 0,
            timestamp: 0,
            ssrc: 0,
            csrcs: &[packet.voice_number],
            audio_level: level_id.zip(packet.level),
            mid: None,
        };
        self.header_len = header.write(&mut self.bytes).ok()?;
        self.bytes.truncate(self.header_len);
        self.bytes.extend_from_slice(packet.payload);
        self.made_for = Some((payload_type, level_id));
        Some(())
    }
}

/// One receive slot.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slot {
    pub ssrc: u32,
    payload_type: u8,
    level_id: Option<u8>,
    /// Runs are numbered from 1: 0 is none.
    run: u64,
    /// First sequence of the run, at the source and here.
    source_base: u64,
    base: u64,
    /// Highest sequence of the run at the source.
    source_highest: u64,
    /// One over the highest sequence ever used here.
    next: u64,
    /// Of the gaps that were kept.
    gaps: Pace,
    timestamp_offset: u32,
    last_timestamp: u32,
    last_sent: Option<Instant>,
    pub packets: u32,
    pub payload_bytes: u32,
}

impl Slot {
    /// A slot that nothing was sent in, with the receiver's numbers for Opus and for the audio level.
    /// `start` is random.
    pub fn new(ssrc: u32, payload_type: u8, level_id: Option<u8>, start: u32) -> Self {
        Self {
            ssrc,
            payload_type,
            level_id,
            run: 0,
            source_base: 0,
            base: 0,
            source_highest: 0,
            next: u64::from(start & 0x7FFF),
            gaps: Pace::default(),
            timestamp_offset: 0,
            last_timestamp: start,
            last_sent: None,
            packets: 0,
            payload_bytes: 0,
        }
    }

    /// The packet's sequence, timestamp and marker here; `None` for one from before the run began.
    #[inline]
    fn place(&mut self, now: Instant, packet: &Packet<'_>) -> Option<(u64, u32, bool)> {
        let jumped = packet.run != self.run || !self.keeps_gap(now, packet.sequence);
        if jumped {
            self.run = packet.run;
            self.source_base = packet.sequence;
            self.source_highest = packet.sequence;
            self.base = self.next;
            let pause = self.last_sent.map_or(0, |sent| ticks(now.saturating_duration_since(sent).as_micros()));
            let timestamp = self.last_timestamp.wrapping_add(pause.max(PACKET_TICKS));
            self.timestamp_offset = timestamp.wrapping_sub(packet.timestamp);
        }
        let sequence = self.base + packet.sequence.checked_sub(self.source_base)?;
        let timestamp = packet.timestamp.wrapping_add(self.timestamp_offset);
        if packet.sequence >= self.source_highest {
            self.source_highest = packet.sequence;
            self.last_timestamp = timestamp;
            self.last_sent = Some(now);
        }
        self.next = self.next.max(sequence + 1);
        Some((sequence, timestamp, packet.marker || jumped))
    }

    /// Whether what is missing before the packet is missing here too.
    #[inline]
    fn keeps_gap(&mut self, now: Instant, sequence: u64) -> bool {
        match sequence.saturating_sub(self.source_highest) {
            0 | 1 => true,
            ahead => u32::try_from(ahead - 1).is_ok_and(|missing| {
                self.gaps.admits(now, MISSING_PACKET_TAKES.saturating_mul(missing), LARGEST_GAP_TAKES)
            }),
        }
    }

    /// RTP timestamp that belongs to `now`, for sender reports; `None` while nothing was sent.
    pub fn timestamp_at(&self, now: Instant) -> Option<u32> {
        let since = now.saturating_duration_since(self.last_sent?);
        Some(self.last_timestamp.wrapping_add(ticks(since.as_micros())))
    }

    /// When the last packet was sent.
    pub fn last_sent(&self) -> Option<Instant> {
        self.last_sent
    }
}

/// Microseconds in RTP clock ticks, wrapping as timestamps do.
pub(crate) fn ticks(micros: u128) -> u32 {
    #[expect(clippy::cast_possible_truncation, reason = "RTP timestamps wrap")]
    let ticks = (micros * u128::from(CLOCK_HZ) / 1_000_000) as u32;
    ticks
}

/// What sending to one peer needs, side by side.
pub(crate) struct Egress {
    /// `None` until DTLS is done.
    pub sealer: Option<Sealer>,
    /// `None` until ICE is done.
    pub path: Option<Path>,
    /// The `hear` grant.
    pub hear: bool,
    slot_count: usize,
    /// Who is in which slot.
    sources: [u32; MAX_SLOTS],
    slots: [Slot; MAX_SLOTS],
    pub packets_out: u64,
    pub bytes_out: u64,
}

impl Egress {
    /// A receiver with these slots, [`MAX_SLOTS`] at most; it hears once ICE and DTLS are done.
    pub fn new(slots: &[Slot], hear: bool) -> Self {
        let unused = Slot::new(0, 0, None, 0);
        let slot_count = slots.len().min(MAX_SLOTS);
        let mut all = [unused; MAX_SLOTS];
        all[..slot_count].copy_from_slice(&slots[..slot_count]);
        Self {
            sealer: None,
            path: None,
            hear,
            slot_count,
            sources: [NOBODY; MAX_SLOTS],
            slots: all,
            packets_out: 0,
            bytes_out: 0,
        }
    }

    /// The slots that exist.
    pub fn slots(&self) -> &[Slot] {
        &self.slots[..self.slot_count]
    }

    /// What reports are sealed with, where they go, and what they are about.
    pub fn sender(&mut self) -> Option<(&mut Sealer, Path, &[Slot])> {
        let (sealer, path) = (self.sealer.as_mut()?, self.path?);
        Some((sealer, path, &self.slots[..self.slot_count]))
    }

    /// Whether packets can be sent to this peer now.
    #[inline]
    pub fn listens(&self) -> bool {
        self.hear && self.sealer.is_some() && self.path.is_some()
    }

    /// The slot that `source` is in, or a free one that it takes. Where all are taken (this peer has
    /// fewer slots than the room has seats), `may_evict` says who has to give way.
    #[inline]
    pub fn slot_of(&mut self, source: u32, may_evict: impl Fn(u32) -> bool) -> Option<usize> {
        let sources = &mut self.sources[..self.slot_count];
        if let Some(slot) = sources.iter().position(|held| *held == source) {
            return Some(slot);
        }
        let slot = sources
            .iter()
            .position(|held| *held == NOBODY)
            .or_else(|| sources.iter().position(|held| may_evict(*held)))?;
        sources[slot] = source;
        self.slots[slot].run = 0;
        Some(slot)
    }

    /// Frees all slots.
    pub fn vacate_all(&mut self) {
        self.sources = [NOBODY; MAX_SLOTS];
    }

    /// Frees the slot of `source`.
    pub fn vacate(&mut self, source: u32) {
        for held in &mut self.sources {
            if *held == source {
                *held = NOBODY;
            }
        }
    }

    /// Seals the packet for `slot` into the arena. `false` when it is not to be sent.
    #[inline]
    pub fn send(
        &mut self,
        now: Instant,
        slot: usize,
        packet: &Packet<'_>,
        template: &mut Template,
        arena: &mut Arena,
    ) -> bool {
        let (Some(sealer), Some(path)) = (self.sealer.as_ref(), self.path) else {
            return false;
        };
        let slot = &mut self.slots[slot];
        if template.fill(packet, slot.payload_type, slot.level_id).is_none() {
            return false;
        }
        let Some((sequence, timestamp, marker)) = slot.place(now, packet) else {
            return false;
        };
        let length = template.bytes.len();
        let room = length + MAX_OVERHEAD_BYTES;
        let sent = arena.push_with(path.local, path.remote, room, |out| {
            out[..length].copy_from_slice(&template.bytes);
            let header = out.first_chunk_mut::<FIXED_HEADER_BYTES>()?;
            header[1] |= u8::from(marker) << 7;
            header[2..4].copy_from_slice(&sequence.to_be_bytes()[6..]);
            header[4..8].copy_from_slice(&timestamp.to_be_bytes());
            header[8..].copy_from_slice(&slot.ssrc.to_be_bytes());
            sealer.seal_rtp(out, template.header_len, length, sequence).ok()
        });
        if sent.is_none() {
            return false;
        }
        slot.packets = slot.packets.wrapping_add(1);
        #[expect(clippy::cast_possible_truncation, reason = "a datagram's length; the count wraps")]
        let bytes = packet.payload.len() as u32;
        slot.payload_bytes = slot.payload_bytes.wrapping_add(bytes);
        self.packets_out += 1;
        self.bytes_out += u64::from(bytes);
        true
    }
}
