// SPDX-License-Identifier: Apache-2.0
//! Closing and opening a member's microphone in every room of a community.

use voz_domain::ids::{CommunityId, StreamId, UserId};
use voz_domain::limits::RateLimit;
use voz_domain::names;
use voz_domain::permissions::Permission;
use voz_protocol::communities::VoiceMuteRequest;
use voz_protocol::gateway::{MemberVoiceMuted, ServerEvent};
use voz_storage::voice_mutes;

use crate::access::require_moderation;
use crate::actors::Actor;
use crate::errors::AppResult;
use crate::events::append;
use crate::moment::Moment;
use crate::{App, fields};

impl App {
    /// Closes or opens the microphone, for good and at once; again without effect.
    ///
    /// # Errors
    /// `not_found`, `forbidden`, `validation` (`reason`), `rate_limited`.
    pub async fn voice_mute(
        &self,
        moment: &mut Moment,
        actor: &Actor,
        community: CommunityId,
        target: UserId,
        request: VoiceMuteRequest,
    ) -> AppResult<()> {
        require_moderation(self.store().read(), actor, community, Permission::MuteMembers, target).await?;
        let reason = fields::one("reason", names::reason(request.reason.as_deref().unwrap_or_default()))?;
        self.count_user(moment, RateLimit::ModerationPerUser, actor)?;
        let (stream, now, muted, actor) = (StreamId::Community(community), moment.now, request.muted, actor.clone());
        self.carry_through(move |app| async move {
            // Held from the commit to the grants: of two opposite acts, the later one is the last in both.
            let _turn = app.inner.moderation.lock().await;
            app.commit(&[stream], move |tx| {
                Box::pin(async move {
                    require_moderation(tx, &actor, community, Permission::MuteMembers, target).await?;
                    if voice_mutes::set(tx, community, target, muted, reason.as_deref()).await? {
                        let told = MemberVoiceMuted { user_id: target.0, muted, by: actor.as_user(), reason };
                        append(tx, stream, &ServerEvent::MemberVoiceMuted(told), now).await?;
                    }
                    Ok(())
                })
            })
            .await?;
            app.voice().set_server_mute(community, target, muted).await;
            Ok(())
        })
        .await
    }
}
