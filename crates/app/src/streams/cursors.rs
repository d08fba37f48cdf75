// SPDX-License-Identifier: Apache-2.0
//! Cursors: the sequence of an event, sealed so that it tells nothing.
//!
//! A cursor is one AES-256 block (FIPS 197) under a key derived from the instance's key, holding the
//! first 8 bytes of SHA-256 of the stream's wire form and the sequence, big-endian. One block is a
//! permutation: the same place always has the same cursor, two places never share one, and neither
//! order nor distance can be read from them. The 8 bytes of hash are what a forged or foreign cursor
//! would have to hit. Not covered: secrecy of equality, which clients need.

use std::fmt;
use std::sync::Arc;

use aes::Aes256;
use aes::cipher::generic_array::GenericArray;
use aes::cipher::{BlockDecrypt, BlockEncrypt, KeyInit};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use voz_domain::ids::StreamId;

/// What the key is for, so that no other use of the instance's key yields it.
const KEY_PURPOSE: &[u8] = b"voz/gateway-cursor/1";

/// Seals and opens cursors. Cheap to clone.
#[derive(Clone)]
pub struct Cursors {
    cipher: Arc<Aes256>,
}

impl Cursors {
    /// The sealer of an instance; every node with the same instance key reads the others' cursors.
    pub fn new(instance_key: &[u8; 32]) -> Self {
        let key = Sha256::new().chain_update(KEY_PURPOSE).chain_update(instance_key).finalize();
        Self { cipher: Arc::new(Aes256::new(&key)) }
    }

    /// The cursor of a place in a stream: 22 characters of base64url.
    pub fn seal(&self, stream: StreamId, sequence: i64) -> String {
        let mut block = GenericArray::from([0_u8; 16]);
        block[..8].copy_from_slice(&stream_tag(stream));
        block[8..].copy_from_slice(&sequence.to_be_bytes());
        self.cipher.encrypt_block(&mut block);
        URL_SAFE_NO_PAD.encode(block)
    }

    /// The place that a cursor names; `None` for garbage, another instance's and another stream's.
    pub fn open(&self, stream: StreamId, cursor: &str) -> Option<i64> {
        let bytes: [u8; 16] = URL_SAFE_NO_PAD.decode(cursor).ok()?.try_into().ok()?;
        let mut block = GenericArray::from(bytes);
        self.cipher.decrypt_block(&mut block);
        let (tag, sequence) = block.split_at(8);
        let sequence = i64::from_be_bytes(sequence.try_into().ok()?);
        (tag == stream_tag(stream) && sequence >= 0).then_some(sequence)
    }
}

impl fmt::Debug for Cursors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cursors(…)")
    }
}

fn stream_tag(stream: StreamId) -> [u8; 8] {
    let hash: [u8; 32] = Sha256::digest(stream.to_string().as_bytes()).into();
    let mut tag = [0_u8; 8];
    tag.copy_from_slice(&hash[..8]);
    tag
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;
    use voz_domain::ids::{CommunityId, UserId};

    use super::*;

    fn cursors() -> Cursors {
        Cursors::new(&[7; 32])
    }

    fn community(number: u128) -> StreamId {
        StreamId::Community(CommunityId(Uuid::from_u128(number)))
    }

    #[test]
    fn a_cursor_opens_to_the_sequence_it_was_sealed_with() {
        for sequence in [0, 1, 2, 500, i64::from(u32::MAX), i64::MAX] {
            let cursor = cursors().seal(community(1), sequence);
            assert_eq!(cursor.len(), 22);
            assert_eq!(cursors().open(community(1), &cursor), Some(sequence));
        }
    }

    #[test]
    fn sealing_is_deterministic_and_neighbours_look_unrelated() {
        let one = cursors().seal(community(1), 41);
        let next = cursors().seal(community(1), 42);
        assert_eq!(one, cursors().seal(community(1), 41));
        let shared = one.bytes().zip(next.bytes()).filter(|(a, b)| a == b).count();
        assert!(shared < 10, "{one} {next}");
    }

    #[test]
    fn a_cursor_of_another_stream_or_instance_is_refused() {
        let cursor = cursors().seal(community(1), 9);
        assert_eq!(cursors().open(community(2), &cursor), None);
        assert_eq!(cursors().open(StreamId::User(UserId(Uuid::from_u128(1))), &cursor), None);
        assert_eq!(Cursors::new(&[8; 32]).open(community(1), &cursor), None);
    }

    #[test]
    fn garbage_is_refused() {
        let good = cursors().seal(community(1), 9);
        let longer = format!("{good}A");
        let padded = format!("{good}==");
        let odd_bits = format!("{}_", &good[..21]);
        for text in ["", "9", "é", "not a cursor at all!!!", &good[1..], &longer, &padded, &odd_bits] {
            assert_eq!(cursors().open(community(1), text), None, "{text}");
        }
    }

    #[test]
    fn no_single_changed_character_still_opens() {
        let good = cursors().seal(community(1), 9);
        for at in 0..good.len() {
            for other in ['A', 'b', '0', '-'] {
                let mut forged: Vec<char> = good.chars().collect();
                if forged[at] == other {
                    continue;
                }
                forged[at] = other;
                let forged: String = forged.into_iter().collect();
                assert_eq!(cursors().open(community(1), &forged), None, "{forged}");
            }
        }
    }
}
