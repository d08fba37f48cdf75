// SPDX-License-Identifier: Apache-2.0
//! Access and refresh tokens, as text: how the real one is bent (or not at all: the text itself), then
//! bytes. Only the real one opens, and it still does after whatever was presented.

use voz_server::clock;

use crate::input::Input;
use crate::instance::{self, Instance, anywhere};

/// Characters of a refresh token that name its session: whoever has them has had the token, and a wrong
/// rest ends the session, as it should.
const FAMILY: usize = 21;

/// Presents the text.
pub fn run(data: &[u8]) {
    let mut input = Input::new(data);
    instance::with(|instance| match input.below(3) {
        0 => {
            let Ok(text) = std::str::from_utf8(input.rest()) else { return };
            present(instance, text);
        }
        1 => present(instance, &bent(&instance.access, input)),
        _ => present(instance, &bent(&instance.refresh, input)),
    });
}

/// The token with some characters exchanged, left out or put in.
fn bent(token: &str, mut input: Input<'_>) -> String {
    let mut bytes = token.as_bytes().to_vec();
    while !input.is_empty() {
        let (kind, at, by) = (input.byte(), usize::from(input.byte()), input.byte() & 0x7F);
        match kind % 3 {
            0 if at < bytes.len() => bytes[at] = by,
            1 if at < bytes.len() => drop(bytes.remove(at)),
            _ if at <= bytes.len() && bytes.len() < 200 => bytes.insert(at, by),
            _ => {}
        }
    }
    String::from_utf8(bytes).unwrap_or_default()
}

fn present(instance: &Instance, text: &str) {
    let Instance { runtime, app, access, refresh, .. } = instance;
    let opens = runtime.block_on(app.authenticate(&clock::moment(), text)).is_ok();
    assert_eq!(opens, text == access, "{text:?}");
    if text.get(..FAMILY) != refresh.get(..FAMILY) {
        let refreshed = runtime.block_on(app.refresh(&mut clock::moment(), anywhere(), text));
        assert!(refreshed.is_err(), "{text:?} is taken for a refresh token");
    }
    let still = runtime.block_on(app.authenticate(&clock::moment(), access));
    assert!(still.is_ok_and(|actor| actor.username == "ana"), "the real token opens no more");
}
