// SPDX-License-Identifier: Apache-2.0
//! SRTP and SRTCP under known keys: a profile, then operations: packets that are sealed and opened,
//! repeated, bent, and garbage.

use std::collections::BTreeSet;

use voz_media::rtp::Header;
use voz_media::srtp::{DtlsRole, MAX_OVERHEAD_BYTES, Opener, Profile, Sealer, SrtpError, SrtpKeys};

use crate::input::Input;

const PROFILES: [Profile; 3] = [Profile::AeadAes256Gcm, Profile::AeadAes128Gcm, Profile::Aes128CmSha1_80];

/// Both ends of one direction, and what went from one to the other.
struct Pair {
    sealer: Sealer,
    opener: Opener,
    sealed: Vec<Vec<u8>>,
    /// SSRC and index of every RTP packet that was opened.
    opened: BTreeSet<(u32, u64)>,
}

/// Runs the operations.
pub fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let profile = PROFILES[input.below(PROFILES.len())];
    let material: Vec<u8> = (0_u8..).take(profile.keying_material_len()).collect();
    let keys = |role| SrtpKeys::from_keying_material(profile, &material, role);
    let (Ok(client), Ok(server)) = (keys(DtlsRole::Client), keys(DtlsRole::Server)) else {
        panic!("keying material of the right length is refused");
    };
    let (Ok(sealer), Ok(opener)) = (Sealer::new(&client.local), Opener::new(&server.remote)) else {
        panic!("keys are refused");
    };
    let mut pair = Pair { sealer, opener, sealed: Vec::new(), opened: BTreeSet::new() };
    while !input.is_empty() {
        match input.below(6) {
            0 => pair.rtp(input.u16(), input.bytes()),
            1 => pair.rtcp(input.bytes()),
            2 => pair.repeat(input.below(256)),
            3 => pair.bend(input.below(256), input.u16().into(), input.byte()),
            4 => pair.garbage(input.bytes()),
            _ => pair.cut(input.below(256), input.u16().into()),
        }
    }
}

impl Pair {
    /// Seals `plain` under the sequence `high ‖ its own`, opens it and compares.
    fn rtp(&mut self, high: u16, plain: &[u8]) {
        let Ok(header) = Header::parse(plain) else { return };
        let (ssrc, header_len) = (header.ssrc, header.header_len);
        let index = u64::from(high) << 16 | u64::from(header.sequence);
        let mut packet = plain.to_vec();
        packet.resize(plain.len() + MAX_OVERHEAD_BYTES, 0);
        let Ok(length) = self.sealer.seal_rtp(&mut packet, header_len, plain.len(), index) else {
            panic!("a packet can't be sealed");
        };
        packet.truncate(length);
        assert_eq!(packet[..header_len], plain[..header_len], "the header stays readable");
        self.keep(&packet);
        match self.opener.open_rtp(&mut packet) {
            Ok(opened) => {
                assert_eq!((opened.ssrc, opened.ext_seq), (ssrc, index));
                assert_eq!(packet[..header_len + opened.payload_len], *plain);
                assert!(self.opened.insert((ssrc, index)), "index {index} of {ssrc} was opened twice");
            }
            Err(SrtpError::Replayed | SrtpError::TooManySources | SrtpError::Exhausted) => {}
            // The receiver guessed another roll-over than the sender has.
            Err(SrtpError::Unauthentic) => assert!(high > 0 || self.opened.iter().any(|(known, _)| *known == ssrc)),
            Err(error) => panic!("{error}"),
        }
    }

    fn rtcp(&mut self, plain: &[u8]) {
        let mut packet = plain.to_vec();
        packet.resize(plain.len() + MAX_OVERHEAD_BYTES, 0);
        let sealed = self.sealer.seal_rtcp(&mut packet, plain.len());
        if plain.len() < 8 {
            assert_eq!(sealed, Err(SrtpError::Malformed));
            return;
        }
        let Ok(length) = sealed else { panic!("a compound packet can't be sealed") };
        packet.truncate(length);
        self.keep(&packet);
        match self.opener.open_rtcp(&mut packet) {
            Ok(opened) => assert_eq!(packet[..opened.packet_len], *plain),
            Err(SrtpError::Malformed) => assert_ne!(plain[0] >> 6, 2),
            Err(SrtpError::TooManySources) => {}
            Err(error) => panic!("{error}"),
        }
    }

    fn repeat(&mut self, which: usize) {
        if let Some(packet) = self.pick(which) {
            self.open_again(&packet);
        }
    }

    /// What was opened once is never opened again.
    fn open_again(&mut self, packet: &[u8]) {
        if let Ok(opened) = self.opener.open_rtp(&mut packet.to_vec()) {
            let first = self.opened.insert((opened.ssrc, opened.ext_seq));
            assert!(first, "index {} of {} was opened twice", opened.ext_seq, opened.ssrc);
        }
    }

    fn bend(&mut self, which: usize, at: usize, by: u8) {
        let Some(mut packet) = self.pick(which) else { return };
        let at = at % packet.len();
        packet[at] ^= by;
        if by == 0 {
            self.open_again(&packet);
        } else {
            self.garbage(&packet);
        }
    }

    fn cut(&mut self, which: usize, length: usize) {
        let Some(packet) = self.pick(which) else { return };
        if length < packet.len() {
            self.garbage(&packet[..length]);
        }
    }

    /// Nobody sealed these bytes.
    fn garbage(&mut self, bytes: &[u8]) {
        if self.sealed.iter().any(|packet| packet == bytes) {
            return;
        }
        assert!(self.opener.open_rtp(&mut bytes.to_vec()).is_err(), "forged RTP was opened");
        assert!(self.opener.open_rtcp(&mut bytes.to_vec()).is_err(), "forged RTCP was opened");
    }

    fn pick(&self, which: usize) -> Option<Vec<u8>> {
        self.sealed.get(which % self.sealed.len().max(1)).cloned()
    }

    fn keep(&mut self, packet: &[u8]) {
        if self.sealed.len() < 256 {
            self.sealed.push(packet.to_vec());
        }
    }
}
