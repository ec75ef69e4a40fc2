//! What is cut away of the city, as far as the panels show it.

/// A plane that cuts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlaneModel {
    /// Where what is cut off lies: degrees clockwise from north.
    pub heading_deg: f64,
    /// The same, degrees above the horizon: 0 for an upright plane, 90 for one that takes off what is above it.
    pub tilt_deg: f64,
    /// How far the plane was moved from where it was put, metres toward what is cut off.
    pub offset_m: f64,
    /// The other side is cut off.
    pub flipped: bool,
}

/// An outline that cuts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OutlineModel {
    /// How many corners it has.
    pub corners: usize,
    /// Its area on the map, square metres.
    pub area_m2: f64,
}

/// Clipping, as far as the panels show it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ClipModel {
    /// The city is cut.
    pub on: bool,
    /// The planes.
    pub planes: Vec<PlaneModel>,
    /// The one that has its handle in the picture.
    pub chosen: Option<usize>,
    /// Only what all planes cut off is cut away.
    pub together: bool,
    /// The outlines.
    pub outlines: Vec<OutlineModel>,
    /// The inside of the outlines stays.
    pub keeps_inside: bool,
    /// Corners of the outline that is being drawn.
    pub drawing: Option<usize>,
    /// More corners than these cannot be added.
    pub corners_left: usize,
}

/// The planes that there may be.
pub const MAX_PLANES: usize = city_geo::MAX_CLIP_PLANES;
