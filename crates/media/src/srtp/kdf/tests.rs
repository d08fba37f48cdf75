// SPDX-License-Identifier: Apache-2.0
use super::super::vectors::bytes;
use super::super::{MasterKey, Profile};
use super::{Label, derive};

fn derived(master: &MasterKey, label: Label, length: usize) -> Vec<u8> {
    let mut key = vec![0xFF; length];
    derive(master, label, &mut key).unwrap();
    key
}

/// RFC 3711 appendix B.3.
#[test]
fn rfc_3711_b_3_key_derivation() {
    let master = MasterKey::new(
        Profile::Aes128CmSha1_80,
        &bytes("E1F97A0D3E018BE0D64FA32C06DE4139"),
        &bytes("0EC675AD498AFEEBB6960B3AABE6"),
    )
    .unwrap();
    assert_eq!(derived(&master, Label::RtpEncryption, 16), bytes("C61E7A93744F39EE10734AFE3FF7A087"));
    assert_eq!(derived(&master, Label::RtpSalt, 14), bytes("30CBBC08863D8C85D49DB34A9AE1"));
    let authentication = "CEBE321F6FF7716B6FD4AB49AF256A15 6D38BAA48F0A0ACF3C34E2359E6CDBCE
                          E049646C43D9327AD175578EF7227098 6371C10C9A369AC2F94A8C5FBCDDDC25
                          6D6E919A48B610EF17C2041E47403576 6B68642C59BBFC2F34DB60DBDFB2";
    assert_eq!(derived(&master, Label::RtpAuthentication, 94), bytes(authentication));
}

/// RFC 6188 §7.2: the 256-bit function, whose salt has 112 bits; with the 96 of GCM it ends in
/// zeros (RFC 7714 §11).
#[test]
fn rfc_6188_7_2_key_derivation_with_256_bits() {
    let mut master = MasterKey::new(
        Profile::AeadAes256Gcm,
        &bytes("f0f04914b513f2763a1b1fa130f10e29 98f6f6e43e4309d1e622a0e332b9f1b6"),
        &[0; 12],
    )
    .unwrap();
    master.salt.copy_from_slice(&bytes("3b04803de51ee7c96423ab5b78d2"));
    let cipher_key = "5ba1064e30ec51613cad926c5a28ef73 1ec7fb397f70a960653caf06554cd8c4";
    assert_eq!(derived(&master, Label::RtpEncryption, 32), bytes(cipher_key));
    assert_eq!(derived(&master, Label::RtpSalt, 14), bytes("fa31791685ca444a9e07c6c64e93"));
    let authentication = "fd9c32d39ed5fbb5a9dc96b30818454d1313dc05";
    assert_eq!(derived(&master, Label::RtpAuthentication, 20), bytes(authentication));
}

#[test]
fn every_label_gives_another_key() {
    let master = MasterKey::new(Profile::AeadAes128Gcm, &[7; 16], &[9; 12]).unwrap();
    let mut keys: Vec<Vec<u8>> = [
        Label::RtpEncryption,
        Label::RtpAuthentication,
        Label::RtpSalt,
        Label::RtcpEncryption,
        Label::RtcpAuthentication,
        Label::RtcpSalt,
    ]
    .map(|label| derived(&master, label, 16))
    .into();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 6);
}
