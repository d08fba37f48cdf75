// SPDX-License-Identifier: Apache-2.0
//! A real server in this process: real TCP, real SQLite in a folder of its own, real media thread.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use voz_server::config::{Config, Flags};
use voz_server::start::{Running, start};
use voz_server::web::WebClient;

pub const PASSWORD: &str = "correta cavalo bateria";

/// A running instance.
pub struct Instance {
    pub running: Running,
    pub config: Config,
    _data: TempDir,
}

impl Instance {
    /// Fresh, not set up.
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// The same with another configuration.
    pub async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut config = Config::load(Flags {
            data_dir: Some(data.path().to_owned()),
            listen: Some("127.0.0.1:0".parse().unwrap()),
            ..Flags::default()
        })
        .unwrap();
        // No packet of a test leaves loopback.
        config.voice.advertise = vec!["127.0.0.1".parse().unwrap()];
        config.limits.drain_s = 0;
        change(&mut config);
        let running = start(&config, WebClient::embedded()).await.unwrap();
        Instance { running, config, _data: data }
    }

    /// The token of the set-up link.
    pub fn setup_token(&self) -> &str {
        let link = self.running.setup_link.as_deref().unwrap();
        link.rsplit_once("/setup#").unwrap().1
    }

    /// A program that has no session.
    pub fn anyone(&self) -> Program {
        Program { http: reqwest::Client::new(), url: self.running.url.clone(), token: None }
    }

    /// The wizard's request, with sessions for programs.
    pub fn setup_request(&self) -> Value {
        json!({
            "token": self.setup_token(),
            "username": "ana",
            "password": PASSWORD,
            "instance_name": "Voz da escola",
            "sign_up": "open",
            "community": { "name": "Escola", "text_channel": "geral", "room": "Sala 1", "rules": "Respeito." },
            "transport": "bearer",
        })
    }

    /// Goes through the wizard as `ana`.
    pub async fn set_up(&self) -> Program {
        let answer = self.anyone().post("/api/v1/setup", self.setup_request()).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{:?}", answer.body);
        self.anyone().with_token(&answer)
    }

    /// A new account outside every community.
    pub async fn sign_up(&self, username: &str) -> Program {
        let request = json!({ "username": username, "password": PASSWORD, "transport": "bearer" });
        let answer = self.anyone().post("/api/v1/accounts", request).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{:?}", answer.body);
        self.anyone().with_token(&answer)
    }

    /// Stops the server and starts it again on its data, at another port.
    pub async fn restart(self) -> Self {
        let Instance { running, config, _data } = self;
        running.stop().await;
        let running = start(&config, WebClient::embedded()).await.unwrap();
        Instance { running, config, _data }
    }
}

/// A client with a bearer session, or none.
#[derive(Clone)]
pub struct Program {
    pub http: reqwest::Client,
    pub url: String,
    pub token: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    /// `null` when there was none.
    pub body: Value,
}

impl Answer {
    /// The stable code of a refusal; also checks the shape of it.
    #[track_caller]
    pub fn code(&self) -> &str {
        assert_eq!(self.headers["content-type"], "application/problem+json", "{:?}", self.body);
        assert_eq!(self.body["status"], self.status.as_u16());
        let code = self.body["code"].as_str().unwrap();
        assert_eq!(self.body["type"], format!("urn:voz:error:{code}"));
        code
    }

    #[track_caller]
    pub fn text(&self, pointer: &str) -> String {
        let value = self.body.pointer(pointer).and_then(Value::as_str);
        value.unwrap_or_else(|| panic!("no {pointer} in {}", self.body)).to_owned()
    }
}

impl Program {
    pub fn with_token(mut self, signed_in: &Answer) -> Self {
        self.token = Some(signed_in.text("/access_token"));
        self
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PATCH, path, Some(body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PUT, path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await
    }

    pub async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let mut request = self.http.request(method, format!("{}{path}", self.url));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        answer(request).await
    }

    /// This person's id.
    pub async fn user_id(&self) -> String {
        self.get("/api/v1/me").await.text("/user/id")
    }

    /// Snapshots of all communities of this person, as the gateway sends them on a fresh start.
    pub async fn communities(&self) -> Vec<Value> {
        let url = self.url.replacen("http", "ws", 1) + "/api/v1/gateway";
        let mut request = url.into_client_request().unwrap();
        let bearer = format!("Bearer {}", self.token.as_deref().unwrap());
        request.headers_mut().insert("authorization", bearer.parse().unwrap());
        let (mut socket, _) = tokio_tungstenite::connect_async(request).await.unwrap();
        let resume = json!({ "id": 1, "type": "resume", "data": { "cursors": {} } });
        socket.send(Message::text(resume.to_string())).await.unwrap();
        let mut snapshots = Vec::new();
        loop {
            let frame = tokio::time::timeout(Duration::from_secs(10), socket.next()).await.unwrap();
            let Message::Text(text) = frame.unwrap().unwrap() else { continue };
            let frame: Value = serde_json::from_str(&text).unwrap();
            if frame["type"] == "community_snapshot" {
                snapshots.push(frame["data"].clone());
            }
            if frame["reply"] == 1 {
                assert_eq!(frame["error"], Value::Null, "{frame}");
                return snapshots;
            }
        }
    }
}

/// Sends and reads to the end.
pub async fn answer(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    let bytes = response.bytes().await.unwrap();
    Answer { status, headers, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) }
}
