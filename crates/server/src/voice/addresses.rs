// SPDX-License-Identifier: Apache-2.0
//! Which addresses voice is advertised at.

use std::io;
use std::net::IpAddr;

/// The configured addresses; else those of this host's interfaces, loopback last: Firefox never sends
/// to a loopback candidate, and a browser on another machine must not try one first.
///
/// # Errors
/// When the interfaces can't be listed.
pub fn advertised(configured: &[IpAddr]) -> io::Result<Vec<IpAddr>> {
    if !configured.is_empty() {
        return Ok(configured.to_vec());
    }
    let interfaces = if_addrs::get_if_addrs()?.into_iter().map(|interface| interface.ip());
    Ok(in_order(interfaces))
}

fn in_order(addresses: impl Iterator<Item = IpAddr>) -> Vec<IpAddr> {
    let mut usable: Vec<IpAddr> = addresses.filter(|address| !is_link_local(*address)).collect();
    usable.sort_by_key(|address| (address.is_loopback(), address.is_ipv6(), *address));
    usable.dedup();
    usable
}

/// Needs a zone that another host can't know.
fn is_link_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => address.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interface_addresses_come_before_loopback_and_link_local_never() {
        let found = ["127.0.0.1", "::1", "fe80::1", "192.0.2.7", "2001:db8::7", "169.254.1.1"]
            .map(|text| text.parse().unwrap());
        let ordered: Vec<String> = in_order(found.into_iter()).iter().map(IpAddr::to_string).collect();
        assert_eq!(ordered, ["192.0.2.7", "2001:db8::7", "127.0.0.1", "::1"]);
    }

    #[test]
    fn configured_addresses_are_taken_as_they_are() {
        let configured = ["127.0.0.1".parse().unwrap()];
        assert_eq!(advertised(&configured).unwrap(), configured);
    }
}
