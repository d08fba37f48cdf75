// SPDX-License-Identifier: Apache-2.0
//! What can go wrong, told apart by what the caller can do about it.

use std::io;
use std::path::PathBuf;

use sea_orm::{DbErr, RuntimeErr, SqlErr, sqlx};

/// Why a query or a unit of work failed. The texts are for the log, never for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// A unique value, such as a user name, is taken.
    #[error("a unique value is taken")]
    Conflict,
    /// The database can't be reached, is busy, full or read-only: later it may work.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// A fault of this program or of the stored data.
    #[error("database fault: {0}")]
    Fault(String),
}

impl StoreError {
    pub(crate) fn corrupt(what: &str) -> Self {
        StoreError::Fault(format!("stored {what} can't be read"))
    }
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        if let Some(SqlErr::UniqueConstraintViolation(_)) = error.sql_err() {
            return StoreError::Conflict;
        }
        let text = error.to_string();
        let passes = match &error {
            DbErr::Conn(_) | DbErr::ConnectionAcquire(_) => true,
            DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)) => passes(error),
            _ => false,
        };
        if passes { StoreError::Unavailable(text) } else { StoreError::Fault(text) }
    }
}

/// Whether the same statement may work later.
fn passes(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::BeginFailed => true,
        sqlx::Error::Database(error) => {
            let code = error.code().unwrap_or_default();
            if error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>().is_some() {
                // SQLSTATE (PostgreSQL manual, appendix A): the classes connection, transaction rollback
                // (deadlock), resources, operator intervention, system error; a lock that did not
                // come in time; a server that is a standby just now.
                ["08", "40", "53", "57", "58", "55P03", "25006"].iter().any(|class| code.starts_with(class))
            } else {
                // Primary result codes busy, locked, nomem, readonly, ioerr, full, cantopen
                // (https://www.sqlite.org/rescode.html); the low byte of the extended code.
                code.parse::<u32>().is_ok_and(|code| matches!(code & 0xff, 5 | 6 | 7 | 8 | 10 | 13 | 14))
            }
        }
        _ => false,
    }
}

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process serves from this data folder or PostgreSQL database.
    #[error("{0} is in use by another process")]
    InUse(String),
    /// The data folder can't be made or read.
    #[error("data folder {}", .0.display())]
    Folder(PathBuf, #[source] io::Error),
    /// The database has changes that this version does not know, or lacks some while another
    /// process serves from it.
    #[error("the database belongs to another version of the server: {0}")]
    OtherVersion(String),
    /// The database refused.
    #[error(transparent)]
    Database(#[from] StoreError),
}

impl From<DbErr> for OpenError {
    fn from(error: DbErr) -> Self {
        OpenError::Database(error.into())
    }
}
