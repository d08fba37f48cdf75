// SPDX-License-Identifier: Apache-2.0
//! What the server asks of the system for its process.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Heaps that the C library may keep. It would keep several for each processor, and what people take in
/// one of them is not used again by another: memory for voices grows by a quarter without this.
#[cfg(target_env = "gnu")]
const HEAPS: libc::c_int = 2;

/// Keeps memory together. To be called before there are threads.
#[cfg(target_env = "gnu")]
#[expect(unsafe_code, reason = "the C library's own setting, which has no safe wrapper")]
pub fn keep_heaps_few() {
    // SAFETY: a plain setting, made before any thread could allocate.
    unsafe { libc::mallopt(libc::M_ARENA_MAX, HEAPS) };
}

/// Other C libraries keep one heap.
#[cfg(not(target_env = "gnu"))]
pub fn keep_heaps_few() {}

/// Asks for as many open files as the system allows: the usual 1024 would be fewer than the connections
/// that the configuration allows. How many there may be; none: without a bound.
pub fn allow_open_files() -> Option<u64> {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    match setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
        Ok(()) => maximum,
        Err(error) => {
            tracing::warn!(%error, "the limit of open files stays as it is");
            current
        }
    }
}
