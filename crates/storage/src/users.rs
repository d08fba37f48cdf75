// SPDX-License-Identifier: Apache-2.0
//! Accounts.

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use time::OffsetDateTime;
use voz_domain::ids::UserId;
use voz_domain::names::Username;

use crate::entities::{passwords, users};
use crate::source::{Source, sealed::Connected};
use crate::time_us::{from_us, to_us};
use crate::{StoreError, Tx};

/// A person's account, without its secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The account.
    pub id: UserId,
    /// As its owner wrote it.
    pub username: String,
    /// May change the instance.
    pub instance_admin: bool,
    /// When it was made.
    pub created_at: OffsetDateTime,
}

impl User {
    pub(crate) fn from_row(row: users::Model) -> Result<Self, StoreError> {
        Ok(User {
            id: UserId(row.id),
            username: row.username,
            instance_admin: row.instance_admin,
            created_at: from_us(row.created_at)?,
        })
    }

    /// The row that a foreign key promises.
    pub(crate) fn from_joined(row: Option<users::Model>) -> Result<Self, StoreError> {
        row.map_or_else(|| Err(StoreError::corrupt("user")), User::from_row)
    }
}

/// A new account.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// A new id.
    pub id: UserId,
    /// Its name.
    pub username: Username,
    /// PHC string of the password.
    pub password_hash: String,
    /// May change the instance.
    pub instance_admin: bool,
    /// Now.
    pub created_at: OffsetDateTime,
}

/// Makes an account.
///
/// # Errors
/// `Conflict`: someone has this name.
pub async fn insert(tx: &Tx, new: &NewUser) -> Result<User, StoreError> {
    let created_at = to_us(new.created_at);
    let row = users::ActiveModel {
        id: Set(new.id.0),
        username: Set(new.username.as_str().to_owned()),
        username_key: Set(new.username.key()),
        instance_admin: Set(new.instance_admin),
        created_at: Set(created_at),
    };
    users::Entity::insert(row).exec_without_returning(tx.connection()).await?;
    set_password(tx, new.id, &new.password_hash, new.created_at).await?;
    Ok(User {
        id: new.id,
        username: new.username.as_str().to_owned(),
        instance_admin: new.instance_admin,
        created_at: from_us(created_at)?,
    })
}

/// Gives the account its first password.
async fn set_password(tx: &Tx, user: UserId, hash: &str, now: OffsetDateTime) -> Result<(), StoreError> {
    let row = passwords::ActiveModel { user_id: Set(user.0), hash: Set(hash.to_owned()), changed_at: Set(to_us(now)) };
    passwords::Entity::insert(row).exec_without_returning(tx.connection()).await?;
    Ok(())
}

/// The account.
///
/// # Errors
/// `Unavailable`, `Fault`.
pub async fn by_id(source: &impl Source, id: UserId) -> Result<Option<User>, StoreError> {
    users::Entity::find_by_id(id.0).one(source.connection()).await?.map(User::from_row).transpose()
}

/// The account with this name in any case, and the PHC string of its password, if it has one.
///
/// # Errors
/// `Unavailable`, `Fault`.
pub async fn credentials(
    source: &impl Source,
    username: &Username,
) -> Result<Option<(User, Option<String>)>, StoreError> {
    let found =
        users::Entity::find().filter(users::Column::UsernameKey.eq(username.key())).one(source.connection()).await?;
    let Some(row) = found else { return Ok(None) };
    let password = passwords::Entity::find_by_id(row.id).one(source.connection()).await?;
    Ok(Some((User::from_row(row)?, password.map(|password| password.hash))))
}
