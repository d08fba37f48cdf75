// SPDX-License-Identifier: Apache-2.0
//! What one may do in a community: [`Permission`] is one of them, [`Permissions`] a set.
//!
//! A permission is matched without a wildcard everywhere, so a new one is a list of places to visit.

use bitflags::bitflags;

/// One thing that one may do in a community.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Permission {
    /// See channels and rooms and read history.
    ViewChannels,
    /// Write in text channels.
    SendMessages,
    /// Enter rooms.
    JoinRooms,
    /// Speak in rooms.
    Speak,
    /// Make, rename and remove channels and rooms.
    ManageChannels,
    /// Make invites, see and revoke those there are.
    ManageInvites,
    /// Close a member's microphone in rooms.
    MuteMembers,
    /// Take a person out of a room.
    RemoveFromRooms,
}

impl Permission {
    /// Every permission, in the order in which clients are told of them.
    pub const ALL: [Permission; 8] = [
        Permission::ViewChannels,
        Permission::SendMessages,
        Permission::JoinRooms,
        Permission::Speak,
        Permission::ManageChannels,
        Permission::ManageInvites,
        Permission::MuteMembers,
        Permission::RemoveFromRooms,
    ];

    /// This permission as a set of one.
    pub const fn flag(self) -> Permissions {
        match self {
            Permission::ViewChannels => Permissions::VIEW_CHANNELS,
            Permission::SendMessages => Permissions::SEND_MESSAGES,
            Permission::JoinRooms => Permissions::JOIN_ROOMS,
            Permission::Speak => Permissions::SPEAK,
            Permission::ManageChannels => Permissions::MANAGE_CHANNELS,
            Permission::ManageInvites => Permissions::MANAGE_INVITES,
            Permission::MuteMembers => Permissions::MUTE_MEMBERS,
            Permission::RemoveFromRooms => Permissions::REMOVE_FROM_ROOMS,
        }
    }
}

bitflags! {
    /// A set of [`Permission`]s. The bits are storage format: a bit is never given another meaning.
    #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
    pub struct Permissions: u64 {
        /// [`Permission::ViewChannels`].
        const VIEW_CHANNELS = 1;
        /// [`Permission::SendMessages`].
        const SEND_MESSAGES = 1 << 1;
        /// [`Permission::JoinRooms`].
        const JOIN_ROOMS = 1 << 2;
        /// [`Permission::Speak`].
        const SPEAK = 1 << 3;
        /// [`Permission::ManageChannels`].
        const MANAGE_CHANNELS = 1 << 4;
        /// [`Permission::ManageInvites`].
        const MANAGE_INVITES = 1 << 5;
        /// [`Permission::MuteMembers`].
        const MUTE_MEMBERS = 1 << 6;
        /// [`Permission::RemoveFromRooms`].
        const REMOVE_FROM_ROOMS = 1 << 7;
    }
}

impl Permissions {
    /// Whether the set holds this permission.
    pub const fn allows(self, permission: Permission) -> bool {
        self.contains(permission.flag())
    }

    /// The permissions in the set, in the order of [`Permission::ALL`].
    pub fn list(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.into_iter().filter(move |permission| self.allows(*permission))
    }
}

impl From<Permission> for Permissions {
    fn from(permission: Permission) -> Self {
        permission.flag()
    }
}

impl FromIterator<Permission> for Permissions {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        permissions.into_iter().fold(Permissions::empty(), |set, permission| set | permission.flag())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flag_is_one_permission_and_no_other() {
        let all: Permissions = Permission::ALL.into_iter().collect();
        assert_eq!(all, Permissions::all());
        assert_eq!(all.bits().count_ones() as usize, Permission::ALL.len());
        for permission in Permission::ALL {
            assert_eq!(permission.flag().list().collect::<Vec<_>>(), [permission]);
        }
    }
}
