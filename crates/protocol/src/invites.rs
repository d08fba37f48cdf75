// SPDX-License-Identifier: Apache-2.0
//! Invites: the link is `/invite/<code>`.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::accounts::User;
use crate::communities::Rules;

/// An invite as those see it who may make them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Invite {
    /// 10 characters without look-alikes.
    pub code: String,
    /// Who made it.
    pub inviter: User,
    /// How often it may be used; absent: without limit.
    pub max_uses: Option<u32>,
    /// How often it was used.
    pub uses: u32,
    /// When it ends (RFC 3339); absent: never.
    #[serde(with = "time::serde::rfc3339::option")]
    pub expires_at: Option<OffsetDateTime>,
}

/// `POST /api/v1/communities/{community_id}/invites` → 201 [`Invite`]. `GET` lists, `DELETE …/invites/{code}` → 204 revokes.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct CreateInviteRequest {
    /// 1–1000; absent: without limit.
    #[serde(default)]
    pub max_uses: Option<u32>,
    /// 300–2592000 seconds; absent: 7 days.
    #[serde(default)]
    pub expires_in_s: Option<u32>,
}

/// `GET /api/v1/communities/{community_id}/invites`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InviteList {
    /// Usable ones, newest first.
    pub items: Vec<Invite>,
}

/// `GET /api/v1/invites/{code}`, for anyone: what a person sees before accepting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InvitePreview {
    /// The code asked for.
    pub code: String,
    /// The community.
    pub community_id: Uuid,
    /// Its name.
    pub community_name: String,
    /// How many people are in it.
    pub member_count: u32,
    /// How many people are in its rooms now.
    pub voice_count: u32,
    /// Its rules.
    pub rules: Rules,
    /// Who invites.
    pub inviter: User,
    /// When it ends (RFC 3339); absent: never.
    #[serde(with = "time::serde::rfc3339::option")]
    pub expires_at: Option<OffsetDateTime>,
    /// Uses left; absent: without limit.
    pub uses_left: Option<u32>,
}

/// `POST /api/v1/invites/{code}/accept` → 200 [`crate::communities::Community`]; a member accepts again without effect.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AcceptInviteRequest {
    /// [`Rules::version`] as shown.
    pub rules_version: u32,
}
