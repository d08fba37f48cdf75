// SPDX-License-Identifier: Apache-2.0
//! Reading streams from storage: what was missed, or the whole state.
//!
//! Head, events and state are read in one read transaction, so a snapshot is true at exactly the
//! sequence it comes with. Streams are subscribed to before they are read: whatever is committed after
//! the reading is published to the subscription, and what comes both ways is dropped by its sequence.
//! Rooms are no part of the transaction, because they are no part of storage: they are read after the
//! subscription, and any later change of theirs follows as a whole `voice_room`.

use std::collections::BTreeMap;

use voz_bus::Subscription;
use voz_domain::access::{self, Access, Principal};
use voz_domain::ids::{CommunityId, StreamId};
use voz_domain::permissions::Permission;
use voz_protocol::accounts::Me;
use voz_protocol::communities::CommunitySnapshot;
use voz_protocol::errors::ErrorCode;
use voz_protocol::gateway::ServerEvent;
use voz_protocol::voice::VoiceRooms;
use voz_storage::{Snapshot, StoredEvent, channels, communities, events, members, sessions, users};

use super::cursors::Cursors;
use super::follower::{Content, Reading};
use super::visibility::Standing;
use crate::{Actor, App, AppError, AppResult, Moment, wire};

/// Events that are replayed at most; who missed more gets a snapshot, which is then the shorter answer.
const REPLAYED_EVENTS: u32 = 500;

/// How a connection begins.
#[derive(Debug)]
pub struct Resumption {
    /// Who is signed in.
    pub me: Me,
    /// Every stream of this person, the own one first.
    pub readings: Vec<Reading>,
}

impl App {
    /// Seals and opens the cursors of this instance.
    pub fn cursors(&self) -> Cursors {
        self.inner.cursors.clone()
    }

    /// A subscription that follows nothing yet and holds so many deliveries.
    pub fn subscribe(&self, deliveries: usize) -> Subscription {
        self.bus().subscribe(deliveries)
    }

    /// Subscribes to all streams of a person and reads each, after its cursor if there is a good one.
    ///
    /// The own stream is read before the list of communities: a community that is entered in between is
    /// in the list, or its `community_entered` is still to come, or both.
    ///
    /// # Errors
    /// `unauthenticated` when the session has ended: of an end after this, the subscription tells.
    pub async fn resume(
        &self,
        moment: &Moment,
        actor: &Actor,
        cursors: &BTreeMap<String, String>,
        subscription: &mut Subscription,
    ) -> AppResult<Resumption> {
        let own = StreamId::User(actor.user);
        subscription.add(own);
        let session = sessions::by_id(self.store().read(), actor.session).await?;
        let session = session.filter(|session| session.terms.alive(moment.now));
        let session = session.ok_or(AppError::Refused(ErrorCode::Unauthenticated))?;
        let after = |stream: StreamId| {
            cursors.get(&stream.to_string()).and_then(|cursor| self.inner.cursors.open(stream, cursor))
        };
        let mut readings = Vec::new();
        readings.extend(self.read_stream(actor, own, after(own)).await?);
        for community in communities::of_user(self.store().read(), actor.user).await? {
            let stream = StreamId::Community(community.id);
            subscription.add(stream);
            let mut reading = self.read_stream(actor, stream, after(stream)).await?;
            if let Some(Reading { content: Content::Missed { rooms, .. }, .. }) = &mut reading {
                let now = self.voice().rooms_of(community.id);
                *rooms = Some(VoiceRooms { community_id: community.id.0, rooms: now });
            }
            readings.extend(reading);
        }
        Ok(Resumption { me: wire::me(session.user), readings })
    }

    /// What came after this sequence, or the whole state where that is unknown or too much.
    /// `None`: the stream is not this person's.
    pub async fn read_stream(&self, actor: &Actor, stream: StreamId, after: Option<i64>) -> AppResult<Option<Reading>> {
        let snapshot = self.store().snapshot().await?;
        let standing = match stream {
            StreamId::User(user) if user == actor.user => Standing::Own,
            StreamId::User(_) => return Ok(None),
            StreamId::Community(community) => {
                let principal = Principal::signed_in(members::role(&snapshot, community, actor.user).await?);
                match access::decide(principal, Permission::ViewChannels) {
                    Access::Allowed => Standing::In(principal),
                    Access::NotFound | Access::Forbidden => return Ok(None),
                }
            }
        };
        let head = events::head(&snapshot, stream).await?;
        if let Some(after) = after
            && let Some(events) = missed(&snapshot, stream, after, head).await?
        {
            return Ok(Some(Reading { stream, standing, content: Content::Missed { after, events, rooms: None } }));
        }
        let event = match stream {
            StreamId::User(user) => {
                users::by_id(&snapshot, user).await?.map(|user| ServerEvent::UserSnapshot(wire::me(user)))
            }
            StreamId::Community(community) => {
                self.community_snapshot(&snapshot, community, standing).await?.map(ServerEvent::CommunitySnapshot)
            }
        };
        Ok(event.map(|event| Reading {
            stream,
            standing,
            content: Content::Snapshot { at: head, event: Box::new(event) },
        }))
    }

    async fn community_snapshot(
        &self,
        snapshot: &Snapshot,
        community: CommunityId,
        standing: Standing,
    ) -> AppResult<Option<CommunitySnapshot>> {
        let Some(found) = communities::by_id(snapshot, community).await? else { return Ok(None) };
        let channels = channels::list(snapshot, community).await?;
        let members = members::list(snapshot, community).await?;
        Ok(Some(CommunitySnapshot {
            community: wire::community(found),
            channels: channels.into_iter().map(wire::channel).collect(),
            members: members.into_iter().map(wire::member).collect(),
            permissions: standing.permissions().list().map(wire::permission).collect(),
            voice_rooms: self.voice().rooms_of(community),
        }))
    }
}

/// The events after a sequence; `None` when they are too many, or not all there: a sequence from the
/// future is one of a database that was put back to an earlier state.
async fn missed(snapshot: &Snapshot, stream: StreamId, after: i64, head: i64) -> AppResult<Option<Vec<StoredEvent>>> {
    let Some(count) = head.checked_sub(after).and_then(|count| u32::try_from(count).ok()) else {
        return Ok(None);
    };
    if count > REPLAYED_EVENTS {
        return Ok(None);
    }
    let events = events::after(snapshot, stream, after, count).await?;
    let whole = u32::try_from(events.len()) == Ok(count);
    Ok(whole.then_some(events))
}
