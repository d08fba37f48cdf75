// SPDX-License-Identifier: Apache-2.0
//! What a member is in a community, and what that allows.

use crate::permissions::Permissions;

/// What a member is in a community.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Owns the community; there is exactly one.
    Owner,
    /// Everyone else.
    Member,
}

impl Role {
    /// Every role.
    pub const ALL: [Role; 2] = [Role::Owner, Role::Member];

    /// What this role may do.
    pub const fn permissions(self) -> Permissions {
        match self {
            Role::Owner => Permissions::all(),
            Role::Member => Permissions::VIEW_CHANNELS
                .union(Permissions::SEND_MESSAGES)
                .union(Permissions::JOIN_ROOMS)
                .union(Permissions::SPEAK),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permissions::Permission;

    #[test]
    fn the_owner_may_do_everything() {
        assert!(Permission::ALL.into_iter().all(|permission| Role::Owner.permissions().allows(permission)));
    }

    #[test]
    fn a_member_manages_nothing() {
        for permission in Permission::ALL {
            let manages = match permission {
                Permission::ViewChannels | Permission::SendMessages | Permission::JoinRooms | Permission::Speak => {
                    false
                }
                Permission::ManageChannels
                | Permission::ManageInvites
                | Permission::MuteMembers
                | Permission::RemoveFromRooms => true,
            };
            assert_eq!(Role::Member.permissions().allows(permission), !manages, "{permission:?}");
        }
    }
}
