// SPDX-License-Identifier: Apache-2.0
//! The rules of rooms, each as a sentence.

use std::time::Duration;

use uuid::Uuid;
use voz_domain::roles::Role;

use super::rooms::*;
use super::*;

const COMMUNITY: CommunityId = CommunityId(Uuid::from_u128(1));
const ROOM: ChannelId = ChannelId(Uuid::from_u128(2));
const OTHER_ROOM: ChannelId = ChannelId(Uuid::from_u128(3));

fn user(number: u128) -> UserId {
    UserId(Uuid::from_u128(100 + number))
}

fn session(number: u128) -> SessionId {
    SessionId(Uuid::from_u128(200 + number))
}

fn arrival(number: u128, socket: u64) -> Arrival {
    Arrival {
        user: user(number),
        username: format!("person{number}"),
        session: session(number),
        socket: SocketId(socket),
        permissions: Role::Member.permissions(),
        state: VoiceState::default(),
    }
}

fn rooms_with(people: &[u128]) -> Rooms {
    let mut rooms = Rooms::new(7);
    for number in people {
        let peer = MediaPeerId(*number as u64);
        rooms.enter(COMMUNITY, ROOM, peer, arrival(*number, *number as u64));
    }
    rooms
}

#[expect(clippy::disallowed_methods, reason = "a starting point for a clock that the test moves")]
fn start() -> Instant {
    Instant::now()
}

#[test]
fn voice_numbers_are_never_reused_in_an_epoch() {
    let mut rooms = rooms_with(&[1, 2]);
    rooms.end_user(user(2), None).unwrap();
    let seat = rooms.enter(COMMUNITY, ROOM, MediaPeerId(3), arrival(3, 3));
    assert_eq!((seat.voice_number, seat.epoch), (3, 7));
}

#[test]
fn an_emptied_room_comes_back_in_a_new_epoch() {
    let mut rooms = rooms_with(&[1]);
    rooms.end_user(user(1), None).unwrap();
    assert!(rooms.of_community(COMMUNITY).is_empty());
    let seat = rooms.enter(COMMUNITY, ROOM, MediaPeerId(9), arrival(1, 1));
    assert_eq!((seat.voice_number, seat.epoch), (1, 8));
}

#[test]
fn only_the_socket_that_holds_a_voice_changes_it() {
    let mut rooms = rooms_with(&[1]);
    assert!(rooms.set_self_state(user(1), SocketId(99), true, false).is_none());
    assert!(rooms.end_held_by(user(1), SocketId(99), None).is_none());
    let (_, regrant) = rooms.set_self_state(user(1), SocketId(1), true, false).unwrap();
    assert!(!regrant.grants.speak && regrant.grants.hear);
}

#[test]
fn who_hears_nothing_is_muted_too() {
    let mut rooms = rooms_with(&[1]);
    let (_, regrant) = rooms.set_self_state(user(1), SocketId(1), false, true).unwrap();
    assert!(!regrant.grants.speak && !regrant.grants.hear);
    assert!(rooms.view(ROOM).occupants[0].self_muted);
}

#[test]
fn opening_the_own_microphone_does_not_undo_a_moderator() {
    let mut rooms = rooms_with(&[1]);
    rooms.set_server_mute(COMMUNITY, user(1), true).unwrap();
    let (_, regrant) = rooms.set_self_state(user(1), SocketId(1), false, false).unwrap();
    assert!(!regrant.grants.speak);
    let elsewhere = CommunityId(Uuid::from_u128(50));
    assert!(rooms.set_server_mute(elsewhere, user(1), false).is_none());
}

#[test]
fn a_voice_without_socket_waits_to_be_claimed_and_then_ends() {
    let now = start();
    let mut rooms = rooms_with(&[1, 2]);
    rooms.orphan(user(1), SocketId(1), now);
    rooms.orphan(user(2), SocketId(2), now);
    let claim = VoiceClaim { channel_id: ROOM.0, epoch: 7, voice_number: 1 };
    assert_eq!(rooms.claim(user(1), session(1), SocketId(11), &claim), Claimed::GoesOn(rooms.view(ROOM)));
    assert!(rooms.end_unclaimed(now + CLAIM_GRACE - Duration::from_millis(1)).is_empty());
    let ended = rooms.end_unclaimed(now + CLAIM_GRACE);
    assert_eq!(ended.iter().map(|ended| ended.user).collect::<Vec<_>>(), [user(2)]);
}

#[test]
fn nobody_claims_the_voice_of_another_person_session_or_epoch() {
    let mut rooms = rooms_with(&[1]);
    let claim = VoiceClaim { channel_id: ROOM.0, epoch: 7, voice_number: 1 };
    assert_eq!(rooms.claim(user(2), session(1), SocketId(11), &claim), Claimed::Unknown);
    assert_eq!(rooms.claim(user(1), session(2), SocketId(11), &claim), Claimed::Unknown);
    let old = VoiceClaim { epoch: 6, ..claim };
    assert_eq!(rooms.claim(user(1), session(1), SocketId(11), &old), Claimed::Unknown);
}

#[test]
fn a_late_close_of_the_old_socket_does_not_orphan_a_claimed_voice() {
    let now = start();
    let mut rooms = rooms_with(&[1]);
    let claim = VoiceClaim { channel_id: ROOM.0, epoch: 7, voice_number: 1 };
    assert_eq!(rooms.claim(user(1), session(1), SocketId(11), &claim), Claimed::GoesOn(rooms.view(ROOM)));
    rooms.orphan(user(1), SocketId(1), now);
    assert!(rooms.end_unclaimed(now + CLAIM_GRACE * 2).is_empty());
}

#[test]
fn a_deleted_room_and_an_ended_session_end_their_voices_only() {
    let mut rooms = rooms_with(&[1, 2]);
    rooms.enter(COMMUNITY, OTHER_ROOM, MediaPeerId(3), arrival(3, 3));
    assert_eq!(rooms.end_room(ROOM, VoiceEndReason::RoomDeleted).len(), 2);
    assert_eq!(rooms.of_community(COMMUNITY).len(), 1);
    assert_eq!(rooms.end_session(session(3), VoiceEndReason::AccessLost).len(), 1);
    assert!(rooms.of_community(COMMUNITY).is_empty());
}

#[test]
fn a_removed_person_is_told_and_one_elsewhere_is_not_touched() {
    let mut rooms = rooms_with(&[1]);
    let removed = || {
        Some(EndReason {
            reason: VoiceEndReason::Removed,
            by: Some(User { id: user(9).0, username: "bia".to_owned() }),
        })
    };
    assert!(rooms.end_occupant(OTHER_ROOM, user(1), removed()).is_none());
    let ended = rooms.end_occupant(ROOM, user(1), removed()).unwrap();
    assert_eq!(ended.reason, removed());
}

#[test]
fn who_claims_a_voice_that_a_moderator_ended_learns_so() {
    let mut rooms = rooms_with(&[1, 2]);
    let claim = |voice_number| VoiceClaim { channel_id: ROOM.0, epoch: 7, voice_number };
    let ended = rooms.end_user(user(1), Some(VoiceEndReason::Removed.into())).unwrap();
    let told = ended.told().unwrap();
    assert_eq!(rooms.claim(user(1), session(1), SocketId(11), &claim(1)), Claimed::Ended(told.clone()));
    assert_eq!(rooms.claim(user(2), session(1), SocketId(11), &claim(1)), Claimed::Unknown);
    // Nor does an end elsewhere that is repaired by joining again make it forgotten.
    rooms.enter(COMMUNITY, OTHER_ROOM, MediaPeerId(9), arrival(1, 9));
    rooms.end_user(user(1), Some(VoiceEndReason::ConnectionLost.into())).unwrap();
    assert_eq!(rooms.claim(user(1), session(1), SocketId(11), &claim(1)), Claimed::Ended(told));
    // The own choice to leave is no news.
    rooms.end_user(user(2), None).unwrap();
    assert_eq!(rooms.claim(user(2), session(2), SocketId(11), &claim(2)), Claimed::Unknown);
}

#[test]
fn a_room_is_told_with_who_speaks_in_it() {
    let mut rooms = rooms_with(&[1, 2]);
    rooms.set_speakers(ROOM, vec![1, 2]).unwrap();
    assert_eq!(rooms.view(ROOM).speakers, [1, 2]);
    rooms.end_user(user(1), None).unwrap();
    assert_eq!(rooms.of_community(COMMUNITY)[0].speakers, [2]);
}
