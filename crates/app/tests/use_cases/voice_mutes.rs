// SPDX-License-Identifier: Apache-2.0
//! Closing and opening a member's microphone.

use voz_domain::ids::StreamId;
use voz_domain::limits::Limits;
use voz_protocol::communities::VoiceMuteRequest;
use voz_protocol::errors::{ErrorCode, FieldError};
use voz_protocol::gateway::ServerEvent;
use voz_protocol::instance::SignUpMode;

use crate::world::*;

fn mute(reason: Option<&str>) -> VoiceMuteRequest {
    VoiceMuteRequest { muted: true, reason: reason.map(str::to_owned) }
}

const OPEN: VoiceMuteRequest = VoiceMuteRequest { muted: false, reason: None };

on_both_engines! {
    async fn a_mute_is_told_once_and_lasts(world: World) {
        let square = world.set_up(SignUpMode::Invite).await;
        let bia = world.member(&square, "Bia").await;
        let (app, owner, community) = (&world.app, &square.owner, square.community);
        let mut heard = world.listen([StreamId::Community(community)]);
        app.voice_mute(&mut world.moment(), owner, community, bia.user, mute(Some(" eco "))).await.unwrap();
        let (_, _, told) = heard.next().await;
        let ServerEvent::MemberVoiceMuted(told) = told else { panic!("{told:?}") };
        assert_eq!((told.user_id, told.muted, told.by.id), (bia.user.0, true, owner.user.0));
        assert_eq!(told.reason.as_deref(), Some("eco"));
        app.voice_mute(&mut world.moment(), owner, community, bia.user, mute(None)).await.unwrap();
        let member = voz_storage::members::get(world.store.read(), community, bia.user).await.unwrap().unwrap();
        assert!(member.voice_muted);
        assert_eq!(member.voice_mute_reason.as_deref(), Some("eco"));

        app.voice_mute(&mut world.moment(), owner, community, bia.user, OPEN).await.unwrap();
        let (_, _, told) = heard.next().await;
        assert!(matches!(told, ServerEvent::MemberVoiceMuted(told) if !told.muted && told.reason.is_none()));
        assert!(heard.is_silent().await);
    }
}

#[tokio::test]
async fn nobody_mutes_the_owner_himself_or_who_is_not_there() {
    let world = World::sqlite(Limits::default()).await;
    let square = world.set_up(SignUpMode::Invite).await;
    let bia = world.member(&square, "Bia").await;
    let outsider = world.outsider("Fora").await;
    let (app, owner, community) = (&world.app, &square.owner, square.community);
    let refused = app.voice_mute(&mut world.moment(), owner, community, owner.user, mute(None)).await;
    assert_eq!(refused.code(), ErrorCode::Forbidden);
    let refused = app.voice_mute(&mut world.moment(), &bia, community, bia.user, OPEN).await;
    assert_eq!(refused.code(), ErrorCode::Forbidden);
    for target in [outsider.user, nobody()] {
        let refused = app.voice_mute(&mut world.moment(), owner, community, target, mute(None)).await;
        assert_eq!(refused.code(), ErrorCode::NotFound);
    }
    let long = "x".repeat(201);
    let refused = app.voice_mute(&mut world.moment(), owner, community, bia.user, mute(Some(&long))).await;
    assert_eq!(refused.unwrap_err().fields().get("reason"), Some(&FieldError::TooLong));
}
