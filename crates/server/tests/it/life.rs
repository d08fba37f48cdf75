// SPDX-License-Identifier: Apache-2.0
//! The life of an instance by HTTP: set-up, accounts, invites, channels, messages, restarts.

use reqwest::StatusCode;
use serde_json::{Value, json};
use voz_server::config::Secret;

use crate::harness::{Instance, PASSWORD};

#[tokio::test]
async fn a_fresh_instance_is_alive_ready_and_asks_for_its_set_up() {
    let instance = Instance::start().await;
    let anyone = instance.anyone();
    assert_eq!(anyone.get("/healthz").await.status, StatusCode::OK);
    assert_eq!(anyone.get("/readyz").await.status, StatusCode::OK);
    let answer = anyone.get("/api/v1/instance").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.body["needs_setup"], true);
    assert_eq!(answer.body["version"], env!("CARGO_PKG_VERSION"));
}

#[tokio::test]
async fn the_set_up_link_works_once() {
    let instance = Instance::start().await;
    let anyone = instance.anyone();
    let check = |token: &str| json!({ "token": token });

    let wrong = anyone.post("/api/v1/setup/check", check("x")).await;
    assert_eq!((wrong.status, wrong.code()), (StatusCode::FORBIDDEN, "setup_token_invalid"));
    let right = anyone.post("/api/v1/setup/check", check(instance.setup_token())).await;
    assert_eq!(right.status, StatusCode::NO_CONTENT);

    let mut incomplete = instance.setup_request();
    incomplete["password"] = json!("");
    let refused = anyone.post("/api/v1/setup", incomplete).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::UNPROCESSABLE_ENTITY, "validation"));
    assert!(refused.body["fields"].get("password").is_some(), "{}", refused.body);

    let owner = instance.set_up().await;
    let me = owner.get("/api/v1/me").await;
    assert_eq!((me.text("/user/username").as_str(), &me.body["instance_admin"]), ("ana", &json!(true)));
    let about = anyone.get("/api/v1/instance").await;
    assert_eq!((about.text("/name").as_str(), &about.body["needs_setup"]), ("Voz da escola", &json!(false)));

    let again = anyone.post("/api/v1/setup", instance.setup_request()).await;
    assert_eq!((again.status, again.code()), (StatusCode::CONFLICT, "setup_done"));
    let again = anyone.post("/api/v1/setup/check", check(instance.setup_token())).await;
    assert_eq!((again.status, again.code()), (StatusCode::CONFLICT, "setup_done"));
}

#[tokio::test]
async fn an_invite_brings_a_second_person_in_and_is_then_used_up() {
    let instance = Instance::start().await;
    let owner = instance.set_up().await;
    let community = owner.communities().await.remove(0);
    let path = format!("/api/v1/communities/{}/invites", community["community"]["id"].as_str().unwrap());
    let invite = owner.post(&path, json!({ "max_uses": 1 })).await;
    assert_eq!(invite.status, StatusCode::CREATED, "{}", invite.body);
    let code = invite.text("/code");

    let anyone = instance.anyone();
    let preview = anyone.get(&format!("/api/v1/invites/{code}")).await;
    assert_eq!(preview.status, StatusCode::OK);
    assert_eq!(preview.text("/community_name"), "Escola");
    assert_eq!(preview.text("/rules/text"), "Respeito.");
    assert_eq!(preview.text("/inviter/username"), "ana");
    assert_eq!((&preview.body["member_count"], &preview.body["uses_left"]), (&json!(1), &json!(1)));

    let sign_up = |name: &str, version: u32| {
        json!({
            "username": name, "password": PASSWORD, "transport": "bearer",
            "invite": { "code": code, "rules_version": version },
        })
    };
    let stale = anyone.post("/api/v1/accounts", sign_up("bia", 9)).await;
    assert_eq!((stale.status, stale.code()), (StatusCode::CONFLICT, "rules_changed"));
    let taken = anyone.post("/api/v1/accounts", sign_up("Ana", 1)).await;
    assert_eq!((taken.status, taken.code()), (StatusCode::CONFLICT, "username_taken"));
    let joined = anyone.post("/api/v1/accounts", sign_up("bia", 1)).await;
    assert_eq!(joined.status, StatusCode::CREATED, "{}", joined.body);
    let bia = anyone.clone().with_token(&joined);
    let hers = bia.communities().await;
    assert_eq!((hers.len(), &hers[0]["members"].as_array().unwrap().len()), (1, &2));

    for refused in [
        anyone.get(&format!("/api/v1/invites/{code}")).await,
        anyone.post("/api/v1/accounts", sign_up("caio", 1)).await,
    ] {
        assert_eq!((refused.status, refused.code()), (StatusCode::GONE, "invite_used_up"));
    }
    let unknown = anyone.get("/api/v1/invites/nosuchcode").await;
    assert_eq!((unknown.status, unknown.code()), (StatusCode::NOT_FOUND, "invite_not_found"));
}

#[tokio::test]
async fn messages_are_kept_in_order_and_a_repeated_nonce_stores_none() {
    let instance = Instance::start().await;
    let owner = instance.set_up().await;
    let community = owner.communities().await.remove(0);
    let channels = community["channels"].as_array().unwrap();
    let text = channels.iter().find(|channel| channel["kind"] == "text").unwrap();
    let path = format!("/api/v1/channels/{}/messages", text["id"].as_str().unwrap());

    let mut ids = Vec::new();
    for index in 0..5 {
        let message = json!({ "content": format!("oi {index}"), "nonce": format!("n{index}") });
        let first = owner.post(&path, message.clone()).await;
        assert_eq!(first.status, StatusCode::CREATED, "{}", first.body);
        let again = owner.post(&path, message).await;
        assert_eq!((again.status, &again.body), (StatusCode::OK, &first.body));
        ids.push(first.text("/id"));
    }
    let page = owner.get(&format!("{path}?limit=2")).await;
    let listed = |page: &Value| -> Vec<String> {
        let items = page["items"].as_array().unwrap();
        items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!((listed(&page.body), &page.body["has_more"]), (ids[3..].to_vec(), &json!(true)));
    let older = owner.get(&format!("{path}?limit=3&before={}", ids[3])).await;
    assert_eq!((listed(&older.body), &older.body["has_more"]), (ids[..3].to_vec(), &json!(false)));
    let newer = owner.get(&format!("{path}?after={}", ids[2])).await;
    assert_eq!(listed(&newer.body), ids[3..].to_vec());

    let empty = owner.post(&path, json!({ "content": "  ", "nonce": "e" })).await;
    assert_eq!((empty.status, empty.code()), (StatusCode::UNPROCESSABLE_ENTITY, "validation"));
}

#[tokio::test]
async fn messages_beyond_the_rate_are_told_when_to_come_back() {
    let instance = Instance::start_with(|config| {
        config.limits.rates.message_per_user.0.burst = 2;
        config.limits.rates.message_per_user.0.period = std::time::Duration::from_secs(600);
    })
    .await;
    let owner = instance.set_up().await;
    let community = owner.communities().await.remove(0);
    let channels = community["channels"].as_array().unwrap();
    let text = channels.iter().find(|channel| channel["kind"] == "text").unwrap();
    let path = format!("/api/v1/channels/{}/messages", text["id"].as_str().unwrap());
    for index in 0..2 {
        let sent = owner.post(&path, json!({ "content": "oi", "nonce": format!("n{index}") })).await;
        assert_eq!(sent.status, StatusCode::CREATED);
    }
    let refused = owner.post(&path, json!({ "content": "oi", "nonce": "n2" })).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::TOO_MANY_REQUESTS, "rate_limited"));
    let seconds: u32 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert_eq!(refused.body["retry_after_s"], seconds);
    assert!((1..=300).contains(&seconds), "{seconds}");
}

#[tokio::test]
async fn a_session_ends_on_the_server_and_its_refresh_tokens_work_once() {
    let instance = Instance::start().await;
    instance.set_up().await;
    let anyone = instance.anyone();
    let sign_in = |password: &str| json!({ "username": "ANA", "password": password, "transport": "bearer" });
    let wrong = anyone.post("/api/v1/sessions", sign_in("not the password")).await;
    assert_eq!((wrong.status, wrong.code()), (StatusCode::UNAUTHORIZED, "invalid_credentials"));
    let first = anyone.post("/api/v1/sessions", sign_in(PASSWORD)).await;
    assert_eq!(first.status, StatusCode::CREATED);
    assert!(!first.headers.contains_key("set-cookie"));

    let refresh = |token: &str| json!({ "refresh_token": token });
    let second = anyone.post("/api/v1/sessions/refresh", refresh(&first.text("/refresh_token"))).await;
    assert_eq!(second.status, StatusCode::OK, "{}", second.body);
    // The successor is used, so the predecessor's use is a theft: the session ends.
    let third = anyone.post("/api/v1/sessions/refresh", refresh(&second.text("/refresh_token"))).await;
    assert_eq!(third.status, StatusCode::OK);
    let stolen = anyone.post("/api/v1/sessions/refresh", refresh(&first.text("/refresh_token"))).await;
    assert_eq!((stolen.status, stolen.code()), (StatusCode::UNAUTHORIZED, "unauthenticated"));
    let dead = anyone.clone().with_token(&third).get("/api/v1/me").await;
    assert_eq!((dead.status, dead.code()), (StatusCode::UNAUTHORIZED, "unauthenticated"));

    let person = anyone.clone().with_token(&anyone.post("/api/v1/sessions", sign_in(PASSWORD)).await);
    assert_eq!(person.get("/api/v1/me").await.status, StatusCode::OK);
    assert_eq!(person.delete("/api/v1/sessions/current").await.status, StatusCode::NO_CONTENT);
    let ended = person.get("/api/v1/me").await;
    assert_eq!(
        (ended.status, ended.headers["www-authenticate"].to_str().unwrap()),
        (StatusCode::UNAUTHORIZED, "Bearer")
    );
}

#[tokio::test]
async fn a_link_that_was_handed_out_outlives_a_restart_and_the_wizard_uses_them_all_up() {
    let instance = Instance::start().await;
    let earlier = instance.setup_token().to_owned();
    let instance = instance.restart().await;
    let anyone = instance.anyone();
    let check = async |token: &str| anyone.post("/api/v1/setup/check", json!({ "token": token })).await;
    assert_eq!(check(&earlier).await.status, StatusCode::NO_CONTENT);
    assert_eq!(check(instance.setup_token()).await.status, StatusCode::NO_CONTENT);
    let mut request = instance.setup_request();
    request["token"] = json!(earlier);
    assert_eq!(anyone.post("/api/v1/setup", request).await.status, StatusCode::CREATED);
    assert_eq!(check(instance.setup_token()).await.code(), "setup_done");
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_a_restart() {
    let instance = Instance::start().await;
    let owner = instance.set_up().await;
    let community = owner.communities().await.remove(0);
    let channels = community["channels"].as_array().unwrap();
    let text = channels.iter().find(|channel| channel["kind"] == "text").unwrap();
    let path = format!("/api/v1/channels/{}/messages", text["id"].as_str().unwrap());
    let sent = owner.post(&path, json!({ "content": "fica", "nonce": "1" })).await;
    assert_eq!(sent.status, StatusCode::CREATED);

    let instance = instance.restart().await;
    assert!(instance.running.setup_link.is_none());
    let mut owner = owner;
    owner.url = instance.running.url.clone();
    let page = owner.get(&path).await;
    assert_eq!(page.body["items"], json!([sent.body]));
}

#[tokio::test]
async fn an_unknown_path_and_method_of_the_api_are_problems() {
    let instance = Instance::start().await;
    let anyone = instance.anyone();
    let unknown = anyone.get("/api/v1/nothing").await;
    assert_eq!((unknown.status, unknown.code()), (StatusCode::NOT_FOUND, "not_found"));
    let gone = anyone.get("/_app/immutable/of-an-older-page.js").await;
    assert_eq!((gone.status, gone.code()), (StatusCode::NOT_FOUND, "not_found"));
    let method = anyone.delete("/api/v1/instance").await;
    assert_eq!((method.status, method.code()), (StatusCode::METHOD_NOT_ALLOWED, "bad_request"));
}

#[tokio::test]
async fn on_postgresql_life_is_the_same() {
    let database = voz_testkit::postgres::new_database();
    let instance = Instance::start_with(|config| config.database_url = Some(Secret::new(database))).await;
    let owner = instance.set_up().await;
    let community = owner.communities().await.remove(0);
    let channels = community["channels"].as_array().unwrap();
    let text = channels.iter().find(|channel| channel["kind"] == "text").unwrap();
    let path = format!("/api/v1/channels/{}/messages", text["id"].as_str().unwrap());
    let sent = owner.post(&path, json!({ "content": "fica", "nonce": "1" })).await;
    assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.body);
    assert!(!std::fs::exists(instance.config.data_dir.join("voz.sqlite3")).unwrap());

    let instance = instance.restart().await;
    assert_eq!(instance.anyone().get("/readyz").await.status, StatusCode::OK);
    let owner = crate::harness::Program { url: instance.running.url.clone(), ..owner };
    assert_eq!(owner.get(&path).await.body["items"], json!([sent.body]));
}
