// SPDX-License-Identifier: Apache-2.0
//! People with accounts, in rooms.

use anyhow::{Context, bail};
use reqwest::Client;
use serde_json::{Value, json};
use uuid::Uuid;
use voz_client::api::Api;
use voz_client::gateway::Gateway;
use voz_client::media::{MediaPath, Microphone, Offering};
use voz_protocol::gateway::{ClientCommand, CommandResult};
use voz_protocol::voice::VoiceJoin;

use crate::server::Server;

const PASSWORD: &str = "three measured words";
/// Name of the first room.
pub const ROOM: &str = "Sala";

/// Who set the instance up, with an invite for all others.
pub struct Owner {
    token: String,
    community: String,
    /// Without limit of uses.
    pub invite: String,
}

/// Who has signed up.
pub struct Account(Api);

/// A signed-in person with a live gateway.
pub struct Person {
    /// The connection.
    pub gateway: Gateway,
    rooms: Vec<(String, Uuid)>,
}

/// Sets the instance up.
///
/// # Errors
/// What the server refuses.
pub async fn set_up(server: &Server) -> anyhow::Result<Owner> {
    let setup = json!({
        "token": server.setup_token().await?, "username": "dona", "password": PASSWORD,
        "instance_name": "Bench", "sign_up": "invite", "transport": "bearer",
        "community": { "name": "Bench", "text_channel": "geral", "room": ROOM, "rules": "Fale baixo." },
    });
    let signed_in = post(server, None, "/api/v1/setup", setup).await?;
    let token = text(&signed_in, "access_token")?;
    let api = Api::new(&server.url())?.with_token(token.clone());
    let mut gateway = Gateway::connect(&api).await?;
    let snapshots = gateway.take_snapshots();
    let community = snapshots.first().context("no community")?.community.id.to_string();
    let invite = post(server, Some(&token), &format!("/api/v1/communities/{community}/invites"), json!({})).await?;
    Ok(Owner { token, community, invite: text(&invite, "code")? })
}

impl Owner {
    /// Makes a room.
    ///
    /// # Errors
    /// What the server refuses.
    pub async fn make_room(&self, server: &Server, name: &str) -> anyhow::Result<()> {
        let path = format!("/api/v1/communities/{}/channels", self.community);
        post(server, Some(&self.token), &path, json!({ "kind": "room", "name": name })).await.map(drop)
    }
}

impl Account {
    /// Signs up by the owner's invite.
    ///
    /// # Errors
    /// What the server refuses.
    pub async fn sign_up(server: &Server, owner: &Owner, username: &str) -> anyhow::Result<Self> {
        let mut api = Api::new(&server.url())?;
        api.enter_by_invite(&owner.invite, username, PASSWORD).await?;
        Ok(Self(api))
    }

    /// Opens the gateway.
    ///
    /// # Errors
    /// What the server refuses.
    pub async fn connect(self) -> anyhow::Result<Person> {
        let mut gateway = Gateway::connect(&self.0).await?;
        let rooms = gateway.take_snapshots().into_iter().flat_map(|snapshot| snapshot.channels);
        let rooms = rooms.map(|channel| (channel.name, channel.id)).collect();
        Ok(Person { gateway, rooms })
    }
}

impl Person {
    /// Signs up by the owner's invite and connects.
    ///
    /// # Errors
    /// What the server refuses.
    pub async fn arrive(server: &Server, owner: &Owner, username: &str) -> anyhow::Result<Self> {
        Account::sign_up(server, owner, username).await?.connect().await
    }

    /// Joins a room; the path connects while it runs.
    ///
    /// # Errors
    /// What the server refuses.
    pub async fn join(&mut self, room: &str, plays: Microphone) -> anyhow::Result<MediaPath> {
        // Nobody reads the events here: what came meanwhile must not fill the queue.
        while self.gateway.events.try_recv().is_ok() {}
        let channel_id = self.rooms.iter().find(|(name, _)| name == room).context("no such room")?.1;
        let offering = Offering::new()?;
        let join = VoiceJoin {
            channel_id,
            offer: offering.offer.clone(),
            self_muted: matches!(plays, Microphone::Off),
            self_deafened: false,
        };
        match self.gateway.ask(ClientCommand::VoiceJoin(join)).await? {
            CommandResult::VoiceJoined(joined) => offering.accept(&joined.answer, plays).await,
            CommandResult::Resumed {} | CommandResult::Done {} => bail!("a join was answered with something else"),
        }
    }

    /// Leaves the room.
    ///
    /// # Errors
    /// What the server refuses.
    pub async fn leave(&mut self) -> anyhow::Result<()> {
        self.gateway.ask(ClientCommand::VoiceLeave {}).await.map(drop)
    }
}

/// A tone of 440 Hz.
pub fn tone(seconds: usize) -> Microphone {
    let samples = voz_client::sound::RATE as usize * seconds;
    let at = |index: usize| (index as f32 * std::f32::consts::TAU * 440.0 / voz_client::sound::RATE as f32).sin();
    Microphone::Plays((0..samples).map(|index| (at(index) * 12_000.0) as i16).collect())
}

/// A tone that rises all the time, so that no two of its packets are alike.
pub fn sweep(seconds: usize) -> Microphone {
    let samples = voz_client::sound::RATE as usize * seconds;
    let mut phase = 0.0_f64;
    let mut next = |index: usize| {
        let hz = 200.0 + 2000.0 * index as f64 / samples as f64;
        phase += std::f64::consts::TAU * hz / f64::from(voz_client::sound::RATE);
        (phase.sin() * 12_000.0) as i16
    };
    Microphone::Plays((0..samples).map(&mut next).collect())
}

async fn post(server: &Server, token: Option<&str>, path: &str, body: Value) -> anyhow::Result<Value> {
    let mut request = Client::new().post(format!("{}{path}", server.url())).json(&body);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let answer = request.send().await?;
    let (status, body) = (answer.status(), answer.text().await?);
    anyhow::ensure!(status.is_success(), "{path}: {status} {body}");
    Ok(serde_json::from_str(&body)?)
}

fn text(body: &Value, field: &str) -> anyhow::Result<String> {
    Ok(body[field].as_str().with_context(|| format!("no {field}"))?.to_owned())
}
