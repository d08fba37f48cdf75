// SPDX-License-Identifier: Apache-2.0
//! `voz-client join`: exit code 0 only if it joined and did what was asked.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::{Args, Parser, Subcommand};
use serde::Serialize;
use voz_client::api::Api;
use voz_client::gateway::Gateway;
use voz_client::media::{MediaPath, MediaStats, Microphone, Offering};
use voz_client::sound::{read_wav, write_wav};
use voz_protocol::gateway::{ClientCommand, CommandResult, ServerEvent};
use voz_protocol::voice::{VoiceJoin, VoiceJoined};

/// How long the media path may take to connect.
const CONNECT_DEADLINE: Duration = Duration::from_secs(10);

#[derive(Parser)]
#[command(name = "voz-client", version, about = "A voice client without a screen")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Joins a room, plays a file into it, records what it hears
    Join(Join),
}

#[derive(Args)]
struct Join {
    /// Address of the server, as a browser would open it
    #[arg(long)]
    server: String,
    /// Signs up by this invite, or signs in if the name exists
    #[arg(long, required_unless_present = "token_file", requires = "username", requires = "password_file")]
    invite: Option<String>,
    /// File with an access token
    #[arg(long, conflicts_with = "invite")]
    token_file: Option<PathBuf>,
    /// User name
    #[arg(long)]
    username: Option<String>,
    /// File with the password
    #[arg(long)]
    password_file: Option<PathBuf>,
    /// Name of the room
    #[arg(long)]
    room: String,
    /// Name of the community, where the room's name is not enough
    #[arg(long)]
    community: Option<String>,
    /// WAV file for the microphone, silence follows it; without one the microphone is off
    #[arg(long)]
    play: Option<PathBuf>,
    /// WAV file for what is heard: 48 kHz, mono, 16 bit
    #[arg(long)]
    record: Option<PathBuf>,
    /// How long to stay, from the join on; else until the file is played, or Ctrl+C
    #[arg(long)]
    seconds: Option<f64>,
    /// JSON file for statistics
    #[arg(long)]
    stats_json: Option<PathBuf>,
}

/// What `--stats-json` writes.
#[derive(Serialize)]
struct Report {
    room: String,
    voice_number: u32,
    concealed_frames: u64,
    #[serde(flatten)]
    media: MediaStats,
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    let Command::Join(join) = Cli::parse().command;
    match run(join).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("voz-client: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(join: Join) -> anyhow::Result<()> {
    let until = join.seconds.map(Duration::try_from_secs_f64).transpose().context("--seconds is no time")?;
    let plays = match &join.play {
        Some(file) => Microphone::Plays(read_wav(file)?),
        None => Microphone::Off,
    };
    let api = sign_in(&join).await?;
    let mut gateway = Gateway::connect(&api).await?;
    let room = Gateway::find_room(&gateway.take_snapshots(), &join.room, join.community.as_deref())?;

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
    let mut path = offering.accept(&joined.answer, plays, join.record.is_some()).await?;
    tokio::select! {
        ran = stay(&mut path, until) => ran?,
        told = ended(&mut gateway, &joined) => bail!("{told}"),
        stopped = tokio::signal::ctrl_c() => stopped?,
    }
    drop(gateway.ask(ClientCommand::VoiceLeave {}).await);
    finish(&join, &joined, &mut path)
}

async fn sign_in(join: &Join) -> anyhow::Result<Api> {
    let mut api = Api::new(&join.server)?;
    if let Some(file) = &join.token_file {
        return Ok(api.with_token(read_secret(file)?));
    }
    let username = join.username.as_deref().context("--username is missing")?;
    let password = read_secret(join.password_file.as_deref().context("--password-file is missing")?)?;
    let code = join.invite.as_deref().context("--invite is missing")?;
    // A whole link is as good as its code.
    let code = code.rsplit('/').next().unwrap_or(code);
    api.enter_by_invite(code, username, &password).await?;
    Ok(api)
}

/// Connects, then stays as long as was asked.
async fn stay(path: &mut MediaPath, until: Option<Duration>) -> anyhow::Result<()> {
    let mut connecting = Duration::from_millis(20);
    while !path.is_connected() && connecting <= CONNECT_DEADLINE {
        path.run(Some(connecting)).await?;
        connecting += Duration::from_millis(20);
    }
    if !path.is_connected() {
        bail!("no voice path to the server within {} s (V-UDP-BLOQ)", CONNECT_DEADLINE.as_secs());
    }
    let until = until.or_else(|| path.playing_ends());
    path.run(until).await
}

/// Returns when the server ends this voice, or the connection is gone.
async fn ended(gateway: &mut Gateway, joined: &VoiceJoined) -> String {
    while let Some(event) = gateway.events.recv().await {
        if let ServerEvent::VoiceEnded(ended) = event
            && ended.voice_number == joined.voice_number
            && ended.epoch == joined.room.epoch
        {
            return format!("the server ended the voice: {:?}", ended.reason);
        }
    }
    "the gateway connection is gone".to_owned()
}

fn finish(join: &Join, joined: &VoiceJoined, path: &mut MediaPath) -> anyhow::Result<()> {
    let mut concealed_frames = 0;
    if let Some(file) = &join.record {
        let (recording, length) = path.take_recording();
        let track = recording.into_track(length)?;
        concealed_frames = track.concealed_frames;
        write_wav(file, &track.samples)?;
    }
    if let Some(file) = &join.stats_json {
        let report = Report {
            room: join.room.clone(),
            voice_number: joined.voice_number,
            concealed_frames,
            media: path.stats(),
        };
        std::fs::write(file, serde_json::to_vec_pretty(&report)?)
            .with_context(|| format!("can't write {}", file.display()))?;
    }
    Ok(())
}

fn read_secret(file: &Path) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(file).with_context(|| format!("can't read {}", file.display()))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}
