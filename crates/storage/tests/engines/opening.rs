// SPDX-License-Identifier: Apache-2.0
//! Opening: folders, locks, versions, servers that are not there.

use voz_storage::{Access, OpenError, Store, StoreConfig, StoreError, users};

use crate::fixture::{ANA, add_user};

fn postgres(url: &str, access: Access) -> StoreConfig {
    StoreConfig::Postgres { url: url.to_owned(), max_connections: 2, access }
}

fn folder(path: &std::path::Path, access: Access) -> StoreConfig {
    StoreConfig::Sqlite { folder: path.to_owned(), access }
}

#[tokio::test]
async fn one_process_serves_from_a_folder() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("não é só ascii?#%20");
    let store = Store::open(folder(&path, Access::Serve)).await.unwrap();
    let second = Store::open(folder(&path, Access::Serve)).await;
    assert!(matches!(&second, Err(OpenError::InUse(named)) if *named == path.display().to_string()), "{second:?}");
    drop(second);
    store.close().await;
    drop(store);
    assert!(Store::open(folder(&path, Access::Serve)).await.is_ok(), "free again");
}

#[tokio::test]
async fn one_process_serves_from_a_postgres_database() {
    let url = voz_testkit::postgres::new_database();
    let store = Store::open(postgres(&url, Access::Serve)).await.unwrap();
    let second = Store::open(postgres(&url, Access::Serve)).await;
    assert!(matches!(&second, Err(OpenError::InUse(_))), "{second:?}");
    let beside = Store::open(postgres(&url, Access::Administer)).await.unwrap();
    add_user(&beside, ANA, "Ana").await.unwrap();
    store.close().await;
    assert!(Store::open(postgres(&url, Access::Serve)).await.is_ok(), "free again");
}

/// The session that holds the lock; none while it is free.
async fn holder(connection: &sea_orm::DatabaseConnection) -> Option<i32> {
    use sea_orm::{ConnectionTrait, DbBackend, Statement};
    let text = "SELECT pid FROM pg_locks JOIN pg_database ON pg_database.oid = database \
                WHERE datname = current_database() AND locktype = 'advisory' AND granted";
    let row = connection.query_one_raw(Statement::from_string(DbBackend::Postgres, text)).await.unwrap();
    row.map(|row| row.try_get_by_index(0).unwrap())
}

#[tokio::test]
async fn a_lock_whose_connection_broke_is_taken_again() {
    use sea_orm::ConnectionTrait;
    let url = voz_testkit::postgres::new_database();
    let store = Store::open(postgres(&url, Access::Serve)).await.unwrap();
    let admin = sea_orm::Database::connect(&url).await.unwrap();
    let before = holder(&admin).await.unwrap();
    admin.execute_unprepared(&format!("SELECT pg_terminate_backend({before})")).await.unwrap();
    while holder(&admin).await.is_none_or(|now| now == before) {
        tokio::task::yield_now().await;
    }
    let second = Store::open(postgres(&url, Access::Serve)).await;
    assert!(matches!(&second, Err(OpenError::InUse(_))), "{second:?}");
    drop(store);
}

/// A way to PostgreSQL on which a connection can break on one side alone.
struct Way {
    folder: tempfile::TempDir,
    broken: tokio::sync::watch::Sender<u32>,
}

impl Way {
    fn to(url: &str) -> (Self, String) {
        let folder = tempfile::tempdir().unwrap();
        let (database, place) = url.split_once("?host=").unwrap();
        let real = std::path::Path::new(place).join(".s.PGSQL.5432");
        let listener = tokio::net::UnixListener::bind(folder.path().join(".s.PGSQL.5432")).unwrap();
        let (broken, breaks) = tokio::sync::watch::channel(0);
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                let mut far = tokio::net::UnixStream::connect(&real).await.unwrap();
                let mut breaks = breaks.clone();
                breaks.mark_unchanged();
                tokio::spawn(async move {
                    tokio::select! {
                        _ = tokio::io::copy_bidirectional(&mut near, &mut far) => return,
                        _ = breaks.changed() => {}
                    }
                    // PostgreSQL does not miss it.
                    drop(near);
                    let _nothing = breaks.wait_for(|_| false).await;
                    drop(far);
                });
            }
        });
        let through = format!("{database}?host={}", folder.path().display());
        (Self { folder, broken }, through)
    }
}

#[tokio::test]
async fn a_lock_that_the_own_lost_session_still_has_is_taken_from_it() {
    let url = voz_testkit::postgres::new_database();
    let (way, through) = Way::to(&url);
    let store = Store::open(postgres(&through, Access::Serve)).await.unwrap();
    let admin = sea_orm::Database::connect(&url).await.unwrap();
    let before = holder(&admin).await.unwrap();
    way.broken.send_modify(|breaks| *breaks += 1);
    // Terminated by the new session, which then has the lock.
    while holder(&admin).await.is_none_or(|now| now == before) {
        tokio::task::yield_now().await;
    }
    let second = Store::open(postgres(&url, Access::Serve)).await;
    assert!(matches!(&second, Err(OpenError::InUse(_))), "{second:?}");
    store.close().await;
    drop(way.folder);
}

#[tokio::test]
async fn a_server_whose_lock_another_one_took_is_told() {
    use sea_orm::{ConnectOptions, ConnectionTrait, Database, DbBackend, Statement};
    let url = voz_testkit::postgres::new_database();
    let store = Store::open(postgres(&url, Access::Serve)).await.unwrap();
    let admin = Database::connect(&url).await.unwrap();
    let holding = holder(&admin).await.unwrap();
    // Whoever waits for the lock has it at once when its holder is gone.
    let mut one = ConnectOptions::new(&url);
    one.max_connections(1);
    let other = Database::connect(one).await.unwrap();
    let lock = format!("SELECT pg_advisory_lock({key})", key = 0x766F_7A73_6572_7665_i64);
    let waiting = "SELECT 1 FROM pg_locks JOIN pg_database ON oid = database \
                   WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted";
    let waiting = Statement::from_string(DbBackend::Postgres, waiting);
    let terminate = async {
        while admin.query_one_raw(waiting.clone()).await.unwrap().is_none() {
            tokio::task::yield_now().await;
        }
        admin.execute_unprepared(&format!("SELECT pg_terminate_backend({holding})")).await.unwrap();
    };
    let (taken, ()) = tokio::join!(other.execute_unprepared(&lock), terminate);
    taken.unwrap();
    store.lost().await;
}

#[tokio::test]
async fn administration_works_beside_a_running_server() {
    let place = tempfile::tempdir().unwrap();
    let server = Store::open(folder(place.path(), Access::Serve)).await.unwrap();
    let beside = Store::open(folder(place.path(), Access::Administer)).await.unwrap();
    let ana = add_user(&beside, ANA, "Ana").await.unwrap();
    assert_eq!(users::by_id(server.read(), ANA).await, Ok(Some(ana)));
    assert_eq!(add_user(&server, ANA, "Ana").await, Err(StoreError::Conflict));
}

#[tokio::test]
async fn asking_whether_there_is_a_database_makes_none() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("data");
    let url = voz_testkit::postgres::new_database();
    for config in [folder(&path, Access::Serve), postgres(&url, Access::Serve)] {
        for _ in 0..2 {
            assert!(!config.exists().await.unwrap(), "{config:?}");
        }
        Store::open(config.clone()).await.unwrap().close().await;
        assert!(config.exists().await.unwrap(), "{config:?}");
    }
}

#[tokio::test]
async fn administration_of_a_stopped_server_makes_what_is_missing() {
    let place = tempfile::tempdir().unwrap();
    let alone = Store::open(folder(place.path(), Access::Administer)).await.unwrap();
    add_user(&alone, ANA, "Ana").await.unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn the_folder_and_all_in_it_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("data");
    let store = Store::open(folder(&path, Access::Serve)).await.unwrap();
    add_user(&store, ANA, "Ana").await.unwrap();
    assert_eq!(mode(&path), 0o700);
    let files: Vec<_> = std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.len() >= 3, "database, log, lock: {files:?}");
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_says_so() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("file");
    std::fs::write(&file, "in the way").unwrap();
    let refused = Store::open(folder(&file.join("data"), Access::Serve)).await;
    assert!(matches!(refused, Err(OpenError::Folder(..))), "{refused:?}");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_not_touched() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("voz.sqlite3");
    let text = "this is somebody's letter, and longer than a header ".repeat(40);
    std::fs::write(&file, &text).unwrap();
    let refused = Store::open(folder(place.path(), Access::Serve)).await;
    assert!(matches!(refused, Err(OpenError::Database(_))), "{refused:?}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
}

#[tokio::test]
async fn what_is_stored_outlives_the_store() {
    let place = tempfile::tempdir().unwrap();
    let config = || folder(place.path(), Access::Serve);
    let store = Store::open(config()).await.unwrap();
    let ana = add_user(&store, ANA, "Ana").await.unwrap();
    store.close().await;
    drop(store);
    let again = Store::open(config()).await.unwrap();
    assert_eq!(users::by_id(again.read(), ANA).await, Ok(Some(ana)));
}

#[tokio::test]
async fn many_nodes_migrate_one_database_at_once() {
    let url = voz_testkit::postgres::new_database();
    let mut nodes = tokio::task::JoinSet::new();
    for _ in 0..6 {
        nodes.spawn(Store::open(postgres(&url, Access::Administer)));
    }
    let stores: Vec<Store> = nodes.join_all().await.into_iter().map(Result::unwrap).collect();
    add_user(&stores[0], ANA, "Ana").await.unwrap();
    assert!(users::by_id(stores[5].read(), ANA).await.unwrap().is_some());
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused() {
    use sea_orm::{ConnectionTrait, Database};
    let later = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m99990101_000001_later', 0)";
    let url = voz_testkit::postgres::new_database();
    let config = || postgres(&url, Access::Serve);
    Store::open(config()).await.unwrap().close().await;
    Database::connect(&url).await.unwrap().execute_unprepared(later).await.unwrap();
    let refused = Store::open(config()).await;
    assert!(matches!(refused, Err(OpenError::OtherVersion(_))), "{refused:?}");

    let place = tempfile::tempdir().unwrap();
    for access in [Access::Serve, Access::Administer] {
        let running = (access == Access::Administer).then_some(Access::Serve);
        let path = place.path().join(format!("{access:?}"));
        let first = Store::open(folder(&path, Access::Serve)).await.unwrap();
        let file = format!("sqlite://{}", path.join("voz.sqlite3").display());
        Database::connect(file).await.unwrap().execute_unprepared(later).await.unwrap();
        if running.is_none() {
            first.close().await;
            drop(first);
        }
        let refused = Store::open(folder(&path, access)).await;
        assert!(matches!(refused, Err(OpenError::OtherVersion(_))), "{access:?}: {refused:?}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    let url = "postgres://voz@localhost/voz?host=/nonexistent".to_owned();
    let refused = Store::open(postgres(&url, Access::Serve)).await;
    assert!(matches!(refused, Err(OpenError::Database(StoreError::Unavailable(_)))), "{refused:?}");
}
