// SPDX-License-Identifier: Apache-2.0
//! Streams of durable events, as one connection follows them: cursors, what was missed, snapshots, and
//! who may be told what.

mod cursors;
mod follower;
mod reading;
mod visibility;

pub use cursors::Cursors;
pub use follower::{Content, Follower, Reading, Step};
pub use reading::Resumption;
pub use visibility::Standing;
