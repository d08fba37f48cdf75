// SPDX-License-Identifier: Apache-2.0
//! How a person enters a community: by an invite, having seen the rules.

use time::OffsetDateTime;
use voz_domain::ids::{CommunityId, StreamId};
use voz_domain::invites::{InviteCode, InviteState};
use voz_domain::roles::Role;
use voz_protocol::errors::ErrorCode;
use voz_protocol::gateway::ServerEvent;
use voz_storage::communities::Community;
use voz_storage::invites::Invite;
use voz_storage::members::{self, Joined, Member};
use voz_storage::users::User;
use voz_storage::{Source, Tx, communities, invites};

use crate::errors::{AppError, AppResult};
use crate::events::append;
use crate::wire;

/// What opens the door.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) code: InviteCode,
    /// The version of the rules that the person saw.
    pub(crate) rules_version: u32,
    /// Where the invite leads.
    pub(crate) community: CommunityId,
}

impl Entry {
    /// Looks the invite up and finds it good, as far as that can be said before the transaction.
    pub(crate) async fn look_up(
        source: &impl Source,
        code: &str,
        rules_version: u32,
        now: OffsetDateTime,
    ) -> AppResult<Self> {
        let invite = invite_by_code(source, code).await?;
        usable(&invite, now)?;
        let community = community_of(source, &invite).await?;
        same_rules(&community, rules_version)?;
        Ok(Entry { code: invite.code, rules_version, community: community.id })
    }

    /// Makes the person a member, in this transaction on the streams of the community and of the person.
    /// A member stays what he is, and no use is counted.
    pub(crate) async fn enter(self, tx: &Tx, user: User, now: OffsetDateTime) -> AppResult<Community> {
        let community =
            communities::by_id(tx, self.community).await?.ok_or(AppError::Refused(ErrorCode::InviteNotFound))?;
        if members::role(tx, community.id, user.id).await?.is_some() {
            return Ok(community);
        }
        if !invites::take_use(tx, &self.code, now).await? {
            let invite = invites::by_code(tx, &self.code).await?;
            usable(&invite.ok_or(AppError::Refused(ErrorCode::InviteNotFound))?, now)?;
            return Err(AppError::Fault("a usable invite could not be used"));
        }
        same_rules(&community, self.rules_version)?;
        match members::insert(tx, community.id, user.id, Role::Member, now).await? {
            Joined::Now => {}
            // The stream is locked since before the role was read: nobody can have come in between.
            Joined::Before => return Err(AppError::Fault("a member joined under a held lock")),
        }
        communities::accept_rules(tx, community.id, user.id, self.rules_version, now).await?;
        let own = StreamId::User(user.id);
        let member = Member { user, role: Role::Member, joined_at: now, voice_muted: false, voice_mute_reason: None };
        let joined = ServerEvent::MemberJoined(wire::member(member));
        append(tx, StreamId::Community(community.id), &joined, now).await?;
        append(tx, own, &ServerEvent::CommunityEntered { community_id: community.id.0 }, now).await?;
        Ok(community)
    }
}

/// The invite with this code as somebody typed it.
pub(crate) async fn invite_by_code(source: &impl Source, code: &str) -> AppResult<Invite> {
    let not_found = || AppError::Refused(ErrorCode::InviteNotFound);
    let code = InviteCode::parse(code).ok_or_else(not_found)?;
    invites::by_code(source, &code).await?.ok_or_else(not_found)
}

/// The community that an invite leads to.
pub(crate) async fn community_of(source: &impl Source, invite: &Invite) -> AppResult<Community> {
    communities::by_id(source, invite.community).await?.ok_or(AppError::Refused(ErrorCode::InviteNotFound))
}

/// The invite opens the door, or why not.
pub(crate) fn usable(invite: &Invite, now: OffsetDateTime) -> AppResult<()> {
    match invite.terms.state(now) {
        InviteState::Usable => Ok(()),
        InviteState::Expired => Err(AppError::Refused(ErrorCode::InviteExpired)),
        InviteState::UsedUp => Err(AppError::Refused(ErrorCode::InviteUsedUp)),
        InviteState::Revoked => Err(AppError::Refused(ErrorCode::InviteRevoked)),
    }
}

fn same_rules(community: &Community, seen: u32) -> AppResult<()> {
    if community.rules_version == seen { Ok(()) } else { Err(AppError::Refused(ErrorCode::RulesChanged)) }
}
