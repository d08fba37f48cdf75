// SPDX-License-Identifier: Apache-2.0
//! Messages: once per nonce, in order, page by page.

use voz_app::Sent;
use voz_domain::ids::StreamId;
use voz_domain::limits::{Limits, RateLimit};
use voz_protocol::channels::ChannelKind;
use voz_protocol::errors::{ErrorCode, FieldError};
use voz_protocol::gateway::ServerEvent;
use voz_protocol::instance::SignUpMode;
use voz_protocol::messages::HistoryQuery;

use crate::world::*;

on_both_engines! {
    async fn a_message_sent_again_is_the_message_that_was_stored(world: World) {
        let square = world.set_up(SignUpMode::Invite).await;
        let mut heard = world.listen([StreamId::Community(square.community)]);
        let Sent::New(first) = world.send(&square.owner, square.text, "oi", "n").await.unwrap() else { panic!("new") };
        let again = world.send(&square.owner, square.text, "outra coisa", "n").await.unwrap();
        assert_eq!(again, Sent::Before(first.clone()));
        heard.next().await;
        assert!(heard.is_silent().await, "told once");

        let bia = world.member(&square, "Bia").await;
        let Sent::New(hers) = world.send(&bia, square.text, "oi", "n").await.unwrap() else { panic!("another author") };
        assert!(hers.id > first.id);

        let other = named(ChannelKind::Text, "outro");
        let other = world.app.channel_create(&mut world.moment(), &square.owner, square.community, other).await.unwrap();
        let elsewhere = world.send(&square.owner, channel_id(&other), "oi", "n").await;
        assert_eq!(elsewhere.code(), ErrorCode::BadRequest);
    }

    async fn sent_many_times_at_once_it_is_stored_once(world: World) {
        let square = world.set_up(SignUpMode::Invite).await;
        let (a, b, c) = tokio::join!(
            world.send(&square.owner, square.text, "oi", "n"),
            world.send(&square.owner, square.text, "oi", "n"),
            world.send(&square.owner, square.text, "oi", "n"),
        );
        let outcomes = [a.unwrap(), b.unwrap(), c.unwrap()];
        assert_eq!(outcomes.iter().filter(|sent| matches!(sent, Sent::New(_))).count(), 1);
        let page = world.app.message_history(&square.owner, square.text, HistoryQuery::default()).await.unwrap();
        assert_eq!(page.items.len(), 1);
        for Sent::New(message) | Sent::Before(message) in outcomes {
            assert_eq!(message, page.items[0]);
        }
    }

    async fn the_order_of_events_is_the_order_of_history(world: World) {
        let square = world.set_up(SignUpMode::Invite).await;
        let mut heard = world.listen([StreamId::Community(square.community)]);
        let sending = ["1", "2", "3", "4", "5", "6"].map(|nonce| world.send(&square.owner, square.text, nonce, nonce));
        let [a, b, c, d, e, f] = sending;
        let (a, b, c, d, e, f) = tokio::join!(a, b, c, d, e, f);
        for sent in [a, b, c, d, e, f] {
            sent.unwrap();
        }
        let mut told = Vec::new();
        for _ in 0..6 {
            let (_, sequence, event) = heard.next().await;
            let ServerEvent::MessageCreated(message) = event else { panic!("{event:?}") };
            told.push((sequence, message));
        }
        told.sort_by_key(|(sequence, _)| *sequence);
        let told: Vec<_> = told.into_iter().map(|(_, message)| message).collect();
        let page = world.app.message_history(&square.owner, square.text, HistoryQuery::default()).await.unwrap();
        assert_eq!(page.items, told);
    }

    async fn history_is_read_page_by_page_in_both_directions(world: World) {
        let square = world.set_up(SignUpMode::Invite).await;
        let mut ids = Vec::new();
        for nonce in ["1", "2", "3", "4", "5"] {
            let Sent::New(message) = world.send(&square.owner, square.text, nonce, nonce).await.unwrap() else {
                panic!("new")
            };
            ids.push(message.id);
        }
        let read = async |before, after, limit| {
            let query = HistoryQuery { before, after, limit };
            let page = world.app.message_history(&square.owner, square.text, query).await.unwrap();
            (page.items.into_iter().map(|message| message.id).collect::<Vec<_>>(), page.has_more)
        };
        assert_eq!(read(None, None, Some(2)).await, (ids[3..].to_vec(), true));
        assert_eq!(read(Some(ids[3]), None, Some(2)).await, (ids[1..3].to_vec(), true));
        assert_eq!(read(Some(ids[1]), None, Some(2)).await, (ids[..1].to_vec(), false));
        assert_eq!(read(None, Some(ids[0]), Some(3)).await, (ids[1..4].to_vec(), true));
        assert_eq!(read(None, Some(ids[2]), None).await, (ids[3..].to_vec(), false));
        assert_eq!(read(None, None, None).await, (ids.clone(), false));
    }
}

#[tokio::test]
async fn what_can_not_be_asked_or_sent_is_refused() {
    let world = World::sqlite(Limits::default()).await;
    let square = world.set_up(SignUpMode::Invite).await;
    let (app, owner) = (&world.app, &square.owner);
    for limit in [0, 101] {
        let query = HistoryQuery { limit: Some(limit), ..HistoryQuery::default() };
        let refused = app.message_history(owner, square.text, query).await.unwrap_err();
        assert_eq!(refused.fields().get("limit"), Some(&FieldError::OutOfRange));
    }
    let both = HistoryQuery { before: Some(square.text.0), after: Some(square.text.0), limit: None };
    assert_eq!(app.message_history(owner, square.text, both).await.code(), ErrorCode::BadRequest);
    assert_eq!(world.send(owner, square.room, "oi", "n").await.code(), ErrorCode::BadRequest, "a room takes no text");
    for (content, nonce, field) in
        [(" \n ", "n", "content"), (&*"x".repeat(4001), "n", "content"), ("oi", "", "nonce"), ("oi", "a b", "nonce")]
    {
        let refused = world.send(owner, square.text, content, nonce).await.unwrap_err();
        assert_eq!(refused.fields().into_keys().collect::<Vec<_>>(), [field]);
    }
    app.channel_delete(&mut world.moment(), owner, square.text).await.unwrap();
    assert_eq!(world.send(owner, square.text, "oi", "n").await.code(), ErrorCode::NotFound);
    assert_eq!(app.message_history(owner, square.text, HistoryQuery::default()).await.code(), ErrorCode::NotFound);
}

#[tokio::test]
async fn who_writes_too_fast_waits() {
    let world = World::sqlite(limits_with(RateLimit::MessagePerUser, 2, 10)).await;
    let square = world.set_up(SignUpMode::Invite).await;
    let bia = world.member(&square, "Bia").await;
    for nonce in ["1", "2"] {
        world.send(&bia, square.text, "oi", nonce).await.unwrap();
    }
    let refused = world.send(&bia, square.text, "oi", "3").await.unwrap_err();
    assert_eq!((refused.code(), refused.retry_after_s()), (ErrorCode::RateLimited, Some(5)));
    world.send(&square.owner, square.text, "oi", "4").await.unwrap();
    world.pass(time::Duration::seconds(5));
    world.send(&bia, square.text, "oi", "3").await.unwrap();
}
