// SPDX-License-Identifier: Apache-2.0
//! Click to first audio: from making the offer until the first packet of somebody who speaks.

use std::time::Duration;

use anyhow::Context;

use crate::people::{Owner, Person, ROOM, tone};
use crate::results::{Results, quantile};
use crate::server::Server;

const JOINS: usize = 40;
const GOAL_P95_MS: f64 = 500.0;
const DEADLINE: Duration = Duration::from_secs(5);

/// One person speaks, another joins and leaves again and again.
///
/// # Errors
/// When a join fails or stays silent.
pub async fn measure(server: &Server, owner: &Owner, results: &mut Results) -> anyhow::Result<()> {
    let mut speaker = Person::arrive(server, owner, "falante").await?;
    let mut path = speaker.join(ROOM, tone(120)).await?;
    let speaking = tokio::spawn(async move { path.run(None).await });
    let mut listener = Person::arrive(server, owner, "ouvinte").await?;
    let mut times = Vec::new();
    for number in 0..=JOINS {
        let mut path = listener.join(ROOM, tone(1)).await?;
        path.run_until_heard(DEADLINE).await?;
        let time = path.stats().join_to_first_audio_ms.with_context(|| format!("join {number} heard nothing"))?;
        listener.leave().await?;
        // The first join waits for the speaker's own connection: it is no sample.
        if number > 0 {
            times.push(time);
        }
    }
    speaking.abort();
    speaker.leave().await?;
    results.note("join_to_audio_ms_p50", quantile(&mut times, 0.5), None);
    results.note("join_to_audio_ms_p95", quantile(&mut times, 0.95), Some(GOAL_P95_MS));
    Ok(())
}
