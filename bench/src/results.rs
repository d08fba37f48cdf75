// SPDX-License-Identifier: Apache-2.0
//! Figures with their units in their names, printed and written as flat JSON.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Where the figures are written.
const FILE: &str = "target/bench/results.json";

/// The figures of one run.
#[derive(Default)]
pub struct Results {
    figures: BTreeMap<String, f64>,
}

impl Results {
    /// Notes a figure; `goal` is printed beside it.
    pub fn note(&mut self, name: &str, value: f64, goal: Option<f64>) {
        let rounded = (value * 1000.0).round() / 1000.0;
        match goal {
            Some(goal) => println!("{name:>28}  {rounded:>10}   goal ≤ {goal}"),
            None => println!("{name:>28}  {rounded:>10}"),
        }
        self.figures.insert(name.to_owned(), rounded);
    }

    /// Writes the file.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn write(self) -> anyhow::Result<()> {
        let file = Path::new(FILE);
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        // What other steps of the same run measured stays.
        let mut figures: BTreeMap<String, f64> =
            fs::read(file).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        figures.extend(self.figures);
        fs::write(file, serde_json::to_vec_pretty(&figures)?)?;
        println!("written to {FILE}");
        Ok(())
    }
}

/// The value at a part of the sorted samples: 0.5 is the median. Zero for no samples.
pub fn quantile(samples: &mut [f64], part: f64) -> f64 {
    samples.sort_by(f64::total_cmp);
    let at = (samples.len() as f64 * part) as usize;
    samples.get(at.min(samples.len().saturating_sub(1))).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::quantile;

    #[test]
    fn quantiles_are_places_in_the_sorted_samples() {
        let mut samples = [5.0, 1.0, 4.0, 2.0, 3.0];
        assert_eq!(quantile(&mut samples, 0.5), 3.0);
        assert_eq!(quantile(&mut samples, 0.95), 5.0);
    }
}
