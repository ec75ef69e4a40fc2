//! Readings of one datastream in columns, and their compact binary form.
//!
//! The form is used both in the store and in windows of history. It is lossless: times to the nanosecond,
//! values to the bit. Its size for a regular sensor is some two bytes per reading.

mod codec;

pub use crate::varint::DecodeError;
use crate::{Flags, Observation, model::canonical};

/// Most readings in one block.
pub const MAX_ROWS: usize = 4_000_000;

/// Readings of one datastream, sorted by (phenomenon time, seq), all columns equally long.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Columns {
    time_ns: Vec<i64>,
    value: Vec<f64>,
    flags: Vec<Flags>,
    latency_ns: Vec<i64>,
    seq: Vec<u32>,
}

/// What [`Columns::insert`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inserted {
    /// The key was not there before.
    New,
    /// The same key with the same content was there.
    Same,
    /// The same key was there; its value or flags have been replaced.
    Changed,
}

impl Columns {
    /// With room for `rows` readings.
    #[must_use]
    pub fn with_capacity(rows: usize) -> Self {
        Self {
            time_ns: Vec::with_capacity(rows),
            value: Vec::with_capacity(rows),
            flags: Vec::with_capacity(rows),
            latency_ns: Vec::with_capacity(rows),
            seq: Vec::with_capacity(rows),
        }
    }

    /// Number of readings.
    #[must_use]
    pub fn len(&self) -> usize {
        self.time_ns.len()
    }

    /// Are there none?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.time_ns.is_empty()
    }

    /// Phenomenon times, ascending.
    #[must_use]
    pub fn times_ns(&self) -> &[i64] {
        &self.time_ns
    }

    /// Values in the layer's unit; NaN where missing.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.value
    }

    /// Flags.
    #[must_use]
    pub fn flags(&self) -> &[Flags] {
        &self.flags
    }

    /// Bytes held in memory.
    #[must_use]
    pub fn byte_size(&self) -> usize {
        size_of::<Self>() + self.time_ns.capacity() * (8 + 8 + 2 + 8 + 4)
    }

    /// The reading in a row.
    #[must_use]
    pub fn get(&self, datastream: u32, row: usize) -> Option<Observation> {
        let phenomenon_time_ns = *self.time_ns.get(row)?;
        Some(Observation {
            datastream,
            phenomenon_time_ns,
            result_time_ns: phenomenon_time_ns.saturating_add(*self.latency_ns.get(row)?),
            value: *self.value.get(row)?,
            flags: *self.flags.get(row)?,
            seq: *self.seq.get(row)?,
        })
    }

    /// All readings, as rows.
    pub fn iter(&self, datastream: u32) -> impl Iterator<Item = Observation> + '_ {
        (0..self.len()).filter_map(move |row| self.get(datastream, row))
    }

    /// Index of the first reading at or after an instant.
    #[must_use]
    pub fn lower_bound(&self, time_ns: i64) -> usize {
        self.time_ns.partition_point(|t| *t < time_ns)
    }

    /// Index of the last reading at or before an instant.
    #[must_use]
    pub fn at_or_before(&self, time_ns: i64) -> Option<usize> {
        self.time_ns
            .partition_point(|t| *t <= time_ns)
            .checked_sub(1)
    }

    /// Adds a reading at its place; a reading with the same key is replaced, so that adding twice is adding once.
    pub fn insert(&mut self, reading: &Observation) -> Inserted {
        let key = reading.key();
        let last = self.len().checked_sub(1).map(|row| self.key(row));
        let row = if last.is_none_or(|last| last < key) {
            self.len()
        } else {
            match self.find(key) {
                Ok(row) => return self.replace(row, reading),
                Err(row) => row,
            }
        };
        let (value, flags) = canonical(reading.value, reading.flags);
        self.time_ns.insert(row, reading.phenomenon_time_ns);
        self.value.insert(row, value);
        self.flags.insert(row, flags);
        self.latency_ns.insert(
            row,
            reading
                .result_time_ns
                .saturating_sub(reading.phenomenon_time_ns),
        );
        self.seq.insert(row, reading.seq);
        Inserted::New
    }

    /// Sets the flags of the reading with this key; `false` where there is none.
    pub fn set_flags(&mut self, time_ns: i64, seq: u32, flags: Flags) -> bool {
        let Ok(row) = self.find((time_ns, seq)) else {
            return false;
        };
        let (value, flags) = canonical(self.value[row], flags);
        self.value[row] = value;
        self.flags[row] = flags;
        true
    }

    /// Adds all readings of another block; its readings win over those with the same key.
    pub fn merge(&mut self, newer: &Self) {
        if self.is_empty() {
            self.clone_from(newer);
            return;
        }
        for reading in newer.iter(0) {
            self.insert(&reading);
        }
    }

    /// A copy of the rows `from..to`.
    #[must_use]
    pub fn slice(&self, from: usize, to: usize) -> Self {
        let to = to.min(self.len());
        let from = from.min(to);
        Self {
            time_ns: self.time_ns[from..to].to_vec(),
            value: self.value[from..to].to_vec(),
            flags: self.flags[from..to].to_vec(),
            latency_ns: self.latency_ns[from..to].to_vec(),
            seq: self.seq[from..to].to_vec(),
        }
    }

    /// Forgets the readings before the row.
    pub fn drop_before(&mut self, row: usize) {
        let row = row.min(self.len());
        self.time_ns.drain(..row);
        self.value.drain(..row);
        self.flags.drain(..row);
        self.latency_ns.drain(..row);
        self.seq.drain(..row);
    }

    fn key(&self, row: usize) -> (i64, u32) {
        (self.time_ns[row], self.seq[row])
    }

    /// The row with this key, or the row where it belongs.
    fn find(&self, key: (i64, u32)) -> Result<usize, usize> {
        let mut row = self.lower_bound(key.0);
        while row < self.len() && self.key(row) < key {
            row += 1;
        }
        if row < self.len() && self.key(row) == key {
            Ok(row)
        } else {
            Err(row)
        }
    }

    fn replace(&mut self, row: usize, reading: &Observation) -> Inserted {
        let (value, flags) = canonical(reading.value, reading.flags);
        let same_value = self.value[row].to_bits() == value.to_bits();
        if same_value && self.flags[row] == flags {
            return Inserted::Same;
        }
        self.value[row] = value;
        self.flags[row] = flags;
        Inserted::Changed
    }
}

#[cfg(test)]
mod tests;
