// SPDX-License-Identifier: Apache-2.0
use proptest::prelude::*;

use super::{Packet, ReportBlock, RtcpError, SenderInfo, is_rtcp, packets, write_receiver_report, write_sender_report};

const BLOCK: ReportBlock = ReportBlock {
    ssrc: 0x0102_0304,
    fraction_lost: 64,
    cumulative_lost: -2,
    highest_sequence: 0x0001_FFFE,
    jitter: 480,
    last_sender_report: 0xAABB_CCDD,
    delay_since_last_sender_report: 65_536,
};

const INFO: SenderInfo = SenderInfo { ntp_time: 0xE000_0001_8000_0002, rtp_time: 960, packets: 1000, bytes: 80_000 };

#[test]
fn receiver_report_as_rfc_3550_6_4_2_draws_it() {
    let mut out = [0xFF; 100];
    let length = write_receiver_report(&mut out, 0x1111_2222, &[BLOCK], b"voz").unwrap();
    let report = [
        0x81, 201, 0, 7, 0x11, 0x11, 0x22, 0x22, 1, 2, 3, 4, 64, 0xFF, 0xFF, 0xFE, 0, 1, 0xFF, 0xFE, 0, 0, 1, 0xE0,
        0xAA, 0xBB, 0xCC, 0xDD, 0, 1, 0, 0,
    ];
    let description = [0x81, 202, 0, 3, 0x11, 0x11, 0x22, 0x22, 1, 3, b'v', b'o', b'z', 0, 0, 0];
    assert_eq!(out[..length], [&report[..], &description].concat());
}

#[test]
fn reports_are_read_as_they_were_written() {
    let mut out = [0; 1500];
    let blocks = [BLOCK; 31];
    let length = write_sender_report(&mut out, 5, INFO, &blocks, b"name").unwrap();
    let mut read = packets(&out[..length]);
    let Some(Packet::SenderReport { ssrc: 5, info: INFO, reports }) = read.next() else {
        panic!("a sender report comes first");
    };
    assert_eq!(reports.iter().collect::<Vec<_>>(), blocks);
    assert_eq!(read.next(), Some(Packet::SourceDescription { ssrc: 5, cname: Some(b"name") }));
    assert_eq!(read.next(), None);

    let mut out = [0; 100];
    let length = write_receiver_report(&mut out, 6, &[], b"n").unwrap();
    let Some(Packet::ReceiverReport { ssrc: 6, reports }) = packets(&out[..length]).next() else {
        panic!("a receiver report comes first");
    };
    assert_eq!(reports.iter().count(), 0);
}

#[test]
fn the_end_of_a_description_is_marked_for_every_length_of_name() {
    for length in 1..=255_usize {
        let name = vec![b'n'; length];
        let mut out = [0xFF; 300];
        let total = write_receiver_report(&mut out, 1, &[], &name).unwrap();
        assert!(total.is_multiple_of(4));
        assert_eq!(out[total - 1], 0, "at least one zero byte ends the chunk");
        let last = packets(&out[..total]).last();
        assert_eq!(last, Some(Packet::SourceDescription { ssrc: 1, cname: Some(&name) }));
    }
}

#[test]
fn what_is_not_used_is_walked_over() {
    let mut compound = vec![0x81, 205, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2];
    compound.extend([0x80, 207, 0, 1, 0, 0, 0, 1]);
    compound.extend([0x82, 203, 0, 2, 0, 0, 0, 8, 0, 0, 0, 9]);
    let read: Vec<Packet<'_>> = packets(&compound).collect();
    assert_eq!(read[..2], [Packet::Other { packet_type: 205 }, Packet::Other { packet_type: 207 }]);
    let Packet::Goodbye { ssrcs } = read[2] else {
        panic!("a goodbye comes last");
    };
    assert_eq!(ssrcs.iter().collect::<Vec<_>>(), [8, 9]);
    assert_eq!(read.len(), 3);
}

#[test]
fn counts_that_promise_too_much_yield_what_is_there() {
    // 31 blocks are promised, one and a half are there.
    let mut report = vec![0x9F, 201, 0, 10];
    report.extend([0; 40]);
    let Some(Packet::ReceiverReport { reports, .. }) = packets(&report).next() else {
        panic!("a receiver report");
    };
    assert_eq!(reports.iter().count(), 1);
    // A sender report too short for its sender information is nothing.
    let short = [0x80, 200, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0];
    assert_eq!(packets(&short).next(), Some(Packet::Other { packet_type: 200 }));
    // A packet longer than what came ends the walk.
    assert_eq!(packets(&[0x80, 201, 0, 2, 0, 0, 0, 1]).next(), None);
    // So does another version.
    assert_eq!(packets(&[0x40, 201, 0, 1, 0, 0, 0, 1]).next(), None);
}

#[test]
fn rtcp_is_told_from_rtp_by_the_second_byte() {
    assert!(is_rtcp(&[0x80, 200, 0, 0]) && is_rtcp(&[0x81, 206]));
    // Payload type 111 with and without marker.
    assert!(!is_rtcp(&[0x80, 111]) && !is_rtcp(&[0x80, 239]));
    assert!(!is_rtcp(&[0x00, 200]) && !is_rtcp(&[0x80]) && !is_rtcp(&[]));
}

#[test]
fn what_does_not_fit_is_not_written() {
    let mut out = [0; 2000];
    assert_eq!(write_receiver_report(&mut out, 1, &[BLOCK; 32], b"n"), Err(RtcpError::OutOfRange));
    assert_eq!(write_receiver_report(&mut out, 1, &[], b""), Err(RtcpError::OutOfRange));
    assert_eq!(write_receiver_report(&mut out, 1, &[], &[b'n'; 256]), Err(RtcpError::OutOfRange));
    let needed = write_sender_report(&mut out, 1, INFO, &[BLOCK], b"name").unwrap();
    for length in 0..needed {
        let short = &mut out[..length];
        assert_eq!(write_sender_report(short, 1, INFO, &[BLOCK], b"name"), Err(RtcpError::NoRoom));
    }
}

#[test]
fn losses_beyond_24_bits_are_clamped() {
    for (lost, written) in [(i32::MAX, (1 << 23) - 1), (i32::MIN, -(1 << 23)), (-1, -1), (70_000, 70_000)] {
        let mut out = [0; 100];
        let block = ReportBlock { cumulative_lost: lost, ..BLOCK };
        let length = write_receiver_report(&mut out, 1, &[block], b"n").unwrap();
        let Some(Packet::ReceiverReport { reports, .. }) = packets(&out[..length]).next() else {
            panic!("a receiver report");
        };
        assert_eq!(reports.iter().next().map(|block| block.cumulative_lost), Some(written));
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        heads in proptest::collection::vec((0_usize..300, 199_u8..210, 0_u8..32, 0_u8..20), 0..8),
    ) {
        let mut compound = bytes;
        for (at, packet_type, count, words) in heads {
            let at = at / 4 * 4;
            if let Some(head) = compound.get_mut(at..at + 4) {
                head.copy_from_slice(&[0x80 | count, packet_type, 0, words]);
            }
        }
        let mut walked = 0;
        for packet in packets(&compound) {
            walked += 4;
            match packet {
                Packet::SenderReport { reports, .. } | Packet::ReceiverReport { reports, .. } => {
                    prop_assert!(reports.iter().count() <= 31);
                }
                Packet::Goodbye { ssrcs } => prop_assert!(ssrcs.iter().count() <= 31),
                Packet::SourceDescription { cname, .. } => prop_assert!(cname.is_none_or(|name| name.len() < 256)),
                Packet::Other { .. } => {}
            }
        }
        prop_assert!(walked <= compound.len());
    }
}
