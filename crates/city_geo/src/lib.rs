//! Where things are: WGS 84, local frames, projected reference systems, cameras and bounding volumes.
//!
//! Everything is `f64`. Three frames are used, and matrices are named `a_from_b`:
//!
//! - **ecef**: earth-centred, earth-fixed (EPSG:4978), metres; x through (0° N, 0° E), z through the north pole;
//! - **local**: east-north-up at an origin, metres (see [`LocalFrame`]);
//! - **camera**: x right, y up, looking along −z, metres (see [`Camera`]).
//!
//! The crate knows no engine, reads no clock and no file, and never panics on numbers it is given: what is
//! not finite comes back as "not finite" or as an error, and volumes made by their checked constructors are finite.
// `!(x > 0.0)` is how NaN is sent down the refusing branch.
#![allow(clippy::neg_cmp_op_on_partial_ord)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod angle;
mod camera;
mod clip;
mod crs;
mod ellipsoid;
mod frame;
mod ray;
mod volume;

pub use angle::{clamp_to_arc, wrap_0_tau, wrap_pi};
pub use camera::{Camera, CameraParseError, MAX_PITCH_RAD};
pub use clip::{Clip, ClipPlane, MAX_CLIP_CORNERS, MAX_CLIP_PLANES, Outlines, Share};
pub use crs::{CrsError, ProjectedCrs};
pub use ellipsoid::{
    ECCENTRICITY_SQUARED, FLATTENING, Geodetic, SEMI_MAJOR_M, SEMI_MINOR_M, ecef_from_geodetic,
    geodetic_from_ecef, surface_normal,
};
pub use frame::LocalFrame;
pub use glam::{DMat3, DMat4, DQuat, DVec2, DVec3, DVec4};
pub use ray::Ray;
pub use volume::{BoundingVolume, Frustum, Intersection, OrientedBox, Region, Sphere, VolumeError};
