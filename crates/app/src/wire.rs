// SPDX-License-Identifier: Apache-2.0
//! Stored things as they look on the wire, and modes of the wire as `domain` knows them.

use voz_domain::channels::ChannelKind;
use voz_domain::permissions::Permission;
use voz_domain::roles::Role;
use voz_domain::sign_up::SignUpMode;
use voz_protocol::accounts::{Me, User};
use voz_protocol::channels::{Channel, ChannelKind as WireChannelKind};
use voz_protocol::communities::{Community, Member, MemberRole, PermissionName, Rules};
use voz_protocol::instance::SignUpMode as WireSignUpMode;
use voz_protocol::invites::Invite;
use voz_protocol::messages::Message;
use voz_storage::{channels, communities, invites, members, messages, users};

pub(crate) fn user(user: users::User) -> User {
    User { id: user.id.0, username: user.username }
}

pub(crate) fn me(user: users::User) -> Me {
    Me { instance_admin: user.instance_admin, user: self::user(user) }
}

pub(crate) fn community(community: communities::Community) -> Community {
    Community {
        id: community.id.0,
        name: community.name,
        owner_id: community.owner.0,
        rules: Rules { version: community.rules_version, text: community.rules_text },
    }
}

pub(crate) fn channel(channel: channels::Channel) -> Channel {
    Channel {
        id: channel.id.0,
        community_id: channel.community.0,
        kind: match channel.kind {
            ChannelKind::Text => WireChannelKind::Text,
            ChannelKind::Room => WireChannelKind::Room,
        },
        name: channel.name,
        position: channel.position,
    }
}

pub(crate) fn member(member: members::Member) -> Member {
    Member {
        user: user(member.user),
        role: match member.role {
            Role::Owner => MemberRole::Owner,
            Role::Member => MemberRole::Member,
        },
        voice_muted: member.voice_muted,
    }
}

pub(crate) fn message(message: messages::Message) -> Message {
    Message {
        id: message.id.0,
        channel_id: message.channel.0,
        author: user(message.author),
        content: message.content,
        nonce: message.nonce,
        created_at: message.created_at,
    }
}

pub(crate) const fn permission(permission: Permission) -> PermissionName {
    match permission {
        Permission::ViewChannels => PermissionName::ViewChannels,
        Permission::SendMessages => PermissionName::SendMessages,
        Permission::JoinRooms => PermissionName::JoinRooms,
        Permission::Speak => PermissionName::Speak,
        Permission::ManageChannels => PermissionName::ManageChannels,
        Permission::ManageInvites => PermissionName::ManageInvites,
        Permission::MuteMembers => PermissionName::MuteMembers,
        Permission::RemoveFromRooms => PermissionName::RemoveFromRooms,
    }
}

pub(crate) const fn sign_up(mode: SignUpMode) -> WireSignUpMode {
    match mode {
        SignUpMode::Invite => WireSignUpMode::Invite,
        SignUpMode::Open => WireSignUpMode::Open,
        SignUpMode::Closed => WireSignUpMode::Closed,
    }
}

pub(crate) const fn sign_up_asked(mode: WireSignUpMode) -> SignUpMode {
    match mode {
        WireSignUpMode::Invite => SignUpMode::Invite,
        WireSignUpMode::Open => SignUpMode::Open,
        WireSignUpMode::Closed => SignUpMode::Closed,
    }
}

pub(crate) const fn channel_kind_asked(kind: WireChannelKind) -> ChannelKind {
    match kind {
        WireChannelKind::Text => ChannelKind::Text,
        WireChannelKind::Room => ChannelKind::Room,
    }
}

pub(crate) fn invite(invite: invites::Invite) -> Invite {
    Invite {
        code: invite.code.to_string(),
        inviter: user(invite.inviter),
        max_uses: invite.terms.max_uses,
        uses: invite.terms.uses,
        expires_at: invite.terms.expires_at,
    }
}
