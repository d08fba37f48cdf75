// SPDX-License-Identifier: Apache-2.0
//! WAV: PCM of 8 to 32 bit and float of 32 or 64, in files and as tools write it into a pipe.
//!
//! Not covered: compressed sound, RF64.

use std::ops::RangeInclusive;

use anyhow::{Context, ensure};

use crate::sound::{resample, to_i16};

const PCM: u16 = 1;
const FLOAT: u16 = 3;
/// The format is the first field of the sub-format then.
const EXTENSIBLE: u16 = 0xFFFE;
/// What the resampling filter is meant for.
const RATES: RangeInclusive<u32> = 1_000..=768_000;

/// Decodes a file to 48 kHz mono.
///
/// # Errors
/// When it is no WAV file, or holds no sound that this client can decode.
pub fn read_wav(file: &[u8]) -> anyhow::Result<Vec<i16>> {
    ensure!(file.get(8..12) == Some(b"WAVE"), "the file is no WAV file");
    let mut rest = &file[12..];
    let mut format = None;
    loop {
        let (head, content) = rest.split_first_chunk::<8>().context("there is no sound in the WAV file")?;
        let [a, b, c, d, length @ ..] = *head;
        let length = u32::from_le_bytes(length) as usize;
        match &[a, b, c, d] {
            b"fmt " => format = Some(Format::read(content.get(..length).context("the WAV file is cut off")?)?),
            b"data" => {
                let format = format.context("the WAV file does not say how its sound is written")?;
                // Whoever wrote into a pipe did not know the length.
                let data = content.get(..length).filter(|data| !data.is_empty()).unwrap_or(content);
                return Ok(resample(&format.mono(data), format.rate).into_iter().map(to_i16).collect());
            }
            _ => {}
        }
        // A chunk of odd length is filled up.
        rest = content.get(length.saturating_add(length % 2)..).unwrap_or_default();
    }
}

/// How samples are written.
struct Format {
    float: bool,
    rate: u32,
    channels: usize,
    /// Bytes of a sample.
    width: usize,
}

impl Format {
    fn read(chunk: &[u8]) -> anyhow::Result<Self> {
        ensure!(chunk.len() >= 16, "the WAV file is cut off");
        let field = |at: usize| u16::from_le_bytes([chunk[at], chunk[at + 1]]);
        let tag = if field(0) == EXTENSIBLE && chunk.len() >= 26 { field(24) } else { field(0) };
        let rate = u32::from_le_bytes([chunk[4], chunk[5], chunk[6], chunk[7]]);
        ensure!(RATES.contains(&rate), "a WAV file of {rate} Hz can't be played");
        let (channels, bits) = (usize::from(field(2)), field(14));
        let width = usize::from(field(12)).checked_div(channels).context("the WAV file has no channels")?;
        ensure!(
            matches!((tag, width), (PCM, 1..=4) | (FLOAT, 4 | 8)),
            "WAV of format {tag} with {bits} bits per sample can't be played: it may be compressed"
        );
        Ok(Self { float: tag == FLOAT, rate, channels, width })
    }

    /// All channels as one.
    fn mono(&self, data: &[u8]) -> Vec<f32> {
        let frames = data.chunks_exact(self.width * self.channels);
        let sum = |frame: &[u8]| frame.chunks_exact(self.width).map(|sample| self.sample(sample)).sum::<f32>();
        frames.map(|frame| sum(frame) / self.channels as f32).collect()
    }

    fn sample(&self, bytes: &[u8]) -> f32 {
        match (self.float, bytes) {
            (true, &[a, b, c, d]) => f32::from_le_bytes([a, b, c, d]),
            (true, &[a, b, c, d, e, f, g, h]) => f64::from_le_bytes([a, b, c, d, e, f, g, h]) as f32,
            // Only those of 8 bit have no sign.
            (_, &[byte]) => f32::from(byte) / 128.0 - 1.0,
            _ => {
                let sample = bytes.iter().rev().fold(0_i32, |sample, byte| (sample << 8) | i32::from(*byte));
                // The sign is the highest bit of the highest byte.
                let unused = 32 - 8 * self.width as u32;
                (sample << unused) as f32 / 2_f32.powi(31)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sound::RATE;

    /// A chunk of this length, filled up to an even one.
    fn chunk(id: &[u8; 4], length: usize, content: &[u8]) -> Vec<u8> {
        let filling = if content.len() % 2 == 1 { &[0][..] } else { &[] };
        [id, &(length as u32).to_le_bytes()[..], content, filling].concat()
    }

    fn wav(chunks: &[Vec<u8>]) -> Vec<u8> {
        [&b"RIFF\xFF\xFF\xFF\xFFWAVE"[..], &chunks.concat()].concat()
    }

    /// 48 kHz in this many channels.
    fn format(tag: u16, channels: u16, bits: u16) -> Vec<u8> {
        let frame = channels * bits / 8;
        let fields = [tag.to_le_bytes(), channels.to_le_bytes()].concat();
        let rates = [RATE.to_le_bytes(), (RATE * u32::from(frame)).to_le_bytes()].concat();
        chunk(b"fmt ", 16, &[fields, rates, frame.to_le_bytes().to_vec(), bits.to_le_bytes().to_vec()].concat())
    }

    /// Two samples of 16 bit.
    const DATA: [u8; 4] = [0x00, 0x40, 0x00, 0xC0];
    const SAMPLES: [i16; 2] = [16_383, -16_383];

    #[test]
    fn chunks_that_are_not_the_sound_are_passed_over() {
        let list = chunk(b"LIST", 5, b"INFO!");
        let after = chunk(b"id3 ", 3, b"ID3");
        let file = wav(&[list.clone(), format(1, 1, 16), list, chunk(b"data", 4, &DATA), after]);
        assert_eq!(read_wav(&file).unwrap(), SAMPLES);
    }

    #[test]
    fn what_a_pipe_left_without_a_length_is_read_to_its_end() {
        for length in [0, 0x7FFF_F000, 0xFFFF_FFFF] {
            let mut file = wav(&[format(1, 1, 16), chunk(b"data", length, &DATA)]);
            // Half a sample is none.
            file.push(1);
            assert_eq!(read_wav(&file).unwrap(), SAMPLES, "{length}");
        }
    }

    #[test]
    fn every_depth_is_read() {
        let read = |tag, bits, data: &[u8]| read_wav(&wav(&[format(tag, 1, bits), chunk(b"data", data.len(), data)]));
        assert_eq!(read(1, 8, &[192, 64]).unwrap(), SAMPLES);
        assert_eq!(read(1, 24, &[0, 0, 0x40, 0, 0, 0xC0]).unwrap(), SAMPLES);
        assert_eq!(read(1, 32, &[0, 0, 0, 0x40, 0, 0, 0, 0xC0]).unwrap(), SAMPLES);
        assert_eq!(read(3, 32, &[0.5_f32, -0.5].map(f32::to_le_bytes).concat()).unwrap(), SAMPLES);
        assert_eq!(read(3, 64, &[0.5_f64, -0.5].map(f64::to_le_bytes).concat()).unwrap(), SAMPLES);
        let no_number = [f64::NAN, f64::INFINITY].map(f64::to_le_bytes).concat();
        assert_eq!(read(3, 64, &no_number).unwrap(), [0, i16::MAX]);
        let told = read(7, 8, &[0, 0]).unwrap_err().to_string();
        assert_eq!(told, "WAV of format 7 with 8 bits per sample can't be played: it may be compressed");
    }

    #[test]
    fn whatever_a_file_holds_it_is_an_error_and_no_panic() {
        let file = wav(&[format(1, 2, 16), chunk(b"LIST", 5, b"INFO!"), chunk(b"data", 4, &DATA)]);
        for cut in 0..file.len() {
            drop(read_wav(&file[..cut]));
            for bits in [0x01, 0x55, 0x80, 0xFF] {
                let mut bent = file.clone();
                bent[cut] ^= bits;
                drop(read_wav(&bent));
            }
        }
        // A rate of which the filter would need more memory than there is.
        let mut fast = file;
        fast[24..28].copy_from_slice(&4_294_967_291_u32.to_le_bytes());
        assert!(read_wav(&fast).unwrap_err().to_string().contains("Hz"));
    }
}
