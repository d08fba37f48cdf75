// SPDX-License-Identifier: Apache-2.0
//! The one writer of SQLite: a batch of units of work is one IMMEDIATE transaction with a savepoint
//! for each, and nobody hears of success or failure before the COMMIT has reached the disk.
//!
//! A unit that fails is rolled back alone. When the surrounding transaction is lost (disk full),
//! every unit of the batch fails. The size of a batch is what waits in the queue; an idle writer
//! begins at once.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::pin::{Pin, pin};

use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use tokio::sync::{mpsc, oneshot};
use voz_domain::ids::StreamId;

use crate::store::Work;
use crate::transaction::{Committed, StoredEvent, Tx};
use crate::{StoreError, connect};

/// Most units in a batch: bounds how long the first waits for the last.
const BATCH_MAX: usize = 256;

/// A unit of work whose types are hidden.
pub(crate) trait Unit: Send {
    /// The streams that it appends to.
    fn streams(&self) -> &[StreamId];

    /// Runs the work and says whether it is to be kept. Waits for nothing but the database.
    fn run<'t>(&'t mut self, tx: &'t Tx) -> Pin<Box<dyn Future<Output = Keep> + Send + 't>>;

    /// Tells the caller: the events of the kept work, nothing for work that said no, or that all was lost.
    fn acknowledge(self: Box<Self>, outcome: Result<Vec<StoredEvent>, StoreError>);
}

/// What the writer is asked to do.
pub(crate) enum Order {
    Run(Box<dyn Unit>),
    /// Finish what was handed in before, then end.
    Stop,
}

/// Whether a unit's work is to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    Yes,
    No,
}

/// A unit of work.
pub(crate) struct Job<T, E, F> {
    streams: Vec<StreamId>,
    work: Option<F>,
    outcome: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<Committed<T>, E>>,
}

impl<T, E, F> Job<T, E, F> {
    pub(crate) fn new(streams: &[StreamId], work: F) -> (Self, oneshot::Receiver<Result<Committed<T>, E>>) {
        let (reply, answer) = oneshot::channel();
        (Job { streams: streams.to_vec(), work: Some(work), outcome: None, reply }, answer)
    }
}

impl<T, E, F> Unit for Job<T, E, F>
where
    T: Send,
    E: From<StoreError> + Send,
    F: for<'t> FnOnce(&'t Tx) -> Work<'t, T, E> + Send,
{
    fn streams(&self) -> &[StreamId] {
        &self.streams
    }

    fn run<'t>(&'t mut self, tx: &'t Tx) -> Pin<Box<dyn Future<Output = Keep> + Send + 't>> {
        Box::pin(async move {
            let Some(work) = self.work.take() else { return Keep::No };
            let outcome = match guard_panics(work, tx).await {
                Ok(value) => tx.finish().await.map(|()| value).map_err(E::from),
                Err(error) => Err(error),
            };
            let keep = if outcome.is_ok() { Keep::Yes } else { Keep::No };
            self.outcome = Some(outcome);
            keep
        })
    }

    fn acknowledge(self: Box<Self>, outcome: Result<Vec<StoredEvent>, StoreError>) {
        let answer = match (outcome, self.outcome) {
            (Ok(events), Some(Ok(value))) => Ok(Committed::new(value, events)),
            (Ok(_), Some(Err(error))) => Err(error),
            (Ok(_), None) => Err(E::from(StoreError::Fault("the unit of work did not run".to_owned()))),
            (Err(error), _) => Err(E::from(error)),
        };
        // Whoever asked may have gone; the work is done all the same.
        let _gone = self.reply.send(answer);
    }
}

/// Runs the work; a panic in it is a fault of this unit and of no other.
async fn guard_panics<'t, T, E, F>(work: F, tx: &'t Tx) -> Result<T, E>
where
    E: From<StoreError>,
    F: FnOnce(&'t Tx) -> Work<'t, T, E>,
{
    let panicked = |_| E::from(StoreError::Fault("the unit of work panicked".to_owned()));
    let mut work = pin!(catch_unwind(AssertUnwindSafe(|| work(tx))).map_err(panicked)?);
    poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
        Ok(poll) => poll,
        Err(panic) => std::task::Poll::Ready(Err(panicked(panic))),
    })
    .await
}

/// The writer: ends when told to, or when nobody holds the other end of the queue.
pub(crate) async fn run(file: PathBuf, connection: DatabaseConnection, mut queue: mpsc::Receiver<Order>) {
    let mut connection = Some(connection);
    while let Some(order) = queue.recv().await {
        let first = match order {
            Order::Run(unit) => unit,
            Order::Stop => {
                queue.close();
                continue;
            }
        };
        let writer = match connection.take() {
            Some(writer) => writer,
            None => match connect::sqlite_writer(&file).await {
                Ok(writer) => writer,
                Err(error) => {
                    first.acknowledge(Err(unavailable(&error)));
                    continue;
                }
            },
        };
        if commit_batch(&writer, first, &mut queue).await {
            connection = Some(writer);
        } else {
            // Where its transaction stands is unknown: begin with a new connection.
            let _closed = writer.close().await;
        }
    }
    if let Some(writer) = connection {
        let _closed = writer.close().await;
    }
}

/// Runs one batch. False: the connection is not to be used again.
async fn commit_batch(writer: &DatabaseConnection, first: Box<dyn Unit>, queue: &mut mpsc::Receiver<Order>) -> bool {
    let immediate =
        TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..Default::default() };
    let outer = match writer.begin_with_options(immediate).await {
        Ok(outer) => outer,
        Err(error) => {
            first.acknowledge(Err(unavailable(&error)));
            return false;
        }
    };
    let mut done: Vec<(Box<dyn Unit>, Vec<StoredEvent>)> = Vec::new();
    let mut next = Some(first);
    let mut lost: Option<DbErr> = None;
    while let Some(mut unit) = next {
        match run_unit(&outer, unit.as_mut()).await {
            Ok(events) => done.push((unit, events)),
            Err(error) => {
                done.push((unit, Vec::new()));
                lost = Some(error);
                break;
            }
        }
        next = if done.len() < BATCH_MAX { waiting(queue) } else { None };
    }
    let outcome = match lost {
        None => outer.commit().await,
        Some(error) => {
            drop(outer);
            Err(error)
        }
    };
    let lost = outcome.err().map(|error| unavailable(&error));
    let intact = lost.is_none();
    for (unit, events) in done {
        unit.acknowledge(match &lost {
            None => Ok(events),
            Some(error) => Err(error.clone()),
        });
    }
    intact
}

/// The next unit that waits already.
fn waiting(queue: &mut mpsc::Receiver<Order>) -> Option<Box<dyn Unit>> {
    loop {
        match queue.try_recv().ok()? {
            Order::Run(unit) => return Some(unit),
            Order::Stop => queue.close(),
        }
    }
}

/// Runs one unit in a savepoint. `Err`: the surrounding transaction is lost.
async fn run_unit(outer: &DatabaseTransaction, unit: &mut dyn Unit) -> Result<Vec<StoredEvent>, DbErr> {
    let savepoint = outer.begin().await?;
    let tx = match Tx::begin(savepoint, unit.streams()).await {
        Ok(tx) => tx,
        Err(error) => return Err(DbErr::Custom(error.to_string())),
    };
    let keep = unit.run(&tx).await;
    let (savepoint, events) = tx.into_parts();
    match keep {
        Keep::Yes => {
            savepoint.commit().await?;
            Ok(events)
        }
        Keep::No => {
            savepoint.rollback().await?;
            Ok(Vec::new())
        }
    }
}

/// Whatever ended a batch, nothing of it is stored, and it may be tried again.
fn unavailable(error: &DbErr) -> StoreError {
    StoreError::Unavailable(error.to_string())
}

/// Runs one unit in a transaction of its own (PostgreSQL).
pub(crate) async fn run_alone(transaction: DatabaseTransaction, mut unit: Box<dyn Unit>) {
    let outcome = async {
        let tx = Tx::begin(transaction, unit.streams()).await?;
        let keep = unit.run(&tx).await;
        let (transaction, events) = tx.into_parts();
        match keep {
            Keep::Yes => transaction.commit().await.map(|()| events),
            Keep::No => transaction.rollback().await.map(|()| Vec::new()),
        }
        .map_err(StoreError::from)
    }
    .await;
    unit.acknowledge(outcome);
}
