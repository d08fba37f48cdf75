// SPDX-License-Identifier: Apache-2.0
//! Who may be told what: the filter between a stream and one connection, asked at each delivery.
//!
//! It asks the same function of `domain` that decides about requests. Not covered: roles that change
//! while a connection is open, which no operation does yet; the event that does will have to renew the
//! [`Standing`] of the connections concerned before anything after it is told.

use std::borrow::Cow;

use voz_domain::access::{self, Principal};
use voz_domain::ids::UserId;
use voz_domain::permissions::{Permission, Permissions};
use voz_protocol::gateway::{MemberVoiceMuted, ServerEvent};

/// What a person is to a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The person's own stream.
    Own,
    /// A community's stream.
    In(Principal),
}

impl Standing {
    /// The event as it may be told to this person: whole, or without what is not for everyone.
    pub fn shows<'a>(self, to: UserId, event: &'a ServerEvent) -> Option<Cow<'a, ServerEvent>> {
        if !self.sees(event) {
            return None;
        }
        if let ServerEvent::MemberVoiceMuted(mute) = event
            && mute.reason.is_some()
            && mute.user_id != to.0
            && !self.may(Permission::MuteMembers)
        {
            let mute = MemberVoiceMuted { reason: None, ..mute.clone() };
            return Some(Cow::Owned(ServerEvent::MemberVoiceMuted(mute)));
        }
        Some(Cow::Borrowed(event))
    }

    fn sees(self, event: &ServerEvent) -> bool {
        match event {
            ServerEvent::MessageCreated(_)
            | ServerEvent::ChannelCreated(_)
            | ServerEvent::ChannelUpdated(_)
            | ServerEvent::ChannelDeleted { .. }
            | ServerEvent::MemberJoined(_)
            | ServerEvent::MemberVoiceMuted(_)
            | ServerEvent::VoiceRoom(_)
            | ServerEvent::VoiceRooms(_)
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
    use voz_protocol::accounts::User;
    use voz_protocol::voice::{VoiceEndReason, VoiceEnded, VoiceRoom, VoiceRooms};

    use super::*;

    #[test]
    fn a_community_is_seen_by_its_members_only() {
        let room = VoiceRoom { channel_id: Uuid::nil(), epoch: 1, occupants: Vec::new(), speakers: Vec::new() };
        let rooms = VoiceRooms { community_id: Uuid::nil(), rooms: vec![room.clone()] };
        for event in [ServerEvent::VoiceRoom(room), ServerEvent::VoiceRooms(rooms)] {
            for principal in Principal::ALL {
                let member = matches!(principal, Principal::Member(_));
                assert_eq!(Standing::In(principal).sees(&event), member, "{principal:?}");
            }
            assert!(!Standing::Own.sees(&event));
        }
    }

    #[test]
    fn what_concerns_one_person_is_seen_in_the_own_stream_only() {
        let event = ServerEvent::VoiceEnded(VoiceEnded {
            channel_id: Uuid::nil(),
            epoch: 1,
            voice_number: 1,
            reason: VoiceEndReason::Removed,
            by: None,
        });
        assert!(Standing::Own.sees(&event));
        assert!(!Standing::In(Principal::Member(Role::Owner)).sees(&event));
    }

    #[test]
    fn why_a_microphone_was_closed_is_told_to_its_owner_and_to_moderators_only() {
        let (target, moderator) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let event = ServerEvent::MemberVoiceMuted(MemberVoiceMuted {
            user_id: target,
            muted: true,
            by: User { id: moderator, username: "bia".to_owned() },
            reason: Some("ruído".to_owned()),
        });
        let reason_told = |role: Role, to: u128| {
            let shown = Standing::In(Principal::Member(role)).shows(UserId(Uuid::from_u128(to)), &event);
            match shown.as_deref() {
                Some(ServerEvent::MemberVoiceMuted(mute)) => mute.reason.is_some(),
                _ => panic!("{shown:?}"),
            }
        };
        assert!(reason_told(Role::Member, 1));
        assert!(reason_told(Role::Owner, 2));
        assert!(!reason_told(Role::Member, 3));
    }
}
