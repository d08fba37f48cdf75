// SPDX-License-Identifier: Apache-2.0
//! What is heard, as one track: slots summed, lost frames concealed, silence kept.
//!
//! Packets wait a second for those that are late, then are decoded in order. A packet's place is where its
//! slot's RTP clock puts it; the clock is set anew when it and the time of arrival disagree, which is what a
//! pause or another speaker in the slot looks like, and no slot sounds twice at once then. The file grows while
//! the recording runs and is whole after each second: whatever ends the program, it can be played, up to what
//! still waited.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::time::Duration;

use anyhow::Context;

use crate::sound::{FRAME, RATE, mono_16_bit};

/// How long a packet waits for those before it.
const PATIENCE: Duration = Duration::from_secs(1);
/// A packet that comes now has its place at most so much earlier.
const REACH_BACK: Duration = Duration::from_millis(500);
/// A gap up to this many packets is concealed by the decoder; a longer one is silence.
const LONGEST_CONCEALED: u64 = 10;
/// From so late on the clock is set anew; a packet that was held up for less keeps its place.
const LATEST: u64 = RATE as u64 * 450 / 1000;
/// From so early on the clock is set anew: no network hurries.
const EARLIEST: u64 = RATE as u64 / 5;
/// The longest packet of Opus: 120 ms (RFC 6716 §2.1.4).
const LONGEST_PACKET: usize = 5760;
const SHORTEST_PACKET: usize = 120;

struct Packet {
    arrived: Duration,
    timestamp: u32,
    payload: Vec<u8>,
}

/// A packet that was decoded, and where it was put.
#[derive(Clone, Copy)]
struct Placed {
    sequence: u64,
    timestamp: u32,
    place: u64,
    /// Where its sound is over.
    end: u64,
}

/// One SSRC.
struct Slot {
    decoder: opus::Decoder,
    waiting: BTreeMap<u64, Packet>,
    last: Option<Placed>,
}

/// The samples that are not finished yet.
#[derive(Default)]
struct Sum {
    /// Place of the first.
    start: u64,
    samples: Vec<i32>,
}

/// Packets in, samples out.
#[derive(Default)]
pub struct Recording {
    slots: BTreeMap<u32, Slot>,
    sum: Sum,
    concealed: u64,
}

/// A recording that goes into a WAV file: 48 kHz, mono, 16 bit.
pub struct Recorder {
    recording: Recording,
    writer: hound::WavWriter<BufWriter<File>>,
}

impl Recorder {
    /// Creates the file.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn create(path: &Path) -> anyhow::Result<Self> {
        let writer =
            hound::WavWriter::create(path, mono_16_bit()).with_context(|| format!("can't write {}", path.display()))?;
        Ok(Self { recording: Recording::default(), writer })
    }

    /// What is heard goes in here.
    pub fn recording(&mut self) -> &mut Recording {
        &mut self.recording
    }

    /// Writes what is finished; `now` counts from the beginning of the recording.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn write(&mut self, now: Duration) -> anyhow::Result<()> {
        let samples = self.recording.advance(now);
        self.append(&samples)?;
        self.writer.flush().context("the recording can't be written")
    }

    /// Writes the rest. How many frames were concealed.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn finish(mut self, length: Duration) -> anyhow::Result<u64> {
        let samples = self.recording.finish(length);
        self.append(&samples)?;
        self.writer.finalize().context("the recording can't be written")?;
        Ok(self.recording.concealed)
    }

    fn append(&mut self, samples: &[i16]) -> anyhow::Result<()> {
        for sample in samples {
            self.writer.write_sample(*sample).context("the recording can't be written")?;
        }
        Ok(())
    }
}

impl Recording {
    /// Takes a packet of a slot's SSRC, `arrived` after the beginning of the recording.
    ///
    /// # Errors
    /// When there can be no decoder.
    pub fn take(
        &mut self,
        ssrc: u32,
        sequence: u64,
        timestamp: u32,
        arrived: Duration,
        payload: Vec<u8>,
    ) -> anyhow::Result<()> {
        let slot = match self.slots.entry(ssrc) {
            Entry::Occupied(slot) => slot.into_mut(),
            Entry::Vacant(place) => {
                let decoder = opus::Decoder::new(RATE, opus::Channels::Mono).context("no Opus decoder")?;
                place.insert(Slot { decoder, waiting: BTreeMap::new(), last: None })
            }
        };
        // Later than its patience: its place was concealed, or is silent.
        if slot.last.is_none_or(|last| sequence > last.sequence) {
            slot.waiting.insert(sequence, Packet { arrived, timestamp, payload });
        }
        Ok(())
    }

    /// The samples that nothing can change any more, after those handed out before.
    pub fn advance(&mut self, now: Duration) -> Vec<i16> {
        self.decode(Some(now));
        self.sum.take_until(samples_in(now.saturating_sub(PATIENCE + REACH_BACK)))
    }

    /// All the rest, up to a length of the whole.
    pub fn finish(&mut self, length: Duration) -> Vec<i16> {
        self.decode(None);
        self.sum.take_until(samples_in(length))
    }

    fn decode(&mut self, now: Option<Duration>) {
        for slot in self.slots.values_mut() {
            while let Some(packet) = slot.waiting.first_entry()
                && now.is_none_or(|now| packet.get().arrived + PATIENCE <= now)
            {
                let (sequence, packet) = packet.remove_entry();
                self.concealed += slot.place(&mut self.sum, sequence, &packet);
            }
        }
    }
}

impl Slot {
    /// Decodes a packet into its place, after what is missing before it. How many frames were concealed.
    fn place(&mut self, sum: &mut Sum, sequence: u64, packet: &Packet) -> u64 {
        let mut frame = [0_i16; LONGEST_PACKET];
        let mut concealed = 0;
        let arrived = samples_in(packet.arrived);
        let ticks = self.last.map_or(0, |last| u64::from(packet.timestamp.wrapping_sub(last.timestamp)));
        let by_clock = self.last.map(|last| last.place.wrapping_add(ticks));
        let by_clock = by_clock.filter(|place| (arrived.saturating_sub(LATEST)..=arrived + EARLIEST).contains(place));
        let missing = self.last.map_or(0, |last| sequence.saturating_sub(last.sequence + 1));
        if let Some(place) = by_clock
            && (1..=LONGEST_CONCEALED).contains(&missing)
        {
            let length = usize::try_from(ticks / (missing + 1)).unwrap_or(FRAME);
            let length = if (SHORTEST_PACKET..=LONGEST_PACKET).contains(&length) { length } else { FRAME };
            for back in (1..=missing).rev() {
                // The last one may be told again in the packet after it (in-band FEC, RFC 6716 §2.1.7).
                let told_again: &[u8] = if back == 1 { &packet.payload } else { &[] };
                let frame = &mut frame[..length];
                let decoded = self.decoder.decode(told_again, frame, back == 1).unwrap_or(0);
                sum.add(place.saturating_sub(back * length as u64), &frame[..decoded]);
                concealed += 1;
            }
        }
        let place = by_clock.unwrap_or_else(|| self.last.map_or(arrived, |last| arrived.max(last.end)));
        let decoded = self.decoder.decode(&packet.payload, &mut frame, false);
        // More sound than time: there is no place for it.
        if place > arrived + samples_in(PATIENCE) {
            return concealed;
        }
        concealed += u64::from(decoded.is_err());
        let frame = &frame[..decoded.unwrap_or(0)];
        sum.add(place, frame);
        self.last = Some(Placed { sequence, timestamp: packet.timestamp, place, end: place + frame.len() as u64 });
        concealed
    }
}

impl Sum {
    fn add(&mut self, place: u64, frame: &[i16]) {
        // What is before the start was handed out.
        let frame = &frame[(self.start.saturating_sub(place) as usize).min(frame.len())..];
        let at = place.saturating_sub(self.start) as usize;
        if self.samples.len() < at + frame.len() {
            self.samples.resize(at + frame.len(), 0);
        }
        for (sum, sample) in self.samples[at..].iter_mut().zip(frame) {
            *sum += i32::from(*sample);
        }
    }

    fn take_until(&mut self, end: u64) -> Vec<i16> {
        let count = end.saturating_sub(self.start) as usize;
        self.start += count as u64;
        if self.samples.len() < count {
            self.samples.resize(count, 0);
        }
        let clip = |sample: i32| sample.clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16;
        self.samples.drain(..count).map(clip).collect()
    }
}

fn samples_in(time: Duration) -> u64 {
    (time.as_micros() as u64).saturating_mul(u64::from(RATE)) / 1_000_000
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A track, and how many frames of it were concealed.
    struct Track {
        samples: Vec<i16>,
        concealed: u64,
    }

    /// 20 ms frames of a tone, encoded.
    fn encoded(frames: usize) -> Vec<Vec<u8>> {
        let mut encoder = opus::Encoder::new(RATE, opus::Channels::Mono, opus::Application::Voip).unwrap();
        (0..frames)
            .map(|frame| {
                let sound: Vec<i16> = (0..FRAME)
                    .map(|at| {
                        let time = (frame * FRAME + at) as f32 / RATE as f32;
                        ((std::f32::consts::TAU * 440.0 * time).sin() * 8000.0) as i16
                    })
                    .collect();
                encoder.encode_vec(&sound, 1275).unwrap()
            })
            .collect()
    }

    fn energy(samples: &[i16]) -> f64 {
        samples.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>() / samples.len() as f64
    }

    /// Two seconds of a tone, half a second after the beginning, in the slots named; four seconds in all.
    fn record(slots: &[u32], skip: &[usize], order: impl Fn(usize) -> usize) -> Track {
        record_delayed(slots, skip, order, |_| 0)
    }

    /// The same with packets that are on their way for so many milliseconds.
    fn record_delayed(
        slots: &[u32],
        skip: &[usize],
        order: impl Fn(usize) -> usize,
        delay_ms: impl Fn(usize) -> u64,
    ) -> Track {
        let mut recording = Recording::default();
        let packets = encoded(100);
        let mut samples = Vec::new();
        for at in 0..100 {
            let arrived = Duration::from_millis(500 + at as u64 * 20 + delay_ms(at));
            let at = order(at);
            for slot in slots.iter().filter(|_| !skip.contains(&at)) {
                recording.take(*slot, at as u64, (at * FRAME) as u32, arrived, packets[at].clone()).unwrap();
            }
            samples.extend(recording.advance(arrived));
        }
        samples.extend(recording.finish(Duration::from_secs(4)));
        Track { samples, concealed: recording.concealed }
    }

    #[test]
    fn silence_before_and_after_is_kept() {
        let track = record(&[7], &[], |at| at);
        assert_eq!(track.samples.len(), 4 * RATE as usize);
        assert_eq!(energy(&track.samples[..RATE as usize / 2 - FRAME]), 0.0);
        assert!(energy(&track.samples[RATE as usize..2 * RATE as usize]) > 1e6);
        assert_eq!(energy(&track.samples[3 * RATE as usize..]), 0.0);
        assert_eq!(track.concealed, 0);
    }

    #[test]
    fn a_lost_frame_is_concealed_and_reordering_is_not_a_loss() {
        let track = record(&[7], &[50, 60, 61], |at| at);
        assert_eq!(track.concealed, 3);
        for lost in [50, 60, 61] {
            let hole = RATE as usize / 2 + lost * FRAME;
            assert!(energy(&track.samples[hole..hole + FRAME]) > 1e5, "{lost}");
        }
        let reordered = record(&[7], &[], |at| at ^ 1);
        assert_eq!(reordered.concealed, 0);
        let whole = record(&[7], &[], |at| at);
        // The first to arrive sets the clock: it may be the second to be played.
        assert_eq!(reordered.samples.len(), whole.samples.len());
        assert!(energy(&reordered.samples[RATE as usize..2 * RATE as usize]) > 1e6);
    }

    #[test]
    fn a_long_pause_of_a_slot_is_silence_and_not_concealed() {
        let pause: Vec<usize> = (30..60).collect();
        let track = record(&[7], &pause, |at| at);
        assert_eq!(track.concealed, 0);
        let hole = RATE as usize / 2 + 31 * FRAME;
        assert_eq!(energy(&track.samples[hole..hole + 28 * FRAME]), 0.0);
        assert!(energy(&track.samples[hole + 30 * FRAME..hole + 40 * FRAME]) > 1e6);
    }

    #[test]
    fn packets_that_were_held_up_sound_as_if_they_were_not() {
        // Of what is sent in these 400 ms all arrives at their end.
        let held_up = |at: usize| if (40..60).contains(&at) { (60 - at as u64) * 20 } else { 0 };
        let track = record_delayed(&[7], &[], |at| at, held_up);
        assert!(track.samples == record(&[7], &[], |at| at).samples);
        assert_eq!(track.concealed, 0);
    }

    #[test]
    fn packets_that_were_held_up_for_too_long_do_not_sound_at_once() {
        let held_up = |at: usize| if (40..80).contains(&at) { (80 - at as u64) * 20 } else { 0 };
        let track = record_delayed(&[7], &[], |at| at, held_up);
        let whole = record(&[7], &[], |at| at);
        let ratio = energy(&track.samples) / energy(&whole.samples);
        assert!((0.98..1.02).contains(&ratio), "{ratio}");
        let loudest = |track: &Track| track.samples.iter().map(|sample| sample.unsigned_abs()).max().unwrap();
        assert!(loudest(&track) < loudest(&whole) + 1000);
    }

    #[test]
    fn a_slot_that_runs_ahead_of_time_does_not_fill_the_memory() {
        let mut recording = Recording::default();
        for (at, payload) in encoded(1000).into_iter().enumerate() {
            recording.take(7, at as u64, (at * FRAME) as u32, Duration::ZERO, payload).unwrap();
        }
        recording.advance(PATIENCE);
        assert!(recording.sum.samples.len() <= RATE as usize + FRAME, "{}", recording.sum.samples.len());
    }

    #[test]
    fn two_slots_are_summed() {
        let one = record(&[7], &[], |at| at);
        let both = record(&[7, 8], &[], |at| at);
        let middle = RATE as usize..2 * RATE as usize;
        let ratio = energy(&both.samples[middle.clone()]) / energy(&one.samples[middle]);
        assert!((3.9..4.1).contains(&ratio), "{ratio}");
    }

    #[test]
    fn a_payload_that_is_no_opus_counts_as_concealed() {
        let mut recording = Recording::default();
        recording.take(7, 1, 0, Duration::ZERO, vec![0xFF; 3]).unwrap();
        assert_eq!(energy(&recording.finish(Duration::from_secs(1))), 0.0);
        assert_eq!(recording.concealed, 1);
    }

    #[test]
    fn what_was_written_can_be_read_before_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("heard.wav");
        let mut recorder = Recorder::create(&path).unwrap();
        recorder.write(Duration::from_secs(4)).unwrap();
        let length = |path: &Path| hound::WavReader::open(path).unwrap().duration();
        assert_eq!(length(&path), RATE * 5 / 2);
        recorder.finish(Duration::from_secs(5)).unwrap();
        assert_eq!(length(&path), RATE * 5);
    }
}
