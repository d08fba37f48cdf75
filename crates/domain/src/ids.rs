// SPDX-License-Identifier: Apache-2.0
//! Identifiers. Every noun has its own type, so that a channel's id can't stand where a user's is asked for.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map($name)
            }
        }
    };
}

id!(
    /// A person's account on this instance.
    UserId
);
id!(
    /// A community: a tenant with its own rules, channels and members.
    CommunityId
);
id!(
    /// A channel: text, or a room where people talk.
    ChannelId
);
id!(
    /// A text message. UUIDv7: the order of ids is the order of sending.
    MessageId
);
id!(
    /// A signed-in device.
    SessionId
);
id!(
    /// One life of the server on its data: a new one at every start.
    InstanceEpoch
);

/// A sequence of durable events that clients follow by cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StreamId {
    /// What happens in a community.
    Community(CommunityId),
    /// What concerns one person on all devices.
    User(UserId),
}

impl StreamId {
    /// The bare key: UUIDs of communities and users never collide.
    pub fn uuid(self) -> Uuid {
        match self {
            StreamId::Community(id) => id.0,
            StreamId::User(id) => id.0,
        }
    }
}

impl fmt::Display for StreamId {
    /// `community:<uuid>` or `user:<uuid>`: the wire form.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StreamId::Community(id) => write!(f, "community:{id}"),
            StreamId::User(id) => write!(f, "user:{id}"),
        }
    }
}

impl FromStr for StreamId {
    type Err = StreamIdError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            Some(("community", id)) => id.parse().map(StreamId::Community).map_err(|_| StreamIdError),
            Some(("user", id)) => id.parse().map(StreamId::User).map_err(|_| StreamIdError),
            _ => Err(StreamIdError),
        }
    }
}

/// The text is neither `community:<uuid>` nor `user:<uuid>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a stream id")]
pub struct StreamIdError;
