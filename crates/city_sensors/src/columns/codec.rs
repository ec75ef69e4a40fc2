//! The binary form of [`Columns`]: version, count, then one column after the other.
//!
//! times: unit, then the change of the step between readings; flags, latency, seq: runs;
//! values: as integers of a common number of decimals where that loses nothing, else 8 bytes each.

use super::{Columns, MAX_ROWS};
use crate::{
    Flags, Quality,
    varint::{DecodeError, Reader, put_varint, put_zigzag},
};

const VERSION: u8 = 1;
const RAW_VALUES: u8 = 255;
const POWERS: [f64; 7] = [1.0, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6];
/// Integers up to here are exact in an f64, and their differences fit an i64.
const LARGEST_INTEGER: f64 = 9e15;
/// Times are counted in the largest of these that divides them all.
const UNITS_NS: [i64; 4] = [1_000_000_000, 1_000_000, 1_000, 1];

impl Columns {
    /// Appends the binary form.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.push(VERSION);
        put_varint(out, self.len() as u64);
        if self.is_empty() {
            return;
        }
        self.encode_times(out);
        put_runs(out, self.flags.iter().map(|flags| u64::from(flags.bits())));
        self.encode_values(out);
        put_runs(out, self.latency_ns.iter().map(|ns| *ns as u64));
        put_runs(out, self.seq.iter().map(|seq| u64::from(*seq)));
    }

    fn encode_times(&self, out: &mut Vec<u8>) {
        let unit = UNITS_NS
            .iter()
            .position(|unit| self.time_ns.iter().all(|t| t % unit == 0))
            .unwrap_or(UNITS_NS.len() - 1);
        out.push(unit as u8);
        let (mut previous, mut step) = (0i64, 0i64);
        for time_ns in &self.time_ns {
            let ticks = time_ns / UNITS_NS[unit];
            let new_step = ticks.wrapping_sub(previous);
            put_zigzag(out, new_step.wrapping_sub(step));
            (previous, step) = (ticks, new_step);
        }
    }

    fn encode_values(&self, out: &mut Vec<u8>) {
        let present = || self.value.iter().filter(|value| !value.is_nan());
        let decimals = POWERS
            .iter()
            .position(|power| present().all(|value| as_integer(*value, *power).is_some()));
        let Some(decimals) = decimals else {
            out.push(RAW_VALUES);
            for value in present() {
                out.extend_from_slice(&value.to_le_bytes());
            }
            return;
        };
        out.push(decimals as u8);
        let mut previous = 0i64;
        for value in present() {
            let integer = as_integer(*value, POWERS[decimals]).unwrap_or(0);
            put_zigzag(out, integer - previous);
            previous = integer;
        }
    }

    /// The number of readings that a binary form says it has, without reading them.
    ///
    /// # Errors
    /// Where not even that can be read.
    pub fn count_encoded(bytes: &[u8]) -> Result<usize, DecodeError> {
        let mut reader = Reader::new(bytes);
        reader.u8("version")?;
        reader.count(MAX_ROWS, "number of readings")
    }

    /// Reads the binary form of at most `max_rows` readings, and nothing after it.
    ///
    /// # Errors
    /// Where the bytes end early, go on too long, contradict themselves or are not sorted.
    pub fn decode(bytes: &[u8], max_rows: usize) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let version = reader.u8("version")?;
        if version != VERSION {
            return Err(DecodeError::WrongKind {
                expected: "columns version 1",
                found: format!("version {version}"),
            });
        }
        // Every reading takes at least a byte of time, so a lie about the count cannot ask for memory.
        let rows = reader.count(max_rows.min(MAX_ROWS), "number of readings")?;
        let mut columns = Self::with_capacity(rows);
        if rows > 0 {
            columns.decode_times(&mut reader, rows)?;
            columns.decode_flags(&mut reader, rows)?;
            columns.decode_values(&mut reader)?;
            columns.decode_latency_and_seq(&mut reader, rows)?;
        }
        reader.finish()?;
        match (1..rows).find(|row| columns.key(row - 1) >= columns.key(*row)) {
            Some(row) => Err(reader.invalid("row out of order", row as i64)),
            None => Ok(columns),
        }
    }

    fn decode_times(&mut self, reader: &mut Reader<'_>, rows: usize) -> Result<(), DecodeError> {
        let unit = reader.u8("unit of time")?;
        let unit_ns = *UNITS_NS
            .get(usize::from(unit))
            .ok_or_else(|| reader.invalid("unit of time", unit))?;
        let (mut ticks, mut step) = (0i64, 0i64);
        for _ in 0..rows {
            step = step.wrapping_add(reader.zigzag("time")?);
            ticks = ticks.wrapping_add(step);
            let time_ns = ticks
                .checked_mul(unit_ns)
                .ok_or_else(|| reader.invalid("time", ticks))?;
            self.time_ns.push(time_ns);
        }
        Ok(())
    }

    fn decode_flags(&mut self, reader: &mut Reader<'_>, rows: usize) -> Result<(), DecodeError> {
        take_runs(reader, rows, "flags", |reader, bits, count| {
            let flags = u16::try_from(bits).ok().and_then(Flags::from_bits);
            let flags = flags.ok_or_else(|| reader.invalid("flags", bits))?;
            self.flags.resize(self.flags.len() + count, flags);
            Ok(())
        })
    }

    fn decode_values(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        let mode = reader.u8("form of values")?;
        let power = POWERS.get(usize::from(mode)).copied();
        if power.is_none() && mode != RAW_VALUES {
            return Err(reader.invalid("form of values", mode));
        }
        let mut integer = 0i64;
        for flags in &self.flags {
            let value = if flags.quality() == Quality::Missing {
                f64::NAN
            } else if let Some(power) = power {
                integer = integer.wrapping_add(reader.zigzag("value")?);
                integer as f64 / power + 0.0
            } else {
                reader.f64("value")? + 0.0
            };
            if value.is_infinite() || (value.is_nan() && flags.quality() != Quality::Missing) {
                return Err(reader.invalid("value that is not finite", self.value.len() as i64));
            }
            self.value.push(value);
        }
        Ok(())
    }

    fn decode_latency_and_seq(
        &mut self,
        reader: &mut Reader<'_>,
        rows: usize,
    ) -> Result<(), DecodeError> {
        take_runs(reader, rows, "latency", |_, bits, count| {
            self.latency_ns
                .resize(self.latency_ns.len() + count, bits as i64);
            Ok(())
        })?;
        take_runs(reader, rows, "seq", |reader, seq, count| {
            let seq = u32::try_from(seq).map_err(|_| reader.invalid("seq", seq))?;
            self.seq.resize(self.seq.len() + count, seq);
            Ok(())
        })
    }
}

/// The value as an integer of 1/`power`, where dividing gives back the same bits.
fn as_integer(value: f64, power: f64) -> Option<i64> {
    let scaled = (value * power).round();
    let exact = (scaled / power + 0.0).to_bits() == value.to_bits();
    (scaled.abs() < LARGEST_INTEGER && exact).then_some(scaled as i64)
}

fn put_runs(out: &mut Vec<u8>, values: impl Iterator<Item = u64>) {
    let mut run: Option<(u64, u64)> = None;
    for value in values {
        run = match run {
            Some((of, count)) if of == value => Some((of, count + 1)),
            other => {
                put_run(out, other);
                Some((value, 1))
            }
        };
    }
    put_run(out, run);
}

fn put_run(out: &mut Vec<u8>, run: Option<(u64, u64)>) {
    if let Some((value, count)) = run {
        put_varint(out, count);
        // Zigzag, since a clock of the sensor that is ahead gives a small negative latency.
        put_zigzag(out, value as i64);
    }
}

/// Reads runs until `rows` values are there: neither fewer nor more.
fn take_runs(
    reader: &mut Reader<'_>,
    rows: usize,
    what: &'static str,
    mut put: impl FnMut(&Reader<'_>, u64, usize) -> Result<(), DecodeError>,
) -> Result<(), DecodeError> {
    let mut left = rows;
    while left > 0 {
        let run = reader.varint(what)?;
        let count = usize::try_from(run).ok().filter(|n| (1..=left).contains(n));
        let count = count.ok_or_else(|| reader.invalid("length of a run", run))?;
        let value = reader.zigzag(what)? as u64;
        put(reader, value, count)?;
        left -= count;
    }
    Ok(())
}
