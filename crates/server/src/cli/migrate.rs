// SPDX-License-Identifier: Apache-2.0
//! `voz migrate`.

use voz_storage::Access;

use crate::config::Config;
use crate::start;

/// Brings the database to this version. Opening it does all that is to be done.
pub async fn run(config: &Config) -> anyhow::Result<()> {
    start::open_store(config, Access::Serve).await?.close().await;
    super::print("ok\n")
}
