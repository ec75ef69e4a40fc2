//! What an operator asks of the wall.

use std::f64::consts::TAU;

use city_scene::{MAX_TEXT_BYTES, Pose};
use city_time::{ClockCommand, Refusal};
use serde::{Deserialize, Serialize};

use crate::shared::{Theme, WallState};

/// Farthest that one command moves the camera, metres.
const MAX_MOVE_M: f64 = 1e6;
/// Most that one command zooms.
const MAX_ZOOM: f64 = 100.0;

/// How the wall goes to a preset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// The camera flies, two seconds along an arc.
    #[default]
    Fly,
    /// At once.
    Cut,
    /// At once, when all nodes have its tiles, or after five seconds.
    WhenReady,
}

/// A command, as JSON: `{"freeze": true}`, `{"go_preset": {"id": "peak"}}`, `{"clock": "Play"}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// Puts the camera somewhere at once.
    SetCamera(Pose),
    /// Moves and turns the camera.
    MoveCamera {
        /// Over the ground in the direction of view, metres.
        #[serde(default)]
        forward_m: f64,
        /// To the right, metres.
        #[serde(default)]
        right_m: f64,
        /// Upwards, metres.
        #[serde(default)]
        up_m: f64,
        /// Clockwise, radians.
        #[serde(default)]
        turn_rad: f64,
        /// Upwards, radians.
        #[serde(default)]
        tilt_rad: f64,
    },
    /// Moves the camera round what is in the middle of the picture, and towards it.
    OrbitCamera {
        /// Clockwise as seen from above, radians of the heading.
        #[serde(default)]
        turn_rad: f64,
        /// Upwards, radians of the pitch.
        #[serde(default)]
        tilt_rad: f64,
        /// Distance is divided by this.
        #[serde(default = "one")]
        zoom: f64,
    },
    /// Goes to a preset.
    GoPreset {
        /// Its identifier.
        id: String,
        /// How.
        #[serde(default)]
        how: How,
        /// Also sets the clock to the time at which the preset is best seen, if it has one.
        #[serde(default)]
        time: bool,
    },
    /// Sets the clock.
    Clock(ClockCommand),
    /// Shows, hides or fades a layer; what is not given stays.
    SetLayer {
        /// Its identifier.
        id: String,
        /// Whether it is drawn.
        #[serde(default)]
        visible: Option<bool>,
        /// 0 (clear) to 1 (solid).
        #[serde(default)]
        opacity: Option<f64>,
    },
    /// Holds the picture, or lets it go on.
    Freeze(bool),
    /// Shows on every screen which it is.
    Identify(bool),
    /// Sets the colours of the panels.
    SetTheme(Theme),
    /// Opens a scenario by its path or URL, or none.
    OpenScenario(Option<String>),
}

fn one() -> f64 {
    1.0
}

/// Why a command is not carried out.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CommandError {
    /// This leader does not lead.
    #[error("this leader stands by: {}", match active {
        Some(id) => format!("{id} leads the wall, send commands there"),
        None => "no leader is heard yet, try again in a second".to_owned(),
    })]
    NotActive {
        /// The leader that does, if it is known.
        active: Option<String>,
    },
    /// No such preset.
    #[error("the scene has no preset \"{0}\"")]
    UnknownPreset(String),
    /// No such layer.
    #[error("the scene has no layer \"{0}\"")]
    UnknownLayer(String),
    /// A number out of range.
    #[error("{name} is {value}, but must be between {min} and {max}")]
    Number {
        /// Which.
        name: &'static str,
        /// What was given.
        value: f64,
        /// Least allowed.
        min: f64,
        /// Most allowed.
        max: f64,
    },
    /// A text that is too long.
    #[error("the {0} is empty or longer than {MAX_TEXT_BYTES} bytes")]
    Text(&'static str),
    /// The clock refuses.
    #[error("the clock stays: {0}")]
    Clock(#[from] Refusal),
}

fn number(name: &'static str, value: f64, [min, max]: [f64; 2]) -> Result<(), CommandError> {
    if (min..=max).contains(&value) {
        return Ok(());
    }
    Err(CommandError::Number {
        name,
        value,
        min,
        max,
    })
}

impl Command {
    /// Whether it can be carried out on a state.
    ///
    /// # Errors
    /// When a number is out of range or a name is not the state's.
    pub fn check(&self, state: &WallState) -> Result<(), CommandError> {
        match self {
            Self::SetCamera(pose) => check_pose(pose),
            Self::MoveCamera {
                forward_m,
                right_m,
                up_m,
                turn_rad,
                tilt_rad,
            } => {
                let range = [-MAX_MOVE_M, MAX_MOVE_M];
                number("forward_m", *forward_m, range)?;
                number("right_m", *right_m, range)?;
                number("up_m", *up_m, range)?;
                number("turn_rad", *turn_rad, [-TAU, TAU])?;
                number("tilt_rad", *tilt_rad, [-TAU, TAU])
            }
            Self::OrbitCamera {
                turn_rad,
                tilt_rad,
                zoom,
            } => {
                number("turn_rad", *turn_rad, [-TAU, TAU])?;
                number("tilt_rad", *tilt_rad, [-TAU, TAU])?;
                number("zoom", *zoom, [1.0 / MAX_ZOOM, MAX_ZOOM])
            }
            Self::GoPreset { id, .. } => match state.preset(id) {
                Some(_) => Ok(()),
                None => Err(CommandError::UnknownPreset(shown(id))),
            },
            Self::SetLayer { id, opacity, .. } => {
                if state.layer(id).is_none() {
                    return Err(CommandError::UnknownLayer(shown(id)));
                }
                opacity.map_or(Ok(()), |opacity| number("opacity", opacity, [0.0, 1.0]))
            }
            Self::OpenScenario(Some(address))
                if address.trim().is_empty() || address.len() > MAX_TEXT_BYTES =>
            {
                Err(CommandError::Text("scenario's address"))
            }
            Self::Clock(_)
            | Self::Freeze(_)
            | Self::Identify(_)
            | Self::SetTheme(_)
            | Self::OpenScenario(_) => Ok(()),
        }
    }
}

pub(crate) fn check_pose(pose: &Pose) -> Result<(), CommandError> {
    number("lon", pose.lon, [-360.0, 360.0])?;
    number("lat", pose.lat, [-90.0, 90.0])?;
    number("height", pose.height, [-12_000.0, 1e8])?;
    number("heading", pose.heading, [-360.0, 360.0])?;
    number("pitch", pose.pitch, [-90.0, 90.0])?;
    number("fov", pose.fov.unwrap_or(45.0), [1.0, 150.0])
}

fn shown(text: &str) -> String {
    text.chars().take(80).collect()
}
