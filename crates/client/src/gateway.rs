// SPDX-License-Identifier: Apache-2.0
//! The gateway, as far as a voice client needs it: resume, commands with their replies, heartbeats.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::header::AUTHORIZATION;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};
use voz_protocol::channels::{Channel, ChannelKind};
use voz_protocol::communities::CommunitySnapshot;
use voz_protocol::gateway::{ClientCommand, ClientFrame, CommandResult, Resume, ServerEvent, ServerFrame};

use crate::api::Api;
use crate::words;

const HEARTBEAT: Duration = Duration::from_secs(20);
/// A server that says nothing for so long, not even to heartbeats, is gone.
const SILENCE: Duration = Duration::from_secs(45);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const REPLY_TIMEOUT: Duration = Duration::from_secs(15);

type Asked = (ClientCommand, oneshot::Sender<anyhow::Result<CommandResult>>);
type Waiting = HashMap<u32, oneshot::Sender<anyhow::Result<CommandResult>>>;

/// A live connection.
pub struct Gateway {
    asks: mpsc::Sender<Asked>,
    /// Everything that the server tells, in order; ends with the connection.
    pub events: mpsc::Receiver<ServerEvent>,
    snapshots: Vec<CommunitySnapshot>,
    running: JoinHandle<String>,
}

impl Gateway {
    /// Connects and resumes from nothing.
    ///
    /// # Errors
    /// When the server can't be reached, or refuses the session.
    pub async fn connect(api: &Api) -> anyhow::Result<Self> {
        let mut request = api.gateway_url().into_client_request()?;
        let token = api.access_token().context("sign in first")?;
        let bearer = format!("Bearer {token}").parse().ok().context("the token holds characters that none has")?;
        request.headers_mut().insert(AUTHORIZATION, bearer);
        let connecting = timeout(CONNECT_TIMEOUT, tokio_tungstenite::connect_async(request));
        let (socket, _) = match connecting.await.context("the gateway does not answer")? {
            Err(Error::Http(response)) if response.status() == 401 => {
                bail!("the session or token is not valid (any more): sign in again")
            }
            connected => connected.context("the gateway can't be reached")?,
        };
        let (asks, asked) = mpsc::channel(16);
        let (tell, events) = mpsc::channel(1024);
        let running = tokio::spawn(run(socket, asked, tell));
        let mut gateway = Self { asks, events, snapshots: Vec::new(), running };
        gateway.resume().await?;
        Ok(gateway)
    }

    /// Takes the snapshots that come before the reply, however many they are.
    async fn resume(&mut self) -> anyhow::Result<()> {
        let asks = self.asks.clone();
        let resumed = ask(&asks, ClientCommand::Resume(Resume::default()));
        tokio::pin!(resumed);
        let mut snapshots = Vec::new();
        let mut keep = |event| {
            if let ServerEvent::CommunitySnapshot(snapshot) = event {
                snapshots.push(snapshot);
            }
        };
        loop {
            tokio::select! {
                event = self.events.recv() => match event {
                    Some(event) => keep(event),
                    None => bail!(self.ending().await),
                },
                reply = &mut resumed => {
                    reply?;
                    break;
                }
            }
        }
        // What came just before the reply is still in the queue.
        while let Ok(event) = self.events.try_recv() {
            keep(event);
        }
        self.snapshots = snapshots;
        Ok(())
    }

    /// Sends a command and waits for its reply.
    ///
    /// # Errors
    /// Why it was refused; that the connection is gone.
    pub async fn ask(&self, command: ClientCommand) -> anyhow::Result<CommandResult> {
        ask(&self.asks, command).await
    }

    /// The room of this name, in the named community where one is named.
    ///
    /// # Errors
    /// When there is no such room, or several.
    pub fn find_room(snapshots: &[CommunitySnapshot], name: &str, community: Option<&str>) -> anyhow::Result<Channel> {
        let here: Vec<&CommunitySnapshot> = snapshots
            .iter()
            .filter(|snapshot| community.is_none_or(|wanted| snapshot.community.name == wanted))
            .collect();
        if let (Some(community), []) = (community, &here[..]) {
            let names = quoted(snapshots.iter().map(|snapshot| &snapshot.community.name));
            bail!("this person is in no community called {community:?}, but in: {names}");
        }
        let rooms = || {
            here.iter()
                .flat_map(|snapshot| snapshot.channels.iter().map(move |channel| (*snapshot, channel)))
                .filter(|(_, channel)| channel.kind == ChannelKind::Room)
        };
        let found: Vec<_> = rooms().filter(|(_, channel)| channel.name == name).collect();
        match &found[..] {
            [(_, room)] => Ok((*room).clone()),
            [] => bail!("no room is called {name:?}; there are: {}", quoted(rooms().map(|(_, channel)| &channel.name))),
            [(first, _), rest @ ..] if rest.iter().any(|(other, _)| other.community.id != first.community.id) => {
                let names = quoted(found.iter().map(|(snapshot, _)| &snapshot.community.name));
                bail!("rooms called {name:?} are in several communities: name one by --community, of {names}")
            }
            _ => bail!("several rooms of the community are called {name:?}: one must be renamed"),
        }
    }

    /// The snapshots that came with `resume`. To be called once.
    pub fn take_snapshots(&mut self) -> Vec<CommunitySnapshot> {
        std::mem::take(&mut self.snapshots)
    }

    /// Why the connection ended; waits until it does. Events must have been read to their end.
    pub async fn ending(&mut self) -> String {
        (&mut self.running).await.unwrap_or_else(|_| "the connection failed".to_owned())
    }
}

fn quoted<'a>(names: impl Iterator<Item = &'a String>) -> String {
    let names: Vec<String> = names.map(|name| format!("{name:?}")).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

async fn ask(asks: &mpsc::Sender<Asked>, command: ClientCommand) -> anyhow::Result<CommandResult> {
    const GONE: &str = "the connection to the server is gone";
    let (reply, answered) = oneshot::channel();
    asks.send((command, reply)).await.ok().context(GONE)?;
    timeout(REPLY_TIMEOUT, answered).await.context("the server does not reply")?.context(GONE)?
}

/// Carries frames until one side ends it; returns why.
async fn run(
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    mut asked: mpsc::Receiver<Asked>,
    tell: mpsc::Sender<ServerEvent>,
) -> String {
    let (mut sink, mut stream) = socket.split();
    let mut waiting = HashMap::new();
    let mut next_id = 1_u32;
    let mut heartbeat = tokio::time::interval(HEARTBEAT);
    heartbeat.tick().await;
    let silence = sleep(SILENCE);
    tokio::pin!(silence);
    let ending = loop {
        let (command, reply) = tokio::select! {
            ask = asked.recv() => match ask {
                Some((command, reply)) => (command, Some(reply)),
                None => break "this client closed the connection".to_owned(),
            },
            _ = heartbeat.tick() => (ClientCommand::Heartbeat {}, None),
            () = &mut silence => break format!("the server was silent for {} s", SILENCE.as_secs()),
            frame = stream.next() => {
                silence.set(sleep(SILENCE));
                match frame {
                    Some(Ok(Message::Text(text))) if take(&text, &mut waiting, &tell).await => continue,
                    Some(Ok(Message::Text(_))) => break "nobody listens any more".to_owned(),
                    Some(Ok(Message::Close(Some(close)))) => break words::gateway_close(close.code.into()),
                    Some(Ok(Message::Close(None))) => break "the server closed the connection".to_owned(),
                    Some(Ok(_)) => continue,
                    Some(Err(_)) | None => break "the connection to the server broke".to_owned(),
                }
            }
        };
        let id = next_id;
        next_id += 1;
        if let Some(reply) = reply {
            waiting.insert(id, reply);
        }
        let Ok(text) = serde_json::to_string(&ClientFrame { id, command }) else {
            break "a command can't be written".to_owned();
        };
        if sink.send(Message::text(text)).await.is_err() {
            break "the connection to the server broke".to_owned();
        }
    };
    // The other side closes too, or is gone: either way the connection is over.
    drop(sink.close().await);
    ending
}

/// False when nobody listens any more.
async fn take(text: &str, waiting: &mut Waiting, tell: &mpsc::Sender<ServerEvent>) -> bool {
    match serde_json::from_str::<ServerFrame>(text) {
        Ok(ServerFrame::Event(event)) => tell.send(event.event).await.is_ok(),
        Ok(ServerFrame::Reply(reply)) => {
            if let Some(asker) = waiting.remove(&reply.reply) {
                let outcome = match (reply.result, reply.error) {
                    (Some(result), _) => Ok(result),
                    (None, Some(problem)) => Err(anyhow!(words::refusal(&problem))),
                    (None, None) => Err(anyhow!("the server's reply is empty")),
                };
                drop(asker.send(outcome));
            }
            true
        }
        Err(error) => {
            tracing::debug!(%error, "a frame that this client does not know");
            true
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A community with rooms of these names, and a text channel.
    fn community(number: u8, name: &str, rooms: &[&str]) -> CommunitySnapshot {
        let id = |of: u8| format!("00000000-0000-7000-8000-0000000000{number:x}{of:x}");
        let channel = |(of, (kind, name)): (usize, (&str, &str))| json!({ "id": id(of as u8 + 2), "community_id": id(0), "kind": kind, "name": name, "position": of });
        let rooms = rooms.iter().map(|room| ("room", *room)).chain([("text", "geral")]);
        serde_json::from_value(json!({
            "community": { "id": id(0), "name": name, "owner_id": id(1), "rules": { "version": 1, "text": "" } },
            "channels": rooms.enumerate().map(channel).collect::<Vec<_>>(),
            "members": [], "permissions": [], "voice_rooms": [],
        }))
        .unwrap()
    }

    #[test]
    fn a_room_is_found_by_its_name_and_its_community_where_that_is_needed() {
        let all = [community(1, "Escola", &["Sala", "Pátio"]), community(2, "Coral", &["Sala"])];
        let find = |name: &str, community: Option<&str>| {
            Gateway::find_room(&all, name, community).map(|room| room.community_id).map_err(|error| error.to_string())
        };
        assert_eq!(find("Pátio", None), Ok(all[0].community.id));
        assert_eq!(find("Sala", Some("Coral")), Ok(all[1].community.id));
        let told = |name, community| find(name, community).unwrap_err();
        assert!(told("Sala", None).contains("--community, of \"Escola\", \"Coral\""));
        assert!(told("Sala", Some("Clube")).ends_with("but in: \"Escola\", \"Coral\""));
        assert_eq!(told("geral", Some("Coral")), "no room is called \"geral\"; there are: \"Sala\"");
        let twins = [community(1, "Escola", &["Sala", "Sala"])];
        assert!(Gateway::find_room(&twins, "Sala", None).unwrap_err().to_string().contains("one must be renamed"));
    }
}
