// SPDX-License-Identifier: Apache-2.0
//! How much of anything there may be, and how often. Numbers with their defaults; configuration
//! may change each, and no address is exempt.

use std::time::Duration;

/// What is counted, and per what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RateLimit {
    /// Sign-ins with one user name, whoever tries.
    SignInPerName,
    /// Sign-ins from one network.
    SignInPerNetwork,
    /// New accounts from one network.
    SignUpPerNetwork,
    /// Refreshes from one network.
    RefreshPerNetwork,
    /// Tries of the set-up token, from one network.
    SetupPerNetwork,
    /// Look-ups of invites from one network.
    InviteLookUpPerNetwork,
    /// Invites made by one account.
    InviteCreatePerUser,
    /// Channels made, renamed or removed by one account.
    ChannelChangePerUser,
    /// Messages of one account.
    MessagePerUser,
    /// Acts of moderation of one account.
    ModerationPerUser,
    /// Gateway connections from one network.
    GatewayPerNetwork,
    /// Gateway commands of one session, on all its connections.
    GatewayCommandPerSession,
    /// Rooms entered by one account.
    VoiceJoinPerUser,
}

impl RateLimit {
    /// Every limit.
    pub const ALL: [RateLimit; 13] = [
        RateLimit::SignInPerName,
        RateLimit::SignInPerNetwork,
        RateLimit::SignUpPerNetwork,
        RateLimit::RefreshPerNetwork,
        RateLimit::SetupPerNetwork,
        RateLimit::InviteLookUpPerNetwork,
        RateLimit::InviteCreatePerUser,
        RateLimit::ChannelChangePerUser,
        RateLimit::MessagePerUser,
        RateLimit::ModerationPerUser,
        RateLimit::GatewayPerNetwork,
        RateLimit::GatewayCommandPerSession,
        RateLimit::VoiceJoinPerUser,
    ];

    /// The name in configuration.
    pub const fn name(self) -> &'static str {
        match self {
            RateLimit::SignInPerName => "sign_in_per_name",
            RateLimit::SignInPerNetwork => "sign_in_per_network",
            RateLimit::SignUpPerNetwork => "sign_up_per_network",
            RateLimit::RefreshPerNetwork => "refresh_per_network",
            RateLimit::SetupPerNetwork => "setup_per_network",
            RateLimit::InviteLookUpPerNetwork => "invite_look_up_per_network",
            RateLimit::InviteCreatePerUser => "invite_create_per_user",
            RateLimit::ChannelChangePerUser => "channel_change_per_user",
            RateLimit::MessagePerUser => "message_per_user",
            RateLimit::ModerationPerUser => "moderation_per_user",
            RateLimit::GatewayPerNetwork => "gateway_per_network",
            RateLimit::GatewayCommandPerSession => "gateway_command_per_session",
            RateLimit::VoiceJoinPerUser => "voice_join_per_user",
        }
    }

    /// What is allowed unless configuration says otherwise. A whole class behind one address must get in.
    pub const fn default_rate(self) -> Rate {
        match self {
            RateLimit::SignInPerName => Rate::new(10, Duration::from_secs(10 * 60)),
            RateLimit::SignInPerNetwork => Rate::new(120, Duration::from_secs(10 * 60)),
            RateLimit::SignUpPerNetwork => Rate::new(60, Duration::from_secs(10 * 60)),
            RateLimit::RefreshPerNetwork => Rate::new(120, Duration::from_secs(60)),
            RateLimit::SetupPerNetwork => Rate::new(20, Duration::from_secs(10 * 60)),
            RateLimit::InviteLookUpPerNetwork => Rate::new(60, Duration::from_secs(60)),
            RateLimit::InviteCreatePerUser => Rate::new(30, Duration::from_secs(60 * 60)),
            RateLimit::ChannelChangePerUser => Rate::new(60, Duration::from_secs(10 * 60)),
            RateLimit::MessagePerUser => Rate::new(10, Duration::from_secs(10)),
            RateLimit::ModerationPerUser => Rate::new(60, Duration::from_secs(60)),
            RateLimit::GatewayPerNetwork => Rate::new(120, Duration::from_secs(60)),
            RateLimit::GatewayCommandPerSession => Rate::new(60, Duration::from_secs(30)),
            RateLimit::VoiceJoinPerUser => Rate::new(20, Duration::from_secs(60)),
        }
    }
}

/// `burst` at once, and from then on `burst` in each `period`, evenly (GCRA, ITU-T I.371 annex A).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many may come at once; 0 allows none at all.
    pub burst: u32,
    /// In what time a used-up burst is whole again.
    pub period: Duration,
}

impl Rate {
    /// A rate.
    pub const fn new(burst: u32, period: Duration) -> Self {
        Rate { burst, period }
    }
}

/// Every number that configuration may change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Channels and rooms of one community.
    pub channels_per_community: u32,
    /// Usable invites of one community.
    pub invites_per_community: u32,
    /// People in one room.
    pub people_per_room: u32,
    /// Signed-in devices of one account; the oldest ends when there are more.
    pub sessions_per_user: u32,
    rates: [Rate; RateLimit::ALL.len()],
}

impl Limits {
    /// How often.
    pub const fn rate(&self, limit: RateLimit) -> Rate {
        self.rates[limit as usize]
    }

    /// Changes how often.
    pub const fn set_rate(&mut self, limit: RateLimit, rate: Rate) {
        self.rates[limit as usize] = rate;
    }
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            channels_per_community: 100,
            invites_per_community: 100,
            people_per_room: 200,
            sessions_per_user: 20,
            rates: RateLimit::ALL.map(RateLimit::default_rate),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_limit_has_its_own_place() {
        for (index, limit) in RateLimit::ALL.into_iter().enumerate() {
            assert_eq!(limit as usize, index);
            let mut limits = Limits::default();
            let rate = Rate::new(12_345, Duration::from_secs(1));
            limits.set_rate(limit, rate);
            for other in RateLimit::ALL {
                let expected = if other == limit { rate } else { other.default_rate() };
                assert_eq!(limits.rate(other), expected);
            }
        }
        let mut names: Vec<_> = RateLimit::ALL.into_iter().map(RateLimit::name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), RateLimit::ALL.len());
    }

    #[test]
    fn nothing_is_closed_by_default() {
        assert!(RateLimit::ALL.into_iter().all(|limit| limit.default_rate().burst > 0));
    }
}
