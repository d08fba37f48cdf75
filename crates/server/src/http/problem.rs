// SPDX-License-Identifier: Apache-2.0
//! The one mapping from refusals to the wire: RFC 9457 problem+json with a stable code.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use voz_app::AppError;
use voz_protocol::errors::{ErrorCode, Problem};

/// A refused request, as it goes out.
#[derive(Debug)]
pub struct Refused(Problem);

impl Refused {
    /// A refusal that nothing but its code explains.
    pub fn because(code: ErrorCode) -> Self {
        Refused(bare(code))
    }

    /// Why.
    pub fn code(&self) -> ErrorCode {
        self.0.code
    }

    /// RFC 9110 §15.5.6: the path exists, the method doesn't.
    pub fn method_not_allowed() -> Self {
        Refused(Problem { status: StatusCode::METHOD_NOT_ALLOWED.as_u16(), ..bare(ErrorCode::BadRequest) })
    }
}

impl From<AppError> for Refused {
    fn from(error: AppError) -> Self {
        Refused(problem(&error))
    }
}

/// A refusal of a use case as the body of an answer, by HTTP or by the gateway. A fault of the
/// server is logged here, once, under the id that the answer carries.
pub fn problem(error: &AppError) -> Problem {
    let code = error.code();
    let request_id = matches!(code, ErrorCode::Internal).then(|| format!("{:016x}", rand::random::<u64>()));
    if let Some(request_id) = &request_id {
        tracing::error!(request_id, error = error as &dyn std::error::Error, "a request failed");
    }
    Problem { fields: error.fields(), retry_after_s: error.retry_after_s(), request_id, ..bare(code) }
}

fn bare(code: ErrorCode) -> Problem {
    let name = serde_json::to_value(code).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default();
    Problem {
        kind: format!("urn:voz:error:{name}"),
        status: status(code).as_u16(),
        code,
        fields: std::collections::BTreeMap::new(),
        retry_after_s: None,
        request_id: None,
    }
}

/// The HTTP status of a code.
pub fn status(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::BadRequest | ErrorCode::CommandUnexpected => StatusCode::BAD_REQUEST,
        ErrorCode::Unauthenticated | ErrorCode::InvalidCredentials => StatusCode::UNAUTHORIZED,
        ErrorCode::Forbidden
        | ErrorCode::OriginRefused
        | ErrorCode::SetupTokenInvalid
        | ErrorCode::SignUpClosed
        | ErrorCode::SignUpInviteOnly => StatusCode::FORBIDDEN,
        ErrorCode::NotFound | ErrorCode::InviteNotFound => StatusCode::NOT_FOUND,
        ErrorCode::SetupDone
        | ErrorCode::UsernameTaken
        | ErrorCode::RulesChanged
        | ErrorCode::LimitReached
        | ErrorCode::RoomFull
        | ErrorCode::NotInRoom => StatusCode::CONFLICT,
        ErrorCode::InviteExpired | ErrorCode::InviteUsedUp | ErrorCode::InviteRevoked => StatusCode::GONE,
        ErrorCode::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorCode::Validation | ErrorCode::VoiceOfferUnsupported => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        ErrorCode::Overloaded | ErrorCode::VoiceUnavailable => StatusCode::SERVICE_UNAVAILABLE,
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let Refused(problem) = self;
        let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = problem.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            // RFC 9110 §11.6.1: a 401 names a way to prove who one is.
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
