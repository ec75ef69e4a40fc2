//! Layers, their legends and the states of their readings.

use super::StyleModel;

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
    pub const ALL: [Self; 6] = [
        Self::Mobility,
        Self::Living,
        Self::Environment,
        Self::People,
        Self::Government,
        Self::Economy,
    ];

    /// The area with an identifier as in scene files ("mobility").
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|area| area.key().strip_prefix("area-") == Some(id))
    }

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
    /// Pictures on the ground.
    Imagery,
    /// A GeoJSON file or another set of features.
    Features,
    /// A table whose columns are properties of the tilesets' features.
    Table,
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
    /// How its features look; none where they cannot be styled.
    pub style: Option<StyleModel>,
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
    pub const ALL: [Self; 6] = [
        Self::Good,
        Self::NotEvaluated,
        Self::Stale,
        Self::Suspect,
        Self::Failed,
        Self::Missing,
    ];

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
        /// The colour map's name: one of [`colormap::NAMES`](crate::ui::colormap::NAMES).
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
