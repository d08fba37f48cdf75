// SPDX-License-Identifier: Apache-2.0
//! The instance: what a visitor may know before signing in.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Who may create an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SignUpMode {
    /// Who has an invite.
    Invite,
    /// Anyone.
    Open,
    /// Nobody; the admin creates accounts.
    Closed,
}

/// `GET /api/v1/instance`, for anyone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Instance {
    /// Name the owner gave; empty before set-up.
    pub name: String,
    /// Who may create an account.
    pub sign_up: SignUpMode,
    /// True until the set-up wizard has succeeded once.
    pub needs_setup: bool,
    /// Version of the server.
    pub version: String,
}
