// SPDX-License-Identifier: Apache-2.0
//! Channels and rooms: make, rename, remove.

use voz_domain::channels::ChannelKind;
use voz_domain::ids::{ChannelId, CommunityId, StreamId};
use voz_domain::limits::RateLimit;
use voz_domain::names;
use voz_domain::permissions::Permission;
use voz_protocol::channels::{Channel, CreateChannelRequest, UpdateChannelRequest};
use voz_protocol::errors::ErrorCode;
use voz_protocol::gateway::ServerEvent;
use voz_storage::channels;

use crate::access::{require, require_channel};
use crate::actors::Actor;
use crate::errors::{AppError, AppResult};
use crate::events::append;
use crate::moment::Moment;
use crate::{App, fields, wire};

impl App {
    /// Makes a channel or a room, last of its kind.
    ///
    /// # Errors
    /// `not_found`, `forbidden`, `validation`, `limit_reached` (`channels`), `rate_limited`.
    pub async fn channel_create(
        &self,
        moment: &mut Moment,
        actor: &Actor,
        community: CommunityId,
        request: CreateChannelRequest,
    ) -> AppResult<Channel> {
        require(self.store().read(), actor, community, Permission::ManageChannels).await?;
        let name = fields::one("name", names::name(&request.name))?;
        self.count_user(moment, RateLimit::ChannelChangePerUser, actor)?;
        let (stream, now, actor) = (StreamId::Community(community), moment.now, actor.clone());
        let (id, kind) = (ChannelId(moment.id()), wire::channel_kind_asked(request.kind));
        let most = self.inner.limits.channels_per_community;
        self.write(&[stream], move |tx| {
            Box::pin(async move {
                require(tx, &actor, community, Permission::ManageChannels).await?;
                if channels::count(tx, community).await? >= most {
                    return Err(AppError::LimitReached("channels"));
                }
                let channel = wire::channel(channels::insert(tx, id, community, kind, &name, now).await?);
                append(tx, stream, &ServerEvent::ChannelCreated(channel.clone()), now).await?;
                Ok(channel)
            })
        })
        .await
    }

    /// Gives a channel or a room another name.
    ///
    /// # Errors
    /// `not_found`, `forbidden`, `validation`, `rate_limited`.
    pub async fn channel_update(
        &self,
        moment: &mut Moment,
        actor: &Actor,
        channel: ChannelId,
        request: UpdateChannelRequest,
    ) -> AppResult<Channel> {
        let found = require_channel(self.store().read(), actor, channel, Permission::ManageChannels).await?;
        let name = fields::one("name", names::name(&request.name))?;
        self.count_user(moment, RateLimit::ChannelChangePerUser, actor)?;
        let (stream, now, actor) = (StreamId::Community(found.community), moment.now, actor.clone());
        self.write(&[stream], move |tx| {
            Box::pin(async move {
                let mut found = require_channel(tx, &actor, channel, Permission::ManageChannels).await?;
                if found.name == name {
                    return Ok(wire::channel(found));
                }
                channels::rename(tx, channel, &name).await?;
                found.name = name;
                let updated = wire::channel(found);
                append(tx, stream, &ServerEvent::ChannelUpdated(updated.clone()), now).await?;
                Ok(updated)
            })
        })
        .await
    }

    /// Removes a channel, or a room with everyone in it.
    ///
    /// # Errors
    /// `not_found`, `forbidden`, `rate_limited`.
    pub async fn channel_delete(&self, moment: &mut Moment, actor: &Actor, channel: ChannelId) -> AppResult<()> {
        let found = require_channel(self.store().read(), actor, channel, Permission::ManageChannels).await?;
        self.count_user(moment, RateLimit::ChannelChangePerUser, actor)?;
        let (stream, now, actor) = (StreamId::Community(found.community), moment.now, actor.clone());
        self.carry_through(move |app| async move {
            app.commit(&[stream], move |tx| {
                Box::pin(async move {
                    require_channel(tx, &actor, channel, Permission::ManageChannels).await?;
                    if !channels::delete(tx, channel, now).await? {
                        return Err(AppError::Refused(ErrorCode::NotFound));
                    }
                    append(tx, stream, &ServerEvent::ChannelDeleted { channel_id: channel.0 }, now).await
                })
            })
            .await?;
            match found.kind {
                ChannelKind::Text => {}
                ChannelKind::Room => app.voice().end_room(channel).await,
            }
            Ok(())
        })
        .await
    }
}
