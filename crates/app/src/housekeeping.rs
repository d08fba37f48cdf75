// SPDX-License-Identifier: Apache-2.0
//! What nobody needs any more is deleted: events that every client resumes behind, and sessions that
//! ended long ago. In small units of work, so that no message waits behind them.

use time::Duration;
use voz_storage::{Tx, Work, events, sessions};

use crate::{App, AppError, AppResult, Moment};

/// Who was away for longer gets a snapshot instead of what happened.
pub const EVENTS_KEPT: Duration = Duration::days(7);
/// So long an ended session still tells that its tokens were used again.
pub const ENDED_SESSIONS_KEPT: Duration = Duration::days(30);
/// Rows that one unit of work deletes at most.
const ROWS_AT_ONCE: u32 = 500;

/// What was deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Event rows.
    pub events: u64,
    /// Session rows.
    pub sessions: u64,
}

impl App {
    /// Deletes all that is due. To be called about once an hour.
    ///
    /// # Errors
    /// When storage fails; what was deleted until then stays deleted.
    pub async fn keep_house(&self, moment: &Moment) -> AppResult<Pruned> {
        let (events_before, sessions_before) = (moment.now - EVENTS_KEPT, moment.now - ENDED_SESSIONS_KEPT);
        let events = self
            .delete_in_turns(move |tx| {
                Box::pin(async move { Ok(events::prune(tx, events_before, ROWS_AT_ONCE).await?) })
            })
            .await?;
        let sessions = self
            .delete_in_turns(move |tx| {
                Box::pin(async move { Ok(sessions::prune(tx, sessions_before, ROWS_AT_ONCE).await?) })
            })
            .await?;
        Ok(Pruned { events, sessions })
    }

    /// Units of work, one after the other, until one finds nothing to delete; how many rows went.
    async fn delete_in_turns<F>(&self, unit: F) -> AppResult<u64>
    where
        F: for<'t> Fn(&'t Tx) -> Work<'t, u64, AppError> + Clone + Send + 'static,
    {
        let mut deleted = 0;
        loop {
            match self.write(&[], unit.clone()).await? {
                0 => return Ok(deleted),
                rows => deleted += rows,
            }
        }
    }
}
