// SPDX-License-Identifier: Apache-2.0
//! The one-time set-up.

use time::Duration;
use voz_app::EarlierTokens;
use voz_domain::limits::Limits;
use voz_protocol::errors::{ErrorCode, FieldError};
use voz_protocol::instance::SignUpMode;
use voz_protocol::setup::SetupCheck;

use crate::world::*;

fn checking(token: &str) -> SetupCheck {
    SetupCheck { token: token.to_owned() }
}

on_both_engines! {
    async fn links_go_on_opening_the_wizard_until_one_ends_those_before_it(world: World) {
        let mut made = Vec::new();
        for earlier in [EarlierTokens::Stay, EarlierTokens::Stay, EarlierTokens::End, EarlierTokens::Stay] {
            made.push(world.app.make_setup_token(&mut world.moment(), earlier).await.unwrap().unwrap());
        }
        let app = &world.app;
        for (token, opens) in made.iter().zip([false, false, true, true]) {
            let checked = app.setup_check(&world.moment(), home(), checking(token.reveal())).await;
            match opens {
                true => checked.unwrap(),
                false => assert_eq!(checked.code(), ErrorCode::SetupTokenInvalid),
            }
        }
        let request = setup_request(made[0].reveal(), SignUpMode::Open);
        assert_eq!(app.setup_complete(&mut world.moment(), home(), request).await.code(), ErrorCode::SetupTokenInvalid);
        for garbage in ["", "x", &"A".repeat(43), &"é".repeat(43)] {
            let refused = app.setup_check(&world.moment(), home(), checking(garbage)).await;
            assert_eq!(refused.code(), ErrorCode::SetupTokenInvalid);
        }
        assert!(app.instance().await.unwrap().needs_setup);
        let request = setup_request(made[2].reveal(), SignUpMode::Open);
        app.setup_complete(&mut world.moment(), home(), request).await.unwrap();
        let request = setup_request(made[3].reveal(), SignUpMode::Open);
        assert_eq!(app.setup_complete(&mut world.moment(), home(), request).await.code(), ErrorCode::SetupDone);
    }

    async fn a_link_beside_newer_ones_is_forgotten_after_a_week(world: World) {
        let older = world.app.make_setup_token(&mut world.moment(), EarlierTokens::Stay).await.unwrap().unwrap();
        world.pass(Duration::days(8));
        let opens = world.app.setup_check(&world.moment(), home(), checking(older.reveal())).await;
        opens.unwrap();
        world.app.make_setup_token(&mut world.moment(), EarlierTokens::Stay).await.unwrap();
        let refused = world.app.setup_check(&world.moment(), home(), checking(older.reveal())).await;
        assert_eq!(refused.code(), ErrorCode::SetupTokenInvalid);
    }

    async fn after_the_set_up_there_is_no_other(world: World) {
        let token = world.app.make_setup_token(&mut world.moment(), EarlierTokens::Stay).await.unwrap().unwrap();
        let request = setup_request(token.reveal(), SignUpMode::Open);
        world.app.setup_complete(&mut world.moment(), home(), request.clone()).await.unwrap();
        assert_eq!(world.app.make_setup_token(&mut world.moment(), EarlierTokens::Stay).await.unwrap(), None);
        let again = world.app.setup_check(&world.moment(), home(), checking(token.reveal())).await;
        assert_eq!(again.code(), ErrorCode::SetupDone);
        let again = world.app.setup_complete(&mut world.moment(), home(), request).await;
        assert_eq!(again.code(), ErrorCode::SetupDone);
    }

    async fn of_two_who_set_up_at_once_one_does(world: World) {
        let token = world.app.make_setup_token(&mut world.moment(), EarlierTokens::Stay).await.unwrap().unwrap();
        let (ana, mut bia) = (setup_request(token.reveal(), SignUpMode::Open), setup_request(token.reveal(), SignUpMode::Open));
        bia.username = "Bia".to_owned();
        let (mut first, mut second) = (world.moment(), world.moment());
        let (ana, bia) = tokio::join!(
            world.app.setup_complete(&mut first, home(), ana),
            world.app.setup_complete(&mut second, home(), bia),
        );
        let (won, lost) = if ana.is_ok() { (ana, bia) } else { (bia, ana) };
        assert_eq!(lost.code(), ErrorCode::SetupDone);
        let (winner, loser) =
            if won.unwrap().me.user.username == "Ana" { ("Ana", "Bia") } else { ("Bia", "Ana") };
        world.sign_in(winner, PASSWORD).await.unwrap();
        assert_eq!(world.sign_in(loser, PASSWORD).await.code(), ErrorCode::InvalidCredentials);
    }
}

#[tokio::test]
async fn every_field_that_breaks_a_rule_is_named_and_nothing_is_used_up() {
    let world = World::sqlite(Limits::default()).await;
    let token = world.app.make_setup_token(&mut world.moment(), EarlierTokens::Stay).await.unwrap().unwrap();
    let mut request = setup_request(token.reveal(), SignUpMode::Open);
    request.password = "curta".to_owned();
    request.instance_name = "  ".to_owned();
    request.community.name = "x".repeat(61);
    request.community.text_channel = "a\nb".to_owned();
    request.community.room = String::new();
    request.community.rules = "x".repeat(4001);
    let refused = world.app.setup_complete(&mut world.moment(), home(), request).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Validation);
    let told: Vec<(String, FieldError)> = refused.fields().into_iter().collect();
    let expected = [
        ("community.name", FieldError::TooLong),
        ("community.room", FieldError::Empty),
        ("community.rules", FieldError::TooLong),
        ("community.text_channel", FieldError::Characters),
        ("instance_name", FieldError::Empty),
        ("password", FieldError::TooShort),
    ];
    assert_eq!(told, expected.map(|(name, error)| (name.to_owned(), error)));

    let mut request = setup_request(token.reveal(), SignUpMode::Open);
    request.username = "a b".to_owned();
    let refused = world.app.setup_complete(&mut world.moment(), home(), request).await.unwrap_err();
    assert_eq!(refused.fields().get("username"), Some(&FieldError::Characters));

    let request = setup_request(token.reveal(), SignUpMode::Open);
    world.app.setup_complete(&mut world.moment(), home(), request).await.unwrap();
}
