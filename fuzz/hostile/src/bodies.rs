// SPDX-License-Identifier: Apache-2.0
//! Bodies of requests: which, then JSON. What is read is written and read again as the same; then the
//! rules that its fields have to keep.

use serde::Serialize;
use serde::de::DeserializeOwned;
use voz_domain::fields::FieldError;
use voz_domain::invites::{self, InviteCode};
use voz_domain::names::{self, Username};
use voz_domain::passwords;
use voz_protocol::accounts::SignUpRequest;
use voz_protocol::channels::{CreateChannelRequest, UpdateChannelRequest};
use voz_protocol::communities::VoiceMuteRequest;
use voz_protocol::gateway::{ClientFrame, ServerEvent};
use voz_protocol::invites::{AcceptInviteRequest, CreateInviteRequest};
use voz_protocol::messages::{HistoryQuery, SendMessageRequest};
use voz_protocol::sessions::{RefreshRequest, SignInRequest};
use voz_protocol::setup::{SetupCheck, SetupRequest};

/// Reads the body.
pub fn run(data: &[u8]) {
    let Some((kind, body)) = data.split_first() else { return };
    match kind {
        b'a' => on(body, |request: SignUpRequest| {
            credentials(&request.username, &request.password);
            request.invite.iter().for_each(|invite| code(&invite.code));
        }),
        b'b' => on(body, |request: SignInRequest| credentials(&request.username, &request.password)),
        b'c' => on(body, |_: RefreshRequest| {}),
        b'd' => on(body, |_: SetupCheck| {}),
        b'e' => on(body, |request: SetupRequest| {
            credentials(&request.username, &request.password);
            let community = &request.community;
            for text in [&request.instance_name, &community.name, &community.text_channel, &community.room] {
                settled(text, names::name, names::NAME_MAX, Lines::One);
            }
            settled(&community.rules, names::rules, names::RULES_MAX, Lines::Many);
        }),
        b'f' => on(body, |request: SendMessageRequest| {
            settled(&request.content, names::message, names::MESSAGE_MAX, Lines::Many);
            settled(&request.nonce, names::nonce, names::NONCE_MAX, Lines::One);
        }),
        b'g' => on(body, |request: CreateChannelRequest| {
            settled(&request.name, names::name, names::NAME_MAX, Lines::One);
        }),
        b'h' => on(body, |request: UpdateChannelRequest| {
            settled(&request.name, names::name, names::NAME_MAX, Lines::One);
        }),
        b'i' => on(body, |request: VoiceMuteRequest| {
            let reason = |text: &str| names::reason(text).map(Option::unwrap_or_default);
            request.reason.iter().for_each(|text| settled(text, reason, names::REASON_MAX, Lines::One));
        }),
        b'j' => on(body, |request: CreateInviteRequest| {
            let uses = invites::max_uses(request.max_uses);
            assert!(uses.is_err() || uses.is_ok_and(|uses| uses.is_none_or(|uses| (1..=1000).contains(&uses))));
            let lifetime = invites::lifetime(request.expires_in_s);
            assert!(lifetime.is_err() || lifetime.is_ok_and(|life| (300..=2_592_000).contains(&life.whole_seconds())));
        }),
        b'k' => on(body, |_: AcceptInviteRequest| {}),
        b'l' => on(body, |_: HistoryQuery| {}),
        b'm' => on(body, |_: ClientFrame| {}),
        b'n' => on(body, |_: ServerEvent| {}),
        _ => {
            let Ok(text) = std::str::from_utf8(body) else { return };
            credentials(text, text);
            code(text);
            settled(text, names::name, names::NAME_MAX, Lines::One);
            settled(text, names::message, names::MESSAGE_MAX, Lines::Many);
            settled(text, names::rules, names::RULES_MAX, Lines::Many);
        }
    }
}

fn on<T: Serialize + DeserializeOwned>(body: &[u8], check: impl FnOnce(T)) {
    let Ok(request) = serde_json::from_slice::<T>(body) else { return };
    let written =
        serde_json::to_string(&request).unwrap_or_else(|error| panic!("what was read is not written: {error}"));
    let again = serde_json::from_str::<T>(&written).unwrap_or_else(|error| panic!("{error}: {written}"));
    let twice = serde_json::to_string(&again).unwrap_or_default();
    assert_eq!(written, twice, "reading again gives another request");
    check(request);
}

enum Lines {
    One,
    Many,
}

/// A rule either refuses a text or gives one that it takes again as it is, and that fits.
fn settled(text: &str, rule: impl Fn(&str) -> Result<String, FieldError>, most: usize, lines: Lines) {
    let Ok(kept) = rule(text) else { return };
    assert!(kept.chars().count() <= most);
    let hostile = |char: char| match lines {
        Lines::One => char.is_control(),
        Lines::Many => char.is_control() && !matches!(char, '\n' | '\t'),
    };
    assert!(!kept.contains(hostile), "{kept:?} has a control character");
    assert_eq!(rule(&kept).as_ref(), Ok(&kept), "kept and checked again it is another text");
}

fn credentials(username: &str, password: &str) {
    let Ok(username) = Username::parse(username) else { return };
    assert!(username.as_str().is_ascii() && (2..=32).contains(&username.as_str().len()));
    assert_eq!(Username::parse(&username.key()).map(|key| key.key()), Ok(username.key()));
    if passwords::check(password, &username).is_ok() {
        assert!((10..=256).contains(&password.chars().count()));
        assert!(!password.to_lowercase().replace(&username.key(), "").is_empty(), "the name is the password");
    }
}

fn code(text: &str) {
    let Some(code) = InviteCode::parse(text) else { return };
    assert!(code.as_str().len() == 10 && InviteCode::parse(code.as_str()) == Some(code));
}
