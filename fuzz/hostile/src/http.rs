// SPDX-License-Identifier: Apache-2.0
//! HTTP requests, through everything that answers them: a line with method and path, lines of headers,
//! an empty line, the body. `{access}`, `{community}`, `{text}`, `{room}` and `{user}` stand for real ones.
//!
//! Whatever comes: no fault of the server, every refusal in its one shape, and nothing done for who
//! did not show a token; nor for a cookie alone that comes from another page.

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, header};
use axum::response::Response;
use http_body_util::BodyExt;
use tower::ServiceExt;
use voz_protocol::errors::Problem;

use crate::instance::{self, Instance, PORT};

/// What anyone may read.
const OPEN: [&str; 2] = ["/api/v1/instance", "/api/v1/invites/"];

/// Answers the request.
pub fn run(data: &[u8]) {
    let end = data.windows(2).position(|pair| pair == b"\n\n").unwrap_or(data.len());
    let (head, body) = data.split_at(end);
    let Ok(head) = std::str::from_utf8(head) else { return };
    instance::with(|instance| answer(instance, head, body.get(2..).unwrap_or_default()));
}

fn answer(instance: &Instance, head: &str, body: &[u8]) {
    let Some((method, path)) = head.lines().next().and_then(|line| line.split_once(' ')) else { return };
    let Ok(method) = Method::from_bytes(method.as_bytes()) else { return };
    if spares(&method, path) {
        return;
    }
    let mut request = Request::builder().method(method.clone()).uri(filled(instance, &method, path));
    for line in head.lines().skip(1) {
        if let Some((name, value)) = line.split_once(": ") {
            request = request.header(name, filled(instance, &method, value));
        }
    }
    let body = match std::str::from_utf8(body) {
        Ok(text) => Body::from(filled(instance, &method, text)),
        Err(_) => Body::from(body.to_vec()),
    };
    let Ok(mut request) = request.body(body) else { return };
    request.extensions_mut().insert(instance.connection.clone());
    let path = request.uri().path().to_owned();
    let headers = request.headers().clone();
    let (response, body) = instance.runtime.block_on(async {
        let response = instance.router.clone().oneshot(request).await.unwrap_or_else(|never| match never {});
        let (parts, body) = response.into_parts();
        let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
        (Response::from_parts(parts, ()), body)
    });
    judge(instance, &method, &path, &headers, &response, &body);
}

/// Requests that would take the instance away from those that come later, or hash a password, which
/// is slow on purpose.
fn spares(method: &Method, path: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    match *method {
        Method::POST => path.contains("/api/v1/sessions") && !path.ends_with("/refresh"),
        Method::DELETE => path.contains("sessions") || path.contains("{text}") || path.contains("{room}"),
        _ => false,
    }
}

fn filled(instance: &Instance, method: &Method, text: &str) -> String {
    // The real ids could be part of the corpus only by chance, but a path is matched after decoding.
    let text = text.replace("{community}", &instance.community).replace("{user}", &instance.owner);
    let text = match *method {
        Method::DELETE => text,
        _ => text.replace("{text}", &instance.text_channel).replace("{room}", &instance.room),
    };
    text.replace("{access}", &instance.access)
}

fn judge(instance: &Instance, method: &Method, path: &str, headers: &HeaderMap, response: &Response<()>, body: &[u8]) {
    let status = response.status();
    // No media thread runs here, and that is told.
    let voiceless = status.as_u16() == 503 && (path == "/readyz" || contains(body, b"voice_unavailable"));
    assert!(status.as_u16() < 500 || voiceless, "{method} {path}: {status} {}", String::from_utf8_lossy(body));
    if !path.starts_with("/api/") {
        return;
    }
    if status.is_client_error() && *method != Method::HEAD {
        let problem: Problem = serde_json::from_slice(body)
            .unwrap_or_else(|error| panic!("{method} {path}: {status} is no problem: {error}"));
        assert_eq!(problem.status, status.as_u16());
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
    }
    if !status.is_success() || OPEN.iter().any(|open| path.starts_with(open) && method.is_safe()) {
        return;
    }
    let shows = |name| headers.get_all(name).iter().any(|it| contains(it.as_bytes(), instance.access.as_bytes()));
    let (bearer, cookie) = (shows(header::AUTHORIZATION), shows(header::COOKIE));
    assert!(bearer || cookie, "{method} {path} was done for nobody");
    if !bearer && !method.is_safe() {
        let origin = headers.get(header::ORIGIN).map(|origin| origin.as_bytes());
        let ours = |host: &str| format!("http://{host}:{PORT}");
        let known = ["127.0.0.1", "localhost", "[::1]"].map(ours);
        let is_ours = |origin: &[u8]| known.iter().any(|known| origin.eq_ignore_ascii_case(known.as_bytes()));
        assert!(origin.is_some_and(is_ours), "{method} {path} was done for a page of {origin:?}");
    }
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}
