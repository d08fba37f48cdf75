// SPDX-License-Identifier: Apache-2.0
//! The instance: one row.

use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use time::OffsetDateTime;
use voz_domain::ids::InstanceEpoch;
use voz_domain::sign_up::SignUpMode;

use crate::entities::instance::{ActiveModel, Column, Entity};
use crate::source::{Source, sealed::Connected};
use crate::time_us::{from_us_opt, to_us};
use crate::{StoreError, Tx};

const ONLY: i16 = 1;

/// The instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// Name its owner gave; empty before set-up.
    pub name: String,
    /// Who may create an account.
    pub sign_up: SignUpMode,
    /// This life of the server.
    pub epoch: InstanceEpoch,
    /// Seals cursors; never leaves the server.
    pub secret_key: SecretKey,
    /// When the wizard succeeded; `None`: not yet.
    pub set_up_at: Option<OffsetDateTime>,
}

/// 32 random bytes. Never shown, not even in logs.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretKey(pub [u8; 32]);

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

/// The instance; `None` before [`begin_epoch`] ran once.
///
/// # Errors
/// `Unavailable`, `Fault`.
pub async fn get(source: &impl Source) -> Result<Option<Instance>, StoreError> {
    let Some(row) = Entity::find_by_id(ONLY).one(source.connection()).await? else { return Ok(None) };
    let secret_key = row.secret_key.try_into().map_err(|_| StoreError::corrupt("secret key"))?;
    Ok(Some(Instance {
        name: row.name,
        sign_up: sign_up_from(row.sign_up)?,
        epoch: InstanceEpoch(row.epoch),
        secret_key: SecretKey(secret_key),
        set_up_at: from_us_opt(row.set_up_at)?,
    }))
}

/// Begins a life of the server. `secret_key` is kept only the first time.
///
/// # Errors
/// `Unavailable`, `Fault`.
pub async fn begin_epoch(tx: &Tx, epoch: InstanceEpoch, secret_key: &SecretKey) -> Result<(), StoreError> {
    let row = ActiveModel {
        id: Set(ONLY),
        name: Set(String::new()),
        sign_up: Set(sign_up_into(SignUpMode::Invite)),
        epoch: Set(epoch.0),
        secret_key: Set(secret_key.0.to_vec()),
        set_up_at: Set(None),
    };
    Entity::insert(row)
        .on_conflict(OnConflict::column(Column::Id).update_column(Column::Epoch).to_owned())
        .exec_without_returning(tx.connection())
        .await?;
    Ok(())
}

/// Ends the set-up. Of several at once exactly one gets true; false: done already.
///
/// # Errors
/// `Unavailable`, `Fault`.
pub async fn complete_setup(tx: &Tx, name: &str, sign_up: SignUpMode, now: OffsetDateTime) -> Result<bool, StoreError> {
    let changed = Entity::update_many()
        .col_expr(Column::Name, Expr::value(name))
        .col_expr(Column::SignUp, Expr::value(sign_up_into(sign_up)))
        .col_expr(Column::SetUpAt, Expr::value(to_us(now)))
        .filter(Column::Id.eq(ONLY))
        .filter(Column::SetUpAt.is_null())
        .exec(tx.connection())
        .await?;
    Ok(changed.rows_affected == 1)
}

fn sign_up_into(mode: SignUpMode) -> i16 {
    match mode {
        SignUpMode::Invite => 1,
        SignUpMode::Open => 2,
        SignUpMode::Closed => 3,
    }
}

fn sign_up_from(stored: i16) -> Result<SignUpMode, StoreError> {
    match stored {
        1 => Ok(SignUpMode::Invite),
        2 => Ok(SignUpMode::Open),
        3 => Ok(SignUpMode::Closed),
        _ => Err(StoreError::corrupt("sign-up mode")),
    }
}
