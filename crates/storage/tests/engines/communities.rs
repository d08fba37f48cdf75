// SPDX-License-Identifier: Apache-2.0
//! Communities, members, channels, invites, microphones.

use voz_domain::channels::ChannelKind;
use voz_domain::ids::{ChannelId, CommunityId, UserId};
use voz_domain::invites::{InviteCode, InviteState};
use voz_domain::roles::Role;
use voz_storage::invites::{self, NewInvite};
use voz_storage::members::{self, Joined};
use voz_storage::{Committed, Store, StoreError, channels, communities, voice_mutes};

use crate::fixture::{ANA, BIA, ROOM, SQUARE, STREAM, TEXT, add_user, at, id, on_both_engines, square, value};

fn code(n: u8) -> InviteCode {
    InviteCode::from_random([n; 16])
}

async fn add_invite(store: &Store, n: u8, max_uses: Option<u32>, expires_in_s: Option<i64>) -> InviteCode {
    let new = NewInvite {
        code: code(n),
        community: SQUARE,
        inviter: ANA,
        max_uses,
        expires_at: expires_in_s.map(at),
        created_at: at(i64::from(n)),
    };
    let work = store.write(&[], |tx| Box::pin(async move { invites::insert(tx, &new).await }));
    value::<()>(work.await.unwrap());
    code(n)
}

async fn take(store: &Store, code: InviteCode, now_s: i64) -> bool {
    let work = store.write(&[], move |tx| Box::pin(async move { invites::take_use(tx, &code, at(now_s)).await }));
    let taken: Result<Committed<bool>, StoreError> = work.await;
    value(taken.unwrap())
}

on_both_engines! {
    async fn a_community_and_its_members(store: Store) {
        let (community, text, room) = square(&store).await;
        assert_eq!(communities::by_id(store.read(), SQUARE).await, Ok(Some(community.clone())));
        assert_eq!(communities::by_id(store.read(), CommunityId(id(1))).await, Ok(None));
        assert_eq!(communities::of_user(store.read(), BIA).await, Ok(vec![community]));
        assert_eq!(communities::of_user(store.read(), UserId(id(1))).await, Ok(vec![]));
        assert_eq!(members::role(store.read(), SQUARE, ANA).await, Ok(Some(Role::Owner)));
        assert_eq!(members::role(store.read(), SQUARE, BIA).await, Ok(Some(Role::Member)));
        assert_eq!(members::role(store.read(), SQUARE, UserId(id(1))).await, Ok(None));
        assert_eq!(members::count(store.read(), SQUARE).await, Ok(2));
        let all = members::list(store.read(), SQUARE).await.unwrap();
        let names: Vec<_> = all.iter().map(|member| (member.user.username.as_str(), member.role)).collect();
        assert_eq!(names, [("Ana", Role::Owner), ("Bia", Role::Member)]);
        assert_eq!(members::get(store.read(), SQUARE, BIA).await, Ok(Some(all[1].clone())));
        assert_eq!(channels::list(store.read(), SQUARE).await, Ok(vec![text, room]));
    }

    async fn joining_again_changes_nothing(store: Store) {
        square(&store).await;
        let work = store.write(&[STREAM], |tx| Box::pin(async move { members::insert(tx, SQUARE, ANA, Role::Member, at(9)).await }));
        let joined: Result<_, StoreError> = work.await.map(value);
        assert_eq!(joined, Ok(Joined::Before));
        assert_eq!(members::role(store.read(), SQUARE, ANA).await, Ok(Some(Role::Owner)));
    }

    async fn accepted_rules_are_kept_by_version(store: Store) {
        square(&store).await;
        for (version, now) in [(1, 1), (2, 5), (2, 8)] {
            let work = store.write(&[], move |tx| Box::pin(async move { communities::accept_rules(tx, SQUARE, BIA, version, at(now)).await }));
            let accepted: Result<(), StoreError> = work.await.map(value);
            assert_eq!(accepted, Ok(()));
        }
        assert_eq!(communities::accepted_rules(store.read(), SQUARE, BIA).await, Ok(Some((2, at(5)))));
        assert_eq!(communities::accepted_rules(store.read(), SQUARE, ANA).await, Ok(None));
    }

    async fn channels_are_made_renamed_and_removed(store: Store) {
        square(&store).await;
        let second = ChannelId(id(0xe3));
        let work = store.write(&[STREAM], move |tx| Box::pin(async move {
            let made = channels::insert(tx, second, SQUARE, ChannelKind::Room, "sala", at(3)).await?;
            Ok::<_, StoreError>((made, channels::rename(tx, second, "varanda").await?, channels::delete(tx, ROOM, at(4)).await?))
        }));
        let (made, renamed, deleted) = value(work.await.unwrap());
        assert_eq!((made.position, made.kind, made.created_at), (1, ChannelKind::Room, at(3)), "each kind counts for itself");
        assert!(renamed && deleted);
        assert_eq!(channels::by_id(store.read(), second).await.unwrap().unwrap().name, "varanda");
        assert_eq!(channels::by_id(store.read(), ROOM).await, Ok(None));
        assert_eq!(channels::count(store.read(), SQUARE).await, Ok(2));
        let work = store.write(&[STREAM], |tx| Box::pin(async move {
            Ok::<_, StoreError>((channels::rename(tx, ROOM, "x").await?, channels::delete(tx, ROOM, at(5)).await?))
        }));
        assert_eq!(value(work.await.unwrap()), (false, false), "what is removed stays removed");
    }

    async fn channels_made_at_once_get_their_own_positions(store: Store) {
        square(&store).await;
        let mut makers = tokio::task::JoinSet::new();
        for n in 0..8 {
            let store = store.clone();
            makers.spawn(async move {
                let work = store.write(&[STREAM], move |tx| Box::pin(async move {
                    channels::insert(tx, ChannelId(id(0x100 + n)), SQUARE, ChannelKind::Text, "c", at(1)).await
                }));
                let made: Result<_, StoreError> = work.await.map(value);
                made.unwrap().position
            });
        }
        let mut positions = makers.join_all().await;
        positions.sort_unstable();
        assert_eq!(positions, (1..=8).collect::<Vec<_>>());
    }

    async fn a_microphone_is_closed_and_opened(store: Store) {
        square(&store).await;
        let set = |user, muted, reason: Option<&'static str>| {
            let store = store.clone();
            async move {
                let work = store.write(&[STREAM], move |tx| Box::pin(async move { voice_mutes::set(tx, SQUARE, user, muted, reason).await }));
                let changed: Result<_, StoreError> = work.await.map(value);
                changed.unwrap()
            }
        };
        let bia = || async { members::get(store.read(), SQUARE, BIA).await.unwrap().unwrap() };
        assert!(set(BIA, true, Some("eco")).await);
        assert!(!set(BIA, true, Some("outra")).await, "it was closed already");
        assert_eq!((bia().await.voice_muted, bia().await.voice_mute_reason.as_deref()), (true, Some("eco")));
        assert!(set(BIA, false, Some("de novo")).await);
        assert_eq!((bia().await.voice_muted, bia().await.voice_mute_reason), (false, None));
        assert!(!set(UserId(id(1)), true, None).await, "nobody of that id is here");
    }

    async fn an_invite_ends_by_use_by_time_and_by_hand(store: Store) {
        square(&store).await;
        let twice = add_invite(&store, 1, Some(2), None).await;
        let short = add_invite(&store, 2, None, Some(60)).await;
        let open = add_invite(&store, 3, None, None).await;
        let listed = |now_s| { let store = store.clone(); async move {
            invites::list(store.read(), SQUARE, at(now_s)).await.unwrap().into_iter().map(|invite| invite.code).collect::<Vec<_>>()
        } };
        assert_eq!(listed(59).await, [open.clone(), short.clone(), twice.clone()], "newest first");
        assert!(take(&store, twice.clone(), 10).await);
        assert!(take(&store, twice.clone(), 10).await);
        assert!(!take(&store, twice.clone(), 10).await);
        assert!(take(&store, short.clone(), 59).await);
        assert!(!take(&store, short.clone(), 60).await);
        assert!(take(&store, open.clone(), 1_000_000).await);
        let used = invites::by_code(store.read(), &twice).await.unwrap().unwrap();
        assert_eq!((used.terms.uses, used.terms.state(at(10)), used.inviter.id), (2, InviteState::UsedUp, ANA));
        assert_eq!(listed(60).await, std::slice::from_ref(&open));

        let revoke = |community, code: &InviteCode| {
            let (store, code) = (store.clone(), code.clone());
            async move {
                let work = store.write(&[], move |tx| Box::pin(async move { invites::revoke(tx, community, &code, at(70)).await }));
                let revoked: Result<_, StoreError> = work.await.map(value);
                revoked.unwrap()
            }
        };
        assert!(!revoke(CommunityId(id(1)), &open).await, "not of another community");
        assert!(revoke(SQUARE, &open).await);
        assert!(!revoke(SQUARE, &open).await);
        assert!(!take(&store, open.clone(), 71).await);
        assert_eq!(invites::by_code(store.read(), &open).await.unwrap().unwrap().terms.state(at(71)), InviteState::Revoked);
        assert_eq!(invites::by_code(store.read(), &code(99)).await, Ok(None));
    }

    async fn of_those_who_race_for_the_last_use_exactly_one_wins(store: Store) {
        square(&store).await;
        let invite = add_invite(&store, 1, Some(1), None).await;
        let mut racers = tokio::task::JoinSet::new();
        for n in 0..10_u128 {
            let (store, invite) = (store.clone(), invite.clone());
            racers.spawn(async move {
                let user = UserId(id(0x100 + n));
                let new = crate::fixture::new_user(user, &format!("racer{n}"));
                // As at sign-up: the account goes with the use, or not at all.
                let work = store.write(&[STREAM], move |tx| Box::pin(async move {
                    voz_storage::users::insert(tx, &new).await?;
                    if !invites::take_use(tx, &invite, at(1)).await? {
                        return Err(StoreError::Fault("too late".to_owned()));
                    }
                    members::insert(tx, SQUARE, user, Role::Member, at(1)).await
                }));
                work.await.map(value).is_ok()
            });
        }
        assert_eq!(racers.join_all().await.into_iter().filter(|won| *won).count(), 1);
        assert_eq!(members::count(store.read(), SQUARE).await, Ok(3));
        assert_eq!(invites::by_code(store.read(), &invite).await.unwrap().unwrap().terms.uses, 1);
        let mut accounts = 0;
        for n in 0..10_u128 {
            accounts += usize::from(voz_storage::users::by_id(store.read(), UserId(id(0x100 + n))).await.unwrap().is_some());
        }
        assert_eq!(accounts, 1, "who lost has no account either");
    }

    async fn what_refers_to_nothing_is_refused(store: Store) {
        add_user(&store, ANA, "Ana").await.unwrap();
        let work = store.write(&[], |tx| Box::pin(async move {
            channels::insert(tx, TEXT, CommunityId(id(404)), ChannelKind::Text, "x", at(0)).await
        }));
        let refused: Result<_, StoreError> = work.await.map(value);
        assert!(matches!(refused, Err(StoreError::Fault(_))), "{refused:?}");
    }
}
