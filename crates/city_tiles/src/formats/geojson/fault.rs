//! What can be wrong with one feature.

/// Why a feature is left out.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FeatureFault {
    /// Not a feature by its JSON, in the reader's words.
    #[error("{0}")]
    Malformed(String),
    /// `"geometry": null`, which the standard allows for features without a place.
    #[error("it has no geometry")]
    NoGeometry,
    /// Coordinates are an empty list.
    #[error("its {0} is empty")]
    Empty(&'static str),
    /// A position with fewer than two numbers.
    #[error("a position has {0} of the two numbers that it needs")]
    ShortPosition(usize),
    /// NaN or infinity.
    #[error("a coordinate is not a finite number")]
    NotFinite,
    /// No longitude on the Earth.
    #[error(
        "longitude {0} is out of range; coordinates must be degrees in WGS 84, longitude first"
    )]
    Longitude(f64),
    /// No latitude on the Earth.
    #[error("latitude {0} is out of range; coordinates must be degrees in WGS 84, longitude first")]
    Latitude(f64),
    /// A line of less than two different positions.
    #[error("a line needs two different positions")]
    ShortLine,
    /// A ring of less than three different positions.
    #[error("a ring has {0} positions and needs four, the last as the first")]
    ShortRing(usize),
    /// The last position of a ring is not the first.
    #[error("ring {0} is not closed: its last position must be its first")]
    OpenRing(usize),
    /// A ring around nothing.
    #[error("ring {0} encloses no area")]
    FlatRing(usize),
    /// Too many positions in one polygon.
    #[error("a polygon of {found} positions is more than the limit of {limit}; simplify it")]
    TooLarge {
        /// Positions there.
        found: usize,
        /// Positions allowed.
        limit: usize,
    },
    /// Geometry collections inside each other.
    #[error("geometry collections nest deeper than {0}")]
    TooDeep(usize),
}

/// A feature that is left out: which, and why.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("feature {index}{}: {fault}", .id.as_ref().map_or_else(String::new, |id| format!(" (id {id})")))]
pub struct FeatureError {
    /// Place in the file's list, from 0.
    pub index: usize,
    /// Its `id`, where it has one.
    pub id: Option<String>,
    /// Why.
    pub fault: FeatureFault,
}
