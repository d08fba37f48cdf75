// SPDX-License-Identifier: Apache-2.0
//! Communities and the acceptance of their rules.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use time::OffsetDateTime;
use voz_domain::ids::{CommunityId, UserId};

use crate::entities::communities::{ActiveModel, Entity, Model};
use crate::entities::{members, rule_acceptances};
use crate::source::{Source, sealed::Connected};
use crate::time_us::{from_us, to_us};
use crate::{StoreError, Tx};

/// A community.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Community {
    /// Its id.
    pub id: CommunityId,
    /// Its name.
    pub name: String,
    /// Who owns it.
    pub owner: UserId,
    /// Its rules, one a line.
    pub rules_text: String,
    /// Counts up with each change of the rules, from 1.
    pub rules_version: u32,
    /// When it was made.
    pub created_at: OffsetDateTime,
}

/// Makes a community. Its owner becomes a member by [`crate::members::insert`].
///
/// # Errors
/// `Unavailable`, `Fault`.
pub async fn insert(tx: &Tx, community: &Community) -> Result<(), StoreError> {
    let row = ActiveModel {
        id: Set(community.id.0),
        name: Set(community.name.clone()),
        owner_id: Set(community.owner.0),
        rules_text: Set(community.rules_text.clone()),
        rules_version: Set(i64::from(community.rules_version)),
        created_at: Set(to_us(community.created_at)),
    };
    Entity::insert(row).exec_without_returning(tx.connection()).await?;
    Ok(())
}

/// The community.
///
/// # Errors
/// `Unavailable`, `Fault`.
pub async fn by_id(source: &impl Source, id: CommunityId) -> Result<Option<Community>, StoreError> {
    Entity::find_by_id(id.0).one(source.connection()).await?.map(from_row).transpose()
}

/// Communities that this person is in, in the order of joining.
///
/// # Errors
/// `Unavailable`, `Fault`.
pub async fn of_user(source: &impl Source, user: UserId) -> Result<Vec<Community>, StoreError> {
    let found = members::Entity::find()
        .filter(members::Column::UserId.eq(user.0))
        .order_by_asc(members::Column::JoinedAt)
        .order_by_asc(members::Column::CommunityId)
        .find_also_related(Entity)
        .all(source.connection())
        .await?;
    found
        .into_iter()
        .map(|(_, community)| community.map_or_else(|| Err(StoreError::corrupt("community")), from_row))
        .collect()
}

/// Notes that the person accepted this version of the rules; again without effect.
///
/// # Errors
/// `Unavailable`, `Fault`.
pub async fn accept_rules(
    tx: &Tx,
    community: CommunityId,
    user: UserId,
    version: u32,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    use rule_acceptances::Column;
    let row = rule_acceptances::ActiveModel {
        community_id: Set(community.0),
        user_id: Set(user.0),
        version: Set(i64::from(version)),
        accepted_at: Set(to_us(now)),
    };
    let again = OnConflict::columns([Column::CommunityId, Column::UserId, Column::Version]).do_nothing().to_owned();
    rule_acceptances::Entity::insert(row).on_conflict(again).exec_without_returning(tx.connection()).await?;
    Ok(())
}

/// The newest version of the rules that the person accepted, and when.
///
/// # Errors
/// `Unavailable`, `Fault`.
pub async fn accepted_rules(
    source: &impl Source,
    community: CommunityId,
    user: UserId,
) -> Result<Option<(u32, OffsetDateTime)>, StoreError> {
    use rule_acceptances::Column;
    let newest = rule_acceptances::Entity::find()
        .filter(Column::CommunityId.eq(community.0))
        .filter(Column::UserId.eq(user.0))
        .order_by_desc(Column::Version)
        .one(source.connection())
        .await?;
    newest.map(|row| Ok((version(row.version)?, from_us(row.accepted_at)?))).transpose()
}

fn from_row(row: Model) -> Result<Community, StoreError> {
    Ok(Community {
        id: CommunityId(row.id),
        name: row.name,
        owner: UserId(row.owner_id),
        rules_text: row.rules_text,
        rules_version: version(row.rules_version)?,
        created_at: from_us(row.created_at)?,
    })
}

fn version(stored: i64) -> Result<u32, StoreError> {
    u32::try_from(stored).map_err(|_| StoreError::corrupt("version of rules"))
}
