// SPDX-License-Identifier: Apache-2.0
//! The HTTP API, as far as a voice client needs it.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use reqwest::{Client, Method, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use voz_protocol::accounts::{AcceptedInvite, SignUpRequest};
use voz_protocol::communities::Community;
use voz_protocol::errors::{ErrorCode, Problem};
use voz_protocol::invites::{AcceptInviteRequest, InvitePreview};
use voz_protocol::sessions::{SignInRequest, SignedIn, Transport};

use crate::words;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a call may wait in all for a server that says when to come back.
const LONGEST_WAIT_S: u32 = 60;

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
            ApiError::Refused(problem) => f.write_str(&words::refusal(problem)),
            ApiError::Transport(error) => write!(f, "the server can't be reached: {error}"),
        }
    }
}

impl std::error::Error for ApiError {}

impl From<reqwest::Error> for ApiError {
    /// The deepest cause says it best.
    fn from(error: reqwest::Error) -> Self {
        if error.is_timeout() {
            return ApiError::Transport("no answer in time".to_owned());
        }
        let mut cause: &dyn Error = &error;
        while let Some(deeper) = cause.source() {
            cause = deeper;
        }
        if cause.is::<serde_json::Error>() {
            return ApiError::Transport("its answer is not that of Voz do Povo: is the address right?".to_owned());
        }
        ApiError::Transport(cause.to_string())
    }
}

impl ApiError {
    fn code(&self) -> Option<ErrorCode> {
        match self {
            ApiError::Refused(problem) => Some(problem.code),
            ApiError::Transport(_) => None,
        }
    }
}

/// A server, and perhaps a session on it.
#[derive(Clone)]
pub struct Api {
    http: Client,
    base: String,
    access_token: Option<String>,
}

impl Api {
    /// `server` is the address that a browser would open, without a path.
    ///
    /// # Errors
    /// When the address is not one of http.
    pub fn new(server: &str) -> Result<Self, ApiError> {
        if !server.starts_with("http://") {
            return Err(ApiError::Transport(format!("{server:?} is no http:// address, and this client has no TLS")));
        }
        // Neither the gateway nor voice would take a proxy.
        let http = Client::builder().no_proxy().connect_timeout(CONNECT_TIMEOUT).timeout(ANSWER_TIMEOUT).build()?;
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

    /// Signs up by invite; where the name exists, or sign-up is closed, signs in and accepts the invite. For
    /// somebody who is in already, an invite that is used up or gone is as good.
    ///
    /// # Errors
    /// What sign-up, sign-in or the invite are refused for.
    pub async fn enter_by_invite(&mut self, code: &str, username: &str, password: &str) -> Result<(), ApiError> {
        let preview: InvitePreview = match self.call(Method::GET, &format!("/api/v1/invites/{code}"), NONE).await {
            Ok(preview) => preview,
            Err(gone) if gone.code().is_some_and(is_about_the_invite) => {
                let gone = self.sign_in_instead(gone, username, password).await?;
                return self.accept_invite(code, 0).await.map_err(|_| gone);
            }
            Err(refused) => return Err(refused),
        };
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
            Err(refused) if refused.code() == Some(ErrorCode::UsernameTaken) => {
                self.sign_in(username, password).await?;
                self.accept_invite(code, rules_version).await
            }
            Err(closed) if closed.code() == Some(ErrorCode::SignUpClosed) => {
                self.sign_in_instead(closed, username, password).await?;
                self.accept_invite(code, rules_version).await
            }
            Err(refused) => Err(refused),
        }
    }

    /// Signs in after a refusal, and hands it back; it is also what somebody without an account is told.
    async fn sign_in_instead(
        &mut self,
        refused: ApiError,
        username: &str,
        password: &str,
    ) -> Result<ApiError, ApiError> {
        match self.sign_in(username, password).await {
            Ok(()) => Ok(refused),
            Err(wrong) if wrong.code() == Some(ErrorCode::InvalidCredentials) => Err(refused),
            Err(other) => Err(other),
        }
    }

    async fn accept_invite(&self, code: &str, rules_version: u32) -> Result<(), ApiError> {
        let accept = AcceptInviteRequest { rules_version };
        let path = format!("/api/v1/invites/{code}/accept");
        self.call::<_, Community>(Method::POST, &path, Some(&accept)).await.map(drop)
    }

    /// Calls, and calls again as long as the server only says to come back later.
    async fn call<B: Serialize, T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&B>,
    ) -> Result<T, ApiError> {
        let mut waited_s = 0;
        loop {
            let refused = match self.call_once(method.clone(), path, body).await {
                Err(ApiError::Refused(problem)) => problem,
                answered => return answered,
            };
            match refused.retry_after_s {
                Some(seconds) if waited_s + seconds <= LONGEST_WAIT_S => {
                    tracing::warn!(seconds, "{}", words::refusal(&refused));
                    tokio::time::sleep(Duration::from_secs(seconds.into())).await;
                    waited_s += seconds.max(1);
                }
                _ => return Err(ApiError::Refused(refused)),
            }
        }
    }

    async fn call_once<B: Serialize, T: DeserializeOwned>(
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
            Err(_) => Err(ApiError::Transport(format!(
                "its answer ({status}) is not that of Voz do Povo: is the address right?"
            ))),
        }
    }
}

const NONE: Option<&()> = None;

fn is_about_the_invite(code: ErrorCode) -> bool {
    use ErrorCode::{InviteExpired, InviteNotFound, InviteRevoked, InviteUsedUp};
    matches!(code, InviteExpired | InviteNotFound | InviteRevoked | InviteUsedUp)
}
