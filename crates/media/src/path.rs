// SPDX-License-Identifier: Apache-2.0
//! Where packets of a peer travel.

use std::net::SocketAddr;

/// A pair of addresses that packets travel between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Path {
    /// Ours.
    pub local: SocketAddr,
    /// The peer's.
    pub remote: SocketAddr,
}
