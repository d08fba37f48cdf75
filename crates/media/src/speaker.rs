// SPDX-License-Identifier: Apache-2.0
//! From packet levels (RFC 6464) to "this person is speaking".
//!
//! Speech starts on the second loud packet in a row (one is a click) and ends when nothing was loud
//! for [`HANGOVER`]. A packet without a level counts as speech when it is larger than what Opus sends
//! in silence.

use std::time::{Duration, Instant};

use crate::rtp::AudioLevel;

/// How long speech lasts after its last loud packet: the pause between words is shorter.
pub(crate) const HANGOVER: Duration = Duration::from_millis(300);

/// dB below overload at which speech may start; a quiet room with a microphone is around 60.
const START_DB: u8 = 45;
/// dB below overload that keeps speech going: the tails of words are softer than their beginnings.
const KEEP_DB: u8 = 52;
/// Loud packets in a row that make speech.
const START_PACKETS: u8 = 2;
/// Opus sends at most two bytes in discontinuous transmission, and some encoders a few for noise.
const SILENT_PAYLOAD_BYTES: usize = 8;
/// Taken for the level of a packet that doesn't tell it, loud and silent.
const UNTOLD_SPEECH_DB: u8 = 30;
const SILENCE_DB: u8 = 127;
/// A new level moves the loudness by this part: 160 ms at 20 ms a packet.
const LOUDNESS_SHARE: f32 = 1.0 / 8.0;

/// How loud one person is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Speaker {
    speaking: bool,
    loud_run: u8,
    last_loud: Option<Instant>,
    loudness: f32,
}

impl Speaker {
    pub const SILENT: Self = Self { speaking: false, loud_run: 0, last_loud: None, loudness: 0.0 };

    pub fn speaking(&self) -> bool {
        self.speaking
    }

    /// Smoothed level above digital silence, 0 to 127 dB.
    pub fn loudness(&self) -> f32 {
        self.loudness
    }

    /// When this person was last loud.
    pub fn last_loud(&self) -> Option<Instant> {
        self.last_loud
    }

    /// Takes the level of one packet. `true` when speech starts with it.
    #[inline]
    pub fn hear(&mut self, now: Instant, level: Option<AudioLevel>, payload_bytes: usize) -> bool {
        let below = match level {
            Some(level) => level.below_overload_db,
            None if payload_bytes > SILENT_PAYLOAD_BYTES => UNTOLD_SPEECH_DB,
            None => SILENCE_DB,
        };
        self.loudness += (f32::from(SILENCE_DB.saturating_sub(below)) - self.loudness) * LOUDNESS_SHARE;
        if below <= START_DB {
            self.loud_run = self.loud_run.saturating_add(1);
        } else if below > KEEP_DB {
            self.loud_run = 0;
        }
        if self.speaking {
            if below <= KEEP_DB {
                self.last_loud = Some(now);
            }
            return false;
        }
        if self.loud_run < START_PACKETS {
            return false;
        }
        self.speaking = true;
        self.last_loud = Some(now);
        true
    }

    /// When speech ends if nothing loud comes; `None` when there is none.
    pub fn ends_at(&self) -> Option<Instant> {
        let last_loud = self.last_loud.filter(|_| self.speaking)?;
        Some(last_loud + HANGOVER)
    }

    /// Ends speech at once. `true` when there was some.
    pub fn stop(&mut self) -> bool {
        self.loud_run = 0;
        std::mem::take(&mut self.speaking)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::disallowed_methods, reason = "the base of a virtual clock")]
    fn base() -> Instant {
        Instant::now()
    }

    fn level(below_overload_db: u8) -> Option<AudioLevel> {
        Some(AudioLevel { voice: false, below_overload_db })
    }

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn a_click_is_not_speech_and_two_loud_packets_are() {
        let (start, mut speaker) = (base(), Speaker::SILENT);
        assert!(!speaker.hear(start, level(20), 80));
        assert!(!speaker.hear(start + ms(20), level(90), 80));
        assert!(!speaker.hear(start + ms(40), level(20), 80));
        assert!(speaker.hear(start + ms(60), level(20), 80));
        assert!(speaker.speaking());
        assert_eq!(speaker.ends_at(), Some(start + ms(360)));
    }

    #[test]
    fn the_tail_of_a_word_keeps_speech_going_but_does_not_start_it() {
        let (start, mut speaker) = (base(), Speaker::SILENT);
        for packet in 0..10 {
            assert!(!speaker.hear(start + ms(packet * 20), level(50), 80));
        }
        speaker.hear(start + ms(200), level(40), 80);
        speaker.hear(start + ms(220), level(40), 80);
        speaker.hear(start + ms(240), level(50), 80);
        assert_eq!(speaker.ends_at(), Some(start + ms(540)));
        speaker.hear(start + ms(260), level(53), 80);
        assert_eq!(speaker.ends_at(), Some(start + ms(540)));
    }

    #[test]
    fn without_a_level_size_decides() {
        let (start, mut speaker) = (base(), Speaker::SILENT);
        for packet in 0..10 {
            assert!(!speaker.hear(start + ms(packet * 20), None, 3));
        }
        speaker.hear(start + ms(200), None, 60);
        assert!(speaker.hear(start + ms(220), None, 60));
        assert!(speaker.stop());
        assert!(!speaker.stop());
        assert_eq!(speaker.ends_at(), None);
    }
}
