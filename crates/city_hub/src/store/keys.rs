//! Keys of the database: big-endian, so that bytes sort as (hour, datastream, time, seq).

use city_sensors::{Flags, NS_PER_S, Observation};

/// Nanoseconds in an hour, the length of a block.
pub const HOUR_NS: i64 = 3600 * NS_PER_S;

/// Hours since the epoch; 0 for anything before it.
#[must_use]
pub const fn hour_of(time_ns: i64) -> u32 {
    if time_ns < 0 {
        0
    } else {
        (time_ns / HOUR_NS) as u32 // at most 2,562,047
    }
}

pub(super) fn block(hour: u32, datastream: u32) -> [u8; 8] {
    let mut key = [0; 8];
    key[..4].copy_from_slice(&hour.to_be_bytes());
    key[4..].copy_from_slice(&datastream.to_be_bytes());
    key
}

pub(super) fn parse_block(key: &[u8]) -> Option<(u32, u32)> {
    let hour = u32::from_be_bytes(key.get(..4)?.try_into().ok()?);
    let datastream = u32::from_be_bytes(key.get(4..8)?.try_into().ok()?);
    Some((hour, datastream))
}

pub(super) fn row(reading: &Observation) -> [u8; 20] {
    let mut key = [0; 20];
    let hour = hour_of(reading.phenomenon_time_ns);
    key[..8].copy_from_slice(&block(hour, reading.datastream));
    key[8..16].copy_from_slice(&reading.phenomenon_time_ns.to_be_bytes());
    key[16..].copy_from_slice(&reading.seq.to_be_bytes());
    key
}

pub(super) fn row_value(reading: &Observation) -> [u8; 18] {
    let mut value = [0; 18];
    value[..8].copy_from_slice(&reading.value.to_le_bytes());
    value[8..16].copy_from_slice(&reading.result_time_ns.to_le_bytes());
    value[16..].copy_from_slice(&reading.flags.bits().to_le_bytes());
    value
}

pub(super) fn parse_row(key: &[u8], value: &[u8]) -> Option<Observation> {
    let (_, datastream) = parse_block(key)?;
    let bits = u16::from_le_bytes(value.get(16..18)?.try_into().ok()?);
    Some(Observation {
        datastream,
        phenomenon_time_ns: i64::from_be_bytes(key.get(8..16)?.try_into().ok()?),
        seq: u32::from_be_bytes(key.get(16..20)?.try_into().ok()?),
        value: f64::from_le_bytes(value.get(..8)?.try_into().ok()?),
        result_time_ns: i64::from_le_bytes(value.get(8..16)?.try_into().ok()?),
        flags: Flags::from_bits(bits)?,
    })
}
