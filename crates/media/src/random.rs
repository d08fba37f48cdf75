// SPDX-License-Identifier: Apache-2.0
//! Randomness grown from a node's seed: unguessable to others, the same again for the same seed.

use std::fmt;

use aws_lc_rs::hmac;

/// Letters that ICE credentials may hold (RFC 8839 §5.4): 64, so six bits choose one evenly.
const ICE_CHARS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// HMAC-SHA-256 of a counter under the seed. Not for the hot path.
pub(crate) struct Random {
    key: hmac::Key,
    counter: u64,
}

impl Random {
    pub fn new(seed: &[u8; 32]) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, seed), counter: 0 }
    }

    fn block(&mut self) -> [u8; 32] {
        self.counter += 1;
        let mut block = [0; 32];
        block.copy_from_slice(hmac::sign(&self.key, &self.counter.to_be_bytes()).as_ref());
        block
    }

    pub fn u32(&mut self) -> u32 {
        let block = self.block();
        u32::from_be_bytes([block[0], block[1], block[2], block[3]])
    }

    /// Of a STUN request: 96 bits.
    pub fn transaction_id(&mut self) -> [u8; 12] {
        let mut id = [0; 12];
        id.copy_from_slice(&self.block()[..12]);
        id
    }

    /// `length` ICE characters of six random bits each, 32 at most.
    pub fn ice_chars(&mut self, length: usize) -> String {
        self.block().iter().take(length).map(|byte| char::from(ICE_CHARS[usize::from(byte & 0x3F)])).collect()
    }
}

impl fmt::Debug for Random {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Random").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_stream_and_another_seed_another() {
        let stream = |seed: u8| {
            let mut random = Random::new(&[seed; 32]);
            (random.ice_chars(24), random.u32(), random.ice_chars(24))
        };
        assert_eq!(stream(1), stream(1));
        assert_ne!(stream(1).0, stream(2).0);
        assert_ne!(stream(1).0, stream(1).2);
        assert_eq!(stream(1).0.len(), 24);
    }
}
