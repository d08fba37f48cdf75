// SPDX-License-Identifier: Apache-2.0
//! Instance, accounts, sessions.

use voz_domain::ids::{InstanceEpoch, SessionId, UserId};
use voz_domain::names::Username;
use voz_domain::sessions::{Presented, Successor, TokenHash};
use voz_domain::sign_up::SignUpMode;
use voz_storage::instance::{self, SecretKey};
use voz_storage::sessions::{self, NewTokens};
use voz_storage::{Store, StoreError, Tx, setup_tokens, users};

use crate::fixture::{ANA, BIA, add_user, at, id, on_both_engines, value};

fn hash(byte: u8) -> TokenHash {
    TokenHash([byte; 32])
}

/// Tokens `(n, 100 + n)`, issued at second n.
fn tokens(n: u8) -> NewTokens {
    NewTokens {
        access: hash(n),
        refresh: hash(100 + n),
        access_expires_at: at(i64::from(n) + 900),
        refresh_expires_at: at(i64::from(n) + 9000),
        issued_at: at(i64::from(n)),
    }
}

const LAPTOP: SessionId = SessionId(uuid::Uuid::from_u128(0x51));

async fn sign_in(store: &Store, session: SessionId, user: UserId, n: u8) {
    let work =
        store.write(&[], move |tx| Box::pin(async move { sessions::insert(tx, session, user, &tokens(n)).await }));
    value::<()>(work.await.unwrap());
}

async fn present(tx: &Tx, refresh: u8) -> Result<Option<Presented>, StoreError> {
    Ok(sessions::by_refresh(tx, hash(refresh)).await?.map(|(_, presented)| presented))
}

on_both_engines! {
    async fn an_account_is_found_in_any_case_and_unique_in_all(store: Store) {
        let ana = add_user(&store, ANA, "Ana").await.unwrap();
        assert_eq!(ana.username, "Ana");
        assert_eq!(add_user(&store, BIA, "aNA").await, Err(StoreError::Conflict));
        assert_eq!(users::by_id(store.read(), BIA).await, Ok(None));
        assert_eq!(users::by_id(store.read(), ANA).await, Ok(Some(ana.clone())));
        let (found, password) = users::credentials(store.read(), &Username::parse("ANA").unwrap()).await.unwrap().unwrap();
        assert_eq!((found, password.as_deref()), (ana, Some("$argon2id$Ana")));
        assert_eq!(users::credentials(store.read(), &Username::parse("eva").unwrap()).await, Ok(None));
    }

    async fn of_many_who_race_for_a_name_one_gets_it(store: Store) {
        let mut tries = tokio::task::JoinSet::new();
        for n in 0..12 {
            let store = store.clone();
            tries.spawn(async move { add_user(&store, UserId(id(n)), if n % 2 == 0 { "Eva" } else { "eva" }).await });
        }
        let outcomes = tries.join_all().await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
        assert!(outcomes.iter().all(|outcome| matches!(outcome, Ok(_) | Err(StoreError::Conflict))), "{outcomes:?}");
    }

    async fn the_instance_is_set_up_once(store: Store) {
        assert_eq!(instance::get(store.read()).await, Ok(None));
        let begin = |epoch, key: u8| {
            let store = store.clone();
            async move {
                let key = SecretKey([key; 32]);
                let work = store.write(&[], move |tx| Box::pin(async move { instance::begin_epoch(tx, InstanceEpoch(id(epoch)), &key).await }));
                value::<()>(work.await.unwrap());
                instance::get(store.read()).await.unwrap().unwrap()
            }
        };
        let first = begin(1, 7).await;
        assert_eq!((first.name.as_str(), first.set_up_at), ("", None));
        let second = begin(2, 8).await;
        assert_eq!(second.epoch, InstanceEpoch(id(2)));
        assert_eq!(second.secret_key, SecretKey([7; 32]), "the key is of the first start");

        let complete = |name: &'static str| {
            store.write(&[], move |tx| Box::pin(async move { instance::complete_setup(tx, name, SignUpMode::Open, at(5)).await }))
        };
        let step = |committed: Result<voz_storage::Committed<bool>, StoreError>| value(committed.unwrap());
        assert!(step(complete("Voz").await));
        assert!(!step(complete("outra").await));
        let done = instance::get(store.read()).await.unwrap().unwrap();
        assert_eq!((done.name.as_str(), done.sign_up, done.set_up_at), ("Voz", SignUpMode::Open, Some(at(5))));
    }

    async fn set_up_tokens_come_and_go(store: Store) {
        let work = store.write(&[], |tx| Box::pin(async move {
            for n in 1..=3 {
                setup_tokens::insert(tx, hash(n), at(i64::from(n))).await?;
            }
            setup_tokens::delete_before(tx, at(2)).await
        }));
        work.await.unwrap().publish(drop);
        let mut valid = Vec::new();
        for n in 1..=4 {
            valid.push(setup_tokens::contains(store.read(), hash(n)).await.unwrap());
        }
        assert_eq!(valid, [false, true, true, false]);
        let work = store.write(&[], |tx| Box::pin(async move { setup_tokens::delete_all(tx).await }));
        work.await.unwrap().publish(drop);
        assert_eq!(setup_tokens::contains(store.read(), hash(3)).await, Ok(false));
    }

    async fn refresh_tokens_rotate(store: Store) {
        let ana = add_user(&store, ANA, "Ana").await.unwrap();
        sign_in(&store, LAPTOP, ANA, 1).await;
        let begun = sessions::by_access(store.read(), hash(1)).await.unwrap().unwrap();
        assert_eq!((begun.id, &begun.user, begun.successor), (LAPTOP, &ana, Successor::Unused));
        assert_eq!((begun.terms.access_expires_at, begun.terms.refresh_expires_at), (at(901), at(9001)));
        assert_eq!(sessions::by_id(store.read(), LAPTOP).await, Ok(Some(begun)));

        let work = store.write(&[], |tx| Box::pin(async move {
            sessions::mark_used(tx, hash(1)).await?;
            let found = present(tx, 101).await?;
            sessions::rotate(tx, LAPTOP, &tokens(2)).await?;
            Ok::<_, StoreError>((found, present(tx, 101).await?, present(tx, 102).await?))
        }));
        let seen = value(work.await.unwrap());
        assert_eq!(seen, (Some(Presented::Current), Some(Presented::Predecessor), Some(Presented::Current)));
        assert_eq!(sessions::by_access(store.read(), hash(1)).await, Ok(None), "the old access token is over");
        let rotated = sessions::by_access(store.read(), hash(2)).await.unwrap().unwrap();
        assert_eq!((rotated.successor, rotated.last_used_at, rotated.created_at), (Successor::Unused, at(2), at(1)));

        let work = store.write(&[], |tx| Box::pin(async move {
            sessions::reissue(tx, LAPTOP, &tokens(3)).await?;
            sessions::mark_used(tx, hash(3)).await?;
            Ok::<_, StoreError>((present(tx, 101).await?, present(tx, 102).await?, present(tx, 103).await?))
        }));
        let seen = value(work.await.unwrap());
        assert_eq!(seen, (Some(Presented::Predecessor), None, Some(Presented::Current)), "the lost pair is over");
        assert_eq!(sessions::by_access(store.read(), hash(3)).await.unwrap().unwrap().successor, Successor::Used);
    }

    async fn of_two_who_present_one_refresh_token_the_second_sees_the_first(store: Store) {
        add_user(&store, ANA, "Ana").await.unwrap();
        sign_in(&store, LAPTOP, ANA, 1).await;
        let refresh = |n| {
            let store = store.clone();
            tokio::spawn(async move {
                let work = store.write(&[], move |tx| Box::pin(async move {
                    let found = present(tx, 101).await?;
                    sessions::rotate(tx, LAPTOP, &tokens(n)).await?;
                    Ok::<_, StoreError>(found)
                }));
                value(work.await.unwrap())
            })
        };
        let (one, two) = tokio::join!(refresh(2), refresh(3));
        let mut seen = [one.unwrap(), two.unwrap()];
        seen.sort_by_key(|presented| *presented == Some(Presented::Predecessor));
        assert_eq!(seen, [Some(Presented::Current), Some(Presented::Predecessor)]);
    }

    async fn sessions_end(store: Store) {
        add_user(&store, ANA, "Ana").await.unwrap();
        add_user(&store, BIA, "Bia").await.unwrap();
        for n in 1..=4 {
            sign_in(&store, SessionId(id(u128::from(n))), ANA, n).await;
        }
        sign_in(&store, SessionId(id(9)), BIA, 9).await;
        let revoke = || store.write(&[], |tx| Box::pin(async move { sessions::revoke(tx, SessionId(id(4)), at(50)).await }));
        assert!(value(revoke().await.unwrap()));
        assert!(!value(revoke().await.unwrap()), "it ends once");
        let work = store.write(&[], |tx| Box::pin(async move { sessions::revoke_beyond(tx, ANA, 2, at(60)).await }));
        let ended: Result<_, StoreError> = work.await.map(value);
        assert_eq!(ended, Ok(vec![SessionId(id(1))]), "the one used least recently");
        let alive = |n: u8| { let store = store.clone(); async move { sessions::by_access(store.read(), hash(n)).await.unwrap().unwrap().terms.alive(at(60)) } };
        assert_eq!([alive(1).await, alive(2).await, alive(3).await, alive(4).await, alive(9).await], [false, true, true, false, true]);
    }
}
