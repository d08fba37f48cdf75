// SPDX-License-Identifier: Apache-2.0
//! Moderation of rooms. Joining a room goes through the gateway.

use axum::extract::State;
use axum::http::StatusCode;
use voz_domain::ids::{ChannelId, CommunityId, UserId};
use voz_protocol::communities::VoiceMuteRequest;
use voz_protocol::errors::Problem;

use super::extract::{Authenticated, Body, InPath};
use super::problem::Refused;
use crate::clock;
use crate::state::ServerState;

/// Close or open a member's microphone in every room of the community.
#[utoipa::path(
    put, path = "/api/v1/communities/{community_id}/members/{user_id}/voice-mute", operation_id = "set_voice_mute", tag = "voice",
    params(
        ("community_id" = Uuid, Path, description = "The community"),
        ("user_id" = Uuid, Path, description = "Whose microphone"),
    ),
    request_body = VoiceMuteRequest,
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 204, description = "It is so"),
        (status = "default", description = "Refused: `validation`", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn set_voice_mute(
    State(state): State<ServerState>,
    Authenticated(actor): Authenticated,
    InPath((community, user)): InPath<(CommunityId, UserId)>,
    Body(request): Body<VoiceMuteRequest>,
) -> Result<StatusCode, Refused> {
    state.app.voice_mute(&mut clock::moment(), &actor, community, user, request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take a person out of a room.
#[utoipa::path(
    delete, path = "/api/v1/channels/{channel_id}/occupants/{user_id}", operation_id = "remove_occupant", tag = "voice",
    params(
        ("channel_id" = Uuid, Path, description = "The room"),
        ("user_id" = Uuid, Path, description = "Who is in it"),
    ),
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 204, description = "The person is out"),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn remove_occupant(
    State(state): State<ServerState>,
    Authenticated(actor): Authenticated,
    InPath((channel, user)): InPath<(ChannelId, UserId)>,
) -> Result<StatusCode, Refused> {
    state.app.voice_remove_occupant(&clock::moment(), &actor, channel, user).await?;
    Ok(StatusCode::NO_CONTENT)
}
