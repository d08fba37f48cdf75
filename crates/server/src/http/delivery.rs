// SPDX-License-Identifier: Apache-2.0
//! How the tokens of a session reach their owner: in cookies for a browser, in the body for a program.

use axum::Json;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use time::Duration;
use voz_app::IssuedSession;
use voz_protocol::errors::ErrorCode;
use voz_protocol::sessions::{SignedIn, Transport};

use super::problem::Refused;
use super::session_cookies::SessionCookies;
use crate::state::ServerState;

/// A way for tokens, found to be allowed for this request.
pub struct Delivery<'s> {
    cookies: &'s SessionCookies,
    transport: Transport,
}

impl<'s> Delivery<'s> {
    /// For a session that is to begin: a page of another origin can't have cookies set.
    ///
    /// # Errors
    /// `origin_refused`.
    pub fn of(state: &'s ServerState, headers: &HeaderMap, transport: Transport) -> Result<Self, Refused> {
        match transport {
            Transport::Cookie => state.origin.allow(headers)?,
            Transport::Bearer => {}
        }
        Ok(Delivery { cookies: &state.cookies, transport })
    }

    /// For a session that is to go on: the refresh token, and the way back. One in the body wins.
    ///
    /// # Errors
    /// `unauthenticated` without a token; `origin_refused` for a cookie from another origin.
    pub fn to_refresh(
        state: &'s ServerState,
        headers: &HeaderMap,
        in_body: Option<String>,
    ) -> Result<(String, Self), Refused> {
        let (token, transport) = match in_body {
            Some(token) => (token, Transport::Bearer),
            None => {
                let token = state.cookies.refresh_in(headers);
                let token = token.ok_or_else(|| Refused::because(ErrorCode::Unauthenticated))?;
                state.origin.require(headers)?;
                (token, Transport::Cookie)
            }
        };
        Ok((token, Delivery { cookies: &state.cookies, transport }))
    }

    /// 201 with the tokens.
    pub fn of_new(&self, issued: IssuedSession) -> Response {
        self.respond(StatusCode::CREATED, issued)
    }

    /// 200 with the tokens.
    pub fn of_refreshed(&self, issued: IssuedSession) -> Response {
        self.respond(StatusCode::OK, issued)
    }

    /// The refusal of a refresh; where the session is over, a browser forgets its cookies.
    pub fn of_ended(&self, refused: Refused) -> Response {
        let over = refused.code() == ErrorCode::Unauthenticated;
        let mut response = refused.into_response();
        if over && self.transport == Transport::Cookie {
            self.cookies.clear(response.headers_mut());
        }
        response
    }

    fn respond(&self, status: StatusCode, issued: IssuedSession) -> Response {
        let (access, refresh) = (issued.access_token.reveal(), issued.refresh_token.reveal());
        let mut signed_in = SignedIn {
            me: issued.me,
            access_expires_in_s: issued.access_expires_in_s,
            access_token: None,
            refresh_token: None,
        };
        match self.transport {
            Transport::Bearer => {
                signed_in.access_token = Some(access.to_owned());
                signed_in.refresh_token = Some(refresh.to_owned());
                (status, Json(signed_in)).into_response()
            }
            Transport::Cookie => {
                let mut response = (status, Json(signed_in)).into_response();
                self.cookies.set(
                    response.headers_mut(),
                    (access, Duration::seconds(issued.access_expires_in_s.into())),
                    (refresh, Duration::seconds(issued.refresh_expires_in_s.into())),
                );
                response
            }
        }
    }
}
