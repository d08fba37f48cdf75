// SPDX-License-Identifier: Apache-2.0
//! RTCP: a compound packet, as it is after opening. Read; its reports written anew and read again.

use voz_media::rtcp::{self, Packet, ReportBlock};

const ROOM: usize = 1500;
const CNAME: &[u8] = b"somebody";

/// Reads the compound packet.
pub fn run(data: &[u8]) {
    let mut walked = 0;
    for packet in rtcp::packets(data) {
        walked += 1;
        match packet {
            Packet::SenderReport { ssrc, info, reports } => {
                let blocks: Vec<ReportBlock> = reports.iter().collect();
                let mut out = [0; ROOM];
                let Ok(length) = rtcp::write_sender_report(&mut out, ssrc, info, &blocks, CNAME) else {
                    panic!("{} blocks can't be written", blocks.len());
                };
                assert!(rtcp::is_rtcp(&out[..length]));
                let mut again = rtcp::packets(&out[..length]);
                let Some(Packet::SenderReport { ssrc: same, info: told, reports }) = again.next() else {
                    panic!("no sender report came back");
                };
                assert_eq!((same, told), (ssrc, info));
                assert!(reports.iter().eq(blocks));
                assert_eq!(again.next(), Some(Packet::SourceDescription { ssrc, cname: Some(CNAME) }));
                assert_eq!(again.next(), None);
            }
            Packet::ReceiverReport { ssrc, reports } => {
                let blocks: Vec<ReportBlock> = reports.iter().collect();
                let mut out = [0; ROOM];
                let Ok(length) = rtcp::write_receiver_report(&mut out, ssrc, &blocks, CNAME) else {
                    panic!("{} blocks can't be written", blocks.len());
                };
                let Some(Packet::ReceiverReport { ssrc: same, reports }) = rtcp::packets(&out[..length]).next() else {
                    panic!("no receiver report came back");
                };
                assert_eq!(same, ssrc);
                assert!(reports.iter().eq(blocks));
            }
            Packet::SourceDescription { cname, .. } => assert!(cname.is_none_or(|name| name.len() <= 255)),
            Packet::Goodbye { ssrcs } => assert!(ssrcs.iter().count() <= 31),
            Packet::Other { .. } => {}
        }
    }
    assert!(walked <= data.len() / 4, "{walked} packets in {} bytes", data.len());
}
