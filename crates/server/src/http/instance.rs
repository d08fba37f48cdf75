// SPDX-License-Identifier: Apache-2.0
//! The instance.

use axum::Json;
use axum::extract::State;
use voz_protocol::errors::Problem;
use voz_protocol::instance::Instance;

use super::problem::Refused;
use crate::state::ServerState;

/// What a visitor may know before signing in.
#[utoipa::path(
    get, path = "/api/v1/instance", operation_id = "get_instance", tag = "instance",
    responses(
        (status = 200, description = "The instance", body = Instance),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn get_instance(State(state): State<ServerState>) -> Result<Json<Instance>, Refused> {
    Ok(Json(state.app.instance().await?))
}
