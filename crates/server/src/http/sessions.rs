// SPDX-License-Identifier: Apache-2.0
//! Sessions: sign in, refresh, sign out.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use voz_protocol::errors::Problem;
use voz_protocol::sessions::{RefreshRequest, SignInRequest, SignedIn};

use super::delivery::Delivery;
use super::extract::{Authenticated, Body, Client};
use super::problem::Refused;
use crate::clock;
use crate::state::ServerState;

/// Sign in with user name and password.
#[utoipa::path(
    post, path = "/api/v1/sessions", operation_id = "sign_in", tag = "sessions",
    request_body = SignInRequest,
    responses(
        (status = 201, description = "Signed in", body = SignedIn),
        (status = "default", description = "Refused: `invalid_credentials`, `rate_limited`, `overloaded`", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn sign_in(
    State(state): State<ServerState>,
    Client(address): Client,
    headers: HeaderMap,
    Body(request): Body<SignInRequest>,
) -> Result<Response, Refused> {
    let delivery = Delivery::of(&state, &headers, request.transport)?;
    let issued = state.app.sign_in(&mut clock::moment(), address, request).await?;
    Ok(delivery.of_new(issued))
}

/// Go on with fresh tokens. The refresh token comes in the body (bearer) or by cookie, then with an empty body object.
#[utoipa::path(
    post, path = "/api/v1/sessions/refresh", operation_id = "refresh_session", tag = "sessions",
    request_body = RefreshRequest,
    responses(
        (status = 200, description = "The session goes on", body = SignedIn),
        (status = "default", description = "Refused: `unauthenticated`, `origin_refused`", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn refresh_session(
    State(state): State<ServerState>,
    Client(address): Client,
    headers: HeaderMap,
    Body(request): Body<RefreshRequest>,
) -> Result<Response, Response> {
    let (token, delivery) =
        Delivery::to_refresh(&state, &headers, request.refresh_token).map_err(Refused::into_response)?;
    match state.app.refresh(&mut clock::moment(), address, &token).await {
        Ok(issued) => Ok(delivery.of_refreshed(issued)),
        Err(error) => Err(delivery.of_ended(error.into())),
    }
}

/// End this session on the server.
#[utoipa::path(
    delete, path = "/api/v1/sessions/current", operation_id = "sign_out", tag = "sessions",
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 204, description = "The session has ended"),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn sign_out(
    State(state): State<ServerState>,
    Authenticated(actor): Authenticated,
) -> Result<Response, Refused> {
    state.app.sign_out(&mut clock::moment(), &actor).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    state.cookies.clear(response.headers_mut());
    Ok(response)
}
