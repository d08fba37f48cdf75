// SPDX-License-Identifier: Apache-2.0
//! Text messages. In a channel the order of ids is the order of commits and of events: nobody who
//! pages by id misses one.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use time::OffsetDateTime;
use uuid::Uuid;
use voz_domain::ids::{ChannelId, MessageId, UserId};

use crate::entities::messages::{ActiveModel, Column, Entity, Model};
use crate::entities::users as user_rows;
use crate::source::{Source, sealed::Connected};
use crate::time_us::{from_us, to_us};
use crate::users::User;
use crate::{StoreError, Tx};

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// UUIDv7.
    pub id: MessageId,
    /// Where it was written.
    pub channel: ChannelId,
    /// Who wrote it.
    pub author: User,
    /// What it says.
    pub content: String,
    /// As its sender gave it; unique per author.
    pub nonce: String,
    /// When the server took it.
    pub created_at: OffsetDateTime,
}

/// A new message.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// A new UUIDv7; made greater where the channel has a greater one already (a clock set back,
    /// two in one ms).
    pub id: MessageId,
    /// Where.
    pub channel: ChannelId,
    /// Who.
    pub author: UserId,
    /// What.
    pub content: String,
    /// Chosen by the sender.
    pub nonce: String,
    /// Now.
    pub created_at: OffsetDateTime,
}

/// What [`insert`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Sent {
    /// It is stored from now on.
    New(Message),
    /// This author sent this nonce before: the message that was stored then.
    Before(Message),
}

/// Which part of history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// The newest.
    Newest,
    /// Those right before this one.
    Before(MessageId),
    /// Those right after this one.
    After(MessageId),
}

/// A part of history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessagePage {
    /// Oldest first.
    pub items: Vec<Message>,
    /// There is more in the asked direction.
    pub has_more: bool,
}

/// Stores a message once per author and nonce. The community's stream must be one of the unit's:
/// it keeps the order of ids.
///
/// # Errors
/// `Unavailable`, `Fault`.
pub async fn insert(tx: &Tx, new: &NewMessage) -> Result<Sent, StoreError> {
    let row = ActiveModel {
        id: Set(next_id(tx, new.channel, new.id).await?.0),
        channel_id: Set(new.channel.0),
        author_id: Set(new.author.0),
        content: Set(new.content.clone()),
        nonce: Set(new.nonce.clone()),
        created_at: Set(to_us(new.created_at)),
    };
    let again = OnConflict::columns([Column::AuthorId, Column::Nonce]).do_nothing().to_owned();
    let inserted = Entity::insert(row).on_conflict(again).exec_without_returning(tx.connection()).await?;
    let stored = Entity::find()
        .filter(Column::AuthorId.eq(new.author.0))
        .filter(Column::Nonce.eq(new.nonce.as_str()))
        .find_also_related(user_rows::Entity)
        .one(tx.connection())
        .await?;
    let (row, author) = stored.ok_or_else(|| StoreError::corrupt("message"))?;
    let message = from_row(row, author)?;
    Ok(if inserted == 0 { Sent::Before(message) } else { Sent::New(message) })
}

/// At most `limit` messages of a channel.
///
/// # Errors
/// `Unavailable`, `Fault`.
pub async fn page(source: &impl Source, channel: ChannelId, page: Page, limit: u32) -> Result<MessagePage, StoreError> {
    let of_channel = Entity::find().filter(Column::ChannelId.eq(channel.0));
    let directed = match page {
        Page::Newest => of_channel.order_by_desc(Column::Id),
        Page::Before(id) => of_channel.filter(Column::Id.lt(id.0)).order_by_desc(Column::Id),
        Page::After(id) => of_channel.filter(Column::Id.gt(id.0)).order_by_asc(Column::Id),
    };
    let mut rows =
        directed.limit(u64::from(limit) + 1).find_also_related(user_rows::Entity).all(source.connection()).await?;
    let has_more = rows.len() > usize::try_from(limit).unwrap_or(usize::MAX);
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    match page {
        Page::Newest | Page::Before(_) => rows.reverse(),
        Page::After(_) => {}
    }
    let items = rows.into_iter().map(|(row, author)| from_row(row, author)).collect::<Result<_, _>>()?;
    Ok(MessagePage { items, has_more })
}

async fn next_id(tx: &Tx, channel: ChannelId, wanted: MessageId) -> Result<MessageId, StoreError> {
    let last: Option<Uuid> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::ChannelId.eq(channel.0))
        .order_by_desc(Column::Id)
        .into_tuple()
        .one(tx.connection())
        .await?;
    Ok(match last {
        // The tail of a UUIDv7 is random (RFC 9562 §6.2, method 2): one more is its successor.
        Some(last) if last >= wanted.0 => MessageId(Uuid::from_u128(last.as_u128().wrapping_add(1))),
        Some(_) | None => wanted,
    })
}

fn from_row(row: Model, author: Option<user_rows::Model>) -> Result<Message, StoreError> {
    Ok(Message {
        id: MessageId(row.id),
        channel: ChannelId(row.channel_id),
        author: User::from_joined(author)?,
        content: row.content,
        nonce: row.nonce,
        created_at: from_us(row.created_at)?,
    })
}
