// SPDX-License-Identifier: Apache-2.0
//! Pages of other origins get nothing done with a browser's cookies.

use reqwest::StatusCode;
use serde_json::json;
use tokio_tungstenite::tungstenite;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use crate::harness::{Instance, PASSWORD, answer};

/// A browser's cookie header after `ana` signed in.
async fn cookie(instance: &Instance) -> String {
    let url = &instance.running.url;
    let request = reqwest::Client::new().post(format!("{url}/api/v1/sessions")).header("origin", url);
    let signed_in = answer(request.json(&json!({ "username": "ana", "password": PASSWORD }))).await;
    let pairs = signed_in.headers.get_all("set-cookie").iter();
    let pairs = pairs.map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap().to_owned());
    pairs.collect::<Vec<_>>().join("; ")
}

#[tokio::test]
async fn an_unsafe_request_with_a_cookie_needs_our_origin() {
    let instance = Instance::start().await;
    instance.set_up().await;
    let (url, cookie) = (instance.running.url.clone(), cookie(&instance).await);
    let port = instance.running.address.port();
    let http = reqwest::Client::new();
    for origin in [None, Some("https://evil.example"), Some("null"), Some(&*format!("http://localhost:{port}"))] {
        for request in [
            http.delete(format!("{url}/api/v1/sessions/current")),
            http.post(format!("{url}/api/v1/sessions/refresh")).json(&json!({})),
        ] {
            let mut request = request.header("cookie", &cookie);
            if let Some(origin) = origin {
                request = request.header("origin", origin);
            }
            let refused = answer(request).await;
            assert_eq!((refused.status, refused.code()), (StatusCode::FORBIDDEN, "origin_refused"), "{origin:?}");
        }
    }
    // Nothing of this ended the session, and reading needs no Origin.
    let me = answer(http.get(format!("{url}/api/v1/me")).header("cookie", &cookie)).await;
    assert_eq!(me.status, StatusCode::OK);
}

#[tokio::test]
async fn no_other_page_can_sign_a_browser_in() {
    let instance = Instance::start().await;
    instance.set_up().await;
    let url = &instance.running.url;
    let request =
        reqwest::Client::new().post(format!("{url}/api/v1/sessions")).header("origin", "https://evil.example");
    let refused = answer(request.json(&json!({ "username": "ana", "password": PASSWORD }))).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::FORBIDDEN, "origin_refused"));
    assert!(!refused.headers.contains_key("set-cookie"));
}

#[tokio::test]
async fn a_bearer_token_needs_no_origin_and_is_not_helped_by_a_cookie() {
    let instance = Instance::start().await;
    let owner = instance.set_up().await;
    let url = &instance.running.url;
    let request = owner.http.get(format!("{url}/api/v1/me")).header("origin", "https://elsewhere.example");
    assert_eq!(answer(request.bearer_auth(owner.token.as_deref().unwrap())).await.status, StatusCode::OK);

    let cookie = cookie(&instance).await;
    for authorization in ["Bearer wrong", "Basic YTpi", "Bearer"] {
        let request = owner.http.get(format!("{url}/api/v1/me")).header("cookie", &cookie);
        let refused = answer(request.header("authorization", authorization)).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::UNAUTHORIZED, "unauthenticated"), "{authorization}");
    }
}

#[tokio::test]
async fn a_gateway_opened_with_a_cookie_needs_our_origin() {
    let instance = Instance::start().await;
    instance.set_up().await;
    let (url, cookie) = (instance.running.url.clone(), cookie(&instance).await);
    let open = async |origin: Option<&str>| {
        let mut request = (url.replacen("http", "ws", 1) + "/api/v1/gateway").into_client_request().unwrap();
        request.headers_mut().insert("cookie", cookie.parse().unwrap());
        if let Some(origin) = origin {
            request.headers_mut().insert("origin", origin.parse().unwrap());
        }
        match tokio_tungstenite::connect_async(request).await {
            Ok((_, response)) => response.status().as_u16(),
            Err(tungstenite::Error::Http(response)) => response.status().as_u16(),
            Err(error) => panic!("{error}"),
        }
    };
    assert_eq!(open(None).await, 403);
    assert_eq!(open(Some("https://evil.example")).await, 403);
    assert_eq!(open(Some(&url)).await, 101);
}
