// SPDX-License-Identifier: Apache-2.0
//! Channels and rooms.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use voz_domain::ids::{ChannelId, CommunityId};
use voz_protocol::channels::{Channel, CreateChannelRequest, UpdateChannelRequest};
use voz_protocol::errors::Problem;

use super::extract::{Authenticated, Body, InPath};
use super::problem::Refused;
use crate::clock;
use crate::state::ServerState;

/// Make a channel or a room.
#[utoipa::path(
    post, path = "/api/v1/communities/{community_id}/channels", operation_id = "create_channel", tag = "channels",
    params(("community_id" = Uuid, Path, description = "The community")),
    request_body = CreateChannelRequest,
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 201, description = "The channel", body = Channel),
        (status = "default", description = "Refused: `validation`, `limit_reached`", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn create_channel(
    State(state): State<ServerState>,
    Authenticated(actor): Authenticated,
    InPath(community): InPath<CommunityId>,
    Body(request): Body<CreateChannelRequest>,
) -> Result<(StatusCode, Json<Channel>), Refused> {
    let channel = state.app.channel_create(&mut clock::moment(), &actor, community, request).await?;
    Ok((StatusCode::CREATED, Json(channel)))
}

/// Rename a channel or a room.
#[utoipa::path(
    patch, path = "/api/v1/channels/{channel_id}", operation_id = "update_channel", tag = "channels",
    params(("channel_id" = Uuid, Path, description = "The channel")),
    request_body = UpdateChannelRequest,
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "The channel as it is now", body = Channel),
        (status = "default", description = "Refused: `validation`", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn update_channel(
    State(state): State<ServerState>,
    Authenticated(actor): Authenticated,
    InPath(channel): InPath<ChannelId>,
    Body(request): Body<UpdateChannelRequest>,
) -> Result<Json<Channel>, Refused> {
    Ok(Json(state.app.channel_update(&mut clock::moment(), &actor, channel, request).await?))
}

/// Remove a channel or a room, with its messages.
#[utoipa::path(
    delete, path = "/api/v1/channels/{channel_id}", operation_id = "delete_channel", tag = "channels",
    params(("channel_id" = Uuid, Path, description = "The channel")),
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 204, description = "It is gone"),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn delete_channel(
    State(state): State<ServerState>,
    Authenticated(actor): Authenticated,
    InPath(channel): InPath<ChannelId>,
) -> Result<StatusCode, Refused> {
    state.app.channel_delete(&mut clock::moment(), &actor, channel).await?;
    Ok(StatusCode::NO_CONTENT)
}
