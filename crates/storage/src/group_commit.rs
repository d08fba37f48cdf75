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

impl<T, E, F: for<'t> FnOnce(&'t Tx) -> Work<'t, T, E>> Job<T, E, F> {
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

#[cfg(test)]
mod tests {
    use sea_orm::{ConnectionTrait, Statement};

    use super::*;
    use crate::source::sealed::Connected;

    type Answer = oneshot::Receiver<Result<Committed<()>, StoreError>>;

    async fn table(folder: &tempfile::TempDir) -> (PathBuf, DatabaseConnection) {
        let file = folder.path().join("test.sqlite3");
        let writer = connect::sqlite_writer(&file).await.unwrap();
        writer.execute_unprepared("CREATE TABLE t (x TEXT PRIMARY KEY)").await.unwrap();
        (file, writer)
    }

    /// Inserts `x`, then gives `then`.
    fn insert(x: String, then: Result<(), StoreError>) -> (Order, Answer) {
        let (job, answer) = Job::new(&[], move |tx| {
            Box::pin(async move {
                let connection = tx.connection();
                let sql = Statement::from_sql_and_values(
                    connection.get_database_backend(),
                    "INSERT INTO t VALUES (?)",
                    [x.into()],
                );
                connection.execute_raw(sql).await?;
                then
            })
        });
        (Order::Run(Box::new(job)), answer)
    }

    async fn stored(writer: &DatabaseConnection) -> Vec<String> {
        let sql = Statement::from_string(writer.get_database_backend(), "SELECT x FROM t ORDER BY x");
        let rows = writer.query_all_raw(sql).await.unwrap();
        rows.into_iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
    }

    fn outcome(answer: &mut Answer) -> Result<(), StoreError> {
        answer.try_recv().unwrap().map(|committed| committed.publish(drop))
    }

    /// One batch of all these orders: gives the answers, and whether the connection is still good.
    async fn one_batch(writer: &DatabaseConnection, orders: Vec<(Order, Answer)>) -> (Vec<Answer>, bool) {
        let (queue, mut waiting) = mpsc::channel(orders.len());
        let mut answers = Vec::new();
        for (order, answer) in orders {
            queue.send(order).await.unwrap_or_else(|_| panic!("there is room"));
            answers.push(answer);
        }
        let Some(Order::Run(first)) = waiting.recv().await else { panic!("there is a first") };
        let intact = commit_batch(writer, first, &mut waiting).await;
        assert!(waiting.is_empty(), "one batch took them all");
        (answers, intact)
    }

    #[tokio::test]
    async fn a_unit_that_fails_in_a_batch_is_rolled_back_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (_, writer) = table(&folder).await;
        let refused = StoreError::Fault("no".to_owned());
        let orders = vec![
            insert("a".to_owned(), Ok(())),
            insert("b".to_owned(), Err(refused.clone())),
            insert("a".to_owned(), Ok(())),
            insert("c".to_owned(), Ok(())),
        ];
        let (mut answers, intact) = one_batch(&writer, orders).await;
        let outcomes: Vec<_> = answers.iter_mut().map(outcome).collect();
        assert_eq!(outcomes, [Ok(()), Err(refused), Err(StoreError::Conflict), Ok(())]);
        assert_eq!(stored(&writer).await, ["a", "c"]);
        assert!(intact);
    }

    #[tokio::test]
    async fn when_the_disk_is_full_every_unit_of_the_batch_fails_and_the_next_batch_works() {
        let folder = tempfile::tempdir().unwrap();
        let (file, writer) = table(&folder).await;
        writer.execute_unprepared("PRAGMA max_page_count = 20").await.unwrap();
        let orders = vec![
            insert("small".to_owned(), Ok(())),
            insert("x".repeat(500_000), Ok(())),
            insert("later".to_owned(), Ok(())),
        ];
        let (queue, mut waiting) = mpsc::channel(3);
        let mut answers = Vec::new();
        for (order, answer) in orders {
            queue.send(order).await.unwrap_or_else(|_| panic!("there is room"));
            answers.push(answer);
        }
        let Some(Order::Run(first)) = waiting.recv().await else { panic!("there is a first") };
        let intact = commit_batch(&writer, first, &mut waiting).await;
        assert!(!intact, "the connection is given up");
        for answer in answers.iter_mut().take(2) {
            assert!(matches!(outcome(answer), Err(StoreError::Unavailable(_))));
        }
        let _closed = writer.close().await;

        // The writer goes on with what waited, on a new connection.
        drop(queue);
        let again = connect::sqlite_writer(&file).await.unwrap();
        run(file.clone(), again, waiting).await;
        assert_eq!(answers[2].try_recv().unwrap().map(|committed| committed.publish(drop)), Ok(()));
        let readers = connect::sqlite_readers(&file).await.unwrap();
        assert_eq!(stored(&readers).await, ["later"]);
    }

    #[tokio::test]
    async fn a_unit_that_ignores_a_full_disk_commits_nothing_behind_its_back() {
        let folder = tempfile::tempdir().unwrap();
        let (file, writer) = table(&folder).await;
        writer.execute_unprepared("PRAGMA max_page_count = 20").await.unwrap();
        let (job, mut answer) = Job::<(), StoreError, _>::new(&[], |tx| {
            Box::pin(async move {
                let big = format!("INSERT INTO t VALUES ('{}')", "x".repeat(500_000));
                assert!(tx.connection().execute_unprepared(&big).await.is_err());
                assert!(tx.connection().execute_unprepared("INSERT INTO t VALUES ('stray')").await.is_err());
                Ok(())
            })
        });
        let (_queue, mut waiting) = mpsc::channel(1);
        assert!(!commit_batch(&writer, Box::new(job), &mut waiting).await);
        assert!(matches!(outcome(&mut answer), Err(StoreError::Unavailable(_))));
        let _closed = writer.close().await;
        let readers = connect::sqlite_readers(&file).await.unwrap();
        assert!(stored(&readers).await.is_empty());
    }

    #[tokio::test]
    async fn nobody_hears_of_success_before_the_commit() {
        let folder = tempfile::tempdir().unwrap();
        let (file, writer) = table(&folder).await;
        let readers = connect::sqlite_readers(&file).await.unwrap();
        let (order, mut answer) = insert("a".to_owned(), Ok(()));
        let (seen, last) = oneshot::channel();
        let (job, _told) = Job::<(), StoreError, _>::new(&[], move |_| {
            Box::pin(async move {
                // The first unit has run, but the batch is not committed yet.
                let unheard = answer.try_recv().is_err();
                let unseen = stored(&readers).await.is_empty();
                let _sent = seen.send((unheard, unseen, answer));
                Ok(())
            })
        });
        let (queue, mut waiting) = mpsc::channel(1);
        queue.send(Order::Run(Box::new(job))).await.unwrap_or_else(|_| panic!("there is room"));
        let Order::Run(first) = order else { panic!("it is a unit") };
        assert!(commit_batch(&writer, first, &mut waiting).await);
        let (unheard, unseen, mut answer) = last.await.unwrap();
        assert!(unheard && unseen);
        assert_eq!(outcome(&mut answer), Ok(()));
        assert_eq!(stored(&writer).await, ["a"]);
    }
}
