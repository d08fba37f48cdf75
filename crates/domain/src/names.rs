// SPDX-License-Identifier: Apache-2.0
//! Names and texts that people type: what is allowed, and the form that is stored.
//!
//! Lengths are counted in characters (Unicode scalar values). No stored text holds a control
//! character: PostgreSQL can't store NUL, and the others only serve to deceive.

use std::fmt;

use crate::fields::FieldError;

/// Longest user name, in characters.
pub const USERNAME_MAX: usize = 32;
/// Shortest user name, in characters.
pub const USERNAME_MIN: usize = 2;
/// Longest name of a community, a channel or the instance, in characters.
pub const NAME_MAX: usize = 60;
/// Longest message, in characters.
pub const MESSAGE_MAX: usize = 4000;
/// Longest rules of a community, in characters.
pub const RULES_MAX: usize = 4000;
/// Longest reason given by a moderator, in characters.
pub const REASON_MAX: usize = 200;
/// Longest nonce of a message, in characters.
pub const NONCE_MAX: usize = 64;

/// A user name: 2–32 of `A–Z a–z 0–9 . _ -`, shown as its owner wrote it.
///
/// ASCII alone, so that no two names look the same and differ.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Username(String);

impl Username {
    /// Checks a user name.
    ///
    /// # Errors
    /// `TooShort`, `TooLong`, `Characters`.
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        let text = text.trim();
        if !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')) {
            return Err(FieldError::Characters);
        }
        match text.len() {
            0..USERNAME_MIN => Err(FieldError::TooShort),
            USERNAME_MIN..=USERNAME_MAX => Ok(Username(text.to_owned())),
            _ => Err(FieldError::TooLong),
        }
    }

    /// As its owner wrote it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in which a name is unique on the instance: lower case.
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Name of a community, a channel or the instance: trimmed, 1–60 characters, one line.
///
/// # Errors
/// `Empty`, `TooLong`, `Characters`.
pub fn name(text: &str) -> Result<String, FieldError> {
    let text = text.trim();
    if text.chars().any(is_deceptive) {
        return Err(FieldError::Characters);
    }
    match text.chars().count() {
        0 => Err(FieldError::Empty),
        1..=NAME_MAX => Ok(text.to_owned()),
        _ => Err(FieldError::TooLong),
    }
}

/// Content of a message: 1–4000 characters, not only white space; lines end in `\n`.
///
/// # Errors
/// `Empty`, `TooLong`, `Characters`.
pub fn message(text: &str) -> Result<String, FieldError> {
    let text = lines(text, MESSAGE_MAX)?;
    if text.trim().is_empty() { Err(FieldError::Empty) } else { Ok(text) }
}

/// Rules of a community, one a line: up to 4000 characters, trimmed; may be empty.
///
/// # Errors
/// `TooLong`, `Characters`.
pub fn rules(text: &str) -> Result<String, FieldError> {
    lines(text.trim(), RULES_MAX)
}

/// Reason of a moderator: trimmed, up to 200 characters, one line; empty is none.
///
/// # Errors
/// `TooLong`, `Characters`.
pub fn reason(text: &str) -> Result<Option<String>, FieldError> {
    let text = text.trim();
    if text.chars().any(is_deceptive) {
        return Err(FieldError::Characters);
    }
    match text.chars().count() {
        0 => Ok(None),
        1..=REASON_MAX => Ok(Some(text.to_owned())),
        _ => Err(FieldError::TooLong),
    }
}

/// Nonce of a message: 1–64 printable ASCII characters without space.
///
/// # Errors
/// `Empty`, `TooLong`, `Characters`.
pub fn nonce(text: &str) -> Result<String, FieldError> {
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(FieldError::Characters);
    }
    match text.len() {
        0 => Err(FieldError::Empty),
        1..=NONCE_MAX => Ok(text.to_owned()),
        _ => Err(FieldError::TooLong),
    }
}

/// Text of several lines, with `\r\n` and `\r` made `\n`.
fn lines(text: &str, max: usize) -> Result<String, FieldError> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    if text.chars().any(|char| is_deceptive(char) && !matches!(char, '\n' | '\t')) {
        return Err(FieldError::Characters);
    }
    if text.chars().count() > max { Err(FieldError::TooLong) } else { Ok(text) }
}

/// Control characters, line and paragraph separators, the byte order mark, zero-width space, and
/// the embedding and override controls of the bidirectional algorithm (UAX #9), which make a text
/// read otherwise than it is. Joiners and direction marks stay: emoji and right-to-left scripts need them.
const fn is_deceptive(char: char) -> bool {
    matches!(char,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{200b}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn user_names() {
        assert_eq!(Username::parse("Ana.Maria_2-b").map(|name| name.key()).as_deref(), Ok("ana.maria_2-b"));
        assert_eq!(Username::parse("Ana").map(|name| name.to_string()).as_deref(), Ok("Ana"));
        assert_eq!(Username::parse("a"), Err(FieldError::TooShort));
        assert_eq!(Username::parse(""), Err(FieldError::TooShort));
        assert_eq!(Username::parse(&"a".repeat(33)), Err(FieldError::TooLong));
        assert_eq!(Username::parse("ana maria"), Err(FieldError::Characters));
        assert_eq!(Username::parse("аna"), Err(FieldError::Characters), "a Cyrillic а");
        assert!(Username::parse(&"a".repeat(32)).is_ok());
    }

    #[test]
    fn names_are_trimmed_and_one_line() {
        assert_eq!(name("  Praça 🎉 ").as_deref(), Ok("Praça 🎉"));
        assert_eq!(name(" \n "), Err(FieldError::Empty));
        assert_eq!(name("a\nb"), Err(FieldError::Characters));
        assert_eq!(name("a\u{202e}b"), Err(FieldError::Characters));
        assert_eq!(name(&"ã".repeat(60)).map(|name| name.chars().count()), Ok(60));
        assert_eq!(name(&"ã".repeat(61)), Err(FieldError::TooLong));
        assert!(name("👩\u{200d}🚀").is_ok(), "emoji joined by a joiner");
    }

    #[test]
    fn messages_keep_their_lines() {
        assert_eq!(message("a\r\nb\rc\td").as_deref(), Ok("a\nb\nc\td"));
        assert_eq!(message(" \n\t "), Err(FieldError::Empty));
        assert_eq!(message(""), Err(FieldError::Empty));
        assert_eq!(message("a\0"), Err(FieldError::Characters));
        assert_eq!(message(&"x".repeat(4001)), Err(FieldError::TooLong));
        assert!(message(&"x".repeat(4000)).is_ok());
    }

    #[test]
    fn rules_reasons_and_nonces() {
        assert_eq!(rules("").as_deref(), Ok(""));
        assert_eq!(rules(" um\r\ndois\n").as_deref(), Ok("um\ndois"));
        assert_eq!(rules(&"x".repeat(4001)), Err(FieldError::TooLong));
        assert_eq!(reason("  "), Ok(None));
        assert_eq!(reason(" eco "), Ok(Some("eco".to_owned())));
        assert_eq!(reason(&"x".repeat(201)), Err(FieldError::TooLong));
        assert_eq!(nonce(""), Err(FieldError::Empty));
        assert_eq!(nonce("a b"), Err(FieldError::Characters));
        assert_eq!(nonce(&"x".repeat(65)), Err(FieldError::TooLong));
        assert_eq!(nonce("0b1c-2").as_deref(), Ok("0b1c-2"));
    }

    proptest! {
        #[test]
        fn what_was_accepted_is_accepted_again_unchanged(text in any::<String>()) {
            if let Ok(accepted) = name(&text) {
                prop_assert_eq!(name(&accepted), Ok(accepted));
            }
            if let Ok(accepted) = message(&text) {
                prop_assert_eq!(message(&accepted), Ok(accepted));
            }
            if let Ok(accepted) = rules(&text) {
                prop_assert_eq!(rules(&accepted), Ok(accepted));
            }
            if let Ok(accepted) = Username::parse(&text) {
                prop_assert_eq!(Username::parse(accepted.as_str()), Ok(accepted));
            }
        }

        #[test]
        fn nothing_stored_holds_nul(text in "[a\0 ]{0,8}") {
            for stored in [name(&text), message(&text), rules(&text), nonce(&text)].into_iter().flatten() {
                prop_assert!(!stored.contains('\0'));
            }
        }
    }
}
