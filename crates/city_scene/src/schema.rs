//! The scene file, key by key. Documented for its writers in `scenes/README.md`.

use std::collections::BTreeMap;

use city_geo::{Camera, Geodetic};
use city_sensors::protocols::mqtt_json::Mapping;
use city_sensors::qc::QcLimits;
use city_sensors::{Area, Interpolation};
use serde::{Deserialize, Serialize};

use crate::ground::{ImagerySource, TerrainSettings};

/// Names in other languages, by BCP 47 tag ("zh-Hant", "zh-Hans").
pub type Names = BTreeMap<String, String>;

/// A scene.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scene {
    /// Version of the schema; see [`crate::CURRENT_SCHEMA`].
    #[serde(default = "current_schema")]
    pub schema: u32,
    /// Name, shown to people.
    pub name: String,
    /// Name in other languages.
    #[serde(default)]
    pub names: Names,
    /// One or two sentences about it.
    #[serde(default)]
    pub description: String,
    /// The city is made up; said on screen.
    #[serde(default)]
    pub synthetic: bool,
    /// IANA name of the time zone of everything shown.
    pub time_zone: String,
    /// Origin of the local frame; in the middle of the city.
    pub origin: Place,
    /// Tilesets.
    #[serde(default, rename = "tileset")]
    pub tilesets: Vec<TilesetSource>,
    /// GeoJSON layers.
    #[serde(default, rename = "geojson")]
    pub geojson: Vec<GeoJsonSource>,
    /// Tables joined to the features of the tilesets.
    #[serde(default, rename = "table")]
    pub tables: Vec<TableSource>,
    /// Layers of readings joined to the features of the tilesets.
    #[serde(default, rename = "join")]
    pub joins: Vec<JoinSource>,
    /// The ground below everything.
    #[serde(default)]
    pub terrain: Option<TerrainSettings>,
    /// Layers of imagery on the ground, the lowest first. Without terrain they lie on the bare ellipsoid.
    #[serde(default)]
    pub imagery: Vec<ImagerySource>,
    /// Where the camera starts and may go.
    #[serde(default)]
    pub camera: CameraSettings,
    /// Layers of readings.
    #[serde(default, rename = "layer")]
    pub layers: Vec<SceneLayer>,
    /// Where readings come from.
    #[serde(default)]
    pub feeds: Feeds,
}

fn current_schema() -> u32 {
    crate::CURRENT_SCHEMA
}

/// A place in degrees and metres above the WGS 84 ellipsoid.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Longitude, degrees.
    pub lon: f64,
    /// Latitude, degrees.
    pub lat: f64,
    /// Height above the ellipsoid, metres.
    #[serde(default)]
    pub height: f64,
}

impl Place {
    /// In the form that computations take.
    pub fn geodetic(&self) -> Geodetic {
        Geodetic::from_degrees(self.lon, self.lat, self.height)
    }
}

/// A tileset to open.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TilesetSource {
    /// Name, shown to people.
    pub name: String,
    /// Path, URL or `demo:`; see [`crate::resolve_location`].
    pub url: String,
    /// Added to every height, metres: brings heights above a national datum to the ellipsoid.
    #[serde(default)]
    pub height_offset_m: f64,
    /// Credit shown while it is visible.
    #[serde(default)]
    pub attribution: String,
    /// Screen-space error, pixels; the program's default when not given.
    #[serde(default)]
    pub max_screen_space_error_px: Option<f64>,
    /// Shown from the start.
    #[serde(default = "yes")]
    pub visible: bool,
    /// Which features are drawn, and how: the 3D Tiles styling language, as a table.
    #[serde(default)]
    pub style: Option<serde_json::Value>,
    /// How much of the style's colours replaces the content's own: 0 (they multiply) to 1.
    #[serde(default)]
    pub style_strength: f64,
    /// What its server wants to see with every request.
    #[serde(default)]
    pub access: AccessSource,
}

/// What a server wants to see: keys and tokens, best as `${NAME}` of the environment, so that the scene can be shared.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessSource {
    /// Headers.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Parameters of addresses.
    #[serde(default)]
    pub query: BTreeMap<String, String>,
}

/// A GeoJSON file to draw.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GeoJsonSource {
    /// Identifier in links and commands.
    pub id: String,
    /// Name, shown to people.
    pub name: String,
    /// Name in other languages.
    #[serde(default)]
    pub names: Names,
    /// Path or URL.
    pub url: String,
    /// Colour, `#rrggbb` (sRGB).
    #[serde(default = "accent")]
    pub color: String,
    /// 0 (clear) to 1 (solid).
    #[serde(default = "one")]
    pub opacity: f64,
    /// Width of lines, pixels.
    #[serde(default = "line_width")]
    pub line_width_px: f64,
    /// Diameter of points, pixels.
    #[serde(default = "point_size")]
    pub point_size_px: f64,
    /// How solid polygons on the ground are, 0 (clear) to 1 (solid).
    #[serde(default = "half")]
    pub fill_opacity: f64,
    /// Property that the colours show: numbers on the colour map, texts as categories.
    #[serde(default)]
    pub color_by: Option<String>,
    /// Colour map of `color_by`; `okabe_ito` makes categories of numbers too.
    #[serde(default)]
    pub color_map: ColorMap,
    /// Values at the ends of the colour map; without it those in the data.
    #[serde(default)]
    pub range: Option<[f64; 2]>,
    /// Property with the height of the polygons' tops above the ground, metres; without it they lie on
    /// the ground.
    #[serde(default)]
    pub extrude_by: Option<String>,
    /// Property with the height of their bottoms above the ground, metres.
    #[serde(default)]
    pub base_by: Option<String>,
    /// Factor from these two properties to metres (3.2 for storeys, say).
    #[serde(default = "one")]
    pub extrude_scale: f64,
    /// Property that names a feature in the inspector and the search.
    #[serde(default)]
    pub label_by: Option<String>,
    /// Credit shown while it is visible.
    #[serde(default)]
    pub attribution: String,
    /// Shown from the start.
    #[serde(default = "yes")]
    pub visible: bool,
}

/// A table whose rows become properties of the features that they name.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableSource {
    /// Path or URL of a CSV file.
    pub url: String,
    /// The column that names features; without it the one that is called like an identifier, or the first.
    #[serde(default)]
    pub key: Option<String>,
    /// The property of the features that it names them by; without it the one that producers call so.
    #[serde(default)]
    pub feature_key: Option<String>,
}

/// A layer whose readings become a property of the features that its sensors belong to.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JoinSource {
    /// The layer's identifier; the hub's catalogue may have layers that the scene does not name.
    pub layer: String,
    /// By what a sensor says which feature it belongs to.
    #[serde(default)]
    pub key: JoinKey,
    /// The property of the features that it names them by; without it the one that producers call so.
    #[serde(default)]
    pub feature_key: Option<String>,
    /// What the property is called; without it as the layer.
    #[serde(default)]
    pub property: Option<String>,
}

/// By what a sensor says which feature it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JoinKey {
    /// By the feature that its feed names.
    #[default]
    Feature,
    /// By its own name: the thing is called like the feature.
    Thing,
}

/// The camera's poses.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CameraSettings {
    /// Where it starts; without it the tilesets are framed.
    #[serde(default)]
    pub home: Option<Pose>,
    /// Named poses.
    #[serde(default, rename = "preset")]
    pub presets: Vec<Preset>,
}

/// A pose in degrees and metres.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pose {
    /// Longitude, degrees.
    pub lon: f64,
    /// Latitude, degrees.
    pub lat: f64,
    /// Height above the ellipsoid, metres.
    pub height: f64,
    /// Degrees clockwise from north.
    #[serde(default)]
    pub heading: f64,
    /// Degrees, 0 level, −90 straight down.
    #[serde(default)]
    pub pitch: f64,
    /// Vertical field of view, degrees.
    #[serde(default)]
    pub fov: Option<f64>,
}

impl Pose {
    /// In the form that computations take.
    pub fn camera(&self) -> Camera {
        let camera =
            Camera::from_degrees(self.lon, self.lat, self.height, self.heading, self.pitch);
        Camera {
            fov_y_rad: self.fov.map_or(Camera::DEFAULT_FOV_Y_RAD, f64::to_radians),
            ..camera
        }
        .normalized()
    }
}

/// A named pose, with a time of day that suits it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preset {
    /// Identifier in links and commands.
    pub id: String,
    /// Name, shown to people.
    pub name: String,
    /// Name in other languages.
    #[serde(default)]
    pub names: Names,
    /// The pose.
    pub pose: Pose,
    /// Time at which it is best seen, RFC 3339; only pictures use it.
    #[serde(default)]
    pub time: Option<String>,
}

/// A colour map, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColorMap {
    /// Dark blue to yellow; the default.
    #[default]
    Cividis,
    /// Dark blue over green to pink.
    Batlow,
    /// Blue over white to red: differences from a middle.
    Vik,
    /// Eight colours for categories.
    OkabeIto,
}

impl ColorMap {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Cividis, Self::Batlow, Self::Vik, Self::OkabeIto];

    /// Its name in scene files and of its table in `assets/colormaps`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cividis => "cividis",
            Self::Batlow => "batlow",
            Self::Vik => "vik",
            Self::OkabeIto => "okabe_ito",
        }
    }
}

/// A layer of readings: what it means and how it is drawn.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SceneLayer {
    /// Identifier: in links, commands, messages and on the wire.
    pub id: String,
    /// Where it stands in the tree.
    pub area: Area,
    /// Name, shown to people.
    pub name: String,
    /// Name in other languages.
    #[serde(default)]
    pub names: Names,
    /// One sentence about what is observed.
    #[serde(default)]
    pub description: String,
    /// Unit as shown after a value, "km/h".
    pub unit: String,
    /// Unit in words, "kilometre per hour".
    #[serde(default)]
    pub unit_name: String,
    /// UCUM code of the unit, "km/h".
    #[serde(default)]
    pub ucum: String,
    /// Values at the ends of the colour map.
    pub range: [f64; 2],
    /// Colours.
    #[serde(default)]
    pub color_map: ColorMap,
    /// Turns the colours round, where the low values are the ones to notice.
    #[serde(default)]
    pub reverse: bool,
    /// Digits after the point.
    #[serde(default)]
    pub decimals: u8,
    /// What holds between two readings.
    #[serde(default)]
    pub interpolation: Interpolation,
    /// Expected time between two readings, seconds.
    #[serde(default = "minute")]
    pub cadence_s: f64,
    /// Limits of the quality tests.
    #[serde(default)]
    pub limits: QcLimits,
    /// Shown from the start.
    #[serde(default)]
    pub visible: bool,
    /// 0 (clear) to 1 (solid).
    #[serde(default = "one")]
    pub opacity: f64,
}

impl SceneLayer {
    /// The layer as the hub's catalogue has it.
    pub fn catalog_layer(&self) -> city_sensors::Layer {
        let or_unit = |text: &String| {
            if text.is_empty() {
                self.unit.clone()
            } else {
                text.clone()
            }
        };
        city_sensors::Layer {
            id: self.id.clone(),
            area: self.area,
            name: self.name.clone(),
            unit: city_sensors::Unit {
                name: or_unit(&self.unit_name),
                symbol: self.unit.clone(),
                definition: format!("ucum:{}", or_unit(&self.ucum)),
            },
            observed_property: city_sensors::ObservedProperty {
                name: self.name.clone(),
                definition: format!("urn:belvedere:property:{}", self.id),
                description: self.description.clone(),
            },
            interpolation: self.interpolation,
            cadence_s: self.cadence_s,
            range: self.range,
            limits: self.limits.clone(),
        }
    }
}

/// Where readings come from.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feeds {
    /// The simulated feed, in process.
    #[serde(default)]
    pub simulated: bool,
    /// MQTT brokers.
    #[serde(default)]
    pub mqtt: Vec<MqttFeed>,
}

impl Feeds {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        !self.simulated && self.mqtt.is_empty()
    }
}

/// Readings from an MQTT broker.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MqttFeed {
    /// Name of the source, shown with every reading.
    pub name: String,
    /// `mqtt://host:port` or `mqtts://host:port`.
    pub broker: String,
    /// Name of the environment variable with the user's name. Secrets have no place in a scene file.
    #[serde(default)]
    pub username_env: Option<String>,
    /// Name of the environment variable with the password.
    #[serde(default)]
    pub password_env: Option<String>,
    /// The readings are made up; said on screen.
    #[serde(default)]
    pub simulated: bool,
    /// Which topics, and what their JSON means.
    #[serde(rename = "mapping")]
    pub mappings: Vec<Mapping>,
}

const fn yes() -> bool {
    true
}
const fn one() -> f64 {
    1.0
}
const fn half() -> f64 {
    0.5
}
const fn minute() -> f64 {
    60.0
}
const fn line_width() -> f64 {
    2.0
}
const fn point_size() -> f64 {
    8.0
}
fn accent() -> String {
    "#4FA3FF".to_owned()
}

impl Scene {
    /// The name in a language, or in English.
    pub fn name_in(&self, language: &str) -> &str {
        self.names.get(language).unwrap_or(&self.name)
    }

    /// A layer by its identifier.
    pub fn layer(&self, id: &str) -> Option<&SceneLayer> {
        self.layers.iter().find(|layer| layer.id == id)
    }

    /// A named pose.
    pub fn preset(&self, id: &str) -> Option<&Preset> {
        self.camera.presets.iter().find(|preset| preset.id == id)
    }
}
