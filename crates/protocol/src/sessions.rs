// SPDX-License-Identifier: Apache-2.0
//! Sessions: opaque access tokens (short) and rotating refresh tokens.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::accounts::Me;

/// How the tokens of a session travel.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    /// HttpOnly cookies; the body has no tokens. For browsers.
    #[default]
    Cookie,
    /// Tokens in the body, `Authorization: Bearer` from then on. For programs.
    Bearer,
}

/// `POST /api/v1/sessions` → 201 [`SignedIn`].
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SignInRequest {
    /// User name; case does not matter.
    pub username: String,
    /// Password.
    pub password: String,
    /// How the session travels.
    #[serde(default)]
    pub transport: Transport,
}

/// `POST /api/v1/sessions/refresh` → 200 [`SignedIn`]. With cookies the body is `{}`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct RefreshRequest {
    /// The refresh token of a bearer session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
}

/// A session has begun, or goes on with fresh tokens. `DELETE /api/v1/sessions/current` → 204 ends it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SignedIn {
    /// Who signed in.
    pub me: Me,
    /// Seconds until the access token must be refreshed.
    pub access_expires_in_s: u32,
    /// Present with `transport: bearer` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_token: Option<String>,
    /// Present with `transport: bearer` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
}
