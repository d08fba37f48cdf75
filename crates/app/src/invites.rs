// SPDX-License-Identifier: Apache-2.0
//! Invites: making, listing and revoking them, and what the invited person sees and does.

use rand::RngCore;
use voz_domain::ids::{CommunityId, StreamId};
use voz_domain::invites::{self as rules, InviteCode};
use voz_domain::limits::RateLimit;
use voz_domain::permissions::Permission;
use voz_protocol::communities::Community;
use voz_protocol::errors::ErrorCode;
use voz_protocol::invites::{AcceptInviteRequest, CreateInviteRequest, Invite, InviteList, InvitePreview};
use voz_storage::invites::{self, NewInvite};
use voz_storage::{members as stored_members, users};

use crate::access::require;
use crate::actors::{Actor, ClientAddress};
use crate::errors::{AppError, AppResult};
use crate::fields::FieldCheck;
use crate::members::{Entry, community_of, invite_by_code, usable};
use crate::moment::Moment;
use crate::{App, wire};

impl App {
    /// Makes an invite.
    ///
    /// # Errors
    /// `not_found`, `forbidden`, `validation`, `limit_reached` (`invites`), `rate_limited`.
    pub async fn invite_create(
        &self,
        moment: &mut Moment,
        actor: &Actor,
        community: CommunityId,
        request: CreateInviteRequest,
    ) -> AppResult<Invite> {
        require(self.store().read(), actor, community, Permission::ManageInvites).await?;
        let mut check = FieldCheck::default();
        let max_uses = check.take("max_uses", rules::max_uses(request.max_uses));
        let lifetime = check.take("expires_in_s", rules::lifetime(request.expires_in_s));
        let passed = check.finish()?;
        self.count_user(moment, RateLimit::InviteCreatePerUser, actor)?;
        let mut random = [0_u8; 16];
        moment.rng.fill_bytes(&mut random);
        let new = NewInvite {
            code: InviteCode::from_random(random),
            community,
            inviter: actor.user,
            max_uses: max_uses.get(&passed)?,
            expires_at: Some(moment.now + lifetime.get(&passed)?),
            created_at: moment.now,
        };
        let made = Invite {
            code: new.code.to_string(),
            inviter: actor.as_user(),
            max_uses: new.max_uses,
            uses: 0,
            expires_at: new.expires_at,
        };
        let most = self.inner.limits.invites_per_community;
        let actor = actor.clone();
        // The stream is named for its lock alone: two invites made at once count each other.
        self.write(&[StreamId::Community(community)], move |tx| {
            Box::pin(async move {
                require(tx, &actor, community, Permission::ManageInvites).await?;
                let there = invites::list(tx, community, new.created_at).await?;
                if u32::try_from(there.len()).unwrap_or(u32::MAX) >= most {
                    return Err(AppError::LimitReached("invites"));
                }
                invites::insert(tx, &new).await?;
                Ok(made)
            })
        })
        .await
    }

    /// The usable invites of a community, newest first.
    ///
    /// # Errors
    /// `not_found`, `forbidden`.
    pub async fn invite_list(&self, moment: &Moment, actor: &Actor, community: CommunityId) -> AppResult<InviteList> {
        let source = self.store().read();
        require(source, actor, community, Permission::ManageInvites).await?;
        let items = invites::list(source, community, moment.now).await?;
        Ok(InviteList { items: items.into_iter().map(wire::invite).collect() })
    }

    /// Takes an invite back.
    ///
    /// # Errors
    /// `not_found`, `forbidden`, `invite_not_found`.
    pub async fn invite_revoke(
        &self,
        moment: &mut Moment,
        actor: &Actor,
        community: CommunityId,
        code: &str,
    ) -> AppResult<()> {
        require(self.store().read(), actor, community, Permission::ManageInvites).await?;
        let code = InviteCode::parse(code).ok_or(AppError::Refused(ErrorCode::InviteNotFound))?;
        let (now, actor) = (moment.now, actor.clone());
        self.write(&[], move |tx| {
            Box::pin(async move {
                require(tx, &actor, community, Permission::ManageInvites).await?;
                match invites::revoke(tx, community, &code, now).await? {
                    true => Ok(()),
                    false => Err(AppError::Refused(ErrorCode::InviteNotFound)),
                }
            })
        })
        .await
    }

    /// What a person sees before accepting.
    ///
    /// # Errors
    /// `invite_not_found`, `invite_expired`, `invite_used_up`, `invite_revoked`, `rate_limited`.
    pub async fn invite_preview(
        &self,
        moment: &Moment,
        address: ClientAddress,
        code: &str,
    ) -> AppResult<InvitePreview> {
        self.count_network(moment, RateLimit::InviteLookUpPerNetwork, address)?;
        let source = self.store().read();
        let invite = invite_by_code(source, code).await?;
        usable(&invite, moment.now)?;
        let community = wire::community(community_of(source, &invite).await?);
        let rooms = self.voice().rooms_of(invite.community);
        let voice_count: usize = rooms.iter().map(|room| room.occupants.len()).sum();
        Ok(InvitePreview {
            code: invite.code.to_string(),
            community_id: community.id,
            community_name: community.name,
            member_count: stored_members::count(source, invite.community).await?,
            voice_count: u32::try_from(voice_count).unwrap_or(u32::MAX),
            rules: community.rules,
            uses_left: invite.terms.uses_left(),
            expires_at: invite.terms.expires_at,
            inviter: wire::user(invite.inviter),
        })
    }

    /// Enters the community. A member accepts again without effect, whatever became of the invite.
    ///
    /// # Errors
    /// `invite_not_found`, `invite_expired`, `invite_used_up`, `invite_revoked`, `rules_changed`, `rate_limited`.
    pub async fn invite_accept(
        &self,
        moment: &mut Moment,
        address: ClientAddress,
        actor: &Actor,
        code: &str,
        request: AcceptInviteRequest,
    ) -> AppResult<Community> {
        self.count_network(moment, RateLimit::InviteLookUpPerNetwork, address)?;
        let source = self.store().read();
        let invite = invite_by_code(source, code).await?;
        if stored_members::role(source, invite.community, actor.user).await?.is_some() {
            return Ok(wire::community(community_of(source, &invite).await?));
        }
        let entry = Entry::look_up(source, code, request.rules_version, moment.now).await?;
        let gone = || AppError::Refused(ErrorCode::Unauthenticated);
        let user = users::by_id(source, actor.user).await?.ok_or_else(gone)?;
        let streams = [StreamId::Community(entry.community), StreamId::User(actor.user)];
        let now = moment.now;
        let community =
            self.write(&streams, move |tx| Box::pin(async move { entry.enter(tx, user, now).await })).await?;
        Ok(wire::community(community))
    }
}
