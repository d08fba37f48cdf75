// SPDX-License-Identifier: Apache-2.0
//! Text messages.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use voz_app::Sent;
use voz_domain::ids::ChannelId;
use voz_protocol::errors::Problem;
use voz_protocol::messages::{HistoryQuery, Message, MessagePage, SendMessageRequest};

use super::extract::{Authenticated, Body, InPath, InQuery};
use super::problem::Refused;
use crate::clock;
use crate::state::ServerState;

/// A page of history, oldest first.
#[utoipa::path(
    get, path = "/api/v1/channels/{channel_id}/messages", operation_id = "list_messages", tag = "messages",
    params(("channel_id" = Uuid, Path, description = "The channel"), HistoryQuery),
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "The page", body = MessagePage),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn list_messages(
    State(state): State<ServerState>,
    Authenticated(actor): Authenticated,
    InPath(channel): InPath<ChannelId>,
    InQuery(query): InQuery<HistoryQuery>,
) -> Result<Json<MessagePage>, Refused> {
    Ok(Json(state.app.message_history(&actor, channel, query).await?))
}

/// Write a message.
#[utoipa::path(
    post, path = "/api/v1/channels/{channel_id}/messages", operation_id = "send_message", tag = "messages",
    params(("channel_id" = Uuid, Path, description = "The channel")),
    request_body = SendMessageRequest,
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 201, description = "Stored", body = Message),
        (status = 200, description = "This nonce was stored before: the message as it was then", body = Message),
        (status = "default", description = "Refused: `validation`, `rate_limited`", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn send_message(
    State(state): State<ServerState>,
    Authenticated(actor): Authenticated,
    InPath(channel): InPath<ChannelId>,
    Body(request): Body<SendMessageRequest>,
) -> Result<(StatusCode, Json<Message>), Refused> {
    Ok(match state.app.message_send(&mut clock::moment(), &actor, channel, request).await? {
        Sent::New(message) => (StatusCode::CREATED, Json(message)),
        Sent::Before(message) => (StatusCode::OK, Json(message)),
    })
}
