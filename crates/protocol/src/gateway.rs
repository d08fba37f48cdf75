// SPDX-License-Identifier: Apache-2.0
//! The gateway: one WebSocket at `GET /api/v1/gateway`, text frames, one JSON object a frame.
//!
//! A client opens it with a session (cookie + Origin, or Bearer), sends `resume` within 10 s and gets `ready`.
//! From then on it sends `heartbeat` every 20 s; a side that hears nothing for 45 s closes and reconnects.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::accounts::{Me, User};
use crate::channels::Channel;
use crate::communities::{CommunitySnapshot, Member};
use crate::errors::Problem;
use crate::messages::Message;
use crate::voice::{
    VoiceClaim, VoiceEnded, VoiceJoin, VoiceJoined, VoiceRoom, VoiceRooms, VoiceSpeaking, VoiceStateUpdate,
};

/// A frame from client to server. `id` comes back in the [`ServerFrame::Reply`].
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ClientFrame {
    /// Chosen by the client, unique on this connection.
    pub id: u32,
    /// The command.
    #[serde(flatten)]
    pub command: ClientCommand,
}

/// What a client asks of the gateway.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
pub enum ClientCommand {
    /// The first command, once. Answered by [`CommandResult::Resumed`] after the `ready` event.
    Resume(Resume),
    /// Keeps the connection alive.
    Heartbeat {},
    /// Enter a room.
    VoiceJoin(VoiceJoin),
    /// Leave the room.
    VoiceLeave {},
    /// Mute, deafen.
    VoiceState(VoiceStateUpdate),
}

/// Data of `resume`; all empty for a fresh start.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct Resume {
    /// Stream id → last cursor handled. Streams not named are sent as snapshots.
    #[serde(default)]
    pub cursors: BTreeMap<String, String>,
    /// The voice this client still holds, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voice: Option<VoiceClaim>,
}

/// A frame from server to client.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum ServerFrame {
    /// Answer to a command.
    Reply(Reply),
    /// Something happened.
    Event(Event),
}

/// Answer to the command with the same id: `result` or `error`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Reply {
    /// The command's id.
    pub reply: u32,
    /// What it gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<CommandResult>,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Problem>,
}

/// What a command gave.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
pub enum CommandResult {
    /// Of `resume`.
    Resumed {},
    /// Of `voice_join`.
    VoiceJoined(VoiceJoined),
    /// Of every other command.
    Done {},
}

/// An event in its envelope. Durable events carry stream, cursor and prev; passing ones none of them.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Event {
    /// `community:<uuid>` or `user:<uuid>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream: Option<String>,
    /// Opaque place of this event in the stream; to be sent back in `resume`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// Cursor of the event delivered before this one in this session. Another value than the one
    /// held means a gap: close and resume. Absent on `community_snapshot`, which starts anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prev: Option<String>,
    /// What happened.
    #[serde(flatten)]
    pub event: ServerEvent,
}

/// What the gateway tells.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
pub enum ServerEvent {
    /// First event of a connection. Passing.
    Ready(Ready),
    /// Whole state of a community at this cursor: after `ready` for each stream that was not resumed,
    /// on entering a community, and where replay was impossible. Replaces all that was known of it.
    CommunitySnapshot(CommunitySnapshot),
    /// Whole state of the user stream at this cursor, where it was not resumed.
    UserSnapshot(Me),
    /// Durable, community stream.
    MessageCreated(Message),
    /// Durable, community stream.
    ChannelCreated(Channel),
    /// Durable, community stream.
    ChannelUpdated(Channel),
    /// Durable, community stream.
    ChannelDeleted {
        /// Which.
        channel_id: Uuid,
    },
    /// Durable, community stream.
    MemberJoined(Member),
    /// Durable, community stream. A moderator closed or opened a microphone.
    MemberVoiceMuted(MemberVoiceMuted),
    /// Durable, user stream. A snapshot of the community follows.
    CommunityEntered {
        /// Which.
        community_id: Uuid,
    },
    /// Durable, user stream: this session, or all, ended elsewhere. The socket closes after it.
    SessionEnded {
        /// Which session.
        session_id: Uuid,
    },
    /// Passing: everyone who is in a room now. Sent on each change.
    VoiceRoom(VoiceRoom),
    /// Passing: all rooms of a community, after the missed events of its stream. What rooms a client knew
    /// of before may be long over.
    VoiceRooms(VoiceRooms),
    /// Passing: who speaks in a room. Sent on each change.
    VoiceSpeaking(VoiceSpeaking),
    /// Passing, to the person concerned.
    VoiceEnded(VoiceEnded),
}

/// Data of `ready`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Ready {
    /// One life of the server: a new value means that it was started again.
    pub epoch: Uuid,
    /// This session.
    pub session_id: Uuid,
    /// Who is signed in.
    pub me: Me,
    /// All streams of this person. Those in `resumed` go on from the cursors given; the others come as snapshots.
    pub streams: Vec<String>,
    /// Streams that go on; missed events follow, then live ones.
    pub resumed: Vec<String>,
    /// The claimed voice goes on over the same media path. Absent, and no
    /// `voice_ended` either: join again if the person was in a room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voice: Option<VoiceRoom>,
    /// The claimed voice ended while nobody could be told, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voice_ended: Option<VoiceEnded>,
}

/// Data of `member_voice_muted`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MemberVoiceMuted {
    /// Whose microphone.
    pub user_id: Uuid,
    /// Closed or opened.
    pub muted: bool,
    /// Who did it.
    pub by: User,
    /// Given reason; told to this person and to who may mute others only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// WebSocket close codes of the gateway (4000–4999 are for applications, RFC 6455 §7.4.2).
pub mod close {
    /// The session is over: sign in again; do not reconnect.
    pub const SESSION_ENDED: u16 = 4001;
    /// No `resume` came within 10 s, or a frame could not be read. A fault of the client.
    pub const PROTOCOL: u16 = 4002;
    /// The client reads too slowly, or fell behind: reconnect and resume.
    pub const FELL_BEHIND: u16 = 4003;
    /// The server stops: reconnect and resume.
    pub const SERVER_STOPPING: u16 = 4004;
    /// Too many commands: reconnect after a pause.
    pub const RATE_LIMITED: u16 = 4005;
}
