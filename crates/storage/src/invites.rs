// SPDX-License-Identifier: Apache-2.0
//! Invites. A use is counted in the statement that checks it: of two who race for the last one,
//! exactly one gets it.

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder};
use time::OffsetDateTime;
use voz_domain::ids::{CommunityId, UserId};
use voz_domain::invites::{InviteCode, InviteTerms};

use crate::entities::invites::{ActiveModel, Column, Entity, Model};
use crate::entities::users as user_rows;
use crate::source::{Source, sealed::Connected};
use crate::time_us::{from_us, from_us_opt, to_us};
use crate::users::User;
use crate::{StoreError, Tx};

/// An invite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invite {
    /// Its code.
    pub code: InviteCode,
    /// Where it leads.
    pub community: CommunityId,
    /// Who made it.
    pub inviter: User,
    /// What decides whether it may be used.
    pub terms: InviteTerms,
    /// When it was made.
    pub created_at: OffsetDateTime,
}

/// A new invite.
#[derive(Debug, Clone)]
pub struct NewInvite {
    /// A new code.
    pub code: InviteCode,
    /// Where it leads.
    pub community: CommunityId,
    /// Who makes it.
    pub inviter: UserId,
    /// How often it may be used; `None`: without limit.
    pub max_uses: Option<u32>,
    /// When it ends; `None`: never.
    pub expires_at: Option<OffsetDateTime>,
    /// Now.
    pub created_at: OffsetDateTime,
}

/// Makes an invite.
///
/// # Errors
/// `Conflict`: the code exists.
pub async fn insert(tx: &Tx, new: &NewInvite) -> Result<(), StoreError> {
    let row = ActiveModel {
        code: Set(new.code.as_str().to_owned()),
        community_id: Set(new.community.0),
        inviter_id: Set(new.inviter.0),
        max_uses: Set(new.max_uses.map(i64::from)),
        uses: Set(0),
        created_at: Set(to_us(new.created_at)),
        expires_at: Set(new.expires_at.map(to_us)),
        revoked_at: Set(None),
    };
    Entity::insert(row).exec_without_returning(tx.connection()).await?;
    Ok(())
}

/// The invite, whatever its state.
///
/// # Errors
/// `Unavailable`, `Fault`.
pub async fn by_code(source: &impl Source, code: &InviteCode) -> Result<Option<Invite>, StoreError> {
    let found = Entity::find_by_id(code.as_str().to_owned())
        .find_also_related(user_rows::Entity)
        .one(source.connection())
        .await?;
    found.map(|(row, inviter)| from_row(row, inviter)).transpose()
}

/// The usable invites of a community, newest first.
///
/// # Errors
/// `Unavailable`, `Fault`.
pub async fn list(
    source: &impl Source,
    community: CommunityId,
    now: OffsetDateTime,
) -> Result<Vec<Invite>, StoreError> {
    let found = Entity::find()
        .filter(Column::CommunityId.eq(community.0))
        .filter(usable(now))
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Code)
        .find_also_related(user_rows::Entity)
        .all(source.connection())
        .await?;
    found.into_iter().map(|(row, inviter)| from_row(row, inviter)).collect()
}

/// Counts one use. False: it is not usable (any more); [`InviteTerms::state`] of [`by_code`] says why.
///
/// # Errors
/// `Unavailable`, `Fault`.
pub async fn take_use(tx: &Tx, code: &InviteCode, now: OffsetDateTime) -> Result<bool, StoreError> {
    let changed = Entity::update_many()
        .col_expr(Column::Uses, Expr::col(Column::Uses).add(1))
        .filter(Column::Code.eq(code.as_str()))
        .filter(usable(now))
        .exec(tx.connection())
        .await?;
    Ok(changed.rows_affected == 1)
}

/// Takes an invite of this community back. False: there is none, or it was taken back before.
///
/// # Errors
/// `Unavailable`, `Fault`.
pub async fn revoke(
    tx: &Tx,
    community: CommunityId,
    code: &InviteCode,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    let changed = Entity::update_many()
        .col_expr(Column::RevokedAt, Expr::value(to_us(now)))
        .filter(Column::Code.eq(code.as_str()))
        .filter(Column::CommunityId.eq(community.0))
        .filter(Column::RevokedAt.is_null())
        .exec(tx.connection())
        .await?;
    Ok(changed.rows_affected == 1)
}

/// [`InviteTerms::state`] is usable, in SQL.
fn usable(now: OffsetDateTime) -> Condition {
    Condition::all()
        .add(Column::RevokedAt.is_null())
        .add(Column::ExpiresAt.is_null().or(Column::ExpiresAt.gt(to_us(now))))
        .add(Column::MaxUses.is_null().or(Expr::col(Column::Uses).lt(Expr::col(Column::MaxUses))))
}

fn from_row(row: Model, inviter: Option<user_rows::Model>) -> Result<Invite, StoreError> {
    let number = |stored: i64| u32::try_from(stored).map_err(|_| StoreError::corrupt("uses of an invite"));
    Ok(Invite {
        code: InviteCode::parse(&row.code).ok_or_else(|| StoreError::corrupt("code of an invite"))?,
        community: CommunityId(row.community_id),
        inviter: User::from_joined(inviter)?,
        terms: InviteTerms {
            max_uses: row.max_uses.map(number).transpose()?,
            uses: number(row.uses)?,
            expires_at: from_us_opt(row.expires_at)?,
            revoked_at: from_us_opt(row.revoked_at)?,
        },
        created_at: from_us(row.created_at)?,
    })
}
