// SPDX-License-Identifier: Apache-2.0
//! Tones in files, and what is in a recording.

use std::f64::consts::TAU;
use std::path::Path;

/// Samples per second of recordings.
pub const RATE: usize = 48_000;
/// Amplitude of a tone, of 32,767: two of them together are not clipped.
const AMPLITUDE: f64 = 10_000.0;
/// From here on a tone is heard. What the codec leaves of a tone elsewhere is far below.
const HEARD: f64 = 2_000.0;
const NOT_HEARD: f64 = 200.0;

/// Writes a tone: `seconds` at this rate, the same in all channels.
pub fn write_tone(path: &Path, hz: f64, seconds: usize, rate: u32, channels: u16) {
    let spec =
        hound::WavSpec { channels, sample_rate: rate, bits_per_sample: 16, sample_format: hound::SampleFormat::Int };
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    for at in 0..seconds * rate as usize {
        let sample = ((TAU * hz * at as f64 / f64::from(rate)).sin() * AMPLITUDE) as i16;
        for _ in 0..channels {
            writer.write_sample(sample).unwrap();
        }
    }
    writer.finalize().unwrap();
}

/// A recording, after a look at its format.
pub struct Heard {
    pub samples: Vec<f64>,
}

impl Heard {
    #[track_caller]
    pub fn read(path: &Path) -> Self {
        let mut reader = hound::WavReader::open(path).unwrap();
        let spec = reader.spec();
        assert_eq!((spec.channels, spec.sample_rate, spec.bits_per_sample), (1, RATE as u32, 16));
        Heard { samples: reader.samples::<i16>().map(|sample| f64::from(sample.unwrap())).collect() }
    }

    pub fn seconds(&self) -> f64 {
        self.samples.len() as f64 / RATE as f64
    }

    /// Amplitude of a tone in each tenth of a second.
    pub fn amplitudes(&self, hz: f64) -> Vec<f64> {
        self.samples.chunks_exact(RATE / 10).map(|window| amplitude(window, hz)).collect()
    }

    /// Tenths of a second in which the tone is heard.
    pub fn tenths_with(&self, hz: f64) -> usize {
        self.amplitudes(hz).into_iter().filter(|amplitude| *amplitude > HEARD).count()
    }

    /// The tone is nowhere in it. By the second: the ends of another tone, as where a packet came late, are
    /// worth up to 120 each in a tenth of a second, and a tenth of that here.
    #[track_caller]
    pub fn assert_without(&self, hz: f64) {
        let loudest = self.samples.chunks(RATE).map(|second| amplitude(second, hz)).fold(0.0, f64::max);
        assert!(loudest < NOT_HEARD, "{hz} Hz has an amplitude of {loudest}");
    }

    /// Seconds that are no digital silence.
    pub fn loud_seconds(&self) -> f64 {
        let loud = |samples: &&[f64]| samples.iter().any(|sample| sample.abs() > 2.0);
        self.samples.chunks(RATE / 100).filter(loud).count() as f64 / 100.0
    }

    /// Seconds of digital silence at the beginning and at the end.
    pub fn silence(&self) -> (f64, f64) {
        let loud = |sample: &f64| sample.abs() > 2.0;
        let first = self.samples.iter().position(loud).unwrap_or(self.samples.len());
        let last = self.samples.iter().rposition(loud).map_or(0, |last| last + 1);
        (first as f64 / RATE as f64, (self.samples.len() - last) as f64 / RATE as f64)
    }
}

/// Amplitude of a tone, by Goertzel's algorithm.
fn amplitude(window: &[f64], hz: f64) -> f64 {
    let coefficient = 2.0 * (TAU * hz / RATE as f64).cos();
    let (mut last, mut before) = (0.0, 0.0);
    for sample in window {
        (last, before) = (sample + coefficient * last - before, last);
    }
    let power = last * last + before * before - coefficient * last * before;
    2.0 * power.max(0.0).sqrt() / window.len() as f64
}
