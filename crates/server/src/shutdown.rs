// SPDX-License-Identifier: Apache-2.0
//! The one signal by which everything in the process learns that it is to stop.

use tokio::sync::watch;

/// Asks everything to stop. Dropping it does the same.
#[derive(Debug)]
pub struct ShutdownHandle(watch::Sender<bool>);

/// Tells that a stop was asked for. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Shutdown(watch::Receiver<bool>);

/// A fresh pair: nobody has asked yet.
pub fn channel() -> (ShutdownHandle, Shutdown) {
    let (sender, receiver) = watch::channel(false);
    (ShutdownHandle(sender), Shutdown(receiver))
}

impl ShutdownHandle {
    /// Asks for the stop. Asking twice is asking once.
    pub fn request(&self) {
        self.0.send_replace(true);
    }
}

impl Shutdown {
    /// Whether the stop was asked for.
    pub fn is_requested(&self) -> bool {
        *self.0.borrow() || self.0.has_changed().is_err()
    }

    /// Resolves when the stop is asked for; at once when it was before.
    pub async fn requested(&mut self) {
        // An error means that the handle is gone, which asks for the stop too.
        let _ = self.0.wait_for(|asked| *asked).await;
    }
}
