// SPDX-License-Identifier: Apache-2.0
//! Who is in a room, and who of them has a seat: is forwarded to the others.
//!
//! There are as many seats as the members' slots, so each listener gets everyone who has a seat, and a
//! room of any size costs a listener no more. While there are seats enough everybody keeps one, silent
//! or not: the first word is never cut. After that a speaker takes the seat of whoever has been silent
//! longest, and of a speaker only by being clearly louder for a while.

use std::time::{Duration, Instant};

use crate::forward::{Egress, MAX_SLOTS};
use crate::ids::RoomId;
use crate::ingress::Ingress;

/// dB by which a speaker must be louder than another to take that one's seat.
const LOUDER_DB: f32 = 6.0;
/// For how long.
const LOUDER_FOR: Duration = Duration::from_millis(500);

/// A room with at least one member.
#[derive(Debug)]
pub(crate) struct Room {
    pub id: RoomId,
    pub members: Vec<u32>,
    seats: Vec<u32>,
    seat_count: usize,
    /// Who was last said to be speaking, ascending.
    told: Vec<u32>,
}

impl Room {
    pub fn new(id: RoomId) -> Self {
        Self { id, members: Vec::new(), seats: Vec::with_capacity(MAX_SLOTS), seat_count: 0, told: Vec::new() }
    }

    pub fn enter(&mut self, member: u32, ingress: &mut [Option<Ingress>], egress: &mut [Option<Egress>]) {
        self.members.push(member);
        self.count_seats(ingress, egress);
    }

    /// Takes a member and its seat away.
    pub fn exit(&mut self, member: u32, ingress: &mut [Option<Ingress>], egress: &mut [Option<Egress>]) {
        self.unseat(member, ingress, egress);
        self.members.retain(|other| *other != member);
        self.count_seats(ingress, egress);
    }

    fn count_seats(&mut self, ingress: &mut [Option<Ingress>], egress: &mut [Option<Egress>]) {
        self.seat_count = self
            .members
            .iter()
            .filter_map(|member| egress[*member as usize].as_ref())
            .map(|egress| egress.slots().len())
            .max()
            .unwrap_or(0);
        while self.seats.len() > self.seat_count {
            let last = self.seats[self.seats.len() - 1];
            self.unseat(last, ingress, egress);
        }
    }

    /// Takes a seat away, and the slots at the listeners with it.
    pub fn unseat(&mut self, source: u32, ingress: &mut [Option<Ingress>], egress: &mut [Option<Egress>]) {
        let Some(at) = self.seats.iter().position(|seated| *seated == source) else {
            return;
        };
        self.seats.remove(at);
        if let Some(ingress) = &mut ingress[source as usize] {
            ingress.seated = false;
        }
        for member in &self.members {
            if let Some(egress) = &mut egress[*member as usize] {
                egress.vacate(source);
            }
        }
    }

    /// Gives `source` a seat if it may have one now. `true` when it has got one.
    pub fn seat(
        &mut self,
        now: Instant,
        source: u32,
        ingress: &mut [Option<Ingress>],
        egress: &mut [Option<Egress>],
    ) -> bool {
        if self.seats.len() >= self.seat_count {
            let Some(victim) = self.victim(now, source, ingress) else {
                return false;
            };
            self.unseat(victim, ingress, egress);
        }
        let Some(asking) = &mut ingress[source as usize] else {
            return false;
        };
        asking.seated = true;
        asking.challenging_since = None;
        self.seats.push(source);
        true
    }

    /// Who has to give way to `source`, if anybody.
    fn victim(&self, now: Instant, source: u32, ingress: &mut [Option<Ingress>]) -> Option<u32> {
        let asking = ingress[source as usize].as_ref()?.speaker;
        if !asking.speaking() {
            return None;
        }
        let seated = |seat: &u32| ingress[*seat as usize].as_ref().map(|it| (*seat, it.speaker));
        let silent = self
            .seats
            .iter()
            .filter_map(seated)
            .filter(|(_, speaker)| !speaker.speaking())
            .min_by_key(|(_, speaker)| speaker.last_loud());
        if let Some((seat, _)) = silent {
            return Some(seat);
        }
        let (quietest, loudness) = self
            .seats
            .iter()
            .filter_map(seated)
            .map(|(seat, speaker)| (seat, speaker.loudness()))
            .min_by(|(_, a), (_, b)| a.total_cmp(b))?;
        let asking_ingress = ingress[source as usize].as_mut()?;
        if asking.loudness() < loudness + LOUDER_DB {
            asking_ingress.challenging_since = None;
            return None;
        }
        let since = *asking_ingress.challenging_since.get_or_insert(now);
        (now.saturating_duration_since(since) >= LOUDER_FOR).then_some(quietest)
    }

    /// Who is heard speaking, if that changed since it was last told.
    pub fn news(&mut self, ingress: &[Option<Ingress>]) -> Option<Vec<u32>> {
        let mut speakers: Vec<u32> = self
            .seats
            .iter()
            .filter_map(|seat| ingress[*seat as usize].as_ref())
            .filter(|ingress| ingress.speaker.speaking())
            .map(|ingress| ingress.voice_number)
            .collect();
        speakers.sort_unstable();
        if speakers == self.told {
            return None;
        }
        self.told.clone_from(&speakers);
        Some(speakers)
    }
}
