// SPDX-License-Identifier: Apache-2.0
//! Where a query may read from: the store, a snapshot of it, or a running transaction.

use std::fmt;

use sea_orm::{DatabaseConnection, DatabaseTransaction};

pub(crate) mod sealed {
    use sea_orm::ConnectionTrait;

    pub trait Connected: Sync {
        type Connection: ConnectionTrait;

        fn connection(&self) -> &Self::Connection;
    }
}

/// What a query reads from: [`Reader`], [`Snapshot`] or [`crate::Tx`].
pub trait Source: sealed::Connected {}

/// Reads what is committed; two queries may see two states. Cheap to clone.
#[derive(Clone)]
pub struct Reader(pub(crate) DatabaseConnection);

/// Reads one state, however many queries: a read-only transaction. Keep it short.
pub struct Snapshot(pub(crate) DatabaseTransaction);

impl sealed::Connected for Reader {
    type Connection = DatabaseConnection;

    fn connection(&self) -> &DatabaseConnection {
        &self.0
    }
}

impl sealed::Connected for Snapshot {
    type Connection = DatabaseTransaction;

    fn connection(&self) -> &DatabaseTransaction {
        &self.0
    }
}

impl Source for Reader {}
impl Source for Snapshot {}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reader")
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Snapshot")
    }
}
