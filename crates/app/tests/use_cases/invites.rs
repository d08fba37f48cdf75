// SPDX-License-Identifier: Apache-2.0
//! Invites: their limits, and who races for the last use.

use time::Duration;
use voz_domain::ids::StreamId;
use voz_domain::limits::Limits;
use voz_protocol::errors::{ErrorCode, FieldError};
use voz_protocol::gateway::ServerEvent;
use voz_protocol::instance::SignUpMode;
use voz_protocol::invites::{AcceptInviteRequest, CreateInviteRequest};

use crate::world::*;

const SEEN: AcceptInviteRequest = AcceptInviteRequest { rules_version: 1 };

on_both_engines! {
    async fn of_many_who_race_for_the_last_use_one_enters(world: World) {
        let square = world.set_up(SignUpMode::Invite).await;
        let invite = world.invite(&square, Some(1)).await;
        let code = Some(invite.code.as_str());
        let (a, b, c, d) = tokio::join!(
            world.sign_up("bia", code),
            world.sign_up("caio", code),
            world.sign_up("duda", code),
            world.sign_up("edu", code),
        );
        let mut entered = Vec::new();
        for (name, outcome) in [("bia", a), ("caio", b), ("duda", c), ("edu", d)] {
            match outcome {
                Ok(session) => entered.push(session),
                Err(error) => {
                    assert_eq!(error.code(), ErrorCode::InviteUsedUp);
                    assert_eq!(world.sign_in(name, PASSWORD).await.code(), ErrorCode::InvalidCredentials);
                }
            }
        }
        assert_eq!(entered.len(), 1);
        let preview = world.app.invite_preview(&world.moment(), home(), &invite.code).await;
        assert_eq!(preview.code(), ErrorCode::InviteUsedUp);
        let members = voz_storage::members::count(world.store.read(), square.community).await.unwrap();
        assert_eq!(members, 2);
    }

    async fn an_account_accepts_once_and_a_member_without_effect(world: World) {
        let square = world.set_up(SignUpMode::Open).await;
        let invite = world.invite(&square, Some(5)).await;
        let bia = world.outsider("Bia").await;
        let app = &world.app;
        let mut heard = world.listen([StreamId::User(bia.user), StreamId::Community(square.community)]);
        let outdated = AcceptInviteRequest { rules_version: 9 };
        let refused = app.invite_accept(&mut world.moment(), home(), &bia, &invite.code, outdated).await;
        assert_eq!(refused.code(), ErrorCode::RulesChanged);

        let community = app.invite_accept(&mut world.moment(), home(), &bia, &invite.code, SEEN).await.unwrap();
        assert_eq!((community.id, community.owner_id), (square.community.0, square.owner.user.0));
        let (told, entered) = (heard.next().await, heard.next().await);
        assert!(matches!(told.2, ServerEvent::MemberJoined(member) if member.user.id == bia.user.0));
        assert!(matches!(entered.2, ServerEvent::CommunityEntered { community_id } if community_id == community.id));

        let again = app.invite_accept(&mut world.moment(), home(), &bia, &invite.code, SEEN).await.unwrap();
        assert_eq!(again, community);
        assert!(heard.is_silent().await);
        let list = app.invite_list(&world.moment(), &square.owner, square.community).await.unwrap();
        assert_eq!(list.items[0].uses, 1, "a member takes no use");
    }

    async fn one_person_who_accepts_twice_at_once_takes_one_use(world: World) {
        let square = world.set_up(SignUpMode::Open).await;
        let invite = world.invite(&square, Some(5)).await;
        let bia = world.outsider("Bia").await;
        let (mut first, mut second) = (world.moment(), world.moment());
        let (a, b) = tokio::join!(
            world.app.invite_accept(&mut first, home(), &bia, &invite.code, SEEN),
            world.app.invite_accept(&mut second, home(), &bia, &invite.code, SEEN),
        );
        assert_eq!(a.unwrap(), b.unwrap());
        let list = world.app.invite_list(&world.moment(), &square.owner, square.community).await.unwrap();
        assert_eq!(list.items[0].uses, 1);
    }

    async fn an_invite_ends_by_time_and_by_its_maker(world: World) {
        let square = world.set_up(SignUpMode::Invite).await;
        let app = &world.app;
        let short = CreateInviteRequest { max_uses: None, expires_in_s: Some(300) };
        let short = app.invite_create(&mut world.moment(), &square.owner, square.community, short).await.unwrap();
        let long = world.invite(&square, None).await;
        assert!(long.expires_at.is_some_and(|at| at > start() + Duration::days(6)), "a week unless asked otherwise");
        let listed = app.invite_list(&world.moment(), &square.owner, square.community).await.unwrap();
        assert_eq!(listed.items, [long.clone(), short.clone()], "newest first");

        world.pass(Duration::minutes(5));
        assert_eq!(app.invite_preview(&world.moment(), home(), &short.code).await.code(), ErrorCode::InviteExpired);
        assert_eq!(world.sign_up("Bia", Some(&short.code)).await.code(), ErrorCode::InviteExpired);

        app.invite_revoke(&mut world.moment(), &square.owner, square.community, &long.code).await.unwrap();
        assert_eq!(app.invite_preview(&world.moment(), home(), &long.code).await.code(), ErrorCode::InviteRevoked);
        assert_eq!(world.sign_up("Bia", Some(&long.code)).await.code(), ErrorCode::InviteRevoked);
        let again = app.invite_revoke(&mut world.moment(), &square.owner, square.community, &long.code).await;
        assert_eq!(again.code(), ErrorCode::InviteNotFound);
        let listed = app.invite_list(&world.moment(), &square.owner, square.community).await.unwrap();
        assert_eq!(listed.items, []);
    }
}

#[tokio::test]
async fn an_invite_keeps_to_its_ranges() {
    let world = World::sqlite(Limits::default()).await;
    let square = world.set_up(SignUpMode::Invite).await;
    for (max_uses, expires_in_s, field) in [
        (Some(0), None, "max_uses"),
        (Some(1001), None, "max_uses"),
        (None, Some(299), "expires_in_s"),
        (None, Some(2_592_001), "expires_in_s"),
    ] {
        let request = CreateInviteRequest { max_uses, expires_in_s };
        let refused = world.app.invite_create(&mut world.moment(), &square.owner, square.community, request).await;
        let fields = refused.unwrap_err().fields();
        assert_eq!(fields.into_iter().collect::<Vec<_>>(), [(field.to_owned(), FieldError::OutOfRange)]);
    }
}

#[tokio::test]
async fn a_community_has_no_more_usable_invites_than_it_may() {
    let world = World::sqlite(limits(|limits| limits.invites_per_community = 2)).await;
    let square = world.set_up(SignUpMode::Invite).await;
    let first = world.invite(&square, None).await;
    world.invite(&square, None).await;
    let third = CreateInviteRequest::default();
    let refused =
        world.app.invite_create(&mut world.moment(), &square.owner, square.community, third.clone()).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::LimitReached);
    assert_eq!(refused.fields().into_keys().collect::<Vec<_>>(), ["invites"]);
    world.app.invite_revoke(&mut world.moment(), &square.owner, square.community, &first.code).await.unwrap();
    world.app.invite_create(&mut world.moment(), &square.owner, square.community, third).await.unwrap();
}
