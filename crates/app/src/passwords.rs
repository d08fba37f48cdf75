// SPDX-License-Identifier: Apache-2.0
//! Passwords: Argon2id (RFC 9106), 19 MiB, two passes, one lane, off the async threads and through a gate.
//!
//! Each hash costs tens of milliseconds of a whole core, and voice shares the machine: so few run at
//! a time, a bounded number wait, and the rest are told to come back.

use std::sync::Arc;

use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use rand::RngCore;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::errors::{AppError, AppResult};
use crate::moment::Moment;

/// Memory per hash.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const RETRY_AFTER_S: u32 = 2;

/// Verifying against it costs what verifying a real one costs, and never succeeds on purpose:
/// the answer for a user name that nobody has takes as long as a wrong password.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// How much of the machine passwords may take.
#[derive(Debug, Clone, Copy)]
pub struct PasswordConfig {
    /// Hashes at the same time, at least 1.
    pub concurrent: usize,
    /// Requests that wait for their turn; the next one is refused with `overloaded`.
    pub queue: usize,
}

impl Default for PasswordConfig {
    fn default() -> Self {
        PasswordConfig { concurrent: 1, queue: 16 }
    }
}

/// Hashes and verifies.
#[derive(Debug, Clone)]
pub struct Passwords {
    admitted: Arc<Semaphore>,
    running: Arc<Semaphore>,
}

impl Passwords {
    /// The gate, with nobody in it.
    pub fn new(config: PasswordConfig) -> Self {
        let concurrent = config.concurrent.max(1);
        Passwords {
            admitted: Arc::new(Semaphore::new(concurrent.saturating_add(config.queue).min(Semaphore::MAX_PERMITS))),
            running: Arc::new(Semaphore::new(concurrent)),
        }
    }

    /// The PHC string of a password, under a fresh salt.
    ///
    /// # Errors
    /// `overloaded` when the queue is full.
    pub async fn hash(&self, moment: &mut Moment, password: String) -> AppResult<String> {
        let mut salt = [0_u8; 16];
        moment.rng.fill_bytes(&mut salt);
        self.run(move || {
            hasher()?
                .hash_password_with_salt(password.as_bytes(), &salt)
                .map(|hash| hash.to_string())
                .map_err(|_| AppError::Fault("argon2 could not hash"))
        })
        .await
    }

    /// Whether the password is the one that `stored` (PHC string) was made of. Without `stored` the
    /// same work is done and the answer is no.
    ///
    /// # Errors
    /// `overloaded` when the queue is full.
    pub async fn verify(&self, password: String, stored: Option<String>) -> AppResult<bool> {
        self.run(move || {
            let known = stored.is_some();
            let phc = stored.as_deref().unwrap_or(NOBODY);
            let hash =
                argon2::PasswordHash::new(phc).map_err(|_| AppError::Fault("a stored password hash is broken"))?;
            let matches = hasher()?.verify_password(password.as_bytes(), &hash).is_ok();
            Ok(matches && known)
        })
        .await
    }

    /// The places travel with the work: a caller that goes away frees them when the work is done, not before.
    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> AppResult<T> + Send + 'static) -> AppResult<T> {
        let place = self.admit()?;
        let turn = Arc::clone(&self.running)
            .acquire_owned()
            .await
            .map_err(|_| AppError::Fault("the password gate is closed"))?;
        tokio::task::spawn_blocking(move || {
            let result = work();
            drop((turn, place));
            result
        })
        .await
        .map_err(|_| AppError::Fault("a password task died"))?
    }

    fn admit(&self) -> AppResult<OwnedSemaphorePermit> {
        Arc::clone(&self.admitted)
            .try_acquire_owned()
            .map_err(|_| AppError::Overloaded { retry_after_s: RETRY_AFTER_S })
    }
}

fn hasher() -> AppResult<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|_| AppError::Fault("argon2 parameters"))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}
