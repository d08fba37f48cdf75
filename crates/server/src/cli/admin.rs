// SPDX-License-Identifier: Apache-2.0
//! `voz admin`: short pieces of administration, beside a server that may be running.

use std::path::{Path, PathBuf};

use anyhow::Context;
use voz_app::{AppError, EarlierTokens, Privilege};
use voz_protocol::errors::{ErrorCode, FieldError};
use voz_storage::Access;

use super::{Sources, print};
use crate::config::Config;
use crate::{clock, start};

/// What to do.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Print a new one-time link of the set-up wizard; the earlier ones stop working
    SetupLink(Sources),
    /// Create an account
    CreateUser(CreateUser),
}

/// Arguments of `voz admin create-user`.
#[derive(Debug, clap::Args)]
pub struct CreateUser {
    #[command(flatten)]
    sources: Sources,
    /// 2–32 characters: letters, digits, `.`, `_`, `-`
    #[arg(long, value_name = "NAME")]
    username: String,
    /// File whose first line is the password
    #[arg(long, value_name = "FILE")]
    password_file: PathBuf,
}

/// Runs it.
pub async fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::SetupLink(sources) => setup_link(&sources.load()?).await,
        Command::CreateUser(CreateUser { sources, username, password_file }) => {
            create_user(&sources.load()?, &username, &password_file).await
        }
    }
}

async fn setup_link(config: &Config) -> anyhow::Result<()> {
    let known = start::store_config(config, Access::Administer).exists().await?;
    let store = start::open_store(config, Access::Administer).await?;
    let mut moment = clock::moment();
    let app = start::administration(config, store.clone(), &mut moment).await?;
    let link = start::new_setup_link(&app, &mut moment, EarlierTokens::End, &start::known_url(config)).await?;
    drop(app);
    store.close().await;
    let link = link.context("this instance is set up already")?;
    if !known {
        eprintln!("There was no instance {} yet: this is the link of a new one.", place(config));
    }
    print(&format!("{link}\n"))
}

async fn create_user(config: &Config, username: &str, password_file: &Path) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(password_file);
    let text = text.with_context(|| format!("{} can't be read", password_file.display()))?;
    let password = text.lines().next().unwrap_or_default().to_owned();
    // An account in an instance that nobody meant helps nobody.
    if !start::store_config(config, Access::Administer).exists().await? {
        let key = if config.database_url.is_some() { "`database_url`" } else { "--data-dir" };
        anyhow::bail!("there is no instance {} yet: is {key} right, and was the server started once?", place(config));
    }
    let store = start::open_store(config, Access::Administer).await?;
    let mut moment = clock::moment();
    let app = start::administration(config, store.clone(), &mut moment).await?;
    let created = app.create_user(&mut moment, username, password, Privilege::None).await;
    drop(app);
    store.close().await;
    match created {
        Ok(me) => print(&format!("{}\n", me.user.id)),
        Err(AppError::Refused(ErrorCode::UsernameTaken)) => anyhow::bail!("someone has this user name"),
        Err(AppError::Validation(fields)) => {
            let wrong: Vec<String> = fields.iter().map(|(field, error)| format!("{field} {}", words(*error))).collect();
            anyhow::bail!("{}", wrong.join(", "))
        }
        Err(error) => Err(error.into()),
    }
}

/// Where the data of this configuration is.
fn place(config: &Config) -> String {
    match &config.database_url {
        Some(_) => "in PostgreSQL".to_owned(),
        None => format!("in {}", config.data_dir.display()),
    }
}

fn words(error: FieldError) -> &'static str {
    match error {
        FieldError::Empty => "is empty",
        FieldError::TooShort => "is too short",
        FieldError::TooLong => "is too long",
        FieldError::Characters => "has characters that it may not have",
        FieldError::TooCommon => "is one that many people use",
        FieldError::OutOfRange => "is out of range",
    }
}
