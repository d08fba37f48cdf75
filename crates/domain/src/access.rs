// SPDX-License-Identifier: Apache-2.0
//! The one place where access to a community is decided. `app` asks here, and the gateway's
//! visibility filter asks the same function.
//!
//! Who is not in a community never learns that it, or anything in it, exists: the answer is
//! [`Access::NotFound`], never [`Access::Forbidden`].

use crate::ids::UserId;
use crate::permissions::{Permission, Permissions};
use crate::roles::Role;

/// Who asks, as seen from one community.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Principal {
    /// Not signed in.
    Anonymous,
    /// Signed in, but not in the community.
    Outsider,
    /// In the community, with this role.
    Member(Role),
}

impl Principal {
    /// Every principal there is.
    pub const ALL: [Principal; 4] =
        [Principal::Anonymous, Principal::Outsider, Principal::Member(Role::Member), Principal::Member(Role::Owner)];

    /// A signed-in person whose role in the community is `role`, or who is not in it.
    pub const fn signed_in(role: Option<Role>) -> Self {
        match role {
            Some(role) => Principal::Member(role),
            None => Principal::Outsider,
        }
    }

    /// All that this principal may do in the community.
    pub const fn permissions(self) -> Permissions {
        match self {
            Principal::Anonymous | Principal::Outsider => Permissions::empty(),
            Principal::Member(role) => role.permissions(),
        }
    }
}

/// The decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[must_use]
pub enum Access {
    /// Go on.
    Allowed,
    /// Answer as if it did not exist.
    NotFound,
    /// It is known to this person, who may not do this here.
    Forbidden,
}

/// Decides whether `principal` may do `permission` in the community.
pub const fn decide(principal: Principal, permission: Permission) -> Access {
    let permissions = principal.permissions();
    if permissions.allows(permission) {
        Access::Allowed
    } else if permissions.allows(Permission::ViewChannels) {
        Access::Forbidden
    } else {
        Access::NotFound
    }
}

/// The person whom an act of moderation concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Target {
    /// Who.
    pub user: UserId,
    /// The role in the same community; `None`: not in it.
    pub role: Option<Role>,
}

/// Decides whether `actor`, who is `principal`, may do `permission` to `target`.
///
/// Nobody moderates the owner, and nobody moderates himself: closing one's own microphone is
/// not moderation, and leaving a room is not being removed.
pub fn decide_moderation(actor: UserId, principal: Principal, permission: Permission, target: Target) -> Access {
    match decide(principal, permission) {
        Access::Allowed => match target.role {
            None => Access::NotFound,
            Some(Role::Owner) => Access::Forbidden,
            Some(Role::Member) if target.user == actor => Access::Forbidden,
            Some(Role::Member) => Access::Allowed,
        },
        refused @ (Access::NotFound | Access::Forbidden) => refused,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn principals() -> impl Strategy<Value = Principal> {
        prop::sample::select(Principal::ALL.to_vec())
    }

    fn permissions() -> impl Strategy<Value = Permission> {
        prop::sample::select(Permission::ALL.to_vec())
    }

    fn targets() -> impl Strategy<Value = Target> {
        (0_u128..3, prop::option::of(prop::sample::select(Role::ALL.to_vec())))
            .prop_map(|(user, role)| Target { user: UserId(Uuid::from_u128(user)), role })
    }

    proptest! {
        #[test]
        fn who_is_outside_never_learns(permission in permissions(), target in targets()) {
            for principal in [Principal::Anonymous, Principal::Outsider] {
                prop_assert_eq!(decide(principal, permission), Access::NotFound);
                let actor = UserId(Uuid::from_u128(0));
                prop_assert_eq!(decide_moderation(actor, principal, permission, target), Access::NotFound);
            }
        }

        #[test]
        fn who_is_inside_is_told_the_truth(role in prop::sample::select(Role::ALL.to_vec()), permission in permissions()) {
            prop_assert_ne!(decide(Principal::Member(role), permission), Access::NotFound);
        }

        #[test]
        fn nobody_moderates_the_owner_or_himself(actor in 0_u128..3, principal in principals(), permission in permissions(), target in targets()) {
            let actor = UserId(Uuid::from_u128(actor));
            let access = decide_moderation(actor, principal, permission, target);
            if target.user == actor || target.role != Some(Role::Member) {
                prop_assert_ne!(access, Access::Allowed);
            }
            if access == Access::Allowed {
                prop_assert_eq!(decide(principal, permission), Access::Allowed);
            }
        }

        #[test]
        fn a_decision_is_what_the_permissions_say(principal in principals(), permission in permissions()) {
            prop_assert_eq!(decide(principal, permission) == Access::Allowed, principal.permissions().allows(permission));
        }
    }

    #[test]
    fn the_owner_may_mute_a_member() {
        let target = Target { user: UserId(Uuid::from_u128(2)), role: Some(Role::Member) };
        let owner = UserId(Uuid::from_u128(1));
        let access = decide_moderation(owner, Principal::Member(Role::Owner), Permission::MuteMembers, target);
        assert_eq!(access, Access::Allowed);
    }
}
