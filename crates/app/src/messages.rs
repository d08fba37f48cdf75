// SPDX-License-Identifier: Apache-2.0
//! Text messages: sending, once per nonce, and history by keyset.

use voz_domain::channels::ChannelKind;
use voz_domain::ids::{ChannelId, MessageId, StreamId};
use voz_domain::limits::RateLimit;
use voz_domain::names;
use voz_domain::permissions::Permission;
use voz_protocol::errors::{ErrorCode, FieldError};
use voz_protocol::gateway::ServerEvent;
use voz_protocol::messages::{HistoryQuery, Message, MessagePage, SendMessageRequest};
use voz_storage::messages::{self, NewMessage, Page};

use crate::access::require_channel;
use crate::actors::Actor;
use crate::errors::{AppError, AppResult};
use crate::events::append;
use crate::fields::FieldCheck;
use crate::moment::Moment;
use crate::{App, wire};

const PAGE_DEFAULT: u32 = 50;
const PAGE_MAX: u32 = 100;

/// What became of a message that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// It is stored from now on.
    New(Message),
    /// The nonce was sent before: the message that was stored then.
    Before(Message),
}

impl App {
    /// Sends a message. The same nonce again changes nothing and gives the first message.
    ///
    /// # Errors
    /// `not_found`, `forbidden`, `validation`, `rate_limited`; `bad_request` for a room, and for a nonce
    /// that this person used in another channel.
    pub async fn message_send(
        &self,
        moment: &mut Moment,
        actor: &Actor,
        channel: ChannelId,
        request: SendMessageRequest,
    ) -> AppResult<Sent> {
        let found = require_channel(self.store().read(), actor, channel, Permission::SendMessages).await?;
        match found.kind {
            ChannelKind::Text => {}
            ChannelKind::Room => return Err(AppError::Refused(ErrorCode::BadRequest)),
        }
        let mut check = FieldCheck::default();
        let content = check.take("content", names::message(&request.content));
        let nonce = check.take("nonce", names::nonce(&request.nonce));
        let passed = check.finish()?;
        self.count_user(moment, RateLimit::MessagePerUser, actor)?;
        let new = NewMessage {
            id: MessageId(moment.id()),
            channel,
            author: actor.user,
            content: content.get(&passed)?,
            nonce: nonce.get(&passed)?,
            created_at: moment.now,
        };
        let (stream, actor) = (StreamId::Community(found.community), actor.clone());
        self.write(&[stream], move |tx| {
            Box::pin(async move {
                require_channel(tx, &actor, channel, Permission::SendMessages).await?;
                match messages::insert(tx, &new).await? {
                    messages::Sent::New(stored) => {
                        let message = wire::message(stored);
                        append(tx, stream, &ServerEvent::MessageCreated(message.clone()), new.created_at).await?;
                        Ok(Sent::New(message))
                    }
                    messages::Sent::Before(stored) if stored.channel == channel => {
                        Ok(Sent::Before(wire::message(stored)))
                    }
                    messages::Sent::Before(_) => Err(AppError::Refused(ErrorCode::BadRequest)),
                }
            })
        })
        .await
    }

    /// A page of history.
    ///
    /// # Errors
    /// `not_found`, `validation` (`limit`), `bad_request` (`before` together with `after`).
    pub async fn message_history(
        &self,
        actor: &Actor,
        channel: ChannelId,
        query: HistoryQuery,
    ) -> AppResult<MessagePage> {
        let source = self.store().read();
        require_channel(source, actor, channel, Permission::ViewChannels).await?;
        let page = match (query.before, query.after) {
            (None, None) => Page::Newest,
            (Some(id), None) => Page::Before(MessageId(id)),
            (None, Some(id)) => Page::After(MessageId(id)),
            (Some(_), Some(_)) => return Err(AppError::Refused(ErrorCode::BadRequest)),
        };
        let limit = query.limit.unwrap_or(PAGE_DEFAULT);
        if !(1..=PAGE_MAX).contains(&limit) {
            return Err(AppError::field("limit", FieldError::OutOfRange));
        }
        let page = messages::page(source, channel, page, limit).await?;
        Ok(MessagePage { items: page.items.into_iter().map(wire::message).collect(), has_more: page.has_more })
    }
}
