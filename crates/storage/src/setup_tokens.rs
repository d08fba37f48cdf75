// SPDX-License-Identifier: Apache-2.0
//! The tokens that open the set-up wizard. None is left once it succeeded.

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use time::OffsetDateTime;
use voz_domain::sessions::TokenHash;

use crate::entities::setup_tokens::{ActiveModel, Column, Entity};
use crate::source::{Source, sealed::Connected};
use crate::time_us::to_us;
use crate::{StoreError, Tx};

/// Makes this token valid.
///
/// # Errors
/// `Unavailable`, `Fault`.
pub async fn insert(tx: &Tx, token: TokenHash, now: OffsetDateTime) -> Result<(), StoreError> {
    let row = ActiveModel { hash: Set(token.0.to_vec()), made_at: Set(to_us(now)) };
    Entity::insert(row).exec_without_returning(tx.connection()).await?;
    Ok(())
}

/// Whether this token is valid.
///
/// # Errors
/// `Unavailable`, `Fault`.
pub async fn contains(source: &impl Source, token: TokenHash) -> Result<bool, StoreError> {
    Ok(Entity::find_by_id(token.0.to_vec()).count(source.connection()).await? == 1)
}

/// Ends the tokens that were made before.
///
/// # Errors
/// `Unavailable`, `Fault`.
pub async fn delete_before(tx: &Tx, before: OffsetDateTime) -> Result<(), StoreError> {
    Entity::delete_many().filter(Column::MadeAt.lt(to_us(before))).exec(tx.connection()).await?;
    Ok(())
}

/// Ends all tokens.
///
/// # Errors
/// `Unavailable`, `Fault`.
pub async fn delete_all(tx: &Tx) -> Result<(), StoreError> {
    Entity::delete_many().exec(tx.connection()).await?;
    Ok(())
}
