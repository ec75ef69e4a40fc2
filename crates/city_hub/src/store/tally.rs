//! How many readings there are, by ten minutes: what a timeline draws.

use super::{HOUR_NS, Store, StoreError};
use std::collections::BTreeSet;

/// Bins of one hour.
pub const BINS: usize = 6;
/// Width of a bin, nanoseconds.
pub const BIN_NS: i64 = HOUR_NS / BINS as i64;

/// Readings of one bin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// All of them.
    pub readings: u32,
    /// Those that are suspect, failed or without a value.
    pub bad: u32,
}

impl Store {
    /// The readings of one hour of several datastreams, by ten minutes.
    ///
    /// # Errors
    /// Where the disk fails.
    pub fn tally(
        &self,
        datastreams: &BTreeSet<u32>,
        hour: u32,
    ) -> Result<[Tally; BINS], StoreError> {
        let mut tallies = [Tally::default(); BINS];
        let start_ns = i64::from(hour) * HOUR_NS;
        self.hour_of_many(&self.db()?, hour, datastreams, |_, columns| {
            for (time_ns, flags) in columns.times_ns().iter().zip(columns.flags()) {
                let bin = usize::try_from((time_ns - start_ns) / BIN_NS).unwrap_or(0);
                if let Some(tally) = tallies.get_mut(bin) {
                    tally.readings += 1;
                    tally.bad += u32::from(!flags.quality().usable());
                }
            }
            Ok(())
        })?;
        Ok(tallies)
    }
}
