// SPDX-License-Identifier: Apache-2.0
//! Sound in and out of files: 48 kHz, mono, 16 bit, in frames of 20 ms.

use std::f64::consts::PI;
use std::fs;
use std::path::Path;

use anyhow::{Context, anyhow};

use crate::ogg::read_opus;
use crate::wav::read_wav;

/// Samples per second.
pub const RATE: u32 = 48_000;
/// Samples of one frame: 20 ms.
pub const FRAME: usize = 960;

/// Zero crossings of the resampling filter on each side.
const CROSSINGS: f64 = 16.0;

/// Reads a WAV or Ogg Opus file of any common kind as 48 kHz mono; what it is, its first bytes say.
///
/// # Errors
/// When the file can't be read, or is of another kind.
pub fn read_sound(path: &Path) -> anyhow::Result<Vec<i16>> {
    let file = fs::read(path).with_context(|| format!("can't read {}", path.display()))?;
    let sound = match file.get(..4) {
        Some(b"OggS") => read_opus(&file),
        Some(b"RIFF") => read_wav(&file),
        _ => Err(anyhow!("it is neither a WAV nor an Ogg Opus file")),
    };
    sound.with_context(|| format!("can't play {}", path.display()))
}

/// What this client writes: 48 kHz, mono, 16 bit.
pub fn mono_16_bit() -> hound::WavSpec {
    hound::WavSpec { channels: 1, sample_rate: RATE, bits_per_sample: 16, sample_format: hound::SampleFormat::Int }
}

/// RFC 6464 level of a frame: 0 is full scale, -127 silence.
pub fn level_dbov(frame: &[i16]) -> i8 {
    let power: f64 = frame.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>() / frame.len().max(1) as f64;
    let rms = power.sqrt() / f64::from(i16::MAX);
    if rms <= 0.0 { -127 } else { (20.0 * rms.log10()).clamp(-127.0, 0.0) as i8 }
}

pub(crate) fn to_i16(sample: f32) -> i16 {
    (sample * f32::from(i16::MAX)).clamp(f32::from(i16::MIN), f32::from(i16::MAX)) as i16
}

/// Convolves with a windowed sinc that lets pass what both rates can carry. The place of an output sample
/// between two input samples repeats: one kernel for each such place.
pub(crate) fn resample(samples: &[f32], rate: u32) -> Vec<f32> {
    if rate == RATE || samples.is_empty() {
        return samples.to_vec();
    }
    let common = greatest_common_divisor(rate, RATE);
    let (up, down) = (u64::from(RATE / common), u64::from(rate / common));
    let cutoff = (f64::from(RATE) / f64::from(rate)).min(1.0);
    let reach = (CROSSINGS / cutoff).ceil() as i64;
    let kernels: Vec<Vec<f32>> = (0..up).map(|phase| kernel(phase as f64 / up as f64, cutoff, reach)).collect();
    let length = samples.len() as u64 * up / down;
    (0..length)
        .map(|index| {
            let at = index * down;
            let first = (at / up) as i64 - reach + 1;
            let taps = kernels[(at % up) as usize].iter().zip(first..);
            let at = |place: i64| usize::try_from(place).ok().and_then(|place| samples.get(place)).unwrap_or(&0.0);
            taps.map(|(weight, place)| weight * at(place)).sum()
        })
        .collect()
}

/// Weights of the input samples from `1 - reach` to `reach` around a place `part` after sample 0.
fn kernel(part: f64, cutoff: f64, reach: i64) -> Vec<f32> {
    let weight = |tap: i64| {
        let distance = tap as f64 - part;
        let angle = PI * cutoff * distance;
        let sinc = if angle == 0.0 { 1.0 } else { angle.sin() / angle };
        // Hann.
        sinc * (0.5 + 0.5 * (PI * distance / reach as f64).cos())
    };
    let weights: Vec<f64> = (1 - reach..=reach).map(weight).collect();
    let sum: f64 = weights.iter().sum();
    weights.into_iter().map(|weight| (weight / sum) as f32).collect()
}

fn greatest_common_divisor(one: u32, other: u32) -> u32 {
    if other == 0 { one } else { greatest_common_divisor(other, one % other) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(rate: u32, hz: f32) -> Vec<f32> {
        (0..rate).map(|at| (std::f32::consts::TAU * hz * at as f32 / rate as f32).sin() * 0.5).collect()
    }

    /// Root of the mean square, without the ends.
    fn rms(samples: &[f32]) -> f32 {
        let middle = &samples[samples.len() / 4..samples.len() * 3 / 4];
        (middle.iter().map(|sample| sample * sample).sum::<f32>() / middle.len() as f32).sqrt()
    }

    fn wav(spec: hound::WavSpec, samples: impl Fn(&mut hound::WavWriter<&mut std::io::Cursor<Vec<u8>>>)) -> Vec<u8> {
        let mut file = std::io::Cursor::new(Vec::new());
        let mut writer = hound::WavWriter::new(&mut file, spec).unwrap();
        samples(&mut writer);
        writer.finalize().unwrap();
        file.into_inner()
    }

    #[test]
    fn resampling_keeps_length_pitch_and_loudness() {
        for rate in [8_000, 16_000, 22_050, 44_100, 47_999, 96_000, 192_000] {
            let there = resample(&tone(rate, 440.0), rate);
            assert!(there.len().abs_diff(RATE as usize) <= 1, "{rate}");
            let crossings = there.windows(2).filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0).count();
            assert!(crossings.abs_diff(440) <= 1, "{rate}: {crossings}");
            assert!((rms(&there) - 0.5 / 2_f32.sqrt()).abs() < 0.01, "{rate}: {}", rms(&there));
        }
    }

    #[test]
    fn what_48_khz_can_not_carry_is_left_out() {
        assert!(rms(&resample(&tone(96_000, 40_000.0), 96_000)) < 0.005);
    }

    #[test]
    fn every_common_kind_of_wav_is_read() {
        use hound::SampleFormat::{Float, Int};
        for (rate, channels, bits, format) in [
            (48_000, 1, 16, Int),
            (44_100, 2, 16, Int),
            (8_000, 1, 8, Int),
            (96_000, 2, 24, Int),
            (16_000, 6, 32, Int),
            (22_050, 1, 32, Float),
        ] {
            let spec = hound::WavSpec { channels, sample_rate: rate, bits_per_sample: bits, sample_format: format };
            let file = wav(spec, |writer| {
                for sample in tone(rate, 440.0) {
                    for _ in 0..channels {
                        match format {
                            Float => writer.write_sample(sample).unwrap(),
                            Int => {
                                writer.write_sample((sample * (2_f32.powi(i32::from(bits) - 1) - 1.0)) as i32).unwrap()
                            }
                        }
                    }
                }
            });
            let sound: Vec<f32> =
                read_wav(&file).unwrap().into_iter().map(|sample| f32::from(sample) / 32_767.0).collect();
            assert!(sound.len().abs_diff(RATE as usize) <= 1, "{spec:?}");
            assert!((rms(&sound) - 0.5 / 2_f32.sqrt()).abs() < 0.02, "{spec:?}: {}", rms(&sound));
        }
    }

    #[test]
    fn levels_are_decibels_below_full_scale() {
        assert_eq!(level_dbov(&[0; FRAME]), -127);
        assert_eq!(level_dbov(&[i16::MAX; FRAME]), 0);
        let half: Vec<i16> = tone(RATE, 440.0).into_iter().map(to_i16).collect();
        assert_eq!(level_dbov(&half), -9);
    }

    #[test]
    fn a_file_that_is_no_sound_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sound.wav");
        let told = |bytes: &[u8]| {
            fs::write(&path, bytes).unwrap();
            format!("{:#}", read_sound(&path).unwrap_err())
        };
        assert!(told(b"").ends_with("sound.wav: it is neither a WAV nor an Ogg Opus file"));
        assert!(told(b"RIFFxxxxWAVE").starts_with("can't play"));
        assert!(told(b"OggS").contains("not a whole Ogg file"));
        assert!(format!("{:#}", read_sound(&folder.path().join("none.wav")).unwrap_err()).starts_with("can't read"));
    }
}
