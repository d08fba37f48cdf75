// SPDX-License-Identifier: Apache-2.0
use std::net::SocketAddr;
use std::path::Path;

use proptest::prelude::*;

use super::{Answer, MAX_OFFER_BYTES, MAX_SLOTS, Offer, OfferError};

/// An offer as a browser, or a program, really made it.
fn real_offer(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/offers").join(name).with_extension("sdp");
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("the recorded offer {}: {error}", path.display()))
}

const REAL_OFFERS: [&str; 4] = ["chromium", "chromium-red", "firefox", "aiortc"];

const FINGERPRINT: &str =
    "6E:7A:36:81:F4:3E:61:E2:D8:B3:14:BF:A0:8D:57:CC:E3:E7:E9:34:F8:93:1C:ED:B2:DF:43:13:D0:92:55:64";

/// A small valid offer: section 0 sends, `slots` more receive.
fn small_offer(slots: usize) -> String {
    let mut text = String::from("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE");
    for mid in 0..=slots {
        text.push_str(&format!(" {mid}"));
    }
    text.push_str("\r\na=ice-ufrag:abcd\r\na=ice-pwd:0123456789abcdefghijkl\r\na=setup:actpass\r\n");
    text.push_str(&format!("a=fingerprint:SHA-256 {FINGERPRINT}\r\n"));
    for mid in 0..=slots {
        let direction = if mid == 0 { "sendonly" } else { "recvonly" };
        text.push_str(&format!(
            "m=audio 9 UDP/TLS/RTP/SAVPF 0 111\r\nc=IN IP4 0.0.0.0\r\na=mid:{mid}\r\na={direction}\r\n\
             a=rtcp-mux\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:111 opus/48000/2\r\n"
        ));
    }
    text
}

fn answer<'a>(candidates: &'a [SocketAddr], slot_ssrcs: &'a [u32]) -> Answer<'a> {
    Answer {
        session_id: 42,
        ice_ufrag: "localfrag",
        ice_pwd: "localpasswordlocalpassword",
        fingerprint: &[0xAB; 32],
        candidates,
        cname: "room",
        slot_ssrcs,
    }
}

fn sections(sdp: &str) -> Vec<&str> {
    sdp.split("m=audio ").skip(1).collect()
}

#[test]
fn chromium_offer_is_read() {
    for (name, ssrc, ufrag) in [("chromium", 2_717_883_144, "pwG5"), ("chromium-red", 4_051_410_837, "XKj5")] {
        let offer = Offer::parse(&real_offer(name)).unwrap();
        assert_eq!(offer.ice_ufrag, ufrag);
        assert_eq!(offer.microphone.mid, "0");
        assert_eq!(offer.microphone.opus_payload_type, 111, "RED comes first in one of them");
        assert_eq!(offer.microphone.audio_level_id, Some(1));
        assert_eq!(offer.microphone.mid_id, Some(4));
        assert_eq!(offer.microphone.ssrc, Some(ssrc));
        assert_eq!(offer.slots.len(), 8);
        for (slot, mid) in offer.slots.iter().zip(1..) {
            assert_eq!(slot.mid, mid.to_string());
            assert_eq!((slot.opus_payload_type, slot.audio_level_id, slot.mid_id), (111, Some(1), Some(4)));
        }
    }
    let offer = Offer::parse(&real_offer("chromium")).unwrap();
    assert_eq!(offer.ice_pwd, "tAIR+UG3w9JshcSSuJ2Fqriv");
    assert_eq!(offer.fingerprint[..4], [0x6E, 0x7A, 0x36, 0x81]);
    assert_eq!(offer.fingerprint[31], 0x64);
}

#[test]
fn firefox_offer_with_bundle_only_sections_is_read() {
    let offer = Offer::parse(&real_offer("firefox")).unwrap();
    assert_eq!(offer.ice_ufrag, "611f77c0");
    assert_eq!(offer.ice_pwd, "da80964ff4401c9260fef7121c991b7e");
    assert_eq!(offer.fingerprint[..3], [0xDF, 0xC8, 0xBE], "the fingerprint stands in the session part");
    assert_eq!(offer.microphone.opus_payload_type, 109);
    assert_eq!((offer.microphone.audio_level_id, offer.microphone.mid_id), (Some(1), Some(3)));
    assert_eq!(offer.microphone.ssrc, Some(54_013_905));
    assert_eq!(offer.slots.len(), 8);
    assert!(offer.slots.iter().all(|slot| slot.opus_payload_type == 109));
}

#[test]
fn aiortc_offer_with_three_fingerprints_is_read() {
    let offer = Offer::parse(&real_offer("aiortc")).unwrap();
    assert_eq!(offer.fingerprint[..3], [0x23, 0x38, 0x0F]);
    assert_eq!(offer.microphone.opus_payload_type, 96);
    assert_eq!((offer.microphone.audio_level_id, offer.microphone.mid_id), (Some(2), Some(1)));
    assert_eq!(offer.microphone.ssrc, Some(2_354_717_287));
    assert_eq!(offer.slots.len(), 8);
}

#[test]
fn answer_mirrors_the_offer_and_names_nothing_else() {
    let candidates = ["192.0.2.7:40000".parse().unwrap(), "[2001:db8::7]:40001".parse().unwrap()];
    let ssrcs = [101, 102, 103, 104, 105, 106, 107, 108];
    for name in REAL_OFFERS {
        let offer = Offer::parse(&real_offer(name)).unwrap();
        let text = answer(&candidates, &ssrcs).write(&offer);
        assert!(text.starts_with("v=0\r\no=- 42 1 IN IP4 0.0.0.0\r\n"), "{name}");
        assert!(text.contains("\r\na=ice-lite\r\n") && text.contains("\r\na=group:BUNDLE 0 1 2 3 4 5 6 7 8\r\n"));
        assert!(text.split("\r\n").all(|line| !line.contains(['\r', '\n'])), "{name}: lines end in CR LF");
        let sections = sections(&text);
        assert_eq!(sections.len(), 9);
        let opus = offer.microphone.opus_payload_type;
        for (index, section) in sections.iter().enumerate() {
            assert!(section.starts_with(&format!("9 UDP/TLS/RTP/SAVPF {opus}\r\n")), "{name}: {section}");
            assert!(section.contains(&format!("a=mid:{index}\r\n")));
            assert!(section.contains(&format!("a=rtpmap:{opus} opus/48000/2\r\n")));
            assert_eq!(section.matches("a=rtpmap:").count(), 1);
            assert_eq!(section.matches("a=extmap:").count(), 2);
            assert!(section.contains("a=rtcp-mux\r\n") && section.contains("a=setup:passive\r\n"));
            assert!(section.contains("a=ice-ufrag:localfrag\r\na=ice-pwd:localpasswordlocalpassword\r\n"));
            assert!(section.contains(&format!("a=fingerprint:sha-256 AB{}\r\n", ":AB".repeat(31))));
            assert!(!section.contains("stereo"), "{name}: two channels are not asked for");
            if index == 0 {
                assert!(section.contains("a=recvonly\r\n") && !section.contains("a=ssrc"));
                assert!(section.contains("a=candidate:1 1 udp 2130706431 192.0.2.7 40000 typ host\r\n"));
                assert!(section.contains("a=candidate:2 1 udp 2130706175 2001:db8::7 40001 typ host\r\n"));
                assert!(section.ends_with("a=end-of-candidates\r\n"));
            } else {
                assert!(section.contains("a=sendonly\r\n") && !section.contains("candidate"));
                assert!(section.contains(&format!("a=ssrc:{} cname:room\r\n", 100 + index)));
                assert_eq!(section.matches("a=msid:").count(), 1);
            }
        }
    }
}

#[test]
fn answer_keeps_opus_parameters_and_extension_ids_of_the_offer() {
    let ssrcs = [1; 8];
    let chromium = answer(&[], &ssrcs).write(&Offer::parse(&real_offer("chromium")).unwrap());
    assert_eq!(chromium.matches("a=fmtp:111 minptime=10;useinbandfec=1\r\n").count(), 9);
    assert_eq!(chromium.matches("a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n").count(), 9);
    assert_eq!(chromium.matches("a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n").count(), 9);
    let firefox = answer(&[], &ssrcs).write(&Offer::parse(&real_offer("firefox")).unwrap());
    assert_eq!(firefox.matches("a=fmtp:109 maxplaybackrate=48000;useinbandfec=1\r\n").count(), 9);
    let aiortc = answer(&[], &ssrcs).write(&Offer::parse(&real_offer("aiortc")).unwrap());
    assert!(!aiortc.contains("a=fmtp"), "none was offered");
}

#[test]
fn extensions_that_were_not_offered_are_not_answered() {
    let offer = Offer::parse(&small_offer(1)).unwrap();
    assert_eq!((offer.microphone.audio_level_id, offer.slots[0].mid_id), (None, None));
    assert!(!answer(&[], &[1]).write(&offer).contains("extmap"));
}

#[test]
fn slots_without_an_ssrc_are_inactive() {
    let offer = Offer::parse(&small_offer(3)).unwrap();
    let text = answer(&[], &[7]).write(&offer);
    let sections = sections(&text);
    assert!(sections[1].contains("a=sendonly\r\n") && sections[1].contains("a=ssrc:7 "));
    for section in &sections[2..] {
        assert!(section.contains("a=inactive\r\n") && !section.contains("ssrc"));
    }
}

#[test]
fn a_section_that_sends_and_receives_is_microphone_and_slot() {
    let text = small_offer(0).replace("a=sendonly", "a=sendrecv");
    let offer = Offer::parse(&text).unwrap();
    assert_eq!((offer.microphone.mid.as_str(), offer.slots[0].mid.as_str()), ("0", "0"));
    let answered = answer(&[], &[9]).write(&offer);
    assert!(answered.contains("a=sendrecv\r\n") && answered.contains("a=ssrc:9 "));
    // No direction at all means both (RFC 8866 §6.7).
    assert_eq!(Offer::parse(&small_offer(0).replace("a=sendonly\r\n", "")), Ok(offer));
}

#[test]
fn a_second_sender_and_inactive_sections_stay_inactive() {
    let text = small_offer(3).replacen("a=recvonly", "a=sendonly", 1).replacen("a=recvonly", "a=inactive", 1);
    let offer = Offer::parse(&text).unwrap();
    assert_eq!(offer.microphone.mid, "0");
    assert_eq!(offer.slots.len(), 1);
    assert_eq!(offer.slots[0].mid, "3");
    let answered = answer(&[], &[5]).write(&offer);
    let sections = sections(&answered);
    assert!(sections[1].contains("a=inactive\r\n") && sections[2].contains("a=inactive\r\n"));
    assert!(sections[3].contains("a=sendonly\r\n") && sections[3].contains("a=ssrc:5 "));
}

#[test]
fn the_groups_first_section_carries_the_transport() {
    let text = small_offer(1)
        .replace("BUNDLE 0 1", "BUNDLE 1 0")
        .replace("a=mid:1\r\n", "a=mid:1\r\na=ice-ufrag:other\r\na=ice-pwd:otherotherotherotherother\r\n");
    let offer = Offer::parse(&text).unwrap();
    assert_eq!((offer.ice_ufrag.as_str(), offer.ice_pwd.as_str()), ("other", "otherotherotherotherother"));
    let candidates = ["192.0.2.7:40000".parse().unwrap()];
    let answered = answer(&candidates, &[5]).write(&offer);
    assert!(answered.contains("a=group:BUNDLE 1 0\r\n"));
    let sections = sections(&answered);
    assert!(!sections[0].contains("candidate") && sections[1].contains("a=candidate:"));
}

#[test]
fn an_active_offerer_is_welcome_and_a_passive_one_is_not() {
    assert!(Offer::parse(&small_offer(1).replace("actpass", "active")).is_ok());
    let refused = Err(OfferError::UnsupportedSetup);
    assert_eq!(Offer::parse(&small_offer(1).replace("actpass", "passive")), refused);
    assert_eq!(Offer::parse(&small_offer(1).replace("a=setup:actpass\r\n", "")), refused);
}

#[test]
fn lines_may_end_in_lf_alone() {
    let text = small_offer(2);
    assert_eq!(Offer::parse(&text.replace("\r\n", "\n")), Offer::parse(&text));
    assert!(Offer::parse(&text).is_ok());
}

#[test]
fn what_cannot_be_answered_is_refused_by_name() {
    let valid = small_offer(2);
    let longest_mid = "m".repeat(17);
    let cases: [(&str, String, OfferError); 24] = [
        ("empty", String::new(), OfferError::Syntax { line: 1 }),
        ("other text", "hello".into(), OfferError::Syntax { line: 1 }),
        ("no version", valid.replacen("v=0\r\n", "", 1), OfferError::Syntax { line: 1 }),
        ("control character", valid.replacen("s=-", "s=\u{7}", 1), OfferError::Syntax { line: 3 }),
        ("bare CR", valid.replacen("s=-", "s=\ra=x", 1), OfferError::Syntax { line: 3 }),
        ("too large", format!("{valid}{}", "a=x\r\n".repeat(MAX_OFFER_BYTES / 5)), OfferError::TooLarge),
        ("video", valid.replacen("m=audio", "m=video", 1), OfferError::UnsupportedMedia { section: 0 }),
        ("plain RTP", valid.replacen("UDP/TLS/RTP/SAVPF", "RTP/AVP", 1), OfferError::UnsupportedMedia { section: 0 }),
        ("disabled", valid.replacen("audio 9", "audio 0", 1), OfferError::UnsupportedMedia { section: 0 }),
        ("too many", small_offer(MAX_SLOTS + 1), OfferError::TooManySections),
        ("nobody speaks", valid.replace("sendonly", "inactive"), OfferError::NoMicrophone),
        ("nobody hears", valid.replace("recvonly", "inactive"), OfferError::NoSlot),
        ("no sections", valid.split("m=").next().unwrap().to_owned(), OfferError::NoMicrophone),
        ("no group", valid.replace("a=group:BUNDLE 0 1 2\r\n", ""), OfferError::NotBundled),
        ("one left out", valid.replace("BUNDLE 0 1 2", "BUNDLE 0 1"), OfferError::NotBundled),
        ("one unknown", valid.replace("BUNDLE 0 1 2", "BUNDLE 0 1 2 3"), OfferError::NotBundled),
        ("mid twice", valid.replace("a=mid:2", "a=mid:1"), OfferError::InvalidMid),
        ("no mid", valid.replace("a=mid:2\r\n", ""), OfferError::InvalidMid),
        ("long mid", valid.replace("a=mid:2", &format!("a=mid:{longest_mid}")), OfferError::InvalidMid),
        ("RTCP apart", valid.replacen("a=rtcp-mux\r\n", "", 1), OfferError::NoRtcpMux),
        ("no Opus", valid.replace("opus/48000/2", "opus/8000"), OfferError::NoOpus),
        ("no fingerprint", valid.replace("SHA-256", "sha-1"), OfferError::NoFingerprint),
        ("short fingerprint", valid.replace(":55:64", ":55"), OfferError::NoFingerprint),
        ("short password", valid.replace("ice-pwd:0123456789", "ice-pwd:0"), OfferError::InvalidIceCredentials),
    ];
    for (name, text, error) in cases {
        assert_eq!(Offer::parse(&text), Err(error), "{name}");
    }
    assert!(Offer::parse(&valid).is_ok());
}

#[test]
fn sixteen_slots_are_the_most() {
    assert_eq!(Offer::parse(&small_offer(MAX_SLOTS)).unwrap().slots.len(), MAX_SLOTS);
    // 16 receiving sections and one that does both are 17 slots.
    let text = small_offer(MAX_SLOTS).replace("sendonly", "sendrecv");
    assert_eq!(Offer::parse(&text), Err(OfferError::TooManySections));
}

#[test]
fn payload_types_that_look_like_rtcp_are_passed_over() {
    let text = small_offer(1)
        .replace("SAVPF 0 111", "SAVPF 72 111")
        .replace("a=rtpmap:0 PCMU/8000", "a=rtpmap:72 opus/48000/2");
    assert_eq!(Offer::parse(&text).unwrap().microphone.opus_payload_type, 111);
}

#[test]
fn reserved_and_one_way_extension_ids_count_as_not_offered() {
    for id in ["0", "15", "256", "4096", "3/recvonly", "x"] {
        let extension = format!("a=rtcp-mux\r\na=extmap:{id} {}\r\n", super::AUDIO_LEVEL_URI);
        let offer = Offer::parse(&small_offer(1).replace("a=rtcp-mux\r\n", &extension)).unwrap();
        assert_eq!(offer.microphone.audio_level_id, None, "{id}");
    }
    for (text, id) in [("14", 14), ("16", 16), ("255", 255), ("3/sendrecv", 3)] {
        let extension = format!("a=rtcp-mux\r\na=extmap:{text} {}\r\n", super::AUDIO_LEVEL_URI);
        let offer = Offer::parse(&small_offer(1).replace("a=rtcp-mux\r\n", &extension)).unwrap();
        assert_eq!(offer.slots[0].audio_level_id, Some(id));
    }
}

/// What must hold of any offer that is accepted.
fn accepted_offer_is_sound(offer: &Offer) {
    assert!((1..=MAX_SLOTS).contains(&offer.slots.len()));
    assert!(offer.ice_ufrag.len() >= 4 && offer.ice_pwd.len() >= 22);
    let ssrcs: Vec<u32> = (1_u32..).take(offer.slots.len()).collect();
    let text = answer(&[], &ssrcs).write(offer);
    assert!(text.split("\r\n").all(|line| !line.contains(char::is_control)));
    assert_eq!(sections(&text).len(), offer.sections.len());
}

proptest! {
    #[test]
    fn arbitrary_text_is_refused_or_sound(text in any::<String>()) {
        if let Ok(offer) = Offer::parse(&text) {
            accepted_offer_is_sound(&offer);
        }
    }

    #[test]
    fn arbitrary_lines_are_refused_or_sound(
        lines in proptest::collection::vec(
            prop_oneof![
                "[a-z]=[ -~]{0,20}",
                "a=(mid|group|rtpmap|fmtp|extmap|ssrc|setup|fingerprint|ice-ufrag|ice-pwd)(:[ -~]{0,40})?",
                "m=audio [0-9]{1,6} UDP/TLS/RTP/SAVPF( [0-9]{1,4}){0,5}",
                Just("a=group:BUNDLE 0".to_owned()),
                Just("a=rtpmap:111 opus/48000/2".to_owned()),
            ],
            0..60,
        )
    ) {
        let text = format!("v=0\r\n{}", lines.join("\r\n"));
        if let Ok(offer) = Offer::parse(&text) {
            accepted_offer_is_sound(&offer);
        }
    }

    #[test]
    fn mutations_of_real_offers_are_refused_or_sound(
        which in 0..REAL_OFFERS.len(),
        edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0_u8..4), 1..12),
    ) {
        let mut bytes = real_offer(REAL_OFFERS[which]).into_bytes();
        for (at, byte, kind) in edits {
            let at = at.index(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 => drop(bytes.remove(at)),
                // A cut, or a part that comes twice.
                _ if byte < 32 => bytes.truncate(at.max(1)),
                _ => {
                    let part: Vec<u8> = bytes[at..].iter().copied().take(usize::from(byte)).collect();
                    bytes.splice(at..at, part);
                }
            }
        }
        if let Ok(offer) = Offer::parse(&String::from_utf8_lossy(&bytes)) {
            accepted_offer_is_sound(&offer);
        }
    }

    #[test]
    fn offers_with_lines_left_out_are_refused_or_sound(
        which in 0..REAL_OFFERS.len(),
        left_out in proptest::collection::vec(any::<prop::sample::Index>(), 1..6),
    ) {
        let text = real_offer(REAL_OFFERS[which]);
        let mut lines: Vec<&str> = text.lines().collect();
        for at in left_out {
            lines.remove(at.index(lines.len()));
        }
        if let Ok(offer) = Offer::parse(&lines.join("\r\n")) {
            accepted_offer_is_sound(&offer);
        }
    }
}
