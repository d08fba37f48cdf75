// SPDX-License-Identifier: Apache-2.0
//! The hot path in: what one peer sends, and how well it arrives.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::forward::{CLOCK_HZ, ticks};
use crate::pace::Pace;
use crate::rtcp::ReportBlock;
use crate::speaker::Speaker;
use crate::srtp::Opener;

/// One packet takes up this much at least: four times as many as usual are taken in.
const PACKET_TAKES: Duration = Duration::from_millis(5);
/// A byte of payload takes up this much: at 512 kbit/s, just over what Opus can ask for (RFC 6716 §2.1.1).
const BYTE_TAKES: Duration = Duration::from_nanos(15_625);
/// What came late may come at once.
const BURST: Duration = Duration::from_secs(1);

/// What receiving from one peer needs, side by side.
pub(crate) struct Ingress {
    /// `None` until DTLS is done.
    pub opener: Option<Opener>,
    /// The `speak` grant.
    pub speak: bool,
    /// Whether the room has given it a seat.
    pub seated: bool,
    /// Since when it has asked for the seat of somebody less loud.
    pub challenging_since: Option<Instant>,
    pub payload_type: u8,
    pub level_id: Option<u8>,
    pub room: u32,
    pub voice_number: u32,
    /// Numbers what may be forwarded as one continuous sequence.
    pub run: u64,
    pub ssrc: Option<u32>,
    /// When something authentic last came.
    pub heard_at: Instant,
    /// Where this peer's packets are expected to come from, and when the last one did.
    pub path_remote: Option<SocketAddr>,
    pub path_heard_at: Instant,
    /// A [`crate::timer::Due::Hangover`] is in the heap.
    pub hangover_armed: bool,
    pub speaker: Speaker,
    pub pace: Pace,
    pub reception: Reception,
    pub packets_in: u64,
    pub bytes_in: u64,
}

impl Ingress {
    /// Whether a packet with so many bytes of payload is still in the measure: whatever one member sends
    /// is sent to all the others.
    #[inline]
    pub fn is_in_measure(&mut self, now: Instant, payload: usize) -> bool {
        let bytes = u32::try_from(payload).map_or(BURST, |payload| BYTE_TAKES.saturating_mul(payload));
        self.pace.admits(now, PACKET_TAKES.max(bytes), BURST)
    }

    /// Notes that something authentic came.
    #[inline]
    pub fn heard(&mut self, now: Instant, remote: SocketAddr) {
        self.heard_at = now;
        if self.path_remote == Some(remote) {
            self.path_heard_at = now;
        }
    }

    /// Follows a move of the path.
    pub fn follow(&mut self, now: Instant, remote: SocketAddr) {
        if self.path_remote != Some(remote) {
            self.path_remote = Some(remote);
            self.path_heard_at = now;
        }
    }
}

/// Reception of one SSRC (RFC 3550 appendices A.3 and A.8).
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Reception {
    first: Option<u64>,
    highest: u64,
    received: u64,
    expected_before: u64,
    received_before: u64,
    lost_before: u64,
    /// In 16ths of a tick.
    jitter: u32,
    transit: u32,
    /// Middle bits of the last sender report, and when it came.
    sender_report: Option<(u32, Instant)>,
}

impl Reception {
    /// Takes an opened packet; `since_epoch` is its arrival on any steady clock.
    #[inline]
    pub fn packet(&mut self, since_epoch: Duration, sequence: u64, timestamp: u32) {
        let transit = ticks(since_epoch.as_micros()).wrapping_sub(timestamp);
        if self.first.is_none() {
            self.first = Some(sequence);
            self.highest = sequence;
        } else {
            let change = transit.wrapping_sub(self.transit).cast_signed().unsigned_abs();
            // A jump of seconds is a new timeline, not jitter.
            if u64::from(change) < 2 * CLOCK_HZ {
                self.jitter = self.jitter.saturating_add(change).saturating_sub((self.jitter + 8) >> 4);
            }
        }
        self.transit = transit;
        self.highest = self.highest.max(sequence);
        self.received += 1;
    }

    /// Takes a sender report of the peer.
    pub fn sender_report(&mut self, now: Instant, ntp_time: u64) {
        self.sender_report = Some((middle(ntp_time), now));
    }

    fn expected(&self) -> u64 {
        self.first.map_or(0, |first| self.highest.saturating_sub(first) + 1)
    }

    /// Packets lost so far: of this SSRC and of those before it.
    pub fn lost(&self) -> u64 {
        self.lost_before + self.expected().saturating_sub(self.received)
    }

    /// Begins again for another SSRC, keeping the sum of losses.
    pub fn restart(&mut self) {
        *self = Self { lost_before: self.lost(), ..Self::default() };
    }

    /// Jitter in ticks.
    pub fn jitter(&self) -> u32 {
        self.jitter >> 4
    }

    /// What to report, once something came.
    pub fn report(&mut self, now: Instant, ssrc: u32) -> Option<ReportBlock> {
        self.first?;
        let expected = self.expected();
        let expected_now = expected - self.expected_before;
        let received_now = self.received - self.received_before;
        self.expected_before = expected;
        self.received_before = self.received;
        let lost_now = expected_now.saturating_sub(received_now);
        let fraction = (lost_now * 256).checked_div(expected_now).unwrap_or(0).min(255);
        let (last_sender_report, since) =
            self.sender_report.map_or((0, Duration::ZERO), |(middle, at)| (middle, now.saturating_duration_since(at)));
        Some(ReportBlock {
            ssrc,
            fraction_lost: u8::try_from(fraction).unwrap_or(u8::MAX),
            cumulative_lost: i32::try_from(expected.saturating_sub(self.received)).unwrap_or(i32::MAX),
            #[expect(clippy::cast_possible_truncation, reason = "two cycles of 16 bits are reported")]
            highest_sequence: self.highest as u32,
            jitter: self.jitter(),
            last_sender_report,
            delay_since_last_sender_report: compact_ntp(since),
        })
    }
}

/// The middle 32 bits of an NTP time, as reports echo them.
pub(crate) fn middle(ntp_time: u64) -> u32 {
    #[expect(clippy::cast_possible_truncation, reason = "the middle is meant")]
    let middle = (ntp_time >> 16) as u32;
    middle
}

/// A duration in units of 1/65,536 s, wrapping.
fn compact_ntp(duration: Duration) -> u32 {
    #[expect(clippy::cast_possible_truncation, reason = "18 hours wrap, as in the format")]
    let compact = (duration.as_micros() * 65_536 / 1_000_000) as u32;
    compact
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::disallowed_methods, reason = "the base of a virtual clock")]
    fn base() -> Instant {
        Instant::now()
    }

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn loss_is_reported_once_as_a_fraction_and_kept_as_a_sum() {
        let now = base();
        let mut reception = Reception::default();
        assert_eq!(reception.report(now, 7), None);
        for packet in (0_u32..8).filter(|packet| packet % 4 != 1) {
            let arrival = ms(20 * u64::from(packet));
            reception.packet(arrival, 100 + u64::from(packet), packet * 960);
        }
        let report = reception.report(now, 7).unwrap();
        assert_eq!((report.fraction_lost, report.cumulative_lost), (64, 2));
        assert_eq!((report.highest_sequence, report.jitter), (107, 0));
        reception.packet(ms(160), 108, 8 * 960);
        let report = reception.report(now, 7).unwrap();
        assert_eq!((report.fraction_lost, report.cumulative_lost), (0, 2));
        reception.restart();
        assert_eq!(reception.lost(), 2);
    }

    #[test]
    fn jitter_follows_the_spread_of_arrivals() {
        let mut reception = Reception::default();
        for packet in 0_u32..400 {
            let late = if packet % 2 == 0 { 0 } else { 10 };
            let arrival = ms(20 * u64::from(packet) + late);
            reception.packet(arrival, u64::from(packet), packet * 960);
        }
        // Every transit differs by 10 ms, 480 ticks, from the one before.
        assert!((440..=480).contains(&reception.jitter()), "{}", reception.jitter());
    }

    #[test]
    fn the_delay_since_a_sender_report_is_told() {
        let now = base();
        let mut reception = Reception::default();
        reception.packet(ms(0), 1, 0);
        reception.sender_report(now, 0x0123_4567_89AB_CDEF);
        let report = reception.report(now + ms(500), 1).unwrap();
        assert_eq!(report.last_sender_report, 0x4567_89AB);
        assert_eq!(report.delay_since_last_sender_report, 32_768);
    }
}
