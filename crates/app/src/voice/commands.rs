// SPDX-License-Identifier: Apache-2.0
//! What people do about voices: who may, and then [`VoiceControl`](super::VoiceControl) does it.

use std::time::Instant;

use voz_domain::channels::ChannelKind;
use voz_domain::ids::{ChannelId, UserId};
use voz_domain::limits::RateLimit;
use voz_domain::permissions::Permission;
use voz_protocol::errors::ErrorCode;
use voz_protocol::voice::{VoiceClaim, VoiceJoin, VoiceJoined, VoiceStateUpdate};
use voz_storage::{members, sessions};

use super::{Claimed, Entrant, SocketId, VoiceRefused};
use crate::access::{require_channel, require_moderation};
use crate::{Actor, App, AppError, AppResult, Moment};

impl From<VoiceRefused> for AppError {
    fn from(refused: VoiceRefused) -> Self {
        AppError::Refused(match refused {
            VoiceRefused::Offer => ErrorCode::VoiceOfferUnsupported,
            VoiceRefused::Full => ErrorCode::RoomFull,
            VoiceRefused::NotInRoom => ErrorCode::NotInRoom,
            VoiceRefused::Unavailable => ErrorCode::VoiceUnavailable,
        })
    }
}

impl App {
    /// Enters a room; leaves the one this person was in, on whichever device.
    ///
    /// # Errors
    /// `not_found`, `forbidden`, `unauthenticated`, `rate_limited`, `room_full`,
    /// `voice_offer_unsupported`, `voice_unavailable`.
    pub async fn voice_join(
        &self,
        moment: &Moment,
        actor: &Actor,
        socket: SocketId,
        join: VoiceJoin,
    ) -> AppResult<VoiceJoined> {
        let channel = ChannelId(join.channel_id);
        let entrant = self.entrant(moment, actor, channel).await?;
        self.count_user(moment, RateLimit::VoiceJoinPerUser, actor)?;
        let (community, was_muted) = (entrant.community, entrant.server_muted);
        let joined = self.voice().join(entrant, socket, join).await?;
        // Whoever muted this person, removed the room or ended the session between the look above and
        // the seat did not find the voice. Now it can be found, so one more look is enough.
        let _turn = self.inner.moderation.lock().await;
        match self.entrant(moment, actor, channel).await {
            Ok(entrant) if entrant.server_muted != was_muted => {
                self.voice().set_server_mute(community, actor.user, entrant.server_muted).await;
            }
            Ok(_) => {}
            Err(error) => {
                // Already out, where the other one came second after all.
                let _ = self.voice().leave(actor.user, socket).await;
                return Err(error);
            }
        }
        Ok(joined)
    }

    /// Leaves the room.
    ///
    /// # Errors
    /// `not_in_room`, `voice_unavailable`.
    pub async fn voice_leave(&self, actor: &Actor, socket: SocketId) -> AppResult<()> {
        Ok(self.voice().leave(actor.user, socket).await?)
    }

    /// Mutes, deafens, or the opposite.
    ///
    /// # Errors
    /// `not_in_room`, `voice_unavailable`.
    pub async fn voice_state(&self, actor: &Actor, socket: SocketId, update: VoiceStateUpdate) -> AppResult<()> {
        Ok(self.voice().set_state(actor.user, socket, update).await?)
    }

    /// A new socket takes over the voice that its client still holds.
    pub fn voice_claim(&self, actor: &Actor, socket: SocketId, claim: &VoiceClaim) -> Claimed {
        self.voice().claim(actor.user, actor.session, socket, claim)
    }

    /// The socket is gone; its voice waits to be claimed.
    pub fn voice_socket_closed(&self, actor: &Actor, socket: SocketId, now: Instant) {
        self.voice().socket_closed(actor.user, socket, now);
    }

    /// Takes a person out of a room.
    ///
    /// # Errors
    /// `not_found` (also when the person is not in it), `forbidden`, `rate_limited`.
    pub async fn voice_remove_occupant(
        &self,
        moment: &Moment,
        actor: &Actor,
        channel: ChannelId,
        target: UserId,
    ) -> AppResult<()> {
        let read = self.store().read();
        let found = require_channel(read, actor, channel, Permission::RemoveFromRooms).await?;
        require_moderation(read, actor, found.community, Permission::RemoveFromRooms, target).await?;
        self.count_user(moment, RateLimit::ModerationPerUser, actor)?;
        if self.voice().remove_occupant(channel, target, actor.as_user()).await {
            Ok(())
        } else {
            Err(AppError::Refused(ErrorCode::NotFound))
        }
    }

    async fn entrant(&self, moment: &Moment, actor: &Actor, channel: ChannelId) -> AppResult<Entrant> {
        let read = self.store().read();
        let session = sessions::by_id(read, actor.session).await?;
        if !session.is_some_and(|session| session.terms.alive(moment.now)) {
            return Err(AppError::Refused(ErrorCode::Unauthenticated));
        }
        let found = require_channel(read, actor, channel, Permission::JoinRooms).await?;
        let member = members::get(read, found.community, actor.user).await?;
        match (found.kind, member) {
            (ChannelKind::Room, Some(member)) => Ok(Entrant {
                user: actor.user,
                username: member.user.username,
                session: actor.session,
                community: found.community,
                permissions: member.role.permissions(),
                server_muted: member.voice_muted,
            }),
            (ChannelKind::Room | ChannelKind::Text, None) | (ChannelKind::Text, Some(_)) => {
                Err(AppError::Refused(ErrorCode::NotFound))
            }
        }
    }
}
