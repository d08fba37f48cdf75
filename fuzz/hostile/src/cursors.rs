// SPDX-License-Identifier: Apache-2.0
//! Cursors and names of streams: a sequence, then text. What is sealed opens; whatever else opens is
//! the one text that sealing gives.

use uuid::Uuid;
use voz_app::streams::Cursors;
use voz_domain::ids::{CommunityId, StreamId, UserId};

use crate::input::Input;

/// Seals the sequence, and opens the text.
pub fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let cursors = Cursors::new(&[7; 32]);
    let number = Uuid::from_u128(input.byte().into());
    let (stream, other) = (StreamId::Community(CommunityId(number)), StreamId::User(UserId(number)));
    let sequence = i64::from(input.u32()) << 31 | i64::from(input.u32() >> 1);

    let sealed = cursors.seal(stream, sequence);
    assert_eq!((sealed.len(), cursors.open(stream, &sealed)), (22, Some(sequence)));
    assert_eq!(cursors.open(other, &sealed), None);
    assert_eq!(Cursors::new(&[8; 32]).open(stream, &sealed), None);

    let Ok(text) = std::str::from_utf8(input.rest()) else { return };
    for place in [stream, other] {
        if let Some(sequence) = cursors.open(place, text) {
            assert_eq!(cursors.seal(place, sequence), text, "two texts are one cursor");
        }
    }
    if let Ok(stream) = text.parse::<StreamId>() {
        assert_eq!(stream.to_string().parse(), Ok(stream));
    }
}
