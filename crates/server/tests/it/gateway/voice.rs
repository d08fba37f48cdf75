// SPDX-License-Identifier: Apache-2.0
//! A voice and the socket that holds it: joining, being told, losing the socket, claiming.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Socket, World};

/// An offer of one section that sends and two that receive; nobody answers at its address.
fn offer() -> String {
    let fingerprint = "6E:7A:36:81:F4:3E:61:E2:D8:B3:14:BF:A0:8D:57:CC:E3:E7:E9:34:F8:93:1C:ED:B2:DF:43:13:D0:92:55:64";
    let mut text = format!(
        "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1 2\r\na=ice-ufrag:abcd\r\n\
         a=ice-pwd:0123456789abcdefghijkl\r\na=setup:actpass\r\na=fingerprint:SHA-256 {fingerprint}\r\n"
    );
    for (mid, direction) in ["sendonly", "recvonly", "recvonly"].into_iter().enumerate() {
        text.push_str(&format!(
            "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:{mid}\r\na={direction}\r\n\
             a=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n"
        ));
    }
    text
}

async fn join(socket: &mut Socket, world: &World) -> Value {
    let data = json!({ "channel_id": world.room, "offer": offer(), "self_muted": false, "self_deafened": false });
    let id = socket.send("voice_join", data).await;
    let (_, reply) = socket.reply(id).await;
    assert_eq!(reply["result"]["type"], "voice_joined", "{reply}");
    reply["result"]["data"].clone()
}

fn claim(joined: &Value) -> Value {
    json!({
        "channel_id": joined["room"]["channel_id"],
        "epoch": joined["room"]["epoch"],
        "voice_number": joined["voice_number"],
    })
}

/// The next state of a room in which these people are, in the order of joining.
async fn room_with(socket: &mut Socket, people: &[&str]) -> Value {
    loop {
        let room = socket.event("voice_room").await["data"].clone();
        let occupants = room["occupants"].as_array().unwrap();
        let names: Vec<&str> = occupants.iter().map(|one| one["user"]["username"].as_str().unwrap()).collect();
        if names == people {
            return room;
        }
    }
}

#[tokio::test]
async fn everyone_in_the_community_sees_who_comes_goes_and_mutes() {
    let world = World::new().await;
    let (mut owner, mut member) = (Socket::fresh(&world.owner).await, Socket::fresh(&world.member).await);
    let joined = join(&mut member, &world).await;
    assert!(joined["answer"].as_str().unwrap().contains("a=ice-lite"));
    let room = room_with(&mut owner, &["bia"]).await;
    assert_eq!(room["occupants"][0]["voice_number"], joined["voice_number"]);
    assert_eq!(room["occupants"][0]["self_muted"], false);

    // Who comes later finds it in the snapshot.
    let mut late = Socket::open(&world.owner).await;
    let frames = late.resume(BTreeMap::new()).await;
    assert_eq!(frames[2]["data"]["voice_rooms"][0]["channel_id"], json!(world.room));

    member.send("voice_state", json!({ "self_muted": false, "self_deafened": true })).await;
    loop {
        let room = room_with(&mut owner, &["bia"]).await;
        if room["occupants"][0]["self_deafened"] == true {
            assert_eq!(room["occupants"][0]["self_muted"], true);
            break;
        }
    }
    let id = member.send("voice_leave", json!({})).await;
    assert_eq!(member.reply(id).await.1["result"]["type"], "done");
    room_with(&mut owner, &[]).await;
}

#[tokio::test]
async fn a_voice_outlives_its_socket_and_is_claimed_by_the_next() {
    let world = World::new().await;
    let mut owner = Socket::fresh(&world.owner).await;
    let mut member = Socket::fresh(&world.member).await;
    let joined = join(&mut member, &world).await;
    let cursors = member.vanish();

    let mut back = Socket::open(&world.member).await;
    let frames = back.resume_with_voice(cursors, claim(&joined)).await;
    assert_eq!(frames[0]["data"]["voice"]["channel_id"], json!(world.room));
    assert_eq!(frames[0]["data"]["voice"]["occupants"][0]["voice_number"], joined["voice_number"]);
    // It is this socket's voice now.
    let id = back.send("voice_state", json!({ "self_muted": true, "self_deafened": false })).await;
    assert_eq!(back.reply(id).await.1["result"]["type"], "done");
    room_with(&mut owner, &["bia"]).await;
}

#[tokio::test]
async fn nobody_claims_what_is_not_theirs() {
    let world = World::new().await;
    let mut member = Socket::fresh(&world.member).await;
    let joined = join(&mut member, &world).await;
    let mut wrong = claim(&joined);
    wrong["voice_number"] = json!(wrong["voice_number"].as_u64().unwrap() + 1);
    for (program, claim) in [(&world.owner, claim(&joined)), (&world.member, wrong)] {
        let mut socket = Socket::open(program).await;
        let frames = socket.resume_with_voice(BTreeMap::new(), claim).await;
        assert!(frames[0]["data"].get("voice").is_none(), "{}", frames[0]);
    }
    let id = member.send("voice_leave", json!({})).await;
    assert_eq!(member.reply(id).await.1["result"]["type"], "done");
}

#[tokio::test]
async fn joining_from_another_device_ends_the_voice_on_the_first() {
    let world = World::new().await;
    let mut phone = Socket::fresh(&world.member).await;
    let mut desk = Socket::fresh(&world.sign_in("bia").await).await;
    let first = join(&mut phone, &world).await;
    let second = join(&mut desk, &world).await;
    let ended = phone.event("voice_ended").await;
    assert_eq!(ended["data"]["reason"], "replaced");
    assert_eq!(ended["data"]["voice_number"], first["voice_number"]);
    assert_ne!((&first["room"]["epoch"], &first["voice_number"]), (&second["room"]["epoch"], &second["voice_number"]));
    let id = phone.send("voice_leave", json!({})).await;
    assert_eq!(phone.reply(id).await.1["error"]["code"], "not_in_room");
}

#[tokio::test]
async fn a_person_taken_out_of_the_room_is_told() {
    let world = World::new().await;
    let mut member = Socket::fresh(&world.member).await;
    join(&mut member, &world).await;
    let user = world.member.user_id().await;
    let removed = world.owner.delete(&format!("/api/v1/channels/{}/occupants/{user}", world.room)).await;
    assert_eq!(removed.status.as_u16(), 204);
    let told = member.event("voice_ended").await["data"].clone();
    assert_eq!((&told["reason"], &told["by"]["username"]), (&json!("removed"), &json!("ana")));
}

#[tokio::test]
async fn signing_out_takes_the_voice_along() {
    let world = World::new().await;
    let mut owner = Socket::fresh(&world.owner).await;
    let mut member = Socket::fresh(&world.member).await;
    join(&mut member, &world).await;
    room_with(&mut owner, &["bia"]).await;
    world.member.delete("/api/v1/sessions/current").await;
    room_with(&mut owner, &[]).await;
}

#[tokio::test]
async fn who_was_away_is_told_who_is_in_which_room_now() {
    let world = World::new().await;
    let mut owner = Socket::fresh(&world.owner).await;
    let mut member = Socket::fresh(&world.member).await;
    join(&mut member, &world).await;
    room_with(&mut owner, &["bia"]).await;
    let away = owner.vanish();

    let mut back = Socket::open(&world.owner).await;
    let frames = back.resume(away.clone()).await;
    let told = &frames.last().unwrap()["data"];
    assert_eq!(told["rooms"][0]["channel_id"], json!(world.room));
    assert_eq!(told["rooms"][0]["occupants"][0]["user"]["username"], "bia");
    back.vanish();

    let mut watching = Socket::fresh(&world.owner).await;
    let id = member.send("voice_leave", json!({})).await;
    member.reply(id).await;
    room_with(&mut watching, &[]).await;
    let mut back = Socket::open(&world.owner).await;
    let frames = back.resume(away).await;
    let told = frames.last().unwrap();
    assert_eq!((&told["type"], &told["data"]["rooms"]), (&json!("voice_rooms"), &json!([])));
    assert_eq!(told["data"]["community_id"], json!(world.community));
}

#[tokio::test]
async fn who_was_taken_out_of_the_room_while_away_is_told_on_coming_back() {
    let world = World::new().await;
    let mut owner = Socket::fresh(&world.owner).await;
    let mut member = Socket::fresh(&world.member).await;
    let joined = join(&mut member, &world).await;
    let cursors = member.vanish();
    let user = world.member.user_id().await;
    let removed = world.owner.delete(&format!("/api/v1/channels/{}/occupants/{user}", world.room)).await;
    assert_eq!(removed.status.as_u16(), 204);
    room_with(&mut owner, &[]).await;

    let mut back = Socket::open(&world.member).await;
    let frames = back.resume_with_voice(cursors, claim(&joined)).await;
    let ready = &frames[0]["data"];
    assert!(ready.get("voice").is_none());
    assert_eq!(ready["voice_ended"]["reason"], "removed");
    assert_eq!(ready["voice_ended"]["by"]["username"], "ana");
}
