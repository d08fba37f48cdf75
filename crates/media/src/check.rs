// SPDX-License-Identifier: Apache-2.0
//! A binding request of our own: whether the peer receives what is sent to an address.
//!
//! A peer's check proves that it knows a password, not where it is: it can write any source address.
//! An answer that repeats the transaction id of what was sent there does (RFC 8445 §7.2.5.2.1, RFC 7675).
//! That needs ids which can't be guessed.

use is::stun::{StunMessage, TransId};
use is::{DefaultSha1HmacProvider, IceAgent, Sha1HmacProvider};

use crate::arena::Arena;
use crate::path::Path;

/// Longer than any: a peer's ufrag has 256 characters at most, ours eight.
const MAX_CHECK_BYTES: usize = 400;

/// What a peer-reflexive candidate of ours would have (RFC 8445 §5.1.2.1): servers refuse a check without.
const PRIORITY: u32 = (110 << 24) | (0xFFFF << 8) | 0xFF;

/// A check that is not answered yet.
#[derive(Debug)]
pub(crate) struct Check {
    path: Path,
    id: TransId,
}

impl Check {
    /// A check of a path; `id` is random.
    pub fn new(path: Path, id: [u8; 12]) -> Option<Self> {
        Some(Self { path, id: transaction(id)? })
    }

    /// What is checked.
    pub fn path(&self) -> Path {
        self.path
    }

    /// Sends it; the same again when it was sent before.
    pub fn send(&self, agent: &IceAgent, arena: &mut Arena) {
        let Some(remote) = agent.remote_credentials() else {
            return;
        };
        let username = format!("{}:{}", remote.ufrag, agent.local_credentials().ufrag);
        let request = StunMessage::binding_request(&username, self.id, false, u64::MAX, PRIORITY, false);
        arena.push_with(self.path.local, self.path.remote, MAX_CHECK_BYTES, |buffer| {
            request.to_bytes(Some(remote.pass.as_bytes()), buffer, hmac).ok()
        });
    }

    /// Whether this is its answer, from where it was sent.
    pub fn is_answered_by(&self, agent: &IceAgent, came: Path, message: &StunMessage<'_>) -> bool {
        came == self.path
            && message.is_successful_binding_response()
            && message.trans_id() == self.id
            && agent.remote_credentials().is_some_and(|remote| message.verify(remote.pass.as_bytes(), hmac))
    }
}

fn hmac(key: &[u8], payloads: &[&[u8]]) -> [u8; 20] {
    DefaultSha1HmacProvider.sha1_hmac(key, payloads)
}

/// The library draws ids that can be predicted, and takes others only by reading: a binding indication
/// without attributes.
fn transaction(id: [u8; 12]) -> Option<TransId> {
    let mut message = [0; 20];
    message[..8].copy_from_slice(&[0x00, 0x11, 0, 0, 0x21, 0x12, 0xA4, 0x42]);
    message[8..].copy_from_slice(&id);
    StunMessage::parse(&message).ok().map(|message| message.trans_id())
}
