// SPDX-License-Identifier: Apache-2.0
//! Sessions: how long tokens live, and what a refresh token that is presented means.
//!
//! A refresh token is used once and replaced by its successor. An answer can be lost on the way,
//! so the predecessor stays valid until the successor, or the access token that came with it, is
//! first used: whoever lost the answer asks again. After that the predecessor in anybody's hand
//! means that it was copied, and the whole family (the session) ends (RFC 9700 §4.14.2).

use time::{Duration, OffsetDateTime};

/// Life of an access token.
pub const ACCESS_LIFETIME: Duration = Duration::minutes(15);
/// Life of a refresh token; each rotation begins it anew.
pub const REFRESH_LIFETIME: Duration = Duration::days(30);

/// SHA-256 of a token: tokens are random and never stored themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash(pub [u8; 32]);

/// Which refresh token of a session was presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Presented {
    /// The newest one.
    Current,
    /// The one before it.
    Predecessor,
}

/// Whether the newest tokens of a session have come back from the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Successor {
    /// Neither the current access token nor the current refresh token was used yet.
    Unused,
    /// One of them was: the client holds them.
    Used,
}

/// All of a session that decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionTerms {
    /// From when on the current access token is over.
    pub access_expires_at: OffsetDateTime,
    /// From when on the refresh token is over.
    pub refresh_expires_at: OffsetDateTime,
    /// When the session was ended.
    pub revoked_at: Option<OffsetDateTime>,
}

/// What to do with a refresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[must_use]
pub enum Refresh {
    /// Issue new tokens; the presented one becomes the predecessor.
    Rotate,
    /// Issue new tokens in place of those that were lost; the predecessor stays the predecessor.
    Reissue,
    /// The token was copied: end the session.
    KillFamily,
    /// The session is over: answer unauthenticated, change nothing.
    Refuse,
}

impl SessionTerms {
    /// Whether the session, whatever its tokens, is still there.
    pub fn alive(&self, now: OffsetDateTime) -> bool {
        self.revoked_at.is_none() && now < self.refresh_expires_at
    }

    /// Whether the current access token opens anything at `now`.
    pub fn access_valid(&self, now: OffsetDateTime) -> bool {
        self.revoked_at.is_none() && now < self.access_expires_at
    }

    /// Decides about a refresh token of this session.
    pub fn refresh(&self, presented: Presented, successor: Successor, now: OffsetDateTime) -> Refresh {
        if !self.alive(now) {
            return Refresh::Refuse;
        }
        match (presented, successor) {
            (Presented::Current, Successor::Unused | Successor::Used) => Refresh::Rotate,
            (Presented::Predecessor, Successor::Unused) => Refresh::Reissue,
            (Presented::Predecessor, Successor::Used) => Refresh::KillFamily,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(seconds).unwrap()
    }

    fn terms() -> SessionTerms {
        SessionTerms { access_expires_at: at(10), refresh_expires_at: at(100), revoked_at: None }
    }

    #[test]
    fn a_lost_answer_logs_nobody_out() {
        assert_eq!(terms().refresh(Presented::Predecessor, Successor::Unused, at(50)), Refresh::Reissue);
    }

    #[test]
    fn real_reuse_kills_the_family() {
        assert_eq!(terms().refresh(Presented::Predecessor, Successor::Used, at(50)), Refresh::KillFamily);
    }

    #[test]
    fn ends_are_exclusive() {
        assert!(terms().access_valid(at(9)) && !terms().access_valid(at(10)));
        assert!(terms().alive(at(99)) && !terms().alive(at(100)));
    }

    /// A session as storage keeps it: numbers stand for tokens.
    #[derive(Debug)]
    struct Kept {
        current: u32,
        previous: Option<u32>,
        successor: Successor,
        revoked: bool,
    }

    impl Kept {
        /// The token issued, if any.
        fn present(&mut self, token: u32, fresh: u32) -> Option<u32> {
            let presented = if token == self.current {
                Presented::Current
            } else if Some(token) == self.previous {
                Presented::Predecessor
            } else {
                return None;
            };
            let terms = SessionTerms { revoked_at: self.revoked.then(|| at(1)), ..terms() };
            match terms.refresh(presented, self.successor, at(50)) {
                Refresh::Rotate => self.previous = Some(token),
                Refresh::Reissue => {}
                Refresh::KillFamily => {
                    self.revoked = true;
                    return None;
                }
                Refresh::Refuse => return None,
            }
            (self.current, self.successor) = (fresh, Successor::Unused);
            Some(fresh)
        }
    }

    proptest! {
        /// However often answers get lost, an honest client alone is never signed out.
        #[test]
        fn an_honest_client_stays_signed_in(losses in prop::collection::vec((any::<bool>(), any::<bool>()), 1..60)) {
            let mut kept = Kept { current: 0, previous: None, successor: Successor::Unused, revoked: false };
            let mut held = 0;
            for (fresh, (lost, used)) in (1..).zip(losses) {
                let issued = kept.present(held, fresh);
                prop_assert_eq!(issued, Some(fresh));
                if !lost {
                    held = fresh;
                    if used {
                        kept.successor = Successor::Used;
                    }
                }
            }
        }

        /// A thief who refreshes with a copied token is found out as soon as both have used theirs.
        #[test]
        fn thief_and_owner_never_both_stay(rounds in 1_u32..20) {
            let mut kept = Kept { current: 0, previous: None, successor: Successor::Unused, revoked: false };
            for fresh in 1..=rounds {
                kept.present(fresh - 1, fresh).unwrap();
                kept.successor = Successor::Used;
            }
            // The thief copied what the client holds now, and comes first.
            let copied = rounds;
            prop_assert_eq!(kept.present(copied, 1000), Some(1000));
            kept.successor = Successor::Used;
            prop_assert_eq!(kept.present(copied, 1001), None);
            prop_assert!(kept.revoked);
            prop_assert_eq!(kept.present(1000, 1002), None);
        }

        #[test]
        fn a_dead_session_issues_nothing(predecessor in any::<bool>(), used in any::<bool>(), now in 0_i64..200, revoked in prop::option::of(0_i64..200)) {
            let presented = if predecessor { Presented::Predecessor } else { Presented::Current };
            let successor = if used { Successor::Used } else { Successor::Unused };
            let terms = SessionTerms { revoked_at: revoked.map(at), ..terms() };
            let dead = revoked.is_some() || now >= 100;
            prop_assert_eq!(terms.refresh(presented, successor, at(now)) == Refresh::Refuse, dead);
        }
    }
}
