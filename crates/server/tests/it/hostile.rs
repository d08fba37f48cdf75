// SPDX-License-Identifier: Apache-2.0
//! Clients that are slow, large or wrong.

use std::time::{Duration, Instant};

use reqwest::StatusCode;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::{Instance, answer};

/// Sends `bytes` and reads until the server closes.
async fn until_closed(instance: &Instance, bytes: &[u8]) -> (Vec<u8>, Duration) {
    let started = now();
    let mut stream = TcpStream::connect(instance.running.address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut received = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut received)).await;
    let _ = read.expect("the server keeps the connection");
    (received, started.elapsed())
}

#[expect(clippy::disallowed_methods, reason = "this test measures a deadline")]
fn now() -> Instant {
    Instant::now()
}

#[tokio::test]
async fn a_client_that_sends_no_complete_head_is_cut_off() {
    let instance = Instance::start_with(|config| config.limits.first_request_s = 1).await;
    for bytes in [&b""[..], b"GET / HT", b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: "] {
        let (received, elapsed) = until_closed(&instance, bytes).await;
        assert!(received.is_empty(), "{}", String::from_utf8_lossy(&received));
        assert!(elapsed >= Duration::from_millis(900) && elapsed < Duration::from_secs(10), "{elapsed:?}");
    }
}

#[tokio::test]
async fn a_connection_that_has_asked_may_be_idle_longer_but_not_for_ever() {
    let instance = Instance::start_with(|config| {
        config.limits.first_request_s = 1;
        config.limits.keep_alive_s = 2;
    })
    .await;
    let (received, elapsed) = until_closed(&instance, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(received.starts_with(b"HTTP/1.1 200 OK"));
    assert!(elapsed >= Duration::from_millis(1900), "{elapsed:?}");
}

#[tokio::test]
async fn a_body_that_comes_drop_by_drop_is_refused_in_time() {
    let instance = Instance::start_with(|config| config.limits.body_s = 1).await;
    let head =
        "POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{";
    let (received, _) = until_closed(&instance, head.as_bytes()).await;
    assert!(received.starts_with(b"HTTP/1.1 400 "), "{}", String::from_utf8_lossy(&received));
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused() {
    let instance = Instance::start_with(|config| config.limits.body_bytes = 2048).await;
    let anyone = instance.anyone();
    let fits = json!({ "token": "x".repeat(1500) });
    assert_eq!(anyone.post("/api/v1/setup/check", fits).await.status, StatusCode::FORBIDDEN);
    let large = json!({ "token": "x".repeat(2100) });
    let refused = anyone.post("/api/v1/setup/check", large).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large"));
}

#[tokio::test]
async fn what_is_not_the_json_asked_for_is_a_bad_request() {
    let instance = Instance::start().await;
    let anyone = instance.anyone();
    let url = format!("{}/api/v1/setup/check", anyone.url);
    for (kind, body) in [
        ("application/json", "{"),
        ("application/json", ""),
        ("application/json", "[]"),
        ("application/json", "{\"token\": 1}"),
        ("application/json", "{\"token\": \"x\"} x"),
        ("application/json", &*"[".repeat(5000)),
        ("text/plain", "{\"token\": \"x\"}"),
        ("application/x-www-form-urlencoded", "token=x"),
    ] {
        let refused = answer(anyone.http.post(&url).header("content-type", kind).body(body.to_owned())).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::BAD_REQUEST, "bad_request"), "{kind} {body}");
    }
    let not_utf8 = anyone.http.post(&url).header("content-type", "application/json").body(vec![b'"', 0xff, b'"']);
    assert_eq!(answer(not_utf8).await.status, StatusCode::BAD_REQUEST);
    let charset = anyone.http.post(&url).header("content-type", "application/json; charset=utf-8");
    assert_eq!(answer(charset.body("{\"token\": \"x\"}")).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn ids_and_queries_that_cannot_be_read_are_bad_requests() {
    let instance = Instance::start().await;
    let owner = instance.set_up().await;
    let some = "018f0000-0000-7000-8000-000000000000";
    for path in [
        "/api/v1/channels/x/messages".to_owned(),
        format!("/api/v1/channels/{some}/messages?limit=x"),
        format!("/api/v1/channels/{some}/messages?before=x"),
        "/api/v1/communities/%FF/invites".to_owned(),
    ] {
        let refused = owner.get(&path).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::BAD_REQUEST, "bad_request"), "{path}");
    }
}

#[tokio::test]
async fn more_connections_than_the_limit_wait_for_a_place() {
    let instance = Instance::start_with(|config| {
        config.limits.connections = 1;
        config.limits.first_request_s = 1;
    })
    .await;
    let _silent = TcpStream::connect(instance.running.address).await.unwrap();
    // Answered once the silent one was cut off.
    assert_eq!(instance.anyone().get("/healthz").await.status, StatusCode::OK);
}

#[tokio::test]
async fn one_network_cannot_take_all_places() {
    let instance = Instance::start_with(|config| {
        config.limits.connections_per_network = 1;
        config.limits.first_request_s = 60;
    })
    .await;
    let silent = TcpStream::connect(instance.running.address).await.unwrap();
    let mut refused = TcpStream::connect(instance.running.address).await.unwrap();
    assert_eq!(refused.read(&mut [0; 1]).await.unwrap(), 0, "closed at once");
    // The first is still there, and its place is free when it goes.
    drop(silent);
    loop {
        if instance.anyone().http.get(format!("{}/healthz", instance.running.url)).send().await.is_ok() {
            break;
        }
    }
}
