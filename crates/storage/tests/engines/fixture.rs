// SPDX-License-Identifier: Apache-2.0
//! A fresh store of each kind, and a small world in it.

use time::{Duration, OffsetDateTime};
use uuid::Uuid;
use voz_domain::channels::ChannelKind;
use voz_domain::ids::{ChannelId, CommunityId, StreamId, UserId};
use voz_domain::names::Username;
use voz_domain::roles::Role;
use voz_storage::channels::{self, Channel};
use voz_storage::communities::{self, Community};
use voz_storage::members::{self, Joined};
use voz_storage::users::{self, NewUser, User};
use voz_storage::{Access, Committed, Store, StoreConfig, StoreError};

/// The same test on both databases.
macro_rules! on_both_engines {
    ($($(#[$meta:meta])* async fn $name:ident($store:ident: Store) $body:block)*) => {$(
        $(#[$meta])*
        mod $name {
            use super::*;

            async fn check($store: Store) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                let (store, _folder) = crate::fixture::sqlite().await;
                check(store).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                check(crate::fixture::postgres().await).await;
            }
        }
    )*};
}
pub(crate) use on_both_engines;

pub async fn sqlite() -> (Store, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let config = StoreConfig::Sqlite { folder: folder.path().join("data"), access: Access::Serve };
    (Store::open(config).await.unwrap(), folder)
}

pub async fn postgres() -> Store {
    let url = voz_testkit::postgres::new_database();
    Store::open(StoreConfig::Postgres { url, max_connections: 8, access: Access::Serve }).await.unwrap()
}

/// Noon, and some seconds.
pub fn at(seconds: i64) -> OffsetDateTime {
    time::macros::datetime!(2026-03-01 12:00 UTC) + Duration::seconds(seconds)
}

pub fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// The value of a commit whose events do not matter here.
pub fn value<T>(committed: Committed<T>) -> T {
    committed.publish(drop)
}

pub const ANA: UserId = UserId(Uuid::from_u128(0xa));
pub const BIA: UserId = UserId(Uuid::from_u128(0xb));
pub const SQUARE: CommunityId = CommunityId(Uuid::from_u128(0xc0));
pub const TEXT: ChannelId = ChannelId(Uuid::from_u128(0xe1));
pub const ROOM: ChannelId = ChannelId(Uuid::from_u128(0xe2));
pub const STREAM: StreamId = StreamId::Community(SQUARE);

pub fn new_user(id: UserId, name: &str) -> NewUser {
    NewUser {
        id,
        username: Username::parse(name).unwrap(),
        password_hash: format!("$argon2id${name}"),
        instance_admin: id == ANA,
        created_at: at(0),
    }
}

pub async fn add_user(store: &Store, id: UserId, name: &str) -> Result<User, StoreError> {
    let new = new_user(id, name);
    store.write(&[], |tx| Box::pin(async move { users::insert(tx, &new).await })).await.map(value)
}

/// Ana owns the square; Bia is in it; it has a text channel and a room.
pub async fn square(store: &Store) -> (Community, Channel, Channel) {
    add_user(store, ANA, "Ana").await.unwrap();
    add_user(store, BIA, "Bia").await.unwrap();
    let community = Community {
        id: SQUARE,
        name: "Praça".to_owned(),
        owner: ANA,
        rules_text: "Um.\nDois.".to_owned(),
        rules_version: 1,
        created_at: at(0),
    };
    let work = store.write(&[STREAM], |tx| {
        Box::pin(async move {
            communities::insert(tx, &community).await?;
            assert_eq!(members::insert(tx, SQUARE, ANA, Role::Owner, at(0)).await?, Joined::Now);
            assert_eq!(members::insert(tx, SQUARE, BIA, Role::Member, at(1)).await?, Joined::Now);
            let text = channels::insert(tx, TEXT, SQUARE, ChannelKind::Text, "geral", at(0)).await?;
            let room = channels::insert(tx, ROOM, SQUARE, ChannelKind::Room, "roda", at(0)).await?;
            Ok::<_, StoreError>((community, text, room))
        })
    });
    value(work.await.unwrap())
}
