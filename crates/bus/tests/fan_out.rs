// SPDX-License-Identifier: Apache-2.0
//! Who gets what from the bus, in which order, and what happens to who does not keep up.

use bytes::Bytes;
use uuid::Uuid;
use voz_bus::{Audience, Bus, Delivery, Lagged, RateLimits, Subscription};
use voz_domain::ids::{CommunityId, StreamId, UserId};
use voz_domain::limits::Limits;

const SQUARE: StreamId = StreamId::Community(CommunityId(Uuid::from_u128(1)));
const PERSON: StreamId = StreamId::User(UserId(Uuid::from_u128(2)));

fn bus() -> Bus {
    Bus::local(RateLimits::new(Limits::default()))
}

fn durable(stream: StreamId, sequence: i64) -> Delivery {
    Delivery::Durable { stream, sequence, body: Bytes::from(sequence.to_string()) }
}

fn passing(stream: StreamId) -> Delivery {
    Delivery::Passing { stream, audience: Audience::All, body: Bytes::from_static(b"{}") }
}

fn waiting(subscription: &mut Subscription) -> Vec<Delivery> {
    std::iter::from_fn(|| subscription.try_recv()).map(Result::unwrap).collect()
}

#[test]
fn a_subscription_gets_what_it_follows_in_order() {
    let bus = bus();
    let (mut both, mut person) = (bus.subscribe(8), bus.subscribe(8));
    both.add(SQUARE);
    both.add(PERSON);
    both.add(SQUARE);
    person.add(PERSON);
    assert!(both.follows(SQUARE) && !person.follows(SQUARE));
    let all = [durable(SQUARE, 1), durable(PERSON, 1), passing(SQUARE), durable(SQUARE, 2)];
    for delivery in all.clone() {
        bus.publish(delivery);
    }
    assert_eq!(waiting(&mut both), all, "each once, though the square was added twice");
    assert_eq!(waiting(&mut person), [durable(PERSON, 1)]);
}

#[test]
fn what_is_not_followed_does_not_come() {
    let bus = bus();
    let mut subscription = bus.subscribe(8);
    bus.publish(durable(SQUARE, 1));
    subscription.add(SQUARE);
    bus.publish(durable(SQUARE, 2));
    subscription.remove(SQUARE);
    subscription.remove(SQUARE);
    bus.publish(durable(SQUARE, 3));
    assert_eq!(waiting(&mut subscription), [durable(SQUARE, 2)]);
}

#[tokio::test]
async fn who_falls_behind_is_told_and_holds_up_nobody() {
    let bus = bus();
    let (mut slow, mut quick) = (bus.subscribe(2), bus.subscribe(64));
    slow.add(SQUARE);
    quick.add(SQUARE);
    for sequence in 1..=2 {
        bus.publish(durable(SQUARE, sequence));
    }
    assert_eq!(slow.recv().await, Ok(durable(SQUARE, 1)), "a full queue is not yet too full");
    for sequence in 3..=50 {
        bus.publish(durable(SQUARE, sequence));
    }
    assert_eq!(slow.recv().await, Err(Lagged));
    bus.publish(durable(SQUARE, 51));
    assert_eq!(slow.recv().await, Err(Lagged), "for good");
    assert_eq!(waiting(&mut quick).len(), 51);
}

#[tokio::test]
async fn a_waiting_reader_is_woken() {
    let bus = bus();
    let mut subscription = bus.subscribe(1);
    subscription.add(SQUARE);
    let (ready, started) = tokio::sync::oneshot::channel();
    let reader = tokio::spawn(async move {
        ready.send(()).unwrap();
        subscription.recv().await
    });
    started.await.unwrap();
    bus.publish(durable(SQUARE, 1));
    assert_eq!(reader.await.unwrap(), Ok(durable(SQUARE, 1)));
}

#[tokio::test]
async fn a_receive_that_is_given_up_loses_nothing() {
    let bus = bus();
    let mut subscription = bus.subscribe(8);
    subscription.add(SQUARE);
    for sequence in 1..=3 {
        tokio::select! {
            biased;
            _ = subscription.recv() => panic!("nothing was published"),
            () = std::future::ready(()) => {}
        }
        bus.publish(durable(SQUARE, sequence));
        assert_eq!(subscription.recv().await, Ok(durable(SQUARE, sequence)));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_publishers_and_readers() {
    let bus = bus();
    let streams: Vec<StreamId> = (0..8).map(|n| StreamId::Community(CommunityId(Uuid::from_u128(n)))).collect();
    let mut readers = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let mut subscription = bus.subscribe(8 * 200);
        for stream in &streams {
            subscription.add(*stream);
        }
        let streams = streams.clone();
        readers.spawn(async move {
            let mut last = vec![0; streams.len()];
            for _ in 0..8 * 200 {
                let Ok(Delivery::Durable { stream, sequence, .. }) = subscription.recv().await else {
                    panic!("lagged")
                };
                let last = &mut last[streams.iter().position(|known| *known == stream).unwrap()];
                assert_eq!(sequence, *last + 1, "in order per stream");
                *last = sequence;
            }
        });
    }
    let mut publishers = tokio::task::JoinSet::new();
    for stream in streams {
        let bus = bus.clone();
        publishers.spawn(async move {
            for sequence in 1..=200 {
                bus.publish(durable(stream, sequence));
                tokio::task::yield_now().await;
            }
        });
    }
    publishers.join_all().await;
    readers.join_all().await;
}

#[test]
fn a_subscription_that_is_gone_gets_nothing_and_leaves_nothing() {
    let bus = bus();
    let mut subscription = bus.subscribe(8);
    subscription.add(SQUARE);
    subscription.add(PERSON);
    assert_eq!(bus.followed(), 2);
    drop(subscription);
    bus.publish(durable(SQUARE, 1));
    assert_eq!(bus.followed(), 0);
}
