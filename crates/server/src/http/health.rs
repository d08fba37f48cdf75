// SPDX-License-Identifier: Apache-2.0
//! Liveness and readiness.

use axum::extract::State;
use axum::http::StatusCode;

use crate::state::ServerState;

/// The process is alive; looks at nothing outside it.
#[utoipa::path(
    get, path = "/healthz", operation_id = "healthz", tag = "health",
    responses((status = 200, description = "Alive")),
)]
pub async fn healthz() -> StatusCode {
    StatusCode::OK
}

/// Ready to serve: the database answers, voice runs and the server is not stopping.
#[utoipa::path(
    get, path = "/readyz", operation_id = "readyz", tag = "health",
    responses(
        (status = 200, description = "Ready"),
        (status = 503, description = "Not ready: the database does not answer, voice has ended, or the server stops"),
    ),
)]
pub async fn readyz(State(state): State<ServerState>) -> StatusCode {
    if state.shutdown.is_requested() || !state.app.voice().is_running() || state.app.ready().await.is_err() {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    StatusCode::OK
}
