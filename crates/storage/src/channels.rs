// SPDX-License-Identifier: Apache-2.0
//! Channels and rooms. A removed one is no longer found here; its messages stay.

use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};
use time::OffsetDateTime;
use voz_domain::channels::ChannelKind;
use voz_domain::ids::{ChannelId, CommunityId};

use crate::entities::channels::{ActiveModel, Column, Entity, Model};
use crate::source::{Source, sealed::Connected};
use crate::time_us::{from_us, to_us};
use crate::{StoreError, Tx};

/// A channel or room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    /// Its id.
    pub id: ChannelId,
    /// Where it is.
    pub community: CommunityId,
    /// What it is.
    pub kind: ChannelKind,
    /// Its name.
    pub name: String,
    /// Order within its kind, ascending from 0.
    pub position: u32,
    /// When it was made.
    pub created_at: OffsetDateTime,
}

/// Makes a channel, last of its kind. The community's stream must be one of the unit's: two made
/// at once then get two positions.
///
/// # Errors
/// `Unavailable`, `Fault`.
pub async fn insert(
    tx: &Tx,
    id: ChannelId,
    community: CommunityId,
    kind: ChannelKind,
    name: &str,
    now: OffsetDateTime,
) -> Result<Channel, StoreError> {
    let last: Option<i64> = present(community)
        .filter(Column::Kind.eq(kind_into(kind)))
        .order_by_desc(Column::Position)
        .select_only()
        .column(Column::Position)
        .into_tuple()
        .one(tx.connection())
        .await?;
    let row = Model {
        id: id.0,
        community_id: community.0,
        kind: kind_into(kind),
        name: name.to_owned(),
        position: last.map_or(0, |last| last + 1),
        created_at: to_us(now),
        deleted_at: None,
    };
    let new = ActiveModel {
        id: Set(row.id),
        community_id: Set(row.community_id),
        kind: Set(row.kind),
        name: Set(row.name.clone()),
        position: Set(row.position),
        created_at: Set(row.created_at),
        deleted_at: Set(None),
    };
    Entity::insert(new).exec_without_returning(tx.connection()).await?;
    from_row(row)
}

/// The channel, unless it was removed.
///
/// # Errors
/// `Unavailable`, `Fault`.
pub async fn by_id(source: &impl Source, id: ChannelId) -> Result<Option<Channel>, StoreError> {
    let found = Entity::find_by_id(id.0).filter(Column::DeletedAt.is_null()).one(source.connection()).await?;
    found.map(from_row).transpose()
}

/// All channels and rooms of a community, in the order of position.
///
/// # Errors
/// `Unavailable`, `Fault`.
pub async fn list(source: &impl Source, community: CommunityId) -> Result<Vec<Channel>, StoreError> {
    let rows = present(community)
        .order_by_asc(Column::Position)
        .order_by_asc(Column::Kind)
        .order_by_asc(Column::Id)
        .all(source.connection())
        .await?;
    rows.into_iter().map(from_row).collect()
}

/// How many channels and rooms a community has.
///
/// # Errors
/// `Unavailable`, `Fault`.
pub async fn count(source: &impl Source, community: CommunityId) -> Result<u32, StoreError> {
    let count = present(community).count(source.connection()).await?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Gives the channel another name. False: there is no such channel any more.
///
/// # Errors
/// `Unavailable`, `Fault`.
pub async fn rename(tx: &Tx, id: ChannelId, name: &str) -> Result<bool, StoreError> {
    change(tx, id, Column::Name, Expr::value(name)).await
}

/// Removes the channel. False: there is no such channel any more.
///
/// # Errors
/// `Unavailable`, `Fault`.
pub async fn delete(tx: &Tx, id: ChannelId, now: OffsetDateTime) -> Result<bool, StoreError> {
    change(tx, id, Column::DeletedAt, Expr::value(to_us(now))).await
}

async fn change(tx: &Tx, id: ChannelId, column: Column, value: Expr) -> Result<bool, StoreError> {
    let changed = Entity::update_many()
        .col_expr(column, value)
        .filter(Column::Id.eq(id.0))
        .filter(Column::DeletedAt.is_null())
        .exec(tx.connection())
        .await?;
    Ok(changed.rows_affected == 1)
}

fn present(community: CommunityId) -> Select<Entity> {
    Entity::find().filter(Column::CommunityId.eq(community.0)).filter(Column::DeletedAt.is_null())
}

fn from_row(row: Model) -> Result<Channel, StoreError> {
    Ok(Channel {
        id: ChannelId(row.id),
        community: CommunityId(row.community_id),
        kind: kind_from(row.kind)?,
        name: row.name,
        position: u32::try_from(row.position).map_err(|_| StoreError::corrupt("position"))?,
        created_at: from_us(row.created_at)?,
    })
}

fn kind_into(kind: ChannelKind) -> i16 {
    match kind {
        ChannelKind::Text => 1,
        ChannelKind::Room => 2,
    }
}

fn kind_from(stored: i16) -> Result<ChannelKind, StoreError> {
    match stored {
        1 => Ok(ChannelKind::Text),
        2 => Ok(ChannelKind::Room),
        _ => Err(StoreError::corrupt("kind of channel")),
    }
}
