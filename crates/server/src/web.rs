// SPDX-License-Identifier: Apache-2.0
//! The web client, embedded in the binary: files, their caching, and the headers that fence them in.
//!
//! A path that is no file and no part of the API is a screen of the client, which draws it itself.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Write;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, OnceLock};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};
use voz_protocol::errors::ErrorCode;

use crate::http::origin::{OwnOrigin, PublicUrl};
use crate::http::problem::Refused;

#[derive(RustEmbed)]
#[folder = "../../web/build"]
#[allow_missing = true]
struct Embedded;

/// The page that starts the client, at whatever screen the path names.
const START_PAGE: &str = "index.html";
/// Files whose name holds their hash.
const IMMUTABLE: &str = "_app/immutable/";
const NO_CLIENT: &str = "This voz was built without the web client. / Este voz foi compilado sem o cliente web.\n";

/// Where the files come from.
#[derive(Debug, Clone)]
pub enum WebClient {
    /// From the binary.
    Embedded(Arc<HashMap<String, File>>),
    /// From a folder, read anew at each request: for work on the client.
    Folder(PathBuf),
}

/// A file of the client.
#[derive(Debug)]
pub struct File {
    bytes: Bytes,
    etag: String,
    content_type: String,
    gzip: OnceLock<Option<Bytes>>,
}

impl File {
    fn new(path: &str, bytes: Bytes, sha256: [u8; 32]) -> Self {
        let kind = mime_guess::from_path(path).first_or_octet_stream();
        let text = kind.type_() == mime_guess::mime::TEXT || path.ends_with(".js") || path.ends_with(".json");
        let content_type = if text { format!("{kind}; charset=utf-8") } else { kind.to_string() };
        let etag = sha256.iter().take(12).fold("\"".to_owned(), |text, byte| text + &format!("{byte:02x}")) + "\"";
        File { bytes, etag, content_type, gzip: OnceLock::new() }
    }

    /// Compressed at the first request for it and kept; `None` where that gains nothing.
    fn gzip(&self) -> Option<&Bytes> {
        let compress = || {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
            encoder.write_all(&self.bytes).ok()?;
            let packed = encoder.finish().ok()?;
            (packed.len() < self.bytes.len() * 9 / 10).then(|| Bytes::from(packed))
        };
        self.gzip.get_or_init(compress).as_ref()
    }
}

impl WebClient {
    /// The client that was built into this binary.
    pub fn embedded() -> Self {
        let files = Embedded::iter().filter_map(|path| {
            let file = Embedded::get(&path)?;
            let bytes = match file.data {
                Cow::Borrowed(bytes) => Bytes::from_static(bytes),
                Cow::Owned(bytes) => Bytes::from(bytes),
            };
            let entry = File::new(&path, bytes, file.metadata.sha256_hash());
            Some((path.into_owned(), entry))
        });
        WebClient::Embedded(Arc::new(files.collect()))
    }

    fn respond(&self, path: &str, headers: &HeaderMap) -> Option<Response> {
        match self {
            WebClient::Embedded(files) => files.get(path).map(|file| respond(path, file, headers)),
            WebClient::Folder(folder) => {
                let only_names = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
                let bytes = only_names.then(|| std::fs::read(folder.join(path)).ok()).flatten()?;
                let sha256 = Sha256::digest(&bytes).into();
                Some(respond(path, &File::new(path, bytes.into(), sha256), headers))
            }
        }
    }
}

/// Answers what no route answers: a file, a screen, or nothing.
pub async fn fallback(State(client): State<WebClient>, request: Request) -> Response {
    let path = request.uri().path().trim_start_matches('/');
    if path == "api" || path.starts_with("api/") {
        return Refused::because(ErrorCode::NotFound).into_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Refused::method_not_allowed().into_response();
    }
    let headers = request.headers();
    let path = if path.is_empty() { START_PAGE } else { path };
    if let Some(response) = client.respond(path, headers).or_else(|| client.respond(&format!("{path}.html"), headers)) {
        return response;
    }
    // A file that an old page asks for is not a screen.
    if path.starts_with("_app/") {
        return Refused::because(ErrorCode::NotFound).into_response();
    }
    client.respond(START_PAGE, headers).unwrap_or_else(|| (StatusCode::NOT_FOUND, NO_CLIENT).into_response())
}

fn respond(path: &str, file: &File, request: &HeaderMap) -> Response {
    let cache = if path.starts_with(IMMUTABLE) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut response = Response::new(Body::empty());
    let fits = |name: HeaderName, wanted: &str| {
        let values = request.get_all(name).iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).any(|value| {
            let (value, quality) = value.split_once(';').unwrap_or((value, ""));
            value.trim().trim_start_matches("W/") == wanted && quality.replace(' ', "") != "q=0"
        })
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(etag) = HeaderValue::from_str(&file.etag) {
        headers.insert(header::ETAG, etag);
    }
    if fits(header::IF_NONE_MATCH, &file.etag) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return response;
    }
    if let Ok(content_type) = HeaderValue::from_str(&file.content_type) {
        headers.insert(header::CONTENT_TYPE, content_type);
    }
    let packed = if fits(header::ACCEPT_ENCODING, "gzip") { file.gzip() } else { None };
    if packed.is_some() {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        // One tag for two forms of the same content is a weak one (RFC 9110 §8.8.1).
        if let Ok(etag) = HeaderValue::from_str(&format!("W/{}", file.etag)) {
            headers.insert(header::ETAG, etag);
        }
    }
    *response.body_mut() = Body::from(packed.unwrap_or(&file.bytes).clone());
    response
}

/// The headers that every answer carries.
#[derive(Debug, Clone)]
pub struct Fence(Arc<Vec<(HeaderName, HeaderValue)>>);

impl Fence {
    /// For an instance that browsers reach under this origin.
    pub fn new(origin: &OwnOrigin) -> Self {
        // Safari before 15.4 does not count ws as 'self', so the socket is named too. CSP has no
        // form for a literal IPv6 address.
        let socket = match origin {
            OwnOrigin::Public(url) => socket_of(url),
            OwnOrigin::Loopback { port } => format!("ws://localhost:{port} ws://127.0.0.1:{port}"),
        };
        let policy = format!(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; \
             connect-src 'self' {socket}; media-src 'self' blob:; manifest-src 'self'; worker-src 'self'; \
             base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
             trusted-types svelte-trusted-html sveltekit-trusted-url"
        );
        let mut headers = vec![
            (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
            (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
            (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
            (
                HeaderName::from_static("permissions-policy"),
                HeaderValue::from_static("microphone=(self), camera=(), geolocation=(), payment=(), usb=()"),
            ),
        ];
        if let Ok(policy) = HeaderValue::from_str(&policy) {
            headers.push((header::CONTENT_SECURITY_POLICY, policy));
        }
        Fence(Arc::new(headers))
    }
}

fn socket_of(url: &PublicUrl) -> String {
    format!("{}://{}", if url.is_https() { "wss" } else { "ws" }, url.authority())
}

/// Puts the [`Fence`] around whatever is answered. What does not say how long it may be kept is not kept.
pub async fn fence(State(fence): State<Fence>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.extend(fence.0.iter().cloned());
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
