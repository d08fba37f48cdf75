// SPDX-License-Identifier: Apache-2.0
//! Names that the driver gives.

/// A peer: one PeerConnection. Chosen by the driver; never reused while it may still be alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PeerId(pub u64);

/// A room. Chosen by the driver; exists while somebody is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RoomId(pub u128);
