// SPDX-License-Identifier: Apache-2.0
//! Which seeds a test runs.

use std::ops::Range;

/// Replays one seed (`17`) or searches a range (`1000..2000`) in place of the usual ones.
pub const VARIABLE: &str = "VOZ_SIM_SEEDS";

/// The usual seeds of a test, or those that [`VARIABLE`] asks for.
pub fn seeds(usual: Range<u64>) -> Range<u64> {
    match std::env::var(VARIABLE) {
        Ok(asked) => parse(&asked).unwrap_or_else(|| panic!("{VARIABLE}={asked}: neither 17 nor 1000..2000")),
        Err(_) => usual,
    }
}

fn parse(asked: &str) -> Option<Range<u64>> {
    match asked.split_once("..") {
        Some((first, end)) => Some(first.parse().ok()?..end.parse().ok()?).filter(|seeds| !seeds.is_empty()),
        None => asked.parse().ok().map(|seed: u64| seed..seed + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn one_seed_or_a_range_is_asked_for() {
        assert_eq!(parse("17"), Some(17..18));
        assert_eq!(parse("1000..2000"), Some(1000..2000));
        for wrong in ["", "a", "1..", "5..5", "-1"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
