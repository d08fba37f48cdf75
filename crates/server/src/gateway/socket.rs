// SPDX-License-Identifier: Apache-2.0
//! Drives a [`Session`] over a WebSocket: all input and output, no decision.
//!
//! One task per socket. Writing, reading, deliveries, requests and the clock are waited for together, so
//! a client that doesn't read can't keep the task from hearing of the server's end.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use futures_util::{Sink, Stream, StreamExt};
use tokio::time::{sleep_until, timeout};
use voz_app::streams::Reading;
use voz_app::voice::SocketId;
use voz_app::{Actor, App};
use voz_bus::{Lagged, Subscription};
use voz_domain::limits::RateLimit;
use voz_protocol::errors::Problem;

use super::MAX_FRAME_BYTES;
use super::session::{Request, Resumed, Session, VoiceCommand, VoiceResult};
use crate::clock;
use crate::http::problem::problem;
use crate::shutdown::Shutdown;

/// Time that a client has to take what waits and to answer the close frame (RFC 6455 §7.1.1).
const CLOSE_WITHIN: Duration = Duration::from_secs(5);

/// What happened on the wire.
enum Turn {
    Text(Utf8Bytes),
    SignOfLife,
    Unreadable,
    Closed,
    Wrote,
    Stalled,
}

/// What a request to `app` gave.
enum Done {
    Resumed(Box<Result<Resumed, Problem>>, Subscription),
    Read(Result<Option<Reading>, Problem>),
    Voice { id: u32, result: Result<VoiceResult, Problem> },
}

type Work = Pin<Box<dyn Future<Output = Done> + Send>>;

/// Why the conversation ended.
enum End {
    /// The session closes; there may be something left to send.
    Ours,
    /// The client closed, or is gone.
    Theirs,
}

/// One socket and what belongs to it.
pub struct Connected {
    /// The use cases.
    pub app: App,
    /// Who is signed in.
    pub actor: Actor,
    /// The name of this socket towards voice.
    pub socket_id: SocketId,
    /// Asked for when the server stops.
    pub shutdown: Shutdown,
}

/// Tells voice that the socket is gone, however its task ends.
struct VoiceOfSocket<'a>(&'a Connected);

impl Drop for VoiceOfSocket<'_> {
    fn drop(&mut self) {
        let Connected { app, actor, socket_id, .. } = self.0;
        app.voice_socket_closed(actor, *socket_id, now());
    }
}

impl Connected {
    /// Serves the socket until its stream ends. Nothing is subscribed to yet.
    pub async fn serve(self, mut socket: WebSocket, mut session: Session, subscription: Subscription) {
        let voice = VoiceOfSocket(&self);
        let end = self.converse(&mut socket, &mut session, subscription).await;
        drop(voice);
        let closing = async {
            if let (End::Ours, Some(code)) = (end, session.closing()) {
                while let Some(frame) = session.poll_transmit() {
                    socket.send(Message::Text(frame.into())).await?;
                }
                socket.send(Message::Close(Some(CloseFrame { code, reason: Utf8Bytes::default() }))).await?;
            }
            // Until the client's side ends too: else what it has still under way makes TCP throw away
            // the close frame (RFC 9293 §3.6.1 on half-closed connections).
            while let Some(message) = socket.next().await {
                message?;
            }
            Ok::<(), axum::Error>(())
        };
        let closed = timeout(CLOSE_WITHIN, closing).await;
        tracing::debug!(code = session.closing(), in_time = closed.is_ok(), "a socket closed");
    }

    async fn converse(&self, socket: &mut WebSocket, session: &mut Session, subscription: Subscription) -> End {
        let mut wire = Wire { socket, unflushed: false };
        let mut shutdown = self.shutdown.clone();
        let mut subscription = Some(subscription);
        let mut work: Option<Work> = None;
        loop {
            if work.is_none()
                && let Some(request) = session.poll_request()
            {
                work = self.begin(request, &mut subscription);
            }
            if session.closing().is_some() {
                return End::Ours;
            }
            let deadline = session.poll_timeout();
            tokio::select! {
                () = shutdown.requested() => session.handle_stopping(),
                done = finished(&mut work) => match done {
                    Done::Resumed(resumed, kept) => {
                        subscription = Some(kept);
                        session.handle_resumed(*resumed);
                    }
                    Done::Read(reading) => session.handle_reading(reading),
                    Done::Voice { id, result } => session.handle_result(id, result),
                },
                turn = poll_fn(|cx| wire.poll_turn(cx, session)) => match turn {
                    Turn::Text(text) => self.frame(session, &text),
                    Turn::SignOfLife => session.handle_sign_of_life(now()),
                    Turn::Unreadable => session.handle_unreadable(),
                    Turn::Wrote => session.handle_progress(),
                    Turn::Stalled => session.handle_stalled(now()),
                    Turn::Closed => return End::Theirs,
                },
                delivery = received(&mut subscription), if session.wants_deliveries() => match delivery {
                    Ok(delivery) => session.handle_delivery(&delivery),
                    Err(Lagged) => session.handle_lagged(),
                },
                () = sleep_until(deadline.into()) => session.handle_timeout(now()),
            }
        }
    }

    fn frame(&self, session: &mut Session, text: &str) {
        let moment = clock::moment();
        match self.app.count_session(&moment, RateLimit::GatewayCommandPerSession, &self.actor) {
            Ok(()) => session.handle_frame(moment.monotonic, text),
            Err(_) => session.handle_too_many(),
        }
    }

    /// Starts a request. A stream is subscribed to before it is read: what is committed in between
    /// comes twice, and the sequence tells.
    fn begin(&self, request: Request, subscription: &mut Option<Subscription>) -> Option<Work> {
        let (app, actor, socket) = (self.app.clone(), self.actor.clone(), self.socket_id);
        Some(match request {
            Request::Resume(resume) => {
                let mut subscription = subscription.take()?;
                Box::pin(async move {
                    let resumed = app.resume(&clock::moment(), &actor, &resume.cursors, &mut subscription).await;
                    let resumed = resumed.map(|resumption| {
                        let voice = resume.voice.map(|claim| {
                            let claimed = app.voice_claim(&actor, socket, &claim);
                            (claim, claimed)
                        });
                        Resumed { me: resumption.me, readings: resumption.readings, voice }
                    });
                    Done::Resumed(Box::new(resumed.map_err(|error| problem(&error))), subscription)
                })
            }
            Request::Read { stream, after } => {
                if let Some(subscription) = subscription {
                    subscription.add(stream);
                }
                Box::pin(async move {
                    let reading = app.read_stream(&actor, stream, after).await;
                    Done::Read(reading.map_err(|error| problem(&error)))
                })
            }
            Request::Voice { id, command } => Box::pin(async move {
                let result = match command {
                    VoiceCommand::Join(join) => {
                        app.voice_join(&clock::moment(), &actor, socket, join).await.map(VoiceResult::Joined)
                    }
                    VoiceCommand::Leave => app.voice_leave(&actor, socket).await.map(|()| VoiceResult::Left),
                    VoiceCommand::State(update) => {
                        app.voice_state(&actor, socket, update).await.map(|()| VoiceResult::Updated)
                    }
                };
                Done::Voice { id, result: result.map_err(|error| problem(&error)) }
            }),
        })
    }
}

/// The work's end; never, while there is none.
async fn finished(work: &mut Option<Work>) -> Done {
    match work {
        Some(running) => {
            let done = running.await;
            *work = None;
            done
        }
        None => std::future::pending().await,
    }
}

/// The next delivery; never, while the subscription is lent out.
async fn received(subscription: &mut Option<Subscription>) -> Result<voz_bus::Delivery, Lagged> {
    match subscription {
        Some(subscription) => subscription.recv().await,
        None => std::future::pending().await,
    }
}

/// The socket, with what was handed to it and may not have left yet.
struct Wire<'a> {
    socket: &'a mut WebSocket,
    unflushed: bool,
}

impl Wire<'_> {
    /// Writes what waits, then reads. Nothing is lost when it is dropped in between: what was begun is
    /// kept in the socket.
    fn poll_turn(&mut self, cx: &mut Context<'_>, session: &mut Session) -> Poll<Turn> {
        match self.poll_write(cx, session) {
            Err(_) => return Poll::Ready(Turn::Closed),
            Ok(Some(turn)) => return Poll::Ready(turn),
            Ok(None) => {}
        }
        if !session.wants_frames() {
            return Poll::Pending;
        }
        Pin::new(&mut *self.socket).poll_next(cx).map(|message| match message {
            Some(Ok(Message::Text(text))) if text.len() <= MAX_FRAME_BYTES => Turn::Text(text),
            Some(Ok(Message::Text(_) | Message::Binary(_))) => Turn::Unreadable,
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Turn::SignOfLife,
            // Whether the bytes were no WebSocket or the connection broke, the library doesn't tell; in
            // the second case the close frame goes nowhere.
            Some(Err(_)) => Turn::Unreadable,
            Some(Ok(Message::Close(_))) | None => Turn::Closed,
        })
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, session: &mut Session) -> Result<Option<Turn>, axum::Error> {
        let mut wrote = false;
        while session.has_transmit() {
            match Pin::new(&mut *self.socket).poll_ready(cx)? {
                Poll::Ready(()) => {
                    let message = if session.poll_ping() {
                        Message::Ping(Bytes::new())
                    } else {
                        let Some(frame) = session.poll_transmit() else { break };
                        Message::Text(frame.into())
                    };
                    Pin::new(&mut *self.socket).start_send(message)?;
                    (wrote, self.unflushed) = (true, true);
                }
                Poll::Pending => break,
            }
        }
        if self.unflushed && Pin::new(&mut *self.socket).poll_flush(cx)?.is_ready() {
            (wrote, self.unflushed) = (true, false);
        }
        let stalls = !wrote && self.unflushed && !session.is_stalled();
        Ok(if wrote { Some(Turn::Wrote) } else { stalls.then_some(Turn::Stalled) })
    }
}

fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}
