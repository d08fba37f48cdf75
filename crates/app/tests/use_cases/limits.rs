// SPDX-License-Identifier: Apache-2.0
//! Tries are counted per account and per network; loopback is never exempt.

use std::net::IpAddr;

use voz_app::{AppResult, ClientAddress};
use voz_domain::limits::RateLimit;
use voz_protocol::errors::ErrorCode;
use voz_protocol::instance::SignUpMode;
use voz_protocol::setup::SetupCheck;

use crate::world::*;

fn from(address: &str) -> ClientAddress {
    ClientAddress(address.parse::<IpAddr>().unwrap())
}

/// What was refused is refused for being too often, and says when to come back.
fn too_often<T: std::fmt::Debug>(outcome: AppResult<T>) -> bool {
    match outcome {
        Ok(_) => false,
        Err(error) => error.code() == ErrorCode::RateLimited && error.retry_after_s().is_some_and(|wait| wait > 0),
    }
}

#[tokio::test]
async fn one_name_is_tried_so_often_from_wherever() {
    let world = World::sqlite(limits_with(RateLimit::SignInPerName, 2, 600)).await;
    world.set_up(SignUpMode::Open).await;
    let attempt = async |username: &str, address: &str| {
        let request = sign_in_request(username, "errada errada");
        world.app.sign_in(&mut world.moment(), from(address), request).await
    };
    assert_eq!(attempt("ana", "192.0.2.1").await.code(), ErrorCode::InvalidCredentials);
    assert_eq!(attempt("Ana", "192.0.2.2").await.code(), ErrorCode::InvalidCredentials);
    assert!(too_often(attempt("ANA", "192.0.2.3").await));
    assert!(too_often(world.sign_in("Ana", PASSWORD).await), "the right password does not help");
    assert_eq!(attempt("bia", "192.0.2.3").await.code(), ErrorCode::InvalidCredentials);
    assert_eq!(attempt("bia", "192.0.2.3").await.code(), ErrorCode::InvalidCredentials);
    assert!(too_often(attempt("bia", "192.0.2.4").await), "a name that nobody has is counted alike");
    world.pass(time::Duration::minutes(10));
    world.sign_in("Ana", PASSWORD).await.unwrap();
}

#[tokio::test]
async fn one_network_signs_in_so_often() {
    let world = World::sqlite(limits_with(RateLimit::SignInPerNetwork, 2, 600)).await;
    world.set_up(SignUpMode::Open).await;
    let attempt = async |address: &str| {
        let request = sign_in_request("não é nome", PASSWORD);
        world.app.sign_in(&mut world.moment(), from(address), request).await
    };
    for (first, second, third, neighbour) in [
        ("127.0.0.1", "127.0.0.1", "::ffff:127.0.0.1", "127.0.0.2"),
        ("2001:db8:0:1::1", "2001:db8:0:1::2", "2001:db8:0:1:ffff::3", "2001:db8:0:2::1"),
    ] {
        assert_eq!(attempt(first).await.code(), ErrorCode::InvalidCredentials);
        assert_eq!(attempt(second).await.code(), ErrorCode::InvalidCredentials);
        assert!(too_often(attempt(third).await), "{third}");
        assert_eq!(attempt(neighbour).await.code(), ErrorCode::InvalidCredentials);
    }
}

#[tokio::test]
async fn one_network_signs_up_so_often() {
    let world = World::sqlite(limits_with(RateLimit::SignUpPerNetwork, 1, 3600)).await;
    world.set_up(SignUpMode::Open).await;
    let mut weak = sign_up_request("Bia", None);
    weak.password = "curta".to_owned();
    let slip = world.app.sign_up(&mut world.moment(), home(), weak).await;
    assert_eq!(slip.code(), ErrorCode::Validation, "a slip of the pen is not counted");
    world.sign_up("Bia", None).await.unwrap();
    assert!(too_often(world.sign_up("Caio", None).await));
}

#[tokio::test]
async fn one_network_looks_invites_up_so_often() {
    let world = World::sqlite(limits_with(RateLimit::InviteLookUpPerNetwork, 2, 60)).await;
    let square = world.set_up(SignUpMode::Open).await;
    let code = world.invite(&square, None).await.code;
    let look = async |code: &str| world.app.invite_preview(&world.moment(), home(), code).await;
    assert_eq!(look("2222222222").await.code(), ErrorCode::InviteNotFound);
    look(&code).await.unwrap();
    assert!(too_often(look(&code).await));
    let bia = world.outsider("Bia").await;
    let seen = voz_protocol::invites::AcceptInviteRequest { rules_version: 1 };
    assert!(too_often(world.app.invite_accept(&mut world.moment(), home(), &bia, &code, seen).await));
}

#[tokio::test]
async fn one_network_tries_set_up_tokens_so_often() {
    let world = World::sqlite(limits_with(RateLimit::SetupPerNetwork, 2, 600)).await;
    let token = world.app.make_setup_token(&mut world.moment(), voz_app::EarlierTokens::Stay).await.unwrap().unwrap();
    let wrong = || SetupCheck { token: "A".repeat(43) };
    assert_eq!(world.app.setup_check(&world.moment(), home(), wrong()).await.code(), ErrorCode::SetupTokenInvalid);
    let request = setup_request(&"A".repeat(43), SignUpMode::Open);
    assert_eq!(
        world.app.setup_complete(&mut world.moment(), home(), request).await.code(),
        ErrorCode::SetupTokenInvalid
    );
    let right = SetupCheck { token: token.reveal().to_owned() };
    assert!(too_often(world.app.setup_check(&world.moment(), home(), right).await));
}

#[tokio::test]
async fn one_network_refreshes_so_often() {
    let world = World::sqlite(limits_with(RateLimit::RefreshPerNetwork, 1, 60)).await;
    let square = world.set_up(SignUpMode::Open).await;
    let refresh_token = square.session.refresh_token.reveal();
    let fresh = world.app.refresh(&mut world.moment(), home(), refresh_token).await.unwrap();
    assert!(too_often(world.app.refresh(&mut world.moment(), home(), fresh.refresh_token.reveal()).await));
}
