// SPDX-License-Identifier: Apache-2.0
//! Voice: who is in a room, and the signalling of the media path.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::accounts::User;

/// A person in a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Occupant {
    /// Who.
    pub user: User,
    /// Unique per room and room epoch; the CSRC of this person's packets.
    pub voice_number: u32,
    /// Has closed the own microphone.
    pub self_muted: bool,
    /// Hears nothing by own choice (and is then muted too).
    pub self_deafened: bool,
    /// A moderator has closed the microphone.
    pub server_muted: bool,
    /// The media path is up: others can hear this person.
    pub connected: bool,
}

/// A room and all who are in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VoiceRoom {
    /// The room.
    pub channel_id: Uuid,
    /// Counts up each time the room is placed anew, and is 0 while nobody is in it; voice numbers belong to one epoch.
    pub epoch: u32,
    /// In the order of joining.
    pub occupants: Vec<Occupant>,
    /// Voice numbers of those who speak now, as [`VoiceSpeaking`] tells from now on.
    pub speakers: Vec<u32>,
}

/// Event `voice_rooms`: all rooms of a community whose stream goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VoiceRooms {
    /// The community.
    pub community_id: Uuid,
    /// Rooms with somebody inside; a room not named is empty.
    pub rooms: Vec<VoiceRoom>,
}

/// Data of the command `voice_join`, answered by [`VoiceJoined`]. Leaves any room this connection was in.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct VoiceJoin {
    /// The room.
    pub channel_id: Uuid,
    /// SDP offer: one `sendonly` audio section, then K `recvonly` ones (1–16), in one BUNDLE.
    pub offer: String,
    /// Microphone closed from the start.
    pub self_muted: bool,
    /// Hears nothing from the start.
    pub self_deafened: bool,
}

/// Answer of `voice_join`. The same epoch and number let a new connection claim this voice by `resume`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VoiceJoined {
    /// SDP answer, ICE-lite, with the host candidates.
    pub answer: String,
    /// This person's number in the room.
    pub voice_number: u32,
    /// Who is inside, the joining person too.
    pub room: VoiceRoom,
}

/// Data of the command `voice_state`, answered by `{}`. The server drops the packets of who is muted.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct VoiceStateUpdate {
    /// Microphone closed.
    pub self_muted: bool,
    /// Hears nothing; implies muted.
    pub self_deafened: bool,
}

/// The voice that a reconnecting client still holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VoiceClaim {
    /// The room.
    pub channel_id: Uuid,
    /// Its epoch.
    pub epoch: u32,
    /// The number held there.
    pub voice_number: u32,
}

/// Why a voice ended that its person did not end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VoiceEndReason {
    /// A moderator took the person out of the room. Do not come back by itself.
    Removed,
    /// The room was deleted.
    RoomDeleted,
    /// The person joined a room from another device or tab.
    Replaced,
    /// The person may no longer be here.
    AccessLost,
    /// No packet came for too long. Join again.
    ConnectionLost,
    /// The media part of the server restarts. Join again.
    ServerRestart,
}

impl VoiceEndReason {
    /// Whether the client is to join again by itself.
    pub fn asks_to_rejoin(self) -> bool {
        match self {
            Self::ConnectionLost | Self::ServerRestart => true,
            Self::Removed | Self::RoomDeleted | Self::Replaced | Self::AccessLost => false,
        }
    }
}

/// Event `voice_speaking`: everyone who speaks in a room now (RFC 6464 level over the threshold, with hang-over).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VoiceSpeaking {
    /// The room.
    pub channel_id: Uuid,
    /// Its epoch.
    pub epoch: u32,
    /// Voice numbers; those not named are silent.
    pub speakers: Vec<u32>,
}

/// Event `voice_ended`, to the person concerned on all connections: it means the one that holds this epoch and number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VoiceEnded {
    /// The room.
    pub channel_id: Uuid,
    /// Its epoch.
    pub epoch: u32,
    /// The number that was held there.
    pub voice_number: u32,
    /// Why.
    pub reason: VoiceEndReason,
    /// The moderator, where it is `removed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<User>,
}
