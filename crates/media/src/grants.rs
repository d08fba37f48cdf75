// SPDX-License-Identifier: Apache-2.0
//! What a peer may do with sound. Enforced here, per packet, whatever a client does.

/// Grants of one peer. They hold from the instant they are set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grants {
    /// Its packets are forwarded to others.
    pub speak: bool,
    /// Packets of others are forwarded to it.
    pub hear: bool,
}

impl Grants {
    /// Speaks and hears.
    pub const ALL: Self = Self { speak: true, hear: true };
    /// Neither speaks nor hears.
    pub const NONE: Self = Self { speak: false, hear: false };
}
