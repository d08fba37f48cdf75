// SPDX-License-Identifier: Apache-2.0
//! What is old enough goes, and nothing that somebody still needs.

use std::collections::BTreeMap;

use time::Duration;
use voz_app::streams::Content;
use voz_app::{ENDED_SESSIONS_KEPT, EVENTS_KEPT, Pruned};
use voz_domain::ids::StreamId;
use voz_domain::limits::Limits;
use voz_protocol::errors::ErrorCode;
use voz_protocol::instance::SignUpMode;
use voz_protocol::messages::HistoryQuery;

use crate::world::*;

on_both_engines! {
    async fn old_events_go_and_who_was_away_for_longer_gets_a_snapshot(world: World) {
        let square = world.set_up(SignUpMode::Invite).await;
        let stream = StreamId::Community(square.community);
        let bia = world.member(&square, "bia").await;
        // More than one unit of work deletes.
        for number in 0..520 {
            world.pass(Duration::seconds(10));
            world.send(&square.owner, square.text, &format!("velha {number}"), &format!("n{number}")).await.unwrap();
        }
        let head = voz_storage::events::head(world.store.read(), stream).await.unwrap();
        let cursors = |at: i64| BTreeMap::from([(stream.to_string(), world.app.cursors().seal(stream, at))]);
        world.pass(EVENTS_KEPT + Duration::seconds(1));
        world.send(&square.owner, square.text, "nova", "n").await.unwrap();

        let pruned = world.app.keep_house(&world.moment()).await.unwrap();
        assert!(pruned.events >= 520, "{pruned:?}");
        assert_eq!(world.app.keep_house(&world.moment()).await.unwrap(), Pruned::default());

        let content = async |at: i64| {
            let mut subscription = world.app.subscribe(10);
            let session = world.sign_in("bia", PASSWORD).await.unwrap();
            let bia = world.actor(&session).await;
            let resumption = world.app.resume(&world.moment(), &bia, &cursors(at), &mut subscription).await.unwrap();
            resumption.readings.into_iter().find(|reading| reading.stream == stream).unwrap().content
        };
        match content(head).await {
            Content::Missed { events, .. } => assert_eq!(events.len(), 1, "what is new is replayed"),
            other @ Content::Snapshot { .. } => panic!("{other:?}"),
        }
        match content(head - 1).await {
            Content::Snapshot { at, .. } => assert_eq!(at, head + 1),
            other @ Content::Missed { .. } => panic!("{other:?}"),
        }
        let newest = HistoryQuery { before: None, after: None, limit: Some(50) };
        let page = world.app.message_history(&bia, square.text, newest).await;
        assert_eq!(page.unwrap().items.len(), 50, "messages are no events: they stay");
    }

    async fn ended_sessions_go_after_their_time_and_living_ones_stay(world: World) {
        let square = world.set_up(SignUpMode::Invite).await;
        let ended = world.member(&square, "bia").await;
        world.app.sign_out(&mut world.moment(), &ended).await.unwrap();
        world.pass(ENDED_SESSIONS_KEPT - Duration::minutes(1));
        let living = world.sign_in("bia", PASSWORD).await.unwrap();
        assert_eq!(world.app.keep_house(&world.moment()).await.unwrap().sessions, 0);
        world.pass(Duration::minutes(2));
        assert_eq!(world.app.keep_house(&world.moment()).await.unwrap().sessions, 1);
        let refreshed = world.app.refresh(&mut world.moment(), home(), living.refresh_token.reveal()).await;
        assert!(refreshed.is_ok());
        let gone = world.app.refresh(&mut world.moment(), home(), "x").await.unwrap_err();
        assert_eq!(gone.code(), ErrorCode::Unauthenticated);
    }
}
