// SPDX-License-Identifier: Apache-2.0
//! A media thread: it owns its socket and its [`Node`], and shares nothing.
//!
//! Commands come by a bounded queue whose waker raises a descriptor that the thread polls together
//! with the socket. Events leave by a bounded queue; while it is full the thread keeps what must not
//! be lost (connected, closed) and only the newest word on who speaks.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use rustc_hash::FxHashMap;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use voz_app::voice::media::{MediaCommand, MediaEvent, MediaPeerId, OfferRefused};
use voz_domain::ids::ChannelId;
use voz_domain::voice::VoiceGrants;
use voz_media::{Event, Grants, Join, Node, NodeConfig, PeerId, RoomId};

use super::socket::{BATCH, Outgoing, ReceiveBatch, SendBatch, VoiceSocket, WakeUp, wait};

/// Full batches read before commands and timers get their turn.
const BATCHES_PER_TURN: usize = 8;
/// How soon a full event queue is tried again.
const EVENT_RETRY: Duration = Duration::from_millis(20);

/// One media thread's belongings.
pub struct Driver {
    node: Node,
    socket: VoiceSocket,
    port: u16,
    wake: Arc<WakeUp>,
    commands: mpsc::Receiver<MediaCommand>,
    events: mpsc::Sender<MediaEvent>,
    unsent: VecDeque<MediaEvent>,
    unsent_speakers: FxHashMap<ChannelId, Vec<u32>>,
    sending: SendBatch,
    lost: u64,
}

impl Driver {
    /// Everything but the thread.
    ///
    /// # Errors
    /// When the wake-up descriptor can't be opened or the socket has no port.
    pub fn new(
        config: NodeConfig,
        socket: VoiceSocket,
        commands: mpsc::Receiver<MediaCommand>,
        events: mpsc::Sender<MediaEvent>,
    ) -> io::Result<Self> {
        Ok(Self {
            node: Node::new(config, now()),
            port: socket.port()?,
            socket,
            wake: Arc::new(WakeUp::new()?),
            commands,
            events,
            unsent: VecDeque::new(),
            unsent_speakers: FxHashMap::default(),
            sending: SendBatch::new(),
            lost: 0,
        })
    }

    /// Runs until control drops its end of the command queue.
    ///
    /// # Errors
    /// What the kernel says of the socket; voice on this node is over then.
    pub fn run(mut self) -> io::Result<()> {
        let mut receiving = ReceiveBatch::new();
        let waker = Waker::from(Arc::clone(&self.wake));
        loop {
            if !self.take_commands(&mut Context::from_waker(&waker)) {
                return Ok(());
            }
            let full = self.take_datagrams(&mut receiving)?;
            let now = now();
            if self.node.poll_timeout().is_some_and(|due| due <= now) {
                self.node.handle_timeout(now);
            }
            self.flush();
            let waiting = self.give_events();
            if full {
                continue;
            }
            let due = self.node.poll_timeout().map(|due| due.saturating_duration_since(now));
            let retry = waiting.then_some(EVENT_RETRY);
            if wait(&self.socket, self.wake.raw_fd(), due.into_iter().chain(retry).min())? {
                self.wake.clear();
            }
        }
    }

    /// False when control is gone.
    fn take_commands(&mut self, context: &mut Context<'_>) -> bool {
        loop {
            match self.commands.poll_recv(context) {
                Poll::Ready(Some(command)) => self.obey(command),
                Poll::Ready(None) => return false,
                Poll::Pending => return true,
            }
        }
    }

    fn obey(&mut self, command: MediaCommand) {
        let now = now();
        match command {
            MediaCommand::Join { peer, room, voice_number, offer, grants, reply } => {
                let joined = self.node.join(
                    now,
                    Join {
                        peer: PeerId(peer.0),
                        room: RoomId(room.0.as_u128()),
                        voice_number,
                        offer: &offer,
                        grants: media_grants(grants),
                    },
                );
                let answer = joined.map_err(|refused| {
                    tracing::debug!(%refused, "offer refused");
                    OfferRefused
                });
                // Who asked may be gone; control then takes the path down by itself.
                drop(reply.send(answer));
            }
            MediaCommand::Leave { peer } => self.node.leave(now, PeerId(peer.0)),
            MediaCommand::SetGrants { peer, grants } => {
                self.node.set_grants(PeerId(peer.0), media_grants(grants));
            }
        }
        self.flush_when_full();
    }

    /// True when there may be more to read at once.
    fn take_datagrams(&mut self, receiving: &mut ReceiveBatch) -> io::Result<bool> {
        for _ in 0..BATCHES_PER_TURN {
            let now = now();
            let Self { node, socket, sending, lost, port, .. } = self;
            let received = socket.receive(receiving, *port, |incoming| {
                node.handle_input(now, incoming.source, incoming.destination, incoming.bytes);
                if node.pending() >= BATCH {
                    *lost += flush(node, socket, sending);
                }
            })?;
            self.flush();
            if received < BATCH {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn flush_when_full(&mut self) {
        if self.node.pending() >= BATCH {
            self.flush();
        }
    }

    fn flush(&mut self) {
        self.lost += flush(&mut self.node, &self.socket, &mut self.sending);
    }

    /// True when the queue is full and something waits.
    fn give_events(&mut self) -> bool {
        while let Some(event) = self.node.poll_event() {
            match event {
                Event::Connected { peer } => {
                    self.unsent.push_back(MediaEvent::Connected { peer: MediaPeerId(peer.0) });
                }
                Event::Closed { peer, reason } => {
                    tracing::debug!(peer = peer.0, ?reason, "media path closed");
                    self.unsent.push_back(MediaEvent::Closed { peer: MediaPeerId(peer.0) });
                }
                Event::Speaking { room, speakers } => {
                    let room = ChannelId(uuid::Uuid::from_u128(room.0));
                    self.unsent_speakers.insert(room, speakers);
                }
            }
        }
        while let Some(event) = self.unsent.pop_front() {
            if let Err(TrySendError::Full(event)) = self.events.try_send(event) {
                self.unsent.push_front(event);
                return true;
            }
        }
        let events = &self.events;
        self.unsent_speakers.retain(|room, speakers| {
            let event = MediaEvent::Speaking { room: *room, speakers: speakers.clone() };
            matches!(events.try_send(event), Err(TrySendError::Full(_)))
        });
        !self.unsent_speakers.is_empty()
    }
}

fn flush(node: &mut Node, socket: &VoiceSocket, sending: &mut SendBatch) -> u64 {
    if node.pending() == 0 {
        return 0;
    }
    let lost = socket.send(
        sending,
        node.transmits().map(|transmit| Outgoing {
            destination: transmit.destination,
            source: SocketAddr::ip(&transmit.source),
            bytes: transmit.bytes,
        }),
    );
    node.clear_transmits();
    lost as u64
}

fn media_grants(grants: VoiceGrants) -> Grants {
    Grants { speak: grants.speak, hear: grants.hear }
}

#[expect(clippy::disallowed_methods, reason = "the driver is where the media clock comes from")]
fn now() -> Instant {
    Instant::now()
}
