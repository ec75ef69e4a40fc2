//! Bounding volumes of 3D Tiles 1.1 (clause "Bounding volumes"): oriented box, sphere and region.

mod frustum;
mod oriented_box;
mod region;

use glam::{DMat4, DVec3, DVec4};
use serde::{Deserialize, Serialize};

pub use frustum::{Frustum, Intersection};
pub use oriented_box::OrientedBox;
pub use region::Region;

/// How far outside a volume a point may be and still count as contained, metres: rounding of ECEF coordinates.
const CONTAINS_TOLERANCE_M: f64 = 1e-6;

/// A sphere.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Sphere {
    /// Middle, metres.
    pub center: DVec3,
    /// Radius, metres.
    pub radius_m: f64,
}

/// What encloses a tile or its content. Boxes and spheres are in the tile's frame until transformed; regions are
/// always geographic.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum BoundingVolume {
    /// An oriented box.
    Box(OrientedBox),
    /// A sphere.
    Sphere(Sphere),
    /// A range of longitude, latitude and height on WGS 84.
    Region(Region),
}

/// Why a bounding volume's numbers were refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum VolumeError {
    /// A number that is NaN or infinite.
    #[error("number {index} of the bounding {kind} is not finite")]
    NotFinite {
        /// "box", "sphere" or "region".
        kind: &'static str,
        /// Its place in the array, from 0.
        index: usize,
    },
    /// A sphere with a negative radius.
    #[error("the bounding sphere's radius is {radius_m} m, but must not be negative")]
    NegativeRadius {
        /// The radius.
        radius_m: f64,
    },
    /// A region whose angles cannot be radians of longitude and latitude.
    #[error(
        "the bounding region's {name} is {value}: longitudes are radians in [-pi, pi], latitudes in [-pi/2, pi/2]"
    )]
    Angle {
        /// Which of west, south, east, north.
        name: &'static str,
        /// What was given.
        value: f64,
    },
    /// South is north of north.
    #[error("the bounding region's south ({south}) is greater than its north ({north})")]
    SouthAboveNorth {
        /// South, radians.
        south: f64,
        /// North, radians.
        north: f64,
    },
    /// The lowest height is above the highest.
    #[error(
        "the bounding region's minimum height ({min_m} m) is greater than its maximum ({max_m} m)"
    )]
    HeightsSwapped {
        /// Minimum, metres.
        min_m: f64,
        /// Maximum, metres.
        max_m: f64,
    },
}

pub(crate) fn check_finite(kind: &'static str, numbers: &[f64]) -> Result<(), VolumeError> {
    match numbers.iter().position(|n| !n.is_finite()) {
        Some(index) => Err(VolumeError::NotFinite { kind, index }),
        None => Ok(()),
    }
}

impl Sphere {
    /// From a tileset's four numbers: x, y, z, radius.
    pub fn from_array(numbers: [f64; 4]) -> Result<Self, VolumeError> {
        check_finite("sphere", &numbers)?;
        let [x, y, z, radius_m] = numbers;
        if radius_m < 0.0 {
            return Err(VolumeError::NegativeRadius { radius_m });
        }
        Ok(Self {
            center: DVec3::new(x, y, z),
            radius_m,
        })
    }
}

impl BoundingVolume {
    /// The volume in the frame that `matrix` leads to. A region stays as it is (3D Tiles 1.1, "Tile transforms").
    ///
    /// A sphere grows by the matrix's largest scale, so it still encloses what it did.
    pub fn transformed(&self, matrix: &DMat4) -> Self {
        match self {
            Self::Box(b) => Self::Box(b.transformed(matrix)),
            Self::Sphere(s) => {
                // The Frobenius norm bounds the largest singular value from above; for the usual rotation with
                // uniform scale it is √3 too much, so take the columns when they are orthogonal.
                let columns = [
                    matrix.x_axis.truncate(),
                    matrix.y_axis.truncate(),
                    matrix.z_axis.truncate(),
                ];
                let longest = columns
                    .iter()
                    .map(|c| c.length_squared())
                    .fold(0.0, f64::max);
                let [x, y, z] = columns;
                let skew = x.dot(y).abs().max(y.dot(z).abs()).max(z.dot(x).abs());
                let scale = if skew <= 1e-9 * longest {
                    longest.sqrt()
                } else {
                    columns
                        .iter()
                        .map(|c| c.length_squared())
                        .sum::<f64>()
                        .sqrt()
                };
                Self::Sphere(Sphere {
                    center: matrix.transform_point3(s.center),
                    radius_m: s.radius_m * scale,
                })
            }
            Self::Region(r) => Self::Region(*r),
        }
    }

    /// Distance from a point to the volume, metres; 0 inside. Exact for all three kinds.
    pub fn distance_to(&self, p_ecef: DVec3) -> f64 {
        match self {
            Self::Box(b) => b.distance_to(p_ecef),
            Self::Sphere(s) => ((p_ecef - s.center).length() - s.radius_m).max(0.0),
            Self::Region(r) => r.distance_to(p_ecef),
        }
    }

    /// Whether a point is in the volume (to a micrometre).
    pub fn contains(&self, p_ecef: DVec3) -> bool {
        self.distance_to(p_ecef) <= CONTAINS_TOLERANCE_M
    }

    /// Least and greatest signed distance to a plane (unit normal and offset, `n·x + w`), metres.
    pub fn plane_range(&self, plane: DVec4) -> (f64, f64) {
        let normal = plane.truncate();
        match self {
            Self::Box(b) => {
                let (mid, half) = (normal.dot(b.center) + plane.w, b.half_extent_along(normal));
                (mid - half, mid + half)
            }
            Self::Sphere(s) => {
                let mid = normal.dot(s.center) + plane.w;
                (mid - s.radius_m, mid + s.radius_m)
            }
            Self::Region(r) => (plane.w - r.support(-normal), plane.w + r.support(normal)),
        }
    }

    /// Where the volume lies with respect to a view. Never [`Intersection::Outside`] for a volume that is partly
    /// inside; a volume near an edge of the view may be called intersecting although it is outside.
    pub fn intersects(&self, frustum: &Frustum) -> Intersection {
        let mut result = Intersection::Inside;
        for plane in frustum.planes {
            let (least, greatest) = self.plane_range(plane);
            if greatest < 0.0 {
                return Intersection::Outside;
            }
            // Written so that NaN ends up here: what cannot be decided is not culled.
            if !(least >= 0.0) {
                result = Intersection::Intersecting;
            }
        }
        result
    }

    /// A point in the middle.
    pub fn center(&self) -> DVec3 {
        match self {
            Self::Box(b) => b.center,
            Self::Sphere(s) => s.center,
            Self::Region(r) => r.enclosing_box().center,
        }
    }

    /// A sphere that encloses the volume: middle and radius in metres.
    pub fn bounding_sphere(&self) -> (DVec3, f64) {
        match self {
            Self::Box(b) => (b.center, b.half_diagonal()),
            Self::Sphere(s) => (s.center, s.radius_m),
            Self::Region(r) => {
                let b = r.enclosing_box();
                (b.center, b.half_diagonal())
            }
        }
    }

    /// Eight corners for drawing: bit 0 is +x or east, bit 1 +y or north, bit 2 +z or up.
    /// A sphere gives its axis-aligned cube.
    pub fn corners(&self) -> [DVec3; 8] {
        match self {
            Self::Box(b) => b.corners(),
            Self::Sphere(s) => OrientedBox {
                center: s.center,
                half_axes: glam::DMat3::from_diagonal(DVec3::splat(s.radius_m)),
            }
            .corners(),
            Self::Region(r) => r.corners(),
        }
    }
}
