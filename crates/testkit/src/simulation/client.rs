// SPDX-License-Identifier: Apache-2.0
//! A client: str0m whole, with a microphone that says who it is in every packet.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::media::{Direction, MediaKind, Mid, Pt};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{ExtensionValues, RtpWrite};
use str0m::{Candidate, Event, Input, Output, Rtc, RtcConfig};

use super::Who;

const PORT: u16 = 40_000;
/// A packet holds 20 ms of sound.
const PACKET: Duration = Duration::from_millis(20);
const PACKET_TICKS: u32 = 960;

/// What the microphone does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Voice {
    /// Nothing is sent.
    Off,
    /// Packets at this level, dBov.
    Level(i8),
    /// Packets of a size, without an audio level.
    Untold(usize),
}

/// Which internet a client has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// IPv4 alone.
    V4,
    /// IPv6 alone.
    V6,
    /// Both, and ICE chooses.
    Both,
}

/// An address of a client.
#[derive(Debug, Clone, Copy)]
struct Address {
    /// Its own idea of it.
    local: SocketAddr,
    /// What the world sees: its NAT's.
    public: SocketAddr,
}

/// A packet that a client got, as its RTP stack understood it.
#[derive(Debug, Clone)]
pub struct Heard {
    /// When.
    pub at: Instant,
    /// SSRC: the slot.
    pub ssrc: u32,
    /// Extended sequence number in the slot.
    pub sequence: u64,
    /// RTP timestamp.
    pub timestamp: u32,
    /// RTP marker: speech begins here.
    pub marker: bool,
    /// Who is in the slot.
    pub csrc: Vec<u32>,
    /// RFC 6464 level, dBov.
    pub level: Option<i8>,
    /// A sender report of the slot had come before.
    pub sender_report: bool,
    /// Who made it, from the payload.
    pub from: Who,
    /// Its number there, from the payload.
    pub number: u32,
}

/// How whole one person's voice arrived at another's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivery {
    /// Packets that the speaker made.
    pub said: usize,
    /// Of these, how many arrived.
    pub heard: usize,
    /// The longest time without one, with what is missing at either end.
    pub longest_gap: Duration,
}

/// SRTP, not SRTCP (RFC 5761 §4).
pub fn is_audio(datagram: &[u8]) -> bool {
    matches!(datagram, [128..=191, kind, ..] if !(192..=223).contains(kind))
}

/// A person's device in a simulation.
pub struct Client {
    /// Its number.
    pub who: Who,
    addresses: Vec<Address>,
    slots: usize,
    /// Its WebRTC stack.
    pub rtc: Rtc,
    /// ICE and DTLS are up.
    pub connected: bool,
    /// Off the network, without a word.
    pub unplugged: bool,
    /// The microphone.
    pub voice: Voice,
    /// Every packet understood, oldest first.
    pub heard: Vec<Heard>,
    /// Audio datagrams that came, understood or not.
    pub audio_datagrams: usize,
    /// Packets made so far.
    pub spoken: u32,
    /// Its stack goes on.
    pub alive: bool,
    /// Its own stack gave up, as on a handshake that nobody answers.
    pub broken: bool,
    mic: Mid,
    offer: String,
    answer: String,
    pending: Option<SdpPendingOffer>,
    sequence: u64,
    next_timeout: Instant,
    next_packet: Instant,
    /// When each packet was made.
    said: Vec<Instant>,
    sent: Vec<(SocketAddr, SocketAddr, Vec<u8>)>,
}

impl Client {
    /// A device with `slots` ears.
    pub fn new(who: Who, now: Instant, slots: usize, family: Family) -> Self {
        let v4 = SocketAddr::from(([10, 1, (who >> 8) as u8, who as u8], PORT));
        let v6 = SocketAddr::from(([0xFD00, 0, 0, 0, 0, 0, 1, who as u16], PORT));
        let local = match family {
            Family::V4 => vec![v4],
            Family::V6 => vec![v6],
            Family::Both => vec![v4, v6],
        };
        let addresses = local.into_iter().map(|local| Address { local, public: local }).collect::<Vec<_>>();
        let mut rtc = RtcConfig::new().clear_codecs().enable_opus(true, false).set_rtp_mode(true).build(now);
        for address in &addresses {
            rtc.add_local_candidate(Candidate::host(address.local, "udp").unwrap());
        }
        let mut api = rtc.sdp_api();
        let mic = api.add_media(MediaKind::Audio, Direction::SendOnly, None, None, None);
        for _ in 0..slots {
            api.add_media(MediaKind::Audio, Direction::RecvOnly, None, None, None);
        }
        let (offer, pending) = api.apply().unwrap();
        Self {
            who,
            addresses,
            slots,
            rtc,
            connected: false,
            unplugged: false,
            voice: Voice::Off,
            heard: Vec::new(),
            audio_datagrams: 0,
            spoken: 0,
            alive: true,
            broken: false,
            mic,
            offer: offer.to_sdp_string(),
            answer: String::new(),
            pending: Some(pending),
            sequence: 1000,
            next_timeout: now,
            next_packet: now,
            said: Vec::new(),
            sent: Vec::new(),
        }
    }

    /// What the world sees; of two addresses the IPv4 one.
    pub fn public(&self) -> SocketAddr {
        self.addresses[0].public
    }

    /// From now on the world sees it there, instead of at the other address of that family.
    pub fn move_to(&mut self, public: SocketAddr) {
        for own in self.addresses.iter_mut().filter(|own| own.local.is_ipv4() == public.is_ipv4()) {
            own.public = public;
        }
    }

    /// From now on the world sees it at this port.
    pub fn move_to_port(&mut self, port: u16) {
        for own in &mut self.addresses {
            own.public.set_port(port);
        }
    }

    /// Receive sections in its offer.
    pub fn slots(&self) -> usize {
        self.slots
    }

    /// Its SDP.
    pub fn offer(&self) -> String {
        self.offer.clone()
    }

    /// The node's SDP.
    pub fn answer(&self) -> &str {
        &self.answer
    }

    /// Takes the node's SDP.
    pub fn accept(&mut self, answer: &str) {
        answer.clone_into(&mut self.answer);
        let answer = SdpAnswer::from_sdp_string(answer).unwrap();
        let pending = self.pending.take().unwrap();
        self.rtc.sdp_api().accept_answer(pending, answer).unwrap();
        self.drain();
    }

    /// The microphone does something else.
    pub fn speak(&mut self, now: Instant, voice: Voice) {
        self.voice = voice;
        self.next_packet = self.next_packet.max(now);
    }

    /// When it wants to be woken.
    pub fn next_deadline(&self) -> Option<Instant> {
        if self.unplugged || !self.alive {
            return None;
        }
        let packet = (self.voice != Voice::Off && self.connected).then_some(self.next_packet);
        Some(packet.map_or(self.next_timeout, |packet| packet.min(self.next_timeout)))
    }

    /// Time has come to `now`.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.unplugged || !self.alive {
            return;
        }
        if self.connected && self.voice != Voice::Off && self.next_packet <= now {
            self.next_packet += PACKET;
            self.say(now);
        }
        if self.next_timeout <= now {
            self.rtc.handle_input(Input::Timeout(now)).unwrap();
            self.drain();
        }
    }

    /// The next `count` audio datagrams, made in advance and kept from the network.
    pub fn record(&mut self, mut now: Instant, count: usize) -> Vec<(Instant, Vec<u8>)> {
        let mut recorded = Vec::new();
        while recorded.len() < count {
            self.say(now);
            let audio = self.take_sent().into_iter().filter(|(_, _, bytes)| is_audio(bytes));
            recorded.extend(audio.map(|(_, _, bytes)| (now, bytes)));
            now += PACKET;
        }
        recorded
    }

    /// A datagram came to one of its public addresses.
    pub fn receive(&mut self, now: Instant, source: SocketAddr, destination: SocketAddr, bytes: &[u8]) {
        let Some(own) = self.addresses.iter().find(|own| own.public == destination).filter(|_| self.alive) else {
            return;
        };
        if is_audio(bytes) {
            self.audio_datagrams += 1;
        }
        let Ok(receive) = Receive::new(Protocol::Udp, source, own.local, bytes) else {
            return;
        };
        self.rtc.handle_input(Input::Receive(now, receive)).unwrap();
        self.drain();
    }

    /// Says goodbye as a browser does whose page is closed.
    pub fn close(&mut self) {
        self.rtc.close().unwrap();
        self.drain();
    }

    /// Packets made since a moment.
    pub fn said_since(&self, since: Instant) -> usize {
        self.said.iter().filter(|at| **at >= since).count()
    }

    /// The longest time between `since` and `now` without a packet of one person.
    pub fn longest_gap(&self, from: Who, since: Instant, now: Instant) -> Duration {
        let mut times: Vec<Instant> =
            self.heard.iter().filter(|heard| heard.from == from).map(|heard| heard.at).collect();
        times.retain(|at| *at >= since);
        times.push(now);
        let mut last = since;
        let mut longest = Duration::ZERO;
        for at in times {
            longest = longest.max(at - last);
            last = at;
        }
        longest
    }

    /// What it wants to send: from which public address, where to, what.
    pub fn take_sent(&mut self) -> Vec<(SocketAddr, SocketAddr, Vec<u8>)> {
        std::mem::take(&mut self.sent)
    }

    /// Packets heard of one person since a moment.
    pub fn heard_of(&self, from: Who, since: Instant) -> usize {
        self.heard.iter().filter(|heard| heard.from == from && heard.at >= since).count()
    }

    fn say(&mut self, now: Instant) {
        self.sequence += 1;
        let number = self.spoken;
        self.spoken += 1;
        self.said.push(now);
        let mut payload = vec![0xAA; 60];
        payload[..4].copy_from_slice(&(self.who as u32).to_be_bytes());
        payload[4..8].copy_from_slice(&number.to_be_bytes());
        let levels = match self.voice {
            Voice::Off => return,
            Voice::Level(level) => {
                ExtensionValues { audio_level: Some(level), voice_activity: Some(level > -50), ..Default::default() }
            }
            Voice::Untold(size) => {
                payload.resize(size.max(8), 0xAA);
                ExtensionValues::default()
            }
        };
        let pt = self.pt();
        let mut api = self.rtc.direct_api();
        let stream = api.stream_tx_by_mid(self.mic, None).unwrap();
        let time = number.wrapping_mul(PACKET_TICKS).wrapping_add(77_777);
        stream.write_rtp(RtpWrite::new(pt, self.sequence.into(), time, now, payload).ext_vals(levels));
        self.rtc.handle_input(Input::Timeout(now)).unwrap();
        self.drain();
    }

    fn pt(&self) -> Pt {
        self.rtc.codec_config().params()[0].pt()
    }

    fn drain(&mut self) {
        loop {
            match self.rtc.poll_output() {
                Ok(Output::Timeout(at)) => {
                    self.next_timeout = at;
                    break;
                }
                Ok(Output::Transmit(transmit)) => {
                    let own = self.addresses.iter().find(|own| own.local == transmit.source).unwrap();
                    self.sent.push((own.public, transmit.destination, transmit.contents.to_vec()));
                }
                Ok(Output::Event(event)) => self.note(event),
                Err(_) => {
                    self.broken = true;
                    break;
                }
            }
        }
        self.alive = self.rtc.is_alive() && !self.broken;
    }

    fn note(&mut self, event: Event) {
        match event {
            Event::Connected => self.connected = true,
            Event::RtpPacket(packet) => {
                let word =
                    |at: usize| packet.payload[at..at + 4].iter().fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte));
                self.heard.push(Heard {
                    at: packet.timestamp,
                    ssrc: *packet.header.ssrc,
                    sequence: *packet.seq_no,
                    timestamp: packet.header.timestamp,
                    marker: packet.header.marker,
                    csrc: packet.header.csrc[..packet.header.csrc_count].to_vec(),
                    level: packet.header.ext_vals.audio_level,
                    sender_report: packet.last_sender_info.is_some(),
                    from: word(0) as Who,
                    number: word(4),
                });
            }
            _ => {}
        }
    }
}
