// SPDX-License-Identifier: Apache-2.0
//! SDP: an offer, as text. Answered, and the answer held against it.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use voz_media::sdp::{Answer, MAX_SLOTS, Offer};

/// Sections that get a stream: fewer than an offer may have.
const STREAMS: usize = 8;

/// Reads the offer and answers it.
pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(offer) = Offer::parse(text) else { return };
    assert!((1..=MAX_SLOTS).contains(&offer.slots.len()));
    assert!((4..=256).contains(&offer.ice_ufrag.len()) && (22..=256).contains(&offer.ice_pwd.len()));
    let ssrcs: Vec<u32> = (1..).take(offer.slots.len().min(STREAMS)).collect();
    let answer = Answer {
        session_id: 7,
        ice_ufrag: "ourfrag1",
        ice_pwd: "ourpasswordourpassword24",
        fingerprint: &[0xAB; 32],
        candidates: &[
            SocketAddr::from((Ipv4Addr::new(10, 0, 0, 1), 3478)),
            SocketAddr::from((Ipv6Addr::LOCALHOST, 3478)),
        ],
        cname: "cname",
        slot_ssrcs: &ssrcs,
    }
    .write(&offer);
    hold(&offer, text, &answer);
}

/// The answer is SDP, has the sections of the offer in their order, and names nothing else.
fn hold(offer: &Offer, text: &str, answer: &str) {
    assert!(answer.ends_with("\r\n"));
    let mut mids = Vec::new();
    let mut streams = 0;
    for line in answer.split_terminator("\r\n") {
        let Some((kind, value)) = line.split_once('=') else { panic!("{line:?} is not SDP") };
        assert!(kind.len() == 1 && !line.contains(char::is_control), "{line:?}");
        match value.split_once(':') {
            Some(("mid", mid)) => mids.push(mid),
            Some(("ice-ufrag", ufrag)) => assert_eq!(ufrag, "ourfrag1"),
            Some(("setup", role)) => assert_eq!(role, "passive"),
            Some(("rtpmap", map)) => {
                let Some((payload_type, codec)) = map.split_once(' ') else { panic!("{line:?}") };
                assert_eq!(codec, "opus/48000/2");
                assert!(payload_type.parse::<u8>().is_ok_and(|number| number < 128), "{line:?}");
            }
            Some(("extmap", _)) => {
                let offered = |uri: &str| text.contains(uri);
                assert!(value.rsplit(' ').next().is_some_and(offered), "{line:?} was not offered");
            }
            Some(("ssrc", _)) => streams += 1,
            _ => {}
        }
    }
    assert_eq!(streams, offer.slots.len().min(STREAMS));
    let offered = text.lines().filter(|line| line.starts_with("m=")).count();
    assert_eq!((mids.len(), answer.matches("m=audio ").count()), (offered, offered));
    assert!(mids.contains(&offer.microphone.mid.as_str()));
    assert!(offer.slots.iter().all(|slot| mids.contains(&slot.mid.as_str())));
}
