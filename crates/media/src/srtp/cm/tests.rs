// SPDX-License-Identifier: Apache-2.0
use super::super::ctr::CtrKey;
use super::super::vectors::{array, bytes};
use super::super::{MasterKey, Profile};
use super::{CounterMode, Label};

/// RFC 3711 appendix B.2: 0xFF02 blocks of keystream, of which the first and last are printed.
#[test]
fn rfc_3711_b_2_keystream() {
    let key = CtrKey::new(&bytes("2B7E151628AED2A6ABF7158809CF4F3C")).unwrap();
    let mut keystream = vec![0_u8; 0xFF02 * 16];
    key.apply(array("F0F1F2F3F4F5F6F7F8F9FAFBFCFD0000"), &mut keystream).unwrap();
    let first = "E03EAD0935C95E80E166B16DD92B4EB4 D23513162B02D0F72A43A2FE4A5F97AB 41E95B3BB0A2E8DD477901E4FCA894C0";
    assert_eq!(keystream[..48], bytes(first));
    let last = "EC8CDF7398607CB0F2D21675EA9EA1E4 362B7C3C6773516318A077D7FC5073AE 6A2CC3787889374FBEB4C81B17BA6C44";
    assert_eq!(keystream[0xFEFF * 16..], bytes(last));
}

/// RFC 3711 §4.1.1 on the numbers of appendix B.2: SSRC and index move the block as printed.
#[test]
fn counter_block_of_ssrc_and_index() {
    let master = MasterKey::new(Profile::Aes128CmSha1_80, &[0; 16], &[0; 14]).unwrap();
    let mut cm = CounterMode::derive(&master, Label::RtpEncryption, Label::RtpAuthentication, Label::RtpSalt).unwrap();
    cm.salt = array("F0F1F2F3F4F5F6F7F8F9FAFBFCFD");
    assert_eq!(cm.counter_block(0, 0), array("F0F1F2F3F4F5F6F7F8F9FAFBFCFD0000"));
    assert_eq!(cm.counter_block(0x0102_0304, 0x0506_0708_090A), array("F0F1F2F3F5F7F5F3FDFFFDF3F5F70000"));
}
