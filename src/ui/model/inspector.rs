//! What is selected.

use std::sync::Arc;

use super::{LegendModel, Quality, TimeNs};

/// What is selected.
#[derive(Debug, Clone, Default)]
pub enum InspectorModel {
    /// Nothing.
    #[default]
    None,
    /// A feature of a tileset: a building, mostly.
    Building(FeatureModel),
    /// A sensor.
    Sensor(Box<SensorModel>),
    /// A feature of a GeoJSON layer.
    Feature(FeatureModel),
}

/// A picked feature.
#[derive(Debug, Clone, Default)]
pub struct FeatureModel {
    /// What it is called; an identifier where it has no name, nothing where its class says all that is known.
    pub title: String,
    /// Its class ("Building"), for the line under the title.
    pub class: String,
    /// The layer or tileset it belongs to.
    pub layer: String,
    /// Where it is, degrees: longitude, latitude.
    pub lon_lat_deg: Option<(f64, f64)>,
    /// Who gave the data.
    pub source: String,
    /// Its properties, in the order of the data's schema.
    pub properties: Vec<Property>,
    /// What sensors that belong to it say of it.
    pub readings: Vec<SensorModel>,
}

/// One property of a feature.
#[derive(Debug, Clone, Default)]
pub struct Property {
    /// The identifier in the schema ("height_m"). Where the message files have
    /// `property-<id>`, they name it; otherwise `name` does.
    pub id: String,
    /// The name in the schema; may be empty, then the identifier is shown.
    pub name: String,
    /// The value as text, without its unit.
    pub value: String,
    /// The unit as shown, empty where there is none.
    pub unit: String,
    /// What the schema says about it; shown on hover.
    pub description: String,
    /// What the value is.
    pub kind: ValueKind,
    /// Where a scenario gives the value: what the data says instead, empty where it says nothing.
    pub before: Option<String>,
}

/// What a value of a property is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ValueKind {
    /// A text.
    #[default]
    Text,
    /// A number.
    Number,
    /// Yes or no.
    Flag,
    /// Several values in a row.
    List,
}

/// A picked sensor.
#[derive(Debug, Clone, Default)]
pub struct SensorModel {
    /// The datastream's number; given back in commands.
    pub id: u32,
    /// The sensor's name.
    pub name: String,
    /// What people call the place where it stands, by language (BCP 47 tag); empty where it has no name.
    pub place: std::collections::BTreeMap<String, String>,
    /// The layer's identifier.
    pub layer_id: String,
    /// The layer's name from the scene.
    pub layer: String,
    /// What is observed ("PM2.5 concentration").
    pub observed_property: String,
    /// Where it is, degrees: longitude, latitude.
    pub lon_lat_deg: Option<(f64, f64)>,
    /// The measured value at the clock's time; `None` when there is none.
    pub value: Option<f64>,
    /// Digits after the decimal point.
    pub decimals: usize,
    /// The unit as shown.
    pub unit: String,
    /// The state of the reading.
    pub quality: Quality,
    /// Why the quality is what it is: identifiers of marks, with commas between (the message files have
    /// `mark-<id>`), or plain words; empty when there is nothing to say.
    pub quality_reason: String,
    /// Where the reading comes from ("mqtt://…/air/3", "simulated feed").
    pub source: String,
    /// The reading's phenomenon time.
    pub phenomenon_ns: Option<TimeNs>,
    /// The clock's time less the phenomenon time, in seconds.
    pub age_s: Option<f64>,
    /// Seconds between readings when all is well.
    pub cadence_s: f64,
    /// True when the reading is simulated.
    pub simulated: bool,
    /// True when the value is of the forecast, and no reading.
    pub forecast: bool,
    /// True when the datastream may be interpolated between readings; false is step.
    pub linear: bool,
    /// The colour scale of its layer, for the swatch beside the value.
    pub legend: Option<LegendModel>,
    /// The last 24 hours before the clock's time, ascending.
    pub series: Arc<Vec<SeriesPoint>>,
    /// True while the series is being fetched.
    pub series_loading: bool,
}

/// One reading in a chart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SeriesPoint {
    /// Phenomenon time.
    pub time_ns: TimeNs,
    /// Value; NaN for a missing one.
    pub value: f64,
    /// State.
    pub quality: Quality,
}
