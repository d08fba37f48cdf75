// SPDX-License-Identifier: Apache-2.0
//! Invites: the code in the link, and whether it still opens the door.

use std::fmt;

use time::{Duration, OffsetDateTime};

use crate::fields::FieldError;

/// Characters of a code: lower-case letters and digits without the look-alikes `0 o 1 i l`.
pub const CODE_ALPHABET: &[u8; 31] = b"23456789abcdefghjkmnpqrstuvwxyz";
/// Length of a code, in characters: 31^10 is 49.5 bits.
pub const CODE_LENGTH: usize = 10;
/// Most uses an invite may be given.
pub const USES_MAX: u32 = 1000;
/// Shortest life of an invite.
pub const LIFETIME_MIN: Duration = Duration::minutes(5);
/// Life of an invite for which none was asked.
pub const LIFETIME_DEFAULT: Duration = Duration::days(7);
/// Longest life of an invite.
pub const LIFETIME_MAX: Duration = Duration::days(30);

/// The code of an invite; the link is `/invite/<code>`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct InviteCode(String);

impl InviteCode {
    /// A new code. The bias of the remainder is below 2^-78.
    pub fn from_random(random: [u8; 16]) -> Self {
        let mut number = u128::from_be_bytes(random);
        let base = CODE_ALPHABET.len() as u128;
        let code = (0..CODE_LENGTH).map(|_| {
            let digit = (number % base) as usize;
            number /= base;
            char::from(CODE_ALPHABET[digit])
        });
        InviteCode(code.collect())
    }

    /// A code as somebody typed it: case does not matter. `None`: it can't be a code.
    pub fn parse(text: &str) -> Option<Self> {
        let code = text.trim().to_ascii_lowercase();
        (code.len() == CODE_LENGTH && code.bytes().all(|byte| CODE_ALPHABET.contains(&byte)))
            .then_some(InviteCode(code))
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for InviteCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// All of an invite that decides whether it may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InviteTerms {
    /// How often it may be used; `None`: without limit.
    pub max_uses: Option<u32>,
    /// How often it was used.
    pub uses: u32,
    /// From when on it is over; `None`: never.
    pub expires_at: Option<OffsetDateTime>,
    /// When it was taken back.
    pub revoked_at: Option<OffsetDateTime>,
}

/// What an invite is at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[must_use]
pub enum InviteState {
    /// It opens the door.
    Usable,
    /// Its time is over.
    Expired,
    /// It was used as often as it allows.
    UsedUp,
    /// It was taken back.
    Revoked,
}

impl InviteTerms {
    /// The state at `now`. Where several are true, the one that a person did comes first.
    pub fn state(&self, now: OffsetDateTime) -> InviteState {
        if self.revoked_at.is_some() {
            InviteState::Revoked
        } else if self.expires_at.is_some_and(|expires_at| expires_at <= now) {
            InviteState::Expired
        } else if self.max_uses.is_some_and(|max_uses| self.uses >= max_uses) {
            InviteState::UsedUp
        } else {
            InviteState::Usable
        }
    }

    /// Uses left; `None`: without limit.
    pub fn uses_left(&self) -> Option<u32> {
        self.max_uses.map(|max_uses| max_uses.saturating_sub(self.uses))
    }
}

/// Checks the asked number of uses: 1–1000, or without limit.
///
/// # Errors
/// `OutOfRange`.
pub fn max_uses(asked: Option<u32>) -> Result<Option<u32>, FieldError> {
    match asked {
        None | Some(1..=USES_MAX) => Ok(asked),
        Some(_) => Err(FieldError::OutOfRange),
    }
}

/// Life of an invite for which `asked_s` seconds were asked: 5 minutes to 30 days, 7 days when absent.
///
/// # Errors
/// `OutOfRange`.
pub fn lifetime(asked_s: Option<u32>) -> Result<Duration, FieldError> {
    let Some(asked_s) = asked_s else {
        return Ok(LIFETIME_DEFAULT);
    };
    let asked = Duration::seconds(i64::from(asked_s));
    if (LIFETIME_MIN..=LIFETIME_MAX).contains(&asked) { Ok(asked) } else { Err(FieldError::OutOfRange) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(seconds).unwrap()
    }

    #[test]
    fn an_invite_through_its_life() {
        let terms = InviteTerms { max_uses: Some(2), uses: 1, expires_at: Some(at(100)), revoked_at: None };
        assert_eq!(terms.state(at(99)), InviteState::Usable);
        assert_eq!(terms.uses_left(), Some(1));
        assert_eq!(terms.state(at(100)), InviteState::Expired);
        assert_eq!(InviteTerms { uses: 2, ..terms }.state(at(99)), InviteState::UsedUp);
        assert_eq!(InviteTerms { uses: 2, ..terms }.state(at(100)), InviteState::Expired);
        assert_eq!(InviteTerms { revoked_at: Some(at(5)), uses: 2, ..terms }.state(at(100)), InviteState::Revoked);
        assert_eq!(
            InviteTerms { max_uses: None, uses: u32::MAX, expires_at: None, revoked_at: None }.state(at(0)),
            InviteState::Usable
        );
    }

    #[test]
    fn what_may_be_asked() {
        assert_eq!(max_uses(None), Ok(None));
        assert_eq!(max_uses(Some(0)), Err(FieldError::OutOfRange));
        assert_eq!(max_uses(Some(1000)), Ok(Some(1000)));
        assert_eq!(max_uses(Some(1001)), Err(FieldError::OutOfRange));
        assert_eq!(lifetime(None), Ok(Duration::days(7)));
        assert_eq!(lifetime(Some(299)), Err(FieldError::OutOfRange));
        assert_eq!(lifetime(Some(300)), Ok(Duration::minutes(5)));
        assert_eq!(lifetime(Some(2_592_000)), Ok(Duration::days(30)));
        assert_eq!(lifetime(Some(2_592_001)), Err(FieldError::OutOfRange));
    }

    proptest! {
        #[test]
        fn a_code_is_read_back_in_any_case(random in any::<[u8; 16]>()) {
            let code = InviteCode::from_random(random);
            prop_assert_eq!(code.as_str().len(), CODE_LENGTH);
            let parsed = InviteCode::parse(&code.as_str().to_uppercase());
            prop_assert_eq!(parsed.as_ref(), Some(&code));
        }

        #[test]
        fn no_look_alike_is_a_code(position in 0..CODE_LENGTH, alike in prop::sample::select(vec!['0', 'o', '1', 'i', 'l', 'é', '/'])) {
            let mut code: Vec<char> = InviteCode::from_random([7; 16]).as_str().chars().collect();
            code[position] = alike;
            prop_assert_eq!(InviteCode::parse(&code.into_iter().collect::<String>()), None);
        }

        #[test]
        fn a_use_more_never_makes_an_invite_usable_again(uses in 0_u32..5, max in prop::option::of(0_u32..5), expires in prop::option::of(0_i64..5), now in 0_i64..5) {
            let terms = InviteTerms { max_uses: max, uses, expires_at: expires.map(at), revoked_at: None };
            if terms.state(at(now)) != InviteState::Usable {
                prop_assert_ne!(InviteTerms { uses: uses + 1, ..terms }.state(at(now)), InviteState::Usable);
                prop_assert_ne!(InviteTerms { uses: uses + 1, ..terms }.state(at(now + 1)), InviteState::Usable);
            }
        }
    }
}
