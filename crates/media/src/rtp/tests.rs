// SPDX-License-Identifier: Apache-2.0
use proptest::prelude::*;

use super::{AudioLevel, FIXED_HEADER_BYTES, Header, OutgoingHeader, RtpError};

const LEVEL: AudioLevel = AudioLevel { voice: true, below_overload_db: 30 };

fn outgoing<'a>() -> OutgoingHeader<'a> {
    OutgoingHeader {
        payload_type: 111,
        marker: true,
        sequence: 0x1234,
        timestamp: 0x89AB_CDEF,
        ssrc: 0xDEAD_BEEF,
        csrcs: &[],
        audio_level: None,
        mid: None,
    }
}

fn written(header: &OutgoingHeader<'_>) -> Vec<u8> {
    let mut out = [0xFF; 200];
    let length = header.write(&mut out).unwrap();
    out[..length].to_vec()
}

#[test]
fn fixed_header_as_rfc_3550_5_1_draws_it() {
    let bytes = written(&outgoing());
    assert_eq!(bytes, [0x80, 0x80 | 111, 0x12, 0x34, 0x89, 0xAB, 0xCD, 0xEF, 0xDE, 0xAD, 0xBE, 0xEF]);
    let header = Header::parse(&bytes).unwrap();
    assert_eq!((header.payload_type, header.marker, header.sequence), (111, true, 0x1234));
    assert_eq!((header.timestamp, header.ssrc), (0x89AB_CDEF, 0xDEAD_BEEF));
    assert_eq!((header.header_len, header.csrcs().len()), (FIXED_HEADER_BYTES, 0));
}

#[test]
fn csrc_level_and_mid_in_the_one_byte_form() {
    let header = OutgoingHeader { csrcs: &[7], audio_level: Some((1, LEVEL)), mid: Some((4, b"12")), ..outgoing() };
    let bytes = written(&header);
    assert_eq!(bytes[0], 0x91);
    assert_eq!(bytes[12..16], [0, 0, 0, 7]);
    assert_eq!(bytes[16..], [0xBE, 0xDE, 0, 2, 0x10, 0x80 | 30, 0x41, b'1', b'2', 0, 0, 0]);
    let read = Header::parse(&bytes).unwrap();
    assert_eq!(read.csrcs().collect::<Vec<_>>(), [7]);
    assert_eq!(read.audio_level(1), Some(LEVEL));
    assert_eq!(read.audio_level(2), None);
    assert_eq!(read.extensions().get(4), Some(&b"12"[..]));
    assert_eq!(read.header_len, bytes.len());
}

#[test]
fn an_id_over_14_takes_the_two_byte_form() {
    let header = OutgoingHeader { audio_level: Some((16, LEVEL)), mid: Some((1, b"a")), ..outgoing() };
    let bytes = written(&header);
    assert_eq!(bytes[12..], [0x10, 0, 0, 2, 16, 1, 0x80 | 30, 1, 1, b'a', 0, 0]);
    let read = Header::parse(&bytes).unwrap();
    assert_eq!(read.audio_level(16), Some(LEVEL));
    assert_eq!(read.extensions().get(1), Some(&b"a"[..]));
}

/// The example of RFC 8285 §4.2: padding between elements, and one at the end.
#[test]
fn padding_between_one_byte_elements_is_walked_over() {
    let packet =
        [&[0x90, 0][..], &[0; 10], &[0xBE, 0xDE, 0, 3, 0x10, 0xAA, 0x21, 1, 2, 0, 0, 0x33, 1, 2, 3, 4]].concat();
    let header = Header::parse(&packet).unwrap();
    let elements: Vec<(u8, &[u8])> = header.extensions().iter().collect();
    assert_eq!(elements, [(1, &[0xAA][..]), (2, &[1, 2]), (3, &[1, 2, 3, 4])]);
}

#[test]
fn two_byte_elements_may_be_empty_and_appbits_are_free() {
    let packet = [&[0x90, 0][..], &[0; 10], &[0x10, 0x0B, 0, 2, 5, 0, 0, 6, 2, 8, 9, 0]].concat();
    let header = Header::parse(&packet).unwrap();
    let elements: Vec<(u8, &[u8])> = header.extensions().iter().collect();
    assert_eq!(elements, [(5, &[][..]), (6, &[8, 9])]);
    assert_eq!(header.audio_level(5), None);
}

#[test]
fn elements_that_break_off_and_unknown_forms_yield_nothing_more() {
    let cut = [&[0x90, 0][..], &[0; 10], &[0xBE, 0xDE, 0, 1, 0x10, 0xAA, 0x2F, 1]].concat();
    let found: Vec<u8> = Header::parse(&cut).unwrap().extensions().iter().map(|(id, _)| id).collect();
    assert_eq!(found, [1]);
    let stop = [&[0x90, 0][..], &[0; 10], &[0xBE, 0xDE, 0, 1, 0xF0, 0xAA, 0x10, 1]].concat();
    assert_eq!(Header::parse(&stop).unwrap().extensions().iter().count(), 0, "id 15 ends the block");
    let unknown = [&[0x90, 0][..], &[0; 10], &[0xAB, 0xCD, 0, 1, 0x10, 0xAA, 0x10, 1]].concat();
    let header = Header::parse(&unknown).unwrap();
    assert_eq!(header.extensions().iter().count(), 0);
    assert_eq!(header.header_len, 20);
}

#[test]
fn headers_that_end_too_early_are_refused() {
    let header =
        OutgoingHeader { csrcs: &[1, 2, 3], audio_level: Some((1, LEVEL)), mid: Some((2, b"0")), ..outgoing() };
    let bytes = written(&header);
    for length in 0..bytes.len() {
        assert_eq!(Header::parse(&bytes[..length]), Err(RtpError::Truncated));
        assert_eq!(header.write(&mut vec![0; length]), Err(RtpError::NoRoom));
    }
    for version in [0x00, 0x40, 0xC0] {
        let mut other = bytes.clone();
        other[0] = other[0] & 0x3F | version;
        assert_eq!(Header::parse(&other), Err(RtpError::Version));
    }
}

#[test]
fn padding_is_taken_off_the_payload() {
    let header = [0xA0, 111, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3];
    let payload_of = |body: &[u8]| {
        let packet = [&header, body].concat();
        Header::parse(&packet).unwrap().payload(&packet).map(<[u8]>::to_vec)
    };
    assert_eq!(payload_of(&[1, 2, 3, 0, 0, 3]), Ok(vec![1, 2, 3]));
    assert_eq!(payload_of(&[0, 2]), Ok(vec![]));
    assert_eq!(payload_of(&[1, 0]), Err(RtpError::Padding));
    assert_eq!(payload_of(&[1, 3]), Err(RtpError::Padding));
    assert_eq!(payload_of(&[]), Err(RtpError::Padding));
    let plain = [0x80, 111, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 9, 3];
    let parsed = Header::parse(&plain).unwrap();
    assert_eq!(parsed.payload(&plain), Ok(&[9, 3][..]));
    assert_eq!(parsed.payload(&plain[..11]), Err(RtpError::Truncated));
}

#[test]
fn fields_out_of_range_are_not_written() {
    let mut out = [0; 200];
    let cases = [
        OutgoingHeader { payload_type: 128, ..outgoing() },
        OutgoingHeader { csrcs: &[0; 16], ..outgoing() },
        OutgoingHeader { audio_level: Some((0, LEVEL)), ..outgoing() },
        OutgoingHeader { mid: Some((3, b"")), ..outgoing() },
        OutgoingHeader { mid: Some((3, b"seventeen letters")), ..outgoing() },
        OutgoingHeader { mid: Some((15, b"0")), ..outgoing() },
    ];
    for (index, header) in cases.iter().enumerate() {
        assert_eq!(header.write(&mut out), Err(RtpError::OutOfRange), "case {index}");
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..120), marked in any::<bool>()) {
        let mut packet = bytes;
        if let (true, Some(first)) = (marked, packet.first_mut()) {
            *first = 0x80 | *first & 0x3F;
        }
        if let Ok(header) = Header::parse(&packet) {
            prop_assert!(header.header_len <= packet.len());
            let longest: usize = header.extensions().iter().map(|(_, value)| value.len()).sum();
            prop_assert!(longest <= packet.len());
            prop_assert!(header.csrcs().len() <= 15);
            for id in 0..=255 {
                let _ = header.audio_level(id);
            }
            if let Ok(payload) = header.payload(&packet) {
                prop_assert!(payload.len() <= packet.len() - header.header_len);
            }
        }
    }

    #[test]
    fn what_is_written_is_read(
        payload_type in 0_u8..128,
        marker in any::<bool>(),
        sequence in any::<u16>(),
        timestamp in any::<u32>(),
        ssrc in any::<u32>(),
        csrcs in proptest::collection::vec(any::<u32>(), 0..16),
        level in proptest::option::of((prop_oneof![1_u8..15, 16..=127_u8], any::<bool>(), 0_u8..128)),
        mid in proptest::option::of((prop_oneof![Just(128_u8), 129..=255_u8], "[a-z0-9]{1,16}")),
        one_byte in any::<bool>(),
    ) {
        let mid = mid.as_ref().map(|(id, value)| (if one_byte { 14 } else { *id }, value.as_bytes()));
        let audio_level = level
            .map(|(id, voice, below_overload_db)| {
                (if one_byte { id % 13 + 1 } else { id }, AudioLevel { voice, below_overload_db })
            });
        let header = OutgoingHeader {
            payload_type, marker, sequence, timestamp, ssrc, csrcs: &csrcs, audio_level, mid,
        };
        let bytes = written(&header);
        prop_assert!(bytes.len().is_multiple_of(4));
        let read = Header::parse(&bytes).unwrap();
        prop_assert_eq!((read.payload_type, read.marker, read.sequence), (payload_type, marker, sequence));
        prop_assert_eq!((read.timestamp, read.ssrc, read.padding), (timestamp, ssrc, false));
        prop_assert_eq!(read.csrcs().collect::<Vec<_>>(), csrcs);
        prop_assert_eq!(read.header_len, bytes.len());
        if let Some((id, level)) = audio_level {
            prop_assert_eq!(read.audio_level(id), Some(level));
        }
        if let Some((id, mid)) = mid {
            prop_assert_eq!(read.extensions().get(id), Some(mid));
        }
    }
}
