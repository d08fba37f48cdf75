// SPDX-License-Identifier: Apache-2.0
//! The session of a socket, frame by frame, with a clock of its own.

use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::{Value, json};
use uuid::Uuid;
use voz_app::streams::{Content, Cursors, Reading, Standing};
use voz_bus::{Audience, Delivery};
use voz_domain::access::Principal;
use voz_domain::ids::{CommunityId, InstanceEpoch, SessionId, StreamId, UserId};
use voz_domain::roles::Role;
use voz_protocol::accounts::{Me, User};
use voz_protocol::communities::{Community, CommunitySnapshot, Rules};
use voz_protocol::errors::{ErrorCode, Problem};
use voz_protocol::gateway::{ServerEvent, close};
use voz_protocol::voice::{VoiceJoined, VoiceRoom};
use voz_storage::StoredEvent;

use super::session::{Identity, Limits, Request, Resumed, Session, VoiceCommand, VoiceResult};

const USER: u128 = 1;
const SESSION: u128 = 2;
const HOME: u128 = 3;
const ROOM: u128 = 4;

/// A session and the frames it has sent.
struct Rig {
    session: Session,
    now: Instant,
    frames: Vec<Value>,
}

fn cursors() -> Cursors {
    Cursors::new(&[9; 32])
}

fn user_stream() -> StreamId {
    StreamId::User(UserId(Uuid::from_u128(USER)))
}

fn home() -> StreamId {
    StreamId::Community(CommunityId(Uuid::from_u128(HOME)))
}

fn me() -> Me {
    Me { user: User { id: Uuid::from_u128(USER), username: "ana".to_owned() }, instance_admin: false }
}

fn snapshot(stream: StreamId, at: i64) -> Reading {
    let (standing, event) = match stream {
        StreamId::User(_) => (Standing::Own, ServerEvent::UserSnapshot(me())),
        StreamId::Community(id) => (
            Standing::In(Principal::Member(Role::Member)),
            ServerEvent::CommunitySnapshot(CommunitySnapshot {
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
        ),
    };
    Reading { stream, standing, content: Content::Snapshot { at, event: Box::new(event) } }
}

fn missed(stream: StreamId, after: i64, sequences: &[i64]) -> Reading {
    let standing = snapshot(stream, 0).standing;
    let events = sequences
        .iter()
        .map(|sequence| StoredEvent { stream, sequence: *sequence, body: deleted(*sequence).to_string().into_bytes() })
        .collect();
    Reading { stream, standing, content: Content::Missed { after, events, rooms: None } }
}

/// A durable event that carries its own sequence, so that a test sees which one was told.
fn deleted(sequence: i64) -> Value {
    let channel_id = Uuid::from_u128(u128::try_from(sequence).unwrap());
    json!({"type": "channel_deleted", "data": {"channel_id": channel_id}})
}

fn durable(stream: StreamId, sequence: i64, body: &Value) -> Delivery {
    Delivery::Durable { stream, sequence, body: Bytes::from(body.to_string()) }
}

fn refused(code: ErrorCode) -> Problem {
    crate::http::problem::problem(&code.into())
}

impl Rig {
    #[expect(clippy::disallowed_methods, reason = "only the differences to this instant count")]
    fn new() -> Self {
        let now = Instant::now();
        let identity = Identity {
            epoch: InstanceEpoch(Uuid::from_u128(77)),
            user: UserId(Uuid::from_u128(USER)),
            session: SessionId(Uuid::from_u128(SESSION)),
        };
        Rig { session: Session::new(identity, cursors(), Limits::default(), now), now, frames: Vec::new() }
    }

    /// Resumed with snapshots of both streams, user at 5 and community at 10; frames forgotten.
    fn live() -> Self {
        let mut rig = Rig::new();
        rig.send(json!({"id": 1, "type": "resume", "data": {}}));
        rig.resumed(vec![snapshot(user_stream(), 5), snapshot(home(), 10)]);
        rig.frames.clear();
        rig
    }

    fn send(&mut self, frame: Value) {
        self.session.handle_frame(self.now, &frame.to_string());
        self.collect();
    }

    fn resumed(&mut self, readings: Vec<Reading>) {
        assert!(matches!(self.session.poll_request(), Some(Request::Resume(_))));
        self.session.handle_resumed(Ok(Resumed { me: me(), readings, voice: None }));
        self.collect();
    }

    fn deliver(&mut self, delivery: Delivery) {
        assert!(self.session.wants_deliveries());
        self.session.handle_delivery(&delivery);
        self.collect();
    }

    fn pass(&mut self, time: Duration) {
        self.now += time;
        self.session.handle_timeout(self.now);
        self.collect();
    }

    fn collect(&mut self) {
        while let Some(frame) = self.session.poll_transmit() {
            self.frames.push(serde_json::from_str(&frame).unwrap());
        }
    }

    fn types(&self) -> Vec<&str> {
        self.frames.iter().map(|frame| frame["type"].as_str().unwrap_or("reply")).collect()
    }

    /// Sequences that the frames of `channel_deleted` carry.
    fn told(&self) -> Vec<i64> {
        let ids = self.frames.iter().filter_map(|frame| frame["data"]["channel_id"].as_str());
        ids.map(|id| i64::try_from(id.parse::<Uuid>().unwrap().as_u128()).unwrap()).collect()
    }

    /// Panics when a `prev` is not the cursor told before it in its stream.
    fn assert_chained(&self) {
        let mut held = std::collections::BTreeMap::new();
        for frame in self.frames.iter().filter(|frame| frame["stream"].is_string()) {
            let stream = frame["stream"].as_str().unwrap();
            if let (Some(before), true) = (held.get(stream), frame["prev"].is_string()) {
                assert_eq!(*before, &frame["prev"]);
            }
            held.insert(stream, &frame["cursor"]);
        }
    }
}

#[test]
fn a_fresh_start_gets_ready_then_snapshots_then_the_reply() {
    let mut rig = Rig::new();
    rig.send(json!({"id": 41, "type": "resume", "data": {"cursors": {}}}));
    assert!(rig.frames.is_empty());
    assert!(!rig.session.wants_deliveries() && !rig.session.wants_frames());
    rig.resumed(vec![snapshot(user_stream(), 5), snapshot(home(), 10)]);
    assert_eq!(rig.types(), ["ready", "user_snapshot", "community_snapshot", "reply"]);
    let ready = &rig.frames[0]["data"];
    assert_eq!(ready["streams"], json!([user_stream().to_string(), home().to_string()]));
    assert_eq!(ready["resumed"], json!([]));
    assert_eq!(ready["session_id"], json!(Uuid::from_u128(SESSION)));
    assert_eq!(ready["epoch"], json!(Uuid::from_u128(77)));
    assert_eq!(rig.frames[2]["cursor"], json!(cursors().seal(home(), 10)));
    assert_eq!(rig.frames[2].get("prev"), None);
    assert_eq!(rig.frames[3], json!({"reply": 41, "result": {"type": "resumed", "data": {}}}));
    assert!(rig.session.wants_deliveries());
}

#[test]
fn a_resumed_stream_goes_on_from_its_cursor() {
    let mut rig = Rig::new();
    rig.send(json!({"id": 1, "type": "resume", "data": {}}));
    rig.resumed(vec![missed(user_stream(), 5, &[]), missed(home(), 10, &[11, 12])]);
    assert_eq!(rig.types(), ["ready", "channel_deleted", "channel_deleted", "reply"]);
    assert_eq!(rig.frames[0]["data"]["resumed"], json!([user_stream().to_string(), home().to_string()]));
    assert_eq!(rig.frames[1]["prev"], json!(cursors().seal(home(), 10)));
    assert_eq!(rig.frames[1]["cursor"], json!(cursors().seal(home(), 11)));
    rig.deliver(durable(home(), 13, &deleted(13)));
    assert_eq!(rig.told(), [11, 12, 13]);
    rig.assert_chained();
}

#[test]
fn what_was_replayed_is_not_told_again() {
    let mut rig = Rig::live();
    for sequence in [9, 10, 11, 11, 12, 11] {
        rig.deliver(durable(home(), sequence, &deleted(sequence)));
    }
    assert_eq!(rig.told(), [11, 12]);
    rig.assert_chained();
}

#[test]
fn a_gap_stops_everything_until_it_is_filled() {
    let mut rig = Rig::live();
    rig.deliver(durable(home(), 11, &deleted(11)));
    rig.deliver(durable(home(), 14, &deleted(14)));
    assert_eq!(rig.told(), [11]);
    let request = rig.session.poll_request();
    assert!(matches!(request, Some(Request::Read { stream, after: Some(11) }) if stream == home()));
    assert!(!rig.session.wants_deliveries());
    assert!(rig.session.poll_request().is_none());
    rig.session.handle_reading(Ok(Some(missed(home(), 11, &[12, 13, 14]))));
    rig.collect();
    rig.deliver(durable(home(), 14, &deleted(14)));
    rig.deliver(durable(home(), 15, &deleted(15)));
    assert_eq!(rig.told(), [11, 12, 13, 14, 15]);
    rig.assert_chained();
}

#[test]
fn a_gap_that_is_too_wide_is_healed_by_a_snapshot() {
    let mut rig = Rig::live();
    rig.deliver(durable(home(), 900, &deleted(900)));
    assert!(rig.session.poll_request().is_some());
    rig.session.handle_reading(Ok(Some(snapshot(home(), 900))));
    rig.collect();
    rig.deliver(durable(home(), 900, &deleted(900)));
    rig.deliver(durable(home(), 901, &deleted(901)));
    assert_eq!(rig.types(), ["community_snapshot", "channel_deleted"]);
    rig.assert_chained();
}

#[test]
fn hidden_events_leave_no_hole_in_the_chain() {
    let mut rig = Rig::live();
    rig.deliver(durable(home(), 11, &deleted(11)));
    // An event of a user stream has no business in a community: it is not shown.
    rig.deliver(durable(home(), 12, &json!({"type": "session_ended", "data": {"session_id": Uuid::nil()}})));
    rig.deliver(durable(home(), 13, &json!({"type": "from_the_future", "data": {}})));
    rig.deliver(durable(home(), 14, &deleted(14)));
    assert_eq!(rig.told(), [11, 14]);
    assert_eq!(rig.frames[1]["prev"], json!(cursors().seal(home(), 11)));
}

#[test]
fn entering_a_community_brings_its_snapshot() {
    let mut rig = Rig::live();
    let new = StreamId::Community(CommunityId(Uuid::from_u128(60)));
    let entered = json!({"type": "community_entered", "data": {"community_id": Uuid::from_u128(60)}});
    rig.deliver(durable(user_stream(), 6, &entered));
    assert!(matches!(rig.session.poll_request(), Some(Request::Read { stream, after: None }) if stream == new));
    rig.session.handle_reading(Ok(Some(snapshot(new, 2))));
    rig.collect();
    rig.deliver(durable(new, 2, &deleted(2)));
    rig.deliver(durable(new, 3, &deleted(3)));
    assert_eq!(rig.types(), ["community_entered", "community_snapshot", "channel_deleted"]);
    // Told again, it is known already.
    rig.deliver(durable(user_stream(), 7, &entered));
    assert!(rig.session.poll_request().is_none());
    assert!(rig.session.wants_deliveries());
}

#[test]
fn a_community_that_is_no_longer_open_to_this_person_stays_silent() {
    let mut rig = Rig::live();
    let entered = json!({"type": "community_entered", "data": {"community_id": Uuid::from_u128(60)}});
    rig.deliver(durable(user_stream(), 6, &entered));
    assert!(rig.session.poll_request().is_some());
    rig.session.handle_reading(Ok(None));
    rig.deliver(durable(StreamId::Community(CommunityId(Uuid::from_u128(60))), 3, &deleted(3)));
    assert_eq!(rig.types(), ["community_entered"]);
}

#[test]
fn the_end_of_this_session_is_the_last_thing_told() {
    let mut rig = Rig::live();
    let ended = |id: u128| json!({"type": "session_ended", "data": {"session_id": Uuid::from_u128(id)}});
    rig.deliver(durable(user_stream(), 6, &ended(SESSION + 100)));
    assert_eq!(rig.session.closing(), None);
    rig.deliver(durable(user_stream(), 7, &ended(SESSION)));
    assert_eq!(rig.types(), ["session_ended", "session_ended"]);
    assert_eq!(rig.session.closing(), Some(close::SESSION_ENDED));
    assert!(!rig.session.wants_deliveries() && !rig.session.wants_frames());
    rig.session.handle_delivery(&durable(home(), 11, &deleted(11)));
    rig.send(json!({"id": 9, "type": "heartbeat", "data": {}}));
    assert_eq!(rig.frames.len(), 2);
}

#[test]
fn a_session_that_ended_before_it_resumed_is_closed() {
    let mut rig = Rig::new();
    rig.send(json!({"id": 1, "type": "resume", "data": {}}));
    assert!(rig.session.poll_request().is_some());
    rig.session.handle_resumed(Err(refused(ErrorCode::Unauthenticated)));
    rig.collect();
    assert_eq!(rig.frames[0]["error"]["code"], json!("unauthenticated"));
    assert_eq!(rig.session.closing(), Some(close::SESSION_ENDED));
}

#[test]
fn without_resume_in_time_the_socket_is_closed() {
    let mut rig = Rig::new();
    assert_eq!(rig.session.poll_timeout(), rig.now + Duration::from_secs(10));
    rig.pass(Duration::from_millis(9_999));
    assert_eq!(rig.session.closing(), None);
    rig.pass(Duration::from_millis(1));
    assert_eq!(rig.session.closing(), Some(close::PROTOCOL));
}

#[test]
fn a_silent_client_is_given_up_and_any_frame_is_a_sign_of_life() {
    let mut rig = Rig::live();
    rig.pass(Duration::from_secs(44));
    rig.send(json!({"id": 2, "type": "heartbeat", "data": {}}));
    assert_eq!(rig.frames[0], json!({"reply": 2, "result": {"type": "done", "data": {}}}));
    rig.pass(Duration::from_secs(44));
    rig.session.handle_sign_of_life(rig.now);
    rig.pass(Duration::from_secs(44));
    assert_eq!(rig.session.closing(), None);
    assert_eq!(rig.session.poll_timeout(), rig.now + Duration::from_secs(1));
    rig.pass(Duration::from_secs(1));
    assert_eq!(rig.session.closing(), Some(close::FELL_BEHIND));
}

#[test]
fn a_silent_client_is_pinged_once_and_its_pong_keeps_it() {
    let mut rig = Rig::live();
    assert_eq!(rig.session.poll_timeout(), rig.now + Duration::from_secs(20));
    assert!(!rig.session.poll_ping());
    for _ in 0..3 {
        rig.pass(Duration::from_secs(20));
        assert!(rig.session.has_transmit());
        assert!(rig.session.poll_ping());
        rig.pass(Duration::from_secs(10));
        assert!(!rig.session.poll_ping());
        rig.session.handle_sign_of_life(rig.now);
    }
    assert_eq!(rig.session.closing(), None);
}

#[test]
fn a_client_that_takes_nothing_is_given_up() {
    let mut rig = Rig::live();
    rig.session.handle_stalled(rig.now);
    rig.pass(Duration::from_secs(10));
    rig.session.handle_stalled(rig.now);
    rig.session.handle_progress();
    rig.session.handle_stalled(rig.now);
    rig.pass(Duration::from_secs(19));
    assert_eq!(rig.session.closing(), None);
    rig.pass(Duration::from_secs(1));
    assert_eq!(rig.session.closing(), Some(close::FELL_BEHIND));
}

#[test]
fn what_waits_is_bounded_and_dropped_with_a_client_that_fell_behind() {
    let mut rig = Rig::live();
    let mut sequence = 10;
    while rig.session.wants_deliveries() {
        sequence += 1;
        assert!(sequence < 1_000);
        rig.session.handle_delivery(&durable(home(), sequence, &deleted(sequence)));
    }
    assert!(!rig.session.wants_frames());
    assert!(rig.session.poll_transmit().is_some());
    assert!(rig.session.wants_deliveries());
    rig.session.handle_lagged();
    assert_eq!(rig.session.closing(), Some(close::FELL_BEHIND));
    assert_eq!(rig.session.poll_transmit(), None);
}

#[test]
fn commands_before_resume_and_a_second_resume_are_refused() {
    let mut rig = Rig::new();
    rig.send(json!({"id": 1, "type": "heartbeat", "data": {}}));
    rig.send(json!({"id": 2, "type": "voice_leave", "data": {}}));
    rig.send(json!({"id": 3, "type": "resume", "data": {}}));
    rig.resumed(vec![snapshot(user_stream(), 5)]);
    rig.send(json!({"id": 4, "type": "resume", "data": {}}));
    for (at, id) in [(0, 1), (1, 2), (5, 4)] {
        assert_eq!(rig.frames[at]["reply"], json!(id));
        assert_eq!(rig.frames[at]["error"]["code"], json!("command_unexpected"));
    }
    assert_eq!(rig.session.closing(), None);
}

#[test]
fn an_unreadable_frame_closes_and_an_unknown_command_does_not() {
    let mut rig = Rig::live();
    rig.send(json!({"id": 5, "type": "dance", "data": {}}));
    assert_eq!(rig.frames[0]["error"]["code"], json!("command_unexpected"));
    assert_eq!(rig.session.closing(), None);
    rig.session.handle_frame(rig.now, "{nonsense");
    assert_eq!(rig.session.closing(), Some(close::PROTOCOL));
}

#[test]
fn binary_and_oversized_frames_close() {
    let mut rig = Rig::live();
    rig.session.handle_unreadable();
    assert_eq!(rig.session.closing(), Some(close::PROTOCOL));
}

#[test]
fn too_many_commands_close() {
    let mut rig = Rig::live();
    rig.session.handle_too_many();
    assert_eq!(rig.session.closing(), Some(close::RATE_LIMITED));
    rig.send(json!({"id": 2, "type": "heartbeat", "data": {}}));
    assert!(rig.frames.is_empty());
}

#[test]
fn the_first_reason_to_close_stands() {
    let mut rig = Rig::live();
    rig.session.handle_stopping();
    rig.session.handle_unreadable();
    assert_eq!(rig.session.closing(), Some(close::SERVER_STOPPING));
}

#[test]
fn voice_commands_are_asked_one_at_a_time_and_answered_by_id() {
    let mut rig = Rig::live();
    rig.send(json!({"id": 7, "type": "voice_join", "data": {
        "channel_id": Uuid::from_u128(ROOM), "offer": "v=0", "self_muted": false, "self_deafened": false}}));
    let Some(Request::Voice { id: 7, command: VoiceCommand::Join(join) }) = rig.session.poll_request() else {
        panic!("no request")
    };
    assert_eq!(join.channel_id, Uuid::from_u128(ROOM));
    assert!(!rig.session.wants_frames());
    let room = VoiceRoom { channel_id: join.channel_id, epoch: 1, occupants: Vec::new(), speakers: Vec::new() };
    rig.session
        .handle_result(7, Ok(VoiceResult::Joined(VoiceJoined { answer: "v=0".to_owned(), voice_number: 3, room })));
    rig.collect();
    assert_eq!(rig.frames[0]["reply"], json!(7));
    assert_eq!(rig.frames[0]["result"]["type"], json!("voice_joined"));
    assert_eq!(rig.frames[0]["result"]["data"]["voice_number"], json!(3));
    rig.send(json!({"id": 8, "type": "voice_state", "data": {"self_muted": true, "self_deafened": false}}));
    assert!(matches!(rig.session.poll_request(), Some(Request::Voice { id: 8, command: VoiceCommand::State(_) })));
    rig.session.handle_result(8, Err(refused(ErrorCode::NotInRoom)));
    rig.collect();
    assert_eq!(rig.frames[1]["error"]["code"], json!("not_in_room"));
    assert!(rig.session.wants_frames());
}

#[test]
fn passing_events_reach_their_audience_only() {
    let mut rig = Rig::live();
    let speaking =
        json!({"type": "voice_speaking", "data": {"channel_id": Uuid::from_u128(ROOM), "epoch": 1, "speakers": [3]}});
    let room = voz_domain::ids::ChannelId(Uuid::from_u128(ROOM));
    let passing = |stream, audience| Delivery::Passing { stream, audience, body: Bytes::from(speaking.to_string()) };
    rig.deliver(passing(home(), Audience::Room(room)));
    rig.deliver(passing(home(), Audience::Session(SessionId(Uuid::from_u128(SESSION + 100)))));
    rig.deliver(passing(user_stream(), Audience::All));
    rig.deliver(passing(StreamId::Community(CommunityId(Uuid::from_u128(60))), Audience::All));
    assert!(rig.frames.is_empty());
    rig.deliver(passing(home(), Audience::All));
    assert_eq!(rig.frames.as_slice(), std::slice::from_ref(&speaking));

    rig.send(json!({"id": 7, "type": "voice_join", "data": {
        "channel_id": Uuid::from_u128(ROOM), "offer": "v=0", "self_muted": false, "self_deafened": false}}));
    assert!(rig.session.poll_request().is_some());
    let joined = VoiceRoom { channel_id: room.0, epoch: 1, occupants: Vec::new(), speakers: Vec::new() };
    rig.session.handle_result(
        7,
        Ok(VoiceResult::Joined(VoiceJoined { answer: String::new(), voice_number: 3, room: joined })),
    );
    rig.collect();
    rig.frames.clear();
    rig.deliver(passing(home(), Audience::Room(room)));
    assert_eq!(rig.types(), ["voice_speaking"]);
    let ended = |number| {
        json!({"type": "voice_ended", "data":
        {"channel_id": room.0, "epoch": 1, "voice_number": number, "reason": "replaced"}})
    };
    for number in [2, 3] {
        let body = Bytes::from(ended(number).to_string());
        rig.deliver(Delivery::Passing { stream: user_stream(), audience: Audience::All, body });
        rig.deliver(passing(home(), Audience::Room(room)));
    }
    // The end of another voice changes nothing, the end of this one takes it out of the room.
    assert_eq!(rig.types(), ["voice_speaking", "voice_ended", "voice_speaking", "voice_ended"]);
}
