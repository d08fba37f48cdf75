// SPDX-License-Identifier: Apache-2.0
//! First run: the wizard behind the one-time set-up link `/setup#<token>`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::instance::SignUpMode;
use crate::sessions::Transport;

/// `POST /api/v1/setup/check`: 204 when the token opens the wizard, else `setup_token_invalid` or `setup_done`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SetupCheck {
    /// The token after `#` in the link.
    pub token: String,
}

/// `POST /api/v1/setup` → 201 [`crate::sessions::SignedIn`]. Succeeds once.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SetupRequest {
    /// The token after `#` in the link.
    pub token: String,
    /// The owner's account.
    pub username: String,
    /// The owner's password: 10–256 characters, never a default.
    pub password: String,
    /// Name of the instance, 1–60 characters.
    pub instance_name: String,
    /// Who may create an account.
    pub sign_up: SignUpMode,
    /// The first community.
    pub community: SetupCommunity,
    /// How the session travels.
    #[serde(default)]
    pub transport: Transport,
}

/// The first community, made by the wizard.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SetupCommunity {
    /// 1–60 characters.
    pub name: String,
    /// Name of the first text channel.
    pub text_channel: String,
    /// Name of the first room.
    pub room: String,
    /// The rules, one a line, up to 4000 characters.
    pub rules: String,
}
