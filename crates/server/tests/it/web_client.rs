// SPDX-License-Identifier: Apache-2.0
//! Files of the web client, from a folder: caching, screens, compression, and the headers around them.

use reqwest::{Method, StatusCode, redirect};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use voz_server::config::{Config, Flags};
use voz_server::start::{Running, start};
use voz_server::web::WebClient;

struct Site {
    running: Running,
    folders: [TempDir; 2],
}

const SCRIPT: &str =
    "export const words = ['um', 'dois', 'três', 'um', 'dois', 'três', 'um', 'dois', 'três', 'um', 'dois'];\n";

async fn site() -> Site {
    site_with(|_| {}).await
}

async fn site_with(change: impl FnOnce(&mut Config)) -> Site {
    let (data, web) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for (path, content) in [
        ("index.html", "<!doctype html><title>start</title>"),
        ("about.html", "<!doctype html><title>about</title>"),
        ("robots.txt", "User-agent: *\n"),
        ("_app/immutable/start.abc123.js", SCRIPT),
    ] {
        let path = web.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    std::fs::write(data.path().join("secret"), "secret").unwrap();
    let mut config = Config::load(Flags {
        data_dir: Some(data.path().to_owned()),
        listen: Some("127.0.0.1:0".parse().unwrap()),
        ..Flags::default()
    })
    .unwrap();
    config.voice.advertise = vec!["127.0.0.1".parse().unwrap()];
    config.limits.drain_s = 0;
    change(&mut config);
    let running = start(&config, WebClient::Folder(web.path().to_owned())).await.unwrap();
    Site { running, folders: [data, web] }
}

impl Site {
    async fn get(&self, path: &str, headers: &[(&str, &str)]) -> reqwest::Response {
        let client = reqwest::Client::builder().redirect(redirect::Policy::none()).build().unwrap();
        let mut request = client.request(Method::GET, format!("{}{path}", self.running.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap()
    }
}

fn header<'a>(response: &'a reqwest::Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn screens_get_the_start_page_and_files_themselves() {
    let site = site().await;
    for (path, status, kind, content) in [
        ("/", 200, "text/html; charset=utf-8", "start"),
        ("/setup", 200, "text/html; charset=utf-8", "start"),
        ("/invite/abc.def", 200, "text/html; charset=utf-8", "start"),
        ("/about", 200, "text/html; charset=utf-8", "about"),
        ("/robots.txt", 200, "text/plain; charset=utf-8", "User-agent"),
        ("/_app/immutable/start.abc123.js", 200, "text/javascript; charset=utf-8", "words"),
        ("/_app/immutable/gone.js", 404, "application/problem+json", "not_found"),
    ] {
        let response = site.get(path, &[]).await;
        assert_eq!((response.status().as_u16(), header(&response, "content-type")), (status, kind), "{path}");
        assert!(response.text().await.unwrap().contains(content), "{path}");
    }
}

#[tokio::test]
async fn no_path_leads_out_of_the_folder() {
    let site = site().await;
    for path in ["/../secret", "/%2e%2e/secret", "//etc/passwd", "/_app/../../secret", "/_app/%2e%2e%2fsecret"] {
        let body = site.get(path, &[]).await.text().await.unwrap();
        assert!(!body.contains("secret") && !body.contains("root:"), "{path}: {body}");
    }
}

#[tokio::test]
async fn hashed_files_are_kept_and_pages_are_asked_for_again() {
    let site = site().await;
    let script = site.get("/_app/immutable/start.abc123.js", &[]).await;
    assert_eq!(header(&script, "cache-control"), "public, max-age=31536000, immutable");
    let page = site.get("/setup", &[]).await;
    assert_eq!(header(&page, "cache-control"), "no-cache");
    let again = site.get("/setup", &[("if-none-match", header(&page, "etag"))]).await;
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    assert_eq!(header(&again, "etag"), header(&page, "etag"));
    for path in ["/api/v1/instance", "/api/v1/nothing", "/healthz", "/_app/immutable/gone.js"] {
        assert_eq!(header(&site.get(path, &[]).await, "cache-control"), "no-store", "{path}");
    }
    let other = site.get("/about", &[("if-none-match", header(&page, "etag"))]).await;
    assert_eq!(other.status(), StatusCode::OK);
}

#[tokio::test]
async fn text_is_compressed_for_who_takes_it() {
    let site = site().await;
    let path = "/_app/immutable/start.abc123.js";
    let packed = site.get(path, &[("accept-encoding", "br, gzip;q=0.9")]).await;
    assert_eq!((header(&packed, "content-encoding"), header(&packed, "vary")), ("gzip", "accept-encoding"));
    let bytes = packed.bytes().await.unwrap();
    assert!(bytes.starts_with(&[0x1f, 0x8b]) && bytes.len() < SCRIPT.len());
    for refused in ["identity", "gzip;q=0", "br"] {
        let plain = site.get(path, &[("accept-encoding", refused)]).await;
        assert_eq!(header(&plain, "content-encoding"), "", "{refused}");
        assert_eq!(plain.text().await.unwrap(), SCRIPT);
    }
}

#[tokio::test]
async fn every_answer_stands_behind_the_fence() {
    let site = site().await;
    let port = site.running.address.port();
    for path in ["/", "/_app/immutable/gone.js", "/healthz", "/api/v1/instance", "/api/v1/nothing"] {
        let response = site.get(path, &[]).await;
        let policy = header(&response, "content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"), "{path}: {policy}");
        assert!(policy.contains("require-trusted-types-for 'script'"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert!(
            policy.contains(&format!("connect-src 'self' ws://localhost:{port} ws://127.0.0.1:{port};")),
            "{policy}"
        );
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(header(&response, name), value, "{path}");
        }
        assert!(header(&response, "permissions-policy").starts_with("microphone=(self)"));
    }
}

#[tokio::test]
async fn pages_are_only_read() {
    let site = site().await;
    let client = reqwest::Client::new();
    let head = client.head(&site.running.url).send().await.unwrap();
    assert_eq!(head.status(), StatusCode::OK);
    assert!(head.headers()["content-length"].to_str().unwrap().parse::<usize>().unwrap() > 0);
    let post = client.post(&site.running.url).send().await.unwrap();
    assert_eq!(post.status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn a_client_that_takes_nothing_of_a_large_answer_is_cut_off() {
    let site = site_with(|config| {
        config.limits.connections = 1;
        config.limits.stalled_s = 1;
    })
    .await;
    // More than the buffers of the kernel hold.
    std::fs::write(site.folders[1].path().join("large.bin"), vec![0; 32 << 20]).unwrap();
    let mut silent = tokio::net::TcpStream::connect(site.running.address).await.unwrap();
    silent.write_all(b"GET /large.bin HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    // The one place is free again once the silent client was cut off.
    assert_eq!(site.get("/robots.txt", &[]).await.status(), StatusCode::OK);
    let mut received = Vec::new();
    let _ = silent.read_to_end(&mut received).await;
    assert!(received.len() < 32 << 20, "{}", received.len());
}
