//! Tells the renderer whether the panels look as they did in the last frame.

use std::hash::{BuildHasher, Hash, Hasher};

use bevy::ecs::prelude::*;
use bevy::platform::hash::FixedHasher;
use bevy_egui::EguiRenderOutput;
use egui::epaint::{ClippedPrimitive, Primitive};

use crate::render::{DrawnOver, RenderQuality};

/// After egui's shapes of the frame are known.
pub(super) fn tell(
    outputs: Query<&EguiRenderOutput>,
    quality: Res<RenderQuality>,
    mut drawn: ResMut<DrawnOver>,
    mut textures: Local<u64>,
) {
    // There every frame is drawn.
    if quality.full {
        return;
    }
    let mut hasher = FixedHasher.build_hasher();
    for output in &outputs {
        // New glyphs: what shows them may have the same shape.
        *textures += u64::from(!output.textures_delta.is_empty());
        for job in &output.paint_jobs {
            add(job, &mut hasher);
        }
    }
    textures.hash(&mut hasher);
    *drawn = DrawnOver(hasher.finish());
}

/// Smaller moves are no other picture: a timeline creeps by a hundredth of a point a second.
const STEPS_A_POINT: f32 = 2.0;

fn add(job: &ClippedPrimitive, hasher: &mut impl Hasher) {
    let corners = [job.clip_rect.min, job.clip_rect.max];
    hasher.write(bytemuck::bytes_of(&corners.map(|at| [at.x, at.y])));
    // There are no paint callbacks here: they would have to say themselves when they change.
    if let Primitive::Mesh(mesh) = &job.primitive {
        mesh.texture_id.hash(hasher);
        for vertex in &mesh.vertices {
            let at = [vertex.pos.x, vertex.pos.y].map(|x| (x * STEPS_A_POINT).round() as i32);
            hasher.write(bytemuck::bytes_of(&at));
            hasher.write(bytemuck::bytes_of(&vertex.uv));
            hasher.write_u32(u32::from_le_bytes(vertex.color.to_array()));
        }
        hasher.write(bytemuck::cast_slice(&mesh.indices));
    }
}
