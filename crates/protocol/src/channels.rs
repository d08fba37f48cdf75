// SPDX-License-Identifier: Apache-2.0
//! Channels: text, or a room where people talk.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Kind of a channel; fixed for life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChannelKind {
    /// Messages.
    Text,
    /// Voice.
    Room,
}

/// A channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Channel {
    /// Its id.
    pub id: Uuid,
    /// Where it is.
    pub community_id: Uuid,
    /// What it is.
    pub kind: ChannelKind,
    /// 1–60 characters.
    pub name: String,
    /// Order within its kind, ascending.
    pub position: u32,
}

/// `POST /api/v1/communities/{community_id}/channels` → 201 [`Channel`].
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CreateChannelRequest {
    /// What to make.
    pub kind: ChannelKind,
    /// 1–60 characters.
    pub name: String,
}

/// `PATCH /api/v1/channels/{channel_id}` → 200 [`Channel`]. `DELETE` on the same path → 204.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UpdateChannelRequest {
    /// 1–60 characters.
    pub name: String,
}
