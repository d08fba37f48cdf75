// SPDX-License-Identifier: Apache-2.0
//! The gateway, as far as a voice client needs it: resume, commands with their replies, heartbeats.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::{Context, bail};
use futures_util::{SinkExt, StreamExt};
use tokio::sync::{mpsc, oneshot};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::header::AUTHORIZATION;
use voz_protocol::channels::{Channel, ChannelKind};
use voz_protocol::communities::CommunitySnapshot;
use voz_protocol::gateway::{ClientCommand, ClientFrame, CommandResult, Resume, ServerEvent, ServerFrame};

use crate::api::Api;

const HEARTBEAT: Duration = Duration::from_secs(20);

type Asked = (ClientCommand, oneshot::Sender<anyhow::Result<CommandResult>>);

/// A live connection.
pub struct Gateway {
    asks: mpsc::Sender<Asked>,
    /// Everything that the server tells, in order; ends with the connection.
    pub events: mpsc::Receiver<ServerEvent>,
}

impl Gateway {
    /// Connects and resumes from nothing.
    ///
    /// # Errors
    /// When the server can't be reached, or refuses the session.
    pub async fn connect(api: &Api) -> anyhow::Result<Self> {
        let mut request = api.gateway_url().into_client_request()?;
        let token = api.access_token().context("sign in first")?;
        request.headers_mut().insert(AUTHORIZATION, format!("Bearer {token}").parse()?);
        let (socket, _) = tokio_tungstenite::connect_async(request).await.context("the gateway refused")?;
        let (asks, asked) = mpsc::channel(16);
        let (tell, events) = mpsc::channel(1024);
        tokio::spawn(run(socket, asked, tell));
        let gateway = Self { asks, events };
        gateway.ask(ClientCommand::Resume(Resume::default())).await?;
        Ok(gateway)
    }

    /// Sends a command and waits for its reply.
    ///
    /// # Errors
    /// The problem's code when refused; that the connection is gone.
    pub async fn ask(&self, command: ClientCommand) -> anyhow::Result<CommandResult> {
        let (reply, answered) = oneshot::channel();
        self.asks.send((command, reply)).await.ok().context("the gateway connection is gone")?;
        answered.await.context("the gateway connection is gone")?
    }

    /// Reads on until the room of this name is known, in the named community where one is named.
    ///
    /// # Errors
    /// When there is no such room, or several.
    pub fn find_room(snapshots: &[CommunitySnapshot], name: &str, community: Option<&str>) -> anyhow::Result<Channel> {
        let mut found = snapshots
            .iter()
            .filter(|snapshot| community.is_none_or(|wanted| snapshot.community.name == wanted))
            .flat_map(|snapshot| &snapshot.channels)
            .filter(|channel| channel.kind == ChannelKind::Room && channel.name == name);
        let room = found.next().with_context(|| format!("no room is called {name:?}"))?;
        if found.next().is_some() {
            bail!("several rooms are called {name:?}: name the community too");
        }
        Ok(room.clone())
    }

    /// The snapshots that came with `resume`. To be called once, before other events are read.
    pub fn take_snapshots(&mut self) -> Vec<CommunitySnapshot> {
        let mut snapshots = Vec::new();
        while let Ok(event) = self.events.try_recv() {
            if let ServerEvent::CommunitySnapshot(snapshot) = event {
                snapshots.push(snapshot);
            }
        }
        snapshots
    }
}

async fn run<S>(
    socket: tokio_tungstenite::WebSocketStream<S>,
    mut asked: mpsc::Receiver<Asked>,
    tell: mpsc::Sender<ServerEvent>,
) where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    let (mut sink, mut stream) = socket.split();
    let mut waiting = HashMap::new();
    let mut next_id = 1_u32;
    let mut heartbeat = tokio::time::interval(HEARTBEAT);
    heartbeat.tick().await;
    loop {
        let (command, reply) = tokio::select! {
            ask = asked.recv() => match ask {
                Some((command, reply)) => (command, Some(reply)),
                None => break,
            },
            _ = heartbeat.tick() => (ClientCommand::Heartbeat {}, None),
            frame = stream.next() => {
                let Some(Ok(frame)) = frame else { break };
                if !take(frame, &mut waiting, &tell).await {
                    break;
                }
                continue;
            }
        };
        let id = next_id;
        next_id += 1;
        if let Some(reply) = reply {
            waiting.insert(id, reply);
        }
        let Ok(text) = serde_json::to_string(&ClientFrame { id, command }) else { break };
        if sink.send(Message::text(text)).await.is_err() {
            break;
        }
    }
    // The other side closes too, or is gone: either way the connection is over.
    drop(sink.close().await);
}

type Waiting = HashMap<u32, oneshot::Sender<anyhow::Result<CommandResult>>>;

/// False when nobody listens any more.
async fn take(frame: Message, waiting: &mut Waiting, tell: &mpsc::Sender<ServerEvent>) -> bool {
    let Message::Text(text) = frame else { return true };
    match serde_json::from_str::<ServerFrame>(&text) {
        Ok(ServerFrame::Event(event)) => tell.send(event.event).await.is_ok(),
        Ok(ServerFrame::Reply(reply)) => {
            if let Some(asker) = waiting.remove(&reply.reply) {
                let outcome = match (reply.result, reply.error) {
                    (Some(result), _) => Ok(result),
                    (None, Some(problem)) => Err(anyhow::anyhow!("refused: {:?}", problem.code)),
                    (None, None) => Err(anyhow::anyhow!("an empty reply")),
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
