// SPDX-License-Identifier: Apache-2.0
//! Configuration: defaults < `voz.toml` < `VOZ_*` < `VOZ_…_FILE` (secrets) < flags.
//!
//! Every key does something; a key in the file that isn't one of these is refused. The page
//! `docs/config.md` is made from the comments here.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use anyhow::{Context, ensure};
use confique::{Config as _, File, FileFormat, Layer};
use serde::Deserialize;

use crate::http::origin::PublicUrl;

mod limits;
mod reference;

pub use limits::Limits;
pub use reference::{reference, unknown_variables};

/// All that can be configured.
#[derive(Debug, Clone, confique::Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct Config {
    /// Address and TCP port of the web client and the HTTP API. Voice takes the UDP port of the same number.
    #[config(env = "VOZ_LISTEN", default = "127.0.0.1:8080")]
    pub listen: SocketAddr,

    /// Folder for everything that is kept: the database, and `voz.toml`. Back it up.
    #[config(env = "VOZ_DATA_DIR", default = "voz-data")]
    pub data_dir: PathBuf,

    /// Where browsers reach this instance, when that is not the address listened on: `https://voz.example.org`.
    /// Behind a proxy that speaks TLS it is needed: cookies and the check of web origins follow it.
    #[config(env = "VOZ_PUBLIC_URL")]
    pub public_url: Option<PublicUrl>,

    /// `postgres://user:password@host/database`. Without it the data is in SQLite, in `data_dir`.
    /// Secret: `VOZ_DATABASE_URL_FILE` names a file that holds it.
    #[config(env = "VOZ_DATABASE_URL")]
    pub database_url: Option<Secret>,

    /// Connections to PostgreSQL at most; one more says that this server serves from the database.
    #[config(env = "VOZ_DATABASE_CONNECTIONS", default = 10, validate(*database_connections > 0, "at least 1"))]
    pub database_connections: u32,

    /// What is logged to standard error: `error`, `warn`, `info`, `debug`, `trace`, or per part (`info,voz_server=debug`).
    #[config(env = "VOZ_LOG", default = "info,sea_orm_migration=warn")]
    pub log: String,

    /// Voice.
    #[config(nested)]
    pub voice: Voice,

    /// Bounds that keep one person, or one fault, from taking the machine.
    #[config(nested)]
    pub limits: Limits,
}

/// Voice.
#[derive(Debug, Clone, confique::Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct Voice {
    /// UDP port, on every address of the machine. Without it: the number of the HTTP port.
    #[config(env = "VOZ_VOICE_PORT")]
    pub port: Option<u16>,

    /// Addresses told to browsers, in this order. Empty: those of the network interfaces, loopback last.
    /// Set it when the machine is behind NAT. In the environment: with commas between.
    #[config(env = "VOZ_VOICE_ADVERTISE", parse_env = confique::env::parse::list_by_comma, default = [])]
    pub advertise: Vec<IpAddr>,
}

/// A value that is never shown.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Hides `text`.
    pub fn new(text: String) -> Self {
        Secret(text)
    }

    /// The value, for the one place that uses it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

/// What the command line sets.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// Another file than `voz.toml` in the data folder; it must exist.
    pub config: Option<PathBuf>,
    /// See [`Config::data_dir`].
    pub data_dir: Option<PathBuf>,
    /// See [`Config::listen`].
    pub listen: Option<SocketAddr>,
    /// See [`Config::public_url`].
    pub public_url: Option<PublicUrl>,
}

type ConfigLayer = <Config as confique::Config>::Layer;

impl Config {
    /// Reads all sources.
    ///
    /// # Errors
    /// When a source can't be read, or a value is wrong; the text says which.
    pub fn load(flags: Flags) -> anyhow::Result<Self> {
        let mut layer = ConfigLayer::empty();
        layer.data_dir = flags.data_dir;
        layer.listen = flags.listen;
        layer.public_url = flags.public_url;

        let mut secrets = ConfigLayer::empty();
        secrets.database_url = secret_from_file(DATABASE_URL_FILE)?;
        let layer = layer.with_fallback(secrets).with_fallback(ConfigLayer::from_env()?);

        let file = match flags.config {
            Some(path) => File::with_format(path, FileFormat::Toml).required(),
            None => {
                let defaults = ConfigLayer::default_values().data_dir;
                let data_dir = layer.data_dir.clone().or(defaults).context("no data folder")?;
                File::with_format(data_dir.join("voz.toml"), FileFormat::Toml)
            }
        };
        let layer = layer.with_fallback(file.load()?).with_fallback(ConfigLayer::default_values());
        let config = Config::from_layer(layer)?;
        config.check()?;
        Ok(config)
    }

    /// What the form of a value does not show.
    fn check(&self) -> anyhow::Result<()> {
        let known =
            |url: &Secret| ["postgres://", "postgresql://"].iter().any(|scheme| url.reveal().starts_with(scheme));
        ensure!(self.database_url.as_ref().is_none_or(known), "database_url begins with postgres://");
        let nowhere = self.voice.advertise.iter().find(|address| address.is_unspecified());
        ensure!(
            nowhere.is_none(),
            "voice.advertise: nobody can reach {}",
            nowhere.map(IpAddr::to_string).unwrap_or_default()
        );
        Ok(())
    }
}

/// The only secret so far.
const DATABASE_URL_FILE: &str = "VOZ_DATABASE_URL_FILE";

fn secret_from_file(variable: &str) -> anyhow::Result<Option<Secret>> {
    let Some(path) = std::env::var_os(variable) else { return Ok(None) };
    let text = std::fs::read_to_string(&path).with_context(|| format!("{variable} names {}", path.display()))?;
    Ok(Some(Secret::new(text.trim_end_matches(['\r', '\n']).to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(file: &str, flags: Flags) -> anyhow::Result<Config> {
        let folder = tempfile::tempdir()?;
        std::fs::write(folder.path().join("voz.toml"), file)?;
        Config::load(Flags { data_dir: Some(folder.path().to_owned()), ..flags })
    }

    #[test]
    fn without_a_file_the_defaults_hold() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config::load(Flags { data_dir: Some(folder.path().to_owned()), ..Flags::default() }).unwrap();
        assert_eq!(config.listen, "127.0.0.1:8080".parse().unwrap());
        assert!(config.public_url.is_none() && config.voice.advertise.is_empty());
    }

    #[test]
    fn flags_beat_the_file_and_the_file_beats_the_defaults() {
        let file = "listen = '127.0.0.1:1'\npublic_url = 'https://voz.example.org'\n[voice]\nadvertise = ['192.0.2.1', '2001:db8::1']\n";
        let config = load(file, Flags::default()).unwrap();
        assert_eq!(config.listen.port(), 1);
        assert_eq!(config.voice.advertise.len(), 2);
        let flags = Flags { listen: Some("127.0.0.1:2".parse().unwrap()), ..Flags::default() };
        assert_eq!(load(file, flags).unwrap().listen.port(), 2);
    }

    #[test]
    fn an_unknown_key_and_a_wrong_value_are_refused_by_name() {
        for (file, named) in [
            ("lissten = '127.0.0.1:1'", "lissten"),
            ("[voice]\nadvertize = []", "advertize"),
            ("public_url = 'http://voz.example.org'", "https"),
            ("[limits]\nconnections = 0", "at least 1"),
            ("database_url = 'mysql://db/voz'", "postgres://"),
            ("[voice]\nadvertise = ['0.0.0.0']", "0.0.0.0"),
        ] {
            let error = format!("{:#}", load(file, Flags::default()).unwrap_err());
            assert!(error.contains(named), "{error}");
        }
    }

    #[test]
    fn variables_that_are_no_settings_are_found() {
        let names = ["VOZ_LISTEN", "VOZ_LISTEEN", "VOZ_DATABASE_URL_FILE", "VOZ_VOICE_PORT", "HOME", "VOZ_PORT_FILE"];
        let unknown: Vec<String> = unknown_variables(names.map(Into::into).into_iter()).collect();
        assert_eq!(unknown, ["VOZ_LISTEEN", "VOZ_PORT_FILE"]);
    }

    #[test]
    fn a_file_named_by_a_flag_must_exist() {
        let flags = Flags { config: Some("/nonexistent/voz.toml".into()), ..Flags::default() };
        assert!(Config::load(flags).is_err());
    }

    #[test]
    fn a_secret_is_not_shown() {
        let config = load("database_url = 'postgres://voz:hush@db/voz'", Flags::default()).unwrap();
        assert!(!format!("{config:?}").contains("hush"));
        assert_eq!(config.database_url.unwrap().reveal(), "postgres://voz:hush@db/voz");
    }

    #[test]
    fn the_committed_reference_is_current() {
        let committed = include_str!("../../../../docs/config.md");
        assert!(committed == reference(), "docs/config.md is stale: voz config reference > docs/config.md");
    }
}
