//! What the panels read: plain values, rebuilt by the app from its plugins whenever they change.
//!
//! Nothing here borrows from the engine and nothing here is changed by a panel: a panel answers with
//! [`UiCommand`](super::UiCommand)s and the next model shows what became of them. Instants are
//! nanoseconds since the Unix epoch (UTC), as in `city_time::SimInstant`; angles are radians unless a
//! name says degrees; every number that an operator reads carries its unit as text beside it.

mod clip;
mod clock;
mod health;
mod inspector;
mod layers;
mod measure;
mod plan;
mod several;
mod style;

pub use clip::{ClipModel, MAX_PLANES, OutlineModel, PlaneModel};
pub use clock::{ClockMode, ClockModel, DensityHistogram, Forecast, TimelineEvent, Zone, ZoneSpan};
pub use health::{DebugModel, FeedModel, HealthModel, HubModel, LevelCount, RenderPath};
pub use inspector::{FeatureModel, InspectorModel, Property, SensorModel, SeriesPoint, ValueKind};
pub use layers::{Area, LayerKind, LayerModel, LegendModel, Quality, QualityCounts};
pub use measure::{MapLabel, MeasureModel, MeasureTool, Measured};
pub use plan::{
    AttributeValue, BuildingModel, ChangeModel, Compare, ConflictModel, DifferenceModel, DragModel,
    Hand, Horizon, IndicatorModel, OpenPlan, OperationModel, PlacedModel, PlanModel, PlanTool,
    SourceModel, StreetModel, SunModel,
};
pub use several::{SeveralModel, ShapeModel, ShapeTool, TotalModel};
pub use style::{ReadingChoice, StyleModel};

/// Nanoseconds since the Unix epoch, UTC.
pub type TimeNs = i64;

/// Nanoseconds in one second.
pub const NS_PER_S: i64 = 1_000_000_000;

/// Everything the panels show in one frame.
#[derive(Debug, Clone, Default)]
pub struct UiModel {
    /// The scene that is open.
    pub scene: SceneModel,
    /// Every layer, in the order of the scene file; the panel groups them by area.
    pub layers: Vec<LayerModel>,
    /// The simulation clock and what history and forecast it can reach.
    pub clock: ClockModel,
    /// What is selected.
    pub inspector: InspectorModel,
    /// Names of everything that is selected when it is more than one thing, as far as a list can be read; the first is
    /// in the inspector.
    pub selected: Vec<String>,
    /// What all of it comes to.
    pub several: SeveralModel,
    /// The tools that select by a shape.
    pub shape: ShapeModel,
    /// How the program, its tiles and its feeds are doing.
    pub health: HealthModel,
    /// The state of the tile debugging tools.
    pub debug: DebugModel,
    /// The camera.
    pub camera: CameraModel,
    /// Who made what is visible now; shown in the corner, always.
    pub credits: Vec<Credit>,
    /// Messages, oldest first. The newest are toasts; all of them stay in the health panel.
    pub messages: Vec<Message>,
    /// Answers to the last search, best first.
    pub search: SearchModel,
    /// Alarms that are not closed, most severe first.
    pub alarms: Vec<Alarm>,
    /// What the app can do beyond the minimum; the rest is not offered.
    pub abilities: Abilities,
    /// Work that takes time and has an end (making the demo city, filling the store).
    pub progress: Option<Progress>,
    /// Scenarios.
    pub plan: PlanModel,
    /// The measuring tools.
    pub measure: MeasureModel,
    /// What is cut away.
    pub clip: ClipModel,
}

/// What the app can do in this build and on this machine. An action that it cannot do is neither in the
/// menus nor on the keyboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Abilities {
    /// Hide a feature ([`UiCommand::HideSelected`](super::UiCommand::HideSelected)).
    pub hide_features: bool,
    /// Undo and redo.
    pub undo: bool,
    /// Save a picture.
    pub screenshot: bool,
    /// Fill the screen.
    pub fullscreen: bool,
    /// Undo is possible now.
    pub can_undo: bool,
    /// Redo is possible now.
    pub can_redo: bool,
}

/// The open scene.
#[derive(Debug, Clone, Default)]
pub struct SceneModel {
    /// The scene's name, as its file gives it.
    pub name: String,
    /// Scenes that can be opened instead: (identifier given back in the command, name).
    pub others: Vec<(String, String)>,
    /// True when the city or its readings are synthetic: said on screen.
    pub simulated: bool,
    /// Named camera positions of the scene: (identifier given back in the command, name).
    pub presets: Vec<(String, String)>,
    /// True when the scene has at least one tileset.
    pub has_content: bool,
    /// True when the scene names at least one feed.
    pub has_feeds: bool,
    /// True while a scene file is on its way.
    pub loading: bool,
}

/// The camera as far as the furniture of the map needs it.
#[derive(Debug, Clone, Copy, Default)]
pub struct CameraModel {
    /// Degrees.
    pub lon_deg: f64,
    /// Degrees.
    pub lat_deg: f64,
    /// Metres above the ellipsoid.
    pub height_m: f64,
    /// Clockwise from north.
    pub heading_rad: f64,
    /// 0 at the horizon, -π/2 straight down.
    pub pitch_rad: f64,
    /// Metres for one logical pixel at the middle of the view; 0 when the middle is sky.
    pub metres_per_px: f64,
}

/// Who made something that is visible.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Credit {
    /// The text.
    pub text: String,
    /// Where to read more; empty when there is nothing.
    pub url: String,
}

/// How bad something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Severity {
    /// Good to know.
    #[default]
    Info,
    /// Something is missing or late.
    Warning,
    /// Something failed.
    Error,
}

/// A message to the user: what happened, why, and what to do.
#[derive(Debug, Clone, Default)]
pub struct Message {
    /// Unique while the program runs; given back when it is closed.
    pub id: u64,
    /// How bad.
    pub severity: Severity,
    /// What happened and why.
    pub text: String,
    /// What to do; may be empty.
    pub advice: String,
    /// When, on the wall clock.
    pub time_ns: TimeNs,
    /// Seconds since it was raised; decides how long it is a toast. Infinite once it was closed there.
    pub shown_s: f32,
    /// How often the same thing happened.
    pub count: u32,
}

/// An alarm: a condition that someone must look at.
#[derive(Debug, Clone, Default)]
pub struct Alarm {
    /// Given back in commands.
    pub id: u64,
    /// How severe.
    pub severity: Severity,
    /// What, in words, with value and unit.
    pub text: String,
    /// Since when.
    pub since_ns: TimeNs,
    /// Unacknowledged alarms are the only thing that blinks.
    pub acknowledged: bool,
}

/// Work with an end.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Progress {
    /// What is being done, in words or as the key of a message.
    pub stage: String,
    /// 0 to 1; `None` when unknown.
    pub fraction: Option<f32>,
    /// Seconds left; `None` when unknown.
    pub left_s: Option<f64>,
}

/// The answers to a search.
#[derive(Debug, Clone, Default)]
pub struct SearchModel {
    /// What was asked, so that an answer to an older question is not shown.
    pub query: String,
    /// The answers, best first.
    pub results: Vec<SearchResult>,
    /// True while more may come.
    pub searching: bool,
    /// How the search went.
    pub note: SearchNote,
}

/// How a search through attributes went.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SearchNote {
    /// How many there are; fewer may be listed.
    pub found: usize,
    /// The question compares attributes.
    pub is_rule: bool,
    /// Only tiles that are loaded were looked through.
    pub loaded_only: bool,
    /// The question compares a property of this name, which nothing has.
    pub unknown: String,
    /// The question is an expression that cannot be read.
    pub error: String,
}

/// An attribute for which something is an answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FoundValue {
    /// The identifier in the schema. Where the message files have `property-<id>`, they name it; otherwise `name` does.
    pub id: String,
    /// The name in the schema.
    pub name: String,
    /// The value as text.
    pub value: String,
    /// The unit as shown.
    pub unit: String,
}

/// One answer.
#[derive(Debug, Clone, Default)]
pub struct SearchResult {
    /// Given back in the command.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// What and where it is ("office, Central").
    pub detail: String,
    /// Its kind, for the icon.
    pub kind: SearchKind,
    /// Attributes for which it is an answer.
    pub values: Vec<FoundValue>,
}

/// What a search found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SearchKind {
    /// A district, a street, a camera preset, coordinates.
    #[default]
    Place,
    /// A building.
    Building,
    /// A sensor.
    Sensor,
    /// A layer.
    Layer,
}
