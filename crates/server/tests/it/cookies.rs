// SPDX-License-Identifier: Apache-2.0
//! Sessions of browsers: how the cookies look, and that they work.

use reqwest::StatusCode;
use serde_json::{Value, json};
use voz_server::http::origin::PublicUrl;

use crate::harness::{Answer, Instance, PASSWORD, answer};

fn set_cookies(answer: &Answer) -> Vec<String> {
    answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap().to_owned()).collect()
}

/// Signs `ana` in like the web client does, from a page of `origin`.
async fn sign_in(instance: &Instance, origin: &str) -> Answer {
    let anyone = instance.anyone();
    let request = anyone.http.post(format!("{}/api/v1/sessions", anyone.url)).header("origin", origin);
    answer(request.json(&json!({ "username": "ana", "password": PASSWORD }))).await
}

#[tokio::test]
async fn on_loopback_they_carry_the_port_and_nothing_a_script_can_read() {
    let instance = Instance::start().await;
    instance.set_up().await;
    let port = instance.running.address.port();
    let signed_in = sign_in(&instance, &instance.running.url).await;
    assert_eq!(signed_in.status, StatusCode::CREATED, "{}", signed_in.body);
    assert_eq!(signed_in.body.get("access_token"), None);
    assert_eq!(signed_in.body.get("refresh_token"), None);
    let cookies = set_cookies(&signed_in);
    assert_eq!(cookies.len(), 2);
    for (cookie, name) in cookies.iter().zip([format!("voz_access_{port}="), format!("voz_refresh_{port}=")]) {
        assert!(cookie.starts_with(&name), "{cookie}");
        let attributes: Vec<&str> = cookie.split("; ").skip(1).collect();
        assert!(attributes.contains(&"HttpOnly"), "{cookie}");
        assert!(attributes.contains(&"SameSite=Strict"), "{cookie}");
        assert!(attributes.contains(&"Path=/"), "{cookie}");
        assert!(!cookie.contains("Secure") && !cookie.contains("Domain"), "{cookie}");
    }
    assert!(cookies[0].contains("Max-Age=900"), "{}", cookies[0]);
}

#[tokio::test]
async fn under_a_public_url_over_tls_they_are_host_cookies() {
    let public = PublicUrl::parse("https://voz.example.org").unwrap();
    let instance = Instance::start_with(|config| config.public_url = Some(public)).await;
    assert!(instance.running.setup_link.as_deref().unwrap().starts_with("https://voz.example.org/setup#"));
    let anyone = crate::harness::Program { url: format!("http://{}", instance.running.address), ..instance.anyone() };
    let answer = anyone.post("/api/v1/setup", {
        let mut request = instance.setup_request();
        request["transport"] = json!("cookie");
        request
    });
    let cookies = set_cookies(&answer.await);
    assert_eq!(cookies.len(), 2);
    for (cookie, name) in cookies.iter().zip(["__Host-voz_access=", "__Host-voz_refresh="]) {
        assert!(cookie.starts_with(name) && cookie.contains("; Secure") && cookie.contains("; Path=/;"), "{cookie}");
    }
}

#[tokio::test]
async fn they_sign_in_refresh_and_are_forgotten_at_sign_out() {
    let instance = Instance::start().await;
    instance.set_up().await;
    let url = instance.running.url.clone();
    let browser = reqwest::Client::builder().cookie_store(true).build().unwrap();
    let post = |path: &str, body: Value| browser.post(format!("{url}{path}")).header("origin", &url).json(&body);

    let signed_in = answer(post("/api/v1/sessions", json!({ "username": "ana", "password": PASSWORD }))).await;
    assert_eq!(signed_in.status, StatusCode::CREATED);
    let me = || answer(browser.get(format!("{url}/api/v1/me")));
    assert_eq!(me().await.text("/user/username"), "ana");

    let refreshed = answer(post("/api/v1/sessions/refresh", json!({}))).await;
    assert_eq!((refreshed.status, set_cookies(&refreshed).len()), (StatusCode::OK, 2));
    assert_eq!(refreshed.body.get("refresh_token"), None);
    assert_eq!(me().await.status, StatusCode::OK);

    let out = answer(browser.delete(format!("{url}/api/v1/sessions/current")).header("origin", &url)).await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    assert!(set_cookies(&out).iter().all(|cookie| cookie.contains("Max-Age=0")), "{:?}", set_cookies(&out));
    assert_eq!(me().await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_refused_refresh_has_the_browser_forget_them() {
    let instance = Instance::start().await;
    let (url, port) = (&instance.running.url, instance.running.address.port());
    let request = reqwest::Client::new()
        .post(format!("{url}/api/v1/sessions/refresh"))
        .header("origin", url)
        .header("cookie", format!("voz_refresh_{port}=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"))
        .json(&json!({}));
    let refused = answer(request).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::UNAUTHORIZED, "unauthenticated"));
    assert_eq!(set_cookies(&refused).len(), 2);
}
