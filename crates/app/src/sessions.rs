// SPDX-License-Identifier: Apache-2.0
//! Sessions: signing in and out, opaque tokens and their rotation.
//!
//! A refresh token is 128 bits that name its session, sealed by the instance, and 256 random bits;
//! SHA-256 of the whole is stored for the newest one and its predecessor. An older one is known by
//! its seal alone, so its reuse ends the session without a history of hashes.

use std::fmt;

use aes::Aes256;
use aes::cipher::{BlockDecrypt, BlockEncrypt, KeyInit};
use sha2::{Digest, Sha256};
use time::Duration;
use uuid::Uuid;
use voz_bus::RateKey;
use voz_domain::ids::{SessionId, StreamId, UserId};
use voz_domain::limits::RateLimit;
use voz_domain::names::Username;
use voz_domain::passwords::PASSWORD_MAX;
use voz_domain::sessions::{ACCESS_LIFETIME, REFRESH_LIFETIME, Refresh, Successor, TokenHash};
use voz_protocol::accounts::Me;
use voz_protocol::errors::ErrorCode;
use voz_protocol::gateway::ServerEvent;
use voz_protocol::sessions::SignInRequest;
use voz_storage::instance::SecretKey;
use voz_storage::sessions::{self, NewTokens};
use voz_storage::users::User;
use voz_storage::{Tx, users};

use crate::actors::{Actor, ClientAddress};
use crate::errors::{AppError, AppResult};
use crate::events::append;
use crate::moment::Moment;
use crate::tokens::{self, Token};
use crate::{App, wire};

/// A session with fresh tokens, to be handed to its owner once.
#[derive(Debug, Clone)]
pub struct IssuedSession {
    /// Who is signed in.
    pub me: Me,
    /// The session.
    pub session: SessionId,
    /// Opens everything, for a short time.
    pub access_token: Token,
    /// Gets the next pair.
    pub refresh_token: Token,
    /// Life of the access token, in seconds.
    pub access_expires_in_s: u32,
    /// Life of the refresh token, in seconds.
    pub refresh_expires_in_s: u32,
}

impl App {
    /// Begins a session. A name that nobody has costs as much work as a wrong password.
    ///
    /// # Errors
    /// `invalid_credentials`, `rate_limited`, `overloaded`.
    pub async fn sign_in(
        &self,
        moment: &mut Moment,
        address: ClientAddress,
        request: SignInRequest,
    ) -> AppResult<IssuedSession> {
        self.count_network(moment, RateLimit::SignInPerNetwork, address)?;
        let username = Username::parse(&request.username).ok();
        if let Some(username) = &username {
            self.count(moment, RateLimit::SignInPerName, &RateKey::Name(username.key()))?;
        }
        if request.password.chars().count() > PASSWORD_MAX {
            return Err(AppError::Refused(ErrorCode::InvalidCredentials));
        }
        let credentials = match &username {
            Some(username) => users::credentials(self.store().read(), username).await?,
            None => None,
        };
        let (user, hash) = credentials.map_or((None, None), |(user, hash)| (Some(user), hash));
        let matches = self.inner.passwords.verify(request.password, hash).await?;
        let user = user.filter(|_| matches).ok_or(AppError::Refused(ErrorCode::InvalidCredentials))?;

        let fresh = self.fresh_session(moment);
        let (tokens, keep, id) = (fresh.tokens, self.inner.limits.sessions_per_user, user.id);
        self.carry_through(move |app| async move {
            let stream = StreamId::User(id);
            let ended = app.commit(&[stream], move |tx| Box::pin(begin(tx, id, tokens, keep))).await?;
            for session in ended {
                app.voice().end_session(session).await;
            }
            Ok(())
        })
        .await?;
        Ok(fresh.issued(user))
    }

    /// Exchanges a refresh token for the next pair. Real reuse ends the session.
    ///
    /// # Errors
    /// `unauthenticated`, `rate_limited`.
    pub async fn refresh(
        &self,
        moment: &mut Moment,
        address: ClientAddress,
        refresh_token: &str,
    ) -> AppResult<IssuedSession> {
        self.count_network(moment, RateLimit::RefreshPerNetwork, address)?;
        let unauthenticated = || AppError::Refused(ErrorCode::Unauthenticated);
        let (sealed, presented) = tokens::prefix_and_hash_presented(refresh_token).ok_or_else(unauthenticated)?;
        let session = self.inner.families.open(sealed);
        // Whose stream tells of the end must be known before the transaction.
        let known = sessions::by_id(self.store().read(), session).await?.ok_or_else(unauthenticated)?;
        let stream = StreamId::User(known.user.id);
        let fresh = self.fresh_tokens(moment, session);
        let presentation = Presentation { session, presented, stream, alive: known.terms.alive(moment.now) };
        let tokens = fresh.tokens.new;
        let decision = self
            .carry_through(move |app| async move {
                let decision = app.commit(&[stream], move |tx| Box::pin(presentation.decide(tx, tokens))).await?;
                if decision == Refresh::KillFamily {
                    tracing::warn!(%session, "a refresh token was used again after its successor: the session is ended");
                    app.voice().end_session(session).await;
                }
                Ok(decision)
            })
            .await?;
        match decision {
            Refresh::Rotate | Refresh::Reissue => Ok(fresh.issued(known.user)),
            Refresh::KillFamily | Refresh::Refuse => Err(unauthenticated()),
        }
    }

    /// Who holds this access token.
    ///
    /// # Errors
    /// `unauthenticated`.
    pub async fn authenticate(&self, moment: &Moment, access_token: &str) -> AppResult<Actor> {
        let unauthenticated = || AppError::Refused(ErrorCode::Unauthenticated);
        let access = tokens::hash_presented(access_token).ok_or_else(unauthenticated)?;
        let session = sessions::by_access(self.store().read(), access).await?.ok_or_else(unauthenticated)?;
        if !session.terms.access_valid(moment.now) {
            return Err(unauthenticated());
        }
        if session.successor == Successor::Unused {
            let marked = self.write(&[], move |tx| {
                Box::pin(async move { sessions::mark_used(tx, access).await.map_err(AppError::from) })
            });
            // Reading must go on while nothing can be written; the predecessor then lives a little longer.
            if let Err(error) = marked.await {
                tracing::warn!(%error, "the first use of an access token could not be noted");
            }
        }
        Ok(Actor {
            user: session.user.id,
            session: session.id,
            username: session.user.username,
            instance_admin: session.user.instance_admin,
        })
    }

    /// Ends the session of this device; again without effect. Its sockets learn of it by the event, its
    /// voice ends at once.
    ///
    /// # Errors
    /// `overloaded` or `internal`: storage.
    pub async fn sign_out(&self, moment: &mut Moment, actor: &Actor) -> AppResult<()> {
        let (stream, session, now) = (StreamId::User(actor.user), actor.session, moment.now);
        self.carry_through(move |app| async move {
            app.commit(&[stream], move |tx| Box::pin(end(tx, stream, session, now))).await?;
            app.voice().end_session(session).await;
            Ok(())
        })
        .await
    }

    /// A session that does not exist yet, with its first tokens.
    pub(crate) fn fresh_session(&self, moment: &mut Moment) -> FreshSession {
        let session = SessionId(moment.id());
        self.fresh_tokens(moment, session)
    }

    fn fresh_tokens(&self, moment: &mut Moment, session: SessionId) -> FreshSession {
        let access_token = Token::random(&mut moment.rng);
        let refresh_token = Token::random_after(self.inner.families.seal(session), &mut moment.rng);
        let new = NewTokens {
            access: access_token.hash(),
            refresh: refresh_token.hash(),
            access_expires_at: moment.now + ACCESS_LIFETIME,
            refresh_expires_at: moment.now + REFRESH_LIFETIME,
            issued_at: moment.now,
        };
        FreshSession { tokens: SessionTokens { session, new }, access_token, refresh_token }
    }
}

/// What storage gets of a new session.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SessionTokens {
    pub(crate) session: SessionId,
    new: NewTokens,
}

/// Tokens that are about to be stored.
#[derive(Debug)]
pub(crate) struct FreshSession {
    pub(crate) tokens: SessionTokens,
    access_token: Token,
    refresh_token: Token,
}

impl FreshSession {
    /// What the owner gets, now that it is stored.
    pub(crate) fn issued(self, user: User) -> IssuedSession {
        IssuedSession {
            me: wire::me(user),
            session: self.tokens.session,
            access_token: self.access_token,
            refresh_token: self.refresh_token,
            access_expires_in_s: seconds(ACCESS_LIFETIME),
            refresh_expires_in_s: seconds(REFRESH_LIFETIME),
        }
    }
}

/// A refresh token that somebody presents.
#[derive(Debug, Clone, Copy)]
struct Presentation {
    session: SessionId,
    presented: TokenHash,
    stream: StreamId,
    /// The session had not ended before the transaction.
    alive: bool,
}

impl Presentation {
    async fn decide(self, tx: &Tx, tokens: NewTokens) -> AppResult<Refresh> {
        let now = tokens.issued_at;
        let decision = match sessions::by_refresh(tx, self.presented).await? {
            Some((found, which)) if found.id == self.session => found.terms.refresh(which, found.successor, now),
            // Neither the newest nor the one before it, and yet ours: an older one.
            Some(_) | None if self.alive => Refresh::KillFamily,
            Some(_) | None => Refresh::Refuse,
        };
        match decision {
            Refresh::Rotate => sessions::rotate(tx, self.session, &tokens).await?,
            Refresh::Reissue => sessions::reissue(tx, self.session, &tokens).await?,
            Refresh::KillFamily => end(tx, self.stream, self.session, now).await?,
            Refresh::Refuse => {}
        }
        Ok(decision)
    }
}

/// Stores a session and ends the oldest of this person beyond `keep`, which are given. The person's
/// stream must be one of the unit's.
pub(crate) async fn begin(tx: &Tx, user: UserId, tokens: SessionTokens, keep: u32) -> AppResult<Vec<SessionId>> {
    let now = tokens.new.issued_at;
    sessions::insert(tx, tokens.session, user, &tokens.new).await?;
    let ended = sessions::revoke_beyond(tx, user, keep.max(1), now).await?;
    for session in &ended {
        append(tx, StreamId::User(user), &ServerEvent::SessionEnded { session_id: session.0 }, now).await?;
    }
    Ok(ended)
}

async fn end(tx: &Tx, stream: StreamId, session: SessionId, now: time::OffsetDateTime) -> AppResult<()> {
    if sessions::revoke(tx, session, now).await? {
        append(tx, stream, &ServerEvent::SessionEnded { session_id: session.0 }, now).await?;
    }
    Ok(())
}

fn seconds(life: Duration) -> u32 {
    u32::try_from(life.whole_seconds()).unwrap_or(u32::MAX)
}

/// Writes the session into its refresh tokens so that nobody else can: one block of AES-256 under a
/// key derived from the instance's. To hit any session by chance is one in 2^128.
pub(crate) struct FamilySeal {
    cipher: Aes256,
}

impl FamilySeal {
    pub(crate) fn new(key: &SecretKey) -> Self {
        let derived = Sha256::new().chain_update(b"voz refresh token family 1").chain_update(key.0).finalize();
        FamilySeal { cipher: Aes256::new(&derived) }
    }

    fn seal(&self, session: SessionId) -> [u8; 16] {
        let mut block = session.0.into_bytes().into();
        self.cipher.encrypt_block(&mut block);
        block.into()
    }

    /// Some id comes out of everything; one that exists comes out of what [`FamilySeal::seal`] gave.
    fn open(&self, sealed: [u8; 16]) -> SessionId {
        let mut block = sealed.into();
        self.cipher.decrypt_block(&mut block);
        SessionId(Uuid::from_bytes(block.into()))
    }
}

impl fmt::Debug for FamilySeal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FamilySeal(…)")
    }
}
