//! Layers, datastreams and observations.
//!
//! A **layer** is what a viewer switches on: one observed property in one unit, with the rules that all its
//! datastreams share. A **datastream** is one sensor's series in a layer. An **observation** is one value of it.

use crate::{Area, Flags, Quality, qc::QcLimits};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What people call a place, by language (BCP 47 tag: `en`, `zh-Hant`, `zh-Hans`).
pub type PlaceNames = BTreeMap<String, String>;

/// A unit of measurement, as SensorThings 1.1 writes it (clause 8.2.4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// Full name, for example `kilometre per hour`.
    pub name: String,
    /// Short form shown after a value, for example `km/h`; empty for counts.
    pub symbol: String,
    /// UCUM definition, for example `ucum:km/h`.
    pub definition: String,
}

/// What is observed, as SensorThings 1.1 writes it (clause 8.2.6).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedProperty {
    /// Name, for example `Traffic speed`.
    pub name: String,
    /// A URI that defines the property.
    pub definition: String,
    /// One sentence about it.
    pub description: String,
}

/// What holds between two readings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Interpolation {
    /// A reading holds until the next one.
    #[default]
    Step,
    /// Straight between two good readings at most twice the cadence apart; never past the last.
    Linear,
}

/// What all datastreams of one layer share.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Layer {
    /// Identifier, for example `traffic_speed`.
    pub id: String,
    /// Area under which the layer is listed.
    pub area: Area,
    /// English name; the viewer translates by `id`.
    pub name: String,
    /// Unit of every value.
    pub unit: Unit,
    /// What is observed.
    pub observed_property: ObservedProperty,
    /// What holds between two readings.
    #[serde(default)]
    pub interpolation: Interpolation,
    /// Expected time between two readings, in seconds.
    pub cadence_s: f64,
    /// Values at the two ends of the colour map, in the layer's unit.
    pub range: [f64; 2],
    /// Limits of the quality tests.
    #[serde(default)]
    pub limits: QcLimits,
}

/// One sensor's series in a layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Datastream {
    /// Number by which the store, the wire and the viewer know it; stable across restarts.
    pub id: u32,
    /// Name that is unique in the hub, for example `traffic_speed:traffic-0412`.
    pub name: String,
    /// The thing that carries the sensor, for example `traffic-0412`; a weather station carries several.
    pub thing: String,
    /// Index of its layer in the catalogue.
    pub layer: u32,
    /// Longitude, degrees east, WGS 84.
    pub lon: f64,
    /// Latitude, degrees north, WGS 84.
    pub lat: f64,
    /// Height above the WGS 84 ellipsoid, in metres.
    pub height_m: f64,
    /// Is the value made up by the simulated feed?
    pub simulated: bool,
    /// Where readings come from: the feed's name.
    pub source: String,
    /// What people call the place where it stands; empty where it has no name.
    #[serde(default, skip_serializing_if = "PlaceNames::is_empty")]
    pub place: PlaceNames,
    /// Identifier of the feature of the city that it belongs to, as the tiles have it: a building, mostly. None where
    /// the feed says nothing of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feature: Option<String>,
}

/// One reading.
///
/// The value is finite exactly when its quality is not [`Quality::Missing`]; [`Observation::new`] sees to that.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Observation {
    /// Its datastream.
    pub datastream: u32,
    /// When the value held in the world.
    pub phenomenon_time_ns: i64,
    /// When the result became available to us.
    pub result_time_ns: i64,
    /// The value in the layer's unit; NaN when missing.
    pub value: f64,
    /// Primary flag and marks.
    pub flags: Flags,
    /// Tells apart readings of one datastream at one instant; 0 for nearly all.
    pub seq: u32,
}

impl Observation {
    /// A reading that no test has seen. A value that is not finite becomes a missing one.
    #[must_use]
    pub fn new(datastream: u32, phenomenon_time_ns: i64, result_time_ns: i64, value: f64) -> Self {
        let (value, flags) = canonical(value, Flags::new(Quality::NotEvaluated));
        Self {
            datastream,
            phenomenon_time_ns,
            result_time_ns,
            value,
            flags,
            seq: 0,
        }
    }

    /// Its primary flag.
    #[must_use]
    pub const fn quality(&self) -> Quality {
        self.flags.quality()
    }

    /// The part of the store's key that is unique within a datastream.
    #[must_use]
    pub const fn key(&self) -> (i64, u32) {
        (self.phenomenon_time_ns, self.seq)
    }
}

/// The one form in which a value is kept: no negative zero, NaN exactly when missing.
pub(crate) fn canonical(value: f64, flags: Flags) -> (f64, Flags) {
    if value.is_finite() && flags.quality() != Quality::Missing {
        (value + 0.0, flags)
    } else {
        let marks = flags.bits() & !0xf;
        let missing = Flags::from_bits(marks | u16::from(Quality::Missing.code()));
        (f64::NAN, missing.unwrap_or(Flags::new(Quality::Missing)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_is_not_finite_is_missing() {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let reading = Observation::new(1, 0, 0, value);
            assert_eq!(reading.quality(), Quality::Missing);
            assert!(reading.value.is_nan());
        }
        assert_eq!(
            Observation::new(1, 0, 0, -0.0).value.to_bits(),
            0.0f64.to_bits()
        );
    }
}
