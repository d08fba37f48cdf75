// SPDX-License-Identifier: Apache-2.0
//! kill -9 in the middle of writing: every acknowledged write is there, and nothing is there by half.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use voz_domain::ids::{MessageId, StreamId};
use voz_storage::messages::{self, NewMessage, Page, Sent};
use voz_storage::{Access, Store, StoreConfig, StoreError, events};

use crate::fixture::{ANA, STREAM, TEXT, at, id, square, value};

const FOLDER: &str = "VOZ_TEST_CRASH_FOLDER";
const WRITERS: u128 = 8;

fn config(folder: &std::path::Path) -> StoreConfig {
    StoreConfig::Sqlite { folder: folder.to_owned(), access: Access::Serve }
}

/// A message and its event; gives the message's nonce.
async fn write(store: &Store, writer: u128, number: u128) -> String {
    let nonce = format!("{writer}-{number}");
    let new = NewMessage {
        id: MessageId(id(number)),
        channel: TEXT,
        author: ANA,
        content: "x".repeat(200),
        nonce: nonce.clone(),
        created_at: at(0),
    };
    let work = store.write(&[STREAM], |tx| {
        Box::pin(async move {
            let sent = messages::insert(tx, &new).await?;
            assert!(matches!(sent, Sent::New(_)));
            tx.append_event(STREAM, new.nonce.into_bytes(), at(0)).await
        })
    });
    let written: Result<i64, StoreError> = work.await.map(value);
    written.unwrap();
    nonce
}

/// The process that is killed: says each nonce once its write is acknowledged, without end.
#[ignore = "run by the test below"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let store = Store::open(config(folder.as_ref())).await.unwrap();
    let begin = u128::try_from(events::head(store.read(), STREAM).await.unwrap()).unwrap() + 1;
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        let store = store.clone();
        writers.spawn(async move {
            for number in begin.. {
                println!("acknowledged {}", write(&store, writer, number).await);
            }
        });
    }
    writers.join_all().await;
}

fn start(folder: &std::path::Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::child", "--ignored", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

#[tokio::test]
async fn what_was_acknowledged_outlives_kill_9() {
    let place = tempfile::tempdir().unwrap();
    let store = Store::open(config(place.path())).await.unwrap();
    square(&store).await;
    store.close().await;
    drop(store);

    let mut acknowledged = Vec::new();
    for round in 1..=4 {
        let mut child = start(place.path());
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let mut seen = 0;
        for line in said.by_ref() {
            // The test runner's own words may stand before the first.
            if let Some((_, nonce)) = line.split_once("acknowledged ") {
                acknowledged.push(nonce.to_owned());
                seen += 1;
                if seen == 40 * round {
                    break;
                }
            }
        }
        child.kill().unwrap();
        child.wait().unwrap();
        // What it said before it died counts too; the last line may be cut.
        let rest: Vec<String> = said.filter_map(|line| Some(line.split_once("acknowledged ")?.1.to_owned())).collect();
        acknowledged.extend(rest.into_iter().rev().skip(1));
        assert!(seen == 40 * round, "the child ended by itself");

        let store = Store::open(config(place.path())).await.unwrap();
        let stored =
            events::after(store.read(), StreamId::Community(crate::fixture::SQUARE), 0, u32::MAX).await.unwrap();
        let sequences: Vec<i64> = stored.iter().map(|event| event.sequence).collect();
        assert_eq!(sequences, (1..=i64::try_from(stored.len()).unwrap()).collect::<Vec<_>>());
        let page = messages::page(store.read(), TEXT, Page::Newest, 1_000_000).await.unwrap();
        let messages: Vec<String> = page.items.into_iter().map(|message| message.nonce).collect();
        let events: Vec<String> = stored.into_iter().map(|event| String::from_utf8(event.body).unwrap()).collect();
        assert_eq!(messages, events, "each message has its event, in the same order, and none is there twice");
        let kept: std::collections::HashSet<&String> = messages.iter().collect();
        let lost: Vec<&String> = acknowledged.iter().filter(|nonce| !kept.contains(nonce)).collect();
        assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
        store.close().await;
    }
}
