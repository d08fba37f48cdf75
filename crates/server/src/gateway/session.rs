// SPDX-License-Identifier: Apache-2.0
//! The session of one socket, without the socket: frames, deliveries and times go in; frames, requests
//! to `app` and a close code come out.
//!
//! Invariants: nothing but replies is sent before `ready`; while a request is under way neither
//! commands nor deliveries are taken, so replies and events keep the order of their causes; what waits
//! to be sent is bounded, because deliveries are only taken while little waits.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use voz_app::AppError;
use voz_app::streams::{Content, Cursors, Follower, Reading, Step};
use voz_app::voice::Claimed;
use voz_bus::Delivery;
use voz_domain::ids::{ChannelId, InstanceEpoch, SessionId, StreamId, UserId};
use voz_protocol::accounts::Me;
use voz_protocol::errors::{ErrorCode, Problem};
use voz_protocol::gateway::{
    ClientCommand, ClientFrame, CommandResult, Event, Ready, Reply, Resume, ServerEvent, close,
};
use voz_protocol::voice::{VoiceClaim, VoiceEnded, VoiceJoin, VoiceJoined, VoiceStateUpdate};

use super::commands::{self, CommandName, Incoming};
use crate::http::problem::problem;

/// RFC 6455 §7.4.1: the server met a condition that keeps it from going on. Reconnect and resume.
const FAULT: u16 = 1011;

/// Frames, and bytes of frames, that may wait to be sent before deliveries are left in the bus's queue.
const WAITING_FRAMES: usize = 64;
const WAITING_BYTES: usize = 256 * 1024;

/// Limits of a session.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Within this time `resume` must come.
    pub resume_within: Duration,
    /// After so much silence the client is pinged: a page in the background may not keep its own time.
    pub ping_after: Duration,
    /// So long a client may be silent.
    pub silence: Duration,
    /// So long a client may take not one frame while some wait.
    pub stalled: Duration,
    /// Deliveries that the bus keeps for a socket; one more, and the client fell behind.
    pub queued_deliveries: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            resume_within: Duration::from_secs(10),
            ping_after: Duration::from_secs(20),
            silence: Duration::from_secs(45),
            stalled: Duration::from_secs(20),
            queued_deliveries: 512,
        }
    }
}

/// Who is connected to what.
#[derive(Debug, Clone)]
pub struct Identity {
    /// This life of the server.
    pub epoch: InstanceEpoch,
    /// The person.
    pub user: UserId,
    /// The signed-in device.
    pub session: SessionId,
}

/// What `app` is asked for, one at a time.
#[derive(Debug)]
pub enum Request {
    /// Subscribe to all streams and read them; answered by [`Session::handle_resumed`].
    Resume(Resume),
    /// Subscribe to a stream and read it; answered by [`Session::handle_reading`].
    Read {
        /// Which.
        stream: StreamId,
        /// After this sequence; absent: a snapshot.
        after: Option<i64>,
    },
    /// Answered by [`Session::handle_result`].
    Voice {
        /// Of the command.
        id: u32,
        /// What.
        command: VoiceCommand,
    },
}

/// What a person does about the own voice.
#[derive(Debug)]
pub enum VoiceCommand {
    /// Enter a room.
    Join(VoiceJoin),
    /// Leave it.
    Leave,
    /// Mute, deafen.
    State(VoiceStateUpdate),
}

/// What became of a [`VoiceCommand`].
#[derive(Debug)]
pub enum VoiceResult {
    /// In the room.
    Joined(VoiceJoined),
    /// Out of it.
    Left,
    /// Muted, deafened or the opposite.
    Updated,
}

/// The answer to [`Request::Resume`].
#[derive(Debug)]
pub struct Resumed {
    /// Who is signed in.
    pub me: Me,
    /// All streams, in the order in which they are to be told.
    pub readings: Vec<Reading>,
    /// The voice that was claimed, and what became of it.
    pub voice: Option<(VoiceClaim, Claimed)>,
}

enum Phase {
    AwaitingResume { deadline: Instant },
    Resuming { id: u32 },
    Live,
}

/// The ping of the present silence.
#[derive(PartialEq, Eq)]
enum Ping {
    Idle,
    Due,
    Sent,
}

/// One socket's session.
pub struct Session {
    limits: Limits,
    identity: Identity,
    phase: Phase,
    follower: Follower,
    voice: Option<VoiceClaim>,
    heard_at: Instant,
    ping: Ping,
    stalled_since: Option<Instant>,
    waiting: VecDeque<String>,
    waiting_bytes: usize,
    requests: VecDeque<Request>,
    under_way: bool,
    closing: Option<u16>,
}

impl Session {
    /// A socket was opened.
    pub fn new(identity: Identity, cursors: Cursors, limits: Limits, now: Instant) -> Self {
        Self {
            phase: Phase::AwaitingResume { deadline: now + limits.resume_within },
            follower: Follower::new(identity.user, identity.session, cursors),
            limits,
            identity,
            voice: None,
            heard_at: now,
            ping: Ping::Idle,
            stalled_since: None,
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            requests: VecDeque::new(),
            under_way: false,
            closing: None,
        }
    }

    /// A text frame came.
    pub fn handle_frame(&mut self, now: Instant, text: &str) {
        self.handle_sign_of_life(now);
        if self.closing.is_some() {
            return;
        }
        match commands::read(text) {
            Incoming::Command(ClientFrame { id, command }) => self.handle_command(id, command),
            Incoming::Refused { id, code } => self.refuse(id, code),
            Incoming::Unreadable => self.close(close::PROTOCOL),
        }
    }

    /// Something came that is no text frame, or was too large.
    pub fn handle_unreadable(&mut self) {
        self.close(close::PROTOCOL);
    }

    /// More commands came than the limit allows.
    pub fn handle_too_many(&mut self) {
        self.close(close::RATE_LIMITED);
    }

    /// A ping or pong came.
    pub fn handle_sign_of_life(&mut self, now: Instant) {
        self.heard_at = now;
        self.ping = Ping::Idle;
    }

    /// The bus delivered.
    pub fn handle_delivery(&mut self, delivery: &Delivery) {
        let mut steps = Vec::new();
        self.follower.offer(delivery, &mut steps);
        self.take(steps);
    }

    /// The bus's queue overflowed: what was lost is read again by `resume`.
    pub fn handle_lagged(&mut self) {
        self.waiting.clear();
        self.waiting_bytes = 0;
        self.close(close::FELL_BEHIND);
    }

    /// The server stops.
    pub fn handle_stopping(&mut self) {
        self.close(close::SERVER_STOPPING);
    }

    /// The answer to [`Request::Resume`].
    pub fn handle_resumed(&mut self, resumed: Result<Resumed, Problem>) {
        self.under_way = false;
        let Phase::Resuming { id } = self.phase else { return };
        let Resumed { me, readings, voice } = match resumed {
            Ok(resumed) => resumed,
            Err(problem) => {
                let code = match problem.code {
                    ErrorCode::Unauthenticated => close::SESSION_ENDED,
                    _ => FAULT,
                };
                self.reply(id, Err(problem));
                return self.close(code);
            }
        };
        self.phase = Phase::Live;
        let (voice, voice_ended) = match voice {
            Some((claim, Claimed::GoesOn(room))) => {
                self.hold(Some(claim));
                (Some(room), None)
            }
            Some((_, Claimed::Ended(ended))) => (None, Some(ended)),
            Some((_, Claimed::Unknown)) | None => (None, None),
        };
        let resumed = readings.iter().filter(|one| matches!(one.content, Content::Missed { .. }));
        self.send(&Event {
            stream: None,
            cursor: None,
            prev: None,
            event: ServerEvent::Ready(Ready {
                epoch: self.identity.epoch.0,
                session_id: self.identity.session.0,
                me,
                streams: readings.iter().map(|one| one.stream.to_string()).collect(),
                resumed: resumed.map(|one| one.stream.to_string()).collect(),
                voice,
                voice_ended,
            }),
        });
        let mut steps = Vec::new();
        for reading in readings {
            self.follower.start(reading, &mut steps);
        }
        self.take(steps);
        self.reply(id, Ok(CommandResult::Resumed {}));
    }

    /// The answer to [`Request::Read`]; `None`: the stream is not, or no longer, this person's.
    pub fn handle_reading(&mut self, reading: Result<Option<Reading>, Problem>) {
        self.under_way = false;
        match reading {
            Ok(Some(reading)) => {
                let mut steps = Vec::new();
                self.follower.start(reading, &mut steps);
                self.take(steps);
            }
            Ok(None) => {}
            Err(_) => self.close(FAULT),
        }
    }

    /// The answer to [`Request::Voice`].
    pub fn handle_result(&mut self, id: u32, result: Result<VoiceResult, Problem>) {
        self.under_way = false;
        let result = result.map(|result| match result {
            VoiceResult::Joined(joined) => {
                self.hold(Some(VoiceClaim {
                    channel_id: joined.room.channel_id,
                    epoch: joined.room.epoch,
                    voice_number: joined.voice_number,
                }));
                CommandResult::VoiceJoined(joined)
            }
            VoiceResult::Left => {
                self.hold(None);
                CommandResult::Done {}
            }
            VoiceResult::Updated => CommandResult::Done {},
        });
        self.reply(id, result);
    }

    /// The socket took a frame, or everything.
    pub fn handle_progress(&mut self) {
        self.stalled_since = None;
    }

    /// The socket takes no more for now.
    pub fn handle_stalled(&mut self, now: Instant) {
        self.stalled_since.get_or_insert(now);
    }

    /// True from [`Session::handle_stalled`] to [`Session::handle_progress`].
    pub fn is_stalled(&self) -> bool {
        self.stalled_since.is_some()
    }

    /// Time passed.
    pub fn handle_timeout(&mut self, now: Instant) {
        if let Phase::AwaitingResume { deadline } = self.phase
            && now >= deadline
        {
            self.close(close::PROTOCOL);
        }
        if self.ping == Ping::Idle && now >= self.heard_at + self.limits.ping_after {
            self.ping = Ping::Due;
        }
        let stalled = self.stalled_since.is_some_and(|since| now >= since + self.limits.stalled);
        if stalled || now >= self.heard_at + self.limits.silence {
            self.handle_lagged();
        }
    }

    /// When [`Session::handle_timeout`] is to be called next.
    pub fn poll_timeout(&self) -> Instant {
        let silence = self.heard_at + self.limits.silence;
        let stalled = self.stalled_since.map(|since| since + self.limits.stalled);
        let resume = match self.phase {
            Phase::AwaitingResume { deadline } => Some(deadline),
            Phase::Resuming { .. } | Phase::Live => None,
        };
        let ping = (self.ping == Ping::Idle).then_some(self.heard_at + self.limits.ping_after);
        [stalled, resume, ping].into_iter().flatten().fold(silence, Instant::min)
    }

    /// The next frame to be sent.
    pub fn poll_transmit(&mut self) -> Option<String> {
        let frame = self.waiting.pop_front()?;
        self.waiting_bytes = self.waiting_bytes.saturating_sub(frame.len());
        Some(frame)
    }

    /// True, once, when a ping is to be sent.
    pub fn poll_ping(&mut self) -> bool {
        let due = self.ping == Ping::Due;
        if due {
            self.ping = Ping::Sent;
        }
        due
    }

    /// True while a ping or frames wait to be sent.
    pub fn has_transmit(&self) -> bool {
        self.ping == Ping::Due || !self.waiting.is_empty()
    }

    /// The next request to `app`; none while one is under way.
    pub fn poll_request(&mut self) -> Option<Request> {
        while !self.under_way && self.closing.is_none() {
            let request = self.requests.pop_front()?;
            // A community that was entered while it was being read is known already.
            let known = matches!(&request, Request::Read { stream, after: None } if self.follower.follows(*stream));
            if !known {
                self.under_way = true;
                return Some(request);
            }
        }
        None
    }

    /// True while commands may be handed in.
    pub fn wants_frames(&self) -> bool {
        let room = self.waiting.len() < WAITING_FRAMES && self.waiting_bytes < WAITING_BYTES;
        room && !self.is_busy() && self.closing.is_none()
    }

    /// True while deliveries may be handed in.
    pub fn wants_deliveries(&self) -> bool {
        matches!(self.phase, Phase::Live) && self.wants_frames()
    }

    /// The code to close with, once everything that waits is sent.
    pub fn closing(&self) -> Option<u16> {
        self.closing
    }

    fn is_busy(&self) -> bool {
        self.under_way || !self.requests.is_empty()
    }

    fn handle_command(&mut self, id: u32, command: ClientCommand) {
        tracing::trace!(command = ?CommandName::of(&command), "a command");
        match (&self.phase, command) {
            (Phase::AwaitingResume { .. }, ClientCommand::Resume(resume)) => {
                self.phase = Phase::Resuming { id };
                self.requests.push_back(Request::Resume(resume));
            }
            (Phase::Live, ClientCommand::Heartbeat {}) => self.reply(id, Ok(CommandResult::Done {})),
            (Phase::Live, ClientCommand::VoiceJoin(join)) => self.ask_voice(id, VoiceCommand::Join(join)),
            (Phase::Live, ClientCommand::VoiceLeave {}) => self.ask_voice(id, VoiceCommand::Leave),
            (Phase::Live, ClientCommand::VoiceState(update)) => self.ask_voice(id, VoiceCommand::State(update)),
            (Phase::Live | Phase::Resuming { .. }, ClientCommand::Resume(_))
            | (
                Phase::AwaitingResume { .. } | Phase::Resuming { .. },
                ClientCommand::Heartbeat {}
                | ClientCommand::VoiceJoin(_)
                | ClientCommand::VoiceLeave {}
                | ClientCommand::VoiceState(_),
            ) => self.refuse(id, ErrorCode::CommandUnexpected),
        }
    }

    fn ask_voice(&mut self, id: u32, command: VoiceCommand) {
        self.requests.push_back(Request::Voice { id, command });
    }

    fn take(&mut self, steps: Vec<Step>) {
        for step in steps {
            match step {
                Step::Tell(frame) => self.wait_for_socket(frame),
                Step::Read { stream, after } => self.requests.push_back(Request::Read { stream, after }),
                Step::VoiceEnded(ended) => self.forget_voice(&ended),
                Step::SessionEnded => self.close(close::SESSION_ENDED),
            }
        }
    }

    fn hold(&mut self, voice: Option<VoiceClaim>) {
        self.follower.set_room(voice.as_ref().map(|voice| ChannelId(voice.channel_id)));
        self.voice = voice;
    }

    fn forget_voice(&mut self, ended: &VoiceEnded) {
        let held = self.voice.as_ref().is_some_and(|voice| {
            (voice.channel_id, voice.epoch, voice.voice_number) == (ended.channel_id, ended.epoch, ended.voice_number)
        });
        if held {
            self.hold(None);
        }
    }

    fn refuse(&mut self, id: u32, code: ErrorCode) {
        self.reply(id, Err(problem(&AppError::Refused(code))));
    }

    fn reply(&mut self, id: u32, result: Result<CommandResult, Problem>) {
        let (result, error) = match result {
            Ok(result) => (Some(result), None),
            Err(problem) => (None, Some(problem)),
        };
        self.send(&Reply { reply: id, result, error });
    }

    fn send(&mut self, frame: &impl serde::Serialize) {
        match serde_json::to_string(frame) {
            Ok(text) => self.wait_for_socket(text),
            Err(error) => {
                tracing::error!(%error, "a frame can't be written as JSON");
                self.close(FAULT);
            }
        }
    }

    fn wait_for_socket(&mut self, frame: String) {
        self.waiting_bytes += frame.len();
        self.waiting.push_back(frame);
    }

    /// The first reason stands.
    fn close(&mut self, code: u16) {
        self.closing.get_or_insert(code);
        self.requests.clear();
    }
}
