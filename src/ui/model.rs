//! What the panels read: plain values, rebuilt by the app from its plugins whenever they change.
//!
//! Nothing here borrows from the engine and nothing here is changed by a panel: a panel answers with
//! [`UiCommand`](super::UiCommand)s and the next model shows what became of them. Instants are
//! nanoseconds since the Unix epoch (UTC), as in `city_time::SimInstant`; angles are radians unless a
//! name says degrees; every number that an operator reads carries its unit as text beside it.

use std::sync::Arc;

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
    /// Work that takes time and has an end (making the demo city, filling the store).
    pub progress: Option<Progress>,
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
    pub has_tiles: bool,
    /// True when the scene names at least one feed.
    pub has_feeds: bool,
}

/// The six areas of the layer tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Area {
    /// Traffic, parking, public transport, footfall on streets.
    #[default]
    Mobility,
    /// Homes, lamp posts, public spaces.
    Living,
    /// Air, weather, noise, water, energy.
    Environment,
    /// Crowds as aggregates, schools, libraries.
    People,
    /// Service desks, permits, works.
    Government,
    /// Shops, offices, port, tourism.
    Economy,
}

impl Area {
    /// The areas in the order of the tree.
    pub const ALL: [Self; 6] =
        [Self::Mobility, Self::Living, Self::Environment, Self::People, Self::Government, Self::Economy];

    /// The key of the area's name in the message files.
    pub fn key(self) -> &'static str {
        match self {
            Self::Mobility => "area-mobility",
            Self::Living => "area-living",
            Self::Environment => "area-environment",
            Self::People => "area-people",
            Self::Government => "area-government",
            Self::Economy => "area-economy",
        }
    }
}

/// What kind of thing a layer draws; decides its icon and whether quality counts are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LayerKind {
    /// Readings of sensors.
    #[default]
    Sensors,
    /// A tileset of the city itself.
    Tiles,
    /// A GeoJSON file or another set of features.
    Features,
}

/// One layer.
#[derive(Debug, Clone, Default)]
pub struct LayerModel {
    /// The layer's identifier in the scene; given back in commands.
    pub id: String,
    /// The layer's name from the scene. Where the message files have `layer-<id>`, they win.
    pub name: String,
    /// Where it stands in the tree; `None` for the city's own layers (tiles, GeoJSON).
    pub area: Option<Area>,
    /// What it draws.
    pub kind: LayerKind,
    /// Whether it is drawn.
    pub visible: bool,
    /// 0 (clear) to 1 (solid).
    pub opacity: f32,
    /// Number of sensors or features.
    pub count: usize,
    /// Age of the newest reading at the clock's time, in seconds; `None` when there is none.
    pub newest_age_s: Option<f64>,
    /// How many sensors are in which state at the clock's time.
    pub quality: QualityCounts,
    /// True when the readings are made by the simulated feed.
    pub simulated: bool,
    /// What the colours mean.
    pub legend: Option<LegendModel>,
    /// What is wrong with the layer, in words, when it cannot be shown.
    pub problem: Option<String>,
}

/// The state of a reading, as drawn: each has a shape of its own, not only a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Quality {
    /// Passed every check.
    #[default]
    Good,
    /// No check applied.
    NotEvaluated,
    /// Older than it should be: hollow.
    Stale,
    /// Failed a soft check: hatched.
    Suspect,
    /// Failed a hard check: struck through.
    Failed,
    /// No reading where one was due: a cross.
    Missing,
}

impl Quality {
    /// Every state, best first.
    pub const ALL: [Self; 6] =
        [Self::Good, Self::NotEvaluated, Self::Stale, Self::Suspect, Self::Failed, Self::Missing];

    /// The key of the state's name in the message files.
    pub fn key(self) -> &'static str {
        match self {
            Self::Good => "quality-good",
            Self::NotEvaluated => "quality-not-evaluated",
            Self::Stale => "quality-stale",
            Self::Suspect => "quality-suspect",
            Self::Failed => "quality-failed",
            Self::Missing => "quality-missing",
        }
    }
}

/// How many sensors are in which state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct QualityCounts {
    /// Good and not evaluated.
    pub good: usize,
    /// Older than they should be.
    pub stale: usize,
    /// Failed a soft check.
    pub suspect: usize,
    /// Failed a hard check.
    pub failed: usize,
    /// No reading where one was due.
    pub missing: usize,
}

/// What a layer's colours mean.
#[derive(Debug, Clone)]
pub enum LegendModel {
    /// A continuous colour map over a range of values.
    Continuous {
        /// The colour map's name: one of [`colormap::NAMES`](super::colormap::NAMES).
        map: String,
        /// Value at the left end.
        min: f64,
        /// Value at the right end.
        max: f64,
        /// Unit of the values, as shown ("µg/m³").
        unit: String,
    },
    /// One colour for each category.
    Categories(Vec<(String, [u8; 3])>),
}

/// How the clock runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ClockMode {
    /// At the live edge, following the wall clock.
    #[default]
    Live,
    /// In the past.
    Replay,
    /// Beyond the live edge.
    Forecast,
}

/// The simulation clock.
#[derive(Debug, Clone)]
pub struct ClockModel {
    /// Live, replay or forecast.
    pub mode: ClockMode,
    /// The instant that is shown.
    pub now_ns: TimeNs,
    /// The live edge: the newest instant with readings, some moments behind the wall clock.
    pub live_edge_ns: TimeNs,
    /// Simulated seconds for each second of the wall clock, 1 to 3600.
    pub rate: f64,
    /// False when the clock is paused.
    pub playing: bool,
    /// The scene's time zone.
    pub zone: Zone,
    /// Start of the history; `None` when no history is kept.
    pub history_start_ns: Option<TimeNs>,
    /// The forecast, or the reason why there is none.
    pub forecast: Forecast,
    /// How many readings there are over the history; empty when unknown.
    pub density: Arc<DensityHistogram>,
    /// Points in time that are worth marking.
    pub events: Vec<TimelineEvent>,
    /// The part that is being looped, if any.
    pub loop_range_ns: Option<(TimeNs, TimeNs)>,
    /// True while windows of history are being fetched for this instant.
    pub waiting: bool,
}

impl Default for ClockModel {
    fn default() -> Self {
        Self {
            mode: ClockMode::Live,
            now_ns: 0,
            live_edge_ns: 0,
            rate: 1.0,
            playing: true,
            zone: Zone::default(),
            history_start_ns: None,
            forecast: Forecast::None { reason: String::new() },
            density: Arc::default(),
            events: Vec::new(),
            loop_range_ns: None,
            waiting: false,
        }
    }
}

/// What there is beyond the live edge.
#[derive(Debug, Clone)]
pub enum Forecast {
    /// A forecast up to an instant.
    Until {
        /// The last instant of the forecast.
        end_ns: TimeNs,
        /// The model it comes from, as shown.
        source: String,
    },
    /// No forecast, and why, in words for the user.
    None {
        /// Why: "this scene has no forecast feed".
        reason: String,
    },
}

/// A time zone as far as the panels need it: offsets by time, so that summer time is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    /// The name in the tz database ("Asia/Hong_Kong").
    pub name: String,
    /// Offsets by start, ascending; the first holds for all earlier time. Never empty in a model
    /// that the app makes; an empty list reads as UTC.
    pub spans: Vec<ZoneSpan>,
}

/// An offset from UTC that holds from an instant on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneSpan {
    /// From when on.
    pub from_ns: TimeNs,
    /// Seconds east of UTC.
    pub offset_s: i32,
    /// The abbreviation shown after a time ("HKT").
    pub label: String,
}

impl Default for Zone {
    fn default() -> Self {
        Self::fixed("UTC", 0, "UTC")
    }
}

impl Zone {
    /// A zone with one offset (seconds east of UTC) for all time.
    pub fn fixed(name: &str, offset_s: i32, label: &str) -> Self {
        let span = ZoneSpan { from_ns: i64::MIN, offset_s, label: label.into() };
        Self { name: name.into(), spans: vec![span] }
    }

    /// Offset from UTC in seconds and abbreviation at an instant.
    pub fn at(&self, time_ns: TimeNs) -> (i32, &str) {
        let after = self.spans.partition_point(|s| s.from_ns <= time_ns);
        let span = self.spans.get(after.saturating_sub(1));
        span.map_or((0, "UTC"), |s| (s.offset_s, s.label.as_str()))
    }
}

/// Counts of readings in bins of equal width.
#[derive(Debug, Clone, Default)]
pub struct DensityHistogram {
    /// Start of the first bin.
    pub start_ns: TimeNs,
    /// Width of a bin; 0 when there are none.
    pub bin_ns: i64,
    /// Readings in each bin.
    pub counts: Vec<u32>,
}

/// A point in time that is marked on the timeline.
#[derive(Debug, Clone)]
pub struct TimelineEvent {
    /// When.
    pub time_ns: TimeNs,
    /// What, in words.
    pub label: String,
    /// How severe.
    pub severity: Severity,
}

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
    /// What it is called; an identifier where it has no name.
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
}

/// A picked sensor.
#[derive(Debug, Clone, Default)]
pub struct SensorModel {
    /// The datastream's number; given back in commands.
    pub id: u32,
    /// The sensor's name.
    pub name: String,
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
    /// Why the quality is what it is, in words; empty when there is nothing to say.
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

/// How the program is doing.
#[derive(Debug, Clone, Default)]
pub struct HealthModel {
    /// Requests on their way.
    pub tiles_in_flight: usize,
    /// Tiles waiting for a request.
    pub tiles_queued: usize,
    /// Tiles in memory.
    pub tiles_loaded: usize,
    /// Tiles drawn now.
    pub tiles_shown: usize,
    /// Tiles that failed for good.
    pub tiles_failed: usize,
    /// CPU, GPU and tree together, bytes.
    pub memory_bytes: u64,
    /// The budget, bytes.
    pub memory_budget_bytes: u64,
    /// Recent frame times in milliseconds, oldest first (up to a few hundred).
    pub frame_ms: Vec<f32>,
    /// What a frame may take, milliseconds.
    pub frame_budget_ms: f32,
    /// The graphics adapter's name and API.
    pub adapter: String,
    /// "lean" or "full".
    pub render_path: RenderPath,
    /// The feeds.
    pub feeds: Vec<FeedModel>,
    /// The hub's address and whether the live socket is up.
    pub hub: Option<HubModel>,
}

/// Which of the two ways of drawing is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RenderPath {
    /// Chosen for adapters without a GPU.
    #[default]
    Lean,
    /// Shadows and all.
    Full,
}

/// The connection to the hub.
#[derive(Debug, Clone, Default)]
pub struct HubModel {
    /// Where it is.
    pub address: String,
    /// Whether the live socket is up.
    pub connected: bool,
}

/// One feed.
#[derive(Debug, Clone, Default)]
pub struct FeedModel {
    /// Its name.
    pub name: String,
    /// Whether it is connected.
    pub connected: bool,
    /// True when it is simulated.
    pub simulated: bool,
    /// Age of its newest reading, seconds.
    pub age_s: Option<f64>,
    /// Readings each second, over the last minute.
    pub rate_per_s: f64,
    /// Readings accepted since the start.
    pub accepted: u64,
    /// Readings refused since the start, by reason in words.
    pub rejects: Vec<(String, u64)>,
}

/// Tile debugging, as in other viewers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DebugModel {
    /// The selection is frozen.
    pub freeze: bool,
    /// Bounding volumes are drawn.
    pub volumes: bool,
    /// Tiles are coloured by level.
    pub color_by_level: bool,
    /// Triangles in the drawn cut.
    pub triangles: u64,
    /// Features in the drawn cut.
    pub features: u64,
    /// Draw calls of the last frame.
    pub draw_calls: u32,
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
    /// When, on the simulation clock.
    pub time_ns: TimeNs,
    /// Seconds since it was raised, on the wall clock; decides how long it is a toast.
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
#[derive(Debug, Clone, Default)]
pub struct Progress {
    /// What is being done.
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
