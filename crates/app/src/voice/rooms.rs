// SPDX-License-Identifier: Apache-2.0
//! Who is in which room on this node. Pure state: every change says which media commands and which
//! notices follow from it, and the caller sends them while it still holds the lock, so that their
//! order is the order of the changes.
//!
//! Invariants: a person has at most one voice on the instance; an empty room does not exist; voice
//! numbers are never reused within a room's epoch. Not covered: what a person may do (`domain`).

use std::time::{Duration, Instant};

use rustc_hash::FxHashMap;
use voz_domain::ids::{ChannelId, CommunityId, SessionId, UserId};
use voz_domain::permissions::Permissions;
use voz_domain::voice::{VoiceGrants, VoiceState, grants};
use voz_protocol::accounts::User;
use voz_protocol::voice::{Occupant, VoiceClaim, VoiceEndReason, VoiceEnded, VoiceRoom};

use super::media::MediaPeerId;

/// One connection to the gateway; never reused in one life of the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SocketId(pub u64);

/// How long a voice whose socket is gone waits to be claimed.
pub const CLAIM_GRACE: Duration = Duration::from_secs(15);

/// What a person brings into a room.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// Who.
    pub user: UserId,
    /// The name others see.
    pub username: String,
    /// Signed in as.
    pub session: SessionId,
    /// Held by.
    pub socket: SocketId,
    /// What the person may do here.
    pub permissions: Permissions,
    /// Who has closed microphone and ears.
    pub state: VoiceState,
}

/// A voice that is no more, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// Its media path, to be taken down.
    pub peer: MediaPeerId,
    /// Whose it was.
    pub user: UserId,
    /// Where.
    pub community: CommunityId,
    /// The room.
    pub channel: ChannelId,
    /// The room's epoch.
    pub epoch: u32,
    /// The number held.
    pub voice_number: u32,
    /// Why it ended, and who did it where somebody did. Absent: the person left by own choice and need
    /// not be told.
    pub reason: Option<EndReason>,
}

/// Why a voice ended that its person did not end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndReason {
    /// As it is told.
    pub reason: VoiceEndReason,
    /// The moderator.
    pub by: Option<User>,
}

impl From<VoiceEndReason> for EndReason {
    fn from(reason: VoiceEndReason) -> Self {
        Self { reason, by: None }
    }
}

impl Ended {
    /// What its person is told.
    pub fn told(&self) -> Option<VoiceEnded> {
        let EndReason { reason, by } = self.reason.clone()?;
        let Self { channel, epoch, voice_number, .. } = *self;
        Some(VoiceEnded { channel_id: channel.0, epoch, voice_number, reason, by })
    }
}

/// What became of a voice that a new socket claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimed {
    /// It goes on, in this room.
    GoesOn(VoiceRoom),
    /// It ended while its person could not be told.
    Ended(VoiceEnded),
    /// Nothing is known of it.
    Unknown,
}

/// New grants for a media path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Regrant {
    /// The path.
    pub peer: MediaPeerId,
    /// What it may do from now on.
    pub grants: VoiceGrants,
}

/// A place in a room, just taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seat {
    /// Number in the room.
    pub voice_number: u32,
    /// The room's epoch.
    pub epoch: u32,
    /// What the media path may do.
    pub grants: VoiceGrants,
}

struct Voice {
    peer: MediaPeerId,
    voice_number: u32,
    arrival: Arrival,
    connected: bool,
    orphaned_at: Option<Instant>,
}

impl Voice {
    fn grants(&self) -> VoiceGrants {
        grants(self.arrival.permissions, self.arrival.state)
    }

    fn occupant(&self) -> Occupant {
        Occupant {
            user: User { id: self.arrival.user.0, username: self.arrival.username.clone() },
            voice_number: self.voice_number,
            self_muted: self.arrival.state.self_muted,
            self_deafened: self.arrival.state.self_deafened,
            server_muted: self.arrival.state.server_muted,
            connected: self.connected,
        }
    }
}

struct Room {
    community: CommunityId,
    epoch: u32,
    next_number: u32,
    voices: Vec<Voice>,
    speakers: Vec<u32>,
}

/// All rooms of this node that somebody is in.
pub struct Rooms {
    rooms: FxHashMap<ChannelId, Room>,
    by_user: FxHashMap<UserId, (ChannelId, MediaPeerId)>,
    by_peer: FxHashMap<MediaPeerId, UserId>,
    /// The last voice of each person whose end forbids to come back, for a device that claims it later. One
    /// entry for a person, at most.
    ended: FxHashMap<UserId, VoiceEnded>,
    next_epoch: u32,
}

impl Rooms {
    /// `first_epoch` must be higher than any epoch of an earlier life on the same data.
    pub fn new(first_epoch: u32) -> Self {
        Self {
            rooms: FxHashMap::default(),
            by_user: FxHashMap::default(),
            by_peer: FxHashMap::default(),
            ended: FxHashMap::default(),
            next_epoch: first_epoch,
        }
    }

    /// How many people are in a room.
    pub fn occupancy(&self, channel: ChannelId) -> usize {
        self.rooms.get(&channel).map_or(0, |room| room.voices.len())
    }

    /// Takes a seat. The person's earlier voice must have been ended before, by [`Rooms::end_user`].
    pub fn enter(&mut self, community: CommunityId, channel: ChannelId, peer: MediaPeerId, arrival: Arrival) -> Seat {
        let next_epoch = &mut self.next_epoch;
        let room = self.rooms.entry(channel).or_insert_with(|| {
            let epoch = *next_epoch;
            *next_epoch = next_epoch.wrapping_add(1);
            Room { community, epoch, next_number: 1, voices: Vec::new(), speakers: Vec::new() }
        });
        let voice_number = room.next_number;
        room.next_number += 1;
        self.by_user.insert(arrival.user, (channel, peer));
        self.by_peer.insert(peer, arrival.user);
        let voice = Voice { peer, voice_number, arrival, connected: false, orphaned_at: None };
        let seat = Seat { voice_number, epoch: room.epoch, grants: voice.grants() };
        room.voices.push(voice);
        seat
    }

    /// Ends whatever voice a person has.
    pub fn end_user(&mut self, user: UserId, reason: Option<EndReason>) -> Option<Ended> {
        let (channel, peer) = self.by_user.get(&user).copied()?;
        self.end(channel, peer, reason)
    }

    /// Ends a person's voice if it is in this room.
    pub fn end_occupant(&mut self, channel: ChannelId, user: UserId, reason: Option<EndReason>) -> Option<Ended> {
        let (at, peer) = self.by_user.get(&user).copied()?;
        if at != channel {
            return None;
        }
        self.end(channel, peer, reason)
    }

    /// Ends the voice on a media path.
    pub fn end_peer(&mut self, peer: MediaPeerId, reason: Option<EndReason>) -> Option<Ended> {
        let user = self.by_peer.get(&peer).copied()?;
        self.end_user(user, reason)
    }

    /// Ends the voice that a socket holds.
    pub fn end_held_by(&mut self, user: UserId, socket: SocketId, reason: Option<EndReason>) -> Option<Ended> {
        let held = self.held_by(user, socket)?.peer;
        self.end_peer(held, reason)
    }

    /// Ends every voice of a room.
    pub fn end_room(&mut self, channel: ChannelId, reason: VoiceEndReason) -> Vec<Ended> {
        self.end_where(reason, |at, _| at == channel)
    }

    /// Ends every voice of a session.
    pub fn end_session(&mut self, session: SessionId, reason: VoiceEndReason) -> Vec<Ended> {
        self.end_where(reason, |_, voice| voice.arrival.session == session)
    }

    /// Ends every voice whose socket has been gone for [`CLAIM_GRACE`].
    pub fn end_unclaimed(&mut self, now: Instant) -> Vec<Ended> {
        self.end_where(VoiceEndReason::ConnectionLost, |_, voice| {
            voice.orphaned_at.is_some_and(|at| now.saturating_duration_since(at) >= CLAIM_GRACE)
        })
    }

    /// The person closes or opens microphone or ears. `None`: this socket holds no voice.
    pub fn set_self_state(
        &mut self,
        user: UserId,
        socket: SocketId,
        self_muted: bool,
        self_deafened: bool,
    ) -> Option<(ChannelId, Regrant)> {
        let channel = self.by_user.get(&user)?.0;
        let voice = self.held_by(user, socket)?;
        let server_muted = voice.arrival.state.server_muted;
        voice.arrival.state = VoiceState { self_muted, self_deafened, server_muted }.normal();
        Some((channel, Regrant { peer: voice.peer, grants: voice.grants() }))
    }

    /// A moderator closes or opens a person's microphone in all rooms of a community.
    pub fn set_server_mute(
        &mut self,
        community: CommunityId,
        user: UserId,
        muted: bool,
    ) -> Option<(ChannelId, Regrant)> {
        let (channel, peer) = self.by_user.get(&user).copied()?;
        let room = self.rooms.get_mut(&channel).filter(|room| room.community == community)?;
        let voice = room.voices.iter_mut().find(|voice| voice.peer == peer)?;
        voice.arrival.state.server_muted = muted;
        Some((channel, Regrant { peer, grants: voice.grants() }))
    }

    /// The media path is up. `None`: the voice is no more.
    pub fn connected(&mut self, peer: MediaPeerId) -> Option<ChannelId> {
        let user = self.by_peer.get(&peer)?;
        let channel = self.by_user.get(user)?.0;
        let voice = self.rooms.get_mut(&channel)?.voices.iter_mut().find(|voice| voice.peer == peer)?;
        voice.connected = true;
        Some(channel)
    }

    /// The socket is gone; its voice waits to be claimed.
    pub fn orphan(&mut self, user: UserId, socket: SocketId, now: Instant) {
        if let Some(voice) = self.held_by(user, socket) {
            voice.orphaned_at = Some(now);
        }
    }

    /// A new socket of the same session takes over the voice that it can name.
    pub fn claim(&mut self, user: UserId, session: SessionId, socket: SocketId, claim: &VoiceClaim) -> Claimed {
        let channel = ChannelId(claim.channel_id);
        let room = self.rooms.get_mut(&channel).filter(|room| room.epoch == claim.epoch);
        let voice = room.and_then(|room| {
            room.voices.iter_mut().find(|voice| {
                voice.voice_number == claim.voice_number
                    && voice.arrival.user == user
                    && voice.arrival.session == session
            })
        });
        if let Some(voice) = voice {
            voice.arrival.socket = socket;
            voice.orphaned_at = None;
            return Claimed::GoesOn(self.view(channel));
        }
        let ended = self.ended.get(&user).filter(|ended| {
            (ended.channel_id, ended.epoch, ended.voice_number) == (claim.channel_id, claim.epoch, claim.voice_number)
        });
        ended.cloned().map_or(Claimed::Unknown, Claimed::Ended)
    }

    /// Remembers who speaks; `None` when the room is no more.
    pub fn set_speakers(&mut self, channel: ChannelId, speakers: Vec<u32>) -> Option<(CommunityId, u32)> {
        let room = self.rooms.get_mut(&channel)?;
        room.speakers = speakers;
        Some((room.community, room.epoch))
    }

    /// A room as clients see it. An empty one has epoch 0 and nobody in it.
    pub fn view(&self, channel: ChannelId) -> VoiceRoom {
        match self.rooms.get(&channel) {
            Some(room) => VoiceRoom {
                channel_id: channel.0,
                epoch: room.epoch,
                occupants: room.voices.iter().map(Voice::occupant).collect(),
                speakers: room.speakers.clone(),
            },
            None => VoiceRoom { channel_id: channel.0, epoch: 0, occupants: Vec::new(), speakers: Vec::new() },
        }
    }

    /// All rooms of a community that somebody is in.
    pub fn of_community(&self, community: CommunityId) -> Vec<VoiceRoom> {
        let mut rooms: Vec<VoiceRoom> = self
            .rooms
            .iter()
            .filter(|(_, room)| room.community == community)
            .map(|(channel, _)| self.view(*channel))
            .collect();
        rooms.sort_by_key(|room| room.channel_id);
        rooms
    }

    /// Where a room is.
    pub fn community_of(&self, channel: ChannelId) -> Option<CommunityId> {
        self.rooms.get(&channel).map(|room| room.community)
    }

    fn held_by(&mut self, user: UserId, socket: SocketId) -> Option<&mut Voice> {
        let (channel, peer) = self.by_user.get(&user).copied()?;
        self.rooms
            .get_mut(&channel)?
            .voices
            .iter_mut()
            .find(|voice| voice.peer == peer && voice.arrival.socket == socket)
    }

    fn end(&mut self, channel: ChannelId, peer: MediaPeerId, reason: Option<EndReason>) -> Option<Ended> {
        let room = self.rooms.get_mut(&channel)?;
        let index = room.voices.iter().position(|voice| voice.peer == peer)?;
        let voice = room.voices.remove(index);
        room.speakers.retain(|number| *number != voice.voice_number);
        let ended = Ended {
            peer,
            user: voice.arrival.user,
            community: room.community,
            channel,
            epoch: room.epoch,
            voice_number: voice.voice_number,
            reason,
        };
        if room.voices.is_empty() {
            self.rooms.remove(&channel);
        }
        self.by_user.remove(&voice.arrival.user);
        self.by_peer.remove(&peer);
        if let Some(told) = ended.told().filter(|told| !told.reason.asks_to_rejoin()) {
            self.ended.insert(ended.user, told);
        }
        Some(ended)
    }

    fn end_where(&mut self, reason: VoiceEndReason, matches: impl Fn(ChannelId, &Voice) -> bool) -> Vec<Ended> {
        let doomed: Vec<(ChannelId, MediaPeerId)> = self
            .rooms
            .iter()
            .flat_map(|(channel, room)| room.voices.iter().map(move |voice| (*channel, voice)))
            .filter(|(channel, voice)| matches(*channel, voice))
            .map(|(channel, voice)| (channel, voice.peer))
            .collect();
        doomed.into_iter().filter_map(|(channel, peer)| self.end(channel, peer, Some(reason.into()))).collect()
    }
}
