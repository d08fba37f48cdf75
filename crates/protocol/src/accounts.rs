// SPDX-License-Identifier: Apache-2.0
//! Accounts: user name and password, nothing else.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::sessions::Transport;

/// A person as others see them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct User {
    /// The account.
    pub id: Uuid,
    /// Unique on the instance.
    pub username: String,
}

/// `GET /api/v1/me`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Me {
    /// This person.
    pub user: User,
    /// May change the instance.
    pub instance_admin: bool,
}

/// `POST /api/v1/accounts` → 201 [`crate::sessions::SignedIn`]; with an invite the account also enters the community.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SignUpRequest {
    /// 2–32 characters: letters, digits, `.`, `_`, `-`.
    pub username: String,
    /// 10–256 characters.
    pub password: String,
    /// The invite that brought this person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invite: Option<AcceptedInvite>,
    /// How the session travels.
    #[serde(default)]
    pub transport: Transport,
}

/// An invite together with the version of the rules that the person saw.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AcceptedInvite {
    /// The invite's code.
    pub code: String,
    /// [`crate::communities::Rules::version`] as shown; another one answers `rules_changed`.
    pub rules_version: u32,
}
