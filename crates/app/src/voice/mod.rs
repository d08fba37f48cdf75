// SPDX-License-Identifier: Apache-2.0
//! Voice: entering and leaving rooms, mute and deafen, and what moderators do to a voice.
//!
//! State is in [`rooms`]; packets are in the media thread. A change takes its places in the command
//! queue first, then changes the state and sends while it holds the lock: media sees commands in the
//! order of the changes, and a grant can't be lost or overtaken.

mod commands;
pub mod media;
mod rooms;
#[cfg(test)]
mod rooms_tests;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use bytes::Bytes;
use tokio::sync::mpsc::{self, Permit};
use tokio::sync::oneshot;
use voz_bus::{Audience, Bus, Delivery};
use voz_domain::ids::{ChannelId, CommunityId, SessionId, StreamId, UserId};
use voz_domain::permissions::Permissions;
use voz_domain::voice::VoiceState;
use voz_protocol::accounts::User;
use voz_protocol::gateway::ServerEvent;
use voz_protocol::voice::{
    VoiceClaim, VoiceEndReason, VoiceJoin, VoiceJoined, VoiceRoom, VoiceSpeaking, VoiceStateUpdate,
};

use media::{MediaCommand, MediaEvent, MediaPeerId};
use rooms::{Arrival, EndReason, Ended, Regrant, Rooms};
pub use rooms::{CLAIM_GRACE, Claimed, SocketId};

/// Why a voice command was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VoiceRefused {
    /// The offer can't be answered.
    #[error("the SDP offer can't be answered")]
    Offer,
    /// The room is full.
    #[error("the room is full")]
    Full,
    /// This socket holds no voice.
    #[error("not in a room")]
    NotInRoom,
    /// The media thread is gone.
    #[error("voice is not running")]
    Unavailable,
}

/// Who wants to speak where, after authorisation.
#[derive(Debug, Clone)]
pub(crate) struct Entrant {
    pub user: UserId,
    pub username: String,
    pub session: SessionId,
    pub community: CommunityId,
    pub permissions: Permissions,
    pub server_muted: bool,
}

/// Control of all voice on this node. Cheap to clone.
#[derive(Clone)]
pub struct VoiceControl {
    shared: Arc<Shared>,
}

struct Shared {
    rooms: Mutex<Rooms>,
    commands: mpsc::Sender<MediaCommand>,
    bus: Bus,
    next_peer: AtomicU64,
    room_capacity: usize,
}

impl VoiceControl {
    /// `commands` leads to the media thread. `first_epoch` must be higher than any room epoch of an
    /// earlier life on the same data. `room_capacity` in people.
    pub fn new(commands: mpsc::Sender<MediaCommand>, bus: Bus, first_epoch: u32, room_capacity: usize) -> Self {
        Self {
            shared: Arc::new(Shared {
                rooms: Mutex::new(Rooms::new(first_epoch)),
                commands,
                bus,
                next_peer: AtomicU64::new(1),
                room_capacity,
            }),
        }
    }

    /// Enters a room and leaves the one this person was in, on whichever device.
    pub(crate) async fn join(
        &self,
        entrant: Entrant,
        socket: SocketId,
        join: VoiceJoin,
    ) -> Result<VoiceJoined, VoiceRefused> {
        let channel = ChannelId(join.channel_id);
        // Both places at once: two waiters with one place each would wait for each other.
        let mut permits = self.shared.commands.reserve_many(2).await.map_err(|_| VoiceRefused::Unavailable)?;
        let (Some(leave), Some(enter)) = (permits.next(), permits.next()) else {
            return Err(VoiceRefused::Unavailable);
        };
        let peer = MediaPeerId(self.shared.next_peer.fetch_add(1, Ordering::Relaxed));
        let (reply, answered) = oneshot::channel();
        let seat = {
            let mut rooms = self.rooms();
            let already_here = rooms.view(channel).occupants.iter().any(|one| one.user.id == entrant.user.0);
            if !already_here && rooms.occupancy(channel) >= self.shared.room_capacity {
                return Err(VoiceRefused::Full);
            }
            let earlier = rooms
                .end_held_by(entrant.user, socket, None)
                .or_else(|| rooms.end_user(entrant.user, Some(VoiceEndReason::Replaced.into())));
            if let Some(ended) = earlier {
                leave.send(MediaCommand::Leave { peer: ended.peer });
                self.announce_end(&rooms, &ended);
            }
            let seat = rooms.enter(
                entrant.community,
                channel,
                peer,
                Arrival {
                    user: entrant.user,
                    username: entrant.username,
                    session: entrant.session,
                    socket,
                    permissions: entrant.permissions,
                    state: VoiceState {
                        self_muted: join.self_muted,
                        self_deafened: join.self_deafened,
                        server_muted: entrant.server_muted,
                    }
                    .normal(),
                },
            );
            enter.send(MediaCommand::Join {
                peer,
                room: channel,
                voice_number: seat.voice_number,
                offer: join.offer,
                grants: seat.grants,
                reply,
            });
            seat
        };
        let answer = match answered.await {
            Ok(Ok(answer)) => answer,
            Ok(Err(media::OfferRefused)) => return Err(self.give_up(peer, VoiceRefused::Offer)),
            Err(_) => return Err(self.give_up(peer, VoiceRefused::Unavailable)),
        };
        let rooms = self.rooms();
        let room = rooms.view(channel);
        self.announce_room(&rooms, channel, entrant.community);
        Ok(VoiceJoined { answer, voice_number: seat.voice_number, room })
    }

    /// Leaves the room.
    pub async fn leave(&self, user: UserId, socket: SocketId) -> Result<(), VoiceRefused> {
        let permit = self.permit().await?;
        let mut rooms = self.rooms();
        let ended = rooms.end_held_by(user, socket, None).ok_or(VoiceRefused::NotInRoom)?;
        permit.send(MediaCommand::Leave { peer: ended.peer });
        self.announce_end(&rooms, &ended);
        Ok(())
    }

    /// Mutes, deafens, or the opposite.
    pub async fn set_state(
        &self,
        user: UserId,
        socket: SocketId,
        update: VoiceStateUpdate,
    ) -> Result<(), VoiceRefused> {
        let permit = self.permit().await?;
        let mut rooms = self.rooms();
        let (channel, regrant) = rooms
            .set_self_state(user, socket, update.self_muted, update.self_deafened)
            .ok_or(VoiceRefused::NotInRoom)?;
        self.regrant(&rooms, permit, channel, regrant);
        Ok(())
    }

    /// A moderator closed or opened a microphone; the durable change is committed already.
    pub async fn set_server_mute(&self, community: CommunityId, user: UserId, muted: bool) {
        let Ok(permit) = self.permit().await else { return };
        let mut rooms = self.rooms();
        if let Some((channel, regrant)) = rooms.set_server_mute(community, user, muted) {
            self.regrant(&rooms, permit, channel, regrant);
        }
    }

    /// Takes a person out of a room, who is told by whom; false when the person was not in it.
    pub async fn remove_occupant(&self, channel: ChannelId, user: UserId, by: User) -> bool {
        let Ok(permit) = self.permit().await else { return false };
        let mut rooms = self.rooms();
        let reason = EndReason { reason: VoiceEndReason::Removed, by: Some(by) };
        let Some(ended) = rooms.end_occupant(channel, user, Some(reason)) else { return false };
        permit.send(MediaCommand::Leave { peer: ended.peer });
        self.announce_end(&rooms, &ended);
        true
    }

    /// The room is deleted.
    pub async fn end_room(&self, channel: ChannelId) {
        let ended = self.rooms().end_room(channel, VoiceEndReason::RoomDeleted);
        self.take_down(ended).await;
    }

    /// The session is over, or the person may no longer be where the voice is.
    pub async fn end_session(&self, session: SessionId) {
        let ended = self.rooms().end_session(session, VoiceEndReason::AccessLost);
        self.take_down(ended).await;
    }

    /// Ends the voices that nobody claimed in time. To be called about once a second.
    pub async fn end_unclaimed(&self, now: Instant) {
        let ended = self.rooms().end_unclaimed(now);
        self.take_down(ended).await;
    }

    /// The socket is gone. Its voice lives on for [`CLAIM_GRACE`].
    pub fn socket_closed(&self, user: UserId, socket: SocketId, now: Instant) {
        self.rooms().orphan(user, socket, now);
    }

    /// A new socket takes over the voice that its client still holds.
    pub fn claim(&self, user: UserId, session: SessionId, socket: SocketId, claim: &VoiceClaim) -> Claimed {
        self.rooms().claim(user, session, socket, claim)
    }

    /// The media thread takes commands; once it does not, it never will again.
    pub fn is_running(&self) -> bool {
        !self.shared.commands.is_closed()
    }

    /// Rooms of a community with somebody inside.
    pub fn rooms_of(&self, community: CommunityId) -> Vec<VoiceRoom> {
        self.rooms().of_community(community)
    }

    /// What the media thread tells.
    pub async fn media_event(&self, event: MediaEvent) {
        match event {
            MediaEvent::Connected { peer } => {
                let mut rooms = self.rooms();
                if let Some(channel) = rooms.connected(peer)
                    && let Some(community) = rooms.community_of(channel)
                {
                    self.announce_room(&rooms, channel, community);
                }
            }
            MediaEvent::Closed { peer } => {
                let mut rooms = self.rooms();
                if let Some(ended) = rooms.end_peer(peer, Some(VoiceEndReason::ConnectionLost.into())) {
                    self.announce_end(&rooms, &ended);
                }
            }
            MediaEvent::Speaking { room, speakers } => {
                let mut rooms = self.rooms();
                if let Some((community, epoch)) = rooms.set_speakers(room, speakers.clone()) {
                    self.tell(
                        StreamId::Community(community),
                        &ServerEvent::VoiceSpeaking(VoiceSpeaking { channel_id: room.0, epoch, speakers }),
                    );
                }
            }
        }
    }

    fn give_up(&self, peer: MediaPeerId, refused: VoiceRefused) -> VoiceRefused {
        let mut rooms = self.rooms();
        if let Some(ended) = rooms.end_peer(peer, None) {
            self.announce_end(&rooms, &ended);
        }
        refused
    }

    /// The state is changed already: what is left is to stop the packets and to tell.
    async fn take_down(&self, ended: Vec<Ended>) {
        for ended in ended {
            if let Ok(permit) = self.permit().await {
                permit.send(MediaCommand::Leave { peer: ended.peer });
            }
            self.announce_end(&self.rooms(), &ended);
        }
    }

    fn regrant(&self, rooms: &Rooms, permit: Permit<'_, MediaCommand>, channel: ChannelId, regrant: Regrant) {
        permit.send(MediaCommand::SetGrants { peer: regrant.peer, grants: regrant.grants });
        if let Some(community) = rooms.community_of(channel) {
            self.announce_room(rooms, channel, community);
        }
    }

    fn announce_room(&self, rooms: &Rooms, channel: ChannelId, community: CommunityId) {
        self.tell(StreamId::Community(community), &ServerEvent::VoiceRoom(rooms.view(channel)));
    }

    fn announce_end(&self, rooms: &Rooms, ended: &Ended) {
        self.announce_room(rooms, ended.channel, ended.community);
        if let Some(told) = ended.told() {
            self.tell(StreamId::User(ended.user), &ServerEvent::VoiceEnded(told));
        }
    }

    fn tell(&self, stream: StreamId, event: &ServerEvent) {
        match serde_json::to_vec(event) {
            Ok(body) => {
                self.shared.bus.publish(Delivery::Passing { stream, audience: Audience::All, body: Bytes::from(body) })
            }
            Err(error) => tracing::error!(%error, "a voice event can't be written as JSON"),
        }
    }

    async fn permit(&self) -> Result<Permit<'_, MediaCommand>, VoiceRefused> {
        self.shared.commands.reserve().await.map_err(|_| VoiceRefused::Unavailable)
    }

    fn rooms(&self) -> MutexGuard<'_, Rooms> {
        // A panic elsewhere must not take voice down with it: each change leaves the rooms whole.
        self.shared.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
