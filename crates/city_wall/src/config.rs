//! `wall.toml`: one file that describes the whole wall, the same on every machine of it.

use std::fmt;
use std::net::SocketAddr;

use city_geo::DVec3;
use serde::Deserialize;

/// Longest configuration, bytes.
pub const MAX_CONFIG_BYTES: usize = 1 << 18;
/// Most nodes of a wall.
pub const MAX_NODES: usize = 64;
/// Most leaders of a wall, standbys included.
pub const MAX_LEADERS: usize = 4;
/// Most screens of a node.
pub const MAX_OUTPUTS: usize = 8;
/// Most pixels of the wall along one side.
pub const MAX_WALL_PX: u32 = 65_536;
/// Longest identifier, bytes; they travel in packets.
pub const MAX_ID_BYTES: usize = 32;
/// Shortest token, bytes.
pub const MIN_TOKEN_BYTES: usize = 16;

/// How nodes agree on when a frame is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sync {
    /// Every frame says when it is to be shown; nodes know the leader's clock to a millisecond or so.
    #[default]
    Clock,
    /// Frames are shown on arrival, and the next one is sent when all nodes have shown the last, or after 75 ms: a
    /// late node never stops the wall.
    Barrier,
}

/// A wall. Made by [`WallConfig::parse`], which checks it.
#[derive(Debug, Clone, PartialEq)]
pub struct WallConfig {
    /// Name of the file as it was opened; relative addresses are beside it.
    pub file: String,
    /// Name, shown to operators. Walls with different names do not hear each other.
    pub name: String,
    /// Width and height of the wall's flat part, visible pixels.
    pub pixels: [u32; 2],
    /// Distance between two pixels' middles, millimetres, where it is known.
    pub pixel_pitch_mm: Option<f64>,
    /// Width of the gap between neighbouring screens (x) and height of it (y), millimetres.
    pub bezel_mm: [f64; 2],
    /// From the eye to the plane of the flat screens, metres.
    pub view_distance_m: f64,
    /// The eye in the wall's frame: millimetres; x right, y up, z towards the viewer. Screens with corners are placed
    /// in this frame; flat ones stand at z = −`view_distance_m`, their middle at x = y = 0.
    pub eye_mm: DVec3,
    /// When frames are shown.
    pub sync: Sync,
    /// From sending a frame to showing it, milliseconds: what late packets may take.
    pub lead_ms: f64,
    /// The scene: path beside this file, or URL.
    pub scene: String,
    /// The hub that serves tiles and readings to all nodes.
    pub hub: Option<String>,
    /// What all machines of the wall and its operators know, or the environment variable that has it.
    pub token: TokenSource,
    /// Leaders, the preferred one first.
    pub leaders: Vec<LeaderConfig>,
    /// Nodes.
    pub nodes: Vec<NodeConfig>,
}

/// Where the token is. Not shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub enum TokenSource {
    /// In the file.
    Inline(String),
    /// In an environment variable.
    Environment(String),
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inline(_) => f.write_str("Inline(…)"),
            Self::Environment(name) => write!(f, "Environment({name:?})"),
        }
    }
}

/// A leader. Addresses are IP addresses: a wall does not wait for a name server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaderConfig {
    /// Identifier.
    pub id: String,
    /// Where it sends frames from and hears reports (UDP).
    pub frames: SocketAddr,
    /// Where it serves the operator's page and snapshots (HTTP).
    pub http: SocketAddr,
}

/// A node: one process that draws some of the screens.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeConfig {
    /// Identifier.
    pub id: String,
    /// Where it hears frames (UDP).
    pub listen: SocketAddr,
    /// Its screens.
    pub outputs: Vec<OutputConfig>,
}

/// A screen.
#[derive(Debug, Clone, PartialEq)]
pub struct OutputConfig {
    /// Which of the machine's displays, from 0.
    pub display: u32,
    /// Where it stands.
    pub placement: Placement,
}

/// Where a screen stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Placement {
    /// In the plane of the wall: x, y (from the top left), width, height in the wall's visible pixels.
    Flat {
        /// x, y, width, height.
        rect: [u32; 4],
    },
    /// Anywhere, by three corners in the wall's frame, millimetres.
    Angled {
        /// Width and height, pixels.
        pixels: [u32; 2],
        /// Lower left, lower right, upper left.
        corners_mm: [DVec3; 3],
    },
}

impl OutputConfig {
    /// Width and height, pixels.
    #[must_use]
    pub fn size_px(&self) -> [u32; 2] {
        match &self.placement {
            Placement::Flat {
                rect: [_, _, w, h], ..
            } => [*w, *h],
            Placement::Angled { pixels, .. } => *pixels,
        }
    }
}

impl WallConfig {
    /// A node by its identifier.
    #[must_use]
    pub fn node(&self, id: &str) -> Option<&NodeConfig> {
        self.nodes.iter().find(|node| node.id == id)
    }

    /// A leader's rank: 0 is the preferred one.
    #[must_use]
    pub fn leader_rank(&self, id: &str) -> Option<u8> {
        let index = self.leaders.iter().position(|leader| leader.id == id)?;
        u8::try_from(index).ok()
    }

    /// The leader of a rank.
    #[must_use]
    pub fn leader_of_rank(&self, rank: u8) -> Option<&LeaderConfig> {
        self.leaders.get(usize::from(rank))
    }

    /// From sending a frame to showing it, nanoseconds. With barriers a frame is shown on arrival.
    #[must_use]
    pub fn lead_ns(&self) -> i64 {
        match self.sync {
            Sync::Clock => (self.lead_ms * 1e6) as i64,
            Sync::Barrier => 0,
        }
    }

    /// The wall's token; `environment` answers for variables.
    ///
    /// # Errors
    /// When the variable is not set, or the token in it is too short to be one.
    pub fn token(
        &self,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<String, ConfigError> {
        let name = match &self.token {
            TokenSource::Inline(token) => return Ok(token.clone()),
            TokenSource::Environment(name) => name,
        };
        let fault = |cause: String, advice: String| ConfigError {
            file: self.file.clone(),
            place: None,
            cause,
            advice,
        };
        let token = environment(name).filter(|token| !token.is_empty());
        let token = token.ok_or_else(|| {
            let cause =
                format!("token_env names the environment variable {name}, which is not set");
            let advice = format!("Set {name} to the wall's token, the same on every machine");
            fault(cause, advice)
        })?;
        if token.len() < MIN_TOKEN_BYTES {
            let cause = format!("the token in {name} has {} bytes", token.len());
            let advice = format!("Use at least {MIN_TOKEN_BYTES} random ones");
            return Err(fault(cause, advice));
        }
        Ok(token)
    }

    /// The scene's address with variables replaced and paths beside the configuration made absolute or relative to
    /// the working directory.
    ///
    /// # Errors
    /// When a variable in it is not set.
    pub fn scene_location(
        &self,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<String, ConfigError> {
        city_scene::resolve_location(&self.scene, &self.file, environment).map_err(|error| {
            ConfigError {
                file: self.file.clone(),
                place: None,
                cause: format!("the scene's address cannot be used: {error}"),
                advice: String::new(),
            }
        })
    }
}

/// What is wrong with a configuration: where, why, and what to do, as of a scene.
pub use city_scene::SceneError as ConfigError;
