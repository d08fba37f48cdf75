// SPDX-License-Identifier: Apache-2.0
//! How the tables came to be: one file a step, written once for both databases, never changed
//! after a release.

mod m20260101_000001_skeleton;
mod m20260201_000002_pruning;
mod m20261130_000003_setup_tokens;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, TransactionTrait};
use sea_orm_migration::{MigrationTrait, MigratorTrait};

use crate::{OpenError, StoreError};

struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20260101_000001_skeleton::Migration),
            Box::new(m20260201_000002_pruning::Migration),
            Box::new(m20261130_000003_setup_tokens::Migration),
        ]
    }
}

/// Brings the tables up to date, in one transaction: all steps or none.
pub(crate) async fn run(connection: &DatabaseConnection) -> Result<(), OpenError> {
    let transaction = connection.begin().await?;
    if transaction.get_database_backend() == DbBackend::Postgres {
        // Two nodes that start at once: the second waits and finds nothing to do. The number is
        // this project's own ("voz" in ASCII).
        transaction.execute_unprepared("SELECT pg_advisory_xact_lock(7761786)").await?;
    }
    Migrator::up(&transaction, None).await.map_err(other_version)?;
    transaction.commit().await?;
    Ok(())
}

/// Checks that the tables are up to date, without changing them.
pub(crate) async fn check(connection: &DatabaseConnection) -> Result<(), OpenError> {
    match Migrator::get_pending_migrations_read_only(connection).await.map_err(other_version)?.len() {
        0 => Ok(()),
        pending => Err(OpenError::OtherVersion(format!("{pending} changes are missing"))),
    }
}

/// Whether there are tables of ours at all.
pub(crate) async fn begun(connection: &DatabaseConnection) -> Result<bool, OpenError> {
    let pending = Migrator::get_pending_migrations_read_only(connection).await.map_err(other_version)?;
    Ok(pending.len() < Migrator::migrations().len())
}

/// The migrator's own complaint is that a step was applied which this program does not have.
fn other_version(error: sea_orm::DbErr) -> OpenError {
    match error {
        sea_orm::DbErr::Custom(text) => OpenError::OtherVersion(text),
        error => OpenError::Database(StoreError::from(error)),
    }
}
