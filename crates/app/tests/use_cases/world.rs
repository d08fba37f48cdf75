// SPDX-License-Identifier: Apache-2.0
//! An instance of its own for each test, with a clock that the test moves.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Instant;

use rand::SeedableRng;
use rand::rngs::StdRng;
use time::Duration;
use tokio::sync::mpsc;
use uuid::Uuid;
use voz_app::voice::VoiceControl;
use voz_app::voice::media::MediaCommand;
use voz_app::{Actor, App, AppConfig, AppError, AppResult, ClientAddress, IssuedSession, Life, Moment, PasswordConfig};
use voz_bus::{Bus, Delivery, RateLimits, Subscription};
use voz_domain::ids::{ChannelId, CommunityId, StreamId, UserId};
use voz_domain::limits::{Limits, Rate, RateLimit};
use voz_protocol::accounts::{AcceptedInvite, SignUpRequest};
use voz_protocol::channels::{Channel, ChannelKind};
use voz_protocol::errors::ErrorCode;
use voz_protocol::gateway::ServerEvent;
use voz_protocol::instance::SignUpMode;
use voz_protocol::invites::{CreateInviteRequest, Invite};
use voz_protocol::messages::SendMessageRequest;
use voz_protocol::sessions::{SignInRequest, Transport};
use voz_protocol::setup::{SetupCommunity, SetupRequest};
use voz_storage::{Access, Store, StoreConfig, channels, communities};

/// The same test on both databases.
macro_rules! on_both_engines {
    ($($(#[$meta:meta])* async fn $name:ident($world:ident: World) $body:block)*) => {$(
        $(#[$meta])*
        mod $name {
            use super::*;

            async fn check($world: World) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                check(World::sqlite(Limits::default()).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                check(World::postgres(Limits::default()).await).await;
            }
        }
    )*};
}
pub(crate) use on_both_engines;

pub const PASSWORD: &str = "violão na praça 7";

/// An instance, not yet set up.
pub struct World {
    pub app: App,
    pub store: Store,
    pub folder: Option<tempfile::TempDir>,
    bus: Bus,
    origin: Instant,
    elapsed_us: AtomicI64,
    seed: AtomicU64,
    /// Where commands to the media thread arrive; a test takes it and sits there itself.
    media: Option<mpsc::Receiver<MediaCommand>>,
}

/// What the set-up made.
pub struct Square {
    pub owner: Actor,
    pub session: IssuedSession,
    pub community: CommunityId,
    pub text: ChannelId,
    pub room: ChannelId,
}

impl World {
    pub async fn sqlite(limits: Limits) -> World {
        let folder = tempfile::tempdir().unwrap();
        let config = StoreConfig::Sqlite { folder: folder.path().join("data"), access: Access::Serve };
        let store = Store::open(config).await.unwrap();
        World { folder: Some(folder), ..World::on(store, limits).await }
    }

    /// With the end of the queue where the media thread would sit.
    pub async fn with_media(limits: Limits) -> (World, mpsc::Receiver<MediaCommand>) {
        let mut world = World::sqlite(limits).await;
        let media = world.media.take().unwrap();
        (world, media)
    }

    pub async fn postgres(limits: Limits) -> World {
        let url = voz_testkit::postgres::new_database();
        let config = StoreConfig::Postgres { url, max_connections: 8, access: Access::Serve };
        World::on(Store::open(config).await.unwrap(), limits).await
    }

    #[expect(clippy::disallowed_methods, reason = "one reading of the clock, from which the test's own starts")]
    async fn on(store: Store, limits: Limits) -> World {
        let bus = Bus::local(RateLimits::new(limits.clone()));
        let (commands, media) = mpsc::channel(64);
        let voice = VoiceControl::new(commands, bus.clone(), 1, 10);
        let origin = Instant::now();
        // Two instances in one test have nothing in common.
        static WORLDS: AtomicU64 = AtomicU64::new(0);
        let seed = WORLDS.fetch_add(1, Ordering::Relaxed) << 32;
        let mut first = Moment::new(start(), origin, StdRng::seed_from_u64(seed));
        let life = Life::begin(&store, &mut first).await.unwrap();
        let app = App::new(AppConfig {
            store: store.clone(),
            bus: bus.clone(),
            voice,
            limits,
            passwords: PasswordConfig::default(),
            life,
            version: "0.0.0-test".to_owned(),
            started: origin,
        });
        World {
            app,
            store,
            folder: None,
            bus,
            origin,
            elapsed_us: AtomicI64::new(0),
            seed: AtomicU64::new(seed + 1),
            media: Some(media),
        }
    }

    /// The next moment: a millisecond later, with randomness of its own.
    pub fn moment(&self) -> Moment {
        let elapsed = Duration::microseconds(self.elapsed_us.fetch_add(1_000, Ordering::Relaxed));
        let seed = self.seed.fetch_add(1, Ordering::Relaxed);
        Moment::new(start() + elapsed, self.origin + elapsed.unsigned_abs(), StdRng::seed_from_u64(seed))
    }

    /// Lets time go by.
    pub fn pass(&self, duration: Duration) {
        let us = i64::try_from(duration.whole_microseconds()).unwrap();
        self.elapsed_us.fetch_add(us, Ordering::Relaxed);
    }

    /// What is published on these streams from now on.
    pub fn listen(&self, streams: impl IntoIterator<Item = StreamId>) -> Listener {
        let mut subscription = self.bus.subscribe(1_000);
        for stream in streams {
            subscription.add(stream);
        }
        Listener { subscription }
    }

    pub async fn set_up(&self, sign_up: SignUpMode) -> Square {
        let token = self.app.make_setup_token(&mut self.moment(), voz_app::EarlierTokens::Stay).await.unwrap().unwrap();
        let request = setup_request(token.reveal(), sign_up);
        let session = self.app.setup_complete(&mut self.moment(), home(), request).await.unwrap();
        let owner = self.actor(&session).await;
        let found = communities::of_user(self.store.read(), owner.user).await.unwrap();
        let community = found.first().unwrap().id;
        let channels = channels::list(self.store.read(), community).await.unwrap();
        let (text, room) = (channels[0].id, channels[1].id);
        Square { owner, session, community, text, room }
    }

    pub async fn actor(&self, session: &IssuedSession) -> Actor {
        self.app.authenticate(&self.moment(), session.access_token.reveal()).await.unwrap()
    }

    pub async fn invite(&self, square: &Square, max_uses: Option<u32>) -> Invite {
        let request = CreateInviteRequest { max_uses, expires_in_s: None };
        self.app.invite_create(&mut self.moment(), &square.owner, square.community, request).await.unwrap()
    }

    pub async fn sign_up(&self, username: &str, code: Option<&str>) -> AppResult<IssuedSession> {
        self.app.sign_up(&mut self.moment(), home(), sign_up_request(username, code)).await
    }

    /// A member of the square.
    pub async fn member(&self, square: &Square, username: &str) -> Actor {
        let invite = self.invite(square, Some(1)).await;
        let session = self.sign_up(username, Some(&invite.code)).await.unwrap();
        self.actor(&session).await
    }

    /// An account that is in no community.
    pub async fn outsider(&self, username: &str) -> Actor {
        let privilege = voz_app::Privilege::None;
        self.app.create_user(&mut self.moment(), username, PASSWORD.to_owned(), privilege).await.unwrap();
        let session = self.sign_in(username, PASSWORD).await.unwrap();
        self.actor(&session).await
    }

    pub async fn sign_in(&self, username: &str, password: &str) -> AppResult<IssuedSession> {
        let request = sign_in_request(username, password);
        self.app.sign_in(&mut self.moment(), home(), request).await
    }

    pub async fn send(
        &self,
        actor: &Actor,
        channel: ChannelId,
        content: &str,
        nonce: &str,
    ) -> AppResult<voz_app::Sent> {
        let request = SendMessageRequest { content: content.to_owned(), nonce: nonce.to_owned() };
        self.app.message_send(&mut self.moment(), actor, channel, request).await
    }
}

/// Durable events of some streams, in the order of publishing.
pub struct Listener {
    subscription: Subscription,
}

impl Listener {
    /// The next durable event: its stream, its sequence and what it says.
    pub async fn next(&mut self) -> (StreamId, i64, ServerEvent) {
        let patience = std::time::Duration::from_secs(20);
        loop {
            let delivery = tokio::time::timeout(patience, self.subscription.recv()).await.unwrap().unwrap();
            if let Delivery::Durable { stream, sequence, body } = delivery {
                return (stream, sequence, serde_json::from_slice(&body).unwrap());
            }
        }
    }

    /// Nothing was published that was not taken. To be asked after the use case has returned: it
    /// publishes before that.
    pub async fn is_silent(&mut self) -> bool {
        let mut waiting = std::pin::pin!(self.subscription.recv());
        std::future::poll_fn(|context| std::task::Poll::Ready(waiting.as_mut().poll(context).is_pending())).await
    }
}

pub fn start() -> time::OffsetDateTime {
    time::macros::datetime!(2026-03-01 12:00 UTC)
}

/// Loopback: never exempt from a limit.
pub fn home() -> ClientAddress {
    ClientAddress(std::net::Ipv4Addr::LOCALHOST.into())
}

/// The usual limits but for one.
pub fn limits(change: impl FnOnce(&mut Limits)) -> Limits {
    let mut limits = Limits::default();
    change(&mut limits);
    limits
}

pub fn limits_with(limit: RateLimit, burst: u32, seconds: u64) -> Limits {
    limits(|limits| limits.set_rate(limit, Rate::new(burst, std::time::Duration::from_secs(seconds))))
}

pub fn setup_request(token: &str, sign_up: SignUpMode) -> SetupRequest {
    SetupRequest {
        token: token.to_owned(),
        username: "Ana".to_owned(),
        password: PASSWORD.to_owned(),
        instance_name: " Voz da Vila ".to_owned(),
        sign_up,
        community: SetupCommunity {
            name: "Praça".to_owned(),
            text_channel: "geral".to_owned(),
            room: "Roda de conversa".to_owned(),
            rules: "Respeito.\r\nSem spam.".to_owned(),
        },
        transport: Transport::Bearer,
    }
}

pub fn sign_up_request(username: &str, code: Option<&str>) -> SignUpRequest {
    SignUpRequest {
        username: username.to_owned(),
        password: PASSWORD.to_owned(),
        invite: code.map(|code| AcceptedInvite { code: code.to_owned(), rules_version: 1 }),
        transport: Transport::Bearer,
    }
}

pub fn sign_in_request(username: &str, password: &str) -> SignInRequest {
    SignInRequest { username: username.to_owned(), password: password.to_owned(), transport: Transport::Bearer }
}

pub fn named(kind: ChannelKind, name: &str) -> voz_protocol::channels::CreateChannelRequest {
    voz_protocol::channels::CreateChannelRequest { kind, name: name.to_owned() }
}

pub fn channel_id(channel: &Channel) -> ChannelId {
    ChannelId(channel.id)
}

pub fn nobody() -> UserId {
    UserId(Uuid::from_u128(0xdead))
}

/// The code of a refusal.
pub trait Refused {
    fn code(self) -> ErrorCode;
}

impl<T: std::fmt::Debug> Refused for AppResult<T> {
    fn code(self) -> ErrorCode {
        AppError::code(&self.unwrap_err())
    }
}
