// SPDX-License-Identifier: Apache-2.0
//! A server that is set up, and clients on the command line.

use std::ffi::OsString;
use std::fs;
use std::future::pending;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::time::timeout;
use voz_client::api::Api;
use voz_client::gateway::Gateway;
use voz_protocol::gateway::ServerEvent;
use voz_protocol::voice::VoiceRoom;
use voz_testkit::process::{Voz, binary};

pub const PASSWORD: &str = "correta cavalo bateria";
pub const ROOM: &str = "Sala 1";
pub const COMMUNITY: &str = "Escola da Ana";
/// Longer than anybody takes to join.
const SOON: Duration = Duration::from_secs(30);

/// `voz serve` with its owner, and a folder for files.
pub struct Instance {
    pub voz: Voz,
    pub owner_token: String,
    community: String,
    room: String,
    folder: TempDir,
    runtime: Runtime,
}

impl Instance {
    pub fn start() -> Self {
        Self::start_with(&["127.0.0.1"], &[])
    }

    /// Voice is advertised at these addresses; these rates are limited.
    pub fn start_with(advertise: &[&str], rates: &[(&str, &str)]) -> Self {
        Self::set_up(advertise, rates, "invite")
    }

    /// It takes no new accounts.
    pub fn closed() -> Self {
        Self::set_up(&["127.0.0.1"], &[], "closed")
    }

    fn set_up(advertise: &[&str], rates: &[(&str, &str)], sign_up: &str) -> Self {
        let voz = Voz::start(advertise, rates);
        let runtime = Runtime::new().unwrap();
        let setup = json!({
            "token": voz.setup_token, "username": "dona", "password": PASSWORD, "instance_name": "Voz", "sign_up": sign_up,
            "community": { "name": COMMUNITY, "text_channel": "geral", "room": ROOM, "rules": "Respeito." },
            "transport": "bearer",
        });
        let signed_in = runtime.block_on(call(&voz.url, None, Method::POST, "/api/v1/setup", setup));
        let owner_token = signed_in["access_token"].as_str().unwrap().to_owned();
        let snapshot = runtime.block_on(async {
            let api = Api::new(&voz.url).unwrap().with_token(owner_token.clone());
            Gateway::connect(&api).await.unwrap().take_snapshots().remove(0)
        });
        let room = Gateway::find_room(std::slice::from_ref(&snapshot), ROOM, None).unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("password"), format!("{PASSWORD}\n")).unwrap();
        let community = snapshot.community.id.to_string();
        Instance { voz, owner_token, community, room: room.id.to_string(), folder, runtime }
    }

    /// Calls the API as the owner.
    pub fn as_owner(&self, method: Method, path: &str, body: Value) -> Value {
        self.runtime.block_on(call(&self.voz.url, Some(&self.owner_token), method, path, body))
    }

    /// A new invite.
    pub fn invite(&self, form: Value) -> String {
        let made = self.as_owner(Method::POST, &format!("/api/v1/communities/{}/invites", self.community), form);
        made["code"].as_str().unwrap().to_owned()
    }

    pub fn make_room(&self, name: &str) {
        let path = format!("/api/v1/communities/{}/channels", self.community);
        self.as_owner(Method::POST, &path, json!({ "kind": "room", "name": name }));
    }

    /// Closes somebody's microphone.
    pub fn mute(&self, username: &str) {
        let path = format!("/api/v1/communities/{}/members/{}/voice-mute", self.community, self.user_id(username));
        self.as_owner(Method::PUT, &path, json!({ "muted": true }));
    }

    /// Takes somebody out of the room.
    pub fn take_out(&self, username: &str) {
        let path = format!("/api/v1/channels/{}/occupants/{}", self.room, self.user_id(username));
        self.as_owner(Method::DELETE, &path, Value::Null);
    }

    /// Waits until everybody named is in the room and connected.
    pub fn wait_for(&self, usernames: &[&str]) {
        let are_in = |room: &VoiceRoom| {
            let inside = |name| room.occupants.iter().any(|one| one.connected && one.user.username == name);
            usernames.iter().all(|username| inside(*username))
        };
        let waiting = async {
            let mut gateway = self.connect().await;
            let rooms = gateway.take_snapshots().remove(0).voice_rooms;
            let mut seen = rooms.iter().any(are_in);
            while !seen {
                let event = gateway.events.recv().await.unwrap();
                seen = matches!(event, ServerEvent::VoiceRoom(room) if are_in(&room));
            }
        };
        let waited = self.runtime.block_on(async { timeout(SOON, waiting).await });
        assert!(waited.is_ok(), "{usernames:?} are not in the room within {SOON:?}");
    }

    /// Another address of the server, at which nothing passes any more and nothing breaks once this is sent.
    pub fn behind_a_gate(&self) -> (String, watch::Sender<bool>) {
        let (close, closed) = watch::channel(false);
        let server = self.voz.url.strip_prefix("http://").unwrap().to_owned();
        let listener = self.runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        self.runtime.spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let (server, mut closed) = (server.clone(), closed.clone());
                tokio::spawn(async move {
                    let mut server = TcpStream::connect(server).await.unwrap();
                    tokio::select! {
                        _ = copy_bidirectional(&mut client, &mut server) => return,
                        _ = closed.wait_for(|closed| *closed) => {}
                    }
                    pending::<()>().await;
                });
            }
        });
        (url, close)
    }

    fn user_id(&self, username: &str) -> String {
        let snapshot = self.runtime.block_on(self.connect()).take_snapshots().remove(0);
        let member = snapshot.members.iter().find(|member| member.user.username == username).unwrap();
        member.user.id.to_string()
    }

    async fn connect(&self) -> Gateway {
        let api = Api::new(&self.voz.url).unwrap().with_token(self.owner_token.clone());
        Gateway::connect(&api).await.unwrap()
    }

    /// A file of this test.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `voz-client join` without a way to sign in: its arguments so far.
    pub fn client(&self) -> Client {
        let mut command = Command::new(binary("voz-client"));
        command.env("RUST_LOG", "warn").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Client { command, server: self.voz.url.clone(), room: ROOM.to_owned(), arguments: Vec::new() }
    }

    /// The same for somebody with a name and this instance's password.
    pub fn person(&self, username: &str, invite: &str) -> Client {
        let password = self.file("password").to_str().unwrap().to_owned();
        self.client().with(&["--invite", invite, "--username", username, "--password-file", &password])
    }

    /// The same, with an invite of its own.
    pub fn guest(&self, username: &str) -> Client {
        self.person(username, &self.invite(json!({})))
    }
}

/// A command line in the making.
pub struct Client {
    command: Command,
    server: String,
    room: String,
    arguments: Vec<OsString>,
}

impl Client {
    pub fn with(mut self, arguments: &[&str]) -> Self {
        self.arguments.extend(arguments.iter().map(OsString::from));
        self
    }

    pub fn with_file(mut self, argument: &str, file: PathBuf) -> Self {
        self.arguments.extend([argument.into(), file.into()]);
        self
    }

    pub fn with_env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    pub fn at_server(mut self, url: &str) -> Self {
        self.server = url.to_owned();
        self
    }

    pub fn in_room(mut self, name: &str) -> Self {
        self.room = name.to_owned();
        self
    }

    pub fn spawn(mut self) -> Running {
        self.command.args(["join", "--server", &self.server, "--room", &self.room]).args(&self.arguments);
        Running(Some(self.command.spawn().unwrap()))
    }

    /// Runs it to its end.
    pub fn run(self) -> Ended {
        self.spawn().wait()
    }
}

/// A client that runs; killed if a test fails before its end.
pub struct Running(Option<Child>);

impl Running {
    pub fn wait(mut self) -> Ended {
        Ended(self.0.take().unwrap().wait_with_output().unwrap())
    }

    /// Sends a signal, by name.
    pub fn signal(&self, name: &str) {
        let id = self.0.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }

    /// Stops it for so many seconds: how long they are is what is tested.
    pub fn stand_still(&self, seconds: &str) {
        self.signal("STOP");
        assert!(Command::new("sleep").arg(seconds).status().unwrap().success());
        self.signal("CONT");
    }

    /// Ctrl+C while it still has to play or to stay.
    #[track_caller]
    pub fn interrupt(self) {
        self.signal("INT");
        self.wait().badly("interrupted before it was over");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(mut child) = self.0.take() {
            drop(child.kill());
            drop(child.wait());
        }
    }
}

/// What came of it.
pub struct Ended(Output);

impl Ended {
    pub fn told(&self) -> String {
        String::from_utf8_lossy(&self.0.stdout).into_owned() + &String::from_utf8_lossy(&self.0.stderr)
    }

    #[track_caller]
    pub fn well(self) {
        assert!(self.0.status.success(), "{}: {}", self.0.status, self.told());
        assert_eq!(self.told(), "");
    }

    /// Failed, with one sentence that holds this.
    #[track_caller]
    pub fn badly(self, sentence: &str) {
        assert_eq!(self.0.status.code(), Some(1), "{}", self.told());
        assert_eq!(self.told().lines().count(), 1, "{}", self.told());
        assert!(self.told().starts_with("voz-client: ") && self.told().contains(sentence), "{}", self.told());
    }
}

async fn call(url: &str, token: Option<&str>, method: Method, path: &str, body: Value) -> Value {
    let mut request = reqwest::Client::new().request(method, format!("{url}{path}"));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    if !body.is_null() {
        request = request.json(&body);
    }
    let answer = request.send().await.unwrap();
    let (status, body) = (answer.status(), answer.bytes().await.unwrap());
    assert!(status.is_success(), "{path}: {status} {}", String::from_utf8_lossy(&body));
    serde_json::from_slice(&body).unwrap_or(Value::Null)
}
