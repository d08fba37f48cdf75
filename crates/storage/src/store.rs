// SPDX-License-Identifier: Apache-2.0
//! The store: opening, reading, writing.

use std::fmt;
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use sea_orm::{AccessMode, DatabaseConnection, IsolationLevel, TransactionOptions, TransactionTrait};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use voz_domain::ids::StreamId;

use crate::folder::{self, FolderLock};
use crate::group_commit::{self, Job, Order};
use crate::server_lock::ServerLock;
use crate::source::{Reader, Snapshot};
use crate::transaction::{Committed, Tx};
use crate::{OpenError, StoreError, connect, migrations};

/// Units of work that wait for the writer of SQLite; more wait for a place.
const QUEUE: usize = 1024;

/// Which database.
#[derive(Debug, Clone)]
pub enum StoreConfig {
    /// The embedded one, in a data folder of its own.
    Sqlite {
        /// Made when it does not exist.
        folder: PathBuf,
        /// Who else may be there.
        access: Access,
    },
    /// A PostgreSQL server.
    Postgres {
        /// `postgres://user:password@host:port/database`.
        url: String,
        /// Connections at most.
        max_connections: u32,
        /// Who else may be there.
        access: Access,
    },
}

impl StoreConfig {
    /// Whether there is a database already. Makes nothing.
    ///
    /// # Errors
    /// When PostgreSQL refuses.
    pub async fn exists(&self) -> Result<bool, OpenError> {
        match self {
            StoreConfig::Sqlite { folder, .. } => Ok(folder::database(folder).exists()),
            StoreConfig::Postgres { url, .. } => {
                let connection = connect::postgres(url, 1).await?;
                let exists = migrations::begun(&connection).await;
                let _closed = connection.close().await;
                exists
            }
        }
    }
}

/// What this process does with the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Serves from it, alone: takes its lock for as long as the store lives.
    Serve,
    /// Does a short piece of administration, beside a server that may be running. Migrates SQLite only
    /// when none is.
    Administer,
}

/// What a unit of work gives: boxed, because it crosses over to the writer.
pub type Work<'t, T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send + 't>>;

/// The store. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    reader: Reader,
    writer: Writer,
    lock: Option<Arc<ServerLock>>,
}

#[derive(Clone)]
enum Writer {
    Sqlite(Arc<SqliteWriter>),
    Postgres(DatabaseConnection),
}

struct SqliteWriter {
    queue: mpsc::Sender<Order>,
    task: Mutex<Option<JoinHandle<()>>>,
    _lock: Option<FolderLock>,
}

impl Store {
    /// Opens the database and brings its tables up to date.
    ///
    /// # Errors
    /// [`OpenError`]: another process serves from the folder or database, or the database refuses.
    pub async fn open(config: StoreConfig) -> Result<Self, OpenError> {
        match config {
            StoreConfig::Sqlite { folder, access } => {
                folder::make(&folder)?;
                let lock = match (folder::lock(&folder), access) {
                    (Ok(lock), Access::Serve | Access::Administer) => Some(lock),
                    (Err(OpenError::InUse(_)), Access::Administer) => None,
                    (Err(error), Access::Serve | Access::Administer) => return Err(error),
                };
                let file = folder::database(&folder);
                let connection = connect::sqlite_writer(&file).await?;
                match lock {
                    Some(_) => migrations::run(&connection).await?,
                    None => migrations::check(&connection).await?,
                }
                let reader = Reader(connect::sqlite_readers(&file).await?);
                let (queue, orders) = mpsc::channel(QUEUE);
                let task = tokio::spawn(group_commit::run(file, connection, orders));
                let task = Mutex::new(Some(task));
                let writer = Writer::Sqlite(Arc::new(SqliteWriter { queue, task, _lock: lock }));
                Ok(Store { reader, writer, lock: None })
            }
            StoreConfig::Postgres { url, max_connections, access } => {
                let connection = connect::postgres(&url, max_connections).await?;
                let lock = match access {
                    Access::Serve => Some(Arc::new(ServerLock::take(&url).await?)),
                    Access::Administer => None,
                };
                migrations::run(&connection).await?;
                Ok(Store { reader: Reader(connection.clone()), writer: Writer::Postgres(connection), lock })
            }
        }
    }

    /// Reads what is committed.
    pub fn read(&self) -> &Reader {
        &self.reader
    }

    /// Reads one state with any number of queries, e.g. a community and the head of its stream.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn snapshot(&self) -> Result<Snapshot, StoreError> {
        let options = match self.writer {
            // In WAL mode a deferred transaction keeps to the state of its first read.
            Writer::Sqlite(_) => TransactionOptions::default(),
            Writer::Postgres(_) => TransactionOptions {
                isolation_level: Some(IsolationLevel::RepeatableRead),
                access_mode: Some(AccessMode::ReadOnly),
                ..Default::default()
            },
        };
        Ok(Snapshot(self.reader.0.begin_with_options(options).await?))
    }

    /// One unit of work = one transaction. `streams` are those that it appends events to: their
    /// rows are locked first, so events have the order of commits. The work waits for nothing but
    /// the database, and may not go on after an error.
    ///
    /// The work is carried through even when the caller stops waiting; its events are then
    /// published by nobody and found by the comparison of heads.
    ///
    /// # Errors
    /// What the work returns; `Conflict`, `Unavailable` or `Fault` of the database. In every case
    /// nothing of the unit is stored, save that after `Unavailable` from PostgreSQL a commit whose
    /// answer was lost may have been made.
    pub async fn write<T, E, F>(&self, streams: &[StreamId], work: F) -> Result<Committed<T>, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'t> FnOnce(&'t Tx) -> Work<'t, T, E> + Send + 'static,
    {
        let gone = || E::from(StoreError::Unavailable("the writer has ended".to_owned()));
        let (job, answer) = Job::new(streams, work);
        match &self.writer {
            Writer::Sqlite(writer) => writer.queue.send(Order::Run(Box::new(job))).await.map_err(|_| gone())?,
            Writer::Postgres(connection) => {
                let transaction = connection.begin().await.map_err(StoreError::from)?;
                tokio::spawn(group_commit::run_alone(transaction, Box::new(job)));
            }
        }
        answer.await.map_err(|_| gone())?
    }

    /// Resolves when another process has come to serve from the database, after PostgreSQL was gone:
    /// this one must stop. A data folder is never lost.
    pub async fn lost(&self) {
        match &self.lock {
            Some(lock) => lock.lost().await,
            None => std::future::pending().await,
        }
    }

    /// Ends the store, for all its clones, after the last unit of work that was handed in.
    /// The data folder's lock goes with the last clone.
    pub async fn close(&self) {
        match &self.writer {
            Writer::Sqlite(writer) => {
                // A writer that has ended already needs no telling.
                let _told = writer.queue.send(Order::Stop).await;
                let task = writer.task.lock().unwrap_or_else(PoisonError::into_inner).take();
                if let Some(task) = task {
                    let _ended = task.await;
                }
                let _closed = self.reader.0.close_by_ref().await;
            }
            Writer::Postgres(connection) => {
                let _closed = connection.close_by_ref().await;
            }
        }
        if let Some(lock) = &self.lock {
            lock.release().await;
        }
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.writer {
            Writer::Sqlite(_) => "Store(SQLite)",
            Writer::Postgres(_) => "Store(PostgreSQL)",
        })
    }
}
