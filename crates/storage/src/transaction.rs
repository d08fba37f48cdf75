// SPDX-License-Identifier: Apache-2.0
//! A unit of work's transaction, and what is left of it after the commit.
//!
//! The first error ends a transaction for good, as PostgreSQL does: nothing can be written after
//! it, and a unit that goes on regardless is rolled back. A statement that may meet a row that is
//! there already says so itself (`ON CONFLICT`).

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, Statement};
use time::OffsetDateTime;
use voz_domain::ids::StreamId;

use crate::source::{Source, sealed};
use crate::{StoreError, events};

/// An event as it was committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// Where it happened.
    pub stream: StreamId,
    /// Its place there: from 1, without gaps.
    pub sequence: i64,
    /// The bytes given to [`Tx::append_event`].
    pub body: Vec<u8>,
}

/// The outcome of a unit of work that is on the disk. Whoever opens it publishes its events.
#[must_use = "the events of a commit are to be published"]
#[derive(Debug)]
pub struct Committed<T> {
    value: T,
    events: Vec<StoredEvent>,
}

impl<T> Committed<T> {
    pub(crate) fn new(value: T, events: Vec<StoredEvent>) -> Self {
        Committed { value, events }
    }

    /// Hands each event, in the order of appending, to `publish`, then gives the value.
    pub fn publish(self, publish: impl FnMut(StoredEvent)) -> T {
        self.events.into_iter().for_each(publish);
        self.value
    }
}

/// A unit of work's transaction.
pub struct Tx {
    connection: Guarded,
    heads: Mutex<BTreeMap<StreamId, Head>>,
    events: Mutex<Vec<StoredEvent>>,
}

#[derive(Debug, Clone, Copy)]
struct Head {
    stored: i64,
    now: i64,
}

impl Tx {
    /// Appends an event to a stream that was named to [`crate::Store::write`]; gives its sequence number.
    ///
    /// # Errors
    /// `Fault` when the stream was not named.
    pub async fn append_event(&self, stream: StreamId, body: Vec<u8>, at: OffsetDateTime) -> Result<i64, StoreError> {
        let sequence = {
            let mut heads = lock(&self.heads);
            let head = heads
                .get_mut(&stream)
                .ok_or_else(|| StoreError::Fault("event for a stream that the unit of work did not name".to_owned()))?;
            head.now += 1;
            head.now
        };
        events::insert(&self.connection, stream, sequence, &body, at).await?;
        lock(&self.events).push(StoredEvent { stream, sequence, body });
        Ok(sequence)
    }

    /// Wraps a transaction that has begun; locks the streams in the order of their ids.
    pub(crate) async fn begin(transaction: DatabaseTransaction, streams: &[StreamId]) -> Result<Self, StoreError> {
        let tx = Tx {
            connection: Guarded { transaction, failed: AtomicBool::new(false) },
            heads: Mutex::default(),
            events: Mutex::default(),
        };
        let mut streams = streams.to_vec();
        streams.sort_unstable_by_key(|stream| stream.uuid());
        streams.dedup();
        for stream in streams {
            let stored = events::lock_head(&tx.connection, stream).await?;
            lock(&tx.heads).insert(stream, Head { stored, now: stored });
        }
        Ok(tx)
    }

    /// Writes the new heads. The transaction is then ready to be committed.
    pub(crate) async fn finish(&self) -> Result<(), StoreError> {
        let moved: Vec<(StreamId, i64)> = lock(&self.heads)
            .iter()
            .filter(|(_, head)| head.now != head.stored)
            .map(|(stream, head)| (*stream, head.now))
            .collect();
        for (stream, head) in moved {
            events::set_head(&self.connection, stream, head).await?;
        }
        if self.connection.failed.load(Ordering::Relaxed) {
            return Err(StoreError::Fault("the unit of work went on after an error".to_owned()));
        }
        Ok(())
    }

    /// The transaction, and the events to publish once it is committed.
    pub(crate) fn into_parts(self) -> (DatabaseTransaction, Vec<StoredEvent>) {
        (self.connection.transaction, self.events.into_inner().unwrap_or_else(PoisonError::into_inner))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Tx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tx")
    }
}

impl sealed::Connected for Tx {
    type Connection = Guarded;

    fn connection(&self) -> &Guarded {
        &self.connection
    }
}

impl Source for Tx {}

/// A transaction that lets nothing through after an error. On SQLite some errors (disk full) end
/// the surrounding transaction, and a later statement would commit by itself.
#[derive(Debug)]
pub struct Guarded {
    transaction: DatabaseTransaction,
    failed: AtomicBool,
}

impl Guarded {
    async fn run<T>(&self, statement: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
        if self.failed.load(Ordering::Relaxed) {
            return Err(DbErr::Custom("the transaction is over".to_owned()));
        }
        statement.await.inspect_err(|_| self.failed.store(true, Ordering::Relaxed))
    }
}

type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, DbErr>> + Send + 'a>>;

impl ConnectionTrait for Guarded {
    fn get_database_backend(&self) -> DbBackend {
        self.transaction.get_database_backend()
    }

    fn execute_raw<'a, 'b>(&'a self, statement: Statement) -> Answer<'b, ExecResult>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(self.run(self.transaction.execute_raw(statement)))
    }

    fn execute_unprepared<'a, 's, 'b>(&'a self, sql: &'s str) -> Answer<'b, ExecResult>
    where
        'a: 'b,
        's: 'b,
        Self: 'b,
    {
        Box::pin(self.run(self.transaction.execute_unprepared(sql)))
    }

    fn query_one_raw<'a, 'b>(&'a self, statement: Statement) -> Answer<'b, Option<QueryResult>>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(self.run(self.transaction.query_one_raw(statement)))
    }

    fn query_all_raw<'a, 'b>(&'a self, statement: Statement) -> Answer<'b, Vec<QueryResult>>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(self.run(self.transaction.query_all_raw(statement)))
    }
}
