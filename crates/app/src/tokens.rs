// SPDX-License-Identifier: Apache-2.0
//! Opaque tokens, base64url without padding; storage only ever sees their SHA-256.
//!
//! 256 bits of each token are random, so a plain hash suffices: there is nothing to guess offline.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::RngCore;
use sha2::{Digest, Sha256};
use voz_domain::sessions::TokenHash;

const RANDOM_BYTES: usize = 32;
const PREFIX_BYTES: usize = 16;

/// A secret as its holder gets it, once. `Debug` never shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// A fresh token of 256 bits: 43 characters.
    pub fn random(rng: &mut impl RngCore) -> Self {
        let mut bytes = [0_u8; RANDOM_BYTES];
        rng.fill_bytes(&mut bytes);
        Token(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// These bytes, then 256 random bits: 64 characters.
    pub(crate) fn random_after(prefix: [u8; PREFIX_BYTES], rng: &mut impl RngCore) -> Self {
        let mut bytes = [0_u8; PREFIX_BYTES + RANDOM_BYTES];
        bytes[..PREFIX_BYTES].copy_from_slice(&prefix);
        rng.fill_bytes(&mut bytes[PREFIX_BYTES..]);
        Token(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The secret itself, for the one answer that hands it over.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The stored form.
    pub fn hash(&self) -> TokenHash {
        sha256(&self.0)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// The hash of a token as it came from outside; `None` for what can be no token of [`Token::random`].
pub(crate) fn hash_presented(text: &str) -> Option<TokenHash> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    (bytes.len() == RANDOM_BYTES).then(|| sha256(text))
}

/// Prefix and hash of a token as it came from outside; `None` for what can be no token of
/// [`Token::random_after`].
pub(crate) fn prefix_and_hash_presented(text: &str) -> Option<([u8; PREFIX_BYTES], TokenHash)> {
    let bytes: [u8; PREFIX_BYTES + RANDOM_BYTES] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
    let prefix = bytes[..PREFIX_BYTES].try_into().ok()?;
    Some((prefix, sha256(text)))
}

fn sha256(text: &str) -> TokenHash {
    TokenHash(Sha256::digest(text.as_bytes()).into())
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;

    #[test]
    fn a_token_is_found_again_by_its_hash_and_hidden_in_debug() {
        let token = Token::random(&mut StdRng::seed_from_u64(1));
        assert_eq!(hash_presented(token.reveal()), Some(token.hash()));
        assert_eq!(prefix_and_hash_presented(token.reveal()), None);
        assert!(!format!("{token:?}").contains(token.reveal()));
    }

    #[test]
    fn a_token_with_a_prefix_shows_it() {
        let token = Token::random_after([7; 16], &mut StdRng::seed_from_u64(1));
        assert_eq!(prefix_and_hash_presented(token.reveal()), Some(([7; 16], token.hash())));
        assert_eq!(hash_presented(token.reveal()), None);
    }

    #[test]
    fn what_is_no_token_is_not_looked_up() {
        for text in ["", "x", &"a".repeat(42), &"A".repeat(44), &"é".repeat(21), &format!("{}=", "A".repeat(43))] {
            assert_eq!(hash_presented(text), None, "{text}");
            assert_eq!(prefix_and_hash_presented(text), None, "{text}");
        }
    }
}
