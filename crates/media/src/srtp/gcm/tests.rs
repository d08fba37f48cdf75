// SPDX-License-Identifier: Apache-2.0
use super::super::vectors::{array, bytes};
use super::Gcm;

const KEY_128: &str = "000102030405060708090a0b0c0d0e0f";
const KEY_256: &str = "000102030405060708090a0b0c0d0e0f 101112131415161718191a1b1c1d1e1f";
/// "Quid pro quo" (RFC 7714 §16, §17).
const SALT: &str = "517569642070726f2071756f";

/// The RTP packet of RFC 7714 §16: ROC 0, SEQ 0xF17B, SSRC 0x5501A0B2, a Caesar quotation.
const RTP: &str = "8040f17b8041f8d35501a0b2
                   47616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573";
const RTP_SSRC: u32 = 0x5501_a0b2;
const RTP_INDEX: u64 = 0xf17b;

/// The RTCP packet of RFC 7714 §17 under SRTCP index 0x5D4.
const RTCP: &str = "81c8000d4d617273
                    4e5450314e545032525450200000042a0000e9304c756e61
                    deadbeefdeadbeefdeadbeefdeadbeefdeadbeef";
const RTCP_SSRC: u32 = 0x4d61_7273;
const RTCP_INDEX: u32 = 0x5d4;
const RTCP_INDEX_WORD: [u8; 4] = [0x80, 0, 0x05, 0xd4];

fn gcm(key: &str) -> Gcm {
    Gcm::from_session_key(&bytes(key), array(SALT)).unwrap()
}

fn rtp_vector(key: &str, sealed: &str) {
    let gcm = gcm(key);
    let plain = bytes(RTP);
    let mut packet = plain.clone();
    packet.extend([0; 16]);
    assert_eq!(gcm.seal_rtp(&mut packet, 12, plain.len(), RTP_SSRC, RTP_INDEX), Ok(plain.len() + 16));
    assert_eq!(packet[..12], plain[..12]);
    assert_eq!(packet[12..], bytes(sealed));
    assert_eq!(gcm.open_rtp(&mut packet, 12, RTP_SSRC, RTP_INDEX), Ok(plain.len() - 12));
    assert_eq!(packet[..plain.len()], plain);
}

fn rtcp_vector(key: &str, sealed: &str) {
    let gcm = gcm(key);
    let plain = bytes(RTCP);
    let mut packet = plain.clone();
    packet.extend([0; 20]);
    let sealed_len = gcm.seal_rtcp(&mut packet, plain.len(), RTCP_SSRC, RTCP_INDEX, RTCP_INDEX_WORD);
    assert_eq!(sealed_len, Ok(plain.len() + 20));
    assert_eq!(packet[..8], plain[..8]);
    assert_eq!(packet[8..], bytes(sealed));
    assert_eq!(gcm.open_rtcp(&mut packet, RTCP_SSRC, RTCP_INDEX, RTCP_INDEX_WORD), Ok(plain.len()));
    assert_eq!(packet[..plain.len()], plain);
}

#[test]
fn rfc_7714_16_1_rtp_nonce() {
    assert_eq!(*gcm(KEY_128).nonce(RTP_SSRC, RTP_INDEX).as_ref(), array("51753c6580c2726f20718414"));
}

#[test]
fn rfc_7714_16_1_1_rtp_with_128_bits() {
    rtp_vector(
        KEY_128,
        "f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833
         899d7f27beb16a9152cf765ee4390cce",
    );
}

#[test]
fn rfc_7714_16_2_1_rtp_with_256_bits() {
    rtp_vector(
        KEY_256,
        "32b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a0276ffae0f1ba63799b87b
         7aa3db36dfffd6b0f9bb7878d7a76c13",
    );
}

#[test]
fn rfc_7714_17_1_rtcp_with_128_bits() {
    rtcp_vector(
        KEY_128,
        "63e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b4686303ded0bb9275b
         c84aa45896cf4d2fc5abf87245d9eade800005d4",
    );
}

#[test]
fn rfc_7714_17_2_rtcp_with_256_bits() {
    rtcp_vector(
        KEY_256,
        "d50ae4d1f5ce5d304ba297e47d470c282c3ece5dbffe0a50a2eaa5c1110555be8415f658c61de0476f1b6fad
         1d1eb30c4446839f57ff6f6cb26ac3be800005d4",
    );
}
