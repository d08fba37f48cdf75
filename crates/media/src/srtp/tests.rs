// SPDX-License-Identifier: Apache-2.0
use proptest::prelude::*;

use super::vectors::bytes;
use super::{DtlsRole, MAX_OVERHEAD_BYTES, MAX_SOURCES, MasterKey, Opener, Profile, Sealer, SrtpError, SrtpKeys};

const PROFILES: [Profile; 3] = [Profile::AeadAes256Gcm, Profile::AeadAes128Gcm, Profile::Aes128CmSha1_80];

fn material(profile: Profile) -> Vec<u8> {
    (1..).take(profile.keying_material_len()).collect()
}

/// What the DTLS client seals with and the server opens with.
fn pair(profile: Profile) -> (Sealer, Opener) {
    let client = SrtpKeys::from_keying_material(profile, &material(profile), DtlsRole::Client).unwrap();
    let server = SrtpKeys::from_keying_material(profile, &material(profile), DtlsRole::Server).unwrap();
    (Sealer::new(&client.local).unwrap(), Opener::new(&server.remote).unwrap())
}

fn rtp(ssrc: u32, sequence: u16, payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x80, 111];
    packet.extend(sequence.to_be_bytes());
    packet.extend([0, 0, 3, 0xC0]);
    packet.extend(ssrc.to_be_bytes());
    packet.extend(payload);
    packet
}

fn sealed_rtp(sealer: &Sealer, ssrc: u32, ext_seq: u64, payload: &[u8]) -> Vec<u8> {
    let mut packet = rtp(ssrc, (ext_seq & 0xFFFF) as u16, payload);
    let length = packet.len();
    packet.resize(length + MAX_OVERHEAD_BYTES, 0);
    let sealed = sealer.seal_rtp(&mut packet, 12, length, ext_seq).unwrap();
    packet.truncate(sealed);
    packet
}

/// A receiver report without blocks and some words of something else.
fn rtcp(ssrc: u32) -> Vec<u8> {
    let mut packet = vec![0x80, 201, 0, 1];
    packet.extend(ssrc.to_be_bytes());
    packet.extend([0x80, 204, 0, 3, 1, 2, 3, 4, b'V', b'O', b'Z', b'!', 9, 8, 7, 6]);
    packet
}

fn sealed_rtcp(sealer: &mut Sealer, ssrc: u32) -> Vec<u8> {
    let mut packet = rtcp(ssrc);
    let length = packet.len();
    packet.resize(length + MAX_OVERHEAD_BYTES, 0);
    let sealed = sealer.seal_rtcp(&mut packet, length).unwrap();
    packet.truncate(sealed);
    packet
}

/// The packets that implementations of RFC 3711 compare themselves by, under the master key of
/// its appendix B.3.
#[test]
fn counter_mode_packets_known_from_other_implementations() {
    let master = MasterKey::new(
        Profile::Aes128CmSha1_80,
        &bytes("e1f97a0d3e018be0d64fa32c06de4139"),
        &bytes("0ec675ad498afeebb6960b3aabe6"),
    )
    .unwrap();
    let (mut sealer, mut opener) = (Sealer::new(&master).unwrap(), Opener::new(&master).unwrap());

    let mut packet = bytes("800f1234decafbadcafebabe abababababababababababababababab 00000000000000000000");
    assert_eq!(sealer.seal_rtp(&mut packet, 12, 28, 0x1234), Ok(38));
    let sealed = bytes("800f1234decafbadcafebabe 4e55dc4ce79978d88ca4d215949d2402 b78d6acc99ea179b8dbb");
    assert_eq!(packet, sealed);
    let opened = opener.open_rtp(&mut packet).unwrap();
    assert_eq!((opened.ext_seq, opened.header_len, opened.payload_len), (0x1234, 12, 16));
    assert_eq!(packet[12..28], [0xAB; 16]);

    let mut packet = bytes("81c8000bcafebabe abababababababababababababababab 0000000000000000000000000000");
    sealer.next_rtcp_index = 1;
    assert_eq!(sealer.seal_rtcp(&mut packet, 24), Ok(38));
    let sealed = bytes("81c8000bcafebabe 7128035be487b9bdbef89041f977a5a8 80000001 993e08cd54d6c1230798");
    assert_eq!(packet, sealed);
    assert_eq!(opener.open_rtcp(&mut packet).unwrap().packet_len, 24);
    assert_eq!(packet[8..24], [0xAB; 16]);
}

#[test]
fn each_side_opens_what_the_other_seals_and_not_its_own() {
    for profile in PROFILES {
        let client = SrtpKeys::from_keying_material(profile, &material(profile), DtlsRole::Client).unwrap();
        let server = SrtpKeys::from_keying_material(profile, &material(profile), DtlsRole::Server).unwrap();
        for (from, to) in [(&client, &server), (&server, &client)] {
            let sealer = Sealer::new(&from.local).unwrap();
            let packet = sealed_rtp(&sealer, 1, 1, b"hello");
            assert!(Opener::new(&to.remote).unwrap().open_rtp(&mut packet.clone()).is_ok());
            let refused = Opener::new(&to.local).unwrap().open_rtp(&mut packet.clone());
            assert_eq!(refused, Err(SrtpError::Unauthentic));
        }
    }
}

#[test]
fn keying_material_of_another_length_is_refused() {
    for profile in PROFILES {
        let material = material(profile);
        for length in [0, material.len() - 1, material.len() + 1] {
            let bytes = vec![1; length];
            assert_eq!(
                SrtpKeys::from_keying_material(profile, &bytes, DtlsRole::Server).err(),
                Some(SrtpError::InvalidKey)
            );
        }
        assert_eq!(MasterKey::new(profile, &[0; 15], &[0; 14]).err(), Some(SrtpError::InvalidKey));
    }
}

#[test]
fn any_flipped_bit_of_rtp_is_refused_and_moves_nothing() {
    for profile in PROFILES {
        let (sealer, mut opener) = pair(profile);
        let packet = sealed_rtp(&sealer, 0x1234_5678, 40, b"twenty bytes of sound");
        for bit in 0..packet.len() * 8 {
            let mut forged = packet.clone();
            forged[bit / 8] ^= 1 << (bit % 8);
            assert!(opener.open_rtp(&mut forged).is_err(), "{profile:?}, bit {bit}");
        }
        let opened = opener.open_rtp(&mut packet.clone()).unwrap();
        assert_eq!(opened.ext_seq, 40);
        // Once a source is known, its window is asked first; it must not move either.
        for bit in 0..packet.len() * 8 {
            let mut forged = sealed_rtp(&sealer, 0x1234_5678, 41, b"twenty bytes of sound");
            forged[bit / 8] ^= 1 << (bit % 8);
            assert!(opener.open_rtp(&mut forged).is_err(), "{profile:?}, bit {bit}");
        }
        let mut next = sealed_rtp(&sealer, 0x1234_5678, 41, b"twenty bytes of sound");
        assert_eq!(opener.open_rtp(&mut next).unwrap().ext_seq, 41);
    }
}

#[test]
fn any_flipped_bit_of_rtcp_is_refused_and_moves_nothing() {
    for profile in PROFILES {
        let (mut sealer, mut opener) = pair(profile);
        let packet = sealed_rtcp(&mut sealer, 77);
        for bit in 0..packet.len() * 8 {
            let mut forged = packet.clone();
            forged[bit / 8] ^= 1 << (bit % 8);
            assert!(opener.open_rtcp(&mut forged).is_err(), "{profile:?}, bit {bit}");
        }
        let mut opened = packet.clone();
        let result = opener.open_rtcp(&mut opened).unwrap();
        assert_eq!((result.ssrc, &opened[..result.packet_len]), (77, &rtcp(77)[..]));
    }
}

#[test]
fn a_packet_cut_anywhere_is_refused() {
    for profile in PROFILES {
        let (mut sealer, mut opener) = pair(profile);
        let rtp = sealed_rtp(&sealer, 5, 5, b"sound");
        let rtcp = sealed_rtcp(&mut sealer, 5);
        for length in 0..rtp.len() {
            assert!(opener.open_rtp(&mut rtp[..length].to_vec()).is_err());
        }
        for length in 0..rtcp.len() {
            assert!(opener.open_rtcp(&mut rtcp[..length].to_vec()).is_err());
        }
    }
}

#[test]
fn replays_are_refused_and_late_packets_are_not() {
    for profile in PROFILES {
        let (mut sealer, mut opener) = pair(profile);
        let packets: Vec<Vec<u8>> = (0..200).map(|seq| sealed_rtp(&sealer, 9, seq, b"x")).collect();
        opener.open_rtp(&mut packets[100].clone()).unwrap();
        opener.open_rtp(&mut packets[99].clone()).unwrap();
        for seq in [99, 100] {
            assert_eq!(opener.open_rtp(&mut packets[seq].clone()), Err(SrtpError::Replayed));
        }
        opener.open_rtp(&mut packets[199].clone()).unwrap();
        assert_eq!(opener.open_rtp(&mut packets[71].clone()), Err(SrtpError::Replayed), "too old to know");
        assert!(opener.open_rtp(&mut packets[72].clone()).is_ok());

        let first = sealed_rtcp(&mut sealer, 9);
        let second = sealed_rtcp(&mut sealer, 9);
        assert!(opener.open_rtcp(&mut second.clone()).is_ok());
        assert!(opener.open_rtcp(&mut first.clone()).is_ok());
        for packet in [first, second] {
            assert_eq!(opener.open_rtcp(&mut packet.clone()), Err(SrtpError::Replayed));
        }
    }
}

#[test]
fn unencrypted_rtcp_is_refused() {
    for profile in PROFILES {
        let (mut sealer, mut opener) = pair(profile);
        let mut packet = sealed_rtcp(&mut sealer, 3);
        let after_word = if profile == Profile::Aes128CmSha1_80 { profile.tag_len() } else { 0 };
        let flag_at = packet.len() - after_word - 4;
        assert_eq!(packet[flag_at] & 0x80, 0x80);
        packet[flag_at] &= 0x7F;
        assert_eq!(opener.open_rtcp(&mut packet), Err(SrtpError::Unencrypted));
    }
}

#[test]
fn sources_are_bounded_and_none_is_forgotten() {
    let (mut sealer, mut opener) = pair(Profile::AeadAes128Gcm);
    let first = sealed_rtp(&sealer, 0, 1, b"x");
    opener.open_rtp(&mut first.clone()).unwrap();
    for ssrc in 1..u32::try_from(MAX_SOURCES).unwrap() {
        opener.open_rtp(&mut sealed_rtp(&sealer, ssrc, 1, b"x")).unwrap();
    }
    let mut one_more = sealed_rtp(&sealer, u32::MAX, 1, b"x");
    assert_eq!(opener.open_rtp(&mut one_more), Err(SrtpError::TooManySources));
    assert_eq!(opener.open_rtp(&mut first.clone()), Err(SrtpError::Replayed));
    opener.open_rtp(&mut sealed_rtp(&sealer, 0, 2, b"x")).unwrap();
    // RTCP has a table of its own.
    assert!(opener.open_rtcp(&mut sealed_rtcp(&mut sealer, u32::MAX)).is_ok());
}

#[test]
fn keys_are_not_used_beyond_their_last_index() {
    for profile in PROFILES {
        let (mut sealer, _) = pair(profile);
        let mut packet = rtp(1, 0, b"x");
        let length = packet.len();
        packet.resize(length + MAX_OVERHEAD_BYTES, 0);
        assert_eq!(sealer.seal_rtp(&mut packet, 12, length, 1 << 48), Err(SrtpError::Exhausted));
        assert!(sealer.seal_rtp(&mut packet, 12, length, (1 << 48) - 0x1_0000).is_ok());

        sealer.next_rtcp_index = (1 << 31) - 1;
        sealed_rtcp(&mut sealer, 1);
        let mut packet = rtcp(1);
        let length = packet.len();
        packet.resize(length + MAX_OVERHEAD_BYTES, 0);
        assert_eq!(sealer.seal_rtcp(&mut packet, length), Err(SrtpError::Exhausted));
    }
}

#[test]
fn sealing_without_room_or_with_contradicting_numbers_is_refused() {
    for profile in PROFILES {
        let (mut sealer, _) = pair(profile);
        let packet = rtp(1, 7, b"sound");
        let length = packet.len();
        for room in 0..profile.tag_len() {
            let mut buffer = packet.clone();
            buffer.resize(length + room, 0);
            assert_eq!(sealer.seal_rtp(&mut buffer, 12, length, 7), Err(SrtpError::NoRoom));
        }
        let mut buffer = [packet, vec![0; MAX_OVERHEAD_BYTES]].concat();
        assert_eq!(sealer.seal_rtp(&mut buffer, 12, length, 8), Err(SrtpError::SequenceMismatch));
        assert_eq!(sealer.seal_rtp(&mut buffer, 11, length, 7), Err(SrtpError::NoRoom));
        assert_eq!(sealer.seal_rtp(&mut buffer, length + 1, length, 7), Err(SrtpError::NoRoom));
        assert_eq!(sealer.seal_rtp(&mut buffer, 12, usize::MAX, 7), Err(SrtpError::NoRoom));
        assert_eq!(sealer.seal_rtp(&mut [], 12, 12, 7), Err(SrtpError::NoRoom));

        let packet = rtcp(1);
        for room in 0..profile.tag_len() + 4 {
            let mut buffer = packet.clone();
            buffer.resize(packet.len() + room, 0);
            assert_eq!(sealer.seal_rtcp(&mut buffer, packet.len()), Err(SrtpError::NoRoom));
        }
        assert_eq!(sealer.seal_rtcp(&mut [0; 64], 7), Err(SrtpError::Malformed));
        assert_eq!(sealer.seal_rtcp(&mut [0; 64], usize::MAX), Err(SrtpError::NoRoom));
    }
}

/// Many times through 2¹⁶, with loss in bursts of up to 20,000 packets and shuffled neighbours:
/// all that comes is opened, once, under the number it was sealed with.
fn roll_over_many_times(profile: Profile, mut choice: impl FnMut(u64) -> u64) {
    let (sealer, mut opener) = pair(profile);
    let mut next = choice(1 << 15);
    let end = 8 << 16;
    let mut opened = 0_u32;
    while next < end {
        // The first always comes: a gap of 2¹⁵ would be one that no receiver can number.
        let mut burst: Vec<u64> =
            (next..next + 1 + choice(60)).filter(|ext_seq| *ext_seq == next || choice(10) > 0).collect();
        for index in (1..burst.len()).rev() {
            let other = usize::try_from(choice(index as u64 + 1)).unwrap();
            burst.swap(index, other);
        }
        for &ext_seq in &burst {
            let packet = sealed_rtp(&sealer, 0xFEED, ext_seq, &ext_seq.to_be_bytes());
            let mut received = packet.clone();
            let result = opener.open_rtp(&mut received).unwrap();
            assert_eq!(result.ext_seq, ext_seq);
            assert_eq!(received[12..12 + result.payload_len], ext_seq.to_be_bytes());
            if choice(50) == 0 {
                assert_eq!(opener.open_rtp(&mut packet.clone()), Err(SrtpError::Replayed));
            }
            opened += 1;
        }
        next += 61;
        if choice(400) == 0 {
            next += choice(20_000);
        }
    }
    assert!(opened > 50_000, "most of it came: {opened}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3, ..ProptestConfig::default() })]

    #[test]
    fn roll_over_with_loss_and_reordering(seed in 1_u64.., profile in prop::sample::select(&PROFILES[..])) {
        // xorshift64: any sequence of choices will do, as long as the seed repeats it.
        let mut state = seed;
        roll_over_many_times(profile, |bound| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state % bound
        });
    }
}

proptest! {
    #[test]
    fn rtp_roundtrip(
        profile in prop::sample::select(&PROFILES[..]),
        csrcs in 0_u8..16,
        extension in proptest::option::of(proptest::collection::vec(any::<[u8; 4]>(), 0..8)),
        ssrc in any::<u32>(),
        sequence in any::<u16>(),
        payload in proptest::collection::vec(any::<u8>(), 0..1200),
    ) {
        let mut plain = rtp(ssrc, sequence, &[]);
        plain[0] |= csrcs;
        plain.extend((0..csrcs * 4).map(|byte| byte ^ 0x5A));
        if let Some(words) = &extension {
            plain[0] |= 0x10;
            plain.extend([0xBE, 0xDE, 0, u8::try_from(words.len()).unwrap()]);
            plain.extend(words.concat());
        }
        let header_len = plain.len();
        plain.extend(&payload);

        let (sealer, mut opener) = pair(profile);
        let mut packet = plain.clone();
        packet.resize(plain.len() + MAX_OVERHEAD_BYTES, 0);
        let sealed_len = sealer.seal_rtp(&mut packet, header_len, plain.len(), u64::from(sequence)).unwrap();
        prop_assert_eq!(sealed_len, plain.len() + profile.tag_len());
        packet.truncate(sealed_len);
        prop_assert_eq!(&packet[..header_len], &plain[..header_len]);
        if payload.len() >= 16 {
            prop_assert_ne!(&packet[header_len..plain.len()], &payload[..]);
        }
        let opened = opener.open_rtp(&mut packet).unwrap();
        prop_assert_eq!((opened.header_len, opened.payload_len), (header_len, payload.len()));
        prop_assert_eq!((opened.ssrc, opened.ext_seq), (ssrc, u64::from(sequence)));
        prop_assert_eq!(&packet[..plain.len()], &plain[..]);
    }

    #[test]
    fn rtcp_roundtrip(
        profile in prop::sample::select(&PROFILES[..]),
        ssrc in any::<u32>(),
        index in 0_u32..1 << 31,
        body in proptest::collection::vec(any::<u8>(), 0..600),
    ) {
        let (mut sealer, mut opener) = pair(profile);
        sealer.next_rtcp_index = index;
        let mut plain = rtcp(ssrc);
        plain.extend(&body);
        let mut packet = plain.clone();
        packet.resize(plain.len() + MAX_OVERHEAD_BYTES, 0);
        let sealed_len = sealer.seal_rtcp(&mut packet, plain.len()).unwrap();
        prop_assert_eq!(sealed_len, plain.len() + profile.tag_len() + 4);
        let opened = opener.open_rtcp(&mut packet[..sealed_len]).unwrap();
        prop_assert_eq!((opened.ssrc, opened.packet_len), (ssrc, plain.len()));
        prop_assert_eq!(&packet[..plain.len()], &plain[..]);
    }

    #[test]
    fn arbitrary_bytes_are_refused(
        profile in prop::sample::select(&PROFILES[..]),
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        version in any::<bool>(),
    ) {
        let (_, mut opener) = pair(profile);
        let mut packet = bytes;
        if let (true, Some(first)) = (version, packet.first_mut()) {
            *first = 0x80 | *first & 0x3F;
        }
        prop_assert!(opener.open_rtp(&mut packet.clone()).is_err());
        prop_assert!(opener.open_rtcp(&mut packet).is_err());
    }
}
