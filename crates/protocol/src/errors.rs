// SPDX-License-Identifier: Apache-2.0
//! The one error shape, RFC 9457 problem+json. The server sends codes, the client owns the words.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Why a request or a command was refused. Stable: a code is never renamed or reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The request can't be read: malformed JSON, a bad id, a wrong type.
    BadRequest,
    /// A field breaks a rule; `fields` names each.
    Validation,
    /// No valid session. Sign in again.
    Unauthenticated,
    /// Wrong user name or password; never says which.
    InvalidCredentials,
    /// Signed in, but not allowed to do this here.
    Forbidden,
    /// It does not exist, or this person may not know that it does.
    NotFound,
    /// The Origin header is not this instance's.
    OriginRefused,
    /// The body is larger than the limit.
    PayloadTooLarge,
    /// Too many tries; `retry_after_s` says when to come back.
    RateLimited,
    /// The server is busy; `retry_after_s` says when to come back.
    Overloaded,
    /// A fault of the server. The log has it under `request_id`.
    Internal,
    /// The set-up link is wrong or was replaced by a newer one.
    SetupTokenInvalid,
    /// The instance is already set up.
    SetupDone,
    /// Someone has this user name.
    UsernameTaken,
    /// This instance takes no new accounts.
    SignUpClosed,
    /// This instance takes new accounts by invite only.
    SignUpInviteOnly,
    /// No such invite.
    InviteNotFound,
    /// The invite's time is over.
    InviteExpired,
    /// The invite was used as often as it allows.
    InviteUsedUp,
    /// The invite was taken back.
    InviteRevoked,
    /// The rules changed since they were shown; show the current ones.
    RulesChanged,
    /// The community has as many channels, or the limit named in `fields`, as it may have.
    LimitReached,
    /// The voice offer can't be answered (no Opus, no BUNDLE, no SHA-256 fingerprint, …).
    VoiceOfferUnsupported,
    /// The room holds as many people as it may.
    RoomFull,
    /// This person is not in a room on this connection.
    NotInRoom,
    /// The media part of the server is not running.
    VoiceUnavailable,
    /// The gateway expected another command first, or knows no such command.
    CommandUnexpected,
}

/// What is wrong with one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldError {
    /// It must not be empty.
    Empty,
    /// Shorter than allowed.
    TooShort,
    /// Longer than allowed.
    TooLong,
    /// Has characters that are not allowed.
    Characters,
    /// Too easy to guess.
    TooCommon,
    /// Outside the allowed range.
    OutOfRange,
}

/// Body of every refused HTTP request (`application/problem+json`) and of every refused command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// `urn:voz:error:<code>` (RFC 9457 §3.1.1).
    #[serde(rename = "type")]
    pub kind: String,
    /// HTTP status.
    pub status: u16,
    /// The stable code.
    pub code: ErrorCode,
    /// Field name → what is wrong with it; present with `validation`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, FieldError>,
    /// Seconds to wait; present with `rate_limited` and `overloaded`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_s: Option<u32>,
    /// Names this failure in the server's log; present with `internal`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}
