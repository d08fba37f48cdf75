// SPDX-License-Identifier: Apache-2.0
//! An instance that is set up: use cases on SQLite, and all that answers HTTP, without a listener.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use voz_app::streams::Content;
use voz_app::{App, ClientAddress, Moment};
use voz_protocol::channels::ChannelKind;
use voz_protocol::gateway::ServerEvent;
use voz_protocol::instance::SignUpMode;
use voz_protocol::sessions::Transport;
use voz_protocol::setup::{SetupCommunity, SetupRequest};
use voz_server::config::{Config, Flags};
use voz_server::gateway::Gateway;
use voz_server::http::extract::BodyLimits;
use voz_server::http::origin::OwnOrigin;
use voz_server::http::session_cookies::SessionCookies;
use voz_server::places::Places;
use voz_server::serve::Connection;
use voz_server::shutdown::{self, ShutdownHandle};
use voz_server::start::{administration, open_store};
use voz_server::state::ServerState;
use voz_server::web::WebClient;
use voz_server::{clock, http};
use voz_storage::Access;

/// The port that it thinks it listens on.
pub(crate) const PORT: u16 = 8080;

/// An access token lives for 15 minutes, and nobody renews it here.
const LIFE: Duration = Duration::from_secs(10 * 60);

pub(crate) struct Instance {
    pub runtime: Runtime,
    pub app: App,
    pub router: Router,
    pub connection: Connection,
    pub access: String,
    pub refresh: String,
    pub community: String,
    pub text_channel: String,
    pub room: String,
    pub owner: String,
    born: Instant,
    _shutdown: ShutdownHandle,
    _folder: TempDir,
}

pub(crate) fn anywhere() -> ClientAddress {
    ClientAddress([127, 0, 0, 1].into())
}

/// Works on this thread's instance.
pub(crate) fn with<T>(work: impl FnOnce(&Instance) -> T) -> T {
    thread_local! {
        static INSTANCE: RefCell<Option<Instance>> = const { RefCell::new(None) };
    }
    INSTANCE.with_borrow_mut(|instance| {
        let now = clock::moment().monotonic;
        instance.take_if(|old| now.saturating_duration_since(old.born) > LIFE);
        work(instance.get_or_insert_with(|| match Instance::start() {
            Ok(instance) => instance,
            Err(error) => panic!("no instance to work on: {error}"),
        }))
    })
}

impl Instance {
    fn start() -> Result<Self, Box<dyn std::error::Error>> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let folder = tempfile::tempdir()?;
        let mut config = Config::load(Flags { data_dir: Some(folder.path().to_owned()), ..Flags::default() })?;
        unlimited(&mut config);
        let mut moment = clock::moment();
        let store = runtime.block_on(open_store(&config, Access::Serve))?;
        let app = runtime.block_on(administration(&config, store, &mut moment))?;
        let (owner, access, refresh) = runtime.block_on(found(&app, &mut moment))?;
        let home = runtime.block_on(home(&app, &moment, &access))?;
        let (handle, shutdown) = shutdown::channel();
        let state = ServerState {
            app: app.clone(),
            gateway: Gateway::new(config.limits.of_sockets()),
            origin: Arc::new(OwnOrigin::Loopback { port: PORT }),
            cookies: Arc::new(SessionCookies::on_loopback(PORT)),
            body: BodyLimits { bytes: config.limits.body_bytes as usize, deadline: Duration::from_secs(10) },
            shutdown,
        };
        let peer: SocketAddr = ([127, 0, 0, 1], 40_000).into();
        let places = Places::new(1, 1);
        let free = runtime.block_on(places.free());
        let place = free.and_then(|free| places.take(free, peer.ip())).ok_or("no place")?;
        let [community, text_channel, room] = home;
        Ok(Self {
            router: http::router(state, WebClient::embedded()),
            connection: Connection::new(peer, place),
            runtime,
            app,
            access,
            refresh,
            community,
            text_channel,
            room,
            owner,
            born: moment.monotonic,
            _shutdown: handle,
            _folder: folder,
        })
    }
}

/// Nothing here is about how often.
fn unlimited(config: &mut Config) {
    let rates = &mut config.limits.rates;
    for rate in [
        &mut rates.refresh_per_network,
        &mut rates.sign_in_per_network,
        &mut rates.sign_up_per_network,
        &mut rates.setup_per_network,
        &mut rates.invite_look_up_per_network,
        &mut rates.invite_create_per_user,
        &mut rates.channel_change_per_user,
        &mut rates.message_per_user,
        &mut rates.moderation_per_user,
        &mut rates.gateway_per_network,
    ] {
        rate.0.burst = u32::MAX;
    }
}

/// Goes through the wizard.
async fn found(app: &App, moment: &mut Moment) -> Result<(String, String, String), Box<dyn std::error::Error>> {
    let token = app.make_setup_token(moment, voz_app::EarlierTokens::Stay).await?.ok_or("no token for the wizard")?;
    let request = SetupRequest {
        token: token.reveal().to_owned(),
        username: "ana".to_owned(),
        password: "correta cavalo bateria".to_owned(),
        instance_name: "Voz".to_owned(),
        sign_up: SignUpMode::Closed,
        community: SetupCommunity {
            name: "Escola".to_owned(),
            text_channel: "geral".to_owned(),
            room: "Sala".to_owned(),
            rules: String::new(),
        },
        transport: Transport::Bearer,
    };
    let issued = app.setup_complete(moment, anywhere(), request).await?;
    let tokens = (issued.access_token.reveal().to_owned(), issued.refresh_token.reveal().to_owned());
    Ok((issued.me.user.id.to_string(), tokens.0, tokens.1))
}

/// Ids of the community, its text channel and its room.
async fn home(app: &App, moment: &Moment, access: &str) -> Result<[String; 3], Box<dyn std::error::Error>> {
    let actor = app.authenticate(moment, access).await?;
    let resumed = app.resume(moment, &actor, &Default::default(), &mut app.subscribe(1)).await?;
    let snapshots = resumed.readings.into_iter().filter_map(|reading| match reading.content {
        Content::Snapshot { event, .. } => Some(*event),
        Content::Missed { .. } => None,
    });
    for event in snapshots {
        if let ServerEvent::CommunitySnapshot(home) = event {
            let channel = |kind| home.channels.iter().find(|it| it.kind == kind).map(|it| it.id.to_string());
            let (text, room) = (channel(ChannelKind::Text), channel(ChannelKind::Room));
            return Ok([home.community.id.to_string(), text.ok_or("no channel")?, room.ok_or("no room")?]);
        }
    }
    Err("no community".into())
}
