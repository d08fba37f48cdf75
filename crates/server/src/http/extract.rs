// SPDX-License-Identifier: Apache-2.0
//! What handlers take from a request. Every refusal here is a problem+json answer.

use std::time::Duration;

use axum::body::{Body as RequestBody, Bytes};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use http_body_util::{BodyExt, Limited};
use serde::de::DeserializeOwned;
use voz_app::{Actor, ClientAddress};
use voz_protocol::errors::ErrorCode;

use super::problem::Refused;
use crate::clock;
use crate::serve::Connection;
use crate::state::ServerState;

/// The signed-in person: by `Authorization: Bearer`, else by cookie. A cookie acts on an unsafe
/// method, and opens a WebSocket, only from this instance's own pages.
#[derive(Debug)]
pub struct Authenticated(pub Actor);

impl FromRequestParts<ServerState> for Authenticated {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, Refused> {
        let token = match bearer(&parts.headers)? {
            Some(token) => token.to_owned(),
            None => {
                let token = state.cookies.access_in(&parts.headers);
                let token = token.ok_or_else(|| Refused::because(ErrorCode::Unauthenticated))?;
                if !parts.method.is_safe() || parts.headers.contains_key(header::UPGRADE) {
                    state.origin.require(&parts.headers)?;
                }
                token
            }
        };
        let actor = state.app.authenticate(&clock::moment(), &token).await?;
        Ok(Authenticated(actor))
    }
}

/// The token of `Authorization: Bearer` (RFC 6750 §2.1). Another scheme is refused rather than
/// passed over, so that a cookie never acts for a program that meant to be someone else.
fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Refused> {
    let Some(value) = headers.get(header::AUTHORIZATION) else { return Ok(None) };
    value
        .to_str()
        .ok()
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| Some(token.trim()))
        .ok_or_else(|| Refused::because(ErrorCode::Unauthenticated))
}

/// Where the request comes from: the peer of the TCP connection.
#[derive(Debug)]
pub struct Client(pub ClientAddress);

impl FromRequestParts<ServerState> for Client {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &ServerState) -> Result<Self, Refused> {
        let connection = parts.extensions.get::<Connection>();
        let peer = connection.ok_or_else(|| Refused::because(ErrorCode::Internal))?.peer;
        Ok(Client(ClientAddress(peer.ip())))
    }
}

/// Parameters in the path. What can't be read as an id names nothing that exists.
#[derive(Debug)]
pub struct InPath<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<ServerState> for InPath<T> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, Refused> {
        let Path(value) =
            Path::from_request_parts(parts, state).await.map_err(|_| Refused::because(ErrorCode::BadRequest))?;
        Ok(InPath(value))
    }
}

/// Parameters after `?`.
#[derive(Debug)]
pub struct InQuery<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<ServerState> for InQuery<T> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, Refused> {
        let Query(value) =
            Query::from_request_parts(parts, state).await.map_err(|_| Refused::because(ErrorCode::BadRequest))?;
        Ok(InQuery(value))
    }
}

/// A JSON body.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<ServerState> for Body<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, state: &ServerState) -> Result<Self, Refused> {
        let bad_request = || Refused::because(ErrorCode::BadRequest);
        let (parts, body) = request.into_parts();
        if !is_json(&parts.headers) {
            return Err(bad_request());
        }
        // A client that sends its body drop by drop holds a connection and a task: not for longer.
        let bytes = tokio::time::timeout(state.body.deadline, read(body, state.body.bytes)).await;
        let bytes = bytes.map_err(|_| bad_request())??;
        serde_json::from_slice(&bytes).map(Body).map_err(|_| bad_request())
    }
}

/// Bounds of a request's body.
#[derive(Debug, Clone, Copy)]
pub struct BodyLimits {
    /// Size.
    pub bytes: usize,
    /// Until its last byte.
    pub deadline: Duration,
}

async fn read(body: RequestBody, limit: usize) -> Result<Bytes, Refused> {
    match Limited::new(body, limit).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => {
            Err(Refused::because(ErrorCode::PayloadTooLarge))
        }
        Err(_) => Err(Refused::because(ErrorCode::BadRequest)),
    }
}

/// `application/json`, with or without parameters. No form of another site can send it unasked.
fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = value.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json")
}
