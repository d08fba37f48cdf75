// SPDX-License-Identifier: Apache-2.0
//! One server serves from a PostgreSQL database: people on two would miss each other's events. A
//! session-level advisory lock says so, on a connection of its own.
//!
//! PostgreSQL lets the lock go when it sees the connection break. It is taken again as soon as the
//! database is back; whoever finds another server to have it by then has lost it and must stop. A session
//! of one's own that PostgreSQL has not missed yet is ended first. Not covered: a pooler in between that
//! gives a session to others after each transaction.

use std::future;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::sqlx::{self, ConnectOptions, Connection, PgConnection};
use sea_orm::{DbErr, RuntimeErr};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::{OpenError, StoreError};

/// This project's own ("vozserve" in ASCII); each database has it by itself.
const LOCK: i64 = 0x766F_7A73_6572_7665;
/// The connection is looked at so often.
const ROUND: Duration = Duration::from_secs(2);
/// Without an answer for so long it is broken.
const SILENT: Duration = Duration::from_secs(10);
/// PostgreSQL misses a machine that is gone after 25 s, not after the two hours that are usual.
const KEEPALIVE: [(&str, &str); 3] =
    [("tcp_keepalives_idle", "10"), ("tcp_keepalives_interval", "5"), ("tcp_keepalives_count", "3")];
/// A server that was killed leaves PostgreSQL a moment later than the process list.
const TRIES: u32 = 10;
const BETWEEN_TRIES: Duration = Duration::from_millis(100);

/// A session with PostgreSQL.
struct Session {
    connection: PgConnection,
    /// Its process there.
    pid: i32,
}

/// The lock, held until released or dropped.
#[derive(Debug)]
pub(crate) struct ServerLock {
    released: watch::Sender<bool>,
    lost: watch::Receiver<bool>,
    keeper: Mutex<Option<JoinHandle<()>>>,
}

impl ServerLock {
    /// Takes it.
    pub async fn take(url: &str) -> Result<Self, OpenError> {
        let options: PgConnectOptions = url.parse().map_err(refusal)?;
        let options = options.application_name("voz lock").options(KEEPALIVE).disable_statement_logging();
        let mut session = Session::open(&options).await.map_err(refusal)?;
        for _ in 0..TRIES {
            if session.try_lock().await.map_err(refusal)? {
                let (released, release) = watch::channel(false);
                let (lose, lost) = watch::channel(false);
                let keeper = tokio::spawn(keep(session, options, release, lose));
                return Ok(Self { released, lost, keeper: Mutex::new(Some(keeper)) });
            }
            sleep(BETWEEN_TRIES).await;
        }
        Err(OpenError::InUse(format!("database {}", options.get_database().unwrap_or_default())))
    }

    /// Resolves when another server has it.
    pub async fn lost(&self) {
        if self.lost.clone().wait_for(|lost| *lost).await.is_err() {
            // Released before it was lost.
            future::pending().await
        }
    }

    /// Lets it go.
    pub async fn release(&self) {
        self.released.send_replace(true);
        let keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(keeper) = keeper {
            let _ended = keeper.await;
        }
    }
}

impl Session {
    async fn open(options: &PgConnectOptions) -> Result<Self, sqlx::Error> {
        in_time(async {
            let mut connection = PgConnection::connect_with(options).await?;
            let pid = sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut connection).await?;
            Ok(Self { connection, pid })
        })
        .await
    }

    /// Whether this session has the lock now.
    async fn try_lock(&mut self) -> Result<bool, sqlx::Error> {
        let locking = sqlx::query_scalar("SELECT pg_try_advisory_lock($1)").bind(LOCK);
        in_time(locking.fetch_one(&mut self.connection)).await
    }

    /// Ends another session if it is the one that has the lock; whether it was.
    async fn end(&mut self, pid: i32) -> Result<bool, sqlx::Error> {
        let ending = sqlx::query_scalar(
            "SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_database ON pg_database.oid = database \
             WHERE datname = current_database() AND locktype = 'advisory' AND granted AND pid = $1 \
             AND (classid::bigint << 32 | objid::bigint) = $2",
        );
        let ended = in_time(ending.bind(pid).bind(LOCK).fetch_optional(&mut self.connection)).await?;
        Ok(ended == Some(true))
    }

    async fn is_alive(&mut self) -> bool {
        in_time(self.connection.ping()).await.is_ok()
    }
}

async fn in_time<T>(asking: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
    timeout(SILENT, asking).await.unwrap_or(Err(sqlx::Error::PoolTimedOut))
}

/// The lock in a new session; `None` when another server has it.
async fn take_again(options: &PgConnectOptions, own: i32) -> Result<Option<Session>, sqlx::Error> {
    let mut session = Session::open(options).await?;
    let mut is_anothers = false;
    for _ in 0..TRIES {
        if session.try_lock().await? {
            return Ok(Some(session));
        }
        if is_anothers {
            return Ok(None);
        }
        // Or it has ended in between: one more look tells.
        is_anothers = !session.end(own).await?;
        sleep(BETWEEN_TRIES).await;
    }
    Ok(None)
}

async fn keep(
    mut session: Session,
    options: PgConnectOptions,
    mut released: watch::Receiver<bool>,
    lost: watch::Sender<bool>,
) {
    loop {
        tokio::select! {
            // An error says that the store is gone.
            _ = released.wait_for(|released| *released) => break,
            () = sleep(ROUND) => {}
        }
        if session.is_alive().await {
            continue;
        }
        match take_again(&options, session.pid).await {
            Ok(Some(again)) => session = again,
            Ok(None) => {
                lost.send_replace(true);
                return;
            }
            // Nobody serves from a database that is not there.
            Err(_) => {}
        }
    }
    let _closed = session.connection.close().await;
}

fn refusal(error: sqlx::Error) -> OpenError {
    OpenError::Database(StoreError::from(DbErr::Conn(RuntimeErr::SqlxError(error.into()))))
}
