// SPDX-License-Identifier: Apache-2.0
//! Voice grants: what the media part lets through for one person in one room.

use crate::permissions::{Permission, Permissions};

/// What a person in a room has chosen, and what a moderator has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct VoiceState {
    /// The person has closed the own microphone.
    pub self_muted: bool,
    /// The person hears nothing by own choice.
    pub self_deafened: bool,
    /// A moderator has closed the microphone.
    pub server_muted: bool,
}

impl VoiceState {
    /// Deafened implies muted: who does not hear others does not speak into the room either.
    #[must_use]
    pub const fn normal(self) -> Self {
        VoiceState { self_muted: self.self_muted || self.self_deafened, ..self }
    }
}

/// What the media part lets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct VoiceGrants {
    /// Packets of this person are forwarded.
    pub speak: bool,
    /// Packets of others are sent to this person.
    pub hear: bool,
}

impl VoiceGrants {
    /// Nothing passes.
    pub const NONE: VoiceGrants = VoiceGrants { speak: false, hear: false };
}

/// Grants of a person with these permissions in this state. Without
/// [`Permission::JoinRooms`] nothing passes in either direction.
pub const fn grants(permissions: Permissions, state: VoiceState) -> VoiceGrants {
    if !permissions.allows(Permission::JoinRooms) {
        return VoiceGrants::NONE;
    }
    let state = state.normal();
    VoiceGrants {
        speak: permissions.allows(Permission::Speak) && !state.self_muted && !state.server_muted,
        hear: !state.self_deafened,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::roles::Role;

    fn states() -> impl Strategy<Value = VoiceState> {
        (any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|(self_muted, self_deafened, server_muted)| VoiceState {
            self_muted,
            self_deafened,
            server_muted,
        })
    }

    fn sets() -> impl Strategy<Value = Permissions> {
        (0..=Permissions::all().bits()).prop_map(Permissions::from_bits_truncate)
    }

    proptest! {
        #[test]
        fn deny_beats_allow(permissions in sets(), state in states()) {
            let grants = grants(permissions, state);
            if state.self_muted || state.self_deafened || state.server_muted || !permissions.allows(Permission::Speak) {
                prop_assert!(!grants.speak);
            }
            if state.self_deafened {
                prop_assert!(!grants.hear);
            }
            if !permissions.allows(Permission::JoinRooms) {
                prop_assert_eq!(grants, VoiceGrants::NONE);
            }
        }

        #[test]
        fn a_server_mute_never_deafens(permissions in sets(), state in states()) {
            let muted = grants(permissions, VoiceState { server_muted: true, ..state });
            let open = grants(permissions, VoiceState { server_muted: false, ..state });
            prop_assert_eq!(muted.hear, open.hear);
        }
    }

    #[test]
    fn a_member_speaks_and_hears() {
        let grants = grants(Role::Member.permissions(), VoiceState::default());
        assert_eq!(grants, VoiceGrants { speak: true, hear: true });
    }
}
