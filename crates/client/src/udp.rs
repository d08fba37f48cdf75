// SPDX-License-Identifier: Apache-2.0
//! UDP towards the host candidates of an answer: a socket for each family that it names and that leads there.

use std::collections::BTreeSet;
use std::future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket as StdUdpSocket};

use tokio::net::UdpSocket;

/// The sockets of one media path.
pub struct Sockets {
    v4: Option<UdpSocket>,
    v6: Option<UdpSocket>,
    routes: Vec<Route>,
}

/// The local address that the kernel would use towards a remote one.
struct Route {
    remote: IpAddr,
    local: SocketAddr,
}

impl Sockets {
    /// Binds what the candidates of an SDP answer need. Candidates without a route are left out.
    ///
    /// # Errors
    /// When a socket can't be bound.
    pub async fn towards(answer: &str) -> io::Result<Self> {
        let routed: Vec<(IpAddr, IpAddr)> =
            candidates(answer).filter_map(|remote| Some((remote.ip(), local_towards(remote).ok()?))).collect();
        let bind = async |wildcard: IpAddr| -> io::Result<Option<UdpSocket>> {
            if routed.iter().any(|(remote, _)| remote.is_ipv4() == wildcard.is_ipv4()) {
                Ok(Some(UdpSocket::bind((wildcard, 0)).await?))
            } else {
                Ok(None)
            }
        };
        let v4 = bind(Ipv4Addr::UNSPECIFIED.into()).await?;
        let v6 = bind(Ipv6Addr::UNSPECIFIED.into()).await?;
        let mut sockets = Self { v4, v6, routes: Vec::new() };
        for (remote, local) in routed {
            if let Some(socket) = sockets.of(remote) {
                let local = SocketAddr::new(local, socket.local_addr()?.port());
                sockets.routes.push(Route { remote, local });
            }
        }
        Ok(sockets)
    }

    /// Local addresses that lead to a candidate.
    pub fn locals(&self) -> BTreeSet<SocketAddr> {
        self.routes.iter().map(|route| route.local).collect()
    }

    /// The local address towards a candidate; none for strangers.
    pub fn local_towards(&self, remote: IpAddr) -> Option<SocketAddr> {
        self.routes.iter().find(|route| route.remote == remote).map(|route| route.local)
    }

    /// Sends a datagram. What the kernel will not take is lost, as on the network.
    pub async fn send(&self, datagram: &[u8], destination: SocketAddr) {
        if let Some(socket) = self.of(destination.ip()) {
            drop(socket.send_to(datagram, destination).await);
        }
    }

    /// Waits for a datagram.
    ///
    /// # Errors
    /// What the kernel says.
    pub async fn receive(&self, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        loop {
            let socket = tokio::select! {
                socket = readable(self.v4.as_ref()) => socket?,
                socket = readable(self.v6.as_ref()) => socket?,
            };
            match socket.try_recv_from(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                received => return received,
            }
        }
    }

    fn of(&self, remote: IpAddr) -> Option<&UdpSocket> {
        if remote.is_ipv4() { self.v4.as_ref() } else { self.v6.as_ref() }
    }
}

async fn readable(socket: Option<&UdpSocket>) -> io::Result<&UdpSocket> {
    match socket {
        Some(socket) => socket.readable().await.map(|()| socket),
        None => future::pending().await,
    }
}

/// UDP candidates of an answer (RFC 8839 §5.1).
fn candidates(answer: &str) -> impl Iterator<Item = SocketAddr> {
    answer.lines().filter_map(|line| {
        let mut fields = line.trim_end().strip_prefix("a=candidate:")?.split(' ').skip(2);
        let transport = fields.next()?;
        let address: IpAddr = fields.nth(1)?.parse().ok()?;
        let port = fields.next()?.parse().ok()?;
        transport.eq_ignore_ascii_case("udp").then_some(SocketAddr::new(address, port))
    })
}

/// Connecting a UDP socket sends nothing: it asks the kernel for the route.
fn local_towards(remote: SocketAddr) -> io::Result<IpAddr> {
    let wildcard: IpAddr = if remote.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let probe = StdUdpSocket::bind((wildcard, 0))?;
    probe.connect(remote)?;
    Ok(probe.local_addr()?.ip())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = "v=0\r\na=candidate:1 1 udp 2130706431 127.0.0.1 4000 typ host\r\n\
        a=candidate:2 1 UDP 2130706430 ::1 4001 typ host\r\n\
        a=candidate:3 1 tcp 2130706429 127.0.0.1 4002 typ host tcptype passive\r\n\
        a=candidate:4 1 udp 5 what 4003 typ host\r\na=candidate:5\r\n";

    #[test]
    fn candidates_of_both_families_are_read_and_others_passed_over() {
        let found: Vec<SocketAddr> = candidates(ANSWER).collect();
        assert_eq!(found, ["127.0.0.1:4000".parse().unwrap(), "[::1]:4001".parse().unwrap()]);
    }

    #[tokio::test]
    async fn a_family_that_the_answer_does_not_name_has_no_socket() {
        let sockets = Sockets::towards("a=candidate:1 1 udp 1 127.0.0.1 4000 typ host\r\n").await.unwrap();
        assert!(sockets.v4.is_some() && sockets.v6.is_none());
        let local = sockets.local_towards("127.0.0.1".parse().unwrap()).unwrap();
        assert_eq!(local.ip(), IpAddr::from([127, 0, 0, 1]));
        assert_eq!(sockets.locals(), BTreeSet::from([local]));
        assert_eq!(sockets.local_towards("127.0.0.2".parse().unwrap()), None);
    }
}
