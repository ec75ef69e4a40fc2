//! Messages from outside, turned into readings or into a reject that says why.
//!
//! A protocol is one file here and one line in [`PROTOCOLS`], with a fixture that shows what it makes of a message.

pub mod mqtt_json;
pub mod topic;

use std::fmt;

/// One message as it came in.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// Topic, path or whatever names the channel.
    pub topic: &'a str,
    /// The bytes.
    pub payload: &'a [u8],
    /// When it was received, nanoseconds since the epoch.
    pub received_ns: i64,
}

/// One reading of a message, not yet tied to a datastream of the hub.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The sender's name for the sensor.
    pub sensor: String,
    /// Layer it belongs to.
    pub layer: String,
    /// When the value held; the time of reception where the message does not say.
    pub phenomenon_time_ns: i64,
    /// The value; NaN where the sensor reports that it has none.
    pub value: f64,
    /// Tells apart readings of one sensor at one instant.
    pub seq: u32,
    /// Longitude and latitude in degrees and height in metres, where the message says.
    pub place: Option<[f64; 3]>,
    /// Identifier of the feature that the sensor belongs to, where the message or its topic says.
    pub feature: Option<String>,
}

/// Why a message, or a reading in it, was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// The reason, by which rejects are counted.
    pub reason: Reason,
    /// The place in the message and what was found there; at most some hundred characters.
    pub detail: String,
}

impl Reject {
    /// A reject with its detail, cut to a length that logs can bear.
    #[must_use]
    pub fn new(reason: Reason, detail: impl Into<String>) -> Self {
        let mut detail = detail.into();
        if let Some((cut, _)) = detail.char_indices().nth(160) {
            detail.truncate(cut);
            detail.push('…');
        }
        Self { reason, detail }
    }
}

impl fmt::Display for Reject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.reason.id(), self.detail)
    }
}

/// Reasons for a reject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    /// More bytes than a reading can have.
    TooLarge,
    /// Not UTF-8 text.
    NotUtf8,
    /// Not JSON, or nested too deeply.
    NotJson,
    /// More readings in one message than are taken.
    TooMany,
    /// The topic does not fit the pattern.
    Topic,
    /// The place of the value holds nothing.
    NoValue,
    /// The value is not a number.
    NotANumber,
    /// The sensor's name is missing, too long or not plain text.
    Sensor,
    /// The time is missing or cannot be read.
    Time,
    /// The time lies further back than the hub keeps.
    TooOld,
    /// The time lies ahead of the clock.
    Future,
    /// The place is not on Earth.
    Place,
    /// The hub has no such layer.
    UnknownLayer,
    /// The hub has no such sensor and the message does not say where it stands.
    UnknownSensor,
    /// The hub has as many datastreams as it may have.
    Full,
}

impl Reason {
    /// All reasons.
    pub const ALL: [Self; 15] = [
        Self::TooLarge,
        Self::NotUtf8,
        Self::NotJson,
        Self::TooMany,
        Self::Topic,
        Self::NoValue,
        Self::NotANumber,
        Self::Sensor,
        Self::Time,
        Self::TooOld,
        Self::Future,
        Self::Place,
        Self::UnknownLayer,
        Self::UnknownSensor,
        Self::Full,
    ];

    /// The word used in JSON and as a message key.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::TooLarge => "too_large",
            Self::NotUtf8 => "not_utf8",
            Self::NotJson => "not_json",
            Self::TooMany => "too_many",
            Self::Topic => "topic",
            Self::NoValue => "no_value",
            Self::NotANumber => "not_a_number",
            Self::Sensor => "sensor",
            Self::Time => "time",
            Self::TooOld => "too_old",
            Self::Future => "future",
            Self::Place => "place",
            Self::UnknownLayer => "unknown_layer",
            Self::UnknownSensor => "unknown_sensor",
            Self::Full => "full",
        }
    }
}

/// What came of a message: a bad reading does not condemn the others.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parsed {
    /// Readings taken.
    pub readings: Vec<Reading>,
    /// Readings, or the whole message, not taken.
    pub rejects: Vec<Reject>,
}

impl Parsed {
    /// The whole message is refused.
    #[must_use]
    pub fn refused(reject: Reject) -> Self {
        Self {
            readings: Vec::new(),
            rejects: vec![reject],
        }
    }
}

/// One known protocol.
#[derive(Clone, Copy, Debug)]
pub struct Protocol {
    /// Name in scene files.
    pub id: &'static str,
    /// What it is for, in a sentence.
    pub help: &'static str,
    /// Cases with settings, message and expected result, as JSON.
    pub fixture: &'static str,
    /// Parses a message under settings given as JSON.
    pub parse: fn(&serde_json::Value, &Message<'_>) -> Result<Parsed, String>,
}

/// All protocols.
pub const PROTOCOLS: [Protocol; 1] = [mqtt_json::PROTOCOL];

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn as_json(parsed: &Parsed) -> Value {
        let readings: Vec<Value> = parsed
            .readings
            .iter()
            .map(|r| {
                let mut reading = json!({
                    "sensor": r.sensor, "layer": r.layer, "time_ns": r.phenomenon_time_ns,
                    "value": r.value, "seq": r.seq, "place": r.place,
                });
                if let Some(feature) = &r.feature {
                    reading["feature"] = json!(feature);
                }
                reading
            })
            .collect();
        let rejects: Vec<&str> = parsed.rejects.iter().map(|r| r.reason.id()).collect();
        json!({"readings": readings, "rejects": rejects})
    }

    #[test]
    fn every_protocol_has_a_help_text_and_does_what_its_fixture_says() {
        for protocol in PROTOCOLS {
            assert!(protocol.help.len() > 20, "{}", protocol.id);
            let cases: Vec<Value> = serde_json::from_str(protocol.fixture).unwrap();
            assert!(!cases.is_empty(), "{}", protocol.id);
            for case in cases {
                let payload = match &case["payload"] {
                    Value::String(text) => text.clone().into_bytes(),
                    other => other.to_string().into_bytes(),
                };
                let message = Message {
                    topic: case["topic"].as_str().unwrap(),
                    payload: &payload,
                    received_ns: case["received_ns"].as_i64().unwrap(),
                };
                let parsed = (protocol.parse)(&case["settings"], &message).unwrap();
                assert_eq!(
                    as_json(&parsed),
                    case["expected"],
                    "{}: {}",
                    protocol.id,
                    case["name"]
                );
            }
        }
    }

    #[test]
    fn reasons_have_different_names() {
        for (i, a) in Reason::ALL.iter().enumerate() {
            assert!(Reason::ALL[..i].iter().all(|b| a.id() != b.id()));
        }
    }
}
