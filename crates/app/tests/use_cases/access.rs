// SPDX-License-Identifier: Apache-2.0
//! Who is outside learns nothing; who is inside is told what is not allowed.

use voz_app::Actor;
use voz_domain::ids::{CommunityId, UserId};
use voz_domain::limits::Limits;
use voz_protocol::channels::{ChannelKind, UpdateChannelRequest};
use voz_protocol::communities::VoiceMuteRequest;
use voz_protocol::errors::ErrorCode;
use voz_protocol::instance::SignUpMode;
use voz_protocol::invites::CreateInviteRequest;
use voz_protocol::messages::HistoryQuery;

use crate::world::*;

/// What each use case on a community answers to this person.
async fn answers(world: &World, square: &Square, actor: &Actor, code: &str, target: UserId) -> Vec<Option<ErrorCode>> {
    let (app, community) = (&world.app, square.community);
    let rename = UpdateChannelRequest { name: "Outro".to_owned() };
    let mute = VoiceMuteRequest { muted: true, reason: None };
    let moment = || world.moment();
    let said = |refused: Option<voz_app::AppError>| refused.map(|error| error.code());
    vec![
        said(app.message_history(actor, square.text, HistoryQuery::default()).await.err()),
        said(world.send(actor, square.text, "oi", "n").await.err()),
        said(app.channel_create(&mut moment(), actor, community, named(ChannelKind::Text, "novo")).await.err()),
        said(app.channel_update(&mut moment(), actor, square.text, rename).await.err()),
        said(app.invite_create(&mut moment(), actor, community, CreateInviteRequest::default()).await.err()),
        said(app.invite_list(&moment(), actor, community).await.err()),
        said(app.invite_revoke(&mut moment(), actor, community, code).await.err()),
        said(app.voice_mute(&mut moment(), actor, community, target, mute).await.err()),
        said(app.channel_delete(&mut moment(), actor, square.room).await.err()),
    ]
}

#[tokio::test]
async fn outsider_member_and_owner() {
    let world = World::sqlite(Limits::default()).await;
    let square = world.set_up(SignUpMode::Invite).await;
    let outsider = world.outsider("Fora").await;
    let member = world.member(&square, "Bia").await;
    let target = world.member(&square, "Caio").await.user;
    let code = world.invite(&square, None).await.code;

    let not_found = Some(ErrorCode::NotFound);
    assert_eq!(answers(&world, &square, &outsider, &code, target).await, [not_found; 9]);

    let forbidden = Some(ErrorCode::Forbidden);
    let mut expected = vec![None, None];
    expected.extend([forbidden; 7]);
    assert_eq!(answers(&world, &square, &member, &code, target).await, expected);

    assert_eq!(answers(&world, &square, &square.owner, &code, target).await, [None; 9]);
}

#[tokio::test]
async fn what_does_not_exist_answers_as_what_is_hidden() {
    let world = World::sqlite(Limits::default()).await;
    let square = world.set_up(SignUpMode::Invite).await;
    let nowhere = Square { community: CommunityId(nobody().0), ..square };
    let invites = world.app.invite_list(&world.moment(), &nowhere.owner, nowhere.community).await;
    assert_eq!(invites.code(), ErrorCode::NotFound);
    let channel = voz_domain::ids::ChannelId(nobody().0);
    assert_eq!(world.send(&nowhere.owner, channel, "oi", "n").await.code(), ErrorCode::NotFound);
}
