// SPDX-License-Identifier: Apache-2.0
//! The HTTP API, as far as a voice client needs it.

use std::fmt;

use reqwest::{Client, Method, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use voz_protocol::accounts::{AcceptedInvite, SignUpRequest};
use voz_protocol::communities::Community;
use voz_protocol::errors::{ErrorCode, Problem};
use voz_protocol::invites::{AcceptInviteRequest, InvitePreview};
use voz_protocol::sessions::{SignInRequest, SignedIn, Transport};

/// The server refused, or could not be reached.
#[derive(Debug)]
pub enum ApiError {
    /// Refused for the reason the code names.
    Refused(Problem),
    /// No answer, or one that is not this protocol.
    Transport(String),
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ApiError::Refused(problem) => write!(f, "the server refused: {:?} ({})", problem.code, problem.status),
            ApiError::Transport(error) => write!(f, "the server can't be reached: {error}"),
        }
    }
}

impl std::error::Error for ApiError {}

impl From<reqwest::Error> for ApiError {
    fn from(error: reqwest::Error) -> Self {
        ApiError::Transport(error.to_string())
    }
}

impl ApiError {
    fn is(&self, code: ErrorCode) -> bool {
        matches!(self, ApiError::Refused(problem) if problem.code == code)
    }
}

/// A server, and perhaps a session on it.
#[derive(Debug, Clone)]
pub struct Api {
    http: Client,
    base: String,
    access_token: Option<String>,
}

impl Api {
    /// `server` is the address that a browser would open, without a path.
    ///
    /// # Errors
    /// When the HTTP client can't be made.
    pub fn new(server: &str) -> Result<Self, ApiError> {
        let http = Client::builder().build()?;
        Ok(Self { http, base: server.trim_end_matches('/').to_owned(), access_token: None })
    }

    /// Goes on with an access token that somebody else got.
    pub fn with_token(mut self, access_token: String) -> Self {
        self.access_token = Some(access_token);
        self
    }

    /// The access token, once signed in.
    pub fn access_token(&self) -> Option<&str> {
        self.access_token.as_deref()
    }

    /// Address of the gateway: the server's with `ws` for `http`.
    pub fn gateway_url(&self) -> String {
        format!("{}/api/v1/gateway", self.base.replacen("http", "ws", 1))
    }

    /// Signs in.
    ///
    /// # Errors
    /// `invalid_credentials`, `rate_limited`, or no answer.
    pub async fn sign_in(&mut self, username: &str, password: &str) -> Result<(), ApiError> {
        let request = SignInRequest {
            username: username.to_owned(),
            password: password.to_owned(),
            transport: Transport::Bearer,
        };
        let signed_in: SignedIn = self.call(Method::POST, "/api/v1/sessions", Some(&request)).await?;
        self.access_token = signed_in.access_token;
        Ok(())
    }

    /// Signs up by invite; where the name exists, signs in and accepts the invite.
    ///
    /// # Errors
    /// What sign-up, sign-in or the invite are refused for.
    pub async fn enter_by_invite(&mut self, code: &str, username: &str, password: &str) -> Result<(), ApiError> {
        let preview: InvitePreview = self.call(Method::GET, &format!("/api/v1/invites/{code}"), NONE).await?;
        let rules_version = preview.rules.version;
        let request = SignUpRequest {
            username: username.to_owned(),
            password: password.to_owned(),
            invite: Some(AcceptedInvite { code: code.to_owned(), rules_version }),
            transport: Transport::Bearer,
        };
        match self.call::<_, SignedIn>(Method::POST, "/api/v1/accounts", Some(&request)).await {
            Ok(signed_in) => {
                self.access_token = signed_in.access_token;
                Ok(())
            }
            Err(refused) if refused.is(ErrorCode::UsernameTaken) => {
                self.sign_in(username, password).await?;
                let accept = AcceptInviteRequest { rules_version };
                let path = format!("/api/v1/invites/{code}/accept");
                self.call::<_, Community>(Method::POST, &path, Some(&accept)).await.map(drop)
            }
            Err(refused) => Err(refused),
        }
    }

    async fn call<B: Serialize, T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&B>,
    ) -> Result<T, ApiError> {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(token) = &self.access_token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await?;
        if response.status().is_success() {
            return Ok(response.json().await?);
        }
        let status: StatusCode = response.status();
        match response.json::<Problem>().await {
            Ok(problem) => Err(ApiError::Refused(problem)),
            Err(_) => Err(ApiError::Transport(format!("answer {status} without a problem body"))),
        }
    }
}

const NONE: Option<&()> = None;
