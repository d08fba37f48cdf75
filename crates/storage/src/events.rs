// SPDX-License-Identifier: Apache-2.0
//! Streams of durable events: for each stream, sequence numbers from 1 without gaps.

use std::collections::BTreeMap;

use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use time::OffsetDateTime;
use uuid::Uuid;
use voz_domain::ids::{CommunityId, StreamId, UserId};

use crate::entities::{events, streams};
use crate::source::{Source, sealed::Connected};
use crate::time_us::to_us;
use crate::{StoreError, StoredEvent, Tx};

/// Sequence number of the last event of a stream; 0: none yet.
///
/// # Errors
/// `Unavailable`, `Fault`.
pub async fn head(source: &impl Source, stream: StreamId) -> Result<i64, StoreError> {
    let found = streams::Entity::find_by_id(stream.uuid()).one(source.connection()).await?;
    Ok(found.map_or(0, |row| row.head))
}

/// Heads of all these streams that have any event.
///
/// # Errors
/// `Unavailable`, `Fault`.
pub async fn heads(
    source: &impl Source,
    of: impl IntoIterator<Item = StreamId>,
) -> Result<Vec<(StreamId, i64)>, StoreError> {
    let ids: Vec<Uuid> = of.into_iter().map(StreamId::uuid).collect();
    let mut heads = Vec::with_capacity(ids.len());
    // Below the smallest bound of parameters of a statement (SQLite before 3.32).
    for ids in ids.chunks(500) {
        let rows = streams::Entity::find()
            .filter(streams::Column::Stream.is_in(ids.iter().copied()))
            .all(source.connection())
            .await?;
        for row in rows {
            heads.push((stream_from(row.kind, row.stream)?, row.head));
        }
    }
    Ok(heads)
}

/// At most `limit` events of a stream after this sequence number, in order.
///
/// # Errors
/// `Unavailable`, `Fault`.
pub async fn after(
    source: &impl Source,
    stream: StreamId,
    sequence: i64,
    limit: u32,
) -> Result<Vec<StoredEvent>, StoreError> {
    let rows = events::Entity::find()
        .filter(events::Column::Stream.eq(stream.uuid()))
        .filter(events::Column::Sequence.gt(sequence))
        .order_by_asc(events::Column::Sequence)
        .limit(u64::from(limit))
        .all(source.connection())
        .await?;
    Ok(rows.into_iter().map(|row| StoredEvent { stream, sequence: row.sequence, body: row.body }).collect())
}

/// Deletes events from before this time, at most `limit` at once; gives how many. What is left of a stream
/// is its end: sequence numbers go on, and who asks for what is gone finds fewer events than the head says.
///
/// # Errors
/// `Unavailable`, `Fault`.
pub async fn prune(tx: &Tx, before: OffsetDateTime, limit: u32) -> Result<u64, StoreError> {
    let old = events::Column::CreatedAt.lt(to_us(before));
    let keys: Vec<(Uuid, i64)> = events::Entity::find()
        .select_only()
        .columns([events::Column::Stream, events::Column::Sequence])
        .filter(old.clone())
        .order_by_asc(events::Column::CreatedAt)
        .limit(u64::from(limit))
        .into_tuple()
        .all(tx.connection())
        .await?;
    let mut last = BTreeMap::new();
    for (stream, sequence) in keys {
        let highest = last.entry(stream).or_insert(sequence);
        *highest = sequence.max(*highest);
    }
    let mut deleted = 0;
    for (stream, highest) in last {
        let gone = events::Entity::delete_many()
            .filter(events::Column::Stream.eq(stream))
            .filter(events::Column::Sequence.lte(highest))
            .filter(old.clone())
            .exec(tx.connection())
            .await?;
        deleted += gone.rows_affected;
    }
    Ok(deleted)
}

/// Locks the stream's row until the end of the transaction, making it first if needed; gives its head.
pub(crate) async fn lock_head(connection: &impl ConnectionTrait, stream: StreamId) -> Result<i64, StoreError> {
    loop {
        let locked = streams::Entity::find_by_id(stream.uuid()).lock_exclusive().one(connection).await?;
        if let Some(row) = locked {
            return Ok(row.head);
        }
        let row = streams::ActiveModel { stream: Set(stream.uuid()), kind: Set(kind_into(stream)), head: Set(0) };
        let there = OnConflict::column(streams::Column::Stream).do_nothing().to_owned();
        streams::Entity::insert(row).on_conflict(there).exec_without_returning(connection).await?;
    }
}

pub(crate) async fn set_head(connection: &impl ConnectionTrait, stream: StreamId, head: i64) -> Result<(), StoreError> {
    streams::Entity::update_many()
        .col_expr(streams::Column::Head, Expr::value(head))
        .filter(streams::Column::Stream.eq(stream.uuid()))
        .exec(connection)
        .await?;
    Ok(())
}

pub(crate) async fn insert(
    connection: &impl ConnectionTrait,
    stream: StreamId,
    sequence: i64,
    body: &[u8],
    at: OffsetDateTime,
) -> Result<(), StoreError> {
    let row = events::ActiveModel {
        stream: Set(stream.uuid()),
        sequence: Set(sequence),
        body: Set(body.to_vec()),
        created_at: Set(to_us(at)),
    };
    events::Entity::insert(row).exec_without_returning(connection).await?;
    Ok(())
}

fn kind_into(stream: StreamId) -> i16 {
    match stream {
        StreamId::Community(_) => 1,
        StreamId::User(_) => 2,
    }
}

fn stream_from(kind: i16, id: Uuid) -> Result<StreamId, StoreError> {
    match kind {
        1 => Ok(StreamId::Community(CommunityId(id))),
        2 => Ok(StreamId::User(UserId(id))),
        _ => Err(StoreError::corrupt("kind of stream")),
    }
}
