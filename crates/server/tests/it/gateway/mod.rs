// SPDX-License-Identifier: Apache-2.0
//! The gateway over real sockets.

mod closing;
mod commands;
mod delivery;
mod resume;
mod voice;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::harness::{Instance, PASSWORD, Program};

static NEXT_NONCE: AtomicU64 = AtomicU64::new(0);

/// Longer than anything here takes.
const SOON: Duration = Duration::from_secs(15);

/// A client of the gateway that checks the promises of every frame: each event names the one told
/// before it in its stream, and none comes twice.
struct Socket {
    stream: WebSocketStream<TcpStream>,
    cursors: BTreeMap<String, String>,
    next_id: u32,
}

impl Socket {
    async fn open(program: &Program) -> Self {
        Self::try_open(program, None).await.unwrap()
    }

    /// Opened and resumed from nothing.
    async fn fresh(program: &Program) -> Self {
        let mut socket = Self::open(program).await;
        socket.resume(BTreeMap::new()).await;
        socket
    }

    /// `receive_buffer` in bytes of the kernel.
    async fn try_open(program: &Program, receive_buffer: Option<u32>) -> Result<Self, StatusCode> {
        let authority = program.url.strip_prefix("http://").unwrap();
        let mut request = format!("ws://{authority}/api/v1/gateway").into_client_request().unwrap();
        if let Some(token) = &program.token {
            request.headers_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        }
        let tcp = TcpSocket::new_v4().unwrap();
        if let Some(bytes) = receive_buffer {
            tcp.set_recv_buffer_size(bytes).unwrap();
        }
        let tcp = tcp.connect(authority.parse().unwrap()).await.unwrap();
        match tokio_tungstenite::client_async(request, tcp).await {
            Ok((stream, _)) => Ok(Socket { stream, cursors: BTreeMap::new(), next_id: 1 }),
            Err(Error::Http(response)) => Err(response.status()),
            Err(error) => panic!("{error}"),
        }
    }

    async fn send(&mut self, command: &str, data: Value) -> u32 {
        let id = self.next_id;
        self.next_id += 1;
        self.send_text(&json!({ "id": id, "type": command, "data": data }).to_string()).await;
        id
    }

    async fn send_text(&mut self, text: &str) {
        self.stream.send(Message::text(text)).await.unwrap();
    }

    /// The next frame, or the close code.
    async fn next(&mut self) -> Result<Value, u16> {
        loop {
            match timeout(SOON, self.stream.next()).await.unwrap() {
                Some(Ok(Message::Text(text))) => {
                    let frame: Value = serde_json::from_str(&text).unwrap();
                    self.check(&frame);
                    return Ok(frame);
                }
                Some(Ok(Message::Close(close))) => return Err(close.unwrap().code.into()),
                Some(Ok(_)) => {}
                Some(Err(error)) => panic!("{error}"),
                None => panic!("the stream ended without a close frame"),
            }
        }
    }

    fn check(&mut self, frame: &Value) {
        let Some(stream) = frame["stream"].as_str() else { return };
        let cursor = frame["cursor"].as_str().unwrap();
        if let Some(prev) = frame["prev"].as_str() {
            assert_eq!(self.cursors.get(stream).map(String::as_str), Some(prev), "a gap before {frame}");
            assert_ne!(prev, cursor, "twice: {frame}");
        } else {
            assert!(frame["type"].as_str().unwrap().ends_with("_snapshot"), "no prev: {frame}");
        }
        self.cursors.insert(stream.to_owned(), cursor.to_owned());
    }

    async fn frame(&mut self) -> Value {
        self.next().await.unwrap()
    }

    /// The next event of this type; passing over others.
    async fn event(&mut self, kind: &str) -> Value {
        loop {
            let frame = self.frame().await;
            if frame["type"] == kind {
                return frame;
            }
        }
    }

    /// The frames up to the reply, and the reply.
    async fn reply(&mut self, id: u32) -> (Vec<Value>, Value) {
        let mut before = Vec::new();
        loop {
            let frame = self.frame().await;
            if frame["reply"] == id {
                return (before, frame);
            }
            before.push(frame);
        }
    }

    /// Resumes; the frames up to the reply.
    async fn resume(&mut self, cursors: BTreeMap<String, String>) -> Vec<Value> {
        self.resume_with_voice(cursors, Value::Null).await
    }

    async fn resume_with_voice(&mut self, cursors: BTreeMap<String, String>, voice: Value) -> Vec<Value> {
        self.cursors = cursors.clone();
        let mut data = json!({ "cursors": cursors });
        if !voice.is_null() {
            data["voice"] = voice;
        }
        let id = self.send("resume", data).await;
        let (frames, reply) = self.reply(id).await;
        assert_eq!(reply["result"]["type"], "resumed", "{reply}");
        assert_eq!(frames[0]["type"], "ready");
        frames
    }

    /// Everything that was told before the server took this command.
    async fn so_far(&mut self) -> Vec<Value> {
        let id = self.send("heartbeat", json!({})).await;
        self.reply(id).await.0
    }

    /// The close code, after any frames; then the stream must end as RFC 6455 wants it.
    async fn closed(&mut self) -> u16 {
        let code = loop {
            if let Err(code) = self.next().await {
                break code;
            }
        };
        match timeout(SOON, self.stream.next()).await.unwrap() {
            None | Some(Err(Error::ConnectionClosed)) => code,
            other => panic!("after the close frame: {other:?}"),
        }
    }

    /// Gone without a word, as a broken connection is.
    fn vanish(self) -> BTreeMap<String, String> {
        self.cursors
    }
}

/// An instance with an owner, a member and an outsider.
struct World {
    instance: Instance,
    owner: Program,
    member: Program,
    outsider: Program,
    community: String,
    text: String,
    room: String,
}

impl World {
    async fn new() -> Self {
        Self::with(|_| {}).await
    }

    async fn with(change: impl FnOnce(&mut voz_server::config::Config)) -> Self {
        let instance = Instance::start_with(|config| {
            config.limits.rates.message_per_user.0.burst = 100_000;
            change(config);
        })
        .await;
        let owner = instance.set_up().await;
        let snapshot = owner.communities().await.remove(0);
        let id = |value: &Value| value["id"].as_str().unwrap().to_owned();
        let channel = |kind: &str| {
            let channels = snapshot["channels"].as_array().unwrap();
            id(channels.iter().find(|channel| channel["kind"] == kind).unwrap())
        };
        let world = World {
            community: id(&snapshot["community"]),
            text: channel("text"),
            room: channel("room"),
            member: instance.sign_up("bia").await,
            outsider: instance.sign_up("caio").await,
            owner,
            instance,
        };
        world.enter(&world.member).await;
        world
    }

    /// Accepts a fresh invite.
    async fn enter(&self, person: &Program) {
        let path = format!("/api/v1/communities/{}/invites", self.community);
        let code = self.owner.post(&path, json!({})).await.text("/code");
        let accepted = person.post(&format!("/api/v1/invites/{code}/accept"), json!({ "rules_version": 1 })).await;
        assert_eq!(accepted.status, StatusCode::OK, "{}", accepted.body);
    }

    /// Another device of a person.
    async fn sign_in(&self, username: &str) -> Program {
        let request = json!({ "username": username, "password": PASSWORD, "transport": "bearer" });
        let answer = self.instance.anyone().post("/api/v1/sessions", request).await;
        self.instance.anyone().with_token(&answer)
    }

    async fn say(&self, author: &Program, content: &str) {
        let path = format!("/api/v1/channels/{}/messages", self.text);
        let nonce = NEXT_NONCE.fetch_add(1, Ordering::Relaxed).to_string();
        let sent = author.post(&path, json!({ "content": content, "nonce": nonce })).await;
        assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.body);
    }

    fn stream(&self) -> String {
        format!("community:{}", self.community)
    }
}

/// Contents of the messages among these frames.
fn contents(frames: &[Value]) -> Vec<&str> {
    frames.iter().filter_map(|frame| frame["data"]["content"].as_str()).collect()
}

fn types(frames: &[Value]) -> Vec<&str> {
    frames.iter().map(|frame| frame["type"].as_str().unwrap_or("reply")).collect()
}
