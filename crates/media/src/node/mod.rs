// SPDX-License-Identifier: Apache-2.0
//! One media thread's world, sans-IO: mutate, then drain transmits and events, then mutate again.
//!
//! Peers live at one index of three arrays: what sending to one needs ([`Egress`]), what receiving from
//! one needs ([`Ingress`]), and the rest ([`Peer`]). A packet touches the first two only. Indices are
//! reused; a generation tells owners apart where an index outlives its owner (timers).

mod input;
mod timeouts;

use std::collections::VecDeque;
use std::fmt;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use is::IceCreds;
use rustc_hash::FxHashMap;

use crate::arena::{Arena, Transmit};
use crate::certificate::Certificate;
use crate::dtls::{Dtls, DtlsConfig};
use crate::event::{CloseReason, Event};
use crate::forward::{CLOCK_HZ, Egress, MAX_SLOTS, Slot, Template};
use crate::grants::Grants;
use crate::ice::Ice;
use crate::ids::{PeerId, RoomId};
use crate::ingress::{Ingress, Reception};
use crate::pace::Pace;
use crate::peer::Peer;
use crate::random::Random;
use crate::room::Room;
use crate::sdp::{Answer, Offer, OfferError};
use crate::speaker::Speaker;
use crate::stats::{NodeStats, PeerStats};
use crate::timer::{Due, Handle, Timers};

/// Room for datagrams before the first flush; grows once, if a room is larger.
const ARENA_DATAGRAMS: usize = 256;
/// A datagram of voice and more.
const ARENA_DATAGRAM_BYTES: usize = 256;
/// The longest datagram that is taken in: an Ethernet frame's.
const MAX_DATAGRAM_BYTES: usize = 1500;
/// RFC 8839 §5.4 asks for 4 and 22 at least; six bits each.
const UFRAG_CHARS: usize = 8;
const PASSWORD_CHARS: usize = 24;
const CNAME_CHARS: usize = 16;

/// What a node needs to know once.
#[derive(Debug, Clone)]
pub struct NodeConfig {
    /// Named in every answer.
    pub certificate: Certificate,
    /// Advertised in answers, best first. Packets that arrive at another address are answered from it
    /// too: behind a NAT the advertised address is not the socket's.
    pub host_candidates: Vec<SocketAddr>,
    /// Everything random grows from it; 32 bytes of the system's randomness outside tests.
    pub seed: [u8; 32],
    /// A peer from which nothing authentic came for so long is closed, within a second.
    pub idle_timeout: Duration,
    /// ICE and DTLS must be up so long after the join.
    pub connect_timeout: Duration,
    /// DTLS state (10 kB) is dropped so long after the handshake; no close_notify afterwards.
    pub dtls_retention: Duration,
}

impl NodeConfig {
    /// The usual timeouts: 15 s idle, 15 s to connect, DTLS state kept for 30 s.
    pub fn new(certificate: Certificate, host_candidates: Vec<SocketAddr>, seed: [u8; 32]) -> Self {
        Self {
            certificate,
            host_candidates,
            seed,
            idle_timeout: Duration::from_secs(15),
            connect_timeout: Duration::from_secs(15),
            dtls_retention: Duration::from_secs(30),
        }
    }
}

/// A peer that wants in.
#[derive(Debug, Clone, Copy)]
pub struct Join<'a> {
    /// Its id; a peer of that id that is still here is taken out first, silently.
    pub peer: PeerId,
    /// Where it hears and is heard.
    pub room: RoomId,
    /// CSRC of its packets at the others', unique in the room.
    pub voice_number: u32,
    /// SDP: one sendonly audio section, and one recvonly for each slot.
    pub offer: &'a str,
    /// What it may do from the first packet on.
    pub grants: Grants,
}

/// Why a peer was not let in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JoinError {
    /// The offer can't be answered.
    #[error("the SDP offer can't be answered: {0}")]
    Offer(#[from] OfferError),
    /// The DTLS library refuses to start.
    #[error("DTLS can't be started")]
    Dtls,
}

/// One media thread's world.
pub struct Node {
    config: NodeConfig,
    dtls_config: Option<DtlsConfig>,
    fingerprint: [u8; 32],
    random: Random,
    /// Time zero of NTP timestamps and arrival times.
    epoch: Instant,
    egress: Vec<Option<Egress>>,
    ingress: Vec<Option<Ingress>>,
    peers: Vec<Option<Peer>>,
    generations: Vec<u32>,
    free: Vec<u32>,
    rooms: Vec<Option<Room>>,
    free_rooms: Vec<u32>,
    by_id: FxHashMap<PeerId, u32>,
    by_room_id: FxHashMap<RoomId, u32>,
    by_ufrag: FxHashMap<String, u32>,
    by_address: FxHashMap<SocketAddr, u32>,
    timers: Timers,
    arena: Arena,
    template: Template,
    /// Working memory of DTLS.
    dtls_buffer: Vec<u8>,
    events: VecDeque<Event>,
    last_run: u64,
    stats: NodeStats,
}

impl Node {
    /// An empty node.
    pub fn new(config: NodeConfig, now: Instant) -> Self {
        Self {
            dtls_config: DtlsConfig::new(config.certificate.clone()),
            fingerprint: config.certificate.fingerprint(),
            random: Random::new(&config.seed),
            config,
            epoch: now,
            egress: Vec::new(),
            ingress: Vec::new(),
            peers: Vec::new(),
            generations: Vec::new(),
            free: Vec::new(),
            rooms: Vec::new(),
            free_rooms: Vec::new(),
            by_id: FxHashMap::default(),
            by_room_id: FxHashMap::default(),
            by_ufrag: FxHashMap::default(),
            by_address: FxHashMap::default(),
            timers: Timers::with_capacity(ARENA_DATAGRAMS),
            arena: Arena::with_capacity(ARENA_DATAGRAMS, ARENA_DATAGRAM_BYTES),
            template: Template::with_capacity(MAX_DATAGRAM_BYTES),
            dtls_buffer: vec![0; 2 * MAX_DATAGRAM_BYTES],
            events: VecDeque::new(),
            last_run: 0,
            stats: NodeStats::default(),
        }
    }

    /// Lets a peer into a room and answers its offer (SDP).
    ///
    /// # Errors
    /// When the offer can't be answered; nothing changed then.
    pub fn join(&mut self, now: Instant, join: Join<'_>) -> Result<String, JoinError> {
        let offer = Offer::parse(join.offer)?;
        let dtls_config = self.dtls_config.as_ref().ok_or(JoinError::Dtls)?;
        let dtls = Dtls::new(dtls_config, offer.fingerprint, now).map_err(|_| JoinError::Dtls)?;
        self.leave(now, join.peer);

        let ufrag = self.fresh_ufrag();
        let password = self.random.ice_chars(PASSWORD_CHARS);
        let cname = self.random.ice_chars(CNAME_CHARS);
        let slots = self.fresh_slots(&offer);
        let ssrcs: Vec<u32> = slots.iter().map(|slot| slot.ssrc).collect();
        let answer = Answer {
            session_id: self.random.u32(),
            ice_ufrag: &ufrag,
            ice_pwd: &password,
            fingerprint: &self.fingerprint,
            candidates: &self.config.host_candidates,
            cname: &cname,
            slot_ssrcs: &ssrcs,
        }
        .write(&offer);

        let local = IceCreds { ufrag: ufrag.clone(), pass: password };
        let remote = IceCreds { ufrag: offer.ice_ufrag, pass: offer.ice_pwd };
        let ice = Ice::new(now, local, remote, &self.config.host_candidates);
        let peer = Peer::new(now, join.peer, ice, ufrag.clone(), cname, dtls);
        let room = self.room_index(join.room);
        let ingress = Ingress {
            opener: None,
            speak: join.grants.speak,
            seated: false,
            challenging_since: None,
            payload_type: offer.microphone.opus_payload_type,
            level_id: offer.microphone.audio_level_id,
            room,
            voice_number: join.voice_number,
            run: self.next_run(),
            ssrc: None,
            heard_at: now,
            path_remote: None,
            path_heard_at: now,
            hangover_armed: false,
            speaker: Speaker::SILENT,
            pace: Pace::default(),
            reception: Reception::default(),
            packets_in: 0,
            bytes_in: 0,
        };
        let index = self.place(peer, ingress, Egress::new(&slots, join.grants.hear));
        self.by_id.insert(join.peer, index);
        self.by_ufrag.insert(ufrag, index);
        if let Some(room) = &mut self.rooms[room as usize] {
            room.enter(index, &mut self.ingress, &mut self.egress);
        }
        // Spread over the second, so that a crowd's reports don't come in one burst.
        let spread = Duration::from_millis(u64::from(self.random.u32() % 1000));
        let handle = self.handle(index);
        self.timers.arm(now + spread, Due::Tick, handle);
        Ok(answer)
    }

    /// Takes a peer out: to the peer a DTLS close_notify, to the driver no event. Unknown ids are ignored.
    pub fn leave(&mut self, now: Instant, peer: PeerId) {
        if let Some(&index) = self.by_id.get(&peer) {
            self.take_out(now, index);
        }
    }

    /// From the next packet on, these grants hold. Unknown ids are ignored.
    pub fn set_grants(&mut self, peer: PeerId, grants: Grants) {
        let Some(&index) = self.by_id.get(&peer) else {
            return;
        };
        let run = self.next_run();
        let (Some(ingress), Some(egress)) =
            (self.ingress[index as usize].as_mut(), self.egress[index as usize].as_mut())
        else {
            return;
        };
        if egress.hear != grants.hear {
            egress.hear = grants.hear;
            egress.vacate_all();
        }
        if ingress.speak != grants.speak {
            ingress.speak = grants.speak;
            ingress.run = run;
            ingress.speaker.stop();
            let room = ingress.room;
            if let Some(room) = &mut self.rooms[room as usize] {
                room.unseat(index, &mut self.ingress, &mut self.egress);
            }
            self.tell_speaking(room);
        }
    }

    /// The next event.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// When [`Node::handle_timeout`] is to be called next; at times earlier than anything is due.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.timers.next()
    }

    /// How many datagrams wait to be sent.
    pub fn pending(&self) -> usize {
        self.arena.len()
    }

    /// The datagrams to be sent, in order.
    pub fn transmits(&self) -> impl Iterator<Item = Transmit<'_>> {
        self.arena.iter()
    }

    /// Forgets the datagrams: they were sent.
    pub fn clear_transmits(&mut self) {
        self.arena.clear();
    }

    /// Counters of the node.
    pub fn stats(&self) -> NodeStats {
        NodeStats { peers: self.by_id.len(), rooms: self.by_room_id.len(), ..self.stats }
    }

    /// Counters of a peer, if it is here.
    pub fn peer_stats(&self, peer: PeerId) -> Option<PeerStats> {
        let index = *self.by_id.get(&peer)? as usize;
        let peer = self.peers[index].as_ref()?;
        let ingress = self.ingress[index].as_ref()?;
        let egress = self.egress[index].as_ref()?;
        let worst = |of: fn(&crate::peer::SlotQuality) -> u32| peer.quality.iter().map(of).max();
        Some(PeerStats {
            connected: peer.connected_at.is_some(),
            packets_in: ingress.packets_in,
            bytes_in: ingress.bytes_in,
            packets_out: egress.packets_out,
            bytes_out: egress.bytes_out,
            lost_in: ingress.reception.lost(),
            jitter_in_ms: ticks_to_ms(ingress.reception.jitter()),
            loss_out: worst(|slot| u32::from(slot.fraction_lost)).unwrap_or(0) as f32 / 256.0,
            jitter_out_ms: ticks_to_ms(worst(|slot| slot.jitter).unwrap_or(0)),
            round_trip_ms: peer.round_trip_ms,
        })
    }

    fn handle(&self, index: u32) -> Handle {
        Handle { index, generation: self.generations[index as usize] }
    }

    fn next_run(&mut self) -> u64 {
        self.last_run += 1;
        self.last_run
    }

    fn fresh_ufrag(&mut self) -> String {
        loop {
            let ufrag = self.random.ice_chars(UFRAG_CHARS);
            if !self.by_ufrag.contains_key(&ufrag) {
                return ufrag;
            }
        }
    }

    /// A slot for each receiving section, with SSRCs that differ from each other.
    fn fresh_slots(&mut self, offer: &Offer) -> Vec<Slot> {
        let mut slots: Vec<Slot> = Vec::with_capacity(MAX_SLOTS);
        for section in offer.slots.iter().take(MAX_SLOTS) {
            let ssrc = loop {
                let ssrc = self.random.u32();
                let taken = slots.iter().any(|slot| slot.ssrc == ssrc);
                if ssrc != 0 && !taken && Some(ssrc) != offer.microphone.ssrc {
                    break ssrc;
                }
            };
            let start = self.random.u32();
            slots.push(Slot::new(ssrc, section.opus_payload_type, section.audio_level_id, start));
        }
        slots
    }

    fn room_index(&mut self, id: RoomId) -> u32 {
        if let Some(&index) = self.by_room_id.get(&id) {
            return index;
        }
        let index = self.free_rooms.pop().unwrap_or_else(|| {
            self.rooms.push(None);
            place_number(self.rooms.len() - 1)
        });
        self.rooms[index as usize] = Some(Room::new(id));
        self.by_room_id.insert(id, index);
        index
    }

    fn place(&mut self, peer: Peer, ingress: Ingress, egress: Egress) -> u32 {
        let index = self.free.pop().unwrap_or_else(|| {
            self.peers.push(None);
            self.ingress.push(None);
            self.egress.push(None);
            self.generations.push(0);
            place_number(self.peers.len() - 1)
        });
        self.peers[index as usize] = Some(peer);
        self.ingress[index as usize] = Some(ingress);
        self.egress[index as usize] = Some(egress);
        index
    }

    /// Closes a peer for a reason of its own.
    fn close(&mut self, now: Instant, index: u32, reason: CloseReason) {
        if let Some(peer) = &self.peers[index as usize] {
            let peer = peer.id;
            self.take_out(now, index);
            self.events.push_back(Event::Closed { peer, reason });
        }
    }

    fn take_out(&mut self, now: Instant, index: u32) {
        let at = index as usize;
        let Some(mut peer) = self.peers[at].take() else {
            return;
        };
        if let Some(dtls) = &mut peer.dtls {
            let (ice, arena) = (&peer.ice, &mut self.arena);
            dtls.close(now, &mut self.dtls_buffer, |packet| ice.send(packet, arena));
        }
        if let Some(room_index) = self.ingress[at].as_ref().map(|ingress| ingress.room) {
            if let Some(room) = &mut self.rooms[room_index as usize] {
                room.exit(index, &mut self.ingress, &mut self.egress);
                if room.members.is_empty() {
                    self.by_room_id.remove(&room.id);
                    self.rooms[room_index as usize] = None;
                    self.free_rooms.push(room_index);
                }
            }
            self.tell_speaking(room_index);
        }
        self.ingress[at] = None;
        self.egress[at] = None;
        self.by_id.remove(&peer.id);
        self.by_ufrag.remove(&peer.ufrag);
        for address in peer.addresses() {
            if self.by_address.get(address) == Some(&index) {
                self.by_address.remove(address);
            }
        }
        self.generations[at] = self.generations[at].wrapping_add(1);
        self.free.push(index);
    }

    fn tell_speaking(&mut self, room: u32) {
        let Some(room) = self.rooms.get_mut(room as usize).and_then(Option::as_mut) else {
            return;
        };
        if let Some(speakers) = room.news(&self.ingress) {
            self.events.push_back(Event::Speaking { room: room.id, speakers });
        }
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Node").field("stats", &self.stats()).finish_non_exhaustive()
    }
}

/// Places are numbered by `u32`: four billion peers don't fit a machine.
fn place_number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

fn ticks_to_ms(ticks: u32) -> f32 {
    ticks as f32 * 1000.0 / CLOCK_HZ as f32
}
