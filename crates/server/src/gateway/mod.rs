// SPDX-License-Identifier: Apache-2.0
//! The gateway: `GET /api/v1/gateway`, one WebSocket per device (docs/protocol.md, "Gateway").
//!
//! [`session`] decides without input or output, [`socket`] drives it, `app::streams` knows what may be
//! told. Not covered: one socket that follows only a part of a person's streams.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{Extension, State};
use axum::response::Response;
use voz_app::voice::SocketId;
use voz_domain::limits::RateLimit;
use voz_protocol::errors::{ErrorCode, Problem};

use crate::clock;
use crate::http::extract::{Authenticated, Client};
use crate::http::problem::Refused;
use crate::serve::Connection;
use crate::state::ServerState;

mod commands;
pub mod session;
#[cfg(test)]
mod session_tests;
mod socket;

pub use session::Limits;

use session::{Identity, Session};
use socket::Connected;

/// A client's frame, in bytes: an SDP offer of 17 sections is a fifth of it.
const MAX_FRAME_BYTES: usize = 64 * 1024;

/// What the WebSocket library takes. Twice as much: a frame that is only just too large is read to its
/// end, so that the client gets our close frame rather than a reset.
const MAX_READ_BYTES: usize = 2 * MAX_FRAME_BYTES;

/// Buffers of a socket, in bytes. Most frames are smaller; a larger one costs an allocation of its own.
const READ_BUFFER_BYTES: usize = 4 * 1024;
const WRITE_BUFFER_BYTES: usize = 4 * 1024;

/// All gateways of this process. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Gateway {
    limits: Limits,
    next_socket: Arc<AtomicU64>,
}

impl Gateway {
    /// No socket is open yet.
    pub fn new(limits: Limits) -> Self {
        Self { limits, next_socket: Arc::new(AtomicU64::new(1)) }
    }
}

/// Opens the gateway: one WebSocket per device (docs/protocol.md, "Gateway").
#[utoipa::path(
    get, path = "/api/v1/gateway", operation_id = "open_gateway", tag = "gateway",
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 101, description = "Frames from now on: ClientFrame and ServerFrame as text"),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn open(
    State(state): State<ServerState>,
    Client(address): Client,
    Authenticated(actor): Authenticated,
    Extension(connection): Extension<Connection>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Refused> {
    state.app.count_network(&clock::moment(), RateLimit::GatewayPerNetwork, address)?;
    let upgrade = upgrade.map_err(|_| Refused::because(ErrorCode::BadRequest))?;
    let Gateway { limits, next_socket } = state.gateway.clone();
    let upgrade = upgrade
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(WRITE_BUFFER_BYTES)
        .max_message_size(MAX_READ_BYTES)
        .max_frame_size(MAX_READ_BYTES);
    Ok(upgrade.on_upgrade(async move |socket| {
        let identity = Identity { epoch: state.app.epoch(), user: actor.user, session: actor.session };
        let subscription = state.app.subscribe(limits.queued_deliveries);
        let session = Session::new(identity, state.app.cursors(), limits, clock::moment().monotonic);
        let socket_id = SocketId(next_socket.fetch_add(1, Ordering::Relaxed));
        let connected = Connected { app: state.app, actor, socket_id, shutdown: state.shutdown };
        connected.serve(socket, session, subscription).await;
        // The place among the connections is held for as long as the socket is.
        drop(connection);
    }))
}
