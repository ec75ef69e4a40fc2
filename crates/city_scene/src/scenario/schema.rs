//! What a scenario consists of. Its file form is described in `docs/scenarios.md`.

use std::collections::BTreeMap;
use std::fmt;

use city_time::SimInstant;
use geo_types::Polygon;
use serde::{Deserialize, Serialize};

use crate::schema::Place;

/// The schema that this program writes and reads: the value of `schema` in a scenario file.
pub const CURRENT_SCENARIO_SCHEMA: u32 = 1;

/// A proposal: a base scene and what is done to it, in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// Version of the schema.
    pub schema: u32,
    /// Identifier in links and on the hub: 1 to 64 of a-z, 0-9 and `-`.
    pub id: String,
    /// Name, shown to people.
    pub name: String,
    /// What it proposes.
    pub description: String,
    /// The scene that it changes, as an address like those in scenes (`scenes/harbour.toml`).
    pub base: String,
    /// Id of the scenario that it was copied from.
    pub parent: Option<String>,
    /// What is done, first to last. Wrong ones are kept, so that saving loses nothing; [`super::fold`] skips them.
    pub operations: Vec<Operation>,
}

/// One step of a scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// Identifier, unique in the scenario and kept for good: origins and later operations name it.
    pub id: String,
    /// What it does.
    pub kind: OperationKind,
    /// When it holds; always where not given.
    pub window: Option<Window>,
    /// Who proposed it.
    pub author: String,
    /// Why.
    pub reason: String,
    /// When it is meant to happen.
    pub horizon: Horizon,
}

/// From an instant (included) to another (excluded); an end that is not given is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// First instant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<SimInstant>,
    /// First instant after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<SimInstant>,
}

impl Window {
    /// Whether an instant is in it.
    pub fn contains(&self, t: SimInstant) -> bool {
        self.from.is_none_or(|from| from <= t) && self.to.is_none_or(|to| t < to)
    }
}

/// How far away an operation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Horizon {
    /// Within some two years.
    #[default]
    Short,
    /// Within some ten years.
    Medium,
    /// Later.
    Long,
}

impl Horizon {
    /// All, nearest first.
    pub const ALL: [Self; 3] = [Self::Short, Self::Medium, Self::Long];

    /// Its name in files.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Short => "short",
            Self::Medium => "medium",
            Self::Long => "long",
        }
    }
}

/// What an operation does.
#[derive(Debug, Clone, PartialEq)]
pub enum OperationKind {
    /// Hides features: the base's, or what earlier operations added (named by their operation's id).
    HideFeatures {
        /// The features.
        ids: Vec<String>,
    },
    /// Hides every feature whose middle lies in an area.
    HidePolygon {
        /// The area.
        polygon: Polygon<f64>,
    },
    /// Puts a building in the place of a feature, which it then is.
    ReplaceBuilding {
        /// The feature: the base's, or one that an earlier operation added.
        feature: String,
        /// What stands there instead.
        building: Building,
    },
    /// Adds a building; the feature has the operation's id.
    AddBuilding {
        /// The building.
        building: Building,
    },
    /// Places a glTF model; the feature has the operation's id.
    PlaceModel {
        /// Address of the `.glb` or `.gltf`, absolute or relative to the scenario.
        url: String,
        /// Where its origin stands.
        position: Place,
        /// Clockwise from north, degrees: where its front (+z of glTF) looks.
        heading_deg: f64,
        /// Size; 1 leaves it in metres.
        scale: f64,
    },
    /// Closes a street to traffic.
    CloseStreet {
        /// The street.
        street: String,
    },
    /// Gives a street other attributes, for example `speed_kmh` or `lanes`.
    ChangeStreet {
        /// The street.
        street: String,
        /// The new values, by attribute.
        attributes: BTreeMap<String, Value>,
    },
    /// Gives a feature another value of an attribute.
    OverrideAttribute {
        /// The feature.
        feature: String,
        /// The attribute.
        attribute: String,
        /// The new value.
        value: Value,
    },
    /// Sets an input of a model, for example the sea level of the flood model.
    SetInput {
        /// Id of the model.
        model: String,
        /// The input.
        input: String,
        /// Its value, in `unit`.
        value: f64,
        /// Unit of the value.
        unit: String,
    },
}

impl OperationKind {
    /// The names in files, in the order of the list in `docs/scenarios.md`.
    pub const IDS: [&'static str; 9] = [
        "hide-features",
        "hide-polygon",
        "replace-building",
        "add-building",
        "place-model",
        "close-street",
        "change-street",
        "override-attribute",
        "set-input",
    ];

    /// The name in files.
    pub const fn id(&self) -> &'static str {
        match self {
            Self::HideFeatures { .. } => Self::IDS[0],
            Self::HidePolygon { .. } => Self::IDS[1],
            Self::ReplaceBuilding { .. } => Self::IDS[2],
            Self::AddBuilding { .. } => Self::IDS[3],
            Self::PlaceModel { .. } => Self::IDS[4],
            Self::CloseStreet { .. } => Self::IDS[5],
            Self::ChangeStreet { .. } => Self::IDS[6],
            Self::OverrideAttribute { .. } => Self::IDS[7],
            Self::SetInput { .. } => Self::IDS[8],
        }
    }

    /// The building that it puts somewhere, if it does.
    pub const fn building(&self) -> Option<&Building> {
        match self {
            Self::AddBuilding { building } | Self::ReplaceBuilding { building, .. } => {
                Some(building)
            }
            _ => None,
        }
    }
}

/// A building as a planner draws it: an upright prism.
#[derive(Debug, Clone, PartialEq)]
pub struct Building {
    /// Name, shown to people; may be empty.
    pub name: String,
    /// Outline, longitude and latitude in degrees.
    pub footprint: Polygon<f64>,
    /// Height of its foot above the ellipsoid, metres; on the ground where not given.
    pub base_height_m: Option<f64>,
    /// From its foot to its roof, metres.
    pub height_m: f64,
    /// Storeys above the ground.
    pub storeys: u32,
    /// What it is used for, as the city's own buildings say it (`Residential`, `Office`, ...).
    pub usage: String,
    /// Floor area of all storeys, square metres; footprint times storeys where not given.
    pub floor_area_m2: Option<f64>,
    /// Energy class.
    pub energy_class: Option<EnergyClass>,
    /// Colour of the walls, sRGB.
    pub wall_rgb: Option<[u8; 3]>,
    /// Colour of the roof, sRGB.
    pub roof_rgb: Option<[u8; 3]>,
}

impl Building {
    /// What people call it: its name, or how high it is and what for.
    pub fn label(&self) -> String {
        match self.name.as_str() {
            "" => format!("{:.0} m, {}", self.height_m, self.usage),
            name => name.to_owned(),
        }
    }
}

/// Energy class, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the letters are the names")]
pub enum EnergyClass {
    A,
    B,
    C,
    D,
    E,
    F,
    G,
}

impl EnergyClass {
    /// All, best first.
    pub const ALL: [Self; 7] = [
        Self::A,
        Self::B,
        Self::C,
        Self::D,
        Self::E,
        Self::F,
        Self::G,
    ];

    /// Its letter.
    pub const fn letter(self) -> &'static str {
        ["A", "B", "C", "D", "E", "F", "G"][self as usize]
    }

    /// From its letter, in either case.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|class| class.letter().eq_ignore_ascii_case(text.trim()))
    }
}

/// A value of an attribute.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// Yes or no.
    Flag(bool),
    /// A number, in the attribute's own unit.
    Number(f64),
    /// A text.
    Text(String),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}
