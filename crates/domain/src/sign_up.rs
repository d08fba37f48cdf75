// SPDX-License-Identifier: Apache-2.0
//! Who may create an account on the instance.

/// The instance's mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SignUpMode {
    /// Who has an invite.
    Invite,
    /// Anyone.
    Open,
    /// Nobody; the admin creates accounts.
    Closed,
}

/// What the person brings. Whether the invite is usable is decided by [`crate::invites`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Invitation {
    /// No invite.
    None,
    /// An invite's code.
    Invite,
}

/// The decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[must_use]
pub enum SignUp {
    /// Go on.
    Allowed,
    /// An invite is needed.
    InviteOnly,
    /// No new accounts at all.
    Closed,
}

/// Decides whether a person with this invitation may create an account.
pub const fn decide(mode: SignUpMode, invitation: Invitation) -> SignUp {
    match (mode, invitation) {
        (SignUpMode::Closed, Invitation::None | Invitation::Invite) => SignUp::Closed,
        (SignUpMode::Invite, Invitation::None) => SignUp::InviteOnly,
        (SignUpMode::Invite, Invitation::Invite) | (SignUpMode::Open, Invitation::None | Invitation::Invite) => {
            SignUp::Allowed
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invite_opens_invite_mode_and_never_closed_mode() {
        assert_eq!(decide(SignUpMode::Invite, Invitation::None), SignUp::InviteOnly);
        assert_eq!(decide(SignUpMode::Invite, Invitation::Invite), SignUp::Allowed);
        assert_eq!(decide(SignUpMode::Open, Invitation::None), SignUp::Allowed);
        assert_eq!(decide(SignUpMode::Open, Invitation::Invite), SignUp::Allowed);
        assert_eq!(decide(SignUpMode::Closed, Invitation::None), SignUp::Closed);
        assert_eq!(decide(SignUpMode::Closed, Invitation::Invite), SignUp::Closed);
    }
}
