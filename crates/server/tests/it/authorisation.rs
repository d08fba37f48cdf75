// SPDX-License-Identifier: Apache-2.0
//! Who may do what by HTTP: every operation of the description × anonymous, outsider, member, owner.

use std::collections::BTreeSet;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Answer, Instance, PASSWORD, Program};

/// Operation, and the status for anonymous, outsider, member, owner.
const TABLE: &[(&str, [u16; 4])] = &[
    ("healthz", [200, 200, 200, 200]),
    ("readyz", [200, 200, 200, 200]),
    ("get_instance", [200, 200, 200, 200]),
    // Done once; the table is of an instance that is set up.
    ("check_setup", [409, 409, 409, 409]),
    ("set_up", [409, 409, 409, 409]),
    ("sign_up", [201, 201, 201, 201]),
    ("sign_in", [401, 201, 201, 201]),
    ("refresh_session", [401, 200, 200, 200]),
    ("sign_out", [401, 204, 204, 204]),
    ("get_me", [401, 200, 200, 200]),
    ("get_invite", [200, 200, 200, 200]),
    ("accept_invite", [401, 200, 200, 200]),
    ("list_invites", [401, 404, 403, 200]),
    ("create_invite", [401, 404, 403, 201]),
    ("revoke_invite", [401, 404, 403, 204]),
    ("create_channel", [401, 404, 403, 201]),
    ("update_channel", [401, 404, 403, 200]),
    ("delete_channel", [401, 404, 403, 204]),
    ("list_messages", [401, 404, 200, 200]),
    ("send_message", [401, 404, 201, 201]),
    ("set_voice_mute", [401, 404, 403, 204]),
    // Nobody is in the room: the owner is told so, a member is refused before that.
    ("remove_occupant", [401, 404, 403, 404]),
    // Asked without an upgrade, which is refused to who is signed in. What may be said inside has a table of
    // its own: gateway/commands.rs.
    ("open_gateway", [401, 400, 400, 400]),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Principal {
    Anonymous,
    Outsider,
    Member,
    Owner,
}

const PRINCIPALS: [Principal; 4] = [Principal::Anonymous, Principal::Outsider, Principal::Member, Principal::Owner];

#[test]
fn every_operation_has_its_row_and_every_row_its_operation() {
    let described: BTreeSet<String> = operations().into_iter().map(|(id, _, _)| id).collect();
    let rows: BTreeSet<String> = TABLE.iter().map(|(id, _)| (*id).to_owned()).collect();
    assert_eq!(rows, described);
    assert_eq!(rows.len(), TABLE.len(), "a row stands twice");
}

#[tokio::test]
async fn everyone_may_do_what_the_table_says_and_no_more() {
    let mut world = World::new().await;
    let mut wrong = Vec::new();
    for (id, method, path) in operations() {
        let (_, expected) = TABLE.iter().find(|(row, _)| *row == id).unwrap();
        for (principal, expected) in PRINCIPALS.into_iter().zip(expected) {
            let answer = world.ask(&id, &method, &path, principal).await;
            if answer.status.as_u16() != *expected {
                wrong.push(format!("{id} as {principal:?}: {} instead of {expected}: {}", answer.status, answer.body));
            }
            if answer.status.is_client_error() {
                answer.code();
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Id, method and path of every operation in the description.
fn operations() -> Vec<(String, Method, String)> {
    let description: Value = serde_json::from_str(&voz_server::http::openapi::json()).unwrap();
    let mut operations = Vec::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let method: Method = method.to_uppercase().parse().unwrap();
            operations.push((operation["operationId"].as_str().unwrap().to_owned(), method, path.clone()));
        }
    }
    assert!(operations.len() > 20);
    operations
}

struct World {
    instance: Instance,
    owner: Program,
    member: Program,
    outsider: Program,
    member_id: String,
    community: String,
    text: String,
    room: String,
    counter: u32,
}

impl World {
    async fn new() -> Self {
        let instance = Instance::start().await;
        let owner = instance.set_up().await;
        let snapshot = owner.communities().await.remove(0);
        let id = |value: &Value| value["id"].as_str().unwrap().to_owned();
        let channel = |kind: &str| {
            let channels = snapshot["channels"].as_array().unwrap();
            id(channels.iter().find(|channel| channel["kind"] == kind).unwrap())
        };
        let mut world = World {
            community: id(&snapshot["community"]),
            text: channel("text"),
            room: channel("room"),
            member: instance.sign_up("bia").await,
            outsider: instance.sign_up("caio").await,
            member_id: String::new(),
            counter: 0,
            owner,
            instance,
        };
        world.member_id = world.member.user_id().await;
        let code = world.invite().await;
        let accepted =
            world.member.post(&format!("/api/v1/invites/{code}/accept"), json!({ "rules_version": 1 })).await;
        assert_eq!(accepted.status, StatusCode::OK, "{}", accepted.body);
        world
    }

    /// A new name, nonce or the like.
    fn new_name(&mut self) -> String {
        self.counter += 1;
        format!("n{}", self.counter)
    }

    async fn invite(&self) -> String {
        let path = format!("/api/v1/communities/{}/invites", self.community);
        self.owner.post(&path, json!({})).await.text("/code")
    }

    async fn channel(&mut self) -> String {
        let path = format!("/api/v1/communities/{}/channels", self.community);
        let name = self.new_name();
        self.owner.post(&path, json!({ "kind": "text", "name": name })).await.text("/id")
    }

    async fn sign_in(&self, username: &str) -> Answer {
        let request = json!({ "username": username, "password": PASSWORD, "transport": "bearer" });
        self.instance.anyone().post("/api/v1/sessions", request).await
    }

    fn program(&self, principal: Principal) -> Program {
        match principal {
            Principal::Anonymous => self.instance.anyone(),
            Principal::Outsider => self.outsider.clone(),
            Principal::Member => self.member.clone(),
            Principal::Owner => self.owner.clone(),
        }
    }

    /// One request of the operation, well-formed, to things that exist.
    async fn ask(&mut self, id: &str, method: &Method, path: &str, principal: Principal) -> Answer {
        let mut program = self.program(principal);
        let username = match principal {
            Principal::Anonymous => "nobody",
            Principal::Outsider => "caio",
            Principal::Member => "bia",
            Principal::Owner => "ana",
        };
        let (mut channel, mut code) = (self.text.clone(), String::new());
        let body = match id {
            "healthz" | "readyz" | "get_instance" | "get_me" | "list_invites" | "list_messages" | "open_gateway" => {
                None
            }
            "check_setup" => Some(json!({ "token": self.instance.setup_token() })),
            "set_up" => Some(self.instance.setup_request()),
            "sign_up" => {
                Some(json!({ "username": self.new_name() + "x", "password": PASSWORD, "transport": "bearer" }))
            }
            "sign_in" => Some(json!({ "username": username, "password": PASSWORD, "transport": "bearer" })),
            "refresh_session" => {
                let token = match principal {
                    Principal::Anonymous => "x".repeat(43),
                    Principal::Outsider | Principal::Member | Principal::Owner => {
                        self.sign_in(username).await.text("/refresh_token")
                    }
                };
                Some(json!({ "refresh_token": token }))
            }
            "sign_out" => {
                if principal != Principal::Anonymous {
                    program = program.with_token(&self.sign_in(username).await);
                }
                None
            }
            "get_invite" | "revoke_invite" => {
                code = self.invite().await;
                None
            }
            "accept_invite" => {
                code = self.invite().await;
                if principal == Principal::Outsider {
                    // Another outsider: the one of the other rows stays outside.
                    let name = self.new_name() + "x";
                    program = self.instance.sign_up(&name).await;
                }
                Some(json!({ "rules_version": 1 }))
            }
            "create_invite" => Some(json!({})),
            "create_channel" => Some(json!({ "kind": "room", "name": self.new_name() })),
            "update_channel" => Some(json!({ "name": self.new_name() })),
            "delete_channel" => {
                channel = self.channel().await;
                None
            }
            "send_message" => Some(json!({ "content": "oi", "nonce": self.new_name() })),
            "set_voice_mute" => Some(json!({ "muted": true })),
            "remove_occupant" => {
                channel = self.room.clone();
                None
            }
            other => panic!("no request for {other}"),
        };
        let path = path
            .replace("{community_id}", &self.community)
            .replace("{channel_id}", &channel)
            .replace("{user_id}", &self.member_id)
            .replace("{code}", &code);
        assert!(!path.contains('{'), "{path}");
        program.send(method.clone(), &path, body).await
    }
}
