// SPDX-License-Identifier: Apache-2.0
//! What every handler can reach.

use std::sync::Arc;

use voz_app::App;

use crate::gateway::Gateway;
use crate::http::extract::BodyLimits;
use crate::http::origin::OwnOrigin;
use crate::http::session_cookies::SessionCookies;
use crate::shutdown::Shutdown;

/// Cheap to clone.
#[derive(Clone)]
pub struct ServerState {
    /// The use cases.
    pub app: App,
    /// The sockets.
    pub gateway: Gateway,
    /// The web pages that are ours.
    pub origin: Arc<OwnOrigin>,
    /// How a browser's session travels.
    pub cookies: Arc<SessionCookies>,
    /// Bounds of a request's body.
    pub body: BodyLimits,
    /// When to stop.
    pub shutdown: Shutdown,
}
