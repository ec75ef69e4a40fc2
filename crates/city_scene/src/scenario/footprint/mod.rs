//! Footprints: outlines in degrees, measured and changed in metres.
//!
//! Metres are those of a local east-north-up frame in the outline's middle, so that shapes keep their size wherever
//! they are moved.

mod crossing;
mod mesh;

use city_geo::{DVec3, Geodetic, LocalFrame};
use geo::{Area, BoundingRect, Centroid, Contains, MapCoords, Validation};
use geo_types::{Coord, Polygon};

pub use crossing::{Crossing, crossings};
pub use mesh::{Mesh, extrude};

/// Outlines that span more than this are not of this city, degrees.
const MAX_SPAN_DEG: f64 = 0.5;

/// What is wrong with an outline.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FootprintFault {
    /// Less than three corners, or all on one line.
    #[error("the outline has no three corners that enclose something")]
    TooFewCorners,
    /// NaN or infinite, or no longitude and latitude.
    #[error("corner {corner} of the outline is no place ({lon}, {lat})")]
    NoPlace {
        /// Which, from 1.
        corner: usize,
        /// Longitude as given, degrees.
        lon: f64,
        /// Latitude as given, degrees.
        lat: f64,
    },
    /// Spans half a degree or more.
    #[error("the outline spans {span_deg:.2} degrees")]
    TooLarge {
        /// The larger of its extents.
        span_deg: f64,
    },
    /// Crosses or touches itself.
    #[error("the outline crosses itself: {0}")]
    Crossing(Crossing),
    /// A hole that is not inside, or another rule of simple features.
    #[error("the outline is not valid: {0}")]
    Invalid(String),
}

impl FootprintFault {
    /// What to do about it.
    pub const fn advice(&self) -> &'static str {
        match self {
            Self::TooFewCorners => "Draw at least three corners",
            Self::NoPlace { .. } => "Write longitude and latitude in degrees, longitude first",
            Self::TooLarge { .. } => "Draw a smaller one",
            Self::Crossing(_) => "Move one of the corners so that no two sides meet",
            Self::Invalid(_) => "Keep holes inside the outline and apart from each other",
        }
    }
}

/// Corners, without those that close a ring.
pub fn vertices(polygon: &Polygon<f64>) -> usize {
    std::iter::once(polygon.exterior())
        .chain(polygon.interiors())
        .map(|ring| ring.0.len().saturating_sub(1))
        .sum()
}

/// Whether an outline can be used: finite, in range, not crossing itself, holes inside.
///
/// # Errors
/// The first fault; a crossing names its edges.
pub fn check(polygon: &Polygon<f64>) -> Result<(), FootprintFault> {
    let rings = std::iter::once(polygon.exterior()).chain(polygon.interiors());
    if rings.clone().any(|ring| ring.0.len() < 4) {
        return Err(FootprintFault::TooFewCorners);
    }
    for (index, p) in rings.flat_map(|ring| &ring.0).enumerate() {
        if !((-180.0..=180.0).contains(&p.x) && (-90.0..=90.0).contains(&p.y)) {
            return Err(FootprintFault::NoPlace {
                corner: index + 1,
                lon: p.x,
                lat: p.y,
            });
        }
    }
    let bounds = polygon
        .bounding_rect()
        .ok_or(FootprintFault::TooFewCorners)?;
    let span_deg = bounds.width().max(bounds.height());
    if span_deg >= MAX_SPAN_DEG {
        return Err(FootprintFault::TooLarge { span_deg });
    }
    if let Some(crossing) = crossings(polygon).first() {
        return Err(FootprintFault::Crossing(*crossing));
    }
    if polygon.unsigned_area() <= 0.0 {
        return Err(FootprintFault::TooFewCorners);
    }
    polygon
        .check_validation()
        .map_err(|error| FootprintFault::Invalid(error.to_string()))
}

/// Area without holes, square metres; 0 for what has none.
pub fn area_m2(polygon: &Polygon<f64>) -> f64 {
    Local::of(polygon).map_or(0.0, |local| local.plan(polygon).unsigned_area())
}

/// The middle of the area, degrees; `None` for an outline without corners or with numbers that are none.
pub fn centroid(polygon: &Polygon<f64>) -> Option<Coord<f64>> {
    let local = Local::of(polygon)?;
    let middle = local.plan(polygon).centroid()?;
    Some(local.degrees(DVec3::new(middle.x(), middle.y(), 0.0)))
}

/// How far apart the middles of two outlines are, metres.
pub fn distance_m(a: &Polygon<f64>, b: &Polygon<f64>) -> Option<f64> {
    let (a, b) = (centroid(a)?, centroid(b)?);
    Some(Local::at(a).metres(b).length())
}

/// How wide an outline is from west to east, metres; 0 for what has no corners.
pub fn width_m(polygon: &Polygon<f64>) -> f64 {
    let plan = Local::of(polygon).map(|local| local.plan(polygon));
    let bounds = plan.and_then(|plan| plan.bounding_rect());
    bounds.map_or(0.0, |bounds| bounds.width())
}

/// Whether a place (degrees) is inside an outline; not on its edge.
pub fn contains(polygon: &Polygon<f64>, lon: f64, lat: f64) -> bool {
    polygon.contains(&Coord { x: lon, y: lat })
}

/// The outline, moved.
pub fn moved(polygon: &Polygon<f64>, east_m: f64, north_m: f64) -> Polygon<f64> {
    changed(polygon, |_| Some((DVec3::new(east_m, north_m, 0.0), 0.0)))
}

/// The outline, turned about its middle, clockwise seen from above.
pub fn turned(polygon: &Polygon<f64>, clockwise_deg: f64) -> Polygon<f64> {
    changed(polygon, |_| Some((DVec3::ZERO, clockwise_deg)))
}

/// The outline with its middle at a place (degrees).
pub fn moved_to(polygon: &Polygon<f64>, lon: f64, lat: f64) -> Polygon<f64> {
    changed(polygon, |local| {
        let to = local
            .frame
            .local_from_geodetic(Geodetic::from_degrees(lon, lat, 0.0));
        Some((to, 0.0))
    })
}

/// The outline after a move (metres) and a turn about its middle; as it was where that gives no place.
fn changed(
    polygon: &Polygon<f64>,
    change: impl Fn(&Local) -> Option<(DVec3, f64)>,
) -> Polygon<f64> {
    let attempt = || {
        let middle = centroid(polygon)?;
        let from = Local::at(middle);
        let (shift, clockwise_deg) = change(&from)?;
        // The new place's own frame: the shape stays the same however far it goes.
        let to = Local::at(from.degrees(shift));
        let (sin, cos) = clockwise_deg.to_radians().sin_cos();
        let result = polygon.map_coords(|p| {
            let q = from.metres(p);
            to.degrees(DVec3::new(
                q.x * cos + q.y * sin,
                q.y * cos - q.x * sin,
                q.z,
            ))
        });
        let mut corners = result.exterior().0.iter();
        corners
            .all(|p| p.x.is_finite() && p.y.is_finite())
            .then_some(result)
    };
    attempt().unwrap_or_else(|| polygon.clone())
}

/// A frame near an outline.
pub(super) struct Local {
    frame: LocalFrame,
}

impl Local {
    fn at(place: Coord<f64>) -> Self {
        Self {
            frame: LocalFrame::enu(Geodetic::from_degrees(place.x, place.y, 0.0)),
        }
    }

    /// In the middle of an outline's bounds.
    fn of(polygon: &Polygon<f64>) -> Option<Self> {
        let middle = polygon.bounding_rect()?.center();
        (middle.x.is_finite() && middle.y.is_finite()).then(|| Self::at(middle))
    }

    fn metres(&self, p: Coord<f64>) -> DVec3 {
        self.frame
            .local_from_geodetic(Geodetic::from_degrees(p.x, p.y, 0.0))
    }

    fn degrees(&self, p: DVec3) -> Coord<f64> {
        let place = self.frame.geodetic_from_local(p);
        Coord {
            x: place.lon_deg(),
            y: place.lat_deg(),
        }
    }

    fn plan(&self, polygon: &Polygon<f64>) -> Polygon<f64> {
        polygon.map_coords(|p| {
            let q = self.metres(p);
            Coord { x: q.x, y: q.y }
        })
    }
}
