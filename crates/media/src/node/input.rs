// SPDX-License-Identifier: Apache-2.0
//! Datagrams in: told apart by their first byte (RFC 7983), then by address, or for STUN by ufrag.
//!
//! What belongs to nobody, is malformed or not authentic is dropped in silence.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use is::stun::StunMessage;

use super::{MAX_DATAGRAM_BYTES, Node};
use crate::event::{CloseReason, Event};
use crate::forward::Packet;
use crate::ice::QUIET;
use crate::path::Path;
use crate::peer::Noted;
use crate::rtcp;
use crate::rtp::Header;
use crate::srtp::{Opener, Sealer, SrtpKeys};
use crate::timer::Due;

/// DTLS deadlines further away are those of an idle session: state is dropped before.
const LONGEST_DTLS_WAIT: Duration = Duration::from_secs(60);

impl Node {
    /// Takes a received datagram in. `destination` is the local address it arrived at (PKTINFO). The
    /// buffer is used as working memory: what it holds afterwards is unspecified.
    pub fn handle_input(&mut self, now: Instant, source: SocketAddr, destination: SocketAddr, datagram: &mut [u8]) {
        self.stats.datagrams_in += 1;
        let came = Path { local: destination, remote: source };
        let taken = match datagram.first() {
            _ if datagram.len() > MAX_DATAGRAM_BYTES => None,
            Some(0..=3) => self.handle_stun(now, came, datagram),
            Some(20..=63) => self.handle_dtls(now, came, datagram),
            Some(128..=191) if rtcp::is_rtcp(datagram) => self.handle_rtcp(now, source, datagram),
            Some(128..=191) => self.handle_rtp(now, source, datagram),
            _ => None,
        };
        if taken.is_none() {
            self.stats.datagrams_refused += 1;
        }
    }

    fn handle_stun(&mut self, now: Instant, came: Path, datagram: &[u8]) -> Option<()> {
        let message = StunMessage::parse(datagram).ok()?;
        if message.is_successful_binding_response() {
            return self.handle_answer(now, came, &message);
        }
        let (ufrag, _) = message.split_username()?;
        let index = *self.by_ufrag.get(ufrag)?;
        if self.is_held(now, came.remote, index) {
            return None;
        }
        let at = index as usize;
        let peer = self.peers[at].as_mut()?;
        let ingress = self.ingress[at].as_mut()?;
        let heard_at = ingress.path_heard_at;
        let authentic = peer.ice.handle_request(now, heard_at, came, message, &mut self.random, &mut self.arena);
        if !authentic {
            return None;
        }
        if let Noted::New { dropped: Some(dropped) } = peer.note_address(came.remote)
            && self.by_address.get(&dropped) == Some(&index)
        {
            self.by_address.remove(&dropped);
        }
        // A client that made a new connection from the same port takes the address over.
        self.by_address.insert(came.remote, index);
        self.follow_path(now, index, came)
    }

    /// Whether another peer is being heard from this address: whoever forges it takes nothing away there.
    fn is_held(&self, now: Instant, address: SocketAddr, index: u32) -> bool {
        let Some(&holder) = self.by_address.get(&address) else { return false };
        let (Some(ingress), Some(peer)) = (&self.ingress[holder as usize], &self.peers[holder as usize]) else {
            return false;
        };
        let heard = now.saturating_duration_since(ingress.path_heard_at) < QUIET;
        // Without proof it may be the holder who forges.
        holder != index && ingress.path_remote == Some(address) && heard && peer.ice.is_proved()
    }

    /// An answer to a check of ours: it names nobody, but comes from where a peer's check came from.
    fn handle_answer(&mut self, now: Instant, came: Path, message: &StunMessage<'_>) -> Option<()> {
        let index = *self.by_address.get(&came.remote)?;
        let peer = self.peers[index as usize].as_mut()?;
        if !peer.ice.handle_answer(came, message) {
            return None;
        }
        self.follow_path(now, index, came)
    }

    /// Something authentic came: packets go where ICE says now.
    fn follow_path(&mut self, now: Instant, index: u32, came: Path) -> Option<()> {
        let at = index as usize;
        let ingress = self.ingress[at].as_mut()?;
        let egress = self.egress[at].as_mut()?;
        egress.path = self.peers[at].as_ref()?.ice.path();
        if let Some(path) = egress.path {
            ingress.follow(now, path.remote);
        }
        ingress.heard(now, came.remote);
        Some(())
    }

    fn handle_dtls(&mut self, now: Instant, came: Path, datagram: &[u8]) -> Option<()> {
        let index = *self.by_address.get(&came.remote)?;
        let peer = self.peers[index as usize].as_mut()?;
        let dtls = peer.dtls.as_mut()?;
        peer.ice.adopt(came);
        let (ice, arena) = (&peer.ice, &mut self.arena);
        let outcome = dtls.handle_packet(now, datagram, &mut self.dtls_buffer, |packet| ice.send(packet, arena));
        self.dtls_outcome(now, index, came, outcome);
        Some(())
    }

    /// Retransmits, or gives up.
    pub(super) fn dtls_timeout(&mut self, now: Instant, index: u32) -> Option<()> {
        let peer = self.peers[index as usize].as_mut()?;
        peer.dtls_armed = None;
        let path = peer.ice.path()?;
        let dtls = peer.dtls.as_mut()?;
        let (ice, arena) = (&peer.ice, &mut self.arena);
        let outcome = dtls.handle_timeout(now, &mut self.dtls_buffer, |packet| ice.send(packet, arena));
        self.dtls_outcome(now, index, path, outcome);
        Some(())
    }

    fn dtls_outcome(&mut self, now: Instant, index: u32, came: Path, outcome: Result<Option<SrtpKeys>, CloseReason>) {
        let up = match outcome {
            Err(reason) => Err(reason),
            Ok(None) => Ok(()),
            Ok(Some(keys)) => self.connect(now, index, came, &keys).ok_or(CloseReason::Dtls),
        };
        if let Err(reason) = up {
            self.close(now, index, reason);
            return;
        }
        let handle = self.handle(index);
        let Some(peer) = &mut self.peers[index as usize] else {
            return;
        };
        let deadline = peer.dtls.as_ref().and_then(|dtls| dtls.deadline());
        let soon = deadline.filter(|at| *at < now + LONGEST_DTLS_WAIT);
        if let Some(at) = soon
            && peer.dtls_armed.is_none_or(|armed| at < armed)
        {
            peer.dtls_armed = Some(at);
            self.timers.arm(at, Due::Dtls, handle);
        }
    }

    fn connect(&mut self, now: Instant, index: u32, came: Path, keys: &SrtpKeys) -> Option<()> {
        let at = index as usize;
        let peer = self.peers[at].as_mut()?;
        let ingress = self.ingress[at].as_mut()?;
        let egress = self.egress[at].as_mut()?;
        ingress.opener = Some(Opener::new(&keys.remote).ok()?);
        egress.sealer = Some(Sealer::new(&keys.local).ok()?);
        peer.ice.prove();
        peer.connected_at = Some(now);
        self.events.push_back(Event::Connected { peer: peer.id });
        self.follow_path(now, index, came)
    }

    fn handle_rtcp(&mut self, now: Instant, source: SocketAddr, datagram: &mut [u8]) -> Option<()> {
        let index = *self.by_address.get(&source)?;
        let ingress = self.ingress[index as usize].as_mut()?;
        let opened = ingress.opener.as_mut()?.open_rtcp(datagram).ok()?;
        ingress.heard(now, source);
        let peer = self.peers[index as usize].as_mut()?;
        let egress = self.egress[index as usize].as_ref()?;
        let compound = datagram.get(..opened.packet_len)?;
        crate::report::absorb(now, self.epoch, compound, peer, ingress, egress);
        Some(())
    }

    fn handle_rtp(&mut self, now: Instant, source: SocketAddr, datagram: &mut [u8]) -> Option<()> {
        let index = *self.by_address.get(&source)?;
        let at = index as usize;
        let ingress = self.ingress[at].as_mut()?;
        let opened = ingress.opener.as_mut()?.open_rtp(datagram).ok()?;
        ingress.heard(now, source);
        let packet = datagram.get(..opened.header_len + opened.payload_len)?;
        let header = Header::parse(packet).ok()?;
        if header.payload_type != ingress.payload_type {
            return None;
        }
        let payload = header.payload(packet).ok().filter(|payload| !payload.is_empty())?;
        if ingress.ssrc != Some(opened.ssrc) {
            ingress.ssrc = Some(opened.ssrc);
            ingress.reception.restart();
            self.last_run += 1;
            ingress.run = self.last_run;
        }
        let since_epoch = now.saturating_duration_since(self.epoch);
        ingress.reception.packet(since_epoch, opened.ext_seq, header.timestamp);
        ingress.packets_in += 1;
        ingress.bytes_in += payload.len() as u64;
        self.stats.packets_in += 1;
        if !ingress.is_in_measure(now, payload.len()) {
            self.stats.packets_over_measure += 1;
            return Some(());
        }
        if !ingress.speak {
            self.stats.packets_muted += 1;
            return Some(());
        }
        let level = ingress.level_id.and_then(|id| header.audio_level(id));
        let started = ingress.speaker.hear(now, level, payload.len());
        let outgoing = Packet {
            source: index,
            run: ingress.run,
            sequence: opened.ext_seq,
            timestamp: header.timestamp,
            marker: header.marker,
            level,
            voice_number: ingress.voice_number,
            payload,
        };
        self.admit(now, index, started)?;
        self.forward(now, &outgoing);
        Some(())
    }

    /// Sees to the speaker's seat and to what others are told. `None` when the room has no seat for it.
    fn admit(&mut self, now: Instant, index: u32, started: bool) -> Option<()> {
        let ingress = self.ingress[index as usize].as_mut()?;
        let room_index = ingress.room;
        if started && !ingress.hangover_armed {
            ingress.hangover_armed = true;
            if let Some(ends_at) = ingress.speaker.ends_at() {
                let handle = self.handle(index);
                self.timers.arm(ends_at, Due::Hangover, handle);
            }
        }
        let ingress = self.ingress[index as usize].as_ref()?;
        let seated_before = ingress.seated;
        let mut seated = seated_before;
        if !seated {
            let room = self.rooms[room_index as usize].as_mut()?;
            seated = room.seat(now, index, &mut self.ingress, &mut self.egress);
        }
        if started || seated != seated_before {
            self.tell_speaking(room_index);
        }
        if !seated {
            self.stats.packets_unslotted += 1;
            return None;
        }
        Some(())
    }

    /// One packet to everyone else in the room.
    fn forward(&mut self, now: Instant, packet: &Packet<'_>) {
        let (ingress, egress) = (&self.ingress, &mut self.egress);
        let room = ingress[packet.source as usize].as_ref().map(|source| source.room);
        let Some(room) = room.and_then(|room| self.rooms[room as usize].as_ref()) else {
            return;
        };
        let speaking = |index: u32| ingress[index as usize].as_ref().is_some_and(|ingress| ingress.speaker.speaking());
        let insists = speaking(packet.source);
        self.template.reset();
        for &member in &room.members {
            if member == packet.source {
                continue;
            }
            let Some(listener) = &mut egress[member as usize] else {
                continue;
            };
            if !listener.listens() {
                continue;
            }
            let slot = listener.slot_of(packet.source, |held| insists && !speaking(held));
            let Some(slot) = slot else {
                continue;
            };
            if listener.send(now, slot, packet, &mut self.template, &mut self.arena) {
                self.stats.packets_out += 1;
            }
        }
    }
}
