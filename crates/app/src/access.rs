// SPDX-License-Identifier: Apache-2.0
//! Loads who somebody is in a community and asks `domain`. Every use case on a community comes by here.

use voz_domain::access::{self, Access, Principal, Target};
use voz_domain::ids::{ChannelId, CommunityId, UserId};
use voz_domain::permissions::Permission;
use voz_protocol::errors::ErrorCode;
use voz_storage::channels::Channel;
use voz_storage::{Source, channels, members};

use crate::actors::Actor;
use crate::errors::{AppError, AppResult};

/// The actor may do this in the community; gives what the actor is there.
pub(crate) async fn require(
    source: &impl Source,
    actor: &Actor,
    community: CommunityId,
    permission: Permission,
) -> AppResult<Principal> {
    let principal = Principal::signed_in(members::role(source, community, actor.user).await?);
    allowed(access::decide(principal, permission))?;
    Ok(principal)
}

/// The channel exists and the actor may do this in its community.
pub(crate) async fn require_channel(
    source: &impl Source,
    actor: &Actor,
    channel: ChannelId,
    permission: Permission,
) -> AppResult<Channel> {
    let channel = channels::by_id(source, channel).await?.ok_or(AppError::Refused(ErrorCode::NotFound))?;
    require(source, actor, channel.community, permission).await?;
    Ok(channel)
}

/// The actor may do this act of moderation to that person.
pub(crate) async fn require_moderation(
    source: &impl Source,
    actor: &Actor,
    community: CommunityId,
    permission: Permission,
    target: UserId,
) -> AppResult<()> {
    let principal = Principal::signed_in(members::role(source, community, actor.user).await?);
    let target = Target { user: target, role: members::role(source, community, target).await? };
    allowed(access::decide_moderation(actor.user, principal, permission, target))
}

fn allowed(access: Access) -> AppResult<()> {
    match access {
        Access::Allowed => Ok(()),
        Access::NotFound => Err(AppError::Refused(ErrorCode::NotFound)),
        Access::Forbidden => Err(AppError::Refused(ErrorCode::Forbidden)),
    }
}
