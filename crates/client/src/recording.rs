// SPDX-License-Identifier: Apache-2.0
//! What was heard, as one track: slots summed, lost frames concealed, silence kept.
//!
//! Packets are kept until the end and decoded in order then, so that reordering costs nothing. A
//! packet's place is where its slot's RTP clock puts it; the clock is set anew when it and the time
//! of arrival disagree, which is what a pause or another speaker in the slot looks like.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Context;

use crate::sound::{FRAME, RATE};

/// A gap up to this many frames is concealed by the decoder; a longer one is silence.
const CONCEAL_FRAMES: u64 = 10;
/// Disagreement of RTP clock and arrival from which the clock is set anew.
const CLOCK_TOLERANCE: u64 = RATE as u64 / 5;
/// The longest frame of Opus: 120 ms (RFC 6716 §2.1.4).
const LONGEST_FRAME: usize = 5760;

struct Packet {
    arrived: Duration,
    timestamp: u32,
    payload: Vec<u8>,
}

/// Packets by slot and extended sequence number.
#[derive(Default)]
pub struct Recording {
    slots: BTreeMap<u32, BTreeMap<u64, Packet>>,
}

/// A recording, decoded.
pub struct Track {
    /// 48 kHz mono.
    pub samples: Vec<i16>,
    /// Frames that were lost and concealed.
    pub concealed_frames: u64,
}

impl Recording {
    /// Takes a packet of a slot's SSRC, `arrived` after the beginning of the recording.
    pub fn take(&mut self, ssrc: u32, sequence: u64, timestamp: u32, arrived: Duration, payload: Vec<u8>) {
        self.slots.entry(ssrc).or_default().insert(sequence, Packet { arrived, timestamp, payload });
    }

    /// Decodes all slots into a track of the given length.
    ///
    /// # Errors
    /// When a decoder can't be made. A packet that can't be decoded counts as lost.
    pub fn into_track(self, length: Duration) -> anyhow::Result<Track> {
        let mut sum = vec![0_i32; samples_in(length) as usize];
        let mut concealed_frames = 0;
        for packets in self.slots.into_values() {
            concealed_frames += mix_slot(&mut sum, packets)?;
        }
        let clip = |sample: i32| sample.clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16;
        Ok(Track { samples: sum.into_iter().map(clip).collect(), concealed_frames })
    }
}

fn mix_slot(sum: &mut [i32], packets: BTreeMap<u64, Packet>) -> anyhow::Result<u64> {
    let mut decoder = opus::Decoder::new(RATE, opus::Channels::Mono).context("no Opus decoder")?;
    let mut frame = [0_i16; LONGEST_FRAME];
    let mut clock: Option<(u32, u64)> = None;
    let mut last_sequence = None;
    let mut concealed = 0;
    for (sequence, packet) in packets {
        let arrived = samples_in(packet.arrived);
        let by_clock =
            clock.map(|(timestamp, place)| place.wrapping_add(u64::from(packet.timestamp.wrapping_sub(timestamp))));
        let place = by_clock.filter(|place| place.abs_diff(arrived) <= CLOCK_TOLERANCE);
        let gap = last_sequence.map_or(0, |last: u64| sequence.saturating_sub(last + 1));
        if let Some(place) = place
            && (1..=CONCEAL_FRAMES).contains(&gap)
        {
            for back in (1..=gap).rev() {
                let lost = decoder.decode(&[], &mut frame[..FRAME], false).unwrap_or(0);
                add(sum, place.saturating_sub(back * FRAME as u64), &frame[..lost]);
                concealed += 1;
            }
        }
        let place = place.unwrap_or(arrived);
        clock = Some((packet.timestamp, place));
        last_sequence = Some(sequence);
        match decoder.decode(&packet.payload, &mut frame, false) {
            Ok(decoded) => add(sum, place, &frame[..decoded]),
            Err(_) => concealed += 1,
        }
    }
    Ok(concealed)
}

fn add(sum: &mut [i32], place: u64, frame: &[i16]) {
    let places = sum.iter_mut().skip(usize::try_from(place).unwrap_or(usize::MAX));
    for (place, sample) in places.zip(frame) {
        *place += i32::from(*sample);
    }
}

fn samples_in(time: Duration) -> u64 {
    (time.as_micros() as u64).saturating_mul(u64::from(RATE)) / 1_000_000
}

#[cfg(test)]
mod tests {
    use super::*;

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

    fn record(skip: &[usize], order: impl Fn(usize) -> usize) -> Track {
        let mut recording = Recording::default();
        let packets = encoded(100);
        for at in 0..100 {
            let at = order(at);
            if !skip.contains(&at) {
                let arrived = Duration::from_millis(500 + at as u64 * 20);
                recording.take(7, at as u64, (at * FRAME) as u32, arrived, packets[at].clone());
            }
        }
        recording.into_track(Duration::from_secs(4)).unwrap()
    }

    #[test]
    fn silence_before_and_after_is_kept() {
        let track = record(&[], |at| at);
        assert_eq!(track.samples.len(), 4 * RATE as usize);
        assert_eq!(energy(&track.samples[..RATE as usize / 2 - FRAME]), 0.0);
        assert!(energy(&track.samples[RATE as usize..2 * RATE as usize]) > 1e6);
        assert_eq!(energy(&track.samples[3 * RATE as usize..]), 0.0);
        assert_eq!(track.concealed_frames, 0);
    }

    #[test]
    fn a_lost_frame_is_concealed_and_reordering_is_not_a_loss() {
        let track = record(&[50], |at| at);
        assert_eq!(track.concealed_frames, 1);
        let hole = RATE as usize / 2 + 50 * FRAME;
        assert!(energy(&track.samples[hole..hole + FRAME]) > 1e5);
        assert_eq!(record(&[], |at| at ^ 1).samples, record(&[], |at| at).samples);
    }

    #[test]
    fn two_slots_are_summed() {
        let one = record(&[], |at| at);
        let mut recording = Recording::default();
        for (at, packet) in encoded(100).into_iter().enumerate() {
            let arrived = Duration::from_millis(500 + at as u64 * 20);
            recording.take(7, at as u64, (at * FRAME) as u32, arrived, packet.clone());
            recording.take(8, at as u64, (at * FRAME) as u32, arrived, packet);
        }
        let both = recording.into_track(Duration::from_secs(4)).unwrap();
        let middle = RATE as usize..2 * RATE as usize;
        let ratio = energy(&both.samples[middle.clone()]) / energy(&one.samples[middle]);
        assert!((3.9..4.1).contains(&ratio), "{ratio}");
    }
}
