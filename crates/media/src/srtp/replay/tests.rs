// SPDX-License-Identifier: Apache-2.0
use std::collections::BTreeSet;

use proptest::prelude::*;

use super::super::SrtpError;
use super::{ReplayWindow, WINDOW, low_16};

const LARGEST: u64 = (1 << 48) - 1;

#[test]
fn roll_over_forwards_and_back() {
    let before = ReplayWindow::starting_at(0xFFFE);
    assert_eq!(before.extend(0xFFFF), Ok(0xFFFF));
    assert_eq!(before.extend(0), Ok(0x1_0000));
    assert_eq!(before.extend(0x7FFD), Ok(0x1_7FFD));
    let after = ReplayWindow::starting_at(0x1_0001);
    assert_eq!(after.extend(0xFFFF), Ok(0xFFFF));
    assert_eq!(after.extend(0), Ok(0x1_0000));
    assert_eq!(after.extend(0x8000), Ok(0x1_8000));
}

#[test]
fn nothing_comes_before_the_first_period_or_after_the_last() {
    assert_eq!(ReplayWindow::starting_at(3).extend(0xFFFE), Err(SrtpError::Replayed));
    assert_eq!(ReplayWindow::starting_at(LARGEST).extend(0), Err(SrtpError::Exhausted));
    assert_eq!(ReplayWindow::starting_at(LARGEST).extend(0xFFFE), Ok(LARGEST - 1));
}

#[test]
fn the_windows_edge() {
    let mut window = ReplayWindow::starting_at(0);
    window.record(1000);
    assert_eq!(window.check(1000), Err(SrtpError::Replayed));
    assert_eq!(window.check(1000 - WINDOW + 1), Ok(()));
    assert_eq!(window.check(1000 - WINDOW), Err(SrtpError::Replayed));
    window.record(1000 - WINDOW + 1);
    assert_eq!(window.check(1000 - WINDOW + 1), Err(SrtpError::Replayed));
    window.record(1000 + WINDOW - 1);
    assert_eq!(window.check(1000), Err(SrtpError::Replayed), "the highest before is now the oldest");
    assert_eq!(window.check(1001), Ok(()));
}

proptest! {
    /// RFC 3711 appendix A: any index less than 2¹⁵ from the highest is found again.
    #[test]
    fn an_index_near_the_highest_is_found_from_16_bits(highest in 0..=LARGEST, distance in -32_767_i64..32_768) {
        if let Some(index) = highest.checked_add_signed(distance).filter(|index| *index <= LARGEST) {
            prop_assert_eq!(ReplayWindow::starting_at(highest).extend(low_16(index)), Ok(index));
        }
    }

    /// Against a set that remembers everything.
    #[test]
    fn the_window_agrees_with_a_full_memory(
        first in 0_u64..1000,
        steps in proptest::collection::vec(-200_i64..220, 1..400),
    ) {
        let mut window = ReplayWindow::starting_at(first);
        let mut seen = BTreeSet::from([first]);
        let mut at = first;
        for step in steps {
            at = at.saturating_add_signed(step);
            let highest = *seen.last().unwrap();
            let fresh = !seen.contains(&at) && at + WINDOW > highest;
            prop_assert_eq!(window.check(at).is_ok(), fresh);
            if fresh {
                window.record(at);
                seen.insert(at);
            }
        }
    }
}
