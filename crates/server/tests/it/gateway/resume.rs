// SPDX-License-Identifier: Apache-2.0
//! Beginning and going on: snapshots, what was missed, cursors.

use std::collections::BTreeMap;

use futures_util::StreamExt;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{Socket, World, contents, types};

#[tokio::test]
async fn a_fresh_start_tells_everything_in_order() {
    let world = World::new().await;
    let mut socket = Socket::open(&world.member).await;
    let frames = socket.resume(BTreeMap::new()).await;
    assert_eq!(types(&frames), ["ready", "user_snapshot", "community_snapshot"]);
    let (ready, user, community) = (&frames[0]["data"], &frames[1], &frames[2]);
    let own = format!("user:{}", world.member.user_id().await);
    assert_eq!(ready["streams"], json!([own, world.stream()]));
    assert_eq!(ready["resumed"], json!([]));
    assert_eq!(ready["me"]["user"]["username"], "bia");
    assert!(ready.get("voice").is_none());
    assert_eq!((&user["stream"], &user["data"]), (&json!(own), &ready["me"]));
    assert_eq!(community["stream"], json!(world.stream()));
    let data = &community["data"];
    assert_eq!(data["community"]["name"], "Escola");
    assert_eq!(data["community"]["rules"], json!({ "version": 1, "text": "Respeito." }));
    let names = |list: &Value, pointer: &str| -> Vec<String> {
        let list = list.as_array().unwrap().iter();
        list.map(|one| one.pointer(pointer).unwrap().as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&data["members"], "/user/username"), ["ana", "bia"]);
    assert_eq!(names(&data["members"], "/role"), ["owner", "member"]);
    let mut channels = names(&data["channels"], "/name");
    channels.sort();
    assert_eq!(channels, ["Sala 1", "geral"]);
    assert_eq!(data["permissions"], json!(["view_channels", "send_messages", "join_rooms", "speak"]));
    assert_eq!(data["voice_rooms"], json!([]));
}

#[tokio::test]
async fn what_was_missed_comes_once_and_in_order_then_life_goes_on() {
    let world = World::new().await;
    let mut before = Socket::fresh(&world.member).await;
    world.say(&world.owner, "zero").await;
    assert_eq!(before.event("message_created").await["data"]["content"], "zero");
    let cursors = before.vanish();

    for content in ["um", "dois", "três"] {
        world.say(&world.owner, content).await;
    }
    let renamed = world.owner.patch(&format!("/api/v1/channels/{}", world.text), json!({ "name": "conversa" })).await;
    assert_eq!(renamed.status, StatusCode::OK);

    let mut socket = Socket::open(&world.member).await;
    let frames = socket.resume(cursors.clone()).await;
    assert_eq!(frames[0]["data"]["resumed"], frames[0]["data"]["streams"]);
    assert_eq!(contents(&frames), ["um", "dois", "três"]);
    assert_eq!(types(&frames[4..]), ["channel_updated", "voice_rooms"]);
    world.say(&world.owner, "quatro").await;
    assert_eq!(socket.event("message_created").await["data"]["content"], "quatro");
    assert!(contents(&socket.so_far().await).is_empty());

    // The cursors of before still stand for what they stood for.
    let mut again = Socket::open(&world.member).await;
    assert_eq!(contents(&again.resume(cursors).await), ["um", "dois", "três", "quatro"]);
    // And nothing was missed since the newest ones.
    let cursors = again.vanish();
    let mut nothing = Socket::open(&world.member).await;
    assert_eq!(types(&nothing.resume(cursors).await), ["ready", "voice_rooms"]);
}

#[tokio::test]
async fn cursors_of_another_stream_and_garbage_bring_snapshots() {
    let world = World::new().await;
    let cursors = Socket::fresh(&world.member).await.vanish();
    let own = cursors.keys().find(|stream| stream.starts_with("user:")).unwrap().clone();
    let good = cursors[&own].clone();
    for bad in [good.clone(), "garbage".to_owned(), String::new(), cursors[&world.stream()].to_lowercase()] {
        let mut socket = Socket::open(&world.member).await;
        let cursors = BTreeMap::from([(own.clone(), good.clone()), (world.stream(), bad)]);
        let frames = socket.resume(cursors).await;
        assert_eq!(types(&frames), ["ready", "community_snapshot"]);
        assert_eq!(frames[0]["data"]["resumed"], json!([own]));
    }
}

#[tokio::test]
async fn who_missed_too_much_gets_a_snapshot_and_who_listened_got_it_all() {
    const MESSAGES: usize = 501;
    let world = World::new().await;
    let cursors = Socket::fresh(&world.member).await.vanish();
    let mut listening = Socket::fresh(&world.member).await;
    // At once, so that their commits and deliveries race.
    let texts: Vec<String> = (0..MESSAGES).map(|index| format!("mensagem {index}")).collect();
    let sending = async {
        let sends = texts.iter().map(|text| world.say(&world.owner, text));
        futures_util::stream::iter(sends).buffer_unordered(16).collect::<Vec<()>>().await;
    };
    let hearing = async {
        let mut heard = Vec::new();
        while heard.len() < MESSAGES {
            let frame = listening.event("message_created").await;
            heard.push(frame["data"]["id"].as_str().unwrap().to_owned());
        }
        heard
    };
    let ((), mut heard) = tokio::join!(sending, hearing);
    // The order of events is the order of ids.
    assert!(heard.is_sorted());
    heard.dedup();
    assert_eq!(heard.len(), MESSAGES);

    let mut socket = Socket::open(&world.member).await;
    let frames = socket.resume(cursors).await;
    assert_eq!(types(&frames), ["ready", "community_snapshot"]);
    let mut up_to_date = Socket::open(&world.member).await;
    assert_eq!(types(&up_to_date.resume(listening.vanish()).await), ["ready", "voice_rooms"]);
    // The snapshot stands at the newest event.
    world.say(&world.owner, "depois").await;
    assert_eq!(socket.event("message_created").await["data"]["content"], "depois");
}

#[tokio::test]
async fn cursors_outlive_the_server_and_the_epoch_tells() {
    let mut world = World::new().await;
    let mut socket = Socket::open(&world.member).await;
    let frames = socket.resume(BTreeMap::new()).await;
    world.say(&world.owner, "antes").await;
    socket.event("message_created").await;
    let cursors = socket.vanish();
    world.say(&world.owner, "perdida").await;
    world.instance = world.instance.restart().await;
    world.member.url = world.instance.running.url.clone();
    let mut socket = Socket::open(&world.member).await;
    let again = socket.resume(cursors).await;
    assert_eq!(contents(&again), ["perdida"]);
    assert_ne!(frames[0]["data"]["epoch"], again[0]["data"]["epoch"]);
    assert_eq!(frames[0]["data"]["session_id"], again[0]["data"]["session_id"]);
}
