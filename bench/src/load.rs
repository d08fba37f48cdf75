// SPDX-License-Identifier: Apache-2.0
//! What people in rooms cost the server: processor time per forwarded packet, beside a bare forwarder's in
//! the same run, and memory per voice.

use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::watch;
use voz_client::clock::now;
use voz_client::gateway::Gateway;
use voz_client::media::{MediaPath, MediaStats, Microphone};

use crate::bare;
use crate::crowd::{MEASURED, PEOPLE, ROOMS, SPEAKERS, home, speaks};
use crate::people::{Account, Owner, tone};
use crate::results::Results;
use crate::server::Server;

/// Longer than the whole measurement: speakers must not fall silent in it.
const STAY: Duration = Duration::from_secs(60);
const WARM_UP: Duration = Duration::from_secs(3);
/// How often a path looks at the mark.
const TURN: Duration = Duration::from_millis(100);
/// How often listeners look at their sockets.
const READING_PACE: Duration = Duration::from_millis(1);
const CPU_GOAL_US: f64 = 7.0;
const MEMORY_GOAL_KB: f64 = 64.0;

/// Where those who only listen live: they read their sockets at a pace. Woken for each packet, a hundred
/// listeners on the same processors would be a good part of what sending to them costs the server; people
/// elsewhere are not.
///
/// # Errors
/// When threads can't be had.
#[expect(clippy::disallowed_methods, reason = "a pace, not a wait")]
pub fn paced() -> std::io::Result<Runtime> {
    Builder::new_multi_thread().enable_all().on_thread_park(|| std::thread::sleep(READING_PACE)).build()
}

/// Fills ten rooms with ten people each, two of whom speak. `paced` is for those who only listen.
///
/// # Errors
/// When somebody can't join.
pub async fn measure(server: &Server, owner: &Owner, paced: &Handle, results: &mut Results) -> anyhow::Result<()> {
    for room in 0..ROOMS {
        owner.make_room(server, &format!("Carga {room}")).await?;
    }
    let mut accounts = Vec::new();
    for number in 0..ROOMS * PEOPLE {
        accounts.push(Account::sign_up(server, owner, &format!("carga-{number}")).await?);
    }
    let before_kb = server.resident_kb()?;
    let mut running = Vec::new();
    let (count, counted) = watch::channel(());
    for (number, account) in accounts.into_iter().enumerate() {
        let room = format!("Carga {}", number / PEOPLE);
        let home = home(number, paced);
        let (path, gateway) = home.spawn(enter(account, room, speaks(number))).await??;
        // Nobody reads the events here, but a full queue would stop the connection.
        home.spawn(read_events(gateway));
        running.push(home.spawn(follow(path, counted.clone())));
    }
    tokio::time::sleep(WARM_UP).await;
    let per_person_kb = (server.resident_kb()? - before_kb) / (ROOMS * PEOPLE) as f64;
    let cpu_before = server.cpu_us()?;
    count.send(())?;
    tokio::time::sleep(MEASURED).await;
    let cpu_us = server.cpu_us()? - cpu_before;
    drop((count, counted));

    let (mut received, mut lost) = (0, 0);
    for person in running {
        let counts = person.await??;
        if let [first, .., last] = &counts[..] {
            received += last.packets_received - first.packets_received;
            lost += last.packets_lost.saturating_sub(first.packets_lost);
        }
    }
    anyhow::ensure!(received > 0, "nothing was forwarded");
    let expected = ROOMS * SPEAKERS * (PEOPLE - 1) * 50 * MEASURED.as_secs() as usize;
    results.note("forwarded_packets_per_s", received as f64 / MEASURED.as_secs_f64(), None);
    results.note("forwarded_percent_of_expected", 100.0 * received as f64 / expected as f64, None);
    results.note("load_packets_lost", lost as f64, None);
    let per_packet_us = cpu_us / received as f64;
    results.note("cpu_us_per_packet", per_packet_us, Some(CPU_GOAL_US));
    results.note("rss_kb_per_peer", per_person_kb, Some(MEMORY_GOAL_KB));
    let bare_us = bare::cpu_us_per_packet(paced).await?;
    results.note("bare_forwarder_cpu_us_per_packet", bare_us, None);
    results.note("cpu_ratio_to_bare_forwarder", per_packet_us / bare_us, None);
    Ok(())
}

async fn enter(account: Account, room: String, speaks: bool) -> anyhow::Result<(MediaPath, Gateway)> {
    let mut person = account.connect().await?;
    let plays = if speaks { tone(STAY.as_secs() as usize) } else { Microphone::Off };
    let path = person.join(&room, plays).await?;
    Ok((path, person.gateway))
}

async fn read_events(mut gateway: Gateway) {
    while gateway.events.recv().await.is_some() {}
}

/// Runs the path, uninterrupted, in short turns, and notes its counts at the mark and at the end.
async fn follow(mut path: MediaPath, mut counted: watch::Receiver<()>) -> anyhow::Result<Vec<MediaStats>> {
    let begun = now();
    let mut counts = Vec::new();
    loop {
        path.run(Some(begun.elapsed() + TURN)).await?;
        match counted.has_changed() {
            Ok(false) => {}
            Ok(true) => {
                counted.mark_unchanged();
                counts.push(path.stats());
            }
            Err(_) => {
                counts.push(path.stats());
                return Ok(counts);
            }
        }
    }
}
