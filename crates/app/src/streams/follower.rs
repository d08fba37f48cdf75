// SPDX-License-Identifier: Apache-2.0
//! What one connection has been told of its streams, and what it may be told next. Pure state:
//! deliveries of the bus and readings of storage go in, steps come out.
//!
//! Invariants, per stream: events are told in the order of their sequence, each at most once, and
//! none is left out that the person may see; `prev` always names what was told before. A hole in the
//! sequence stops everything until it was read from storage. Nothing follows the end of the session.

use std::borrow::Cow;

use rustc_hash::FxHashMap;
use voz_bus::{Audience, Delivery};
use voz_domain::ids::{ChannelId, CommunityId, SessionId, StreamId, UserId};
use voz_protocol::gateway::{Event, ServerEvent};
use voz_protocol::voice::{VoiceEnded, VoiceRooms};
use voz_storage::StoredEvent;

use super::cursors::Cursors;
use super::visibility::Standing;

/// What is to be done next, in this order.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Send this frame.
    Tell(String),
    /// Events after this sequence are missing: read them, and give the reading to [`Follower::start`]
    /// before any other delivery.
    Read {
        /// Of which stream.
        stream: StreamId,
        /// The last sequence that was dealt with; absent: begin with a snapshot.
        after: Option<i64>,
    },
    /// A voice of this person ended; the frame that tells it goes before.
    VoiceEnded(VoiceEnded),
    /// This session is over; the frame that tells it goes before.
    SessionEnded,
}

/// A stream read from storage: the whole state, or what was missed.
#[derive(Debug, Clone)]
pub struct Reading {
    /// Which stream.
    pub stream: StreamId,
    /// What this person may do there, now.
    pub standing: Standing,
    /// What was read.
    pub content: Content,
}

/// What a [`Reading`] found.
#[derive(Debug, Clone)]
pub enum Content {
    /// The events after a place, all of them, in order.
    Missed {
        /// The place.
        after: i64,
        /// What came after it.
        events: Vec<StoredEvent>,
        /// For a connection that comes back, the rooms of a community as they are now: of what passed,
        /// nothing is kept.
        rooms: Option<VoiceRooms>,
    },
    /// The whole state, true at this sequence.
    Snapshot {
        /// The sequence.
        at: i64,
        /// `community_snapshot` or `user_snapshot`.
        event: Box<ServerEvent>,
    },
}

struct Place {
    name: String,
    dealt_with: i64,
    told: String,
    standing: Standing,
}

/// Follows the streams of one connection.
pub struct Follower {
    user: UserId,
    session: SessionId,
    room: Option<ChannelId>,
    cursors: Cursors,
    places: FxHashMap<StreamId, Place>,
    ended: bool,
}

impl Follower {
    /// Follows nothing yet.
    pub fn new(user: UserId, session: SessionId, cursors: Cursors) -> Self {
        Self { user, session, room: None, cursors, places: FxHashMap::default(), ended: false }
    }

    /// True when the stream was started.
    pub fn follows(&self, stream: StreamId) -> bool {
        self.places.contains_key(&stream)
    }

    /// The room whose passing events this connection gets.
    pub fn set_room(&mut self, room: Option<ChannelId>) {
        self.room = room;
    }

    /// Begins a stream, or goes on with it, where a reading of storage left it.
    pub fn start(&mut self, reading: Reading, steps: &mut Vec<Step>) {
        let Reading { stream, standing, content } = reading;
        if self.ended {
            return;
        }
        match content {
            Content::Snapshot { at, event } => {
                let name = stream.to_string();
                let cursor = self.cursors.seal(stream, at);
                let event =
                    Event { stream: Some(name.clone()), cursor: Some(cursor.clone()), prev: None, event: *event };
                tell(&event, steps);
                self.places.insert(stream, Place { name, dealt_with: at, told: cursor, standing });
            }
            Content::Missed { after, events, rooms } => {
                let place = self.places.entry(stream).or_insert_with(|| Place {
                    name: stream.to_string(),
                    dealt_with: after,
                    told: self.cursors.seal(stream, after),
                    standing,
                });
                place.standing = standing;
                // Storage is the truth: a sequence that is missing there never was an event.
                for event in events {
                    self.tell_durable(stream, event.sequence, &event.body, steps);
                }
                if let Some(rooms) = rooms {
                    self.tell_rooms(standing, rooms, steps);
                }
            }
        }
    }

    /// Deals with what came over the bus.
    pub fn offer(&mut self, delivery: &Delivery, steps: &mut Vec<Step>) {
        match delivery {
            Delivery::Durable { stream, sequence, body } => {
                let Some(place) = self.places.get(stream) else { return };
                if *sequence > place.dealt_with.saturating_add(1) {
                    steps.push(Step::Read { stream: *stream, after: Some(place.dealt_with) });
                } else {
                    self.tell_durable(*stream, *sequence, body, steps);
                }
            }
            Delivery::Passing { stream, audience, body } => {
                if self.is_in(audience) {
                    self.tell_passing(*stream, body, steps);
                }
            }
        }
    }

    fn is_in(&self, audience: &Audience) -> bool {
        match audience {
            Audience::All => true,
            Audience::Room(channel) => self.room == Some(*channel),
            Audience::User(user) => self.user == *user,
            Audience::Session(session) => self.session == *session,
        }
    }

    /// Tells an event if it is new and may be seen; it counts as dealt with either way.
    fn tell_durable(&mut self, stream: StreamId, sequence: i64, body: &[u8], steps: &mut Vec<Step>) {
        let Some(place) = self.places.get_mut(&stream) else { return };
        if self.ended || sequence <= place.dealt_with {
            return;
        }
        place.dealt_with = sequence;
        let Some(event) = read_event(body) else { return };
        let Some(body) = shown(place.standing, self.user, &event, body) else { return };
        let cursor = self.cursors.seal(stream, sequence);
        let envelope = format!(r#"{{"stream":"{}","cursor":"{cursor}","prev":"{}","#, place.name, place.told);
        let Some(frame) = enveloped(&envelope, &body) else { return };
        place.told = cursor;
        steps.push(Step::Tell(frame));
        self.follow_up(&event, steps);
    }

    fn tell_passing(&mut self, stream: StreamId, body: &[u8], steps: &mut Vec<Step>) {
        let Some(place) = self.places.get(&stream) else { return };
        let Some(event) = read_event(body) else { return };
        if self.ended {
            return;
        }
        let Some(body) = shown(place.standing, self.user, &event, body) else { return };
        let Some(frame) = enveloped("{", &body) else { return };
        steps.push(Step::Tell(frame));
        self.follow_up(&event, steps);
    }

    fn tell_rooms(&self, standing: Standing, rooms: VoiceRooms, steps: &mut Vec<Step>) {
        let event = ServerEvent::VoiceRooms(rooms);
        if !self.ended && standing.shows(self.user, &event).is_some() {
            tell(&Event { stream: None, cursor: None, prev: None, event }, steps);
        }
    }

    /// What an event means for this connection itself.
    fn follow_up(&mut self, event: &ServerEvent, steps: &mut Vec<Step>) {
        match event {
            ServerEvent::CommunityEntered { community_id } => {
                let stream = StreamId::Community(CommunityId(*community_id));
                steps.push(Step::Read { stream, after: None });
            }
            ServerEvent::SessionEnded { session_id } if *session_id == self.session.0 => {
                self.ended = true;
                steps.push(Step::SessionEnded);
            }
            ServerEvent::VoiceEnded(ended) => steps.push(Step::VoiceEnded(ended.clone())),
            ServerEvent::SessionEnded { .. }
            | ServerEvent::Ready(_)
            | ServerEvent::CommunitySnapshot(_)
            | ServerEvent::UserSnapshot(_)
            | ServerEvent::MessageCreated(_)
            | ServerEvent::ChannelCreated(_)
            | ServerEvent::ChannelUpdated(_)
            | ServerEvent::ChannelDeleted { .. }
            | ServerEvent::MemberJoined(_)
            | ServerEvent::MemberVoiceMuted(_)
            | ServerEvent::VoiceRoom(_)
            | ServerEvent::VoiceRooms(_)
            | ServerEvent::VoiceSpeaking(_) => {}
        }
    }
}

/// Tells an event that was made for this connection.
fn tell(event: &Event, steps: &mut Vec<Step>) {
    match serde_json::to_string(event) {
        Ok(frame) => steps.push(Step::Tell(frame)),
        Err(error) => tracing::error!(%error, "an event can't be written as JSON"),
    }
}

/// An event body; one that another version wrote and this one can't read is passed over, because its
/// reader could neither be told nor judged.
fn read_event(body: &[u8]) -> Option<ServerEvent> {
    serde_json::from_slice(body)
        .inspect_err(|error| tracing::warn!(%error, "an event can't be read and is passed over"))
        .ok()
}

/// The body as this person may be told it; `None`: not at all.
fn shown<'a>(standing: Standing, to: UserId, event: &ServerEvent, body: &'a [u8]) -> Option<Cow<'a, [u8]>> {
    match standing.shows(to, event)? {
        Cow::Borrowed(_) => Some(Cow::Borrowed(body)),
        Cow::Owned(event) => serde_json::to_vec(&event).ok().map(Cow::Owned),
    }
}

/// The frame of an event: its body is `{"type":…,"data":…}` already, so only the envelope's members
/// are put in front; `envelope` opens the object and ends where the next member begins.
fn enveloped(envelope: &str, body: &[u8]) -> Option<String> {
    let members = std::str::from_utf8(body).ok()?.strip_prefix('{')?;
    let mut frame = String::with_capacity(envelope.len() + members.len());
    frame.push_str(envelope);
    frame.push_str(members);
    Some(frame)
}
