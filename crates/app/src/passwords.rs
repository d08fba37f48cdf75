// SPDX-License-Identifier: Apache-2.0
//! Passwords: Argon2id (RFC 9106), 19 MiB, two passes, one lane, off the async threads and through a gate.
//!
//! Each hash costs tens of milliseconds of a whole core, and voice shares the machine: so few run at
//! a time, a bounded number wait, and the rest are told to come back. The working memory is kept from
//! one hash to the next, wiped: blocks of this size, freed by one thread and asked for by another,
//! make an allocator keep several times as much.

use std::sync::{Arc, Mutex, PoisonError};

use argon2::password_hash::phc::{Output, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
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
    /// One for each that ran at the same time so far; those in use are not here.
    memories: Arc<Mutex<Vec<Memory>>>,
}

impl Passwords {
    /// The gate, with nobody in it.
    pub fn new(config: PasswordConfig) -> Self {
        let concurrent = config.concurrent.max(1);
        Passwords {
            admitted: Arc::new(Semaphore::new(concurrent.saturating_add(config.queue).min(Semaphore::MAX_PERMITS))),
            running: Arc::new(Semaphore::new(concurrent)),
            memories: Arc::default(),
        }
    }

    /// The PHC string of a password, under a fresh salt.
    ///
    /// # Errors
    /// `overloaded` when the queue is full.
    pub async fn hash(&self, moment: &mut Moment, password: String) -> AppResult<String> {
        let mut salt = [0_u8; 16];
        moment.rng.fill_bytes(&mut salt);
        self.run(move |memory| phc_string(&password, &salt, memory).ok_or(AppError::Fault("argon2 could not hash")))
            .await
    }

    /// Whether the password is the one that `stored` (PHC string) was made of. Without `stored` the
    /// same work is done and the answer is no.
    ///
    /// # Errors
    /// `overloaded` when the queue is full.
    pub async fn verify(&self, password: String, stored: Option<String>) -> AppResult<bool> {
        self.run(move |memory| {
            let known = stored.is_some();
            let matches = matches(&password, stored.as_deref().unwrap_or(NOBODY), memory);
            Ok(matches.ok_or(AppError::Fault("a stored password hash is broken"))? && known)
        })
        .await
    }

    /// The places travel with the work: a caller that goes away frees them when the work is done, not before.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Memory) -> AppResult<T> + Send + 'static,
    ) -> AppResult<T> {
        let place = self.admit()?;
        let turn = Arc::clone(&self.running)
            .acquire_owned()
            .await
            .map_err(|_| AppError::Fault("the password gate is closed"))?;
        let memories = Arc::clone(&self.memories);
        tokio::task::spawn_blocking(move || {
            let kept = memories.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let mut memory = kept.unwrap_or_default();
            let result = work(&mut memory);
            memory.fill(Block::default());
            memories.lock().unwrap_or_else(PoisonError::into_inner).push(memory);
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

/// Blocks of 1 KiB; empty until the first hash, all zeroes between two.
type Memory = Vec<Block>;

/// The PHC string of a password and a salt.
fn phc_string(password: &str, salt: &[u8], memory: &mut Memory) -> Option<String> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(Params::DEFAULT_OUTPUT_LEN)).ok()?;
    let (algorithm, version) = (Algorithm::Argon2id, Version::V0x13);
    let hash = PasswordHash {
        algorithm: algorithm.ident(),
        version: Some(version.into()),
        params: (&params).try_into().ok()?,
        salt: Some(Salt::new(salt).ok()?),
        hash: Some(digest(Argon2::new(algorithm, version, params), password, salt, memory)?),
    };
    Some(hash.to_string())
}

/// Whether a PHC string was made of this password, by whatever parameters it names, in constant time;
/// `None` when it is no PHC string of Argon2.
fn matches(password: &str, phc: &str, memory: &mut Memory) -> Option<bool> {
    let hash = PasswordHash::new(phc).ok()?;
    let (salt, expected) = (hash.salt?, hash.hash?);
    let algorithm = Algorithm::try_from(hash.algorithm.as_str()).ok()?;
    let version = hash.version.map_or(Ok(Version::V0x13), Version::try_from).ok()?;
    let argon2 = Argon2::new(algorithm, version, Params::try_from(&hash).ok()?);
    Some(digest(argon2, password, &salt, memory)? == expected)
}

fn digest(argon2: Argon2<'_>, password: &str, salt: &[u8], memory: &mut Memory) -> Option<Output> {
    let params = argon2.params();
    let blocks = params.block_count();
    if memory.len() < blocks {
        memory.resize(blocks, Block::default());
    }
    let mut bytes = [0; Output::MAX_LENGTH];
    let bytes = bytes.get_mut(..params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN))?;
    argon2.hash_password_into_with_memory(password.as_bytes(), salt, bytes, &mut memory[..blocks]).ok()?;
    Output::new(bytes).ok()
}
