//! What travels between hub and viewer: live messages and windows of history, both binary and versioned.
//!
//! Every message begins with four letters and a version; every length is checked against the bytes that are there
//! before anything is reserved, and nothing may follow the end.

use crate::{
    Columns, Flags, Observation,
    columns::DecodeError,
    model::canonical,
    varint::{Reader, put_varint, put_zigzag},
};

const LIVE: &[u8; 4] = b"BVLV";
const WINDOW: &[u8; 4] = b"BVWI";
const VERSION: u8 = 1;
/// Most readings in one live message.
pub const MAX_LIVE_ROWS: usize = 65_536;
/// Most datastreams in one window.
pub const MAX_SERIES: usize = 200_000;

/// A message on the live socket.
#[derive(Clone, Debug, PartialEq)]
pub enum Live {
    /// The first message.
    Hello {
        /// The hub's clock.
        now_ns: i64,
        /// Revision of the catalogue; another one than the viewer has means: fetch it again.
        catalog_revision: u64,
    },
    /// New readings, or new flags for readings sent before (same datastream, phenomenon time and seq).
    Readings {
        /// The hub's clock.
        now_ns: i64,
        /// In the order in which they were stored.
        readings: Vec<Observation>,
    },
    /// Nothing new; the feed is alive.
    Beat {
        /// The hub's clock.
        now_ns: i64,
    },
    /// The viewer was too slow and messages were dropped: fetch the present window again.
    Lagged {
        /// How many messages were dropped.
        missed: u64,
    },
    /// Datastreams were added: fetch the catalogue again.
    CatalogChanged {
        /// Its new revision.
        revision: u64,
    },
}

impl Live {
    /// The binary form.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(64);
        out.extend_from_slice(LIVE);
        out.push(VERSION);
        match self {
            Self::Hello {
                now_ns,
                catalog_revision,
            } => {
                out.push(0);
                out.extend_from_slice(&now_ns.to_le_bytes());
                put_varint(&mut out, *catalog_revision);
            }
            Self::Readings { now_ns, readings } => {
                out.push(1);
                out.extend_from_slice(&now_ns.to_le_bytes());
                put_varint(&mut out, readings.len() as u64);
                for reading in readings {
                    put_reading(&mut out, *now_ns, reading);
                }
            }
            Self::Beat { now_ns } => {
                out.push(2);
                out.extend_from_slice(&now_ns.to_le_bytes());
            }
            Self::Lagged { missed } => {
                out.push(3);
                put_varint(&mut out, *missed);
            }
            Self::CatalogChanged { revision } => {
                out.push(4);
                put_varint(&mut out, *revision);
            }
        }
        out
    }

    /// Reads the binary form.
    ///
    /// # Errors
    /// Where the bytes are of another kind or version, end early or go on too long, or lie about a length.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        expect(&mut reader, LIVE, "live")?;
        let message = match reader.u8("kind of live message")? {
            0 => Self::Hello {
                now_ns: reader.i64("clock")?,
                catalog_revision: reader.varint("catalogue revision")?,
            },
            1 => {
                let now_ns = reader.i64("clock")?;
                let count = reader.count(MAX_LIVE_ROWS, "number of readings")?;
                let mut readings = Vec::with_capacity(count);
                for _ in 0..count {
                    readings.push(take_reading(&mut reader, now_ns)?);
                }
                Self::Readings { now_ns, readings }
            }
            2 => Self::Beat {
                now_ns: reader.i64("clock")?,
            },
            3 => Self::Lagged {
                missed: reader.varint("missed")?,
            },
            4 => Self::CatalogChanged {
                revision: reader.varint("catalogue revision")?,
            },
            kind => return Err(reader.invalid("kind of live message", kind)),
        };
        reader.finish()?;
        Ok(message)
    }
}

fn put_reading(out: &mut Vec<u8>, now_ns: i64, reading: &Observation) {
    put_varint(out, u64::from(reading.datastream));
    put_zigzag(out, now_ns.wrapping_sub(reading.phenomenon_time_ns));
    let latency_ns = reading
        .result_time_ns
        .wrapping_sub(reading.phenomenon_time_ns);
    put_zigzag(out, latency_ns);
    put_varint(out, u64::from(reading.flags.bits()));
    put_varint(out, u64::from(reading.seq));
    out.extend_from_slice(&reading.value.to_le_bytes());
}

fn take_reading(reader: &mut Reader<'_>, now_ns: i64) -> Result<Observation, DecodeError> {
    let datastream = reader.varint_u32("datastream")?;
    let phenomenon_time_ns = now_ns.wrapping_sub(reader.zigzag("phenomenon time")?);
    let result_time_ns = phenomenon_time_ns.wrapping_add(reader.zigzag("result time")?);
    let bits = reader.varint("flags")?;
    let flags = u16::try_from(bits).ok().and_then(Flags::from_bits);
    let flags = flags.ok_or_else(|| reader.invalid("flags", bits))?;
    let seq = reader.varint_u32("seq")?;
    let (value, flags) = canonical(reader.f64("value")?, flags);
    Ok(Observation {
        datastream,
        phenomenon_time_ns,
        result_time_ns,
        value,
        flags,
        seq,
    })
}

/// Readings of one datastream in a window.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// Its number.
    pub datastream: u32,
    /// Its readings: all within the window, the last one before it and the first one after it.
    pub readings: Columns,
    /// Its forecast within the window; empty where there is none. Never to be mixed with readings.
    pub forecast: Columns,
}

/// A window of history of one layer, columnar.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Window {
    /// Layer identifier.
    pub layer: String,
    /// Beginning of the window.
    pub from_ns: i64,
    /// End of the window, included.
    pub to_ns: i64,
    /// The hub's clock when it answered; the forecast was made then.
    pub now_ns: i64,
    /// One per datastream of the layer that has anything, by ascending number.
    pub series: Vec<Series>,
}

impl Window {
    /// The binary form.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        out.extend_from_slice(WINDOW);
        out.push(VERSION);
        put_varint(&mut out, self.layer.len() as u64);
        out.extend_from_slice(self.layer.as_bytes());
        for time_ns in [self.from_ns, self.to_ns, self.now_ns] {
            out.extend_from_slice(&time_ns.to_le_bytes());
        }
        put_varint(&mut out, self.series.len() as u64);
        let mut block = Vec::new();
        for series in &self.series {
            put_varint(&mut out, u64::from(series.datastream));
            for columns in [&series.readings, &series.forecast] {
                block.clear();
                columns.encode(&mut block);
                put_varint(&mut out, block.len() as u64);
                out.extend_from_slice(&block);
            }
        }
        out
    }

    /// Reads the binary form, with at most `max_rows` readings in all.
    ///
    /// # Errors
    /// Where the bytes are of another kind or version, end early or go on too long, or lie about a length.
    pub fn decode(bytes: &[u8], max_rows: usize) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        expect(&mut reader, WINDOW, "window")?;
        let length = reader.count(256, "length of the layer's name")?;
        let name = reader.take(length, "layer")?;
        let layer = std::str::from_utf8(name)
            .map_err(|e| reader.invalid("layer that is not UTF-8", e.valid_up_to() as i64))?
            .to_owned();
        let [from_ns, to_ns, now_ns] =
            [reader.i64("from")?, reader.i64("to")?, reader.i64("clock")?];
        let count = reader.count(MAX_SERIES, "number of datastreams")?;
        let mut series = Vec::with_capacity(count);
        let mut left = max_rows;
        for _ in 0..count {
            let datastream = reader.varint_u32("datastream")?;
            let readings = take_columns(&mut reader, &mut left)?;
            let forecast = take_columns(&mut reader, &mut left)?;
            series.push(Series {
                datastream,
                readings,
                forecast,
            });
        }
        reader.finish()?;
        Ok(Self {
            layer,
            from_ns,
            to_ns,
            now_ns,
            series,
        })
    }
}

fn take_columns(reader: &mut Reader<'_>, left: &mut usize) -> Result<Columns, DecodeError> {
    let length = reader.count(usize::MAX, "length of a block")?;
    let columns = Columns::decode(reader.take(length, "block")?, *left)?;
    *left -= columns.len();
    Ok(columns)
}

fn expect(
    reader: &mut Reader<'_>,
    magic: &[u8; 4],
    expected: &'static str,
) -> Result<(), DecodeError> {
    let found: [u8; 4] = reader.array("kind of message")?;
    let version = reader.u8("version")?;
    if found != *magic || version != VERSION {
        return Err(DecodeError::WrongKind {
            expected,
            found: format!("{}, version {version}", String::from_utf8_lossy(&found)),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{NS_PER_S, Quality};
    use proptest::prelude::*;

    fn any_reading() -> impl Strategy<Value = Observation> {
        (
            any::<u32>(),
            any::<i32>(),
            any::<i32>(),
            -1e12..1e12f64,
            0..4u32,
        )
            .prop_map(|(datastream, time, latency, value, seq)| {
                let time_ns = i64::from(time) * NS_PER_S;
                let mut reading =
                    Observation::new(datastream, time_ns, time_ns + i64::from(latency), value);
                reading.seq = seq;
                reading
            })
    }

    proptest! {
        #[test]
        fn live_messages_come_back(
            now_ns in any::<i32>().prop_map(i64::from),
            readings in proptest::collection::vec(any_reading(), 0..50),
            number in any::<u64>(),
        ) {
            for message in [
                Live::Hello { now_ns, catalog_revision: number },
                Live::Readings { now_ns, readings: readings.clone() },
                Live::Beat { now_ns },
                Live::Lagged { missed: number },
                Live::CatalogChanged { revision: number },
            ] {
                let bytes = message.encode();
                prop_assert_eq!(Live::decode(&bytes), Ok(message));
                for cut in 0..bytes.len() {
                    prop_assert!(Live::decode(&bytes[..cut]).is_err());
                }
            }
        }

        #[test]
        fn windows_come_back(
            readings in proptest::collection::vec((0..5u32, any_reading()), 0..60),
            from_ns in any::<i64>(),
        ) {
            let mut window = Window { layer: "air_pm25".into(), from_ns, ..Window::default() };
            for (datastream, reading) in readings {
                match window.series.iter_mut().find(|s| s.datastream == datastream) {
                    Some(series) => { series.readings.insert(&reading); }
                    None => window.series.push(Series { datastream, ..Series::default() }),
                }
            }
            let bytes = window.encode();
            let back = Window::decode(&bytes, 1000);
            prop_assert_eq!(back.as_ref(), Ok(&window));
            for cut in 0..bytes.len() {
                prop_assert!(Window::decode(&bytes[..cut], 1000).is_err());
            }
        }

        #[test]
        fn bytes_from_anywhere_are_read_or_refused(
            tail in proptest::collection::vec(any::<u8>(), 0..120),
            window in any::<bool>(),
        ) {
            let mut bytes = if window { WINDOW.to_vec() } else { LIVE.to_vec() };
            bytes.push(VERSION);
            bytes.extend(tail);
            let _ = Live::decode(&bytes);
            let _ = Window::decode(&bytes, 1000);
        }
    }

    #[test]
    fn a_missing_value_stays_missing() {
        let readings = vec![Observation::new(3, 1, 2, f64::NAN)];
        let bytes = Live::Readings {
            now_ns: 9,
            readings,
        }
        .encode();
        let Ok(Live::Readings { readings, .. }) = Live::decode(&bytes) else {
            panic!("not readings");
        };
        assert_eq!(readings[0].quality(), Quality::Missing);
        assert!(readings[0].value.is_nan());
    }

    #[test]
    fn a_window_of_another_version_is_named() {
        let error = Window::decode(b"BVWI\x07", 1).unwrap_err();
        assert_eq!(
            error.to_string(),
            "is not a window message (found BVWI, version 7)"
        );
    }
}
