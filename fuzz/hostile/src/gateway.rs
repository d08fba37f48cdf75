// SPDX-License-Identifier: Apache-2.0
//! One gateway connection: lines, each an operation by its first character: `f` a frame of the client,
//! `d` a durable event over the bus, `p` a passing one, `r` an answer of the use cases, `t` time, `l` the
//! bus fell behind, `s` the socket takes nothing more.
//!
//! Whatever comes: every frame out is one of the protocol's; every command is answered once, or the
//! connection closes; and of each stream every event is told, once, in order, each naming the one before.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::{Value, json};
use uuid::Uuid;
use voz_app::streams::{Content, Cursors, Reading, Standing};
use voz_app::voice::Claimed;
use voz_bus::{Audience, Delivery};
use voz_domain::access::Principal;
use voz_domain::ids::{CommunityId, InstanceEpoch, SessionId, StreamId, UserId};
use voz_domain::roles::Role;
use voz_protocol::accounts::{Me, User};
use voz_protocol::communities::{Community, CommunitySnapshot, Rules};
use voz_protocol::errors::ErrorCode;
use voz_protocol::gateway::{ServerEvent, ServerFrame, close};
use voz_protocol::voice::{VoiceJoined, VoiceRoom};
use voz_server::gateway::Limits;
use voz_server::gateway::session::{Identity, Request, Resumed, Session, VoiceCommand, VoiceResult};
use voz_server::http::problem::problem;
use voz_storage::StoredEvent;

use crate::voice::start;

const USER: u128 = 1;
const SESSION: u128 = 2;
const HOME: u128 = 3;
const ROOM: u128 = 4;

/// A stream's event of this sequence ends the session.
const LAST: i64 = 60;

struct World {
    session: Session,
    now: Instant,
    request: Option<Request>,
    /// Ids of commands that were not answered yet.
    asked: Vec<u32>,
    /// Of each stream: its last event that was told, and its cursor.
    told: BTreeMap<StreamId, (i64, String)>,
    cursors: Cursors,
    ready: bool,
}

fn own() -> StreamId {
    StreamId::User(UserId(Uuid::from_u128(USER)))
}

fn home() -> StreamId {
    StreamId::Community(CommunityId(Uuid::from_u128(HOME)))
}

fn stream(choice: u64) -> StreamId {
    if choice.is_multiple_of(2) { own() } else { home() }
}

/// Runs the operations.
pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let identity = Identity {
        epoch: InstanceEpoch(Uuid::from_u128(77)),
        user: UserId(Uuid::from_u128(USER)),
        session: SessionId(Uuid::from_u128(SESSION)),
    };
    let cursors = Cursors::new(&[9; 32]);
    let mut world = World {
        session: Session::new(identity, cursors.clone(), Limits::default(), start()),
        now: start(),
        request: None,
        asked: Vec::new(),
        told: BTreeMap::new(),
        cursors,
        ready: false,
    };
    for line in text.split('\n') {
        let mut chars = line.chars();
        let (kind, rest) = (chars.next(), chars.as_str());
        match kind {
            Some('f') => world.frame(rest),
            Some('d') => world.durable(rest),
            Some('p') => world.passing(rest),
            Some('r') => world.answer(number(rest)),
            Some('t') => world.wait(Duration::from_millis(number(rest) % 100_000)),
            Some('l') => world.session.handle_lagged(),
            Some('s') => world.session.handle_stalled(world.now),
            _ => {}
        }
        world.settle();
        // Whoever drives a session sends what waits, and hangs up.
        if world.session.closing().is_some() {
            return;
        }
    }
}

fn number(text: &str) -> u64 {
    text.bytes().take(6).fold(0, |sum, byte| sum * 10 + u64::from(byte % 16))
}

/// What the truth holds at this place.
fn event(stream: StreamId, sequence: i64) -> Value {
    let id = Uuid::from_u128(u128::from(sequence.unsigned_abs()));
    match stream {
        StreamId::Community(_) => json!({"type": "channel_deleted", "data": {"channel_id": id}}),
        StreamId::User(_) if sequence == LAST => {
            json!({"type": "session_ended", "data": {"session_id": Uuid::from_u128(SESSION)}})
        }
        StreamId::User(_) if sequence % 3 == 0 => {
            json!({"type": "community_entered", "data": {"community_id": Uuid::from_u128(HOME)}})
        }
        StreamId::User(_) => json!({"type": "session_ended", "data": {"session_id": id}}),
    }
}

fn me() -> Me {
    Me { user: User { id: Uuid::from_u128(USER), username: "ana".to_owned() }, instance_admin: false }
}

fn room() -> VoiceRoom {
    VoiceRoom { channel_id: Uuid::from_u128(ROOM), epoch: 1, occupants: Vec::new(), speakers: Vec::new() }
}

/// A stream as storage has it: all after a place, or the whole state.
fn reading(stream: StreamId, after: Option<i64>, more: i64) -> Reading {
    let standing = match stream {
        StreamId::User(_) => Standing::Own,
        StreamId::Community(_) => Standing::In(Principal::Member(Role::Member)),
    };
    let content = match after {
        Some(after) => {
            let stored = |sequence| StoredEvent { stream, sequence, body: event(stream, sequence).to_string().into() };
            Content::Missed { after, events: (after + 1..=after + more).map(stored).collect(), rooms: None }
        }
        None => Content::Snapshot { at: more, event: Box::new(snapshot(stream)) },
    };
    Reading { stream, standing, content }
}

fn snapshot(stream: StreamId) -> ServerEvent {
    match stream {
        StreamId::User(_) => ServerEvent::UserSnapshot(me()),
        StreamId::Community(id) => ServerEvent::CommunitySnapshot(CommunitySnapshot {
            community: Community {
                id: id.0,
                name: "home".to_owned(),
                owner_id: Uuid::nil(),
                rules: Rules { version: 1, text: String::new() },
            },
            channels: Vec::new(),
            members: Vec::new(),
            permissions: Vec::new(),
            voice_rooms: Vec::new(),
        }),
    }
}

impl World {
    fn frame(&mut self, text: &str) {
        if !self.session.wants_frames() {
            return;
        }
        self.session.handle_frame(self.now, text);
        if self.session.closing().is_none() {
            let read: Value = serde_json::from_str(text).unwrap_or_else(|_| panic!("{text:?} is no frame"));
            let id = read["id"].as_u64().and_then(|id| u32::try_from(id).ok());
            self.asked.push(id.unwrap_or_else(|| panic!("{text:?} can't be answered")));
        }
    }

    fn durable(&mut self, text: &str) {
        let (choice, sequence) = (number(text.get(..1).unwrap_or_default()), number(text.get(1..).unwrap_or_default()));
        let (stream, sequence) = (stream(choice), i64::try_from(sequence % 100).unwrap_or(0));
        if self.session.wants_deliveries() {
            let body = Bytes::from(event(stream, sequence).to_string());
            self.session.handle_delivery(&Delivery::Durable { stream, sequence, body });
        }
    }

    fn passing(&mut self, text: &str) {
        if !self.session.wants_deliveries() {
            return;
        }
        let choice = number(text);
        let (channel_id, epoch) = (Uuid::from_u128(ROOM), 1);
        let (stream, audience, body) = match choice % 3 {
            0 => (home(), Audience::All, json!({"type": "voice_room", "data": room()})),
            1 => {
                let speakers = json!({"channel_id": channel_id, "epoch": epoch, "speakers": [1]});
                (home(), Audience::All, json!({"type": "voice_speaking", "data": speakers}))
            }
            _ => {
                let number = choice / 3 % 3;
                let ended =
                    json!({"channel_id": channel_id, "epoch": epoch, "voice_number": number, "reason": "removed"});
                (own(), Audience::All, json!({"type": "voice_ended", "data": ended}))
            }
        };
        self.session.handle_delivery(&Delivery::Passing { stream, audience, body: Bytes::from(body.to_string()) });
    }

    /// Answers what the session asked the use cases.
    fn answer(&mut self, choice: u64) {
        let Some(request) = self.request.take() else { return };
        let fails = choice % 7 == 6;
        let fault = || problem(&ErrorCode::Overloaded.into());
        let more = i64::try_from(choice / 7 % 8).unwrap_or(0);
        match request {
            Request::Resume(_) if fails => self.session.handle_resumed(Err(fault())),
            Request::Resume(resume) => {
                let after = |stream: StreamId| {
                    let cursor = resume.cursors.get(&stream.to_string())?;
                    self.cursors.open(stream, cursor).filter(|after| *after < LAST)
                };
                let readings: Vec<Reading> =
                    [own(), home()].into_iter().map(|stream| reading(stream, after(stream), more)).collect();
                for one in &readings {
                    if let Content::Missed { after, .. } = one.content {
                        self.told.insert(one.stream, (after, self.cursors.seal(one.stream, after)));
                    }
                }
                let voice = resume.voice.map(|claim| (claim, Claimed::GoesOn(room())));
                self.session.handle_resumed(Ok(Resumed { me: me(), readings, voice }));
            }
            Request::Read { .. } if fails => self.session.handle_reading(Err(fault())),
            Request::Read { stream, after } => {
                self.session.handle_reading(Ok(Some(reading(stream, after, more))));
            }
            Request::Voice { id, .. } if fails => self.session.handle_result(id, Err(fault())),
            Request::Voice { id, command } => {
                let result = match command {
                    VoiceCommand::Join(_) => {
                        VoiceResult::Joined(VoiceJoined { answer: String::new(), voice_number: 1, room: room() })
                    }
                    VoiceCommand::Leave => VoiceResult::Left,
                    VoiceCommand::State(_) => VoiceResult::Updated,
                };
                self.session.handle_result(id, Ok(result));
            }
        }
    }

    fn wait(&mut self, time: Duration) {
        self.now += time;
        self.session.handle_timeout(self.now);
        // `closing` first: what is over has nothing due.
        assert!(self.session.closing().is_some() || self.session.poll_timeout() > self.now, "due again at once");
    }

    /// Takes what the session asks for and sends.
    fn settle(&mut self) {
        if self.request.is_none() {
            self.request = self.session.poll_request();
        }
        self.session.poll_ping();
        while let Some(frame) = self.session.poll_transmit() {
            self.note(&frame);
        }
        if let Some(code) = self.session.closing() {
            assert!((close::SESSION_ENDED..=close::RATE_LIMITED).contains(&code) || code == 1011, "closed by {code}");
        } else if self.request.is_none() {
            assert!(self.asked.is_empty(), "{:?} were not answered", self.asked);
        }
    }

    fn note(&mut self, frame: &str) {
        let read: ServerFrame =
            serde_json::from_str(frame).unwrap_or_else(|error| panic!("{frame} is no frame of the protocol: {error}"));
        match read {
            ServerFrame::Reply(reply) => {
                let asked = self.asked.iter().position(|id| *id == reply.reply);
                let Some(asked) = asked else { panic!("{frame} answers nothing") };
                self.asked.remove(asked);
                assert!(reply.result.is_some() != reply.error.is_some(), "{frame}");
            }
            ServerFrame::Event(told) => {
                assert!(self.ready || matches!(told.event, ServerEvent::Ready(_)), "{frame} comes before ready");
                self.ready = true;
                let (Some(stream), Some(cursor)) = (told.stream, told.cursor) else { return };
                let Ok(stream) = stream.parse::<StreamId>() else { panic!("{stream} is no stream") };
                let Some(sequence) = self.cursors.open(stream, &cursor) else { panic!("{cursor} is no cursor") };
                if matches!(told.event, ServerEvent::CommunitySnapshot(_) | ServerEvent::UserSnapshot(_)) {
                    assert_eq!(told.prev, None);
                } else {
                    let before = self.told.get(&stream);
                    let Some((last, held)) = before else { panic!("{frame} of a stream that did not begin") };
                    assert_eq!((sequence, told.prev.as_ref()), (last + 1, Some(held)), "a hole, or told twice");
                }
                self.told.insert(stream, (sequence, cursor));
            }
        }
    }
}
