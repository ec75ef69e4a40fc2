//! JSON messages on MQTT topics: a topic pattern names the sensor, JSON pointers (RFC 6901) find the values.

use super::{Message, Parsed, Protocol, Reading, Reason, Reject, topic::TopicPattern};
use city_time::SimInstant;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// The entry in the list of protocols.
pub const PROTOCOL: Protocol = Protocol {
    id: "mqtt_json",
    help: "JSON messages on MQTT topics; a topic pattern and JSON pointers say what is what.",
    fixture: include_str!("../../fixtures/mqtt_json.json"),
    parse: |settings, message| {
        let settings: Mapping =
            serde_json::from_value(settings.clone()).map_err(|e| e.to_string())?;
        let parser = MqttJson::new(&settings).map_err(|e| e.to_string())?;
        Ok(parser.parse(message))
    },
};

/// Largest payload taken, in bytes; a reading has some hundred.
pub const MAX_PAYLOAD_BYTES: usize = 256 * 1024;
/// Most readings taken from one message.
pub const MAX_READINGS: usize = 1000;
/// A time further ahead of the clock than this is refused.
pub const MAX_AHEAD_S: i64 = 300;
const MAX_NAME_BYTES: usize = 128;

/// How messages of one feed are read; the form it has in scene files.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Topic pattern, for example `city/{layer}/{sensor}`.
    pub topic: String,
    /// Layer: text in which `{name}` stands for what the topic captured.
    #[serde(default = "layer_template")]
    pub layer: String,
    /// Sensor: text in which `{name}` stands for what the topic captured, or a JSON pointer.
    #[serde(default = "sensor_template")]
    pub sensor: String,
    /// Where the readings are, if a message has an array of them; pointers below then start at each element.
    #[serde(default)]
    pub readings: Option<String>,
    /// Where the value is.
    #[serde(default = "value_pointer")]
    pub value: String,
    /// Where the time is; without it, the time of reception holds.
    #[serde(default)]
    pub time: Option<String>,
    /// How a time that is a number counts.
    #[serde(default)]
    pub time_unit: TimeUnit,
    /// Where a number is that tells apart readings at the same instant.
    #[serde(default)]
    pub seq: Option<String>,
    /// Where longitude (degrees), latitude (degrees) and height (metres) are: a sensor that says where it stands
    /// need not be known before.
    #[serde(default)]
    pub lon: Option<String>,
    /// See `lon`.
    #[serde(default)]
    pub lat: Option<String>,
    /// See `lon`; 0 where not given.
    #[serde(default)]
    pub height_m: Option<String>,
    /// The feature of the city that the sensor belongs to, by the identifier that it has in the tiles: text in which
    /// `{name}` stands for what the topic captured, or a JSON pointer.
    #[serde(default)]
    pub feature: Option<String>,
    /// Numbers by which the sender says that there is no value, for example `[-1]`.
    #[serde(default)]
    pub missing: Vec<f64>,
    /// Factor from the sender's unit to the layer's.
    #[serde(default = "one")]
    pub scale: f64,
    /// Added after scaling.
    #[serde(default)]
    pub offset: f64,
}

/// How a time that is a number counts. A text is always RFC 3339.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TimeUnit {
    /// Seconds since the Unix epoch.
    #[default]
    S,
    /// Milliseconds since the Unix epoch.
    Ms,
}

fn layer_template() -> String {
    "{layer}".to_owned()
}
fn sensor_template() -> String {
    "{sensor}".to_owned()
}
fn value_pointer() -> String {
    "/value".to_owned()
}
const fn one() -> f64 {
    1.0
}

/// Why a mapping cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// The topic pattern is wrong.
    #[error(transparent)]
    Topic(#[from] super::topic::PatternError),
    /// A template uses a name that the topic pattern does not have.
    #[error("{field} uses {{{name}}}, which the topic pattern \"{topic}\" does not capture")]
    Name {
        /// The field of the mapping.
        field: &'static str,
        /// The name.
        name: String,
        /// The pattern.
        topic: String,
    },
    /// A pointer is not one.
    #[error("{field} = \"{pointer}\" is not a JSON pointer: it must be empty or begin with /")]
    Pointer {
        /// The field of the mapping.
        field: &'static str,
        /// What was given.
        pointer: String,
    },
    /// Only one of longitude and latitude is given, or a number is not finite.
    #[error("{0}")]
    Value(&'static str),
}

/// A parser for the messages of one feed.
#[derive(Clone, Debug)]
pub struct MqttJson {
    mapping: Mapping,
    pattern: TopicPattern,
}

impl MqttJson {
    /// Checks a mapping.
    ///
    /// # Errors
    /// Where the pattern, a template, a pointer or a number cannot be used; the message names it.
    pub fn new(mapping: &Mapping) -> Result<Self, MappingError> {
        let pattern = TopicPattern::new(&mapping.topic)?;
        let templates = [
            ("layer", Some(&mapping.layer)),
            ("sensor", Some(&mapping.sensor)),
            ("feature", mapping.feature.as_ref()),
        ];
        let templates = templates
            .into_iter()
            .filter_map(|(field, template)| Some((field, template?)));
        for (field, template) in templates {
            for name in template_names(template) {
                if !pattern.names().any(|known| known == name) {
                    return Err(MappingError::Name {
                        field,
                        name: name.to_owned(),
                        topic: mapping.topic.clone(),
                    });
                }
            }
        }
        let pointers = [
            ("value", Some(&mapping.value)),
            ("readings", mapping.readings.as_ref()),
            ("time", mapping.time.as_ref()),
            ("seq", mapping.seq.as_ref()),
            ("lon", mapping.lon.as_ref()),
            ("lat", mapping.lat.as_ref()),
            ("height_m", mapping.height_m.as_ref()),
        ];
        for (field, pointer) in pointers {
            if let Some(pointer) = pointer
                && !pointer.is_empty()
                && !pointer.starts_with('/')
            {
                return Err(MappingError::Pointer {
                    field,
                    pointer: pointer.clone(),
                });
            }
        }
        if mapping.lon.is_some() != mapping.lat.is_some() {
            return Err(MappingError::Value("lon and lat must be given together"));
        }
        if !(mapping.scale.is_finite() && mapping.scale != 0.0 && mapping.offset.is_finite()) {
            return Err(MappingError::Value(
                "scale must be a number other than 0, and offset a number",
            ));
        }
        Ok(Self {
            mapping: mapping.clone(),
            pattern,
        })
    }

    /// The filter to subscribe to.
    #[must_use]
    pub fn filter(&self) -> String {
        self.pattern.filter()
    }

    /// Reads one message. Nothing in it can make this fail: what cannot be used is a reject.
    #[must_use]
    pub fn parse(&self, message: &Message<'_>) -> Parsed {
        self.parse_document(message).unwrap_or_else(Parsed::refused)
    }

    fn parse_document(&self, message: &Message<'_>) -> Result<Parsed, Reject> {
        let captures = self.pattern.captures(message.topic).ok_or_else(|| {
            Reject::new(
                Reason::Topic,
                format!("{} does not fit {}", message.topic, self.mapping.topic),
            )
        })?;
        let size = message.payload.len();
        if size > MAX_PAYLOAD_BYTES {
            return Err(Reject::new(
                Reason::TooLarge,
                format!("{size} bytes, {MAX_PAYLOAD_BYTES} allowed"),
            ));
        }
        let text = std::str::from_utf8(message.payload)
            .map_err(|e| Reject::new(Reason::NotUtf8, format!("at byte {}", e.valid_up_to())))?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let document: Value =
            serde_json::from_str(text).map_err(|e| Reject::new(Reason::NotJson, e.to_string()))?;
        let elements = match &self.mapping.readings {
            None => std::slice::from_ref(&document),
            Some(pointer) => document
                .pointer(pointer)
                .and_then(Value::as_array)
                .map(Vec::as_slice)
                .ok_or_else(|| {
                    Reject::new(Reason::NoValue, format!("no array at \"{pointer}\""))
                })?,
        };
        let mut parsed = Parsed::default();
        for element in elements.iter().take(MAX_READINGS) {
            match self.parse_element(element, &captures, message.received_ns) {
                Ok(reading) => parsed.readings.push(reading),
                Err(reject) => parsed.rejects.push(reject),
            }
        }
        if elements.len() > MAX_READINGS {
            let detail = format!("{} readings, {MAX_READINGS} taken", elements.len());
            parsed.rejects.push(Reject::new(Reason::TooMany, detail));
        }
        Ok(parsed)
    }

    fn parse_element(
        &self,
        element: &Value,
        captures: &BTreeMap<&str, &str>,
        received_ns: i64,
    ) -> Result<Reading, Reject> {
        let sensor = named(&self.mapping.sensor, element, captures);
        if !is_plain(&sensor) {
            return Err(Reject::new(
                Reason::Sensor,
                "the sensor's name must have 1 to 128 bytes of plain text",
            ));
        }
        Ok(Reading {
            sensor,
            layer: fill_in(&self.mapping.layer, captures),
            phenomenon_time_ns: self.time(element, received_ns)?,
            value: self.value(element)?,
            seq: self.seq(element),
            place: self.place(element)?,
            // A reading is worth having without what it belongs to.
            feature: (self.mapping.feature.as_ref())
                .map(|feature| named(feature, element, captures))
                .filter(|feature| is_plain(feature)),
        })
    }

    fn value(&self, element: &Value) -> Result<f64, Reject> {
        let pointer = &self.mapping.value;
        let value = match element.pointer(pointer) {
            None => {
                let detail = format!("nothing at \"{pointer}\"");
                return Err(Reject::new(Reason::NoValue, detail));
            }
            Some(Value::Null) => return Ok(f64::NAN),
            Some(Value::Bool(flag)) => f64::from(u8::from(*flag)),
            Some(Value::Number(number)) => number.as_f64().unwrap_or(f64::NAN),
            // Many senders put numbers into quotes.
            Some(Value::String(text)) => text.trim().parse().unwrap_or(f64::NAN),
            Some(_) => f64::NAN,
        };
        if !value.is_finite() {
            let found = element.pointer(pointer).map(Value::to_string);
            let detail = format!("at \"{pointer}\": {}", found.unwrap_or_default());
            return Err(Reject::new(Reason::NotANumber, detail));
        }
        if self.mapping.missing.contains(&value) {
            return Ok(f64::NAN);
        }
        let scaled = value * self.mapping.scale + self.mapping.offset;
        if scaled.is_finite() {
            Ok(scaled)
        } else {
            Err(Reject::new(Reason::NotANumber, "too large after scaling"))
        }
    }

    fn time(&self, element: &Value, received_ns: i64) -> Result<i64, Reject> {
        let Some(pointer) = &self.mapping.time else {
            return Ok(received_ns);
        };
        let found = element.pointer(pointer);
        let per_ns = match self.mapping.time_unit {
            TimeUnit::S => 1_000_000_000i64,
            TimeUnit::Ms => 1_000_000,
        };
        let time_ns = match found {
            Some(Value::String(text)) => text.trim().parse::<SimInstant>().ok().map(|t| t.0),
            Some(Value::Number(number)) => match number.as_i64() {
                Some(whole) => whole.checked_mul(per_ns),
                None => number
                    .as_f64()
                    .map(|n| n * per_ns as f64)
                    .filter(|ns| ns.abs() < 9e18)
                    .map(|ns| ns.round() as i64),
            },
            _ => None,
        };
        let time_ns = time_ns.ok_or_else(|| {
            let found = found.map_or_else(|| "nothing".to_owned(), Value::to_string);
            Reject::new(Reason::Time, format!("at \"{pointer}\": {found}"))
        })?;
        let ahead_s = time_ns.saturating_sub(received_ns) / crate::NS_PER_S;
        if ahead_s > MAX_AHEAD_S {
            let found = found.map(Value::to_string).unwrap_or_default();
            let detail =
                format!("{found} is {ahead_s} s ahead of the clock, {MAX_AHEAD_S} allowed");
            return Err(Reject::new(Reason::Future, detail));
        }
        Ok(time_ns)
    }

    fn seq(&self, element: &Value) -> u32 {
        let pointer = self.mapping.seq.as_ref();
        pointer
            .and_then(|pointer| element.pointer(pointer))
            .and_then(Value::as_u64)
            .map_or(0, |seq| seq as u32)
    }

    fn place(&self, element: &Value) -> Result<Option<[f64; 3]>, Reject> {
        let number = |pointer: &Option<String>| {
            let pointer = pointer.as_ref()?;
            element.pointer(pointer).and_then(Value::as_f64)
        };
        let (lon, lat) = match (number(&self.mapping.lon), number(&self.mapping.lat)) {
            (Some(lon), Some(lat)) => (lon, lat),
            _ => return Ok(None),
        };
        let height_m = number(&self.mapping.height_m).unwrap_or(0.0);
        let on_earth = (-180.0..=180.0).contains(&lon)
            && (-90.0..=90.0).contains(&lat)
            && (-12_000.0..=100_000.0).contains(&height_m);
        if !on_earth {
            let detail = format!("longitude {lon}, latitude {lat}, height {height_m} m");
            return Err(Reject::new(Reason::Place, detail));
        }
        Ok(Some([lon, lat, height_m]))
    }
}

/// What a pointer finds, or a template with what the topic captured; empty where there is nothing.
fn named(from: &str, element: &Value, captures: &BTreeMap<&str, &str>) -> String {
    if !from.starts_with('/') {
        return fill_in(from, captures);
    }
    match element.pointer(from) {
        Some(Value::String(name)) => name.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.len() <= MAX_NAME_BYTES && !name.contains(char::is_control)
}

/// Names in braces.
fn template_names(template: &str) -> impl Iterator<Item = &str> {
    template
        .split('{')
        .skip(1)
        .filter_map(|part| part.split_once('}').map(|(name, _)| name))
}

fn fill_in(template: &str, captures: &BTreeMap<&str, &str>) -> String {
    let mut filled = template.to_owned();
    for (name, level) in captures {
        filled = filled.replace(&format!("{{{name}}}"), level);
    }
    filled
}

#[cfg(test)]
mod tests;
