// SPDX-License-Identifier: Apache-2.0
//! One-way delay that the SFU adds: packets carry the time at which they were written, and the same
//! packets go straight from one socket to another in the same run. The difference is the server's.

use std::net::UdpSocket as StdUdpSocket;
use std::time::Duration;

use tokio::net::UdpSocket;
use voz_client::clock::now;

use crate::people::{Owner, Person, ROOM, sweep};
use crate::results::{Results, quantile};
use crate::server::Server;

const SECONDS: usize = 20;

/// One speaks, one listens.
///
/// # Errors
/// When nothing is heard.
pub async fn measure(server: &Server, owner: &Owner, results: &mut Results) -> anyhow::Result<()> {
    let mut speaker = Person::arrive(server, owner, "relogio-a").await?;
    let mut listener = Person::arrive(server, owner, "relogio-b").await?;
    let mut from = speaker.join(ROOM, sweep(SECONDS + 5)).await?;
    let mut to = listener.join(ROOM, voz_client::media::Microphone::Off).await?;
    let stay = Duration::from_secs(SECONDS as u64);
    from.keep_times();
    to.keep_times();
    let (spoke, heard) = tokio::join!(from.run(Some(stay)), to.run(Some(stay)));
    spoke?;
    heard?;
    let sent = from.take_sent_times();
    let mut through: Vec<f64> = to
        .take_heard_times()
        .into_iter()
        .filter_map(|(payload, at)| Some(at.saturating_duration_since(*sent.get(&payload)?).as_secs_f64() * 1000.0))
        .collect();
    anyhow::ensure!(through.len() > SECONDS * 25, "only {} packets were heard", through.len());
    let mut straight = straight().await?;
    let baseline = quantile(&mut straight, 0.5);
    results.note("loopback_ms_p50", baseline, None);
    for (name, share) in [("sfu_added_ms_p50", 0.5), ("sfu_added_ms_p99", 0.99)] {
        let added = quantile(&mut through, share) - baseline;
        anyhow::ensure!(
            added > 0.0,
            "{name}: the direct way was slower ({added} ms): measure again on a quieter machine"
        );
        results.note(name, added, None);
    }
    speaker.leave().await?;
    listener.leave().await
}

/// Socket to socket, the same pace and size.
async fn straight() -> anyhow::Result<Vec<f64>> {
    let ear = UdpSocket::bind("127.0.0.1:0").await?;
    let mouth = StdUdpSocket::bind("127.0.0.1:0")?;
    mouth.connect(ear.local_addr()?)?;
    let mut buffer = [0; 256];
    let mut times = Vec::new();
    let mut pace = tokio::time::interval(Duration::from_millis(20));
    for _ in 0..SECONDS * 10 {
        pace.tick().await;
        let sent = now();
        mouth.send(&[0; 128])?;
        ear.recv(&mut buffer).await?;
        times.push(sent.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(times)
}
