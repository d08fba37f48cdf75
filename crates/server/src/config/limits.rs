// SPDX-License-Identifier: Apache-2.0
//! Bounds: of connections and requests here, of what people do in [`voz_domain::limits`].

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Deserializer};
use voz_domain::limits::{Limits as DomainLimits, Rate, RateLimit};

use crate::gateway::Limits as SocketLimits;

/// Bounds.
#[derive(Debug, Clone, confique::Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct Limits {
    /// TCP connections at the same time; the next ones wait.
    #[config(env = "VOZ_LIMITS_CONNECTIONS", default = 8192, validate(*connections > 0, "at least 1"))]
    pub connections: u32,

    /// Of these, from one network; one more is closed at once. Behind a proxy everybody comes from the proxy's:
    /// as many as `connections` then.
    #[config(
        env = "VOZ_LIMITS_CONNECTIONS_PER_NETWORK",
        default = 2048,
        validate(*connections_per_network > 0, "at least 1")
    )]
    pub connections_per_network: u32,

    /// Seconds from connecting to the end of the first request head.
    #[config(env = "VOZ_LIMITS_FIRST_REQUEST_S", default = 10, validate(*first_request_s > 0, "at least 1"))]
    pub first_request_s: u32,

    /// Seconds that a connection may be idle between requests.
    #[config(env = "VOZ_LIMITS_KEEP_ALIVE_S", default = 75, validate(*keep_alive_s > 0, "at least 1"))]
    pub keep_alive_s: u32,

    /// Seconds that a client may take nothing of what is sent to it.
    #[config(env = "VOZ_LIMITS_STALLED_S", default = 60, validate(*stalled_s > 0, "at least 1"))]
    pub stalled_s: u32,

    /// Bytes of a request's body.
    #[config(env = "VOZ_LIMITS_BODY_BYTES", default = 65536, validate(*body_bytes >= 1024, "at least 1024"))]
    pub body_bytes: u32,

    /// Seconds until a request's body is complete.
    #[config(env = "VOZ_LIMITS_BODY_S", default = 10, validate(*body_s > 0, "at least 1"))]
    pub body_s: u32,

    /// Seconds that open requests and sockets get to end when the server stops.
    #[config(env = "VOZ_LIMITS_DRAIN_S", default = 5)]
    pub drain_s: u32,

    /// Seconds from opening a gateway socket to its `resume`.
    #[config(env = "VOZ_LIMITS_GATEWAY_RESUME_S", default = 10, validate(*gateway_resume_s > 0, "at least 1"))]
    pub gateway_resume_s: u32,

    /// Events that wait for one gateway socket; with one more its client fell behind, and resumes.
    #[config(env = "VOZ_LIMITS_GATEWAY_QUEUE", default = 512, validate(*gateway_queue > 0, "at least 1"))]
    pub gateway_queue: u32,

    /// Passwords that are hashed or checked at the same time; each takes a core for tens of milliseconds.
    #[config(env = "VOZ_LIMITS_PASSWORDS_CONCURRENT", default = 1, validate(*passwords_concurrent > 0, "at least 1"))]
    pub passwords_concurrent: u32,

    /// Requests that wait for their turn with a password; the next one is told to come back.
    #[config(env = "VOZ_LIMITS_PASSWORDS_QUEUE", default = 16)]
    pub passwords_queue: u32,

    /// Channels and rooms of one community.
    #[config(env = "VOZ_LIMITS_CHANNELS_PER_COMMUNITY", default = 100)]
    pub channels_per_community: u32,

    /// Usable invites of one community.
    #[config(env = "VOZ_LIMITS_INVITES_PER_COMMUNITY", default = 100)]
    pub invites_per_community: u32,

    /// People in one room.
    #[config(env = "VOZ_LIMITS_PEOPLE_PER_ROOM", default = 200)]
    pub people_per_room: u32,

    /// Signed-in devices of one account; the oldest ends when there are more.
    #[config(env = "VOZ_LIMITS_SESSIONS_PER_USER", default = 20, validate(*sessions_per_user > 0, "at least 1"))]
    pub sessions_per_user: u32,

    /// How often something may be done: `"10/600s"` is 10 at once, and from then on 10 in each 600 seconds, evenly.
    /// A network is an IPv4 address or an IPv6 /64.
    #[config(nested)]
    pub rates: Rates,
}

/// Rates.
#[derive(Debug, Clone, confique::Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct Rates {
    /// Sign-ins with one user name, whoever tries.
    #[config(default = "10/600s")]
    pub sign_in_per_name: RateText,

    /// Sign-ins from one network.
    #[config(default = "120/600s")]
    pub sign_in_per_network: RateText,

    /// New accounts from one network.
    #[config(default = "60/600s")]
    pub sign_up_per_network: RateText,

    /// Refreshes of sessions from one network.
    #[config(default = "120/60s")]
    pub refresh_per_network: RateText,

    /// Tries of the set-up token from one network.
    #[config(default = "20/600s")]
    pub setup_per_network: RateText,

    /// Look-ups of invites from one network.
    #[config(default = "60/60s")]
    pub invite_look_up_per_network: RateText,

    /// Invites made by one account.
    #[config(default = "30/3600s")]
    pub invite_create_per_user: RateText,

    /// Channels made, renamed or removed by one account.
    #[config(default = "60/600s")]
    pub channel_change_per_user: RateText,

    /// Messages of one account.
    #[config(default = "10/10s")]
    pub message_per_user: RateText,

    /// Acts of moderation of one account.
    #[config(default = "60/60s")]
    pub moderation_per_user: RateText,

    /// Gateway connections from one network.
    #[config(default = "120/60s")]
    pub gateway_per_network: RateText,

    /// Gateway commands of one session, on all its connections.
    #[config(default = "60/30s")]
    pub gateway_command_per_session: RateText,

    /// Rooms entered by one account.
    #[config(default = "20/60s")]
    pub voice_join_per_user: RateText,
}

/// A rate as it is written: `<count>/<seconds>s`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateText(pub Rate);

impl<'de> Deserialize<'de> for RateText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let parsed =
            text.trim().strip_suffix('s').and_then(|text| text.split_once('/')).and_then(|(count, seconds)| {
                let (count, seconds) = (count.trim().parse().ok()?, seconds.trim().parse().ok()?);
                (seconds > 0).then(|| Rate::new(count, Duration::from_secs(seconds)))
            });
        parsed.map(RateText).ok_or_else(|| serde::de::Error::custom(format!("{text:?} is not a rate like \"10/600s\"")))
    }
}

impl fmt::Display for RateText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}s", self.0.burst, self.0.period.as_secs())
    }
}

impl Limits {
    /// The bounds of what people do.
    pub fn of_people(&self) -> DomainLimits {
        let mut limits = DomainLimits::default();
        limits.channels_per_community = self.channels_per_community;
        limits.invites_per_community = self.invites_per_community;
        limits.people_per_room = self.people_per_room;
        limits.sessions_per_user = self.sessions_per_user;
        for limit in RateLimit::ALL {
            limits.set_rate(limit, self.rates.of(limit));
        }
        limits
    }
}

impl Limits {
    /// The bounds of a gateway socket.
    pub fn of_sockets(&self) -> SocketLimits {
        SocketLimits {
            resume_within: Duration::from_secs(self.gateway_resume_s.into()),
            queued_deliveries: self.gateway_queue as usize,
            ..SocketLimits::default()
        }
    }
}

impl Rates {
    fn of(&self, limit: RateLimit) -> Rate {
        match limit {
            RateLimit::SignInPerName => self.sign_in_per_name,
            RateLimit::SignInPerNetwork => self.sign_in_per_network,
            RateLimit::SignUpPerNetwork => self.sign_up_per_network,
            RateLimit::RefreshPerNetwork => self.refresh_per_network,
            RateLimit::SetupPerNetwork => self.setup_per_network,
            RateLimit::InviteLookUpPerNetwork => self.invite_look_up_per_network,
            RateLimit::InviteCreatePerUser => self.invite_create_per_user,
            RateLimit::ChannelChangePerUser => self.channel_change_per_user,
            RateLimit::MessagePerUser => self.message_per_user,
            RateLimit::ModerationPerUser => self.moderation_per_user,
            RateLimit::GatewayPerNetwork => self.gateway_per_network,
            RateLimit::GatewayCommandPerSession => self.gateway_command_per_session,
            RateLimit::VoiceJoinPerUser => self.voice_join_per_user,
        }
        .0
    }
}

#[cfg(test)]
mod tests {
    use confique::Config;

    use super::*;

    #[test]
    fn the_defaults_are_those_of_the_domain() {
        let limits = Limits::builder().load().unwrap();
        assert_eq!(limits.of_people(), DomainLimits::default());
    }

    #[test]
    fn a_rate_is_a_count_in_seconds() {
        let rate = |text: &str| serde_json::from_value::<RateText>(serde_json::json!(text)).ok();
        assert_eq!(rate("10/600s"), Some(RateText(Rate::new(10, Duration::from_secs(600)))));
        assert_eq!(rate("0/1s").map(|rate| rate.to_string()).as_deref(), Some("0/1s"));
        for text in ["", "10", "10/600", "10/0s", "-1/1s", "/s", "10/1m"] {
            assert_eq!(rate(text), None, "{text}");
        }
    }
}
