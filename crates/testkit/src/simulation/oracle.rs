// SPDX-License-Identifier: Apache-2.0
//! What must hold in every simulation, whatever happens in it.

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use voz_media::Grants;

use super::client::is_audio;
use super::{Client, Who};

/// Looks at every datagram that the node sends and at every packet that a client understood.
#[derive(Default)]
pub(super) struct Oracle {
    rooms: Vec<u64>,
    /// Of each client: what it was granted, and since when.
    grants: Vec<Vec<(Instant, Grants)>>,
    gone: HashSet<Who>,
    /// Who was seen at an address.
    addresses: HashMap<SocketAddr, Who>,
    /// Of each client: how much of what it heard was checked before.
    checked: Vec<usize>,
    /// Highest extended sequence of each SSRC at each receiver, and all that were used.
    sequences: HashMap<(SocketAddr, u32), (u64, HashSet<u64>)>,
}

impl Oracle {
    pub fn joined(&mut self, now: Instant, room: u64, grants: Grants) {
        self.rooms.push(room);
        self.grants.push(vec![(now, grants)]);
        self.checked.push(0);
    }

    pub fn granted(&mut self, now: Instant, who: Who, grants: Grants) {
        self.grants[who].push((now, grants));
    }

    /// The node knows that this client is out.
    pub fn gone(&mut self, who: Who) {
        self.gone.insert(who);
    }

    /// A client sends from this address.
    pub fn seen(&mut self, who: Who, address: SocketAddr) {
        self.addresses.insert(address, who);
    }

    /// Who was last seen at an address.
    pub fn who_is_at(&self, address: SocketAddr) -> Option<Who> {
        self.addresses.get(&address).copied()
    }

    /// On the wire: an audio packet goes to a member of its speaker's room who may hear, from one who may
    /// speak, by the grants of this very instant; and no SRTP index is used twice for one SSRC of one
    /// receiver: with GCM that would give the key away.
    pub fn sent(&mut self, destination: SocketAddr, bytes: &[u8]) {
        if !is_audio(bytes) {
            return;
        }
        let word = |at: usize| u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let sequence = u16::from_be_bytes([bytes[2], bytes[3]]);
        let ssrc = word(8);
        let first = u64::from(sequence) + (1 << 16);
        let (highest, used) = self.sequences.entry((destination, ssrc)).or_insert_with(|| (first, HashSet::new()));
        let ahead = i64::from(sequence.wrapping_sub(*highest as u16).cast_signed());
        let extended = highest.wrapping_add_signed(ahead);
        *highest = (*highest).max(extended);
        assert!(used.insert(extended), "sequence {extended} of {ssrc} was used twice");

        assert_eq!(bytes[0] & 0x0F, 1, "a packet names one speaker");
        let (to, from) = (self.addresses[&destination], word(12) as Who);
        assert_ne!(to, from, "{to} is sent its own voice");
        assert_eq!(self.rooms[to], self.rooms[from], "{to} is sent {from} across rooms");
        assert!(self.grants[from].last().is_some_and(|(_, now)| now.speak), "{to} is sent {from}, who is muted");
        assert!(self.grants[to].last().is_some_and(|(_, now)| now.hear), "{to} is sent {from}, but is deafened");
        assert!(!self.gone.contains(&to) && !self.gone.contains(&from), "{to} is sent {from}; one of them is out");
    }

    /// Nobody understood another room, oneself, a muted person, or anything when deafened.
    pub fn check(&mut self, clients: &[Client], under_way: Duration) {
        for client in clients {
            let before = std::mem::replace(&mut self.checked[client.who], client.heard.len());
            for heard in &client.heard[before..] {
                let (to, from) = (client.who, heard.from);
                assert_ne!(to, from, "{to} hears itself");
                assert_eq!(self.rooms[to], self.rooms[from], "{to} hears {from} across rooms");
                assert_eq!(heard.csrc, [from as u32], "{to} hears {from} under a wrong number");
                let was = |who: Who, may: fn(&Grants) -> bool| {
                    let earliest = heard.at - under_way;
                    let log = &self.grants[who];
                    let at_start = log.iter().rev().find(|(since, _)| *since < earliest);
                    let later = log.iter().filter(|(since, _)| *since >= earliest && *since <= heard.at);
                    at_start.into_iter().chain(later).any(|(_, grants)| may(grants))
                };
                assert!(was(from, |grants| grants.speak), "{to} hears {from}, who is muted");
                assert!(was(to, |grants| grants.hear), "{to} hears {from}, but is deafened");
            }
        }
    }
}
