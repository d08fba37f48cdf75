// SPDX-License-Identifier: Apache-2.0
//! Channels: text, or a room where people talk.

/// Kind of a channel; fixed for life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChannelKind {
    /// Messages.
    Text,
    /// Voice.
    Room,
}
