// SPDX-License-Identifier: Apache-2.0
//! A voice client of our own SRTP, `is` messages and `dimpl`, small enough to be made for each input.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use dimpl::{Dtls, DtlsCertificate, Output};
use is::stun::{StunMessage, TransId};
use is::{DefaultSha1HmacProvider, Sha1HmacProvider};
use voz_media::srtp::{DtlsRole, Opener, Profile, Sealer, SrtpKeys};
use voz_media::{Certificate, Grants, Join, Node, NodeConfig, PeerId, RoomId};

const UFRAG: &str = "hostile1";
const PASSWORD: &str = "hostilehostilehostile24";

/// Where the node is reached.
pub(crate) fn node_address() -> SocketAddr {
    SocketAddr::from(([10, 0, 0, 1], 3478))
}

/// The base of the virtual clock.
pub(crate) fn start() -> Instant {
    static START: OnceLock<Instant> = OnceLock::new();
    #[expect(clippy::disallowed_methods, reason = "only differences to this instant count")]
    *START.get_or_init(Instant::now)
}

/// A node without anybody.
pub(crate) fn node() -> Node {
    static CERTIFICATE: OnceLock<Certificate> = OnceLock::new();
    let certificate = CERTIFICATE.get_or_init(|| match Certificate::generate() {
        Ok(certificate) => certificate,
        Err(error) => panic!("{error}"),
    });
    Node::new(NodeConfig::new(certificate.clone(), vec![node_address()], [7; 32]), start())
}

struct Identity {
    certificate: DtlsCertificate,
    fingerprint: String,
}

/// One certificate for all clients: making one takes longer than a handshake.
fn identity() -> &'static Identity {
    static IDENTITY: OnceLock<Identity> = OnceLock::new();
    IDENTITY.get_or_init(|| {
        let Ok(certificate) = dimpl::certificate::generate_self_signed_certificate() else {
            panic!("no certificate for clients");
        };
        let digest = dimpl::certificate::calculate_fingerprint(&certificate.certificate);
        let fingerprint = dimpl::certificate::format_fingerprint(&digest);
        Identity { certificate, fingerprint }
    })
}

/// How a client numbers things.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Numbers {
    pub payload_type: u8,
    pub level_id: Option<u8>,
}

/// An offer of one microphone and four slots.
fn offer(numbers: Numbers) -> String {
    let Numbers { payload_type, level_id } = numbers;
    let fingerprint = &identity().fingerprint;
    let mut text = format!(
        "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1 2 3 4\r\na=ice-ufrag:{UFRAG}\r\n\
         a=ice-pwd:{PASSWORD}\r\na=setup:actpass\r\na=fingerprint:sha-256 {fingerprint}\r\n"
    );
    for mid in 0..5 {
        let direction = if mid == 0 { "sendonly" } else { "recvonly" };
        text.push_str(&format!(
            "m=audio 9 UDP/TLS/RTP/SAVPF {payload_type}\r\nc=IN IP4 0.0.0.0\r\na=mid:{mid}\r\na={direction}\r\n\
             a=rtcp-mux\r\na=rtpmap:{payload_type} opus/48000/2\r\n"
        ));
        if let Some(id) = level_id {
            text.push_str(&format!("a=extmap:{id} urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n"));
        }
    }
    text
}

/// A client that was let in.
pub(crate) struct Client {
    pub peer: PeerId,
    pub numbers: Numbers,
    pub sealer: Option<Sealer>,
    pub opener: Option<Opener>,
    username: String,
    node_ufrag: String,
    node_password: String,
    dtls: Dtls,
    buffer: Vec<u8>,
}

impl Client {
    /// Joins; its id is its voice number.
    pub fn join(node: &mut Node, now: Instant, number: u32, room: u128, grants: Grants, numbers: Numbers) -> Self {
        let peer = PeerId(number.into());
        let offer = offer(numbers);
        let join = Join { peer, room: RoomId(room), voice_number: number, offer: &offer, grants };
        let answer = node.join(now, join).unwrap_or_else(|error| panic!("a good offer is refused: {error}"));
        let line =
            |start: &str| answer.lines().find_map(|line| line.strip_prefix(start)).unwrap_or_default().to_owned();
        let (node_ufrag, node_password) = (line("a=ice-ufrag:"), line("a=ice-pwd:"));
        let config = Arc::new(dimpl::Config::default());
        let mut dtls = Dtls::new_12(config, identity().certificate.clone(), now);
        dtls.set_active(true);
        Self {
            peer,
            numbers,
            sealer: None,
            opener: None,
            username: format!("{node_ufrag}:{UFRAG}"),
            node_ufrag,
            node_password,
            dtls,
            buffer: vec![0; 3000],
        }
    }

    /// A connectivity check that proves the password.
    pub fn check(&self, nominates: bool) -> Vec<u8> {
        let request = StunMessage::binding_request(&self.username, TransId::new(), true, 1, 1_000_000, nominates);
        let mut out = vec![0; 512];
        let hmac = |key: &[u8], payloads: &[&[u8]]| DefaultSha1HmacProvider.sha1_hmac(key, payloads);
        match request.to_bytes(Some(self.node_password.as_bytes()), &mut out, hmac) {
            Ok(length) => out.truncate(length),
            Err(error) => panic!("a check can't be written: {error}"),
        }
        out
    }

    /// A request with these attributes after the user name, and the proof of the password behind them.
    pub fn check_with(&self, kind: u16, attributes: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(128 + attributes.len());
        out.extend(kind.to_be_bytes());
        out.extend([0, 0, 0x21, 0x12, 0xA4, 0x42]);
        out.extend([5; 12]);
        out.extend(6_u16.to_be_bytes());
        out.extend(length_field(self.username.len()));
        out.extend(self.username.bytes());
        out.resize(out.len().next_multiple_of(4), 0);
        out.extend(attributes);
        out.resize(out.len().next_multiple_of(4), 0);
        let covered = length_field(out.len() - 20 + 24);
        out[2..4].copy_from_slice(&covered);
        let proof = DefaultSha1HmacProvider.sha1_hmac(self.node_password.as_bytes(), &[&out]);
        out.extend([0, 8, 0, 20]);
        out.extend(proof);
        out
    }

    /// Whether this datagram proves this client's password.
    pub fn is_proof(&self, datagram: &[u8]) -> bool {
        let Ok(message) = StunMessage::parse(datagram) else { return false };
        let names = message.split_username().is_some_and(|(ufrag, _)| ufrag == self.node_ufrag);
        let hmac = |key: &[u8], payloads: &[&[u8]]| DefaultSha1HmacProvider.sha1_hmac(key, payloads);
        names && message.verify(self.node_password.as_bytes(), hmac)
    }

    /// What DTLS wants to send now; the keys are kept when they come.
    pub fn flight(&mut self, now: Instant) -> Vec<Vec<u8>> {
        let mut flight = Vec::new();
        // A handshake that was spoiled has nothing more to say.
        if self.dtls.handle_timeout(now).is_err() {
            return flight;
        }
        loop {
            match self.dtls.poll_output(&mut self.buffer) {
                Output::Packet(packet) => flight.push(packet.to_vec()),
                Output::KeyingMaterial(material, profile) => {
                    let keys = Profile::try_from(profile)
                        .and_then(|profile| SrtpKeys::from_keying_material(profile, &material, DtlsRole::Client));
                    let Ok(keys) = keys else { panic!("the agreed keys are refused") };
                    self.sealer = Sealer::new(&keys.local).ok();
                    self.opener = Opener::new(&keys.remote).ok();
                }
                Output::Timeout(_) => return flight,
                _ => {}
            }
        }
    }

    /// Takes a DTLS datagram of the node in.
    pub fn hear_dtls(&mut self, datagram: &[u8]) {
        // What the node says after a spoiled handshake may make no sense.
        let _ = self.dtls.handle_packet(datagram);
    }

    /// Goes through ICE and DTLS with nothing in between, from `address`.
    pub fn connect(&mut self, node: &mut Node, now: Instant, address: SocketAddr) {
        deliver(node, now, address, self.check(true));
        node.clear_transmits();
        for _ in 0..8 {
            for packet in self.flight(now) {
                deliver(node, now, address, packet);
            }
            let answers: Vec<Vec<u8>> = node.transmits().map(|transmit| transmit.bytes.to_vec()).collect();
            node.clear_transmits();
            if answers.is_empty() {
                break;
            }
            for answer in answers.iter().filter(|answer| is_dtls(answer)) {
                self.hear_dtls(answer);
            }
        }
        assert!(self.opener.is_some() && self.sealer.is_some(), "a client that does all right is not connected");
        let up = node.peer_stats(self.peer).is_some_and(|stats| stats.connected);
        assert!(up, "the node does not think that the client is connected");
    }
}

/// Hands a datagram to the node.
pub(crate) fn deliver(node: &mut Node, now: Instant, source: SocketAddr, mut datagram: Vec<u8>) {
    node.handle_input(now, source, node_address(), &mut datagram);
}

pub(crate) fn is_dtls(datagram: &[u8]) -> bool {
    matches!(datagram, [20..=63, ..])
}

/// SRTP, not SRTCP (RFC 5761 §4).
pub(crate) fn is_audio(datagram: &[u8]) -> bool {
    matches!(datagram, [128..=191, kind, ..] if !(192..=223).contains(kind))
}

/// Lets time pass as a driver does, which calls when something is due.
pub(crate) fn pass(node: &mut Node, now: &mut Instant, time: Duration) {
    let until = *now + time;
    while let Some(due) = node.poll_timeout()
        && due <= until
    {
        *now = due.max(*now);
        node.handle_timeout(*now);
        assert!(node.poll_timeout().is_none_or(|next| next > *now), "what was due is due again");
    }
    *now = until;
}

fn length_field(length: usize) -> [u8; 2] {
    u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes()
}
