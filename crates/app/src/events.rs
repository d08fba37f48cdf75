// SPDX-License-Identifier: Apache-2.0
//! Durable changes: written in one transaction with their events, published once they are committed.

use bytes::Bytes;
use time::OffsetDateTime;
use voz_bus::Delivery;
use voz_domain::ids::StreamId;
use voz_protocol::gateway::ServerEvent;
use voz_storage::{StoredEvent, Tx, Work};

use crate::App;
use crate::errors::{AppError, AppResult};

impl App {
    /// One durable change: a transaction on these streams, then its events to whoever follows them.
    pub(crate) async fn write<T, F>(&self, streams: &[StreamId], work: F) -> AppResult<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t Tx) -> Work<'t, T, AppError> + Send + 'static,
    {
        let streams = streams.to_vec();
        self.carry_through(move |app| async move { app.commit(&streams, work).await }).await
    }

    /// Does it to the end even when the caller goes away: a request that is cut off after its commit
    /// must not leave the event unpublished, the microphone open or the voice alive.
    pub(crate) async fn carry_through<T, F>(&self, act: impl FnOnce(App) -> F) -> AppResult<T>
    where
        T: Send + 'static,
        F: Future<Output = AppResult<T>> + Send + 'static,
    {
        let acting = act(self.clone());
        tokio::spawn(acting).await.map_err(|_| AppError::Fault("a durable change died"))?
    }

    /// [`App::write`] as a part of what is carried through.
    pub(crate) async fn commit<T, F>(&self, streams: &[StreamId], work: F) -> AppResult<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t Tx) -> Work<'t, T, AppError> + Send + 'static,
    {
        let committed = self.inner.store.write(streams, work).await?;
        Ok(committed.publish(|event| self.publish(event)))
    }

    fn publish(&self, event: StoredEvent) {
        let StoredEvent { stream, sequence, body } = event;
        self.inner.bus.publish(Delivery::Durable { stream, sequence, body: Bytes::from(body) });
    }
}

/// Appends an event to a stream of this transaction.
pub(crate) async fn append(tx: &Tx, stream: StreamId, event: &ServerEvent, at: OffsetDateTime) -> AppResult<()> {
    let body = serde_json::to_vec(event).map_err(|_| AppError::Fault("an event can't be written as JSON"))?;
    tx.append_event(stream, body, at).await?;
    Ok(())
}
