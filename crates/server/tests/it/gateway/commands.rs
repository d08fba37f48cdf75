// SPDX-License-Identifier: Apache-2.0
//! Who may do what by the gateway: every command × anonymous, outsider, member, owner.

use reqwest::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;
use voz_protocol::gateway::{ClientCommand, ClientFrame, Resume};
use voz_protocol::voice::{VoiceJoin, VoiceStateUpdate};

use super::{Socket, World};

/// What a principal's command is answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// This kind of result.
    Result(&'static str),
    /// This code.
    Refused(&'static str),
}
use Outcome::{Refused, Result};

/// For outsider, member, owner. A new command does not compile without its row; anonymous ones have
/// no connection to send it on.
fn row(command: &ClientCommand) -> [Outcome; 3] {
    match command {
        ClientCommand::Resume(_) => [Result("resumed"); 3],
        ClientCommand::Heartbeat {} => [Result("done"); 3],
        // An offer that can't be answered shows that it was looked at, which is what is decided here.
        ClientCommand::VoiceJoin(_) => {
            [Refused("not_found"), Refused("voice_offer_unsupported"), Refused("voice_offer_unsupported")]
        }
        // About the own voice, which needs no permission but must be there.
        ClientCommand::VoiceLeave {} | ClientCommand::VoiceState(_) => [Refused("not_in_room"); 3],
    }
}

/// Every command, well-formed; each leads to the next, so that none is left out.
fn after(command: Option<&ClientCommand>, room: Uuid) -> Option<ClientCommand> {
    match command {
        None => Some(ClientCommand::Resume(Resume::default())),
        Some(ClientCommand::Resume(_)) => Some(ClientCommand::Heartbeat {}),
        Some(ClientCommand::Heartbeat {}) => Some(ClientCommand::VoiceJoin(VoiceJoin {
            channel_id: room,
            offer: "v=0\r\n".to_owned(),
            self_muted: false,
            self_deafened: false,
        })),
        Some(ClientCommand::VoiceJoin(_)) => Some(ClientCommand::VoiceLeave {}),
        Some(ClientCommand::VoiceLeave {}) => {
            Some(ClientCommand::VoiceState(VoiceStateUpdate { self_muted: true, self_deafened: false }))
        }
        Some(ClientCommand::VoiceState(_)) => None,
    }
}

#[tokio::test]
async fn everyone_may_do_what_the_table_says_and_no_more() {
    let world = World::new().await;
    let refused = Socket::try_open(&world.instance.anyone(), None).await.err();
    assert_eq!(refused, Some(StatusCode::UNAUTHORIZED));
    let principals = [("outsider", &world.outsider), ("member", &world.member), ("owner", &world.owner)];
    let mut wrong = Vec::new();
    for (at, (name, program)) in principals.into_iter().enumerate() {
        let mut socket = Socket::open(program).await;
        let mut command = after(None, world.room.parse().unwrap());
        let mut id = 0;
        while let Some(asked) = command {
            id += 1;
            let frame = ClientFrame { id, command: asked.clone() };
            socket.send_text(&serde_json::to_string(&frame).unwrap()).await;
            let (_, reply) = socket.reply(id).await;
            let expected = match row(&asked)[at] {
                Result(kind) => reply["result"]["type"] == kind && reply["error"].is_null(),
                Refused(code) => reply["error"]["code"] == code && reply["result"].is_null(),
            };
            if !expected {
                wrong.push(format!("{asked:?} as {name}: {reply} instead of {:?}", row(&asked)[at]));
            }
            command = after(Some(&asked), world.room.parse().unwrap());
        }
        assert_eq!(id, 5);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_text_channel_and_an_unknown_one_are_no_rooms() {
    let world = World::new().await;
    let mut socket = Socket::fresh(&world.owner).await;
    for channel in [world.text.clone(), Uuid::nil().to_string()] {
        let data: Value =
            json!({ "channel_id": channel, "offer": "v=0\r\n", "self_muted": false, "self_deafened": false });
        let id = socket.send("voice_join", data).await;
        assert_eq!(socket.reply(id).await.1["error"]["code"], "not_found");
    }
}
