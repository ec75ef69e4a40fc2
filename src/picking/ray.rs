//! A ray against the drawn meshes.

use bevy::ecs::entity::Entity;
use city_geo::Clip;
use city_tiles::ray::{Candidate, Hit, first_hit};
use glam::DVec3;

use crate::render::{CityMesh, Placement};

/// The nearest hit of a ray (local frame, unit direction). The features that each mesh does not show (ascending
/// indices) let it through, and so does what is cut away.
pub fn pick_feature<'a>(
    origin: DVec3,
    direction: DVec3,
    clip: Option<&Clip>,
    meshes: impl Iterator<Item = (Entity, &'a CityMesh, &'a Placement, &'a [u32])>,
) -> Option<Hit<Entity>> {
    let candidates = meshes.map(|(entity, mesh, placement, hidden)| Candidate {
        key: entity,
        tile: &mesh.0,
        bounds: mesh.1,
        local_from_mesh: placement.local_from_mesh,
        hidden,
    });
    first_hit(origin, direction, clip, candidates)
}
