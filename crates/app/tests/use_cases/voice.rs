// SPDX-License-Identifier: Apache-2.0
//! What durable changes do to a voice at once. The test sits at the end of the queue where the media
//! thread sits, and answers as it does.

use tokio::sync::mpsc;
use voz_app::Actor;
use voz_app::voice::SocketId;
use voz_app::voice::media::{MediaCommand, MediaPeerId};
use voz_domain::limits::Limits;
use voz_domain::voice::VoiceGrants;
use voz_protocol::communities::VoiceMuteRequest;
use voz_protocol::errors::ErrorCode;
use voz_protocol::instance::SignUpMode;
use voz_protocol::voice::VoiceJoin;

use crate::world::*;

const SOCKET: SocketId = SocketId(7);
const ALL: VoiceGrants = VoiceGrants { speak: true, hear: true };
const LISTEN: VoiceGrants = VoiceGrants { speak: false, hear: true };

/// Enters the room; gives the media path and its first grants.
async fn enter(
    world: &World,
    media: &mut mpsc::Receiver<MediaCommand>,
    actor: &Actor,
    square: &Square,
) -> (MediaPeerId, VoiceGrants) {
    let join =
        VoiceJoin { channel_id: square.room.0, offer: "an offer".to_owned(), self_muted: false, self_deafened: false };
    let moment = world.moment();
    let answering = async {
        match media.recv().await.unwrap() {
            MediaCommand::Join { peer, grants, reply, .. } => {
                reply.send(Ok("an answer".to_owned())).unwrap();
                (peer, grants)
            }
            other => panic!("{other:?}"),
        }
    };
    let (joined, seat) = tokio::join!(world.app.voice_join(&moment, actor, SOCKET, join), answering);
    let joined = joined.unwrap();
    assert_eq!(joined.answer, "an answer");
    assert!(joined.room.occupants.iter().any(|one| one.user.id == actor.user.0));
    seat
}

/// What the media thread was told last; the use case has returned, so it is there.
fn told(media: &mut mpsc::Receiver<MediaCommand>) -> MediaCommand {
    media.try_recv().unwrap()
}

fn left(media: &mut mpsc::Receiver<MediaCommand>, seat: MediaPeerId) -> bool {
    matches!(told(media), MediaCommand::Leave { peer } if peer == seat) && media.try_recv().is_err()
}

#[tokio::test]
async fn a_mute_closes_the_microphone_at_once_and_in_every_later_room() {
    let (world, mut media) = World::with_media(Limits::default()).await;
    let square = world.set_up(SignUpMode::Invite).await;
    let bia = world.member(&square, "Bia").await;
    let (seat, grants) = enter(&world, &mut media, &bia, &square).await;
    assert_eq!(grants, ALL);
    let mute = async |muted| {
        let request = VoiceMuteRequest { muted, reason: None };
        world.app.voice_mute(&mut world.moment(), &square.owner, square.community, bia.user, request).await.unwrap();
    };
    mute(true).await;
    assert!(matches!(told(&mut media), MediaCommand::SetGrants { peer, grants: LISTEN } if peer == seat));
    mute(false).await;
    assert!(matches!(told(&mut media), MediaCommand::SetGrants { peer, grants: ALL } if peer == seat));
    mute(true).await;
    told(&mut media);

    world.app.voice_leave(&bia, SOCKET).await.unwrap();
    assert!(left(&mut media, seat));
    let (_, grants) = enter(&world, &mut media, &bia, &square).await;
    assert_eq!(grants, LISTEN, "who comes back comes back muted");
}

#[tokio::test]
async fn a_room_that_is_removed_is_empty_at_once() {
    let (world, mut media) = World::with_media(Limits::default()).await;
    let square = world.set_up(SignUpMode::Invite).await;
    let bia = world.member(&square, "Bia").await;
    let (seat, _) = enter(&world, &mut media, &bia, &square).await;
    let invite = world.invite(&square, None).await;
    let preview = world.app.invite_preview(&world.moment(), home(), &invite.code).await.unwrap();
    assert_eq!(preview.voice_count, 1);
    world.app.channel_delete(&mut world.moment(), &square.owner, square.room).await.unwrap();
    assert!(left(&mut media, seat));
    let preview = world.app.invite_preview(&world.moment(), home(), &invite.code).await.unwrap();
    assert_eq!(preview.voice_count, 0);
}

#[tokio::test]
async fn a_voice_ends_with_its_session() {
    let (world, mut media) = World::with_media(Limits::default()).await;
    let square = world.set_up(SignUpMode::Invite).await;
    let first = world.sign_in("Ana", PASSWORD).await.unwrap();
    let ana = world.actor(&first).await;
    let (seat, _) = enter(&world, &mut media, &ana, &square).await;
    world.app.sign_out(&mut world.moment(), &ana).await.unwrap();
    assert!(left(&mut media, seat));

    let second = world.sign_in("Ana", PASSWORD).await.unwrap();
    let ana = world.actor(&second).await;
    let (seat, _) = enter(&world, &mut media, &ana, &square).await;
    let copied = second.refresh_token.reveal();
    let fresh = world.app.refresh(&mut world.moment(), home(), copied).await.unwrap();
    world.actor(&fresh).await;
    assert!(media.try_recv().is_err(), "a refresh leaves the voice alone");
    let reused = world.app.refresh(&mut world.moment(), home(), copied).await;
    assert_eq!(reused.code(), ErrorCode::Unauthenticated);
    assert!(left(&mut media, seat), "real reuse ends the voice too");
}
