// SPDX-License-Identifier: Apache-2.0
//! The HTTP API: one file per noun, each handler extracts, makes one `app` call and responds.
//!
//! The description of the API is made from the same routes, so a route without one can't be added.

use std::time::Instant;

use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::ServerState;
use crate::{gateway, web};

mod accounts;
mod channels;
mod delivery;
pub mod extract;
mod health;
mod instance;
mod invites;
mod messages;
pub mod openapi;
pub mod origin;
pub mod problem;
pub mod session_cookies;
mod sessions;
mod setup;
mod voice;

/// Every documented operation.
fn operations() -> OpenApiRouter<ServerState> {
    OpenApiRouter::with_openapi(openapi::Description::openapi())
        .routes(routes!(health::healthz))
        .routes(routes!(health::readyz))
        .routes(routes!(instance::get_instance))
        .routes(routes!(setup::check_setup))
        .routes(routes!(setup::set_up))
        .routes(routes!(accounts::sign_up))
        .routes(routes!(accounts::get_me))
        .routes(routes!(sessions::sign_in))
        .routes(routes!(sessions::refresh_session))
        .routes(routes!(sessions::sign_out))
        .routes(routes!(invites::get_invite))
        .routes(routes!(invites::accept_invite))
        .routes(routes!(invites::list_invites, invites::create_invite))
        .routes(routes!(invites::revoke_invite))
        .routes(routes!(channels::create_channel))
        .routes(routes!(channels::update_channel, channels::delete_channel))
        .routes(routes!(messages::list_messages, messages::send_message))
        .routes(routes!(voice::set_voice_mute))
        .routes(routes!(voice::remove_occupant))
        .routes(routes!(gateway::open))
}

/// Description of every operation and of the gateway's frames: the committed `docs/openapi.json`.
pub fn description() -> utoipa::openapi::OpenApi {
    operations().into_openapi()
}

/// Everything that is answered: the API, the gateway, and the web client for the rest.
pub fn router(state: ServerState, client: web::WebClient) -> Router {
    let (api, _) = operations().split_for_parts();
    let fence = web::Fence::new(&state.origin);
    api.method_not_allowed_fallback(|| async { problem::Refused::method_not_allowed() })
        .with_state(state)
        .fallback_service(Router::new().fallback(web::fallback).with_state(client))
        // Bodies are read by our own extractor, with its own limit.
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn_with_state(fence, web::fence))
        .layer(from_fn(log))
}

/// One line a request at DEBUG: the route rather than the path, and neither names nor addresses.
#[expect(clippy::disallowed_methods, reason = "the server crate is where the clock is read")]
async fn log(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let route = route.as_ref().map_or("-", |route| route.as_str());
    let elapsed_us = started.elapsed().as_micros();
    tracing::debug!(%method, route, status = response.status().as_u16(), elapsed_us, "answered");
    response
}
