// SPDX-License-Identifier: Apache-2.0
//! The media node with people in rooms: operations, in any order: datagrams from anywhere (garbage,
//! sealed by someone's keys, repeated, bent), checks, grants, comings and goings, and time.
//!
//! A model beside it knows who is where and may do what. Whatever happens:
//! - audio goes to the speaker's room only, by the grants of that instant, not back, and under the
//!   speaker's number; what was taken once or nobody sealed goes nowhere;
//! - it is sealed for its receiver, under no index twice, and numbered as the receiver numbers;
//! - nothing goes to an address that has not proved the password;
//! - nobody is put out by what others send in that person's name;
//! - who may speak is heard by all who may hear.

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use voz_media::rtp::{AudioLevel, Header, OutgoingHeader};
use voz_media::srtp::MAX_OVERHEAD_BYTES;
use voz_media::{CloseReason, Event, Grants, Node};

use crate::input::Input;
use crate::voice::{Client, Numbers, deliver, is_audio, node, pass, start};

/// People at most; the first three are there from the start.
const PEOPLE: usize = 4;
const START_ROOMS: [u128; 3] = [1, 1, 2];
/// How each numbers payload type and audio level.
const NUMBERS: [Numbers; PEOPLE] = [
    Numbers { payload_type: 111, level_id: Some(1) },
    Numbers { payload_type: 109, level_id: Some(14) },
    Numbers { payload_type: 96, level_id: None },
    Numbers { payload_type: 127, level_id: Some(20) },
];
/// A handshake costs as much as a thousand datagrams.
const JOINS: usize = 3;
const REMEMBERED: usize = 48;
/// Sources of one peer that the node keeps.
const SOURCES: usize = 60;
/// Addresses of one peer that the node keeps.
const ADDRESSES: usize = 8;

struct Member {
    client: Client,
    room: u128,
    grants: Grants,
    /// Addresses that proved this member's password.
    proved: HashSet<SocketAddr>,
    /// Which of its comings this is: what was sealed before is another's.
    coming: usize,
    sequence: u64,
    timestamp: u32,
    /// Sources it has used beside its microphone.
    other_sources: HashSet<u32>,
}

/// A datagram that was on its way to the node.
struct Sent {
    bytes: Vec<u8>,
    /// Whose keys sealed it as audio.
    sealed: Option<(usize, usize)>,
    /// The node has taken it in as audio.
    taken: bool,
}

/// Audio that the node sent.
struct Forwarded {
    to: usize,
    from: u32,
    payload: Vec<u8>,
    level: Option<AudioLevel>,
}

struct World {
    node: Node,
    now: Instant,
    members: [Option<Member>; PEOPLE],
    /// Whose packets an address's are taken for.
    owners: HashMap<SocketAddr, usize>,
    sent: Vec<Sent>,
    comings: usize,
}

fn home(who: usize) -> SocketAddr {
    SocketAddr::from(([10, 1, 0, u8::try_from(who).unwrap_or(u8::MAX)], 40_000))
}

/// One of the homes, or somewhere else.
fn address(choice: u8) -> SocketAddr {
    match usize::from(choice % 8) {
        who @ 0..PEOPLE => home(who),
        _ => SocketAddr::from(([203, 0, 113, choice], 5000)),
    }
}

fn number(who: usize) -> u32 {
    u32::try_from(who).unwrap_or(u32::MAX) + 1
}

/// Runs the operations.
pub fn run(data: &[u8]) {
    let mut world = World {
        node: node(),
        now: start(),
        members: [const { None }; PEOPLE],
        owners: HashMap::new(),
        sent: Vec::new(),
        comings: 0,
    };
    for (who, room) in START_ROOMS.into_iter().enumerate() {
        world.join(who, room, Grants::ALL);
    }
    let mut input = Input::new(data);
    let mut joins = 0;
    while !input.is_empty() {
        match input.below(16) {
            0..=3 => world.talk(&mut input),
            4 => world.garbage(address(input.byte()), input.bytes()),
            5 => world.sealed(&mut input),
            6 => world.report(input.below(PEOPLE), input.bytes()),
            7 => world.repeat(input.below(REMEMBERED), address(input.byte())),
            8 | 9 => world.bend(&mut input),
            10 => world.check(&mut input),
            11 => world.grant(input.below(PEOPLE), input.byte()),
            12 => world.leave(input.below(PEOPLE)),
            13 if joins < JOINS => {
                joins += 1;
                let (who, room, grants) = (input.below(PEOPLE), input.below(3), input.byte());
                world.join(who, room as u128, bits(grants));
            }
            14 => world.wait(Duration::from_millis(input.u16().into()), input.flag()),
            _ => world.wait(Duration::from_millis(20), false),
        }
    }
    for who in 0..PEOPLE {
        world.talk(&mut Input::new(&[u8::try_from(who).unwrap_or(0)]));
    }
}

fn bits(bits: u8) -> Grants {
    Grants { speak: bits & 1 == 0, hear: bits & 2 == 0 }
}

impl World {
    fn join(&mut self, who: usize, room: u128, grants: Grants) {
        self.forget(who);
        self.comings += 1;
        let mut client = Client::join(&mut self.node, self.now, number(who), room, grants, NUMBERS[who]);
        client.connect(&mut self.node, self.now, home(who));
        self.owners.insert(home(who), who);
        self.members[who] = Some(Member {
            client,
            room,
            grants,
            proved: HashSet::from([home(who)]),
            coming: self.comings,
            sequence: 100,
            timestamp: 0,
            other_sources: HashSet::new(),
        });
        assert!(self.settle().is_empty());
    }

    /// The model's side of going away.
    fn forget(&mut self, who: usize) {
        self.members[who] = None;
        self.owners.retain(|_, owner| *owner != who);
    }

    fn leave(&mut self, who: usize) {
        if let Some(member) = &self.members[who] {
            let peer = member.client.peer;
            self.node.leave(self.now, peer);
            assert!(self.settle().is_empty());
            self.forget(who);
        }
    }

    fn grant(&mut self, who: usize, grants: u8) {
        let Some(member) = &mut self.members[who] else { return };
        member.grants = bits(grants);
        self.node.set_grants(member.client.peer, member.grants);
        assert!(self.settle().is_empty());
    }

    fn wait(&mut self, time: Duration, late: bool) {
        if late {
            self.now += time;
            self.node.handle_timeout(self.now);
            assert!(self.node.poll_timeout().is_none_or(|next| next > self.now));
        } else {
            pass(&mut self.node, &mut self.now, time);
        }
        assert!(self.settle().is_empty());
    }

    /// The next packet of a microphone: a header of any shape, sound of any length.
    fn talk(&mut self, input: &mut Input<'_>) {
        let who = input.below(PEOPLE);
        let Some(member) = &mut self.members[who] else { return };
        let (step, level, shape, padding) = (input.byte(), input.byte(), input.byte(), input.below(20));
        let length = input.below(100);
        let sound = input.take(length);
        member.sequence += 1 + u64::from(step >> 4);
        member.timestamp = member.timestamp.wrapping_add(960 * (1 + u32::from(step & 0x0F)));
        let told = AudioLevel { voice: level >> 7 == 1, below_overload_db: level & 0x7F };
        let level = member.client.numbers.level_id.filter(|_| shape & 1 == 0).map(|id| (id, told));
        let csrcs = [7, 8, 9];
        let header = OutgoingHeader {
            payload_type: member.client.numbers.payload_type,
            marker: shape & 2 != 0,
            sequence: low_16(member.sequence),
            timestamp: member.timestamp,
            ssrc: microphone(who),
            csrcs: &csrcs[..usize::from(shape >> 2 & 3)],
            audio_level: level,
            mid: (shape & 16 != 0).then_some((9, b"mic")),
        };
        let mut packet = vec![0; 200];
        let Ok(header_len) = header.write(&mut packet) else { panic!("the header can't be written") };
        packet.truncate(header_len);
        let mut payload = member.sequence.to_be_bytes().to_vec();
        payload.extend(sound);
        packet.extend(&payload);
        if padding > 0 {
            packet[0] |= 0x20;
            packet.resize(packet.len() + padding, 0);
            let last = packet.len() - 1;
            packet[last] = u8::try_from(padding).unwrap_or(1);
        }
        let sequence = member.sequence;
        let due = self.listeners(who);
        let Some(sealed) = self.seal(who, header_len, packet, sequence) else { return };
        let heard = self.send(home(who), sealed, true);
        for one in &heard {
            assert_eq!(one.payload, payload, "the sound is another");
            if NUMBERS[one.to].level_id.is_some() {
                assert_eq!(one.level, level.map(|(_, level)| level));
            }
        }
        if let Some(due) = due {
            let mut to: Vec<usize> = heard.iter().map(|one| one.to).collect();
            to.sort_unstable();
            assert_eq!(to, due, "who may speak is not heard by all who may hear");
        }
    }

    /// Who has to hear the next packet of a microphone; `None` where the model can't tell.
    fn listeners(&self, who: usize) -> Option<Vec<usize>> {
        let speaker = self.members[who].as_ref()?;
        let plain = self.owners.get(&home(who)) == Some(&who)
            && speaker.proved.len() <= ADDRESSES
            && speaker.other_sources.len() < SOURCES;
        let hears = |other: usize| {
            let member = self.members[other].as_ref();
            other != who && member.is_some_and(|member| member.room == speaker.room && member.grants.hear)
        };
        let all = (0..PEOPLE).filter(|other| hears(*other));
        plain.then(|| if speaker.grants.speak { all.collect() } else { Vec::new() })
    }

    /// Anything at all, sealed as audio with someone's keys.
    fn sealed(&mut self, input: &mut Input<'_>) {
        let (who, source) = (input.below(PEOPLE), address(input.byte()));
        let mut packet = input.bytes().to_vec();
        let Some(member) = &mut self.members[who] else { return };
        let Some(first) = packet.first_mut() else { return };
        *first = *first & 0x3F | 0x80;
        let Ok(header) = Header::parse(&packet) else { return };
        let (header_len, ssrc, sequence) = (header.header_len, header.ssrc, header.sequence.into());
        // The microphone's own sequence is the model's.
        if ssrc == microphone(who) {
            return;
        }
        member.other_sources.insert(ssrc);
        let Some(sealed) = self.seal(who, header_len, packet, sequence) else { return };
        self.send(source, sealed, true);
    }

    fn seal(&self, who: usize, header_len: usize, mut packet: Vec<u8>, sequence: u64) -> Option<Sent> {
        let member = self.members[who].as_ref()?;
        let length = packet.len();
        packet.resize(length + MAX_OVERHEAD_BYTES, 0);
        let sealer = member.client.sealer.as_ref()?;
        let sealed = sealer.seal_rtp(&mut packet, header_len, length, sequence);
        packet.truncate(sealed.unwrap_or_else(|error| panic!("a packet can't be sealed: {error}")));
        Some(Sent { bytes: packet, sealed: Some((who, member.coming)), taken: false })
    }

    /// Anything at all, sealed as a report.
    fn report(&mut self, who: usize, compound: &[u8]) {
        let Some(member) = &mut self.members[who] else { return };
        let mut packet = compound.to_vec();
        packet.resize(compound.len() + MAX_OVERHEAD_BYTES, 0);
        let sealer = member.client.sealer.as_mut();
        let Some(Ok(length)) = sealer.map(|sealer| sealer.seal_rtcp(&mut packet, compound.len())) else { return };
        packet.truncate(length);
        let heard = self.send(home(who), Sent { bytes: packet, sealed: None, taken: false }, true);
        assert!(heard.is_empty(), "a report is heard");
    }

    fn garbage(&mut self, source: SocketAddr, bytes: &[u8]) {
        let heard = self.send(source, Sent { bytes: bytes.to_vec(), sealed: None, taken: false }, true);
        assert!(heard.is_empty(), "garbage is heard");
    }

    fn repeat(&mut self, which: usize, source: SocketAddr) {
        let count = self.sent.len().max(1);
        let Some(sent) = self.sent.get(which % count) else { return };
        let again = Sent { bytes: sent.bytes.clone(), ..*sent };
        let taken_before = sent.taken;
        let packets = self.node.stats().packets_in;
        self.send(source, again, false);
        let taken = self.node.stats().packets_in > packets;
        assert!(!(taken && taken_before), "a packet was taken twice");
        if taken && let Some(sent) = self.sent.get_mut(which % count) {
            sent.taken = true;
        }
    }

    fn bend(&mut self, input: &mut Input<'_>) {
        let count = self.sent.len().max(1);
        let Some(sent) = self.sent.get(input.below(REMEMBERED) % count) else { return };
        let (source, at, by) = (address(input.byte()), usize::from(input.u16()), input.byte());
        let mut bytes = sent.bytes.clone();
        match at % bytes.len().max(1) {
            at if by == 0 => bytes.truncate(at),
            at => bytes[at] ^= by,
        }
        if bytes != sent.bytes {
            self.garbage(source, &bytes);
        }
    }

    /// A check of someone's, from anywhere.
    fn check(&mut self, input: &mut Input<'_>) {
        let (who, source, nominates) = (input.below(PEOPLE), address(input.byte()), input.flag());
        let Some(member) = &self.members[who] else { return };
        let bytes = member.client.check(nominates);
        self.send(source, Sent { bytes, sealed: None, taken: false }, true);
    }

    /// Hands a datagram in and looks at all that comes out.
    fn send(&mut self, source: SocketAddr, mut datagram: Sent, remember: bool) -> Vec<Forwarded> {
        let proves = |member: &Option<Member>| member.as_ref().is_some_and(|it| it.client.is_proof(&datagram.bytes));
        if let Some(who) = self.members.iter().position(proves) {
            self.owners.insert(source, who);
            if let Some(member) = &mut self.members[who] {
                member.proved.insert(source);
            }
        }
        let packets = self.node.stats().packets_in;
        deliver(&mut self.node, self.now, source, datagram.bytes.clone());
        let taken = self.node.stats().packets_in - packets;
        assert!(taken <= 1);
        datagram.taken |= taken == 1;
        let heard = self.settle();
        let coming = |who: usize| self.members[who].as_ref().map(|member| member.coming);
        if taken == 1 {
            let Some((who, sealed_in)) = datagram.sealed else { panic!("what nobody sealed was taken as audio") };
            assert_eq!(coming(who), Some(sealed_in), "a packet of an earlier connection was taken");
            assert!(heard.iter().all(|one| one.from == number(who)), "heard under another's number");
        } else {
            assert!(heard.is_empty(), "a packet that was not taken is heard");
        }
        if remember && !datagram.bytes.is_empty() {
            if self.sent.len() == REMEMBERED {
                self.sent.remove(0);
            }
            self.sent.push(datagram);
        }
        heard
    }

    /// Takes everything that the node sends and says, and holds it against the model.
    fn settle(&mut self) -> Vec<Forwarded> {
        let transmits: Vec<(SocketAddr, Vec<u8>)> =
            self.node.transmits().map(|transmit| (transmit.destination, transmit.bytes.to_vec())).collect();
        self.node.clear_transmits();
        let mut heard = Vec::new();
        for (destination, bytes) in transmits {
            let proved = self.members.iter().flatten().any(|member| member.proved.contains(&destination));
            assert!(proved, "{destination} has proved nothing and is sent something");
            if is_audio(&bytes) {
                heard.push(self.open(destination, &bytes));
            }
        }
        while let Some(event) = self.node.poll_event() {
            self.note(event);
        }
        heard
    }

    /// Finds the one receiver that can open the packet, and holds it against the grants of its speaker.
    fn open(&mut self, destination: SocketAddr, bytes: &[u8]) -> Forwarded {
        for to in 0..PEOPLE {
            let Some(member) = &mut self.members[to] else { continue };
            if !member.proved.contains(&destination) {
                continue;
            }
            let mut packet = bytes.to_vec();
            let Some(Ok(opened)) = member.client.opener.as_mut().map(|opener| opener.open_rtp(&mut packet)) else {
                continue;
            };
            let packet = &packet[..opened.header_len + opened.payload_len];
            let Ok(header) = Header::parse(packet) else { panic!("what was sent can't be read") };
            let numbers = member.client.numbers;
            assert_eq!(header.payload_type, numbers.payload_type);
            let (room, hears) = (member.room, member.grants.hear);
            let from: Vec<u32> = header.csrcs().collect();
            let [from] = from[..] else { panic!("{} people in one packet", from.len()) };
            let Some(Some(speaker)) = self.members.get(from as usize - 1) else { panic!("nobody speaks") };
            assert_ne!(to, from as usize - 1, "somebody hears itself");
            assert_eq!(speaker.room, room, "heard across rooms");
            assert!(speaker.grants.speak, "a muted person is heard");
            assert!(hears, "a deafened person hears");
            let level = numbers.level_id.and_then(|id| header.audio_level(id));
            return Forwarded { to, from, payload: packet[opened.header_len..].to_vec(), level };
        }
        panic!("nobody at {destination} can open what is sent there");
    }

    fn note(&mut self, event: Event) {
        match event {
            Event::Connected { peer } => {
                // Noted by `join`, before the model knows.
                assert!(self.members.iter().flatten().any(|member| member.client.peer == peer));
            }
            Event::Closed { peer, reason } => {
                let who = self.members.iter().flatten().position(|member| member.client.peer == peer);
                assert!(who.is_some(), "somebody is closed who is not here");
                match reason {
                    CloseReason::Silent => {}
                    reason => panic!("put out for {reason:?} by what others sent"),
                }
                let who = usize::try_from(peer.0 - 1).unwrap_or(usize::MAX);
                self.forget(who);
            }
            Event::Speaking { room, speakers } => {
                for speaker in speakers {
                    let member = self.members.get(speaker as usize - 1).and_then(Option::as_ref);
                    let may = member.is_some_and(|member| member.room == room.0 && member.grants.speak);
                    assert!(may, "{speaker} is said to speak in a room where that can't be");
                }
            }
        }
    }
}

fn microphone(who: usize) -> u32 {
    0x1000_0000 + number(who)
}

fn low_16(sequence: u64) -> u16 {
    let bytes = sequence.to_be_bytes();
    u16::from_be_bytes([bytes[6], bytes[7]])
}
