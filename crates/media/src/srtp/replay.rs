// SPDX-License-Identifier: Apache-2.0
//! Replay window and roll-over of one source (RFC 3711 §3.3.1, §3.3.2, appendix A).

use super::SrtpError;

/// Indices behind the highest that are still told apart.
pub(super) const WINDOW: u64 = 128;

const SEQUENCE_HALF: u16 = 1 << 15;
const LAST_ROLL_OVER: u64 = u32::MAX as u64;

/// The highest authentic index of a source, and which of those before it came.
#[derive(Debug, Clone)]
pub(super) struct ReplayWindow {
    highest: u64,
    /// Bit n: index `highest − n` came.
    seen: u128,
}

impl ReplayWindow {
    /// The window of a source whose first authentic index is this.
    pub(super) fn starting_at(index: u64) -> Self {
        Self { highest: index, seen: 1 }
    }

    /// The extended sequence number that `sequence` most likely stands for: the one nearest to
    /// the highest (RFC 3711 appendix A).
    ///
    /// # Errors
    /// [`SrtpError::Replayed`] where that lies before the first roll-over period,
    /// [`SrtpError::Exhausted`] where it lies after the last.
    pub(super) fn extend(&self, sequence: u16) -> Result<u64, SrtpError> {
        let last = low_16(self.highest);
        let roll_over = self.highest >> 16;
        let roll_over = if last < SEQUENCE_HALF {
            if sequence.saturating_sub(last) > SEQUENCE_HALF {
                roll_over.checked_sub(1).ok_or(SrtpError::Replayed)?
            } else {
                roll_over
            }
        } else if last - SEQUENCE_HALF > sequence {
            roll_over + 1
        } else {
            roll_over
        };
        if roll_over > LAST_ROLL_OVER {
            return Err(SrtpError::Exhausted);
        }
        Ok(roll_over << 16 | u64::from(sequence))
    }

    /// Whether this index may still be opened.
    ///
    /// # Errors
    /// [`SrtpError::Replayed`] where it came already or lies behind the window.
    pub(super) fn check(&self, index: u64) -> Result<(), SrtpError> {
        if index > self.highest {
            return Ok(());
        }
        let behind = self.highest - index;
        if behind >= WINDOW || self.seen >> behind & 1 == 1 {
            return Err(SrtpError::Replayed);
        }
        Ok(())
    }

    /// Notes an index that [`Self::check`] let pass and whose packet was authentic.
    pub(super) fn record(&mut self, index: u64) {
        if index > self.highest {
            let ahead = index - self.highest;
            self.seen = if ahead >= WINDOW { 1 } else { self.seen << ahead | 1 };
            self.highest = index;
        } else {
            let behind = self.highest - index;
            if behind < WINDOW {
                self.seen |= 1 << behind;
            }
        }
    }
}

/// The 16 bits of an extended sequence number that a header carries.
pub(super) fn low_16(index: u64) -> u16 {
    let bytes = index.to_be_bytes();
    u16::from_be_bytes([bytes[6], bytes[7]])
}

#[cfg(test)]
mod tests;
