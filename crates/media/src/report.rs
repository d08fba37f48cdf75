// SPDX-License-Identifier: Apache-2.0
//! RTCP with one peer: sender reports for its slots, receiver reports for its microphone, and what its
//! own reports say (RFC 3550 §6.4).
//!
//! NTP times count from the node's start, which the RFC allows: nothing here reads a wall clock. They
//! begin at a date that has been: some receivers take nonsense for no time at all.

use std::time::{Duration, Instant};

use crate::arena::Arena;
use crate::forward::Egress;
use crate::ingress::{Ingress, middle};
use crate::peer::{Peer, SlotQuality};
use crate::rtcp::{self, Packet, ReportBlock, SenderInfo};
use crate::srtp::MAX_OVERHEAD_BYTES;

/// A slot that was silent for longer has nothing new to report.
const ACTIVE: Duration = Duration::from_secs(3);
/// Room for a compound packet: 8 sender reports with their names.
const COMPOUND_BYTES: usize = 1100;
/// October 2026, in seconds since 1900.
const FIRST_NTP_SECOND: u64 = 4_000_000_000;

/// Writes this second's compound packet to a peer.
pub(crate) fn write(
    now: Instant,
    epoch: Instant,
    peer: &Peer,
    ingress: &mut Ingress,
    egress: &mut Egress,
    arena: &mut Arena,
) {
    let block = ingress.ssrc.and_then(|ssrc| ingress.reception.report(now, ssrc));
    let mut blocks = block.as_slice();
    let cname = peer.cname.as_bytes();
    let Some((sealer, path, slots)) = egress.sender() else {
        return;
    };
    let active = slots.iter().filter_map(|slot| {
        let sent = slot.last_sent()?;
        let recent = now.saturating_duration_since(sent) <= ACTIVE;
        recent.then_some((slot, slot.timestamp_at(now)?))
    });
    arena.push_with(path.local, path.remote, COMPOUND_BYTES + MAX_OVERHEAD_BYTES, |out| {
        let mut length = 0;
        for (slot, rtp_time) in active {
            let info = SenderInfo {
                ntp_time: ntp(now.saturating_duration_since(epoch)),
                rtp_time,
                packets: slot.packets,
                bytes: slot.payload_bytes,
            };
            let room = out.get_mut(length..COMPOUND_BYTES)?;
            length += rtcp::write_sender_report(room, slot.ssrc, info, blocks, cname).ok()?;
            blocks = &[];
        }
        if length == 0 {
            let room = out.get_mut(..COMPOUND_BYTES)?;
            length = rtcp::write_receiver_report(room, slots.first()?.ssrc, blocks, cname).ok()?;
        }
        sealer.seal_rtcp(out, length).ok()
    });
}

/// Takes an opened compound packet of a peer in.
pub(crate) fn absorb(
    now: Instant,
    epoch: Instant,
    compound: &[u8],
    peer: &mut Peer,
    ingress: &mut Ingress,
    egress: &Egress,
) {
    for packet in rtcp::packets(compound) {
        let reports = match packet {
            Packet::SenderReport { ssrc, info, reports } => {
                if ingress.ssrc == Some(ssrc) {
                    ingress.reception.sender_report(now, info.ntp_time);
                }
                reports
            }
            Packet::ReceiverReport { reports, .. } => reports,
            Packet::SourceDescription { .. } | Packet::Goodbye { .. } | Packet::Other { .. } => continue,
        };
        for block in reports.iter() {
            quality(now, epoch, &block, peer, egress);
        }
    }
}

fn quality(now: Instant, epoch: Instant, block: &ReportBlock, peer: &mut Peer, egress: &Egress) {
    let Some(slot) = egress.slots().iter().position(|slot| slot.ssrc == block.ssrc) else {
        return;
    };
    peer.quality[slot] = SlotQuality { fraction_lost: block.fraction_lost, jitter: block.jitter };
    if block.last_sender_report != 0 {
        let round_trip = middle(ntp(now.saturating_duration_since(epoch)))
            .wrapping_sub(block.last_sender_report)
            .wrapping_sub(block.delay_since_last_sender_report);
        // Rounding on both sides can make it a hair negative; hours are a peer's nonsense.
        if round_trip.cast_signed() >= 0 && round_trip < 60 << 16 {
            peer.round_trip_ms = Some(round_trip as f32 * 1000.0 / 65_536.0);
        }
    }
}

/// 32 bits of seconds, 32 of fractions (RFC 5905 §6).
fn ntp(since_epoch: Duration) -> u64 {
    let fraction = (u64::from(since_epoch.subsec_nanos()) << 32) / 1_000_000_000;
    (FIRST_NTP_SECOND + since_epoch.as_secs()) << 32 | fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ntp_time_has_seconds_above_and_fractions_below() {
        let time = ntp(Duration::from_millis(70_123_500));
        assert_eq!(time >> 32, FIRST_NTP_SECOND + 70_123);
        assert_eq!(time & 0xFFFF_FFFF, 0x8000_0000);
        assert_eq!(middle(time) & 0xFFFF, 0x8000);
    }
}
