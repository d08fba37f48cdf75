// SPDX-License-Identifier: Apache-2.0
//! Units of work: all or nothing, alone or in a crowd, with gapless sequences of events.

use std::collections::BTreeMap;

use voz_domain::ids::{CommunityId, StreamId, UserId};
use voz_storage::{Store, StoreError, StoredEvent, Tx, events, users};

use crate::fixture::{ANA, BIA, STREAM, at, id, new_user, on_both_engines, value};

async fn append(tx: &Tx, stream: StreamId, body: &str) -> Result<i64, StoreError> {
    tx.append_event(stream, body.as_bytes().to_vec(), at(0)).await
}

fn event(stream: StreamId, sequence: i64, body: &str) -> StoredEvent {
    StoredEvent { stream, sequence, body: body.as_bytes().to_vec() }
}

on_both_engines! {
    async fn events_go_to_the_publisher_and_to_the_table(store: Store) {
        let person = StreamId::User(ANA);
        let streams = [STREAM, person, STREAM];
        let work = store.write(&streams, move |tx| Box::pin(async move {
            Ok::<_, StoreError>([append(tx, STREAM, "a").await?, append(tx, person, "b").await?, append(tx, STREAM, "c").await?])
        }));
        let mut published = Vec::new();
        let sequences = work.await.unwrap().publish(|event| published.push(event));
        assert_eq!(sequences, [1, 1, 2]);
        assert_eq!(published, [event(STREAM, 1, "a"), event(person, 1, "b"), event(STREAM, 2, "c")]);
        assert_eq!(events::after(store.read(), STREAM, 0, 10).await, Ok(vec![event(STREAM, 1, "a"), event(STREAM, 2, "c")]));
        assert_eq!(events::after(store.read(), STREAM, 1, 10).await, Ok(vec![event(STREAM, 2, "c")]));
        assert_eq!(events::after(store.read(), STREAM, 0, 1).await, Ok(vec![event(STREAM, 1, "a")]));
        assert_eq!(events::head(store.read(), STREAM).await, Ok(2));
        assert_eq!(events::head(store.read(), StreamId::User(BIA)).await, Ok(0));
        let mut heads = events::heads(store.read(), [person, StreamId::User(BIA), STREAM]).await.unwrap();
        heads.sort_unstable();
        assert_eq!(heads, [(STREAM, 2), (person, 1)]);
    }

    async fn a_stream_that_was_not_named_is_refused(store: Store) {
        let work = store.write(&[STREAM], |tx| Box::pin(async move { append(tx, StreamId::User(ANA), "x").await }));
        let refused: Result<_, StoreError> = work.await.map(value);
        assert!(matches!(refused, Err(StoreError::Fault(_))), "{refused:?}");
    }

    async fn a_unit_that_says_no_leaves_nothing(store: Store) {
        #[derive(Debug, PartialEq)]
        enum Refusal { Because(&'static str), Store(StoreError) }
        impl From<StoreError> for Refusal { fn from(error: StoreError) -> Self { Refusal::Store(error) } }
        let new = new_user(ANA, "Ana");
        let work = store.write(&[STREAM], |tx| Box::pin(async move {
            users::insert(tx, &new).await?;
            append(tx, STREAM, "x").await?;
            Err::<(), _>(Refusal::Because("not today"))
        }));
        assert_eq!(work.await.map(value), Err(Refusal::Because("not today")));
        assert_eq!(users::by_id(store.read(), ANA).await, Ok(None));
        assert_eq!(events::head(store.read(), STREAM).await, Ok(0));
        assert_eq!(events::after(store.read(), STREAM, 0, 10).await, Ok(vec![]));
    }

    async fn nothing_is_written_after_an_error_even_if_the_unit_goes_on(store: Store) {
        crate::fixture::add_user(&store, ANA, "Ana").await.unwrap();
        let (again, other) = (new_user(UserId(id(7)), "ana"), new_user(BIA, "Bia"));
        let work = store.write(&[], |tx| Box::pin(async move {
            assert_eq!(users::insert(tx, &again).await, Err(StoreError::Conflict));
            assert!(matches!(users::insert(tx, &other).await, Err(StoreError::Fault(_))));
            Ok::<_, StoreError>(())
        }));
        assert!(matches!(work.await.map(value), Err(StoreError::Fault(_))));
        assert_eq!(users::by_id(store.read(), BIA).await, Ok(None));
    }

    async fn a_panic_ends_its_own_unit_only(store: Store) {
        let new = new_user(ANA, "Ana");
        let work = store.write(&[STREAM], |tx| Box::pin(async move {
            users::insert(tx, &new).await?;
            assert_eq!(append(tx, STREAM, "x").await?, 2, "this one panics on purpose");
            Ok::<_, StoreError>(())
        }));
        assert!(matches!(work.await.map(value), Err(StoreError::Fault(_))));
        assert_eq!(users::by_id(store.read(), ANA).await, Ok(None));
        assert!(crate::fixture::add_user(&store, ANA, "Ana").await.is_ok(), "the writer lives on");
    }

    async fn sequences_are_gapless_in_a_crowd_where_some_fail(store: Store) {
        let streams: Vec<StreamId> = (0..4).map(|n| StreamId::Community(CommunityId(id(n)))).collect();
        let mut crowd = tokio::task::JoinSet::new();
        for n in 0..160_usize {
            let (store, one, two) = (store.clone(), streams[n % 4], streams[(n / 4 + 1) % 4]);
            crowd.spawn(async move {
                let streams = [one, two];
                let work = store.write(&streams, move |tx| Box::pin(async move {
                    append(tx, one, &n.to_string()).await?;
                    append(tx, two, &n.to_string()).await?;
                    if n % 5 == 0 { Err(StoreError::Conflict) } else { Ok(()) }
                }));
                let mut published = Vec::new();
                work.await.map(|committed| committed.publish(|event| published.push(event))).map(|()| published)
            });
        }
        let outcomes = crowd.join_all().await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_err()).count(), 32);
        assert!(outcomes.iter().all(|outcome| matches!(outcome, Ok(_) | Err(StoreError::Conflict))), "{outcomes:?}");
        let mut told: BTreeMap<StreamId, Vec<StoredEvent>> = BTreeMap::new();
        for event in outcomes.into_iter().flatten().flatten() {
            told.entry(event.stream).or_default().push(event);
        }
        for stream in streams {
            let stored = events::after(store.read(), stream, 0, 1000).await.unwrap();
            let sequences: Vec<i64> = stored.iter().map(|event| event.sequence).collect();
            assert_eq!(sequences, (1..=i64::try_from(stored.len()).unwrap()).collect::<Vec<_>>());
            assert_eq!(events::head(store.read(), stream).await.unwrap(), *sequences.last().unwrap());
            let mut told = told.remove(&stream).unwrap();
            told.sort_unstable_by_key(|event| event.sequence);
            assert_eq!(told, stored, "what was published is what is stored");
        }
    }

    async fn a_snapshot_keeps_to_one_state(store: Store) {
        let write = |body: &'static str| {
            let store = store.clone();
            async move {
                let work = store.write(&[STREAM], move |tx| Box::pin(async move { append(tx, STREAM, body).await }));
                let written: Result<_, StoreError> = work.await.map(value);
                written.unwrap()
            }
        };
        write("a").await;
        let snapshot = store.snapshot().await.unwrap();
        assert_eq!(events::head(&snapshot, STREAM).await, Ok(1));
        write("b").await;
        assert_eq!(events::head(store.read(), STREAM).await, Ok(2));
        assert_eq!(events::head(&snapshot, STREAM).await, Ok(1));
        assert_eq!(events::after(&snapshot, STREAM, 0, 10).await.map(|events| events.len()), Ok(1));
        drop(snapshot);
        assert_eq!(events::head(&store.snapshot().await.unwrap(), STREAM).await, Ok(2));
    }

    async fn the_work_of_a_caller_who_left_is_done(store: Store) {
        let new = new_user(ANA, "Ana");
        let (begun, wait) = tokio::sync::oneshot::channel();
        let caller = tokio::spawn({
            let store = store.clone();
            async move {
                let work = store.write(&[], |tx| Box::pin(async move {
                    begun.send(()).unwrap();
                    users::insert(tx, &new).await
                }));
                work.await.map(value)
            }
        });
        wait.await.unwrap();
        caller.abort();
        // On PostgreSQL nothing queues behind it: look until it is there.
        while users::by_id(store.read(), ANA).await.unwrap().is_none() {
            tokio::task::yield_now().await;
        }
    }

    async fn a_closed_store_has_done_what_was_handed_in(store: Store) {
        let mut crowd = tokio::task::JoinSet::new();
        for n in 0..20 {
            let store = store.clone();
            crowd.spawn(async move { crate::fixture::add_user(&store, UserId(id(n)), &format!("u{n}")).await.is_ok() });
        }
        while let Some(done) = crowd.join_next().await {
            assert!(done.unwrap());
        }
        store.close().await;
        let late = crate::fixture::add_user(&store, ANA, "Ana").await;
        assert!(matches!(late, Err(StoreError::Unavailable(_))), "{late:?}");
    }
}
