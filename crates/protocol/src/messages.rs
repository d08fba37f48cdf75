// SPDX-License-Identifier: Apache-2.0
//! Text messages.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::accounts::User;

/// A message. The order of ids is the order of sending.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Message {
    /// UUIDv7.
    pub id: Uuid,
    /// Where it was written.
    pub channel_id: Uuid,
    /// Who wrote it.
    pub author: User,
    /// 1–4000 characters.
    pub content: String,
    /// As the sender gave it: tells a client which of its unsent messages this is.
    pub nonce: String,
    /// When the server took it (RFC 3339).
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
}

/// `POST /api/v1/channels/{channel_id}/messages` → 201 [`Message`].
///
/// Sending the same nonce again within 24 h answers 200 with the message that was stored the first time.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SendMessageRequest {
    /// 1–4000 characters; not only white space.
    pub content: String,
    /// Chosen by the client, 1–64 characters, new for each message.
    pub nonce: String,
}

/// Query of `GET /api/v1/channels/{channel_id}/messages` → 200 [`MessagePage`].
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct HistoryQuery {
    /// Only messages older than this one; absent: the newest.
    #[serde(default)]
    pub before: Option<Uuid>,
    /// Only messages newer than this one; not together with `before`.
    #[serde(default)]
    pub after: Option<Uuid>,
    /// 1–100; 50 when absent.
    #[serde(default)]
    pub limit: Option<u32>,
}

/// A page of history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MessagePage {
    /// Oldest first.
    pub items: Vec<Message>,
    /// There is more in the asked direction.
    pub has_more: bool,
}
