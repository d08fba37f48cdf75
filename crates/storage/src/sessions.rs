// SPDX-License-Identifier: Apache-2.0
//! Sessions: only hashes of tokens are stored. What a token means is decided in `domain::sessions`.

use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use time::OffsetDateTime;
use voz_domain::ids::{SessionId, UserId};
use voz_domain::sessions::{Presented, SessionTerms, Successor, TokenHash};

use crate::entities::sessions::{ActiveModel, Column, Entity, Model};
use crate::entities::users as user_rows;
use crate::source::{Source, sealed::Connected};
use crate::time_us::{from_us, from_us_opt, to_us};
use crate::users::User;
use crate::{StoreError, Tx};

/// A signed-in device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Who is signed in.
    pub user: User,
    /// What decides about its tokens.
    pub terms: SessionTerms,
    /// Whether the newest tokens were used.
    pub successor: Successor,
    /// When it began.
    pub created_at: OffsetDateTime,
    /// When it was last given tokens.
    pub last_used_at: OffsetDateTime,
}

/// A pair of fresh tokens.
#[derive(Debug, Clone, Copy)]
pub struct NewTokens {
    /// Hash of the access token.
    pub access: TokenHash,
    /// Hash of the refresh token.
    pub refresh: TokenHash,
    /// End of the access token.
    pub access_expires_at: OffsetDateTime,
    /// End of the refresh token.
    pub refresh_expires_at: OffsetDateTime,
    /// Now.
    pub issued_at: OffsetDateTime,
}

/// Begins a session.
///
/// # Errors
/// `Unavailable`, `Fault`.
pub async fn insert(tx: &Tx, id: SessionId, user: UserId, tokens: &NewTokens) -> Result<(), StoreError> {
    let row = ActiveModel {
        id: Set(id.0),
        user_id: Set(user.0),
        access_hash: Set(tokens.access.0.to_vec()),
        refresh_hash: Set(tokens.refresh.0.to_vec()),
        previous_refresh_hash: Set(None),
        successor_used: Set(false),
        access_expires_at: Set(to_us(tokens.access_expires_at)),
        refresh_expires_at: Set(to_us(tokens.refresh_expires_at)),
        revoked_at: Set(None),
        created_at: Set(to_us(tokens.issued_at)),
        last_used_at: Set(to_us(tokens.issued_at)),
    };
    Entity::insert(row).exec_without_returning(tx.connection()).await?;
    Ok(())
}

/// The session whose newest access token this is, whatever its state.
///
/// # Errors
/// `Unavailable`, `Fault`.
pub async fn by_access(source: &impl Source, access: TokenHash) -> Result<Option<Session>, StoreError> {
    one(source, Column::AccessHash.eq(access.0.to_vec()).into()).await
}

/// The session, whatever its state.
///
/// # Errors
/// `Unavailable`, `Fault`.
pub async fn by_id(source: &impl Source, id: SessionId) -> Result<Option<Session>, StoreError> {
    one(source, Column::Id.eq(id.0).into()).await
}

/// The session whose newest refresh token, or the one before it, this is; locked, so that of two
/// who present the same token one comes after the other.
///
/// # Errors
/// `Unavailable`, `Fault`.
pub async fn by_refresh(tx: &Tx, refresh: TokenHash) -> Result<Option<(Session, Presented)>, StoreError> {
    let refresh = refresh.0.to_vec();
    let newest_or_previous = Condition::any()
        .add(Column::RefreshHash.eq(refresh.clone()))
        .add(Column::PreviousRefreshHash.eq(refresh.clone()));
    let locked = Entity::find().filter(newest_or_previous).lock_exclusive().one(tx.connection()).await?;
    let Some(row) = locked else { return Ok(None) };
    // Another transaction may have rotated it while this one waited for the lock: PostgreSQL looks
    // at the condition again, and gives the row as it is now.
    let presented = if row.refresh_hash == refresh { Presented::Current } else { Presented::Predecessor };
    let user = user_rows::Entity::find_by_id(row.user_id).one(tx.connection()).await?;
    Ok(Some((from_row(row, user)?, presented)))
}

/// Gives the session fresh tokens; its newest refresh token becomes the predecessor.
///
/// # Errors
/// `Unavailable`, `Fault`.
pub async fn rotate(tx: &Tx, id: SessionId, tokens: &NewTokens) -> Result<(), StoreError> {
    Entity::update_many()
        .col_expr(Column::PreviousRefreshHash, Expr::col(Column::RefreshHash))
        .filter(Column::Id.eq(id.0))
        .exec(tx.connection())
        .await?;
    reissue(tx, id, tokens).await
}

/// Gives the session fresh tokens in place of lost ones; its predecessor stays.
///
/// # Errors
/// `Unavailable`, `Fault`.
pub async fn reissue(tx: &Tx, id: SessionId, tokens: &NewTokens) -> Result<(), StoreError> {
    Entity::update_many()
        .col_expr(Column::AccessHash, Expr::value(tokens.access.0.to_vec()))
        .col_expr(Column::RefreshHash, Expr::value(tokens.refresh.0.to_vec()))
        .col_expr(Column::SuccessorUsed, Expr::value(false))
        .col_expr(Column::AccessExpiresAt, Expr::value(to_us(tokens.access_expires_at)))
        .col_expr(Column::RefreshExpiresAt, Expr::value(to_us(tokens.refresh_expires_at)))
        .col_expr(Column::LastUsedAt, Expr::value(to_us(tokens.issued_at)))
        .filter(Column::Id.eq(id.0))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// Notes that the access token came back: the client holds its newest tokens. To be called when
/// [`Session::successor`] is [`Successor::Unused`]. Without effect on a later access token.
///
/// # Errors
/// `Unavailable`, `Fault`.
pub async fn mark_used(tx: &Tx, access: TokenHash) -> Result<(), StoreError> {
    Entity::update_many()
        .col_expr(Column::SuccessorUsed, Expr::value(true))
        .filter(Column::AccessHash.eq(access.0.to_vec()))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// Ends the session. False: it had ended, or never was.
///
/// # Errors
/// `Unavailable`, `Fault`.
pub async fn revoke(tx: &Tx, id: SessionId, now: OffsetDateTime) -> Result<bool, StoreError> {
    let changed = Entity::update_many()
        .col_expr(Column::RevokedAt, Expr::value(to_us(now)))
        .filter(Column::Id.eq(id.0))
        .filter(Column::RevokedAt.is_null())
        .exec(tx.connection())
        .await?;
    Ok(changed.rows_affected == 1)
}

/// Ends those sessions of this person that are more than `keep`, those first that were used least
/// recently. Gives the ended ones.
///
/// # Errors
/// `Unavailable`, `Fault`.
pub async fn revoke_beyond(
    tx: &Tx,
    user: UserId,
    keep: u32,
    now: OffsetDateTime,
) -> Result<Vec<SessionId>, StoreError> {
    let alive: Vec<uuid::Uuid> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::UserId.eq(user.0))
        .filter(Column::RevokedAt.is_null())
        .filter(Column::RefreshExpiresAt.gt(to_us(now)))
        .order_by_desc(Column::LastUsedAt)
        .order_by_desc(Column::Id)
        .into_tuple()
        .all(tx.connection())
        .await?;
    let mut ended = Vec::new();
    for id in alive.into_iter().skip(usize::try_from(keep).unwrap_or(usize::MAX)).map(SessionId) {
        if revoke(tx, id, now).await? {
            ended.push(id);
        }
    }
    Ok(ended)
}

/// Deletes sessions that were over before this time, at most `limit` at once; gives how many.
///
/// # Errors
/// `Unavailable`, `Fault`.
pub async fn prune(tx: &Tx, before: OffsetDateTime, limit: u32) -> Result<u64, StoreError> {
    let over =
        Condition::any().add(Column::RevokedAt.lt(to_us(before))).add(Column::RefreshExpiresAt.lt(to_us(before)));
    let ids: Vec<uuid::Uuid> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(over)
        .limit(u64::from(limit))
        .into_tuple()
        .all(tx.connection())
        .await?;
    let deleted = Entity::delete_many().filter(Column::Id.is_in(ids)).exec(tx.connection()).await?;
    Ok(deleted.rows_affected)
}

async fn one(source: &impl Source, condition: Condition) -> Result<Option<Session>, StoreError> {
    let found = Entity::find().filter(condition).find_also_related(user_rows::Entity).one(source.connection()).await?;
    found.map(|(row, user)| from_row(row, user)).transpose()
}

fn from_row(row: Model, user: Option<user_rows::Model>) -> Result<Session, StoreError> {
    Ok(Session {
        id: SessionId(row.id),
        user: User::from_joined(user)?,
        terms: SessionTerms {
            access_expires_at: from_us(row.access_expires_at)?,
            refresh_expires_at: from_us(row.refresh_expires_at)?,
            revoked_at: from_us_opt(row.revoked_at)?,
        },
        successor: if row.successor_used { Successor::Used } else { Successor::Unused },
        created_at: from_us(row.created_at)?,
        last_used_at: from_us(row.last_used_at)?,
    })
}
