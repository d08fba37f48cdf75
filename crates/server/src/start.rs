// SPDX-License-Identifier: Apache-2.0
//! Puts a server together: store, bus, voice, use cases, HTTP. The integration tests start it the same way.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle as Thread;
use std::time::Duration;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::task::{AbortHandle, JoinHandle};
use voz_app::voice::VoiceControl;
use voz_app::{App, AppConfig, EarlierTokens, Life, Moment, PasswordConfig};
use voz_bus::{Bus, RateLimits};
use voz_storage::{Access, Store, StoreConfig};

use crate::config::Config;
use crate::gateway::Gateway;
use crate::http::extract::BodyLimits;
use crate::http::origin::OwnOrigin;
use crate::http::session_cookies::SessionCookies;
use crate::serve::{ServeLimits, serve};
use crate::shutdown::{self, ShutdownHandle};
use crate::state::ServerState;
use crate::voice::{self, VoiceConfig};
use crate::web::WebClient;
use crate::{clock, http};

/// In the data folder while the server runs: its URL, for `voz admin`.
const ADDRESS_FILE: &str = "address";
/// Between two rounds of housekeeping.
const HOUSEKEEPING: Duration = Duration::from_secs(60 * 60);
/// How long the media thread may take to end.
const MEDIA_END: Duration = Duration::from_secs(2);

/// A server that answers.
pub struct Running {
    /// Where HTTP listens.
    pub address: SocketAddr,
    /// What a person types into the browser.
    pub url: String,
    /// The one-time link of the wizard, while the instance is not set up.
    pub setup_link: Option<String>,
    shutdown: ShutdownHandle,
    serving: JoinHandle<()>,
    voice_events: JoinHandle<()>,
    housekeeping: AbortHandle,
    media: Thread<()>,
    store: Store,
    address_file: PathBuf,
}

/// Starts everything that `config` says.
///
/// # Errors
/// When a port is taken, the data can't be opened, or another server works on it.
pub async fn start(config: &Config, web: WebClient) -> anyhow::Result<Running> {
    let mut moment = clock::moment();
    let store = open_store(config, Access::Serve).await?;
    let listener = TcpListener::bind(config.listen).await;
    let listener = listener.with_context(|| format!("{} can't be listened on", config.listen))?;
    let address = listener.local_addr()?;

    let limits = config.limits.of_people();
    let bus = Bus::local(RateLimits::new(limits.clone()));
    let voice = voice::start(&VoiceConfig {
        port: config.voice.port.unwrap_or(address.port()),
        advertise: config.voice.advertise.clone(),
    })?;
    // Seconds since 1970: higher at each start than what rooms counted up to in the life before.
    let first_room_epoch = u32::try_from(moment.now.unix_timestamp()).unwrap_or(u32::MAX / 2);
    let control = VoiceControl::new(voice.commands, bus.clone(), first_room_epoch, limits.people_per_room as usize);
    let voice_events = tokio::spawn(voice::attend(control.clone(), voice.events));

    let app = App::new(AppConfig {
        store: store.clone(),
        bus,
        voice: control,
        limits,
        passwords: PasswordConfig {
            concurrent: config.limits.passwords_concurrent as usize,
            queue: config.limits.passwords_queue as usize,
        },
        life: Life::begin(&store, &mut moment).await?,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started: moment.monotonic,
    });

    let housekeeping = tokio::spawn(keep_house(app.clone())).abort_handle();
    let url = url_at(config, address);
    let address_file = config.data_dir.join(ADDRESS_FILE);
    voz_storage::make_folder(&config.data_dir)?;
    std::fs::write(&address_file, &url).with_context(|| address_file.display().to_string())?;
    let setup_link = new_setup_link(&app, &mut moment, EarlierTokens::Stay, &url).await?;

    let origin = match &config.public_url {
        Some(url) => OwnOrigin::Public(url.clone()),
        None => OwnOrigin::Loopback { port: address.port() },
    };
    let (handle, shutdown) = shutdown::channel();
    let state = ServerState {
        app,
        gateway: Gateway::new(config.limits.of_sockets()),
        origin: Arc::new(origin),
        cookies: Arc::new(SessionCookies::of(config.public_url.as_ref(), address.port())),
        body: BodyLimits {
            bytes: config.limits.body_bytes as usize,
            deadline: Duration::from_secs(config.limits.body_s.into()),
        },
        shutdown: shutdown.clone(),
    };
    let serve_limits = ServeLimits {
        first_request_head: Duration::from_secs(config.limits.first_request_s.into()),
        keep_alive: Duration::from_secs(config.limits.keep_alive_s.into()),
        stalled: Duration::from_secs(config.limits.stalled_s.into()),
        connections: config.limits.connections,
        connections_per_network: config.limits.connections_per_network,
        drain: Duration::from_secs(config.limits.drain_s.into()),
    };
    let serving = tokio::spawn(serve(listener, http::router(state, web), serve_limits, shutdown));
    tracing::info!(%address, voice = ?voice.candidates, "ready");
    match (&config.public_url, address.ip()) {
        (Some(_), _) => {}
        (None, ip) if ip.is_loopback() => {}
        (None, ip) if ip.is_unspecified() => {
            tracing::warn!("without public_url, browsers can only sign in on this machine");
        }
        (None, ip) => tracing::warn!(%ip, "without public_url, no browser can sign in at this address"),
    }
    Ok(Running {
        address,
        url,
        setup_link,
        shutdown: handle,
        serving,
        voice_events,
        housekeeping,
        media: voice.thread,
        store,
        address_file,
    })
}

impl Running {
    /// Resolves with what ended, when a part of the server ends without having been asked to.
    pub async fn failed(&mut self) -> &'static str {
        tokio::select! {
            _ = &mut self.serving => "HTTP",
            _ = &mut self.voice_events => "voice",
            () = self.store.lost() => "the hold on the database, which another server has now,",
        }
    }

    /// Stops: no new connections, open ones get their time, then the data is closed.
    pub async fn stop(self) {
        self.shutdown.request();
        if !self.serving.is_finished() {
            let _ = self.serving.await;
        }
        self.voice_events.abort();
        self.housekeeping.abort();
        let media = tokio::task::spawn_blocking(move || self.media.join());
        if tokio::time::timeout(MEDIA_END, media).await.is_err() {
            tracing::warn!("the media thread did not end");
        }
        self.store.close().await;
        let _ = std::fs::remove_file(self.address_file);
    }
}

/// Deletes what is due, every hour from the first hour on.
async fn keep_house(app: App) {
    loop {
        tokio::time::sleep(HOUSEKEEPING).await;
        match app.keep_house(&clock::moment()).await {
            Ok(pruned) => tracing::debug!(?pruned, "housekeeping"),
            Err(error) => tracing::warn!(%error, "housekeeping"),
        }
    }
}

/// The store that the configuration names; with SQLite it makes the data folder.
///
/// # Errors
/// When the database refuses, or another server works on it.
pub async fn open_store(config: &Config, access: Access) -> anyhow::Result<Store> {
    Ok(Store::open(store_config(config, access)).await?)
}

/// Which database the configuration names.
pub fn store_config(config: &Config, access: Access) -> StoreConfig {
    match &config.database_url {
        Some(url) => {
            StoreConfig::Postgres { url: url.reveal().to_owned(), max_connections: config.database_connections, access }
        }
        None => StoreConfig::Sqlite { folder: config.data_dir.clone(), access },
    }
}

/// Use cases without rooms and clients, for administration beside a server that may be running.
///
/// # Errors
/// When storage fails.
pub async fn administration(config: &Config, store: Store, moment: &mut Moment) -> anyhow::Result<App> {
    let limits = config.limits.of_people();
    let bus = Bus::local(RateLimits::new(limits.clone()));
    // Nobody receives them: no use case of administration has a voice.
    let (commands, _) = tokio::sync::mpsc::channel(1);
    Ok(App::new(AppConfig {
        store: store.clone(),
        voice: VoiceControl::new(commands, bus.clone(), 0, 0),
        bus,
        limits,
        passwords: PasswordConfig::default(),
        life: Life::current(&store, moment).await?,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started: moment.monotonic,
    }))
}

/// A new one-time link of the wizard; `None` when the instance is set up.
///
/// # Errors
/// When storage fails.
pub async fn new_setup_link(
    app: &App,
    moment: &mut Moment,
    earlier: EarlierTokens,
    url: &str,
) -> anyhow::Result<Option<String>> {
    let token = app.make_setup_token(moment, earlier).await?;
    Ok(token.map(|token| format!("{url}/setup#{}", token.reveal())))
}

/// Where browsers reach the server of this configuration: what a running one wrote down (it may have
/// been given another port), else what is configured.
pub fn known_url(config: &Config) -> String {
    match std::fs::read_to_string(config.data_dir.join(ADDRESS_FILE)) {
        Ok(url) => url,
        Err(_) => url_at(config, config.listen),
    }
}

/// The public URL, else the address listened on, as this machine's browsers reach it.
fn url_at(config: &Config, address: SocketAddr) -> String {
    if let Some(url) = &config.public_url {
        return url.origin();
    }
    let host = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    format!("http://{}", SocketAddr::new(host, address.port()))
}
