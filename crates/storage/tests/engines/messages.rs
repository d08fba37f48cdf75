// SPDX-License-Identifier: Apache-2.0
//! Messages and their history.

use voz_domain::ids::{MessageId, UserId};
use voz_storage::messages::{self, NewMessage, Page, Sent};
use voz_storage::{Store, StoreError};

use crate::fixture::{ANA, BIA, STREAM, TEXT, at, id, on_both_engines, square, value};

fn new(number: u128, author: UserId, nonce: &str) -> NewMessage {
    NewMessage {
        id: MessageId(id(number)),
        channel: TEXT,
        author,
        content: format!("olá {number} ção 🎉\nlinha"),
        nonce: nonce.to_owned(),
        created_at: at(1) + time::Duration::nanoseconds(1_234_567),
    }
}

async fn send(store: &Store, message: NewMessage) -> Sent {
    let work = store.write(&[STREAM], |tx| Box::pin(async move { messages::insert(tx, &message).await }));
    let sent: Result<_, StoreError> = work.await.map(value);
    sent.unwrap()
}

async fn page(store: &Store, page: Page, limit: u32) -> (Vec<u128>, bool) {
    let page = messages::page(store.read(), TEXT, page, limit).await.unwrap();
    (page.items.into_iter().map(|message| message.id.0.as_u128()).collect(), page.has_more)
}

on_both_engines! {
    async fn a_message_comes_back_as_it_was_stored(store: Store) {
        square(&store).await;
        let Sent::New(message) = send(&store, new(10, ANA, "n")).await else { panic!("it is new") };
        assert_eq!(message.content, "olá 10 ção 🎉\nlinha");
        assert_eq!(message.created_at, at(1) + time::Duration::microseconds(1234), "cut to µs");
        assert_eq!(message.created_at, voz_storage::to_stored_precision(new(10, ANA, "n").created_at));
        assert_eq!(message.author.username, "Ana");
        let history = messages::page(store.read(), TEXT, Page::Newest, 10).await.unwrap();
        assert_eq!((history.items, history.has_more), (vec![message], false));
    }

    async fn a_nonce_is_sent_once_per_author(store: Store) {
        square(&store).await;
        let Sent::New(first) = send(&store, new(10, ANA, "n")).await else { panic!("it is new") };
        assert_eq!(send(&store, new(11, ANA, "n")).await, Sent::Before(first));
        assert!(matches!(send(&store, new(12, BIA, "n")).await, Sent::New(_)), "Bia's nonces are her own");
        assert_eq!(page(&store, Page::Newest, 10).await, (vec![10, 12], false));
    }

    async fn of_many_sends_of_one_nonce_one_is_stored(store: Store) {
        square(&store).await;
        let mut senders = tokio::task::JoinSet::new();
        for n in 0..10 {
            let store = store.clone();
            senders.spawn(async move { send(&store, new(10 + n, ANA, "same")).await });
        }
        let sent = senders.join_all().await;
        assert_eq!(sent.iter().filter(|sent| matches!(sent, Sent::New(_))).count(), 1);
        let ids: std::collections::BTreeSet<_> = sent.iter().map(|(Sent::New(message) | Sent::Before(message))| message.id).collect();
        assert_eq!(ids.len(), 1, "all were told of the same message");
        assert_eq!(page(&store, Page::Newest, 10).await.0.len(), 1);
    }

    async fn history_is_paged_by_id(store: Store) {
        square(&store).await;
        for n in 1..=7 {
            assert!(matches!(send(&store, new(n * 10, ANA, &n.to_string())).await, Sent::New(_)));
        }
        let before = |n| Page::Before(MessageId(id(n)));
        let after = |n| Page::After(MessageId(id(n)));
        assert_eq!(page(&store, Page::Newest, 3).await, (vec![50, 60, 70], true));
        assert_eq!(page(&store, before(50), 3).await, (vec![20, 30, 40], true));
        assert_eq!(page(&store, before(20), 3).await, (vec![10], false));
        assert_eq!(page(&store, before(10), 3).await, (vec![], false));
        assert_eq!(page(&store, after(40), 2).await, (vec![50, 60], true));
        assert_eq!(page(&store, after(40), 3).await, (vec![50, 60, 70], false), "exactly a page is not more");
        assert_eq!(page(&store, after(45), 9).await, (vec![50, 60, 70], false), "an id that is not there is a place too");
        assert_eq!(page(&store, Page::Newest, 7).await, ((1..=7).map(|n| n * 10).collect(), false));
    }

    async fn the_order_of_ids_is_the_order_of_commits(store: Store) {
        square(&store).await;
        // A clock that goes back, and two in the same ms.
        for (wanted, nonce, given) in [(100, "a", 100), (50, "b", 101), (101, "c", 102), (200, "d", 200)] {
            let Sent::New(message) = send(&store, new(wanted, ANA, nonce)).await else { panic!("it is new") };
            assert_eq!(message.id, MessageId(id(given)));
        }
    }
}
