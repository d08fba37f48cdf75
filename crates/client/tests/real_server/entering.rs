// SPDX-License-Identifier: Apache-2.0
//! Ways in, and what is told when there is none.

use std::fs;
use std::net::TcpListener;

use serde_json::json;

use crate::instance::{COMMUNITY, Instance, PASSWORD};

#[test]
fn an_invite_signs_up_and_signs_in_again_even_when_it_is_used_up() {
    let instance = Instance::start();
    let invite = instance.invite(json!({ "max_uses": 1 }));
    for _ in 0..2 {
        instance.person("bia", &invite).with(&["--seconds", "0.2"]).run().well();
    }
    // A whole link is as good as its code, and a name alone is enough for whoever is in.
    let link = format!("{}/invite/{invite}", instance.voz.url);
    instance.person("bia", &link).with(&["--seconds", "0.2"]).run().well();
    let password = instance.file("password");
    let member = || instance.client().with(&["--username", "bia"]).with_file("--password-file", password.clone());
    member().with(&["--community", COMMUNITY, "--seconds", "0.2"]).run().well();

    instance.person("caio", &invite).run().badly("the invite is used up");
    fs::write(instance.file("wrong"), "another password").unwrap();
    let with_wrong_password = |invite: &str| {
        let client = instance.client().with(&["--invite", invite, "--username", "bia"]);
        client.with_file("--password-file", instance.file("wrong"))
    };
    with_wrong_password(&invite).run().badly("the invite is used up");
    with_wrong_password(&instance.invite(json!({}))).run().badly("the user name or the password is wrong");
}

#[test]
fn an_invite_signs_in_where_nobody_signs_up() {
    let instance = Instance::closed();
    let invite = instance.invite(json!({}));
    instance.person("dona", &invite).with(&["--seconds", "0.2"]).run().well();
    instance.person("caio", &invite).run().badly("the server takes no new accounts");
}

#[test]
fn a_token_from_a_file_is_enough() {
    let instance = Instance::start();
    let with_token = |token: &str| {
        fs::write(instance.file("token"), token).unwrap();
        instance.client().with_file("--token-file", instance.file("token"))
    };
    with_token(&format!("{}\n", instance.owner_token)).with(&["--seconds", "0.2"]).run().well();
    with_token("wrong").run().badly("sign in again");
    with_token("with\na line end").run().badly("token");
    with_token("").run().badly("is empty");
}

#[test]
fn what_is_wrong_is_told_in_a_sentence() {
    let instance = Instance::start();
    instance.guest("bia").with(&["--seconds", "0"]).run().well();
    instance.person("bia", "nothing").with(&["--seconds", "0"]).run().badly("there is no such invite");
    let in_room = |name: &str| instance.guest("bia").in_room(name);
    in_room("Sala 9").run().badly("no room is called \"Sala 9\"; there are: \"Sala 1\"");
    instance.make_room("Sala 1");
    in_room("Sala 1").run().badly("several rooms");
    instance.guest("bia").with(&["--community", "Outra"]).run().badly("no community called \"Outra\"");

    let missing = instance.file("missing.wav");
    instance.guest("bia").with_file("--play", missing).run().badly("missing.wav");
    fs::write(instance.file("text.wav"), "no sound at all").unwrap();
    let no_sound = instance.guest("bia").with_file("--play", instance.file("text.wav"));
    no_sound.run().badly("neither a WAV nor an Ogg Opus file");
    let nobody = instance.client().with(&["--username", "bia"]).with_file("--password-file", instance.file("none"));
    nobody.run().badly("can't read");
    instance.guest("x").run().badly("; the user name is too short: take a longer one");
}

#[test]
fn a_server_that_is_not_there_is_told_at_once() {
    let instance = Instance::start();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let to = |url: &str| instance.guest("bia").at_server(url);
    to(&format!("http://{free}")).run().badly("the server can't be reached: ");
    to(&format!("{}/elsewhere", instance.voz.url)).run().badly("is not that of Voz do Povo");
    to("https://127.0.0.1").run().badly("no TLS");
    to("127.0.0.1:80").run().badly("no http:// address");
    fs::write(instance.file("token"), &instance.owner_token).unwrap();
    let with_token = instance.client().with_file("--token-file", instance.file("token"));
    let told = with_token.at_server(&format!("http://{free}")).run().told();
    assert!(told.starts_with("voz-client: the gateway can't be reached: "), "{told}");
    assert_eq!(told.matches("os error").count(), 1, "{told}");
}

#[test]
fn a_server_that_says_when_to_come_back_is_asked_again_then() {
    let instance = Instance::start_with(&["127.0.0.1"], &[("sign_in_per_network", "1/2s")]);
    instance.guest("bia").with(&["--seconds", "0"]).run().well();
    let member = || {
        let client = instance.client().with(&["--username", "bia", "--seconds", "0"]);
        client.with_file("--password-file", instance.file("password"))
    };
    let ended = [member().spawn(), member().spawn(), member().spawn()].map(|client| client.wait());
    let told: String = ended.iter().map(|ended| ended.told()).collect();
    assert!(told.contains("too many tries"), "{told}");
    // Of one person the last join counts: the others are told so, but nobody is turned away.
    for ended in ended {
        assert!(!ended.told().contains("voz-client: too many tries"), "{}", ended.told());
    }
}

#[test]
fn no_password_and_no_token_is_in_what_it_logs() {
    let instance = Instance::start();
    fs::write(instance.file("token"), &instance.owner_token).unwrap();
    let seen = [instance.guest("bia"), instance.client().with_file("--token-file", instance.file("token"))]
        .map(|client| client.with(&["--seconds", "0.2"]).with_env("RUST_LOG", "trace").run().told());
    assert!(seen.iter().all(|told| told.contains("TRACE")), "{seen:?}");
    for told in seen.into_iter().chain([instance.voz.log()]) {
        assert!(!told.contains(PASSWORD) && !told.contains(&instance.owner_token));
        assert!(!told.contains("Bearer ey") && !told.contains("\"password\":\""));
    }
}

#[test]
fn the_command_line_explains_itself() {
    let instance = Instance::start();
    let help = instance.client().with(&["--help"]).run().told();
    for word in ["--invite <CODE>", "--token-file <FILE>", "--record <FILE>", "Exit code: 0", "Ogg Opus"] {
        assert!(help.contains(word), "{word} is not in {help}");
    }
    for wrong in [&["--seconds", "-1"][..], &["--seconds", "NaN"], &["--password", "secret"], &[]] {
        let told = instance.client().with(wrong).run().told();
        assert!(told.starts_with("error: "), "{wrong:?}: {told}");
    }
}
