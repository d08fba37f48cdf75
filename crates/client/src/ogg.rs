// SPDX-License-Identifier: Apache-2.0
//! Opus in Ogg (RFC 7845, RFC 3533): the first Opus stream of a file, mono or stereo.
//!
//! Not covered: chained files, more than two channels.

use std::io::Cursor;

use anyhow::{Context, ensure};
use ogg::PacketReader;

use crate::sound::RATE;

/// The longest packet of Opus, samples (RFC 6716 §2.1.4).
const LONGEST_PACKET: usize = 5760;

/// Decodes a file to 48 kHz mono.
///
/// # Errors
/// When it is no Ogg file, or holds no Opus that this client can decode.
pub fn read_opus(file: &[u8]) -> anyhow::Result<Vec<i16>> {
    let stream = Stream::read(file)?;
    let (head, packets) = stream.packets.split_first().context("an Ogg file without packets")?;
    // RFC 7845 §5.1: magic, version, channels, pre-skip, input rate, gain, mapping family.
    ensure!(head.starts_with(b"OpusHead") && head.len() >= 19, "the Ogg file holds no Opus");
    ensure!(head[8] < 16 && head[18] == 0, "Opus of more than two channels can't be played");
    let pre_skip = usize::from(u16::from_le_bytes([head[10], head[11]]));
    let gain_q8 = i32::from(i16::from_le_bytes([head[16], head[17]]));

    let mut decoder = opus::Decoder::new(RATE, opus::Channels::Mono).context("no Opus decoder")?;
    decoder.set_gain(gain_q8)?;
    let mut frame = [0_i16; LONGEST_PACKET];
    let mut samples = Vec::new();
    // The second packet is the comment header.
    for packet in packets.iter().skip(1) {
        let decoded = decoder.decode(packet, &mut frame, false).context("a packet of the file is not Opus")?;
        samples.extend_from_slice(&frame[..decoded]);
    }
    // The last page says where the sound ends; the encoder filled the last packet up (RFC 7845 §4.4).
    let end = usize::try_from(stream.end).unwrap_or(samples.len()).clamp(pre_skip, samples.len().max(pre_skip));
    samples.truncate(end);
    Ok(samples.split_off(pre_skip.min(samples.len())))
}

struct Stream {
    packets: Vec<Vec<u8>>,
    /// Granule position of the last page: samples at 48 kHz.
    end: u64,
}

impl Stream {
    /// The packets of the first Opus stream.
    fn read(file: &[u8]) -> anyhow::Result<Self> {
        let mut reader = PacketReader::new(Cursor::new(file));
        let mut serial = None;
        let mut stream = Self { packets: Vec::new(), end: 0 };
        while let Some(packet) = reader.read_packet().context("not a whole Ogg file")? {
            if serial.is_none() && packet.data.starts_with(b"OpusHead") {
                serial = Some(packet.stream_serial());
            }
            if serial == Some(packet.stream_serial()) {
                stream.end = packet.absgp_page();
                stream.packets.push(packet.data);
            }
        }
        ensure!(serial.is_some(), "the Ogg file holds no Opus");
        Ok(stream)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Half a second of 440 Hz in stereo, by opusenc.
    const TONE: &[u8] = include_bytes!("../tests/sounds/tone440-stereo.opus");

    #[test]
    fn a_file_of_another_encoder_has_its_length_and_pitch() {
        let samples = read_opus(TONE).unwrap();
        assert_eq!(samples.len(), RATE as usize / 2);
        let middle = &samples[4800..19_200];
        let crossings = middle.windows(2).filter(|pair| pair[0] < 0 && pair[1] >= 0).count();
        assert!(crossings.abs_diff(132) <= 1, "{crossings} in 0.3 s");
        assert!(middle.iter().any(|sample| *sample > 8000));
    }

    #[test]
    fn whatever_a_file_holds_it_is_an_error_and_no_panic() {
        assert!(read_opus(b"").is_err());
        assert!(read_opus(b"OggS").is_err());
        for cut in 0..TONE.len() {
            drop(read_opus(&TONE[..cut]));
            let mut bent = TONE.to_vec();
            bent[cut] ^= 0x55;
            drop(read_opus(&bent));
        }
    }
}
