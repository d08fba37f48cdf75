// SPDX-License-Identifier: Apache-2.0
//! The instance: what a visitor may know, and the lives of the server on its data.

use rand::RngCore;
use voz_domain::ids::InstanceEpoch;
use voz_protocol::instance::Instance;
use voz_storage::instance::{self, SecretKey};
use voz_storage::{Source, Store};

use crate::errors::{AppError, AppResult};
use crate::moment::Moment;
use crate::{App, wire};

/// One life of the server on its data, and the key that all its lives share.
#[derive(Debug, Clone)]
pub struct Life {
    /// New at every start.
    pub epoch: InstanceEpoch,
    /// Made once; never leaves the server.
    pub secret_key: SecretKey,
}

impl Life {
    /// Begins a life: to be called once at the start of a server, before [`App::new`].
    ///
    /// # Errors
    /// `overloaded` or `internal`: storage.
    pub async fn begin(store: &Store, moment: &mut Moment) -> AppResult<Self> {
        let epoch = InstanceEpoch(moment.id());
        let mut key = [0_u8; 32];
        moment.rng.fill_bytes(&mut key);
        let proposed = SecretKey(key);
        let begun = store.write::<_, AppError, _>(&[], move |tx| {
            Box::pin(async move {
                instance::begin_epoch(tx, epoch, &proposed).await?;
                stored(tx).await
            })
        });
        let instance = begun.await?.publish(drop);
        Ok(Life { epoch: instance.epoch, secret_key: instance.secret_key })
    }

    /// The life that goes on, for administration beside a server; begins the first one where none was yet.
    ///
    /// # Errors
    /// `overloaded` or `internal`: storage.
    pub async fn current(store: &Store, moment: &mut Moment) -> AppResult<Self> {
        match instance::get(store.read()).await? {
            Some(instance) => Ok(Life { epoch: instance.epoch, secret_key: instance.secret_key }),
            None => Life::begin(store, moment).await,
        }
    }
}

impl App {
    /// What anyone may know.
    ///
    /// # Errors
    /// `overloaded` or `internal`: storage.
    pub async fn instance(&self) -> AppResult<Instance> {
        let instance = stored(self.store().read()).await?;
        Ok(Instance {
            name: instance.name,
            sign_up: wire::sign_up(instance.sign_up),
            needs_setup: instance.set_up_at.is_none(),
            version: self.inner.version.clone(),
        })
    }

    /// Whether the truth can be read.
    ///
    /// # Errors
    /// `overloaded` or `internal`: it can't.
    pub async fn ready(&self) -> AppResult<()> {
        stored(self.store().read()).await.map(drop)
    }
}

/// The instance's row, which a life has made.
pub(crate) async fn stored(source: &impl Source) -> AppResult<instance::Instance> {
    instance::get(source).await?.ok_or(AppError::Fault("the instance has no row: no life was begun"))
}
