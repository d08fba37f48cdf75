// SPDX-License-Identifier: Apache-2.0
//! The set-up wizard.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use voz_protocol::errors::Problem;
use voz_protocol::sessions::SignedIn;
use voz_protocol::setup::{SetupCheck, SetupRequest};

use super::delivery::Delivery;
use super::extract::{Body, Client};
use super::problem::Refused;
use crate::clock;
use crate::state::ServerState;

/// Does this token open the wizard?
#[utoipa::path(
    post, path = "/api/v1/setup/check", operation_id = "check_setup", tag = "setup",
    request_body = SetupCheck,
    responses(
        (status = 204, description = "It does"),
        (status = "default", description = "Refused: `setup_token_invalid`, `setup_done`", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn check_setup(
    State(state): State<ServerState>,
    Client(address): Client,
    Body(request): Body<SetupCheck>,
) -> Result<StatusCode, Refused> {
    state.app.setup_check(&clock::moment(), address, request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Make the owner, the instance and its first community. Succeeds once.
#[utoipa::path(
    post, path = "/api/v1/setup", operation_id = "set_up", tag = "setup",
    request_body = SetupRequest,
    responses(
        (status = 201, description = "Done; the owner is signed in", body = SignedIn),
        (status = "default", description = "Refused: `setup_token_invalid`, `setup_done`, `validation`", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn set_up(
    State(state): State<ServerState>,
    Client(address): Client,
    headers: HeaderMap,
    Body(request): Body<SetupRequest>,
) -> Result<Response, Refused> {
    let delivery = Delivery::of(&state, &headers, request.transport)?;
    let issued = state.app.setup_complete(&mut clock::moment(), address, request).await?;
    Ok(delivery.of_new(issued))
}
