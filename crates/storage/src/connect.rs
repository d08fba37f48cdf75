// SPDX-License-Identifier: Apache-2.0
//! Connections of both databases, set up so that "acknowledged" means "on the disk".

use std::path::Path;
use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr};

/// Connections that read from SQLite. Each is a thread.
const SQLITE_READERS: u32 = 4;
/// How long a statement waits for another process that writes to the same file (`voz admin`).
const SQLITE_BUSY: Duration = Duration::from_secs(5);
/// How long a query waits for a free connection.
const ACQUIRE: Duration = Duration::from_secs(10);

/// The one connection that writes.
pub(crate) async fn sqlite_writer(file: &Path) -> Result<DatabaseConnection, DbErr> {
    sqlite(file, 1, true).await
}

/// Connections that can't write.
pub(crate) async fn sqlite_readers(file: &Path) -> Result<DatabaseConnection, DbErr> {
    sqlite(file, SQLITE_READERS, false).await
}

async fn sqlite(file: &Path, connections: u32, writes: bool) -> Result<DatabaseConnection, DbErr> {
    // The URL names no file: a path may hold any character, and is given as it is below.
    let mut options = quiet(ConnectOptions::new("sqlite:voz"));
    options
        .max_connections(connections)
        .min_connections(1)
        .idle_timeout(None::<Duration>)
        .max_lifetime(None::<Duration>)
        .test_before_acquire(false);
    let file = file.to_owned();
    options.map_sqlx_sqlite_opts(move |sqlite| {
        sqlite
            .filename(&file)
            .create_if_missing(writes)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(SQLITE_BUSY)
            .pragma("query_only", if writes { "OFF" } else { "ON" })
            .pragma("temp_store", "MEMORY")
            .optimize_on_close(writes, None)
    });
    Database::connect(options).await
}

/// A pool on PostgreSQL.
pub(crate) async fn postgres(url: &str, max_connections: u32) -> Result<DatabaseConnection, DbErr> {
    let mut options = quiet(ConnectOptions::new(url));
    options
        .max_connections(max_connections)
        .connect_timeout(ACQUIRE)
        // Whatever the server's default, a commit waits for its disk.
        .map_sqlx_postgres_opts(|postgres| {
            postgres.application_name("voz").options([("synchronous_commit", "on"), ("lock_timeout", "10s")])
        });
    Database::connect(options).await
}

/// No statement and no value of one in any log or span.
fn quiet(mut options: ConnectOptions) -> ConnectOptions {
    options.sqlx_logging(false).record_stmt_in_spans(false).acquire_timeout(ACQUIRE);
    options
}

#[cfg(test)]
mod tests {
    use sea_orm::{ConnectionTrait, DbBackend, Statement};

    use super::*;

    async fn pragma<T: sea_orm::TryGetable>(connection: &DatabaseConnection, name: &str) -> T {
        let statement = Statement::from_string(DbBackend::Sqlite, format!("PRAGMA {name}"));
        connection.query_one_raw(statement).await.unwrap().unwrap().try_get_by_index(0).unwrap()
    }

    #[tokio::test]
    async fn a_commit_is_on_the_disk_and_readers_write_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("test.sqlite3");
        let writer = sqlite_writer(&file).await.unwrap();
        let readers = sqlite_readers(&file).await.unwrap();
        assert_eq!(pragma::<String>(&writer, "journal_mode").await, "wal");
        assert_eq!(pragma::<i32>(&writer, "synchronous").await, 2, "FULL");
        assert_eq!(pragma::<i32>(&writer, "foreign_keys").await, 1);
        writer.execute_unprepared("CREATE TABLE t (x INTEGER)").await.unwrap();
        assert!(readers.execute_unprepared("INSERT INTO t VALUES (1)").await.is_err());
    }
}
