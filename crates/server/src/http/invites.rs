// SPDX-License-Identifier: Apache-2.0
//! Invites.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use voz_domain::ids::CommunityId;
use voz_protocol::communities::Community;
use voz_protocol::errors::Problem;
use voz_protocol::invites::{AcceptInviteRequest, CreateInviteRequest, Invite, InviteList, InvitePreview};

use super::extract::{Authenticated, Body, Client, InPath};
use super::problem::Refused;
use crate::clock;
use crate::state::ServerState;

/// What a person sees before accepting.
#[utoipa::path(
    get, path = "/api/v1/invites/{code}", operation_id = "get_invite", tag = "invites",
    params(("code" = String, Path, description = "The invite's code")),
    responses(
        (status = 200, description = "A usable invite", body = InvitePreview),
        (status = "default", description = "Refused: `invite_not_found`, `invite_expired`, `invite_used_up`, `invite_revoked`, `rate_limited`", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn get_invite(
    State(state): State<ServerState>,
    Client(address): Client,
    InPath(code): InPath<String>,
) -> Result<Json<InvitePreview>, Refused> {
    Ok(Json(state.app.invite_preview(&clock::moment(), address, &code).await?))
}

/// Enter the community. A member accepts again without effect.
#[utoipa::path(
    post, path = "/api/v1/invites/{code}/accept", operation_id = "accept_invite", tag = "invites",
    params(("code" = String, Path, description = "The invite's code")),
    request_body = AcceptInviteRequest,
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "The community entered", body = Community),
        (status = "default", description = "Refused: `invite_…`, `rules_changed`", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn accept_invite(
    State(state): State<ServerState>,
    Authenticated(actor): Authenticated,
    Client(address): Client,
    InPath(code): InPath<String>,
    Body(request): Body<AcceptInviteRequest>,
) -> Result<Json<Community>, Refused> {
    Ok(Json(state.app.invite_accept(&mut clock::moment(), address, &actor, &code, request).await?))
}

/// Usable invites of a community, newest first.
#[utoipa::path(
    get, path = "/api/v1/communities/{community_id}/invites", operation_id = "list_invites", tag = "invites",
    params(("community_id" = Uuid, Path, description = "The community")),
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "The invites", body = InviteList),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn list_invites(
    State(state): State<ServerState>,
    Authenticated(actor): Authenticated,
    InPath(community): InPath<CommunityId>,
) -> Result<Json<InviteList>, Refused> {
    Ok(Json(state.app.invite_list(&clock::moment(), &actor, community).await?))
}

/// Make an invite.
#[utoipa::path(
    post, path = "/api/v1/communities/{community_id}/invites", operation_id = "create_invite", tag = "invites",
    params(("community_id" = Uuid, Path, description = "The community")),
    request_body = CreateInviteRequest,
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 201, description = "The invite", body = Invite),
        (status = "default", description = "Refused: `validation`, `limit_reached`", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn create_invite(
    State(state): State<ServerState>,
    Authenticated(actor): Authenticated,
    InPath(community): InPath<CommunityId>,
    Body(request): Body<CreateInviteRequest>,
) -> Result<(StatusCode, Json<Invite>), Refused> {
    let invite = state.app.invite_create(&mut clock::moment(), &actor, community, request).await?;
    Ok((StatusCode::CREATED, Json(invite)))
}

/// Take an invite back.
#[utoipa::path(
    delete, path = "/api/v1/communities/{community_id}/invites/{code}", operation_id = "revoke_invite", tag = "invites",
    params(
        ("community_id" = Uuid, Path, description = "The community"),
        ("code" = String, Path, description = "The invite's code"),
    ),
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 204, description = "It is taken back"),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn revoke_invite(
    State(state): State<ServerState>,
    Authenticated(actor): Authenticated,
    InPath((community, code)): InPath<(CommunityId, String)>,
) -> Result<StatusCode, Refused> {
    state.app.invite_revoke(&mut clock::moment(), &actor, community, &code).await?;
    Ok(StatusCode::NO_CONTENT)
}
