//! What is cut away of the scene: which meshes that concerns, and the uniform from which pixels know.
//!
//! Meshes that stay as a whole are drawn by the pipelines that know nothing of it, so that a scene without a cut pays
//! nothing and one with a cut pays where it goes through; those that are cut away as a whole are not drawn at all.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use bevy::ecs::resource::Resource;
use bytemuck::{Pod, Zeroable};
use city_geo::{Clip, MAX_CLIP_CORNERS, MAX_CLIP_PLANES, Share};
use glam::{DVec3, Vec3};

use super::scene::{CityMesh, Placement};

/// What is cut away, in the scene's local frame; nothing for `None`. Replaced as a whole.
#[derive(Resource, Clone, Debug, Default, PartialEq)]
pub struct SceneClip(pub Option<Arc<Clip>>);

impl SceneClip {
    /// What is cut away, where something is.
    #[must_use]
    pub fn get(&self) -> Option<&Clip> {
        self.0.as_deref().filter(|clip| !clip.is_empty())
    }

    /// Whether a point (local frame) stays.
    #[must_use]
    pub fn keeps(&self, point: DVec3) -> bool {
        self.get().is_none_or(|clip| clip.keeps(point))
    }
}

/// What stays of a mesh.
pub(super) fn share_of(clip: &Clip, mesh: &CityMesh, placement: &Placement) -> Share {
    match mesh.1 {
        Some((low, high)) => {
            clip.share_of_box(&placement.local_from_mesh, low.as_dvec3(), high.as_dvec3())
        }
        // What has no bounds has no triangles.
        None => Share::All,
    }
}

/// Width of a cut's edge in pixels.
const EDGE_PX: f32 = 2.0;
/// The accent, as the tone curve leaves it: linear.
const EDGE: Vec3 = Vec3::new(0.078, 0.369, 1.0);
/// The inside of what is cut open: dark by day, and not black by night.
const SECTION: Vec3 = Vec3::new(0.040, 0.046, 0.056);

/// As shaders/clip.wgsl has it.
#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable)]
pub(super) struct ClipUniform {
    planes: [[f32; 4]; MAX_CLIP_PLANES],
    east: [f32; 4],
    north: [f32; 4],
    bounds: [f32; 4],
    counts: [u32; 4],
    edge_color: [f32; 4],
    section_color: [f32; 4],
    edges: [[f32; 4]; MAX_CLIP_CORNERS],
}

impl ClipUniform {
    /// Relative to the camera: the subtraction happens in f64, only the small rest becomes f32.
    pub fn of(clip: &Clip, camera: DVec3) -> Self {
        let row = |normal: DVec3, offset: f64| normal.extend(offset).as_vec4().to_array();
        let mut uniform = Self::zeroed();
        for (slot, plane) in uniform.planes.iter_mut().zip(&clip.planes) {
            *slot = row(plane.normal, plane.side_m(camera));
        }
        uniform.counts[0] = clip.planes.len().min(MAX_CLIP_PLANES) as u32;
        uniform.counts[2] = u32::from(clip.together);
        if let Some(outlines) = &clip.outlines {
            let from = outlines.plan(camera);
            uniform.east = row(outlines.east, from.x);
            uniform.north = row(outlines.north, from.y);
            let [low, high] = outlines.bounds.map(|corner| corner.as_vec2());
            uniform.bounds = [low.x, low.y, high.x, high.y];
            uniform.counts[1] = outlines.edges.len().min(MAX_CLIP_CORNERS) as u32;
            uniform.counts[3] = u32::from(outlines.keeps_inside);
            for (slot, [a, b]) in uniform.edges.iter_mut().zip(&outlines.edges) {
                let (a, b) = (a.as_vec2(), b.as_vec2());
                *slot = [a.x, a.y, b.x, b.y];
            }
        }
        uniform.edge_color = EDGE.extend(EDGE_PX).to_array();
        uniform.section_color = SECTION.extend(1.0).to_array();
        uniform
    }
}

/// All of a cut that a picture shows.
pub(super) fn hash(clip: &Clip, it: &mut impl Hasher) {
    let mut number = |value: f64| value.to_bits().hash(it);
    for plane in &clip.planes {
        plane.normal.to_array().into_iter().for_each(&mut number);
        number(plane.offset_m);
    }
    if let Some(outlines) = &clip.outlines {
        for axis in [outlines.origin, outlines.east, outlines.north] {
            axis.to_array().into_iter().for_each(&mut number);
        }
        for corner in outlines.edges.iter().flatten() {
            corner.to_array().into_iter().for_each(&mut number);
        }
        outlines.keeps_inside.hash(it);
    }
    (clip.planes.len(), clip.together).hash(it);
}

#[cfg(test)]
mod tests {
    use super::*;
    use city_geo::{ClipPlane, Outlines};

    #[test]
    fn the_shader_gets_small_numbers_of_places_far_away() {
        let camera = DVec3::new(40_000.0, -25_000.0, 300.0);
        let ring = |x: f64, y: f64| camera + DVec3::new(x, y, 0.0);
        let corners = vec![ring(0.25, 0.0), ring(10.0, 0.0), ring(0.0, 10.0)];
        let clip = Clip {
            planes: vec![ClipPlane::through(camera + DVec3::Z * 0.125, DVec3::NEG_Z)],
            together: true,
            outlines: Outlines::new([camera - DVec3::X, DVec3::X, DVec3::Y], &[corners], true),
        };
        let uniform = ClipUniform::of(&clip, camera);
        assert_eq!(uniform.planes[0], [0.0, 0.0, -1.0, 0.125]);
        assert_eq!(uniform.counts, [1, 3, 1, 1]);
        assert_eq!(uniform.east, [1.0, 0.0, 0.0, 1.0]);
        assert_eq!(uniform.edges[0], [1.25, 0.0, 11.0, 0.0]);
        assert_eq!(uniform.bounds, [1.0, 0.0, 11.0, 10.0]);
        // A uniform buffer of WebGL 2 holds 16 KiB.
        assert!(size_of::<ClipUniform>() <= 16 << 10);
    }
}
