// SPDX-License-Identifier: Apache-2.0
//! The media path: one `str0m::Rtc` on UDP, IPv4 and IPv6, a microphone that plays samples, and ears.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow};
use serde::Serialize;
use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::media::{Direction, MediaKind, Mid};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{ExtensionValues, RtpPacket, RtpWrite};
use str0m::{Candidate, Event, Input, Output, Rtc, RtcConfig};

use crate::clock::now;
use crate::recording::Recorder;
use crate::sound::{FRAME, RATE, level_dbov};
use crate::udp::Sockets;

/// Receive sections in the offer: as many people can be heard at once.
pub const SLOTS: usize = 8;
const FRAME_TIME: Duration = Duration::from_millis(20);
/// So much behind the clock the microphone catches up in a burst; beyond it was a pause.
const CATCH_UP: Duration = Duration::from_millis(200);
const BITRATE: i32 = 32_000;
/// For how much loss the encoder adds what repairs it.
const EXPECTED_LOSS_PERCENT: i32 = 5;
/// How often a recording goes to its file.
const WRITE_EVERY: Duration = Duration::from_secs(1);
/// From this level on a frame counts as voice (RFC 6464 V bit).
const VOICE_DBOV: i8 = -50;

/// What the microphone does.
#[derive(Debug, Clone)]
pub enum Microphone {
    /// Sends nothing.
    Off,
    /// Plays these samples once, then silence.
    Plays(Vec<i16>),
}

/// What happened on the media path.
#[derive(Debug, Clone, Default, Serialize)]
pub struct MediaStats {
    /// From the click, which is when the offer was made, until ICE and DTLS were up; null if they never were.
    pub join_ms: Option<f64>,
    /// From the answer until ICE and DTLS were up.
    pub connect_ms: Option<f64>,
    /// From the click until the first packet of somebody else.
    pub join_to_first_audio_ms: Option<f64>,
    /// How many people can be heard at once: receive sections that the server answered.
    pub slots: usize,
    /// Audio packets sent.
    pub packets_sent: u64,
    /// Audio packets received.
    pub packets_received: u64,
    /// Audio bytes received, payload alone.
    pub bytes_received: u64,
    /// Gaps in the sequences received.
    pub packets_lost: u64,
    /// Voice number → packets heard of it.
    pub heard: BTreeMap<u32, u64>,
}

/// A media path in the making: it has an offer and waits for the answer.
pub struct Offering {
    rtc: Rtc,
    pending: SdpPendingOffer,
    microphone: Mid,
    clicked: Instant,
    /// The SDP offer.
    pub offer: String,
}

/// A media path that runs.
pub struct MediaPath {
    rtc: Rtc,
    sockets: Sockets,
    microphone: Mid,
    encoder: opus::Encoder,
    plays: Microphone,
    frames_sent: u64,
    /// Frames that the microphone's clock left out in pauses.
    frames_paused: u64,
    clicked: Instant,
    answered: Instant,
    connected: Option<Instant>,
    next_timeout: Instant,
    sequences: BTreeMap<u32, (u64, u64)>,
    recorder: Option<Recorder>,
    next_write: Instant,
    times: Option<Times>,
    stats: MediaStats,
}

/// When each payload was sent and heard: what a measurement of delay needs.
#[derive(Default)]
struct Times {
    sent: HashMap<Vec<u8>, Instant>,
    heard: Vec<(Vec<u8>, Instant)>,
}

impl Offering {
    /// Makes the offer: one microphone, [`SLOTS`] ears.
    ///
    /// # Errors
    /// When str0m has nothing to offer.
    pub fn new() -> anyhow::Result<Self> {
        let clicked = now();
        let mut rtc = RtcConfig::new().clear_codecs().enable_opus(true, false).set_rtp_mode(true).build(clicked);
        let mut api = rtc.sdp_api();
        let microphone = api.add_media(MediaKind::Audio, Direction::SendOnly, None, None, None);
        for _ in 0..SLOTS {
            api.add_media(MediaKind::Audio, Direction::RecvOnly, None, None, None);
        }
        let (offer, pending) = api.apply().context("nothing to offer")?;
        Ok(Self { rtc, pending, microphone, clicked, offer: offer.to_sdp_string() })
    }

    /// Takes the answer; the path connects while it [runs](MediaPath::run).
    ///
    /// # Errors
    /// When the answer can't be read, or no local address leads to the server.
    pub async fn accept(mut self, answer: &str, plays: Microphone) -> anyhow::Result<MediaPath> {
        let parsed = SdpAnswer::from_sdp_string(answer).map_err(|error| anyhow!("unreadable SDP answer: {error}"))?;
        self.rtc.sdp_api().accept_answer(self.pending, parsed)?;
        let sockets = Sockets::towards(answer).await?;
        let locals = sockets.locals();
        anyhow::ensure!(!locals.is_empty(), "no address of this host leads to the server's voice addresses");
        for local in locals {
            self.rtc.add_local_candidate(Candidate::host(local, "udp")?);
        }
        let mut encoder = opus::Encoder::new(RATE, opus::Channels::Mono, opus::Application::Voip)?;
        encoder.set_bitrate(opus::Bitrate::Bits(BITRATE))?;
        encoder.set_inband_fec(true)?;
        encoder.set_packet_loss_perc(EXPECTED_LOSS_PERCENT)?;
        let answered = now();
        Ok(MediaPath {
            rtc: self.rtc,
            sockets,
            microphone: self.microphone,
            encoder,
            plays,
            frames_sent: 0,
            frames_paused: 0,
            clicked: self.clicked,
            answered,
            connected: None,
            next_timeout: answered,
            sequences: BTreeMap::new(),
            recorder: None,
            next_write: answered,
            times: None,
            // Of the sections that the server sends in, each is a slot.
            stats: MediaStats { slots: answer.matches("a=sendonly").count(), ..MediaStats::default() },
        })
    }
}

impl MediaPath {
    /// Runs until `until` is over, then hands out what happened. `until` counts from the click.
    ///
    /// # Errors
    /// When the path breaks, or the recording can't be written.
    pub async fn run(&mut self, until: Option<Duration>) -> anyhow::Result<()> {
        let end = until.map(|until| self.clicked + until);
        let mut buffer = vec![0; 2048];
        loop {
            self.drain().await?;
            let now = now();
            let next_frame = self.next_frame().filter(|frame| end.is_none_or(|end| *frame < end));
            if let Some(due) = next_frame.filter(|frame| *frame <= now) {
                let behind = now.saturating_duration_since(due);
                if behind > CATCH_UP {
                    // Nothing of the file is left out: it goes on later, and so do its timestamps.
                    self.frames_paused += frames_in(behind);
                } else {
                    self.say(due)?;
                }
                continue;
            }
            if end.is_some_and(|end| end <= now) {
                return Ok(());
            }
            let next_write = self.write_recording(now)?;
            if self.next_timeout <= now {
                self.rtc.handle_input(Input::Timeout(now))?;
                continue;
            }
            let wake = next_frame.into_iter().chain(end).chain(next_write).fold(self.next_timeout, Instant::min);
            tokio::select! {
                received = self.sockets.receive(&mut buffer) => {
                    if let Ok((length, source)) = received {
                        self.hear(source, &buffer[..length])?;
                    }
                }
                () = tokio::time::sleep_until(wake.into()) => {}
            }
        }
    }

    /// Runs until somebody else is heard, at most until `until` after the click.
    ///
    /// # Errors
    /// When the path breaks.
    pub async fn run_until_heard(&mut self, until: Duration) -> anyhow::Result<bool> {
        let mut reached = Duration::ZERO;
        while self.stats.packets_received == 0 && reached < until {
            reached = (now().saturating_duration_since(self.clicked) + FRAME_TIME / 4).min(until);
            self.run(Some(reached)).await?;
        }
        Ok(self.stats.packets_received > 0)
    }

    /// True once ICE and DTLS are up.
    pub fn is_connected(&self) -> bool {
        self.connected.is_some()
    }

    /// When the file in the microphone is over, from the click on: it began with the connection, and pauses
    /// put its end off.
    pub fn playing_ends(&self) -> Option<Duration> {
        let Microphone::Plays(samples) = &self.plays else { return None };
        let frames = samples.len().div_ceil(FRAME) as u64 + self.frames_paused;
        Some(self.connected?.saturating_duration_since(self.clicked) + time_of(frames))
    }

    /// What happened so far.
    pub fn stats(&self) -> MediaStats {
        let mut stats = self.stats.clone();
        stats.packets_lost = self
            .sequences
            .values()
            .map(|(first, last)| last - first + 1)
            .sum::<u64>()
            .saturating_sub(stats.packets_received);
        stats
    }

    /// Records what is heard from now on, with silence for the time since the click.
    pub fn record(&mut self, recorder: Recorder) {
        self.recorder = Some(recorder);
    }

    /// Ends the recording, if there is one, at a length from the click on. How many frames were concealed.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn finish_recording(&mut self, length: Duration) -> anyhow::Result<u64> {
        self.recorder.take().map_or(Ok(0), |recorder| recorder.finish(length))
    }

    /// Time since the click.
    pub fn elapsed(&self) -> Duration {
        now().saturating_duration_since(self.clicked)
    }

    /// From now on remembers when each payload is sent and heard.
    pub fn keep_times(&mut self) {
        self.times = Some(Times::default());
    }

    /// Payload → when it was last sent.
    pub fn take_sent_times(&mut self) -> HashMap<Vec<u8>, Instant> {
        self.times.as_mut().map(|times| std::mem::take(&mut times.sent)).unwrap_or_default()
    }

    /// Payload and when it was heard, in order.
    pub fn take_heard_times(&mut self) -> Vec<(Vec<u8>, Instant)> {
        self.times.as_mut().map(|times| std::mem::take(&mut times.heard)).unwrap_or_default()
    }

    /// Writes the recording from time to time; when next.
    fn write_recording(&mut self, now: Instant) -> anyhow::Result<Option<Instant>> {
        let Some(recorder) = &mut self.recorder else { return Ok(None) };
        if self.next_write <= now {
            recorder.write(now.saturating_duration_since(self.clicked))?;
            self.next_write = now + WRITE_EVERY;
        }
        Ok(Some(self.next_write))
    }

    /// When the next frame is to be sent; none while nothing is.
    fn next_frame(&self) -> Option<Instant> {
        let began = self.connected.filter(|_| matches!(self.plays, Microphone::Plays(_)))?;
        Some(began + time_of(self.frames_sent + self.frames_paused))
    }

    /// Sends the frame that is due then.
    fn say(&mut self, due: Instant) -> anyhow::Result<()> {
        let Microphone::Plays(samples) = &self.plays else { return Ok(()) };
        let start = usize::try_from(self.frames_sent).unwrap_or(usize::MAX).saturating_mul(FRAME);
        let sound = samples.get(start..).unwrap_or_default();
        let mut frame = [0_i16; FRAME];
        let length = sound.len().min(FRAME);
        frame[..length].copy_from_slice(&sound[..length]);
        let level = level_dbov(&frame);
        let payload = self.encoder.encode_vec(&frame, 1275)?;
        let number = self.frames_sent;
        self.frames_sent += 1;
        if let Some(times) = &mut self.times {
            // After encoding, which is not the network's.
            times.sent.insert(payload.clone(), now());
        }
        let payload_type = self.rtc.codec_config().params().first().context("no codec")?.pt();
        let mut api = self.rtc.direct_api();
        let stream = api.stream_tx_by_mid(self.microphone, None).context("no sending stream")?;
        let timestamp = ((number + self.frames_paused) as u32).wrapping_mul(FRAME as u32);
        stream.write_rtp(RtpWrite::new(payload_type, number.into(), timestamp, due, payload).ext_vals(
            ExtensionValues {
                audio_level: Some(level),
                voice_activity: Some(level > VOICE_DBOV),
                ..ExtensionValues::default()
            },
        ));
        self.rtc.handle_input(Input::Timeout(now()))?;
        self.stats.packets_sent += 1;
        Ok(())
    }

    fn hear(&mut self, source: SocketAddr, datagram: &[u8]) -> anyhow::Result<()> {
        let Some(local) = self.sockets.local_towards(source.ip()) else {
            return Ok(());
        };
        if let Ok(receive) = Receive::new(Protocol::Udp, source, local, datagram) {
            self.rtc.handle_input(Input::Receive(now(), receive))?;
        }
        Ok(())
    }

    async fn drain(&mut self) -> anyhow::Result<()> {
        loop {
            match self.rtc.poll_output()? {
                Output::Timeout(at) => {
                    self.next_timeout = at;
                    anyhow::ensure!(self.rtc.is_alive(), "the media path broke");
                    return Ok(());
                }
                Output::Transmit(transmit) => self.sockets.send(&transmit.contents, transmit.destination).await,
                Output::Event(Event::Connected) => {
                    let now = now();
                    self.connected = Some(now);
                    let since = |then: Instant| now.saturating_duration_since(then).as_secs_f64() * 1000.0;
                    self.stats.join_ms = Some(since(self.clicked));
                    self.stats.connect_ms = Some(since(self.answered));
                }
                Output::Event(Event::RtpPacket(packet)) => self.take(packet)?,
                Output::Event(_) => {}
            }
        }
    }

    fn take(&mut self, packet: RtpPacket) -> anyhow::Result<()> {
        let arrived = packet.timestamp.saturating_duration_since(self.clicked);
        let stats = &mut self.stats;
        stats.join_to_first_audio_ms.get_or_insert(arrived.as_secs_f64() * 1000.0);
        stats.packets_received += 1;
        stats.bytes_received += packet.payload.len() as u64;
        for speaker in &packet.header.csrc[..packet.header.csrc_count] {
            *stats.heard.entry(*speaker).or_default() += 1;
        }
        if let Some(times) = &mut self.times {
            times.heard.push((packet.payload.to_vec(), packet.timestamp));
        }
        let (ssrc, sequence) = (*packet.header.ssrc, *packet.seq_no);
        let range = self.sequences.entry(ssrc).or_insert((sequence, sequence));
        *range = (range.0.min(sequence), range.1.max(sequence));
        if let Some(recorder) = &mut self.recorder {
            let payload = packet.payload.to_vec();
            recorder.recording().take(ssrc, sequence, packet.header.timestamp, arrived, payload)?;
        }
        Ok(())
    }
}

fn time_of(frames: u64) -> Duration {
    Duration::from_nanos(frames.saturating_mul(FRAME_TIME.as_nanos() as u64))
}

fn frames_in(time: Duration) -> u64 {
    (time.as_nanos() / FRAME_TIME.as_nanos()) as u64
}
