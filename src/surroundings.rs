//! The world as a ray sees it: what a camera must not run into, and what an outline is drawn on.

use bevy::ecs::prelude::*;
use bevy::ecs::system::SystemParam;
use city_geo::{Clip, Ray};
use city_tiles::prepared::SurfaceClass;
use glam::DVec3;

use crate::frame::SceneFrame;
use crate::picking::pick_feature;
use crate::render::{CityMesh, Placement, SceneClip, Shown};
use crate::tiles::GroundPlane;

/// What is drawn, as rays and feet meet it.
#[derive(SystemParam)]
pub struct Surroundings<'w, 's> {
    /// The scene's local frame.
    pub frame: Res<'w, SceneFrame>,
    ground: Res<'w, GroundPlane>,
    clip: Option<Res<'w, SceneClip>>,
    meshes: Query<
        'w,
        's,
        (
            Entity,
            &'static CityMesh,
            &'static Placement,
            &'static Shown,
        ),
    >,
}

impl Surroundings<'_, '_> {
    /// Metres along a ray (pose frame) to what is drawn.
    pub fn hit(&self, ray: &Ray) -> Option<f64> {
        let local_from_pose = self.frame.pose_from_local.inverse();
        let origin = local_from_pose.transform_point3(ray.origin);
        let direction = local_from_pose.transform_vector3(ray.direction).normalize();
        // In whatever variant: a camera keeps away from all of them.
        let shown = self
            .meshes()
            .filter(|(_, _, _, shown)| shown.0)
            .map(|(e, m, p, _)| (e, m, p, &[][..]));
        pick_feature(origin, direction, self.clip(), shown).map(|hit| hit.distance_m)
    }

    /// What is cut away.
    pub fn clip(&self) -> Option<&Clip> {
        self.clip.as_ref()?.get()
    }

    /// Height of the terrain below a local point, metres above the ellipsoid. It is where it is, cut away or not: feet
    /// and layers keep their height.
    pub fn terrain_m(&self, local: DVec3) -> Option<f64> {
        let up = self.frame.up_at(local);
        let above = local + up * 20_000.0;
        let terrain = |drawn: bool| {
            self.meshes().filter(move |(_, mesh, _, shown)| {
                shown.0 == drawn
                    && mesh
                        .0
                        .materials
                        .iter()
                        .any(|m| matches!(m.class, SurfaceClass::Terrain | SurfaceClass::Water))
            })
        };
        let below = |drawn: bool| {
            pick_feature(
                above,
                -up,
                None,
                terrain(drawn).map(|(e, m, p, _)| (e, m, p, &[][..])),
            )
        };
        // What is behind the camera is not drawn, but known.
        let hit = below(true).or_else(|| below(false))?;
        self.height_m(hit.at)
    }

    /// Height of the ground where nothing is known of the terrain, metres above the ellipsoid.
    pub fn flat_m(&self) -> f64 {
        let origin_m = self.frame.origin.map_or(0.0, |origin| origin.height_m);
        match self.ground.0 {
            Some(height_m) => height_m + origin_m,
            None if self.frame.origin.is_some() => origin_m,
            // Off the Earth there is no ground.
            None => -1.0e4,
        }
    }

    /// Where a ray meets the flat ground; local frame, `direction` of length 1. None where it only grazes it, looks up
    /// or starts below.
    pub fn flat_ground_at(&self, origin: DVec3, direction: DVec3) -> Option<DVec3> {
        let (down, above_m) = (-direction.z, origin.z - self.ground.0.unwrap_or(0.0));
        (down > 1e-3 && above_m > 0.0).then(|| origin + direction * (above_m / down))
    }

    /// Every mesh, drawn or not.
    pub fn meshes(&self) -> impl Iterator<Item = (Entity, &CityMesh, &Placement, &Shown)> {
        self.meshes.iter()
    }

    fn height_m(&self, local: DVec3) -> Option<f64> {
        Some(
            city_geo::geodetic_from_ecef(self.frame.pose_from_local.transform_point3(local))
                .height_m,
        )
    }
}
