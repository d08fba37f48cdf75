// SPDX-License-Identifier: Apache-2.0
//! Sound in and out of files: 48 kHz, mono, 16 bit, in frames of 20 ms.

use std::path::Path;

use anyhow::{Context, ensure};

/// Samples per second.
pub const RATE: u32 = 48_000;
/// Samples of one frame: 20 ms.
pub const FRAME: usize = 960;

/// Reads a WAV file of any common kind as 48 kHz mono.
///
/// # Errors
/// When the file can't be read, or is no WAV file.
pub fn read_wav(path: &Path) -> anyhow::Result<Vec<i16>> {
    let mut reader = hound::WavReader::open(path).with_context(|| format!("can't read {}", path.display()))?;
    let spec = reader.spec();
    ensure!(spec.sample_rate > 0 && spec.channels > 0, "{} has no sound format", path.display());
    let samples: Vec<f32> = match spec.sample_format {
        hound::SampleFormat::Float => reader.samples::<f32>().collect::<Result<_, _>>()?,
        hound::SampleFormat::Int => {
            let full_scale = (1_i64 << (spec.bits_per_sample - 1)) as f32;
            reader
                .samples::<i32>()
                .map(|sample| sample.map(|sample| sample as f32 / full_scale))
                .collect::<Result<_, _>>()?
        }
    };
    let channels = usize::from(spec.channels);
    let mono: Vec<f32> =
        samples.chunks_exact(channels).map(|frame| frame.iter().sum::<f32>() / channels as f32).collect();
    Ok(resample(&mono, spec.sample_rate).into_iter().map(to_i16).collect())
}

/// Writes 48 kHz mono 16-bit.
///
/// # Errors
/// When the file can't be written.
pub fn write_wav(path: &Path, samples: &[i16]) -> anyhow::Result<()> {
    let spec =
        hound::WavSpec { channels: 1, sample_rate: RATE, bits_per_sample: 16, sample_format: hound::SampleFormat::Int };
    let mut writer = hound::WavWriter::create(path, spec).with_context(|| format!("can't write {}", path.display()))?;
    for sample in samples {
        writer.write_sample(*sample)?;
    }
    writer.finalize()?;
    Ok(())
}

/// RFC 6464 level of a frame: 0 is full scale, -127 silence.
pub fn level_dbov(frame: &[i16]) -> i8 {
    let power: f64 = frame.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>() / frame.len().max(1) as f64;
    let rms = power.sqrt() / f64::from(i16::MAX);
    if rms <= 0.0 { -127 } else { (20.0 * rms.log10()).clamp(-127.0, 0.0) as i8 }
}

fn to_i16(sample: f32) -> i16 {
    (sample * f32::from(i16::MAX)).clamp(f32::from(i16::MIN), f32::from(i16::MAX)) as i16
}

fn resample(samples: &[f32], rate: u32) -> Vec<f32> {
    if rate == RATE || samples.is_empty() {
        return samples.to_vec();
    }
    let length = (samples.len() as u64 * u64::from(RATE) / u64::from(rate)) as usize;
    let last = samples.len() - 1;
    (0..length)
        .map(|index| {
            let at = index as f64 * f64::from(rate) / f64::from(RATE);
            let (before, part) = (at as usize, at.fract() as f32);
            let (one, two) = (samples[before.min(last)], samples[(before + 1).min(last)]);
            one + (two - one) * part
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(rate: u32, hz: f32) -> Vec<f32> {
        (0..rate).map(|at| (std::f32::consts::TAU * hz * at as f32 / rate as f32).sin() * 0.5).collect()
    }

    #[test]
    fn resampling_keeps_length_in_time_and_pitch() {
        let there = resample(&tone(44_100, 440.0), 44_100);
        assert!(there.len().abs_diff(RATE as usize) <= 1);
        let crossings = there.windows(2).filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0).count();
        assert!(crossings.abs_diff(440) <= 1, "{crossings}");
    }

    #[test]
    fn levels_are_decibels_below_full_scale() {
        assert_eq!(level_dbov(&[0; FRAME]), -127);
        assert_eq!(level_dbov(&[i16::MAX; FRAME]), 0);
        let half: Vec<i16> = tone(RATE, 440.0).into_iter().map(to_i16).collect();
        assert_eq!(level_dbov(&half), -9);
    }

    #[test]
    fn a_written_file_reads_back_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sound.wav");
        let samples: Vec<i16> = (0..4800).map(|at| (at * 7 % 2000) as i16 - 1000).collect();
        write_wav(&path, &samples).unwrap();
        let back = read_wav(&path).unwrap();
        assert!(samples.iter().zip(&back).all(|(one, two)| one.abs_diff(*two) <= 1));
        assert_eq!(samples.len(), back.len());
    }
}
