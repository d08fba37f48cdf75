// SPDX-License-Identifier: Apache-2.0
//! Sizes of what is shipped.

use anyhow::Context;

use crate::results::Results;
use crate::server::VOZ;

/// Goal of the binary, MB.
const BINARY_GOAL_MB: f64 = 40.0;

/// Notes the size of the binary as tests and `make run` use it.
///
/// # Errors
/// When there is none.
pub fn measure(results: &mut Results) -> anyhow::Result<()> {
    let size = std::fs::metadata(VOZ).with_context(|| format!("{VOZ} is not built"))?.len();
    results.note("binary_mb", size as f64 / 1e6, Some(BINARY_GOAL_MB));
    Ok(())
}
