// SPDX-License-Identifier: Apache-2.0
//! Accounts.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use voz_protocol::accounts::{Me, SignUpRequest};
use voz_protocol::errors::Problem;
use voz_protocol::sessions::SignedIn;

use super::delivery::Delivery;
use super::extract::{Authenticated, Body, Client};
use super::problem::Refused;
use crate::clock;
use crate::state::ServerState;

/// Create an account and sign in; with an invite also enter its community.
#[utoipa::path(
    post, path = "/api/v1/accounts", operation_id = "sign_up", tag = "accounts",
    request_body = SignUpRequest,
    responses(
        (status = 201, description = "The account exists and is signed in", body = SignedIn),
        (status = "default", description = "Refused: `username_taken`, `sign_up_closed`, `sign_up_invite_only`, `invite_…`, `rules_changed`, `validation`, `rate_limited`", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn sign_up(
    State(state): State<ServerState>,
    Client(address): Client,
    headers: HeaderMap,
    Body(request): Body<SignUpRequest>,
) -> Result<Response, Refused> {
    let delivery = Delivery::of(&state, &headers, request.transport)?;
    let issued = state.app.sign_up(&mut clock::moment(), address, request).await?;
    Ok(delivery.of_new(issued))
}

/// Who am I?
#[utoipa::path(
    get, path = "/api/v1/me", operation_id = "get_me", tag = "accounts",
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "The person signed in", body = Me),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn get_me(Authenticated(actor): Authenticated) -> Json<Me> {
    Json(actor.me())
}
