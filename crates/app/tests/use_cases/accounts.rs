// SPDX-License-Identifier: Apache-2.0
//! Who may create an account.

use voz_app::Privilege;
use voz_domain::ids::StreamId;
use voz_domain::limits::Limits;
use voz_protocol::errors::{ErrorCode, FieldError};
use voz_protocol::gateway::ServerEvent;
use voz_protocol::instance::SignUpMode;

use crate::world::*;

#[tokio::test]
async fn before_the_set_up_nobody_signs_up() {
    let world = World::sqlite(Limits::default()).await;
    assert_eq!(world.sign_up("Bia", None).await.code(), ErrorCode::SignUpClosed);
}

#[tokio::test]
async fn in_invite_mode_an_invite_is_needed() {
    let world = World::sqlite(Limits::default()).await;
    let square = world.set_up(SignUpMode::Invite).await;
    assert_eq!(world.sign_up("Bia", None).await.code(), ErrorCode::SignUpInviteOnly);
    assert_eq!(world.sign_up("Bia", Some("2222222222")).await.code(), ErrorCode::InviteNotFound);
    let invite = world.invite(&square, None).await;
    world.sign_up("Bia", Some(&invite.code)).await.unwrap();
}

#[tokio::test]
async fn in_open_mode_anyone_signs_up() {
    let world = World::sqlite(Limits::default()).await;
    let square = world.set_up(SignUpMode::Open).await;
    let session = world.sign_up("Bia", None).await.unwrap();
    let bia = world.actor(&session).await;
    assert_eq!((bia.username.as_str(), bia.instance_admin), ("Bia", false));
    let page = world.app.message_history(&bia, square.text, Default::default()).await;
    assert_eq!(page.code(), ErrorCode::NotFound, "an account alone is in no community");
}

#[tokio::test]
async fn in_closed_mode_only_the_admin_makes_accounts() {
    let world = World::sqlite(Limits::default()).await;
    let square = world.set_up(SignUpMode::Closed).await;
    let invite = world.invite(&square, None).await;
    assert_eq!(world.sign_up("Bia", None).await.code(), ErrorCode::SignUpClosed);
    assert_eq!(world.sign_up("Bia", Some(&invite.code)).await.code(), ErrorCode::SignUpClosed);
    let made = world.app.create_user(&mut world.moment(), "Bia", PASSWORD.to_owned(), Privilege::InstanceAdmin).await;
    assert!(made.unwrap().instance_admin);
    assert!(world.sign_in("Bia", PASSWORD).await.unwrap().me.instance_admin);
}

on_both_engines! {
    async fn a_name_is_taken_in_any_case(world: World) {
        world.set_up(SignUpMode::Open).await;
        assert_eq!(world.sign_up("ANA", None).await.code(), ErrorCode::UsernameTaken);
        let made = world.app.create_user(&mut world.moment(), "aNa", PASSWORD.to_owned(), Privilege::None).await;
        assert_eq!(made.code(), ErrorCode::UsernameTaken);
    }

    async fn of_two_who_want_one_name_at_once_one_gets_it(world: World) {
        world.set_up(SignUpMode::Open).await;
        let (lower, upper) = tokio::join!(world.sign_up("bia", None), world.sign_up("BIA", None));
        let (won, lost) = if lower.is_ok() { (lower, upper) } else { (upper, lower) };
        assert_eq!(lost.code(), ErrorCode::UsernameTaken);
        assert_eq!(world.sign_in("Bia", PASSWORD).await.unwrap().me, won.unwrap().me);
    }

    async fn with_an_invite_account_and_membership_come_together_or_not_at_all(world: World) {
        let square = world.set_up(SignUpMode::Invite).await;
        let invite = world.invite(&square, Some(1)).await;
        let mut request = sign_up_request("Bia", Some(&invite.code));
        if let Some(accepted) = &mut request.invite {
            accepted.rules_version = 2;
        }
        let refused = world.app.sign_up(&mut world.moment(), home(), request).await;
        assert_eq!(refused.code(), ErrorCode::RulesChanged);
        assert_eq!(world.sign_in("Bia", PASSWORD).await.code(), ErrorCode::InvalidCredentials);

        let mut heard = world.listen([StreamId::Community(square.community)]);
        let session = world.sign_up("Bia", Some(&invite.code.to_uppercase())).await.unwrap();
        let (_, _, joined) = heard.next().await;
        assert!(matches!(joined, ServerEvent::MemberJoined(member) if member.user == session.me.user));
        let bia = world.actor(&session).await;
        let own = voz_storage::events::after(world.store.read(), StreamId::User(bia.user), 0, 10).await.unwrap();
        let told: ServerEvent = serde_json::from_slice(&own[0].body).unwrap();
        assert!(matches!(told, ServerEvent::CommunityEntered { community_id } if community_id == square.community.0));
    }
}

#[tokio::test]
async fn what_is_wrong_with_name_and_password_is_told() {
    let world = World::sqlite(Limits::default()).await;
    world.set_up(SignUpMode::Open).await;
    for (username, password, field, error) in [
        ("x", PASSWORD, "username", FieldError::TooShort),
        ("um nome", PASSWORD, "username", FieldError::Characters),
        ("Bia", "senha", "password", FieldError::TooShort),
        ("Bia", "senha12345", "password", FieldError::TooCommon),
        ("Bia", "biabiabiabia", "password", FieldError::TooCommon),
    ] {
        let mut request = sign_up_request(username, None);
        request.password = password.to_owned();
        let refused = world.app.sign_up(&mut world.moment(), home(), request).await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::Validation);
        assert_eq!(refused.fields().into_iter().collect::<Vec<_>>(), [(field.to_owned(), error)]);
    }
}
