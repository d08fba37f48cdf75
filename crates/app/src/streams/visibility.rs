// SPDX-License-Identifier: Apache-2.0
//! Who may be told what: the filter between a stream and one connection, asked at each delivery.
//!
//! It asks the same function of `domain` that decides about requests. Not covered: roles that change
//! while a connection is open, which no operation does yet; the event that does will have to renew the
//! [`Standing`] of the connections concerned before anything after it is told.

use voz_domain::access::{self, Principal};
use voz_domain::permissions::{Permission, Permissions};
use voz_protocol::gateway::ServerEvent;

/// What a person is to a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The person's own stream.
    Own,
    /// A community's stream.
    In(Principal),
}

impl Standing {
    /// Whether the event may be told.
    pub fn sees(self, event: &ServerEvent) -> bool {
        match event {
            ServerEvent::MessageCreated(_)
            | ServerEvent::ChannelCreated(_)
            | ServerEvent::ChannelUpdated(_)
            | ServerEvent::ChannelDeleted { .. }
            | ServerEvent::MemberJoined(_)
            | ServerEvent::MemberVoiceMuted(_)
            | ServerEvent::VoiceRoom(_)
            | ServerEvent::VoiceSpeaking(_) => self.may(Permission::ViewChannels),
            ServerEvent::CommunityEntered { .. } | ServerEvent::SessionEnded { .. } | ServerEvent::VoiceEnded(_) => {
                self == Standing::Own
            }
            // Made for one connection, never found in a stream.
            ServerEvent::Ready(_) | ServerEvent::CommunitySnapshot(_) | ServerEvent::UserSnapshot(_) => false,
        }
    }

    /// All that the person may do there.
    pub fn permissions(self) -> Permissions {
        match self {
            Standing::Own => Permissions::empty(),
            Standing::In(principal) => principal.permissions(),
        }
    }

    fn may(self, permission: Permission) -> bool {
        match self {
            Standing::Own => false,
            Standing::In(principal) => access::decide(principal, permission) == access::Access::Allowed,
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;
    use voz_domain::roles::Role;
    use voz_protocol::voice::{VoiceEndReason, VoiceEnded, VoiceRoom};

    use super::*;

    #[test]
    fn a_community_is_seen_by_its_members_only() {
        let event = ServerEvent::VoiceRoom(VoiceRoom { channel_id: Uuid::nil(), epoch: 1, occupants: Vec::new() });
        for principal in Principal::ALL {
            let member = matches!(principal, Principal::Member(_));
            assert_eq!(Standing::In(principal).sees(&event), member, "{principal:?}");
        }
        assert!(!Standing::Own.sees(&event));
    }

    #[test]
    fn what_concerns_one_person_is_seen_in_the_own_stream_only() {
        let event = ServerEvent::VoiceEnded(VoiceEnded {
            channel_id: Uuid::nil(),
            epoch: 1,
            voice_number: 1,
            reason: VoiceEndReason::Removed,
        });
        assert!(Standing::Own.sees(&event));
        assert!(!Standing::In(Principal::Member(Role::Owner)).sees(&event));
    }
}
