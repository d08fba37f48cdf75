// SPDX-License-Identifier: Apache-2.0
//! Signing in and out, and the rotation of tokens.

use time::Duration;
use voz_app::{AppResult, IssuedSession};
use voz_domain::ids::StreamId;
use voz_domain::limits::Limits;
use voz_protocol::errors::ErrorCode;
use voz_protocol::gateway::ServerEvent;
use voz_protocol::instance::SignUpMode;

use crate::world::*;

impl World {
    async fn refresh(&self, session: &IssuedSession) -> AppResult<IssuedSession> {
        self.app.refresh(&mut self.moment(), home(), session.refresh_token.reveal()).await
    }

    async fn opens(&self, session: &IssuedSession) -> bool {
        match self.app.authenticate(&self.moment(), session.access_token.reveal()).await {
            Ok(actor) => {
                assert_eq!(actor.session, session.session);
                true
            }
            Err(error) => {
                assert_eq!(error.code(), ErrorCode::Unauthenticated);
                false
            }
        }
    }
}

/// An account of its own, so that no helper has used its tokens.
async fn bia(world: &World) -> IssuedSession {
    world.set_up(SignUpMode::Open).await;
    world.sign_up("Bia", None).await.unwrap()
}

fn ended(event: &ServerEvent, session: &IssuedSession) -> bool {
    matches!(event, ServerEvent::SessionEnded { session_id } if *session_id == session.session.0)
}

fn own_stream(session: &IssuedSession) -> StreamId {
    StreamId::User(voz_domain::ids::UserId(session.me.user.id))
}

on_both_engines! {
    async fn who_signs_in_is_told_nothing_about_others(world: World) {
        let first = bia(&world).await;
        let again = world.sign_in("bIA", PASSWORD).await.unwrap();
        assert_eq!(again.me, first.me);
        assert_ne!(again.session, first.session);
        assert_eq!((again.access_expires_in_s, again.refresh_expires_in_s), (900, 2_592_000));
        for (username, password) in
            [("Bia", "errada errada"), ("ninguem", PASSWORD), ("não é nome", PASSWORD), ("", ""), ("Bia", &"x".repeat(300))]
        {
            assert_eq!(world.sign_in(username, password).await.code(), ErrorCode::InvalidCredentials);
        }
        assert!(world.opens(&first).await && world.opens(&again).await);
    }

    async fn an_access_token_is_over_after_fifteen_minutes_and_a_refresh_goes_on(world: World) {
        let first = bia(&world).await;
        world.pass(Duration::minutes(14));
        assert!(world.opens(&first).await);
        world.pass(Duration::minutes(1));
        assert!(!world.opens(&first).await);
        let second = world.refresh(&first).await.unwrap();
        assert_eq!((second.session, &second.me), (first.session, &first.me));
        assert!(world.opens(&second).await);
        world.pass(Duration::days(30));
        assert_eq!(world.refresh(&second).await.code(), ErrorCode::Unauthenticated);
    }

    async fn a_lost_answer_signs_nobody_out(world: World) {
        let first = bia(&world).await;
        assert!(world.opens(&first).await);
        let lost = world.refresh(&first).await.unwrap();
        let second = world.refresh(&first).await.unwrap();
        assert!(!world.opens(&lost).await, "what was lost opens nothing any more");
        assert!(world.opens(&second).await);
        world.refresh(&second).await.unwrap();
    }

    async fn a_predecessor_after_the_first_use_of_its_successor_ends_the_session(world: World) {
        let first = bia(&world).await;
        let second = world.refresh(&first).await.unwrap();
        assert!(world.opens(&second).await);
        let mut heard = world.listen([own_stream(&first)]);
        assert_eq!(world.refresh(&first).await.code(), ErrorCode::Unauthenticated);
        assert!(ended(&heard.next().await.2, &first));
        assert!(!world.opens(&second).await);
        assert_eq!(world.refresh(&second).await.code(), ErrorCode::Unauthenticated);
        assert!(heard.is_silent().await, "the end is told once");
    }

    async fn any_older_refresh_token_ends_the_session_too(world: World) {
        let first = bia(&world).await;
        let second = world.refresh(&first).await.unwrap();
        let third = world.refresh(&second).await.unwrap();
        let other = world.sign_in("Bia", PASSWORD).await.unwrap();
        assert!(world.opens(&third).await);
        assert_eq!(world.refresh(&first).await.code(), ErrorCode::Unauthenticated);
        assert!(!world.opens(&third).await);
        assert_eq!(world.refresh(&third).await.code(), ErrorCode::Unauthenticated);
        assert!(world.opens(&other).await, "another device's session is another family");
    }

    async fn of_many_who_refresh_at_once_the_last_stays(world: World) {
        let first = bia(&world).await;
        let (a, b, c, d) =
            tokio::join!(world.refresh(&first), world.refresh(&first), world.refresh(&first), world.refresh(&first));
        let mut open = 0;
        for issued in [a, b, c, d] {
            open += u32::from(world.opens(&issued.unwrap()).await);
        }
        assert_eq!(open, 1);
    }

    async fn signing_out_ends_the_session_on_the_server(world: World) {
        let first = bia(&world).await;
        let other = world.sign_in("Bia", PASSWORD).await.unwrap();
        let actor = world.actor(&first).await;
        let mut heard = world.listen([own_stream(&first)]);
        world.app.sign_out(&mut world.moment(), &actor).await.unwrap();
        assert!(ended(&heard.next().await.2, &first));
        assert!(!world.opens(&first).await);
        assert_eq!(world.refresh(&first).await.code(), ErrorCode::Unauthenticated);
        assert!(world.opens(&other).await);
        world.app.sign_out(&mut world.moment(), &actor).await.unwrap();
        assert!(heard.is_silent().await, "the second time changes nothing");
    }
}

#[tokio::test]
async fn beyond_the_limit_the_session_used_longest_ago_ends() {
    let world = World::sqlite(limits(|limits| limits.sessions_per_user = 2)).await;
    let first = bia(&world).await;
    let second = world.sign_in("Bia", PASSWORD).await.unwrap();
    let mut heard = world.listen([own_stream(&first)]);
    let third = world.sign_in("Bia", PASSWORD).await.unwrap();
    assert!(ended(&heard.next().await.2, &first));
    assert!(!world.opens(&first).await);
    assert!(world.opens(&second).await && world.opens(&third).await);
}

#[tokio::test]
async fn what_is_no_token_of_ours_opens_nothing() {
    let world = World::sqlite(Limits::default()).await;
    let first = bia(&world).await;
    let other = World::sqlite(Limits::default()).await;
    let foreign = bia(&other).await;
    let swapped = format!("{}{}", &first.refresh_token.reveal()[..22], &foreign.refresh_token.reveal()[22..]);
    for token in ["", "x", &"A".repeat(43), &"A".repeat(64), foreign.refresh_token.reveal()] {
        let refused = world.app.refresh(&mut world.moment(), home(), token).await;
        assert_eq!(refused.code(), ErrorCode::Unauthenticated);
        let refused = world.app.authenticate(&world.moment(), token).await;
        assert_eq!(refused.code(), ErrorCode::Unauthenticated);
    }
    assert!(world.opens(&first).await, "garbage ends nobody's session");
    let refused = world.app.refresh(&mut world.moment(), home(), &swapped).await;
    assert_eq!(refused.code(), ErrorCode::Unauthenticated);
    assert!(!world.opens(&first).await, "its sealed half is known to holders alone: one of them plays with it");
    let as_access = world.app.authenticate(&world.moment(), first.refresh_token.reveal()).await;
    assert_eq!(as_access.code(), ErrorCode::Unauthenticated);
}
