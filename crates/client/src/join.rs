// SPDX-License-Identifier: Apache-2.0
//! One stay in a room, from the command line to the exit code.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, anyhow, bail, ensure};
use clap::Args;
use serde::Serialize;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::timeout;
use voz_client::api::Api;
use voz_client::gateway::Gateway;
use voz_client::media::{MediaPath, MediaStats, Microphone, Offering};
use voz_client::recording::Recorder;
use voz_client::sound::read_sound;
use voz_client::words;
use voz_protocol::gateway::{ClientCommand, CommandResult, ServerEvent};
use voz_protocol::voice::{VoiceJoin, VoiceJoined};

/// How long the media path may take to connect.
const CONNECT_DEADLINE: Duration = Duration::from_secs(10);
/// How long the server has to say why a media path broke.
const REASON_DEADLINE: Duration = Duration::from_secs(1);
/// How long the server has to answer to a farewell.
const FAREWELL_DEADLINE: Duration = Duration::from_secs(1);

/// End of the long help.
pub const EXIT_CODES: &str = "\
Exit code: 0 when it joined and stayed as long as was asked, or until Ctrl+C; 1 when something went wrong, with \
a sentence on standard error; 2 when the command line can't be read. Once in the room, the recording and the \
statistics are written however it ends.";

/// Arguments of `voz-client join`.
#[derive(Args)]
pub struct Join {
    /// Address of the server as a browser would open it, like http://127.0.0.1:8080
    #[arg(long, value_name = "URL")]
    server: String,
    /// Sign up by this invite, a code or a whole link; sign in if the name exists or sign-up is closed
    #[arg(long, value_name = "CODE", conflicts_with = "token_file", requires = "username")]
    invite: Option<String>,
    /// File with an access token, instead of a name and a password
    #[arg(long, value_name = "FILE", required_unless_present = "username")]
    token_file: Option<PathBuf>,
    /// User name; without --invite, of an account that exists
    #[arg(long, value_name = "NAME")]
    username: Option<String>,
    /// File with the password; a line end after it does not count
    #[arg(long, value_name = "FILE", required_unless_present = "token_file")]
    password_file: Option<PathBuf>,
    /// Name of the room, as it is written on the screen
    #[arg(long, value_name = "NAME")]
    room: String,
    /// Name of the community, where rooms of several communities have that name
    #[arg(long, value_name = "NAME")]
    community: Option<String>,
    /// Play this WAV or Ogg Opus file once, then silence; without it the microphone is closed
    #[arg(long, value_name = "FILE")]
    play: Option<PathBuf>,
    /// Record what is heard into this WAV file, 48 kHz, mono, 16 bit, from the join on
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Stay so long from the join on; else until --play is over; else until Ctrl+C
    #[arg(long, value_name = "N", value_parser = seconds)]
    seconds: Option<Duration>,
    /// Write statistics into this JSON file (its keys are in docs/voz-client.md)
    #[arg(long, value_name = "FILE")]
    stats_json: Option<PathBuf>,
}

/// What `--stats-json` writes; docs/voz-client.md says what the keys mean.
#[derive(Serialize)]
struct Report {
    room: String,
    voice_number: u32,
    seconds: f64,
    ended: String,
    concealed_frames: u64,
    #[serde(flatten)]
    media: MediaStats,
}

/// How a stay ended that nothing broke.
enum Ending {
    /// After this time, which was asked for.
    Over(Duration),
    /// By Ctrl+C, where no end was asked for.
    Interrupted,
}

impl Join {
    /// Joins, stays, writes the files.
    pub async fn run(self) -> anyhow::Result<()> {
        // Before the first await: a signal that comes early must not be lost.
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let plays = match &self.play {
            Some(file) => Microphone::Plays(read_sound(file)?),
            None => Microphone::Off,
        };
        let (mut gateway, joined, mut path) = tokio::select! {
            entered = self.enter(plays) => entered?,
            _ = interrupt.recv() => bail!("interrupted before it had joined"),
            _ = terminate.recv() => bail!("told to end before it had joined"),
        };
        let ending = self.stay(&mut gateway, &joined, &mut path, &mut interrupt, &mut terminate).await;
        let length = match &ending {
            Ok(Ending::Over(length)) => *length,
            Ok(Ending::Interrupted) | Err(_) => path.elapsed(),
        };
        let concealed_frames = path.finish_recording(length);
        // Whoever is not in the room any more need not leave it.
        drop(timeout(FAREWELL_DEADLINE, gateway.ask(ClientCommand::VoiceLeave {})).await);
        if let Some(file) = &self.stats_json {
            let report = Report {
                room: self.room.clone(),
                voice_number: joined.voice_number,
                seconds: length.as_secs_f64(),
                ended: match &ending {
                    Ok(Ending::Over(_)) => "over".to_owned(),
                    Ok(Ending::Interrupted) => "interrupted".to_owned(),
                    Err(error) => words::sentence(error),
                },
                concealed_frames: *concealed_frames.as_ref().unwrap_or(&0),
                media: path.stats(),
            };
            fs::write(file, serde_json::to_vec_pretty(&report)?)
                .with_context(|| format!("can't write {}", file.display()))?;
        }
        ending?;
        concealed_frames.map(drop)
    }

    /// Signs in and joins.
    async fn enter(&self, plays: Microphone) -> anyhow::Result<(Gateway, VoiceJoined, MediaPath)> {
        let api = self.sign_in().await?;
        let mut gateway = Gateway::connect(&api).await?;
        let room = Gateway::find_room(&gateway.take_snapshots(), &self.room, self.community.as_deref())?;
        let recorder = self.record.as_deref().map(Recorder::create).transpose()?;
        let offering = Offering::new()?;
        let command = ClientCommand::VoiceJoin(VoiceJoin {
            channel_id: room.id,
            offer: offering.offer.clone(),
            self_muted: matches!(plays, Microphone::Off),
            self_deafened: false,
        });
        let CommandResult::VoiceJoined(joined) = gateway.ask(command).await.context("can't join the room")? else {
            bail!("the server answered a join with something else");
        };
        let mut path = offering.accept(&joined.answer, plays).await?;
        if let Some(recorder) = recorder {
            path.record(recorder);
        }
        Ok((gateway, joined, path))
    }

    async fn sign_in(&self) -> anyhow::Result<Api> {
        let mut api = Api::new(&self.server)?;
        if let Some(file) = &self.token_file {
            return Ok(api.with_token(read_secret(file)?));
        }
        let username = self.username.as_deref().context("--username is missing")?;
        let password = read_secret(self.password_file.as_deref().context("--password-file is missing")?)?;
        match &self.invite {
            // A whole link is as good as its code.
            Some(link) => {
                let code = link.trim_end_matches('/').rsplit('/').next().unwrap_or(link);
                api.enter_by_invite(code, username, &password).await?;
            }
            None => api.sign_in(username, &password).await?,
        }
        Ok(api)
    }

    async fn stay(
        &self,
        gateway: &mut Gateway,
        joined: &VoiceJoined,
        path: &mut MediaPath,
        interrupt: &mut Signal,
        terminate: &mut Signal,
    ) -> anyhow::Result<Ending> {
        let stayed = tokio::select! {
            stayed = connect_and_stay(path, self.seconds) => stayed.map(Ending::Over),
            told = ended(gateway, joined) => bail!(told),
            _ = interrupt.recv() => Ok(Ending::Interrupted),
            _ = terminate.recv() => bail!("told to end by a signal"),
        };
        let has_an_end = self.seconds.is_some() || self.play.is_some();
        let broke = match stayed {
            Ok(ending) => {
                ensure!(path.is_connected(), "interrupted before voice was connected");
                ensure!(matches!(ending, Ending::Over(_)) || !has_an_end, "interrupted before it was over");
                return Ok(ending);
            }
            Err(broke) => broke,
        };
        // The server says goodbye on both ways at once; the gateway knows the reason.
        Err(timeout(REASON_DEADLINE, ended(gateway, joined)).await.map_or(broke, |told| anyhow!(told)))
    }
}

/// Connects, then stays as long as was asked: how long that was.
async fn connect_and_stay(path: &mut MediaPath, until: Option<Duration>) -> anyhow::Result<Duration> {
    let mut connecting = Duration::from_millis(20);
    while !path.is_connected() && connecting <= CONNECT_DEADLINE {
        path.run(Some(connecting)).await?;
        connecting += Duration::from_millis(20);
    }
    ensure!(
        path.is_connected(),
        "no voice path to the server within {} s: UDP to its port may be blocked",
        CONNECT_DEADLINE.as_secs()
    );
    let mut end = until.or_else(|| path.playing_ends());
    path.run(end).await?;
    // A pause of this machine meanwhile puts the end of the file off.
    while until.is_none() && end < path.playing_ends() {
        end = path.playing_ends();
        path.run(end).await?;
    }
    Ok(end.unwrap_or_else(|| path.elapsed()))
}

/// Returns when the server ends this voice, or the connection is gone.
async fn ended(gateway: &mut Gateway, joined: &VoiceJoined) -> String {
    while let Some(event) = gateway.events.recv().await {
        if let ServerEvent::VoiceEnded(ended) = event
            && ended.voice_number == joined.voice_number
            && ended.epoch == joined.room.epoch
        {
            return words::voice_end(ended.reason).to_owned();
        }
    }
    gateway.ending().await
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number of seconds".to_owned())?;
    Duration::try_from_secs_f64(seconds).map_err(|_| "not a time".to_owned())
}

fn read_secret(file: &Path) -> anyhow::Result<String> {
    let text = fs::read_to_string(file).with_context(|| format!("can't read {}", file.display()))?;
    let secret = text.trim_end_matches(['\r', '\n']);
    ensure!(!secret.is_empty(), "{} is empty", file.display());
    Ok(secret.to_owned())
}
