// SPDX-License-Identifier: Apache-2.0
//! The whole life: set up, invite, sign up, talk in text, read it again.

use voz_domain::ids::StreamId;
use voz_domain::limits::Limits;
use voz_protocol::communities::MemberRole;
use voz_protocol::gateway::ServerEvent;
use voz_protocol::instance::SignUpMode;
use voz_protocol::messages::HistoryQuery;

use crate::world::*;

on_both_engines! {
    async fn from_the_first_start_to_a_message_that_is_read_again(world: World) {
        let before = world.app.instance().await.unwrap();
        assert!(before.needs_setup && before.name.is_empty());
        assert_eq!(before.version, "0.0.0-test");
        world.app.ready().await.unwrap();

        let square = world.set_up(SignUpMode::Invite).await;
        let after = world.app.instance().await.unwrap();
        assert!(!after.needs_setup);
        assert_eq!((after.name.as_str(), after.sign_up), ("Voz da Vila", SignUpMode::Invite));
        assert!(square.owner.instance_admin);

        let invite = world.invite(&square, Some(1)).await;
        let preview = world.app.invite_preview(&world.moment(), home(), &invite.code).await.unwrap();
        assert_eq!(preview.community_name, "Praça");
        assert_eq!(preview.rules.text, "Respeito.\nSem spam.");
        assert_eq!(preview.inviter.username, "Ana");
        assert_eq!((preview.member_count, preview.voice_count, preview.uses_left), (1, 0, Some(1)));

        let stream = StreamId::Community(square.community);
        let mut heard = world.listen([stream]);
        let session = world.sign_up("Bia", Some(&invite.code)).await.unwrap();
        let bia = world.actor(&session).await;
        assert!(!bia.instance_admin);
        let (_, first, joined) = heard.next().await;
        let ServerEvent::MemberJoined(member) = joined else { panic!("{joined:?}") };
        assert_eq!((member.user.id, member.role, member.voice_muted), (bia.user.0, MemberRole::Member, false));

        let voz_app::Sent::New(sent) = world.send(&bia, square.text, "Olá, gente!", "n1").await.unwrap() else {
            panic!("the first time a nonce is sent")
        };
        let (_, second, created) = heard.next().await;
        let ServerEvent::MessageCreated(told) = created else { panic!("{created:?}") };
        assert_eq!(told, sent);
        assert_eq!(second, first + 1);

        for reader in [&bia, &square.owner] {
            let page = world.app.message_history(reader, square.text, HistoryQuery::default()).await.unwrap();
            assert_eq!(page.items, std::slice::from_ref(&sent));
            assert!(!page.has_more);
        }

        let accepted = voz_storage::communities::accepted_rules(world.store.read(), square.community, bia.user);
        assert_eq!(accepted.await.unwrap().map(|(version, _)| version), Some(1));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_is_stored_in_the_clear() {
    let world = World::sqlite(Limits::default()).await;
    let square = world.set_up(SignUpMode::Open).await;
    let session = world.sign_up("Bia", None).await.unwrap();
    let secrets = [
        PASSWORD,
        session.access_token.reveal(),
        session.refresh_token.reveal(),
        square.session.access_token.reveal(),
        square.session.refresh_token.reveal(),
    ];
    let mut stored = Vec::new();
    for entry in std::fs::read_dir(world.folder.as_ref().unwrap().path().join("data")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            stored.extend(std::fs::read(path).unwrap());
        }
    }
    let holds = |text: &str| stored.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds("Voz da Vila"), "the search finds what is there");
    for secret in secrets {
        assert!(!holds(secret), "{secret} is in the data folder");
    }
}
