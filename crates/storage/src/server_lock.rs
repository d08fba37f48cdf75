// SPDX-License-Identifier: Apache-2.0
//! One server serves from a PostgreSQL database: people on two would miss each other's events. A
//! session-level advisory lock says so, on a connection of its own.
//!
//! PostgreSQL lets the lock go when the connection breaks. It is taken again as soon as the database
//! is back; whoever finds it taken by then has lost it and must stop. Not covered: a pooler in between
//! that gives a session to others after each transaction.

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
/// A server that was killed leaves PostgreSQL a moment later than the process list.
const TRIES: u32 = 10;
const BETWEEN_TRIES: Duration = Duration::from_millis(100);

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
        let options = options.application_name("voz lock").disable_statement_logging();
        for _ in 0..TRIES {
            if let Some(connection) = try_take(&options).await.map_err(refusal)? {
                let (released, release) = watch::channel(false);
                let (lose, lost) = watch::channel(false);
                let keeper = tokio::spawn(keep(connection, options, release, lose));
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

/// A connection with the lock; `None` when another one has it.
async fn try_take(options: &PgConnectOptions) -> Result<Option<PgConnection>, sqlx::Error> {
    let taking = async {
        let mut connection = PgConnection::connect_with(options).await?;
        let statement = sqlx::query_scalar("SELECT pg_try_advisory_lock($1)").bind(LOCK);
        let taken: bool = statement.fetch_one(&mut connection).await?;
        Ok(taken.then_some(connection))
    };
    timeout(SILENT, taking).await.unwrap_or(Err(sqlx::Error::PoolTimedOut))
}

async fn keep(
    connection: PgConnection,
    options: PgConnectOptions,
    mut released: watch::Receiver<bool>,
    lost: watch::Sender<bool>,
) {
    let mut held = Some(connection);
    loop {
        tokio::select! {
            // An error says that the store is gone.
            _ = released.wait_for(|released| *released) => break,
            () = sleep(ROUND) => {}
        }
        if let Some(connection) = &mut held
            && matches!(timeout(SILENT, connection.ping()).await, Ok(Ok(())))
        {
            continue;
        }
        held = None;
        match try_take(&options).await {
            Ok(Some(connection)) => held = Some(connection),
            Ok(None) => {
                lost.send_replace(true);
                return;
            }
            // Nobody serves from a database that is not there.
            Err(_) => {}
        }
    }
    if let Some(connection) = held {
        let _closed = connection.close().await;
    }
}

fn refusal(error: sqlx::Error) -> OpenError {
    OpenError::Database(StoreError::from(DbErr::Conn(RuntimeErr::SqlxError(error.into()))))
}
