// SPDX-License-Identifier: Apache-2.0
//! Microphones that a moderator has closed, in every room of a community.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use voz_domain::ids::{CommunityId, UserId};

use crate::entities::members::{Column, Entity};
use crate::source::sealed::Connected;
use crate::{StoreError, Tx};

/// Closes or opens the microphone of a member. False: it was so already, or there is no such member.
/// The reason is kept while it is closed.
///
/// # Errors
/// `Unavailable`, `Fault`.
pub async fn set(
    tx: &Tx,
    community: CommunityId,
    user: UserId,
    muted: bool,
    reason: Option<&str>,
) -> Result<bool, StoreError> {
    let reason = if muted { reason.map(str::to_owned) } else { None };
    let changed = Entity::update_many()
        .col_expr(Column::VoiceMuted, Expr::value(muted))
        .col_expr(Column::VoiceMuteReason, Expr::value(reason))
        .filter(Column::CommunityId.eq(community.0))
        .filter(Column::UserId.eq(user.0))
        .filter(Column::VoiceMuted.ne(muted))
        .exec(tx.connection())
        .await?;
    Ok(changed.rows_affected == 1)
}
