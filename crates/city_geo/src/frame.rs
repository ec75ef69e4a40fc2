//! The local east-north-up frame in which a scene is drawn.

use glam::{DMat4, DVec3};

use crate::ellipsoid::{Geodetic, ecef_from_geodetic, geodetic_from_ecef};

/// East-north-up at an origin on or above the ellipsoid: x east, y north, z up, metres.
///
/// The x-y plane is tangent to the ellipsoid at the origin, so that at 20 km from it the ground is 31 m below
/// z = 0: heights come from [`LocalFrame::geodetic_from_local`], not from z.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LocalFrame {
    origin: Geodetic,
    ecef_from_local: DMat4,
    local_from_ecef: DMat4,
}

impl LocalFrame {
    /// The frame at `origin`.
    pub fn enu(origin: Geodetic) -> Self {
        let (east, north, up) = enu_axes(origin);
        let position = ecef_from_geodetic(origin);
        let ecef_from_local = DMat4::from_cols(
            east.extend(0.0),
            north.extend(0.0),
            up.extend(0.0),
            position.extend(1.0),
        );
        // A rotation and a shift: the transpose is more exact than a general inverse.
        let rotation = glam::DMat3::from_cols(east, north, up).transpose();
        let local_from_ecef = DMat4::from_mat3_translation(rotation, -(rotation * position));
        Self {
            origin,
            ecef_from_local,
            local_from_ecef,
        }
    }

    /// The frame's origin.
    pub fn origin(&self) -> Geodetic {
        self.origin
    }

    /// Local metres to ECEF.
    pub fn ecef_from_local(&self) -> DMat4 {
        self.ecef_from_local
    }

    /// ECEF to local metres.
    pub fn local_from_ecef(&self) -> DMat4 {
        self.local_from_ecef
    }

    /// The local position of an ECEF position.
    ///
    /// Subtracts before it rotates, which keeps a nanometre near the origin where the matrix keeps two.
    pub fn local_of_ecef(&self, p_ecef: DVec3) -> DVec3 {
        self.local_from_ecef
            .transform_vector3(p_ecef - self.ecef_from_local.w_axis.truncate())
    }

    /// The ECEF position of a local position.
    pub fn ecef_of_local(&self, p_local: DVec3) -> DVec3 {
        self.ecef_from_local.transform_point3(p_local)
    }

    /// The local position of a place.
    pub fn local_from_geodetic(&self, g: Geodetic) -> DVec3 {
        self.local_of_ecef(ecef_from_geodetic(g))
    }

    /// The place of a local position.
    pub fn geodetic_from_local(&self, p_local: DVec3) -> Geodetic {
        geodetic_from_ecef(self.ecef_of_local(p_local))
    }

    /// A direction turned from ECEF into the local frame.
    pub fn local_direction(&self, direction_ecef: DVec3) -> DVec3 {
        self.local_from_ecef.transform_vector3(direction_ecef)
    }

    /// A direction turned from the local frame into ECEF.
    pub fn ecef_direction(&self, direction_local: DVec3) -> DVec3 {
        self.ecef_from_local.transform_vector3(direction_local)
    }
}

/// Unit east, north and up at a place, in ECEF. Well defined at the poles too, by the place's longitude.
pub(crate) fn enu_axes(g: Geodetic) -> (DVec3, DVec3, DVec3) {
    let (sin_lat, cos_lat) = g.lat_rad.sin_cos();
    let (sin_lon, cos_lon) = g.lon_rad.sin_cos();
    (
        DVec3::new(-sin_lon, cos_lon, 0.0),
        DVec3::new(-sin_lat * cos_lon, -sin_lat * sin_lon, cos_lat),
        DVec3::new(cos_lat * cos_lon, cos_lat * sin_lon, sin_lat),
    )
}
