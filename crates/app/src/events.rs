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
    ///
    /// Carried through even when the caller goes away: a request that is cut off after its commit
    /// must not leave others to find the event by the comparison of heads.
    pub(crate) async fn write<T, F>(&self, streams: &[StreamId], work: F) -> AppResult<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t Tx) -> Work<'t, T, AppError> + Send + 'static,
    {
        let app = self.clone();
        let streams = streams.to_vec();
        let change = async move {
            let committed = app.inner.store.write(&streams, work).await?;
            Ok(committed.publish(|event| app.publish(event)))
        };
        tokio::spawn(change).await.map_err(|_| AppError::Fault("a durable change died"))?
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
