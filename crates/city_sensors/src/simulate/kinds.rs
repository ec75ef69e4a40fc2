//! What the demo city measures: one entry per layer, with its rhythm, its noise and its limits.
//!
//! Adding a layer is one entry in [`KINDS`]; the numbers are plausible, not measured anywhere.

use super::rhythm::{self, Profile};
use crate::{
    Area, Interpolation, Layer, ObservedProperty, Unit,
    qc::{FlatLine, QcLimits, Spike},
};

/// One simulated layer.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// Layer identifier.
    pub layer: &'static str,
    /// Kind of site that carries such a sensor; a site may carry several.
    pub site: &'static str,
    /// Area under which the layer is listed.
    pub area: Area,
    /// English name of the layer.
    pub name: &'static str,
    /// Name, symbol and UCUM definition of the unit.
    pub unit: [&'static str; 3],
    /// Name and description of the observed property.
    pub property: [&'static str; 2],
    /// What holds between two readings.
    pub interpolation: Interpolation,
    /// Seconds between two readings.
    pub cadence_s: u32,
    /// Ends of the colour map.
    pub range: [f64; 2],
    /// Decimals that the sensor reports.
    pub decimals: u8,
    /// Value where the rhythm is 0 and where it is 1.
    pub level: [f64; 2],
    /// What the sensor can report at all.
    pub clamp: [f64; 2],
    /// The day's course.
    pub profile: Profile,
    /// How much sites differ: factor on the rhythm, 0 for none.
    pub site_spread: f64,
    /// Noise over three hours, over twenty minutes and from reading to reading, in the layer's unit.
    pub noise: [f64; 3],
    /// Share of the three-hour noise that all sites have in common (weather is one, traffic is many).
    pub shared: f64,
    /// Size of an injected spike, in the layer's unit.
    pub spike: f64,
    /// Spike thresholds (suspect, fail); none where jumps are natural.
    pub spike_limits: Option<[f64; 2]>,
    /// Seconds without movement until suspect and until fail; none where standing still is natural.
    pub flat_s: Option<[f64; 2]>,
}

const BASE: Kind = Kind {
    layer: "",
    site: "",
    area: Area::Mobility,
    name: "",
    unit: ["", "", ""],
    property: ["", ""],
    interpolation: Interpolation::Step,
    cadence_s: 60,
    range: [0.0, 100.0],
    decimals: 1,
    level: [0.0, 100.0],
    clamp: [0.0, 100.0],
    profile: rhythm::FLAT,
    site_spread: 0.2,
    noise: [0.0; 3],
    shared: 0.0,
    spike: 0.0,
    spike_limits: None,
    flat_s: None,
};

const PERCENT: [&str; 3] = ["percent", "%", "ucum:%"];
const COUNT: [&str; 3] = ["persons", "", "ucum:{person}"];
const KILOWATT: [&str; 3] = ["kilowatt", "kW", "ucum:kW"];

/// All simulated layers, area by area.
pub const KINDS: [Kind; 16] = [
    Kind {
        layer: "traffic_speed",
        site: "traffic",
        area: Area::Mobility,
        name: "Traffic speed",
        unit: ["kilometre per hour", "km/h", "ucum:km/h"],
        property: [
            "Traffic speed",
            "Mean speed of vehicles passing a detector in one interval",
        ],
        cadence_s: 20,
        range: [0.0, 70.0],
        level: [58.0, 14.0],
        clamp: [0.0, 130.0],
        profile: rhythm::COMMUTE,
        site_spread: 0.35,
        noise: [5.0, 5.0, 3.0],
        spike: 120.0,
        spike_limits: Some([45.0, 80.0]),
        flat_s: Some([600.0, 1800.0]),
        ..BASE
    },
    Kind {
        layer: "parking_occupancy",
        site: "parking",
        area: Area::Mobility,
        name: "Parking occupancy",
        unit: PERCENT,
        property: [
            "Parking occupancy",
            "Share of a car park's spaces that are taken",
        ],
        level: [18.0, 92.0],
        profile: rhythm::OFFICE,
        noise: [8.0, 4.0, 0.8],
        spike: 70.0,
        spike_limits: Some([25.0, 50.0]),
        ..BASE
    },
    Kind {
        layer: "ev_charging_power",
        site: "ev_charger",
        area: Area::Mobility,
        name: "EV charging power",
        unit: KILOWATT,
        property: ["Charging power", "Electric power drawn by a charging point"],
        range: [0.0, 60.0],
        level: [2.0, 44.0],
        clamp: [0.0, 180.0],
        profile: rhythm::EVENING,
        site_spread: 0.5,
        noise: [10.0, 8.0, 1.0],
        ..BASE
    },
    Kind {
        layer: "energy_power",
        site: "energy",
        area: Area::Living,
        name: "Building power",
        unit: KILOWATT,
        property: [
            "Active power",
            "Electric power drawn by a building, as its meter reports it",
        ],
        range: [0.0, 800.0],
        level: [110.0, 620.0],
        clamp: [0.0, 3000.0],
        profile: rhythm::HOMES,
        site_spread: 0.6,
        noise: [30.0, 15.0, 4.0],
        shared: 0.4,
        spike: 1500.0,
        spike_limits: Some([250.0, 700.0]),
        flat_s: Some([1200.0, 3600.0]),
        ..BASE
    },
    Kind {
        layer: "noise_level",
        site: "noise",
        area: Area::Living,
        name: "Noise level",
        unit: ["decibel (A-weighted)", "dB(A)", "ucum:dB"],
        property: [
            "Sound pressure level",
            "A-weighted equivalent continuous level over one interval",
        ],
        cadence_s: 15,
        range: [40.0, 85.0],
        level: [46.0, 69.0],
        clamp: [25.0, 120.0],
        profile: rhythm::STREET,
        site_spread: 0.15,
        noise: [2.0, 2.0, 2.5],
        spike: 45.0,
        spike_limits: Some([18.0, 30.0]),
        flat_s: Some([300.0, 900.0]),
        ..BASE
    },
    Kind {
        layer: "air_pm25",
        site: "air_quality",
        area: Area::Environment,
        name: "Fine dust PM2.5",
        unit: ["microgram per cubic metre", "µg/m³", "ucum:ug/m3"],
        property: [
            "PM2.5 concentration",
            "Mass of particles below 2.5 µm in air",
        ],
        interpolation: Interpolation::Linear,
        range: [0.0, 75.0],
        level: [11.0, 34.0],
        clamp: [0.0, 900.0],
        profile: rhythm::STREET,
        noise: [9.0, 2.5, 0.6],
        shared: 0.7,
        spike: 180.0,
        spike_limits: Some([15.0, 60.0]),
        flat_s: Some([1200.0, 3600.0]),
        ..BASE
    },
    Kind {
        layer: "air_no2",
        site: "air_quality",
        area: Area::Environment,
        name: "Nitrogen dioxide",
        unit: ["microgram per cubic metre", "µg/m³", "ucum:ug/m3"],
        property: ["NO2 concentration", "Mass of nitrogen dioxide in air"],
        interpolation: Interpolation::Linear,
        range: [0.0, 200.0],
        level: [18.0, 105.0],
        clamp: [0.0, 1500.0],
        profile: rhythm::COMMUTE,
        noise: [14.0, 6.0, 1.5],
        shared: 0.5,
        spike: 350.0,
        spike_limits: Some([40.0, 120.0]),
        flat_s: Some([1200.0, 3600.0]),
        ..BASE
    },
    Kind {
        layer: "weather_temperature",
        site: "weather",
        area: Area::Environment,
        name: "Air temperature",
        unit: ["degree Celsius", "°C", "ucum:Cel"],
        property: [
            "Air temperature",
            "Temperature of the air 2 m above the ground",
        ],
        interpolation: Interpolation::Linear,
        range: [10.0, 35.0],
        level: [21.0, 28.5],
        clamp: [-40.0, 60.0],
        profile: rhythm::WARMTH,
        site_spread: 0.05,
        noise: [1.6, 0.3, 0.05],
        shared: 0.8,
        spike: 25.0,
        spike_limits: Some([1.5, 5.0]),
        flat_s: Some([1500.0, 4500.0]),
        ..BASE
    },
    Kind {
        layer: "weather_humidity",
        site: "weather",
        area: Area::Environment,
        name: "Relative humidity",
        unit: PERCENT,
        property: [
            "Relative humidity",
            "Relative humidity of the air 2 m above the ground",
        ],
        interpolation: Interpolation::Linear,
        range: [30.0, 100.0],
        level: [88.0, 62.0],
        profile: rhythm::WARMTH,
        site_spread: 0.05,
        noise: [7.0, 1.5, 0.2],
        shared: 0.8,
        spike: -55.0,
        spike_limits: Some([6.0, 20.0]),
        ..BASE
    },
    Kind {
        layer: "weather_wind",
        site: "weather",
        area: Area::Environment,
        name: "Wind speed",
        unit: ["metre per second", "m/s", "ucum:m/s"],
        property: ["Wind speed", "Mean wind speed over one interval"],
        range: [0.0, 16.0],
        level: [2.2, 5.4],
        clamp: [0.0, 80.0],
        profile: rhythm::WARMTH,
        site_spread: 0.4,
        noise: [2.4, 1.0, 0.5],
        shared: 0.6,
        spike: 40.0,
        spike_limits: Some([8.0, 20.0]),
        flat_s: Some([1800.0, 5400.0]),
        ..BASE
    },
    Kind {
        layer: "water_level",
        site: "water_level",
        area: Area::Environment,
        name: "Water level",
        unit: ["metre", "m", "ucum:m"],
        property: [
            "Water level",
            "Height of the water surface above chart datum",
        ],
        interpolation: Interpolation::Linear,
        range: [0.0, 3.0],
        decimals: 3,
        level: [1.4, 2.5],
        clamp: [-3.0, 8.0],
        profile: Profile::Tide,
        site_spread: 0.06,
        noise: [0.08, 0.03, 0.006],
        shared: 0.7,
        spike: 3.5,
        spike_limits: Some([0.25, 1.0]),
        flat_s: Some([900.0, 3600.0]),
        ..BASE
    },
    Kind {
        layer: "crowd_count",
        site: "crowd",
        area: Area::People,
        name: "People present",
        unit: COUNT,
        property: [
            "People present",
            "Number of people in a square or hall: a count, never a person",
        ],
        range: [0.0, 600.0],
        decimals: 0,
        level: [6.0, 420.0],
        clamp: [0.0, 20_000.0],
        profile: rhythm::SQUARE,
        site_spread: 0.7,
        noise: [45.0, 30.0, 6.0],
        spike: 3000.0,
        spike_limits: Some([300.0, 1200.0]),
        ..BASE
    },
    Kind {
        layer: "lamp_power",
        site: "lamp_post",
        area: Area::Government,
        name: "Street lamp power",
        unit: ["watt", "W", "ucum:W"],
        property: ["Lamp power", "Electric power of one street lamp"],
        cadence_s: 120,
        range: [0.0, 120.0],
        level: [1.5, 96.0],
        clamp: [0.0, 400.0],
        profile: rhythm::LAMPS,
        site_spread: 0.1,
        noise: [0.0, 0.4, 0.3],
        ..BASE
    },
    Kind {
        layer: "desk_waiting",
        site: "service_desk",
        area: Area::Government,
        name: "Waiting time at service desks",
        unit: ["minute", "min", "ucum:min"],
        property: ["Waiting time", "Expected wait at a public service desk"],
        range: [0.0, 60.0],
        decimals: 0,
        level: [0.0, 38.0],
        clamp: [0.0, 480.0],
        profile: rhythm::DESKS,
        site_spread: 0.5,
        noise: [4.0, 4.0, 0.6],
        spike: 200.0,
        spike_limits: Some([30.0, 90.0]),
        ..BASE
    },
    Kind {
        layer: "footfall",
        site: "footfall",
        area: Area::Economy,
        name: "Footfall",
        unit: ["persons per minute", "1/min", "ucum:{person}/min"],
        property: [
            "Footfall",
            "People passing a counting line in a shopping street, per minute",
        ],
        cadence_s: 30,
        range: [0.0, 120.0],
        decimals: 0,
        level: [0.0, 88.0],
        clamp: [0.0, 2000.0],
        profile: rhythm::SHOPS,
        site_spread: 0.6,
        noise: [8.0, 7.0, 5.0],
        spike: 600.0,
        spike_limits: Some([90.0, 250.0]),
        ..BASE
    },
    Kind {
        layer: "cargo_cranes",
        site: "cargo",
        area: Area::Economy,
        name: "Berth activity",
        unit: ["moves per hour", "1/h", "ucum:{move}/h"],
        property: ["Crane moves", "Containers moved at a berth, per hour"],
        range: [0.0, 60.0],
        decimals: 0,
        level: [22.0, 44.0],
        clamp: [0.0, 200.0],
        profile: rhythm::OFFICE,
        site_spread: 0.4,
        noise: [12.0, 5.0, 1.0],
        ..BASE
    },
];

impl Kind {
    /// The layer's entry for the catalogue.
    #[must_use]
    pub fn layer(&self) -> Layer {
        let [name, symbol, definition] = self.unit.map(str::to_owned);
        let [property, description] = self.property.map(str::to_owned);
        Layer {
            id: self.layer.to_owned(),
            area: self.area,
            name: self.name.to_owned(),
            unit: Unit {
                name,
                symbol,
                definition,
            },
            observed_property: ObservedProperty {
                name: property,
                definition: format!("urn:belvedere:property:{}", self.layer),
                description,
            },
            interpolation: self.interpolation,
            cadence_s: f64::from(self.cadence_s),
            range: self.range,
            limits: self.limits(),
        }
    }

    fn limits(&self) -> QcLimits {
        QcLimits {
            fail_range: Some(self.clamp),
            suspect_range: None,
            spike: self
                .spike_limits
                .map(|[suspect, fail]| Spike { suspect, fail }),
            rate_per_s: None,
            flat_line: self.flat_s.map(|[suspect_s, fail_s]| FlatLine {
                tolerance: 0.0,
                suspect_s,
                fail_s,
            }),
            gap_cadences: None,
        }
    }
}

/// The simulated layers that a kind of site carries.
pub fn kinds_at(site: &str) -> impl Iterator<Item = &'static Kind> + '_ {
    KINDS.iter().filter(move |kind| kind.site == site)
}

/// The simulated layer with this identifier.
#[must_use]
pub fn kind(layer: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.layer == layer)
}
