// SPDX-License-Identifier: Apache-2.0
//! First run: whoever holds the one-time token makes the owner, the instance and its first community,
//! all in one transaction, once.

use time::Duration;
use voz_domain::channels::ChannelKind;
use voz_domain::ids::{ChannelId, CommunityId, StreamId};
use voz_domain::limits::RateLimit;
use voz_domain::names;
use voz_domain::roles::Role;
use voz_domain::sessions::TokenHash;
use voz_domain::sign_up::SignUpMode;
use voz_protocol::errors::ErrorCode;
use voz_protocol::setup::{SetupCheck, SetupRequest};
use voz_storage::communities::{self, Community};
use voz_storage::instance as stored_instance;
use voz_storage::users::{NewUser, User};
use voz_storage::{Source, Tx, channels, members, setup_tokens};

use crate::accounts::{self, Privilege};
use crate::actors::ClientAddress;
use crate::errors::{AppError, AppResult};
use crate::fields::FieldCheck;
use crate::moment::Moment;
use crate::sessions::{self, IssuedSession, SessionTokens};
use crate::tokens::{self, Token};
use crate::{App, instance, wire};

/// The first version of any community's rules.
const FIRST_RULES: u32 = 1;

/// What becomes of set-up tokens that were made before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EarlierTokens {
    /// They go on opening the wizard, for a week.
    Stay,
    /// They open nothing any more.
    End,
}

/// How long a token is kept beside newer ones.
const TOKEN_KEPT: Duration = Duration::days(7);

impl App {
    /// A new set-up token. `None`: the instance is set up.
    ///
    /// # Errors
    /// `overloaded` or `internal`: storage.
    pub async fn make_setup_token(&self, moment: &mut Moment, earlier: EarlierTokens) -> AppResult<Option<Token>> {
        let token = Token::random(&mut moment.rng);
        let (hash, now) = (token.hash(), moment.now);
        let made = self
            .write(&[], move |tx| {
                Box::pin(async move {
                    if instance::stored(tx).await?.set_up_at.is_some() {
                        return Ok::<_, AppError>(false);
                    }
                    match earlier {
                        EarlierTokens::End => setup_tokens::delete_all(tx).await?,
                        EarlierTokens::Stay => setup_tokens::delete_before(tx, now - TOKEN_KEPT).await?,
                    }
                    setup_tokens::insert(tx, hash, now).await?;
                    Ok(true)
                })
            })
            .await?;
        Ok(made.then_some(token))
    }

    /// Whether the token opens the wizard.
    ///
    /// # Errors
    /// `setup_token_invalid`, `setup_done`, `rate_limited`.
    pub async fn setup_check(&self, moment: &Moment, address: ClientAddress, request: SetupCheck) -> AppResult<()> {
        self.count_network(moment, RateLimit::SetupPerNetwork, address)?;
        opens(self.store().read(), &request.token).await.map(drop)
    }

    /// Sets the instance up and signs its owner in.
    ///
    /// # Errors
    /// `setup_token_invalid`, `setup_done`, `validation` (fields of the community as `community.<field>`),
    /// `username_taken`, `rate_limited`, `overloaded`.
    pub async fn setup_complete(
        &self,
        moment: &mut Moment,
        address: ClientAddress,
        request: SetupRequest,
    ) -> AppResult<IssuedSession> {
        self.count_network(moment, RateLimit::SetupPerNetwork, address)?;
        let token = opens(self.store().read(), &request.token).await?;
        let mut check = FieldCheck::default();
        let username = accounts::check_credentials(&mut check, &request.username, &request.password);
        let instance_name = check.take("instance_name", names::name(&request.instance_name));
        let community_name = check.take("community.name", names::name(&request.community.name));
        let text_channel = check.take("community.text_channel", names::name(&request.community.text_channel));
        let room = check.take("community.room", names::name(&request.community.room));
        let rules = check.take("community.rules", names::rules(&request.community.rules));
        let passed = check.finish()?;

        let username = username.get(&passed)?;
        let owner = self.new_user(moment, username, request.password, Privilege::InstanceAdmin).await?;
        let fresh = self.fresh_session(moment);
        let founding = Founding {
            token,
            instance_name: instance_name.get(&passed)?,
            sign_up: wire::sign_up_asked(request.sign_up),
            community: Community {
                id: CommunityId(moment.id()),
                name: community_name.get(&passed)?,
                owner: owner.id,
                rules_text: rules.get(&passed)?,
                rules_version: FIRST_RULES,
                created_at: moment.now,
            },
            text_channel: (ChannelId(moment.id()), text_channel.get(&passed)?),
            room: (ChannelId(moment.id()), room.get(&passed)?),
            owner,
            tokens: fresh.tokens,
        };
        let streams = founding.streams();
        let user = self.write(&streams, move |tx| Box::pin(async move { founding.write(tx).await })).await?;
        Ok(fresh.issued(user))
    }
}

/// All that the set-up makes. Nobody follows its streams yet, so it has no events: whoever comes later
/// gets a snapshot.
struct Founding {
    token: TokenHash,
    instance_name: String,
    sign_up: SignUpMode,
    owner: NewUser,
    community: Community,
    text_channel: (ChannelId, String),
    room: (ChannelId, String),
    tokens: SessionTokens,
}

impl Founding {
    fn streams(&self) -> [StreamId; 2] {
        [StreamId::Community(self.community.id), StreamId::User(self.owner.id)]
    }

    async fn write(self, tx: &Tx) -> AppResult<User> {
        let now = self.community.created_at;
        if !stored_instance::complete_setup(tx, &self.instance_name, self.sign_up, now).await? {
            return Err(AppError::Refused(ErrorCode::SetupDone));
        }
        // It may have ended while the password was hashed.
        if !setup_tokens::contains(tx, self.token).await? {
            return Err(AppError::Refused(ErrorCode::SetupTokenInvalid));
        }
        setup_tokens::delete_all(tx).await?;
        let owner = accounts::insert(tx, &self.owner).await?;
        let community = self.community.id;
        communities::insert(tx, &self.community).await?;
        let _first = members::insert(tx, community, owner.id, Role::Owner, now).await?;
        communities::accept_rules(tx, community, owner.id, FIRST_RULES, now).await?;
        for ((id, name), kind) in [(self.text_channel, ChannelKind::Text), (self.room, ChannelKind::Room)] {
            channels::insert(tx, id, community, kind, &name, now).await?;
        }
        sessions::begin(tx, owner.id, self.tokens, 1).await?;
        Ok(owner)
    }
}

/// The hash of the token, if it is valid now. What is compared are hashes of random tokens: how long
/// that takes tells nothing about the token.
async fn opens(source: &impl Source, token: &str) -> AppResult<TokenHash> {
    if instance::stored(source).await?.set_up_at.is_some() {
        return Err(AppError::Refused(ErrorCode::SetupDone));
    }
    if let Some(hash) = tokens::hash_presented(token)
        && setup_tokens::contains(source, hash).await?
    {
        return Ok(hash);
    }
    Err(AppError::Refused(ErrorCode::SetupTokenInvalid))
}
