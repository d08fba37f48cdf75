// SPDX-License-Identifier: Apache-2.0
//! Communities and their members.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::accounts::User;
use crate::channels::Channel;
use crate::voice::VoiceRoom;

/// A community.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Community {
    /// Its id.
    pub id: Uuid,
    /// 1–60 characters.
    pub name: String,
    /// Who owns it.
    pub owner_id: Uuid,
    /// Its rules.
    pub rules: Rules,
}

/// Rules with the version that a person accepts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Rules {
    /// Counts up with each change, from 1.
    pub version: u32,
    /// One rule a line.
    pub text: String,
}

/// What a member is in a community.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MemberRole {
    /// Owns the community and may do everything in it.
    Owner,
    /// Everyone else.
    Member,
}

/// A person in a community.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Member {
    /// Who.
    pub user: User,
    /// As what.
    pub role: MemberRole,
    /// A moderator has closed this person's microphone in every room of the community.
    pub voice_muted: bool,
}

/// What one may do in a community; the server decides, the client draws only what works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PermissionName {
    /// See channels and rooms and read history.
    ViewChannels,
    /// Write in text channels.
    SendMessages,
    /// Enter rooms.
    JoinRooms,
    /// Speak in rooms.
    Speak,
    /// Make, rename and remove channels and rooms.
    ManageChannels,
    /// Make invites and see those there are.
    ManageInvites,
    /// Close a member's microphone in rooms.
    MuteMembers,
    /// Take a person out of a room.
    RemoveFromRooms,
}

/// All that a client needs to draw a community, true at the cursor it comes with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CommunitySnapshot {
    /// The community.
    pub community: Community,
    /// In the order of `position`.
    pub channels: Vec<Channel>,
    /// Everyone in it.
    pub members: Vec<Member>,
    /// What the receiver may do.
    pub permissions: Vec<PermissionName>,
    /// Rooms with somebody inside; a room not named is empty.
    pub voice_rooms: Vec<VoiceRoom>,
}

/// `PUT /api/v1/communities/{community_id}/members/{user_id}/voice-mute` → 204.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct VoiceMuteRequest {
    /// True closes the microphone, false opens it again.
    pub muted: bool,
    /// Shown to the person; up to 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}
