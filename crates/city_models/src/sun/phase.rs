//! Day, twilight, night.

/// How far into the night it is, by the true elevation of the sun's centre.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TwilightPhase {
    /// The sun's upper limb is up (above −0.833°).
    Day,
    /// Down to −6°: one can read outside.
    Civil,
    /// Down to −12°: the horizon can be seen at sea.
    Nautical,
    /// Down to −18°.
    Astronomical,
    /// Below −18°: no sunlight at all.
    Night,
}

impl TwilightPhase {
    /// The phase at an elevation (without refraction), radians.
    pub fn of_elevation(true_elevation_rad: f64) -> Self {
        let deg = true_elevation_rad.to_degrees();
        if deg > -50.0 / 60.0 {
            Self::Day
        } else if deg > -6.0 {
            Self::Civil
        } else if deg > -12.0 {
            Self::Nautical
        } else if deg > -18.0 {
            Self::Astronomical
        } else {
            Self::Night
        }
    }

    /// Identifier, also of its message: "day", "civil", "nautical", "astronomical", "night".
    pub const fn id(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Civil => "civil",
            Self::Nautical => "nautical",
            Self::Astronomical => "astronomical",
            Self::Night => "night",
        }
    }
}

/// How much of the artificial light is on: 0 while the sun is higher than 2°, 1 from the end of civil twilight (−6°)
/// on, smooth between. An assumption of the picture, not a measurement.
pub fn darkness(elevation_rad: f64) -> f64 {
    const ALL_OFF_DEG: f64 = 2.0;
    const ALL_ON_DEG: f64 = -6.0;
    let t =
        ((ALL_OFF_DEG - elevation_rad.to_degrees()) / (ALL_OFF_DEG - ALL_ON_DEG)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}
