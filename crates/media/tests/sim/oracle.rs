// SPDX-License-Identifier: Apache-2.0
//! What must hold in every simulation, whatever happens in it.

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use voz_media::Grants;

use super::client::is_audio;
use super::{Client, Who};

#[derive(Default)]
pub struct Oracle {
    rooms: Vec<u64>,
    /// Of each client: what it was granted, and since when.
    grants: Vec<Vec<(Instant, Grants)>>,
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

    /// No SRTP index is used twice for one SSRC of one receiver: with GCM that would give the key away.
    pub fn sent(&mut self, destination: SocketAddr, bytes: &[u8]) {
        if !is_audio(bytes) {
            return;
        }
        let sequence = u16::from_be_bytes([bytes[2], bytes[3]]);
        let ssrc = u32::from_be_bytes([bytes[8], bytes[9], bytes[10], bytes[11]]);
        let first = u64::from(sequence) + (1 << 16);
        let (highest, used) = self.sequences.entry((destination, ssrc)).or_insert_with(|| (first, HashSet::new()));
        let ahead = i64::from(sequence.wrapping_sub(*highest as u16).cast_signed());
        let extended = highest.wrapping_add_signed(ahead);
        *highest = (*highest).max(extended);
        assert!(used.insert(extended), "sequence {extended} of {ssrc} was used twice");
    }

    /// Nobody hears another room, oneself, a muted person, or anything when deafened.
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
