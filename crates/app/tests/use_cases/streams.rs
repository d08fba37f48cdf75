// SPDX-License-Identifier: Apache-2.0
//! Streams: what was missed, snapshots that are true at their sequence, and nothing lost in between.

use std::collections::BTreeMap;
use std::time::Duration;

use voz_app::Actor;
use voz_app::streams::{Content, Follower, Reading, Step};
use voz_domain::ids::{CommunityId, StreamId};
use voz_domain::limits::{Limits, RateLimit};
use voz_protocol::channels::ChannelKind;
use voz_protocol::communities::{CommunitySnapshot, PermissionName};
use voz_protocol::errors::ErrorCode;
use voz_protocol::gateway::{Event, ServerEvent};
use voz_protocol::instance::SignUpMode;
use voz_storage::{StoreError, events};

use crate::world::*;

fn snapshot(reading: Option<Reading>) -> (i64, CommunitySnapshot) {
    match reading.unwrap().content {
        Content::Snapshot { at, event } => match *event {
            ServerEvent::CommunitySnapshot(snapshot) => (at, snapshot),
            other => panic!("{other:?}"),
        },
        Content::Missed { .. } => panic!("no snapshot"),
    }
}

/// Sequences of the events that were missed; `None` for a snapshot.
fn missed(reading: Option<Reading>) -> Option<Vec<i64>> {
    match reading.unwrap().content {
        Content::Snapshot { .. } => None,
        Content::Missed { events, .. } => Some(events.iter().map(|event| event.sequence).collect()),
    }
}

/// Events that mean nothing but fill the stream.
async fn fill(world: &World, stream: StreamId, count: u32) {
    let at = world.moment().now;
    let streams = [stream];
    let written = world.store.write(&streams, move |tx| {
        Box::pin(async move {
            for _ in 0..count {
                tx.append_event(stream, b"{}".to_vec(), at).await?;
            }
            Ok::<_, StoreError>(())
        })
    });
    written.await.unwrap().publish(drop);
}

on_both_engines! {
    async fn what_was_missed_is_read_from_its_sequence_on(world: World) {
        let square = world.set_up(SignUpMode::Invite).await;
        let stream = StreamId::Community(square.community);
        let read = |after| world.app.read_stream(&square.owner, stream, after);
        let (at, first) = snapshot(read(None).await.unwrap());
        assert_eq!(first.community.name, "Praça");
        assert_eq!((first.channels.len(), first.members.len()), (2, 1));
        assert!(first.permissions.contains(&PermissionName::RemoveFromRooms));
        assert_eq!(missed(read(Some(at)).await.unwrap()), Some(vec![]));
        for nonce in ["1", "2", "3"] {
            world.send(&square.owner, square.text, nonce, nonce).await.unwrap();
        }
        assert_eq!(missed(read(Some(at)).await.unwrap()), Some(vec![at + 1, at + 2, at + 3]));
        assert_eq!(missed(read(Some(at + 2)).await.unwrap()), Some(vec![at + 3]));
        // Of a database that was put back to an earlier state.
        assert_eq!(missed(read(Some(at + 4)).await.unwrap()), None);
        fill(&world, stream, 497).await;
        assert_eq!(missed(read(Some(at)).await.unwrap()).map(|events| events.len()), Some(500));
        fill(&world, stream, 1).await;
        assert_eq!(missed(read(Some(at)).await.unwrap()), None);
        let (later, _) = snapshot(read(Some(at)).await.unwrap());
        assert_eq!(later, at + 501);
    }

    async fn a_stream_is_read_by_those_it_belongs_to(world: World) {
        let square = world.set_up(SignUpMode::Invite).await;
        let (bia, caio) = (world.member(&square, "Bia").await, world.outsider("Caio").await);
        let community = StreamId::Community(square.community);
        let (_, hers) = snapshot(world.app.read_stream(&bia, community, None).await.unwrap());
        let may = [PermissionName::ViewChannels, PermissionName::SendMessages, PermissionName::JoinRooms, PermissionName::Speak];
        assert_eq!(hers.permissions, may);
        for stream in [community, StreamId::User(bia.user), StreamId::Community(CommunityId(nobody().0))] {
            for after in [None, Some(0), Some(1)] {
                assert!(world.app.read_stream(&caio, stream, after).await.unwrap().is_none(), "{stream} {after:?}");
            }
        }
        let mut subscription = world.app.subscribe(10);
        let resumed = world.app.resume(&world.moment(), &caio, &BTreeMap::new(), &mut subscription).await.unwrap();
        assert_eq!(resumed.readings.len(), 1);
        assert!(subscription.follows(StreamId::User(caio.user)) && !subscription.follows(community));
    }

    async fn an_ended_session_resumes_nothing(world: World) {
        let square = world.set_up(SignUpMode::Invite).await;
        let bia = world.member(&square, "Bia").await;
        let resume = async |actor: &Actor| {
            let mut subscription = world.app.subscribe(10);
            world.app.resume(&world.moment(), actor, &BTreeMap::new(), &mut subscription).await
        };
        assert_eq!(resume(&bia).await.unwrap().me, bia.me());
        world.app.sign_out(&mut world.moment(), &bia).await.unwrap();
        assert_eq!(resume(&bia).await.code(), ErrorCode::Unauthenticated);
        // Nobody refreshed the owner's for too long.
        world.pass(time::Duration::days(31));
        assert_eq!(resume(&square.owner).await.code(), ErrorCode::Unauthenticated);
    }

    async fn a_snapshot_is_true_at_exactly_its_sequence(world: World) {
        const CHANNELS: usize = 25;
        let square = world.set_up(SignUpMode::Invite).await;
        let stream = StreamId::Community(square.community);
        let making = async {
            for index in 0..CHANNELS {
                let channel = named(ChannelKind::Text, &format!("canal {index}"));
                world.app.channel_create(&mut world.moment(), &square.owner, square.community, channel).await.unwrap();
            }
        };
        let looking = async {
            let mut seen = Vec::new();
            while seen.last().is_none_or(|(_, channels)| *channels < CHANNELS + 2) {
                let (at, snapshot) = snapshot(world.app.read_stream(&square.owner, stream, None).await.unwrap());
                seen.push((at, snapshot.channels.len()));
            }
            seen
        };
        let ((), seen) = tokio::join!(making, looking);
        let all = events::after(world.store.read(), stream, 0, 1_000).await.unwrap();
        let made: Vec<i64> = all
            .iter()
            .filter(|event| event.body.starts_with(br#"{"type":"channel_created""#))
            .map(|event| event.sequence)
            .collect();
        assert_eq!(made.len(), CHANNELS);
        for (at, channels) in seen {
            let before = made.iter().filter(|sequence| **sequence <= at).count();
            assert_eq!(channels, 2 + before, "at {at}");
        }
    }
}

/// Resumes while messages are being sent, from nothing and from a cursor, and hears each exactly once.
async fn check_that_nothing_is_lost_between_reading_and_listening(world: World) {
    const MESSAGES: usize = 60;
    let square = world.set_up(SignUpMode::Invite).await;
    let stream = StreamId::Community(square.community);
    let head = events::head(world.store.read(), stream).await.unwrap();
    let sending = async {
        for index in 0..MESSAGES {
            world.send(&square.owner, square.text, "oi", &index.to_string()).await.unwrap();
        }
    };
    let listening = async {
        // Each begins a little further into the sending.
        for after in [None, Some(head), None, Some(head), Some(head)] {
            let cursors = after.map(|after| (stream.to_string(), world.app.cursors().seal(stream, after)));
            let heard = hear(&world, &square.owner, stream, cursors.into_iter().collect(), MESSAGES, head).await;
            let expected: Vec<i64> = (heard[0]..=head + i64::try_from(MESSAGES).unwrap()).collect();
            assert_eq!(heard, expected);
            if let Some(after) = after {
                assert_eq!(heard[0], after + 1);
            }
        }
    };
    tokio::join!(sending, listening);
}

/// Places told, until the last message of the test: where a snapshot stands, or each message.
async fn hear(
    world: &World,
    actor: &Actor,
    stream: StreamId,
    cursors: BTreeMap<String, String>,
    messages: usize,
    head: i64,
) -> Vec<i64> {
    let mut subscription = world.app.subscribe(10_000);
    let resumption = world.app.resume(&world.moment(), actor, &cursors, &mut subscription).await.unwrap();
    let mut follower = Follower::new(actor.user, actor.session, world.app.cursors());
    let mut steps = Vec::new();
    for reading in resumption.readings {
        follower.start(reading, &mut steps);
    }
    let (mut heard, last) = (Vec::new(), head + i64::try_from(messages).unwrap());
    loop {
        for step in std::mem::take(&mut steps) {
            match step {
                Step::Tell(frame) => {
                    let told: Event = serde_json::from_str(&frame).unwrap();
                    if told.stream == Some(stream.to_string()) {
                        heard.push(world.app.cursors().open(stream, &told.cursor.unwrap()).unwrap());
                    }
                }
                Step::Read { stream, after } => {
                    let reading = world.app.read_stream(actor, stream, after).await.unwrap();
                    follower.start(reading.unwrap(), &mut steps);
                }
                other @ (Step::VoiceEnded(_) | Step::SessionEnded) => panic!("{other:?}"),
            }
        }
        if heard.last() == Some(&last) {
            return heard;
        }
        let delivery = tokio::time::timeout(Duration::from_secs(20), subscription.recv()).await.unwrap().unwrap();
        follower.offer(&delivery, &mut steps);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_between_reading_and_listening_on_sqlite() {
    let world = World::sqlite(limits_with(RateLimit::MessagePerUser, 1_000, 1)).await;
    check_that_nothing_is_lost_between_reading_and_listening(world).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_between_reading_and_listening_on_postgres() {
    let world = World::postgres(limits_with(RateLimit::MessagePerUser, 1_000, 1)).await;
    check_that_nothing_is_lost_between_reading_and_listening(world).await;
}
