// SPDX-License-Identifier: Apache-2.0
//! The limit that forwarding is compared with: the same rooms, people, pace and sizes over the same kernel,
//! forwarded by a thread that does nothing but receive and send. What it costs, no forwarder can save.

use std::net::{SocketAddr, UdpSocket as StdUdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Context;
use tokio::net::UdpSocket;
use tokio::runtime::Handle;
use tokio::task::JoinSet;

use crate::crowd::{MEASURED, PEOPLE, ROOMS, SPEAKERS, home, speaks};
use crate::server::cpu_us_of;

/// An Opus packet of 20 ms at 32 kbit/s with RTP header, audio level and authentication tag.
const DATAGRAM_BYTES: usize = 120;
const PACE: Duration = Duration::from_millis(20);
/// How soon the forwarder notices that it is over.
const LOOKS_UP: Duration = Duration::from_millis(100);

/// Processor time per datagram of the bare forwarder, µs.
///
/// # Errors
/// When a socket can't be had.
pub async fn cpu_us_per_packet(paced: &Handle) -> anyhow::Result<f64> {
    let middle = StdUdpSocket::bind("127.0.0.1:0")?;
    middle.set_read_timeout(Some(LOOKS_UP))?;
    let address = middle.local_addr()?;
    let mut people = Vec::new();
    for number in 0..ROOMS * PEOPLE {
        // A socket is read where it was opened.
        let home = home(number, paced);
        let _entered = home.enter();
        let socket = StdUdpSocket::bind("127.0.0.1:0")?;
        socket.connect(address)?;
        socket.set_nonblocking(true)?;
        people.push(Arc::new(UdpSocket::from_std(socket)?));
    }
    let addresses = people.iter().map(|person| person.local_addr()).collect::<Result<Vec<_>, _>>()?;
    let over = Arc::new(AtomicBool::new(false));
    let forwarder = std::thread::spawn({
        let over = Arc::clone(&over);
        move || forward(&middle, &addresses, &over)
    });

    let received = Arc::new(AtomicU64::new(0));
    let mut tasks = JoinSet::new();
    // People don't begin to speak at one moment: packets that come together would cost one wake-up for all.
    let mut phases = (0..).map(|nth| PACE * nth / (ROOMS * SPEAKERS) as u32);
    for (number, socket) in people.into_iter().enumerate() {
        if speaks(number) {
            tasks.spawn(speak(Arc::clone(&socket), phases.next().unwrap_or_default()));
        }
        tasks.spawn_on(hear(socket, Arc::clone(&received)), &home(number, paced));
    }
    tokio::time::sleep(MEASURED).await;
    over.store(true, Ordering::Relaxed);
    let cpu_us = tokio::task::spawn_blocking(move || forwarder.join())
        .await?
        .map_err(|_| anyhow::anyhow!("the bare forwarder died"))??;
    tasks.shutdown().await;
    let received = received.load(Ordering::Relaxed);
    anyhow::ensure!(received > 0, "the bare forwarder forwarded nothing");
    Ok(cpu_us / received as f64)
}

/// From each to all others of the same room, until it is over; the processor time of this thread, µs.
fn forward(middle: &StdUdpSocket, people: &[SocketAddr], over: &AtomicBool) -> anyhow::Result<f64> {
    let mut datagram = [0; 2 * DATAGRAM_BYTES];
    while !over.load(Ordering::Relaxed) {
        // An error is a time-out, or a listener that is gone.
        let Ok((length, from)) = middle.recv_from(&mut datagram) else { continue };
        let speaker = people.iter().position(|person| *person == from).context("a stranger")?;
        let room = speaker / PEOPLE * PEOPLE;
        for (number, person) in people.iter().enumerate().skip(room).take(PEOPLE) {
            if number != speaker {
                drop(middle.send_to(&datagram[..length], person));
            }
        }
    }
    cpu_us_of("/proc/thread-self/stat".as_ref())
}

async fn speak(socket: Arc<UdpSocket>, phase: Duration) {
    tokio::time::sleep(phase).await;
    let mut pace = tokio::time::interval(PACE);
    while socket.send(&[0; DATAGRAM_BYTES]).await.is_ok() {
        pace.tick().await;
    }
}

async fn hear(socket: Arc<UdpSocket>, received: Arc<AtomicU64>) {
    let mut datagram = [0; 2 * DATAGRAM_BYTES];
    // An error: the forwarder is gone.
    while socket.recv(&mut datagram).await.is_ok() {
        received.fetch_add(1, Ordering::Relaxed);
    }
}
