// SPDX-License-Identifier: Apache-2.0
//! Who asks, and from where.

use std::fmt;
use std::net::IpAddr;

use voz_domain::ids::{SessionId, UserId};
use voz_protocol::accounts::{Me, User};

/// A signed-in person, as a valid access token proved. True at the moment of the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Who.
    pub user: UserId,
    /// On which device.
    pub session: SessionId,
    /// The name others see.
    pub username: String,
    /// May change the instance.
    pub instance_admin: bool,
}

impl Actor {
    /// As others see this person.
    pub fn as_user(&self) -> User {
        User { id: self.user.0, username: self.username.clone() }
    }

    /// As this person sees the own account.
    pub fn me(&self) -> Me {
        Me { user: self.as_user(), instance_admin: self.instance_admin }
    }
}

/// Where a request comes from; tries are counted by its network. `Debug` hides it: addresses are
/// no matter for logs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

impl fmt::Debug for ClientAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientAddress(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_tells_no_address() {
        assert!(!format!("{:?}", ClientAddress("192.0.2.7".parse().unwrap())).contains("192"));
    }
}
