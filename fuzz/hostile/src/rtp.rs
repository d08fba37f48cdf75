// SPDX-License-Identifier: Apache-2.0
//! RTP headers: a packet, as it came. Read, then written anew for another receiver and read again.

use voz_media::rtp::{AudioLevel, Header, MAX_MID_BYTES, OutgoingHeader};

/// Room for any header that is written: 12 fixed, 15 CSRCs, a block of two elements.
const ROOM: usize = 12 + 60 + 4 + 40;

/// Reads the packet and rewrites its header.
pub fn run(data: &[u8]) {
    let Ok(header) = Header::parse(data) else { return };
    assert!(header.header_len <= data.len());
    let csrcs: Vec<u32> = header.csrcs().collect();
    let extensions: Vec<_> = header.extensions().iter().collect();
    let block = header.header_len - 12 - 4 * csrcs.len();
    let held: usize = extensions.iter().map(|(_, value)| value.len() + 1).sum();
    assert!(held <= block, "{held} bytes of elements in a block of {block}");
    for (id, _) in &extensions {
        let first = extensions.iter().find(|(found, _)| found == id).map(|(_, value)| *value);
        assert_eq!(header.extensions().get(*id), first);
    }
    if let Ok(payload) = header.payload(data) {
        let padding = data.len() - header.header_len - payload.len();
        assert_eq!(header.padding, padding > 0);
    }
    for (level_id, mid_id) in [(1, 2), (14, 13), (16, 255), (3, 0), (15, 4)] {
        rewrite(&header, &csrcs, level_id, mid_id);
    }
}

fn rewrite(header: &Header<'_>, csrcs: &[u32], level_id: u8, mid_id: u8) {
    let level = header.extensions().iter().find_map(|(id, _)| header.audio_level(id));
    let mid = header.extensions().iter().map(|(_, value)| value).find(|value| value.len() > 1);
    let outgoing = OutgoingHeader {
        payload_type: header.payload_type,
        marker: header.marker,
        sequence: header.sequence,
        timestamp: header.timestamp,
        ssrc: header.ssrc,
        csrcs,
        audio_level: level.map(|level| (level_id, level)),
        mid: mid.map(|mid| (mid_id, mid)),
    };
    let mut out = [0xAA; ROOM];
    let Ok(length) = outgoing.write(&mut out) else {
        let refused = |id: u8| id == 0 || id == 15;
        let long = mid.is_some_and(|mid| mid.len() > MAX_MID_BYTES);
        assert!(refused(level_id) || refused(mid_id) || long, "a good header can't be written");
        return;
    };
    assert!(out[length..].iter().all(|byte| *byte == 0xAA), "written beyond its length");
    assert!(outgoing.write(&mut out[..length - 1]).is_err());
    assert!(outgoing.write(&mut out[..length]).is_ok());
    let Ok(again) = Header::parse(&out[..length]) else { panic!("what was written can't be read") };
    assert_eq!(again.header_len, length);
    assert_eq!(
        (again.payload_type, again.marker, again.sequence, again.timestamp, again.ssrc),
        (header.payload_type, header.marker, header.sequence, header.timestamp, header.ssrc)
    );
    assert!(again.csrcs().eq(csrcs.iter().copied()));
    assert_eq!(again.audio_level(level_id), level.map(known));
    assert_eq!(again.extensions().get(mid_id), mid);
}

/// A level has seven bits on the wire.
fn known(level: AudioLevel) -> AudioLevel {
    assert!(level.below_overload_db <= 127);
    level
}
