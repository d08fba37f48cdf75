// SPDX-License-Identifier: Apache-2.0
//! What nobody needs any more is deleted: events that every client resumes behind, and sessions that
//! ended long ago. In small units of work, so that no message waits behind them.

use time::Duration;
use voz_storage::{events, sessions};

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
        let mut pruned = Pruned::default();
        loop {
            let deleted = self
                .write(&[], move |tx| {
                    Box::pin(async move { Ok::<_, AppError>(events::prune(tx, events_before, ROWS_AT_ONCE).await?) })
                })
                .await?;
            pruned.events += deleted;
            if deleted == 0 {
                break;
            }
        }
        loop {
            let deleted = self
                .write(&[], move |tx| {
                    Box::pin(
                        async move { Ok::<_, AppError>(sessions::prune(tx, sessions_before, ROWS_AT_ONCE).await?) },
                    )
                })
                .await?;
            pruned.sessions += deleted;
            if deleted == 0 {
                return Ok(pruned);
            }
        }
    }
}
