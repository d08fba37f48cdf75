// SPDX-License-Identifier: Apache-2.0
//! Counting of tries: per account and per network, by the numbers of the configuration. No address
//! is exempt.

use voz_bus::{RateKey, RetryAfterSecs};
use voz_domain::limits::RateLimit;

use crate::App;
use crate::actors::{Actor, ClientAddress};
use crate::errors::{AppError, AppResult};
use crate::moment::Moment;

impl App {
    /// Counts one try from this network.
    pub fn count_network(&self, moment: &Moment, limit: RateLimit, address: ClientAddress) -> AppResult<()> {
        self.count(moment, limit, &RateKey::network(address.0))
    }

    /// Counts one act of this account.
    pub fn count_user(&self, moment: &Moment, limit: RateLimit, actor: &Actor) -> AppResult<()> {
        self.count(moment, limit, &RateKey::User(actor.user))
    }

    /// Counts one act of this device.
    pub fn count_session(&self, moment: &Moment, limit: RateLimit, actor: &Actor) -> AppResult<()> {
        self.count(moment, limit, &RateKey::Session(actor.session))
    }

    pub(crate) fn count(&self, moment: &Moment, limit: RateLimit, key: &RateKey) -> AppResult<()> {
        let elapsed = moment.monotonic.saturating_duration_since(self.inner.started);
        let now_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
        self.inner
            .bus
            .limits()
            .check(limit, key, now_ms)
            .map_err(|RetryAfterSecs(retry_after_s)| AppError::RateLimited { retry_after_s })
    }
}
