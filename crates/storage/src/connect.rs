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
