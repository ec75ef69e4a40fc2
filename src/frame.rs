//! The scene's local frame: east, north, up at its origin, metres, f64.

use bevy::ecs::resource::Resource;
use city_geo::{Geodetic, LocalFrame, geodetic_from_ecef};
use glam::{DMat4, DVec3};

/// Local frame of the open scene. Tilesets that are not on the Earth (samples around the centre of
/// the coordinate system) get the identity, z up.
#[derive(Resource, Clone, Copy, Debug)]
pub struct SceneFrame {
    /// Earth-centred coordinates from local ones.
    pub ecef_from_local: DMat4,
    /// Local coordinates from Earth-centred ones.
    pub local_from_ecef: DMat4,
    /// Where camera poses live: as `ecef_from_local` on the Earth. Off the Earth a stand-in at
    /// longitude and latitude 0, so that heading, pitch and height keep their meaning.
    pub pose_from_local: DMat4,
    /// Where the origin is; `None` off the Earth.
    pub origin: Option<Geodetic>,
    /// Grows with every change, so that what was placed by the old frame is placed anew.
    pub generation: u32,
}

impl Default for SceneFrame {
    fn default() -> Self {
        Self::at(Geodetic::from_degrees(0.0, 0.0, 0.0))
    }
}

/// Nearer to the Earth's centre than this a tileset is taken to be a plain local one.
const OFF_EARTH_M: f64 = 5.0e6;

impl SceneFrame {
    /// The frame at a geodetic origin.
    #[must_use]
    pub fn at(origin: Geodetic) -> Self {
        let frame = LocalFrame::enu(origin);
        Self {
            ecef_from_local: frame.ecef_from_local(),
            pose_from_local: frame.ecef_from_local(),
            local_from_ecef: frame.local_from_ecef(),
            origin: Some(origin),
            generation: 0,
        }
    }

    /// The frame for a point in Earth-centred coordinates: its ENU, or a shift where it is not on the Earth.
    #[must_use]
    pub fn around_ecef(point: DVec3) -> Self {
        if point.length() > OFF_EARTH_M {
            let mut origin = geodetic_from_ecef(point);
            origin.height_m = 0.0;
            return Self::at(origin);
        }
        Self {
            ecef_from_local: DMat4::from_translation(point),
            pose_from_local: LocalFrame::enu(Geodetic::from_degrees(0.0, 0.0, 0.0))
                .ecef_from_local(),
            local_from_ecef: DMat4::from_translation(-point),
            origin: None,
            generation: 0,
        }
    }

    /// A local point as longitude, latitude (degrees) and ellipsoidal height; `None` off the Earth.
    #[must_use]
    pub fn geodetic(&self, local: DVec3) -> Option<Geodetic> {
        self.origin
            .map(|_| geodetic_from_ecef(self.ecef_from_local.transform_point3(local)))
    }

    /// A geodetic point in the local frame.
    #[must_use]
    pub fn local(&self, point: Geodetic) -> DVec3 {
        self.local_from_ecef
            .transform_point3(city_geo::ecef_from_geodetic(point))
    }

    /// Unit vector away from the Earth at a local point: not quite z far from the origin.
    #[must_use]
    pub fn up_at(&self, local: DVec3) -> DVec3 {
        match self.origin {
            Some(_) => self
                .local_from_ecef
                .transform_vector3(city_geo::surface_normal(
                    self.ecef_from_local.transform_point3(local),
                ))
                .normalize(),
            None => DVec3::Z,
        }
    }
}
