// SPDX-License-Identifier: Apache-2.0
//! How a socket ends, and that a client can go on after it.

use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{Error, Message};
use voz_protocol::gateway::close;

use super::{SOON, Socket, World};

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "a promise about a real second")]
async fn signing_out_elsewhere_closes_within_a_second() {
    let world = World::new().await;
    let other = world.sign_in("bia").await;
    let mut here = Socket::fresh(&world.member).await;
    let mut there = Socket::fresh(&other).await;
    let (mut unresumed, before) = (Socket::open(&other).await, Instant::now());
    assert_eq!(other.delete("/api/v1/sessions/current").await.status, StatusCode::NO_CONTENT);
    let ended = there.event("session_ended").await;
    assert_eq!(there.closed().await, close::SESSION_ENDED);
    assert!(before.elapsed() < Duration::from_secs(1), "{:?}", before.elapsed());
    // The other device is told, and stays.
    assert_eq!(here.event("session_ended").await["data"], ended["data"]);
    assert!(here.so_far().await.is_empty());
    // A socket that had not said anything yet finds out when it does.
    let id = unresumed.send("resume", json!({})).await;
    assert_eq!(unresumed.reply(id).await.1["error"]["code"], "unauthenticated");
    assert_eq!(unresumed.closed().await, close::SESSION_ENDED);
    assert_eq!(Socket::try_open(&other, None).await.err(), Some(StatusCode::UNAUTHORIZED));
}

#[tokio::test]
async fn without_resume_in_time_the_socket_is_closed() {
    let world = World::with(|config| config.limits.gateway_resume_s = 1).await;
    let mut socket = Socket::open(&world.member).await;
    let id = socket.send("heartbeat", json!({})).await;
    assert_eq!(socket.reply(id).await.1["error"]["code"], "command_unexpected");
    assert_eq!(socket.closed().await, close::PROTOCOL);
}

#[tokio::test]
async fn unreadable_frames_close_and_unknown_commands_do_not() {
    let world = World::new().await;
    let mut socket = Socket::fresh(&world.member).await;
    let id = socket.send("dance", json!({})).await;
    assert_eq!(socket.reply(id).await.1["error"]["code"], "command_unexpected");
    let id = socket.send("voice_join", json!({ "channel_id": 1 })).await;
    assert_eq!(socket.reply(id).await.1["error"]["code"], "bad_request");
    let id = socket.send("resume", json!({})).await;
    assert_eq!(socket.reply(id).await.1["error"]["code"], "command_unexpected");

    let just_too_large = format!(r#"{{"id":1,"type":"heartbeat","data":{{}},"x":"{}"}}"#, "a".repeat(64 * 1024));
    for text in ["", "nonsense", "[]", r#"{"type":"heartbeat"}"#, &just_too_large] {
        let mut socket = Socket::fresh(&world.member).await;
        socket.send_text(text).await;
        assert_eq!(socket.closed().await, close::PROTOCOL, "{}", &text[..text.len().min(40)]);
    }
    // What is far too large is cut off while it is being sent, and the connection with it; the close
    // frame may be lost then.
    let mut socket = Socket::fresh(&world.member).await;
    let _ = socket.stream.send(Message::text("a".repeat(1024 * 1024))).await;
    match timeout(SOON, socket.stream.next()).await.unwrap() {
        Some(Ok(Message::Close(frame))) => assert_eq!(u16::from(frame.unwrap().code), close::PROTOCOL),
        None | Some(Err(_)) => {}
        Some(Ok(other)) => panic!("{other:?}"),
    }
    let mut socket = Socket::fresh(&world.member).await;
    socket.stream.send(Message::binary(vec![1, 2, 3])).await.unwrap();
    assert_eq!(socket.closed().await, close::PROTOCOL);
}

#[tokio::test]
async fn a_frame_at_the_limit_is_taken() {
    let world = World::new().await;
    let mut socket = Socket::fresh(&world.member).await;
    let frame = json!({ "id": 99, "type": "heartbeat", "data": {}, "x": "" }).to_string();
    let filling = "a".repeat(64 * 1024 - frame.len());
    socket.send_text(&frame.replace(r#""x":"""#, &format!(r#""x":"{filling}""#))).await;
    assert_eq!(socket.reply(99).await.1["result"]["type"], "done");
}

#[tokio::test]
async fn pings_are_answered_and_a_close_of_the_client_is_confirmed() {
    let world = World::new().await;
    let mut socket = Socket::fresh(&world.member).await;
    socket.stream.send(Message::Ping("eco".into())).await.unwrap();
    let pong = socket.stream.next().await.unwrap().unwrap();
    assert_eq!(pong, Message::Pong("eco".into()));
    socket.stream.close(None).await.unwrap();
    loop {
        match socket.stream.next().await {
            Some(Ok(Message::Close(_))) => {}
            None | Some(Err(Error::ConnectionClosed)) => break,
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn too_many_commands_close() {
    let world = World::with(|config| {
        config.limits.rates.gateway_command_per_session.0.burst = 5;
        config.limits.rates.gateway_command_per_session.0.period = Duration::from_secs(600);
    })
    .await;
    let mut socket = Socket::fresh(&world.member).await;
    for _ in 0..4 {
        let id = socket.send("heartbeat", json!({})).await;
        assert_eq!(socket.reply(id).await.1["result"]["type"], "done");
    }
    socket.send("heartbeat", json!({})).await;
    assert_eq!(socket.closed().await, close::RATE_LIMITED);
}

#[tokio::test]
async fn too_many_connections_are_refused() {
    let world = World::with(|config| {
        config.limits.rates.gateway_per_network.0.burst = 3;
        config.limits.rates.gateway_per_network.0.period = Duration::from_secs(600);
    })
    .await;
    // The first was the look at the communities.
    let _open = [Socket::open(&world.member).await, Socket::open(&world.owner).await];
    assert_eq!(Socket::try_open(&world.member, None).await.err(), Some(StatusCode::TOO_MANY_REQUESTS));
}

#[tokio::test]
async fn a_server_that_stops_says_so() {
    let world = World::with(|config| config.limits.drain_s = 5).await;
    let mut resumed = Socket::fresh(&world.member).await;
    let mut silent = Socket::open(&world.owner).await;
    let (first, second, ()) = tokio::join!(resumed.closed(), silent.closed(), world.instance.running.stop());
    assert_eq!((first, second), (close::SERVER_STOPPING, close::SERVER_STOPPING));
}

#[tokio::test]
async fn a_client_that_does_not_read_is_dropped_and_misses_nothing_when_it_returns() {
    const MESSAGES: usize = 300;
    let world = World::with(|config| config.limits.gateway_queue = 64).await;
    let mut slow = Socket::try_open(&world.member, Some(4096)).await.ok().unwrap();
    slow.resume(std::collections::BTreeMap::new()).await;
    let mut quick = Socket::fresh(&world.member).await;
    // Four bytes to a character: each message is some 16 kB on the wire.
    let texts: Vec<String> = (0..MESSAGES).map(|index| format!("{index:04} {}", "💬".repeat(3_900))).collect();
    let sending = async {
        let sends = texts.iter().map(|text| world.say(&world.owner, text));
        futures_util::stream::iter(sends).buffer_unordered(16).collect::<Vec<()>>().await;
    };
    let id = |frame: &Value| frame["data"]["id"].as_str().unwrap().to_owned();
    let hearing = async {
        let mut heard = Vec::new();
        while heard.len() < MESSAGES {
            heard.push(id(&quick.event("message_created").await));
        }
        heard
    };
    let ((), all) = tokio::join!(sending, hearing);

    let mut heard: Vec<String> = Vec::new();
    let code = loop {
        match slow.next().await {
            Ok(frame) => heard.push(id(&frame)),
            Err(code) => break code,
        }
    };
    assert_eq!(code, close::FELL_BEHIND);
    assert!(heard.len() < MESSAGES, "the kernel took it all");
    let mut back = Socket::open(&world.member).await;
    let frames = back.resume(slow.vanish()).await;
    heard.extend(frames.iter().filter(|frame| frame["type"] == "message_created").map(id));
    assert_eq!(heard, all);
}
