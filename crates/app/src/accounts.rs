// SPDX-License-Identifier: Apache-2.0
//! Accounts: a user name and a password, nothing else.

use voz_domain::ids::{StreamId, UserId};
use voz_domain::limits::RateLimit;
use voz_domain::names::Username;
use voz_domain::passwords;
use voz_domain::sign_up::{self, Invitation, SignUp};
use voz_protocol::accounts::{Me, SignUpRequest};
use voz_protocol::errors::ErrorCode;
use voz_storage::users::{self, NewUser, User};
use voz_storage::{StoreError, Tx};

use crate::actors::ClientAddress;
use crate::errors::{AppError, AppResult};
use crate::fields::{Checked, FieldCheck};
use crate::members::Entry;
use crate::moment::Moment;
use crate::sessions::{self, IssuedSession};
use crate::{App, instance, wire};

/// What an account made on the command line may do to the instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Privilege {
    /// Nothing.
    None,
    /// Everything.
    InstanceAdmin,
}

impl App {
    /// Makes an account, and its first session. With an invite the person also enters the community,
    /// or there is no account.
    ///
    /// # Errors
    /// `validation`, `sign_up_closed`, `sign_up_invite_only`, `username_taken`, `invite_*`,
    /// `rules_changed`, `rate_limited`, `overloaded`.
    pub async fn sign_up(
        &self,
        moment: &mut Moment,
        address: ClientAddress,
        request: SignUpRequest,
    ) -> AppResult<IssuedSession> {
        let SignUpRequest { username, password, invite, transport: _ } = request;
        let username = checked(&username, &password)?;
        self.count_network(moment, RateLimit::SignUpPerNetwork, address)?;
        let source = self.store().read();
        let invitation = if invite.is_some() { Invitation::Invite } else { Invitation::None };
        open_to(&instance::stored(source).await?, invitation)?;
        let entry = match invite {
            Some(invite) => Some(Entry::look_up(source, &invite.code, invite.rules_version, moment.now).await?),
            None => None,
        };
        if users::credentials(source, &username).await?.is_some() {
            return Err(AppError::Refused(ErrorCode::UsernameTaken));
        }

        let new = self.new_user(moment, username, password, Privilege::None).await?;
        let fresh = self.fresh_session(moment);
        let (tokens, keep, now) = (fresh.tokens, self.inner.limits.sessions_per_user, moment.now);
        let mut streams = vec![StreamId::User(new.id)];
        streams.extend(entry.as_ref().map(|entry| StreamId::Community(entry.community)));
        let user = self
            .write(&streams, move |tx| {
                Box::pin(async move {
                    open_to(&instance::stored(tx).await?, invitation)?;
                    let user = insert(tx, &new).await?;
                    if let Some(entry) = entry {
                        entry.enter(tx, user.clone(), now).await?;
                    }
                    sessions::begin(tx, user.id, tokens, keep).await?;
                    Ok(user)
                })
            })
            .await?;
        Ok(fresh.issued(user))
    }

    /// Makes an account whatever the mode. For the command line.
    ///
    /// # Errors
    /// `validation`, `username_taken`.
    pub async fn create_user(
        &self,
        moment: &mut Moment,
        username: &str,
        password: String,
        privilege: Privilege,
    ) -> AppResult<Me> {
        let username = checked(username, &password)?;
        let new = self.new_user(moment, username, password, privilege).await?;
        let user = self.write(&[], move |tx| Box::pin(async move { insert(tx, &new).await })).await?;
        Ok(wire::me(user))
    }

    /// An account that does not exist yet: the password is hashed.
    pub(crate) async fn new_user(
        &self,
        moment: &mut Moment,
        username: Username,
        password: String,
        privilege: Privilege,
    ) -> AppResult<NewUser> {
        Ok(NewUser {
            id: UserId(moment.id()),
            username,
            password_hash: self.inner.passwords.hash(moment, password).await?,
            instance_admin: match privilege {
                Privilege::None => false,
                Privilege::InstanceAdmin => true,
            },
            created_at: moment.now,
        })
    }
}

/// Stores the account, if its name is still free.
pub(crate) async fn insert(tx: &Tx, new: &NewUser) -> AppResult<User> {
    users::insert(tx, new).await.map_err(|error| match error {
        StoreError::Conflict => AppError::Refused(ErrorCode::UsernameTaken),
        StoreError::Unavailable(_) | StoreError::Fault(_) => AppError::Store(error),
    })
}

/// Checks name and password. Whether a password is easy to guess depends on the name, so it is
/// looked at once the name is good.
pub(crate) fn check_credentials(check: &mut FieldCheck, username: &str, password: &str) -> Checked<Username> {
    let username = check.take("username", Username::parse(username));
    if let Some(username) = username.peek() {
        check.take("password", passwords::check(password, username));
    }
    username
}

fn checked(username: &str, password: &str) -> AppResult<Username> {
    let mut check = FieldCheck::default();
    let username = check_credentials(&mut check, username, password);
    username.get(&check.finish()?)
}

fn open_to(instance: &voz_storage::instance::Instance, invitation: Invitation) -> AppResult<()> {
    // Until the set-up there is nobody who could have chosen a mode.
    if instance.set_up_at.is_none() {
        return Err(AppError::Refused(ErrorCode::SignUpClosed));
    }
    match sign_up::decide(instance.sign_up, invitation) {
        SignUp::Allowed => Ok(()),
        SignUp::InviteOnly => Err(AppError::Refused(ErrorCode::SignUpInviteOnly)),
        SignUp::Closed => Err(AppError::Refused(ErrorCode::SignUpClosed)),
    }
}
