// SPDX-License-Identifier: Apache-2.0
//! Who is in a community, and as what.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use time::OffsetDateTime;
use voz_domain::ids::{CommunityId, UserId};
use voz_domain::roles::Role;

use crate::entities::members::{ActiveModel, Column, Entity, Model};
use crate::entities::users as user_rows;
use crate::source::{Source, sealed::Connected};
use crate::time_us::{from_us, to_us};
use crate::users::User;
use crate::{StoreError, Tx};

/// A person in a community.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub user: User,
    /// As what.
    pub role: Role,
    /// Since when.
    pub joined_at: OffsetDateTime,
    /// A moderator has closed the microphone.
    pub voice_muted: bool,
    /// The reason given for that.
    pub voice_mute_reason: Option<String>,
}

/// Whether [`insert`] changed anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Joined {
    /// The person is in the community from now on.
    Now,
    /// The person was in it, and stays what he was.
    Before,
}

/// Makes a person a member.
///
/// # Errors
/// `Unavailable`, `Fault`.
pub async fn insert(
    tx: &Tx,
    community: CommunityId,
    user: UserId,
    role: Role,
    now: OffsetDateTime,
) -> Result<Joined, StoreError> {
    let row = ActiveModel {
        community_id: Set(community.0),
        user_id: Set(user.0),
        role: Set(role_into(role)),
        joined_at: Set(to_us(now)),
        voice_muted: Set(false),
        voice_mute_reason: Set(None),
    };
    let there = OnConflict::columns([Column::CommunityId, Column::UserId]).do_nothing().to_owned();
    match Entity::insert(row).on_conflict(there).exec_without_returning(tx.connection()).await? {
        0 => Ok(Joined::Before),
        _ => Ok(Joined::Now),
    }
}

/// The role of this person; `None`: not in the community.
///
/// # Errors
/// `Unavailable`, `Fault`.
pub async fn role(source: &impl Source, community: CommunityId, user: UserId) -> Result<Option<Role>, StoreError> {
    let role: Option<i16> = Entity::find_by_id((community.0, user.0))
        .select_only()
        .column(Column::Role)
        .into_tuple()
        .one(source.connection())
        .await?;
    role.map(role_from).transpose()
}

/// The member.
///
/// # Errors
/// `Unavailable`, `Fault`.
pub async fn get(source: &impl Source, community: CommunityId, user: UserId) -> Result<Option<Member>, StoreError> {
    let found =
        Entity::find_by_id((community.0, user.0)).find_also_related(user_rows::Entity).one(source.connection()).await?;
    found.map(|(row, user)| from_row(row, user)).transpose()
}

/// Everyone in the community, in the order of joining.
///
/// # Errors
/// `Unavailable`, `Fault`.
pub async fn list(source: &impl Source, community: CommunityId) -> Result<Vec<Member>, StoreError> {
    let found = Entity::find()
        .filter(Column::CommunityId.eq(community.0))
        .order_by_asc(Column::JoinedAt)
        .order_by_asc(Column::UserId)
        .find_also_related(user_rows::Entity)
        .all(source.connection())
        .await?;
    found.into_iter().map(|(row, user)| from_row(row, user)).collect()
}

/// How many people are in the community.
///
/// # Errors
/// `Unavailable`, `Fault`.
pub async fn count(source: &impl Source, community: CommunityId) -> Result<u32, StoreError> {
    let count = Entity::find().filter(Column::CommunityId.eq(community.0)).count(source.connection()).await?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

fn from_row(row: Model, user: Option<user_rows::Model>) -> Result<Member, StoreError> {
    Ok(Member {
        user: User::from_joined(user)?,
        role: role_from(row.role)?,
        joined_at: from_us(row.joined_at)?,
        voice_muted: row.voice_muted,
        voice_mute_reason: row.voice_mute_reason,
    })
}

fn role_into(role: Role) -> i16 {
    match role {
        Role::Owner => 1,
        Role::Member => 2,
    }
}

fn role_from(stored: i16) -> Result<Role, StoreError> {
    match stored {
        1 => Ok(Role::Owner),
        2 => Ok(Role::Member),
        _ => Err(StoreError::corrupt("role")),
    }
}
