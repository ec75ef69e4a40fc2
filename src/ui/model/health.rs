//! How the program, its tiles and its feeds are doing.

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
    /// True while it is starting, before it was ever connected.
    pub starting: bool,
    /// True when it is simulated.
    pub simulated: bool,
    /// Age of its newest reading, seconds.
    pub age_s: Option<f64>,
    /// Readings each second, between the last two reports.
    pub rate_per_s: f64,
    /// Readings accepted since the start.
    pub accepted: u64,
    /// Why it is not connected, in words; empty while it is.
    pub why: String,
    /// Readings refused since the start, by reason: an identifier for which the message files have
    /// `reject-<id>`, or plain words.
    pub rejects: Vec<(String, u64)>,
}

/// Drawn tiles of one level of the tree.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LevelCount {
    /// Level; 0 is the root.
    pub level: u32,
    /// Tiles drawn.
    pub count: usize,
    /// The colour that stands for the level (sRGB) when tiles are coloured by level, and of its volumes.
    pub color: [u8; 3],
}

/// Tile debugging, as in other viewers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
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
    /// Drawn tiles by level, from the root.
    pub levels: Vec<LevelCount>,
}
