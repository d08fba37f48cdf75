// SPDX-License-Identifier: Apache-2.0
//! `voz admin`: short pieces of administration, beside a server that may be running.

use std::path::{Path, PathBuf};

use anyhow::Context;
use voz_app::{AppError, Privilege};
use voz_protocol::errors::ErrorCode;
use voz_storage::Access;

use super::Sources;
use crate::config::Config;
use crate::{clock, start};

/// What to do.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Print a new one-time link of the set-up wizard; the earlier one stops working
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
    let store = start::open_store(config, Access::Administer).await?;
    let mut moment = clock::moment();
    let app = start::administration(config, store.clone(), &mut moment).await?;
    let link = start::new_setup_link(&app, &mut moment, &start::known_url(config)).await?;
    drop(app);
    store.close().await;
    println!("{}", link.context("this instance is set up already")?);
    Ok(())
}

async fn create_user(config: &Config, username: &str, password_file: &Path) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(password_file);
    let text = text.with_context(|| format!("{} can't be read", password_file.display()))?;
    let password = text.lines().next().unwrap_or_default().to_owned();
    // An account in an instance that nobody meant helps nobody.
    if !start::store_config(config, Access::Administer).exists().await? {
        let (place, key) = match &config.database_url {
            Some(_) => ("in PostgreSQL".to_owned(), "`database_url`"),
            None => (format!("in {}", config.data_dir.display()), "--data-dir"),
        };
        anyhow::bail!("there is no instance {place} yet: is {key} right, and was the server started once?");
    }
    let store = start::open_store(config, Access::Administer).await?;
    let mut moment = clock::moment();
    let app = start::administration(config, store.clone(), &mut moment).await?;
    let created = app.create_user(&mut moment, username, password, Privilege::None).await;
    drop(app);
    store.close().await;
    match created {
        Ok(me) => {
            println!("{}", me.user.id);
            Ok(())
        }
        Err(AppError::Refused(ErrorCode::UsernameTaken)) => anyhow::bail!("someone has this user name"),
        Err(AppError::Validation(fields)) => {
            let wrong: Vec<String> = fields.iter().map(|(field, error)| format!("{field}: {error:?}")).collect();
            anyhow::bail!("{}", wrong.join(", "))
        }
        Err(error) => Err(error.into()),
    }
}
