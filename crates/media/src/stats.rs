// SPDX-License-Identifier: Apache-2.0
//! Counters. They only grow; rates are derived by whoever asks.

/// What a node has done since it began.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NodeStats {
    /// Peers now.
    pub peers: usize,
    /// Rooms now.
    pub rooms: usize,
    /// Datagrams in.
    pub datagrams_in: u64,
    /// Datagrams that belonged to nobody, were malformed, or failed authentication.
    pub datagrams_refused: u64,
    /// Audio packets opened.
    pub packets_in: u64,
    /// Audio packets sealed for receivers.
    pub packets_out: u64,
    /// Audio packets not forwarded because their sender sent more than a voice has.
    pub packets_over_measure: u64,
    /// Audio packets not forwarded for want of the `speak` grant.
    pub packets_muted: u64,
    /// Audio packets not forwarded because every slot of the room was taken by louder people.
    pub packets_unslotted: u64,
}

/// What one peer's path is like.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct PeerStats {
    /// Packets flow.
    pub connected: bool,
    /// Audio packets that came from it.
    pub packets_in: u64,
    /// Audio bytes that came from it, payload alone.
    pub bytes_in: u64,
    /// Audio packets sent to it.
    pub packets_out: u64,
    /// Audio bytes sent to it, payload alone.
    pub bytes_out: u64,
    /// Packets lost on the way in so far (RFC 3550 §6.4.1); never negative.
    pub lost_in: u64,
    /// Jitter on the way in, ms.
    pub jitter_in_ms: f32,
    /// Fraction lost on the way out, by the peer's last reports: the worst of its slots, 0 to 1.
    pub loss_out: f32,
    /// Jitter on the way out, ms, by the peer's last reports: the worst of its slots.
    pub jitter_out_ms: f32,
    /// Round trip by the peer's last report (RFC 3550 §6.4.1), ms; none before the first.
    pub round_trip_ms: Option<f32>,
}
