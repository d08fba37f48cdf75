// SPDX-License-Identifier: Apache-2.0
//! Who is told what, live.

use std::collections::BTreeMap;

use reqwest::StatusCode;
use serde_json::json;

use super::{Socket, World, contents, types};

#[tokio::test]
async fn both_devices_of_a_person_are_told() {
    let world = World::new().await;
    let mut phone = Socket::fresh(&world.member).await;
    let mut desk = Socket::fresh(&world.sign_in("bia").await).await;
    world.say(&world.member, "oi").await;
    let (on_phone, on_desk) = (phone.event("message_created").await, desk.event("message_created").await);
    assert_eq!(on_phone, on_desk);
    assert_eq!(on_phone["data"]["author"]["username"], "bia");
}

#[tokio::test]
async fn an_outsider_is_told_nothing_even_when_naming_the_community() {
    let world = World::new().await;
    let mut owner = Socket::fresh(&world.owner).await;
    let cursors = Socket::fresh(&world.member).await.vanish();
    let mut outsider = Socket::open(&world.outsider).await;
    let frames = outsider.resume(cursors).await;
    assert_eq!(types(&frames), ["ready", "user_snapshot"]);
    assert_eq!(frames[0]["data"]["streams"].as_array().unwrap().len(), 1);

    world.say(&world.member, "segredo").await;
    let made = world
        .owner
        .post(&format!("/api/v1/communities/{}/channels", world.community), json!({ "kind": "text", "name": "nova" }))
        .await;
    assert_eq!(made.status, StatusCode::CREATED);
    // Once the owner has it, it has been delivered to whoever gets it.
    owner.event("channel_created").await;
    assert!(outsider.so_far().await.is_empty());
}

#[tokio::test]
async fn entering_a_community_brings_its_snapshot_and_then_its_events() {
    let world = World::new().await;
    let mut owner = Socket::fresh(&world.owner).await;
    let mut outsider = Socket::fresh(&world.outsider).await;
    world.enter(&world.outsider).await;
    let entered = outsider.frame().await;
    assert_eq!(
        (entered["type"].as_str(), entered["data"]["community_id"].as_str()),
        (Some("community_entered"), Some(world.community.as_str()))
    );
    let snapshot = outsider.frame().await;
    assert_eq!((&snapshot["type"], &snapshot["stream"]), (&json!("community_snapshot"), &json!(world.stream())));
    assert_eq!(snapshot["data"]["members"].as_array().unwrap().len(), 3);
    let joined = owner.event("member_joined").await;
    assert_eq!(joined["data"]["user"]["username"], "caio");

    world.say(&world.owner, "bem-vindo").await;
    let message = outsider.event("message_created").await;
    assert_eq!(message["data"]["content"], "bem-vindo");
    assert_eq!(message["prev"], snapshot["cursor"]);
    // Another device learns of it from what it missed.
    let cursors = outsider.vanish();
    let mut again = Socket::open(&world.outsider).await;
    assert_eq!(types(&again.resume(cursors).await), ["ready", "voice_rooms"]);
}

#[tokio::test]
async fn a_device_that_was_away_finds_the_community_that_was_entered() {
    let world = World::new().await;
    let cursors = Socket::fresh(&world.outsider).await.vanish();
    world.enter(&world.outsider).await;
    let mut away = Socket::open(&world.outsider).await;
    let frames = away.resume(cursors).await;
    assert_eq!(types(&frames), ["ready", "community_entered", "community_snapshot"]);
    world.say(&world.owner, "oi").await;
    away.event("message_created").await;
}

#[tokio::test]
async fn changes_of_channels_and_mutes_are_told_to_members() {
    let world = World::new().await;
    let mut member = Socket::fresh(&world.member).await;
    let channels = format!("/api/v1/communities/{}/channels", world.community);
    let made = world.owner.post(&channels, json!({ "kind": "text", "name": "nova" })).await;
    let id = made.text("/id");
    world.owner.patch(&format!("/api/v1/channels/{id}"), json!({ "name": "velha" })).await;
    world.owner.delete(&format!("/api/v1/channels/{id}")).await;
    let user = world.member.user_id().await;
    let mute = format!("/api/v1/communities/{}/members/{user}/voice-mute", world.community);
    assert_eq!(
        world.owner.put(&mute, json!({ "muted": true, "reason": "barulho" })).await.status,
        StatusCode::NO_CONTENT
    );

    let created = member.frame().await;
    assert_eq!((&created["type"], &created["data"]), (&json!("channel_created"), &made.body));
    let updated = member.frame().await;
    assert_eq!((updated["type"].as_str(), updated["data"]["name"].as_str()), (Some("channel_updated"), Some("velha")));
    let deleted = member.frame().await;
    assert_eq!((&deleted["type"], &deleted["data"]), (&json!("channel_deleted"), &json!({ "channel_id": id })));
    let muted = member.frame().await;
    assert_eq!((&muted["type"], &muted["data"]["muted"]), (&json!("member_voice_muted"), &json!(true)));
    assert_eq!(muted["data"]["user_id"], json!(user));
}

#[tokio::test]
async fn fresh_tokens_do_not_disturb_the_socket() {
    let world = World::new().await;
    let signed_in = world
        .instance
        .anyone()
        .post(
            "/api/v1/sessions",
            json!({
        "username": "bia", "password": crate::harness::PASSWORD, "transport": "bearer" }),
        )
        .await;
    let device = world.instance.anyone().with_token(&signed_in);
    let mut socket = Socket::fresh(&device).await;
    let refreshed = world
        .instance
        .anyone()
        .post("/api/v1/sessions/refresh", json!({ "refresh_token": signed_in.text("/refresh_token") }))
        .await;
    assert_eq!(refreshed.status, StatusCode::OK);
    assert_eq!(device.get("/api/v1/me").await.status, StatusCode::UNAUTHORIZED);
    world.say(&world.owner, "ainda aqui").await;
    assert_eq!(contents(&[socket.event("message_created").await]), ["ainda aqui"]);
    let mut next = Socket::open(&device.with_token(&refreshed)).await;
    assert_eq!(types(&next.resume(BTreeMap::new()).await)[0], "ready");
}
