//! What goes into a [`Streamer`](super::Streamer) and what comes out.

use std::fmt;

use city_geo::{BoundingVolume, DMat4, DVec3, Frustum};

use crate::Limits;
use crate::tileset::{Refine, UpAxis};

/// One camera looking at the tileset. Several may share a streamer; each tile is as fine as the neediest wants it.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// Eye, ECEF metres.
    pub position: DVec3,
    /// Viewing direction, unit length.
    pub forward: DVec3,
    /// What it can see.
    pub frustum: Frustum,
    /// Height of the picture, physical pixels.
    pub viewport_height_px: f64,
    /// Vertical field of view.
    pub fov_y_rad: f64,
}

/// How a failed request is tried again. Waits double and carry a spread that depends on the URL, not on chance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Requests in quick succession before a tile counts as failed.
    pub attempts: u8,
    /// Wait before the second attempt.
    pub first_wait_ms: u64,
    /// Longest wait between attempts.
    pub longest_wait_ms: u64,
    /// A tile that failed for a passing cause (no network, a server's error) is tried again after this.
    pub again_after_ms: u64,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 4,
            first_wait_ms: 500,
            longest_wait_ms: 15_000,
            again_after_ms: 60_000,
        }
    }
}

/// Settings of a [`Streamer`](super::Streamer).
#[derive(Clone, Debug, PartialEq)]
pub struct StreamOptions {
    /// Tiles are refined while their error on screen exceeds this.
    pub max_screen_space_error_px: f64,
    /// CPU and GPU bytes of contents, bytes under way, and the tree itself stay below this.
    pub byte_budget: u64,
    /// Requests under way at once.
    pub max_requests: usize,
    /// Contents being decoded at once; requests wait while there are more.
    pub max_decodes: usize,
    /// Load tiles just outside the view too, when nothing else is to be done and memory is plentiful.
    pub preload_siblings: bool,
    /// A request that no view wants any more is aborted after this; sooner where others wait.
    pub abort_after_ms: u64,
    /// Tile-tree branches (implicit subtrees, external tilesets) unseen for this long are freed.
    pub forget_after_ms: u64,
    /// How failed requests are repeated.
    pub retry: RetryPolicy,
    /// Raises the whole tileset along the ellipsoid's normal at its middle, metres; for producers that mixed
    /// heights above sea level with ellipsoidal ones.
    pub height_offset_m: f64,
    /// Hard limits on input.
    pub limits: Limits,
}

impl Default for StreamOptions {
    fn default() -> Self {
        Self {
            max_screen_space_error_px: 16.0,
            byte_budget: 512 << 20,
            max_requests: 20,
            max_decodes: 16,
            preload_siblings: true,
            abort_after_ms: 500,
            forget_after_ms: 20_000,
            retry: RetryPolicy::default(),
            height_offset_m: 0.0,
            limits: Limits::default(),
        }
    }
}

/// A tile, as long as the streamer knows it. Ids of forgotten tiles are never given again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TileId(pub(crate) u64);

impl TileId {
    pub(crate) fn new(index: u32, generation: u32) -> Self {
        Self(u64::from(generation) << 32 | u64::from(index))
    }

    pub(crate) fn index(self) -> u32 {
        self.0 as u32
    }

    pub(crate) fn generation(self) -> u32 {
        (self.0 >> 32) as u32
    }

    /// The id as a number, for messages to workers.
    pub fn to_bits(self) -> u64 {
        self.0
    }

    /// The id from [`TileId::to_bits`].
    pub fn from_bits(bits: u64) -> Self {
        Self(bits)
    }
}

impl fmt::Display for TileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tile {}.{}", self.index(), self.generation())
    }
}

/// A request under way. Never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u64);

/// Something to fetch now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchRequest {
    /// Answer with this to [`Streamer::fetched`](super::Streamer::fetched).
    pub id: RequestId,
    /// URL or path; a `data:` URL is answered by [`crate::uri::decode_data`].
    pub url: String,
    /// How it matters; requests are given in order of urgency.
    pub priority: Priority,
}

/// Why something is wanted, the most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// Nothing is drawn there yet.
    Hole,
    /// A finer picture.
    Refine,
    /// A coarser stand-in for when the camera moves.
    Ancestor,
    /// Just outside the view.
    Preload,
}

/// Why a request failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// No such file, HTTP 404 or 410. Not tried again.
    #[error("not found")]
    NotFound,
    /// Another HTTP status. 408, 425, 429 and 5xx are tried again.
    #[error("the server answered with status {0}{remedy}", remedy = remedy(*.0))]
    Status(u16),
    /// No answer, or half of one. Tried again.
    #[error("no whole answer: {0}")]
    Network(String),
    /// It took too long. Tried again.
    #[error("no answer in time")]
    TimedOut,
    /// Aborted on [`Selection::cancel`] or by the app; asked for again when wanted.
    #[error("aborted")]
    Cancelled,
    /// More bytes than allowed. Not tried again.
    #[error("more than {limit} bytes")]
    TooLarge {
        /// The limit that was exceeded.
        limit: u64,
    },
    /// The address is not allowed or not understood. Not tried again.
    #[error("{0}")]
    Refused(String),
}

/// What helps against a status; nothing where only the server can help.
fn remedy(status: u16) -> &'static str {
    match status {
        401 | 403 => ": it wants a key, or another one (docs/tilesets.md says how to give it)",
        _ => "",
    }
}

impl FetchError {
    /// Whether trying again may help.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Network(_) | Self::TimedOut | Self::Cancelled => true,
            Self::Status(code) => matches!(code, 408 | 425 | 429 | 500..=599),
            Self::NotFound | Self::TooLarge { .. } | Self::Refused(_) => false,
        }
    }
}

/// A content to decode with [`crate::formats`]; answer with [`Streamer::decoded`](super::Streamer::decoded).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeJob {
    /// The tile it belongs to.
    pub tile: TileId,
    /// Which of the tile's contents.
    pub content: u32,
    /// Where it came from; base of its own relative addresses.
    pub url: String,
    /// The file, without transfer compression.
    pub bytes: Vec<u8>,
    /// The tileset's `asset.gltfUpAxis`, for [`crate::formats::DecodeOptions`].
    pub up_axis: UpAxis,
    /// Files beside it that it needs and that could be had, by resolved address.
    pub external: Vec<(String, Vec<u8>)>,
}

impl DecodeJob {
    /// A file beside the content, as [`crate::formats::decode`] asks for it.
    pub fn external(&self, address: &str) -> Option<Vec<u8>> {
        self.external
            .iter()
            .find(|(url, _)| url == address)
            .map(|(_, bytes)| bytes.clone())
    }
}

/// What an update asks of the app.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Selection {
    /// Draw exactly these (all are uploaded), in tree order.
    pub show: Vec<TileId>,
    /// Free what is held for these; none of them is in `show`. Also stands for tiles decoded but not yet uploaded.
    pub evict: Vec<TileId>,
    /// Start these requests, the most urgent first.
    pub fetch: Vec<FetchRequest>,
    /// Abort these; an answer that comes nevertheless is ignored.
    pub cancel: Vec<RequestId>,
    /// Counts of this update.
    pub stats: Stats,
}

/// What the streamer holds and does.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Stats {
    /// Tiles known.
    pub tiles_known: usize,
    /// Tiles looked at in the last update.
    pub tiles_visited: usize,
    /// Tiles shown.
    pub tiles_shown: usize,
    /// Tiles on the GPU, shown or not.
    pub tiles_resident: usize,
    /// Tiles wanted but not yet there.
    pub tiles_waiting: usize,
    /// Tiles none of whose contents could be had (404, damaged …).
    pub tiles_failed: usize,
    /// Contents decoded since the start.
    pub contents_loaded: u64,
    /// Contents that failed for good since the start.
    pub contents_failed: u64,
    /// Requests under way.
    pub requests_in_flight: usize,
    /// Contents being decoded.
    pub decoding: usize,
    /// Requests since the start.
    pub requests: u64,
    /// Bytes received since the start.
    pub bytes_fetched: u64,
    /// Bytes of decoded contents, CPU and GPU.
    pub content_bytes: u64,
    /// Bytes of the tile tree.
    pub tree_bytes: u64,
    /// Bytes expected of what is under way.
    pub pending_bytes: u64,
    /// The budget.
    pub byte_budget: u64,
    /// The error target now; above the option's while memory is short.
    pub effective_error_px: f64,
}

impl Stats {
    /// All bytes that count against the budget.
    pub fn bytes(&self) -> u64 {
        self.content_bytes + self.tree_bytes + self.pending_bytes
    }
}

/// How far a tile is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TileState {
    /// It has no content.
    Empty,
    /// Its content (or its subtree) has not been asked for.
    Unloaded,
    /// Under way.
    Fetching,
    /// A request failed and will be repeated.
    Retrying,
    /// Being decoded.
    Decoding,
    /// Decoded, not yet on the GPU.
    Uploading,
    /// May be shown.
    Ready,
    /// It cannot be had; its parent stands in.
    Failed,
    /// Its content is another tileset, whose root is its child.
    External,
}

/// A tile, for drawing and for debugging.
#[derive(Clone, Debug, PartialEq)]
pub struct TileView {
    /// Its id.
    pub id: TileId,
    /// Its parent.
    pub parent: Option<TileId>,
    /// ECEF from the tile's frame.
    pub ecef_from_tile: DMat4,
    /// In ECEF.
    pub bounding_volume: BoundingVolume,
    /// In ECEF.
    pub content_bounding_volume: Option<BoundingVolume>,
    /// In ECEF.
    pub viewer_request_volume: Option<BoundingVolume>,
    /// Levels below the root.
    pub level: u32,
    /// Metres, with the transform's scale.
    pub geometric_error: f64,
    /// How its children relate to it.
    pub refine: Refine,
    /// How far it is.
    pub state: TileState,
    /// Bytes it holds, CPU and GPU.
    pub bytes: u64,
    /// Whether the last update shows it.
    pub shown: bool,
    /// Where its contents are.
    pub content_urls: Vec<String>,
    /// `level/x/y/z` in its implicit tiling.
    pub implicit: Option<crate::implicit::Coord>,
}

/// Something that went wrong and is worth showing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Counts up: a problem with a number not above the last one told has been told.
    pub serial: u64,
    /// The file, without query.
    pub url: String,
    /// Place, cause and consequence.
    pub what: String,
    /// Whether something is missing from the picture, as against a mere oddity.
    pub is_error: bool,
}
