// SPDX-License-Identifier: Apache-2.0
//! Our own accept loop: HTTP/1.1 over TCP, with a deadline for a client that says nothing.
//!
//! A connection must bring its first complete request head in time, may then be idle for a while
//! between requests, and counts against the limit until everything that grew from it (a WebSocket
//! too) is gone. What a handler does with a slow body is the handler's: see [`crate::http::extract`].

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tower::Service;

use crate::places::{Place, Places};
use crate::shutdown::Shutdown;
use crate::stall::StallGuard;

/// Bounds of what connections may take.
#[derive(Debug, Clone, Copy)]
pub struct ServeLimits {
    /// From accepting to the end of the first request head.
    pub first_request_head: Duration,
    /// From one answer to the end of the next request head.
    pub keep_alive: Duration,
    /// So long a peer may take nothing of what is sent to it.
    pub stalled: Duration,
    /// Connections at the same time; the rest wait in the kernel's queue.
    pub connections: u32,
    /// Of these, from one network; one more is closed at once.
    pub connections_per_network: u32,
    /// After the stop is asked for: time for open requests and sockets to end by themselves.
    pub drain: Duration,
}

/// Who is at the other end, and the place the connection takes. In the extensions of every request;
/// whatever outlives the request (a WebSocket) keeps a clone for as long as it uses the connection.
#[derive(Clone)]
pub struct Connection {
    /// The peer's address.
    pub peer: SocketAddr,
    _place: Arc<Place>,
}

impl Connection {
    /// A connection of `peer`, in a place of the listener's.
    pub fn new(peer: SocketAddr, place: Place) -> Self {
        Self { peer, _place: Arc::new(place) }
    }
}

/// Bytes of a request head and of the read buffer.
const HEAD_BYTES: usize = 32 * 1024;

/// Serves `router` until the stop is asked for and the connections have ended or the drain is over.
pub async fn serve(listener: TcpListener, router: Router, limits: ServeLimits, mut shutdown: Shutdown) {
    let places = Places::new(limits.connections, limits.connections_per_network);
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let accepted = tokio::select! {
            biased;
            () = shutdown.requested() => break,
            accepted = accept(&listener, &places) => accepted,
        };
        let Some((stream, connection)) = accepted else { continue };
        connections.spawn(attend(stream, connection, router.clone(), limits, shutdown.clone()));
    }
    drop((listener, router));
    if tokio::time::timeout(limits.drain, places.all_free()).await.is_err() {
        tracing::info!("connections were still open at the end of the drain");
    }
    connections.shutdown().await;
}

async fn accept(listener: &TcpListener, places: &Arc<Places>) -> Option<(TcpStream, Connection)> {
    let free = places.free().await?;
    match listener.accept().await {
        Ok((stream, peer)) => {
            let place = places.take(free, peer.ip());
            if place.is_none() {
                tracing::debug!(%peer, "too many connections of one network");
            }
            Some((stream, Connection::new(peer, place?)))
        }
        Err(error) => {
            // A connection that is gone before it was taken, or no file left: wait for one to close.
            tracing::debug!(%error, "accept");
            tokio::time::sleep(Duration::from_millis(50)).await;
            None
        }
    }
}

async fn attend(
    stream: TcpStream,
    connection: Connection,
    router: Router,
    limits: ServeLimits,
    mut shutdown: Shutdown,
) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY");
    }
    let has_asked = Arc::new(AtomicBool::new(false));
    let service = service_fn({
        let has_asked = has_asked.clone();
        move |request| {
            has_asked.store(true, Ordering::Relaxed);
            answer(router.clone(), connection.clone(), request)
        }
    });
    let http = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.keep_alive)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(StallGuard::new(stream, limits.stalled)), service)
        .with_upgrades();
    let mut http = std::pin::pin!(http);
    let mut deadline = std::pin::pin!(tokio::time::sleep(limits.first_request_head));
    let (mut waits_for_head, mut stopping) = (true, false);
    loop {
        tokio::select! {
            ended = &mut http => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "connection");
                }
                return;
            }
            () = &mut deadline, if waits_for_head => {
                waits_for_head = false;
                if !has_asked.load(Ordering::Relaxed) {
                    tracing::debug!("no complete request head in time");
                    return;
                }
            }
            () = shutdown.requested(), if !stopping => {
                stopping = true;
                http.as_mut().graceful_shutdown();
            }
        }
    }
}

async fn answer(
    mut router: Router,
    connection: Connection,
    request: hyper::Request<Incoming>,
) -> Result<Response, Infallible> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(connection);
    // A router of axum is always ready.
    router.call(request).await
}
