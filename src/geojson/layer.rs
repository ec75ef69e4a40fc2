//! A layer as an entity, and what of it is on screen.

use std::sync::Arc;

use bevy::ecs::prelude::*;
use city_tiles::prepared::PreparedTile;
use city_tiles::vector::{Anchors, FeatureLook, Meaning, Stroke};

use super::drape::Job;
use super::source::VectorSource;
use crate::render::{LineSet, Shown, Style};

/// An open GeoJSON layer. When its file is read, the same entity carries its mesh (with the table
/// of its features, also when no polygon is among them) and its lines.
#[derive(Component)]
pub struct VectorLayer {
    /// Where it comes from.
    pub source: VectorSource,
    /// Drawn at all.
    pub visible: bool,
    /// 0..1.
    pub opacity: f32,
    /// Features drawn.
    pub count: usize,
    /// What the colours mean.
    pub meaning: Meaning,
    /// Credits of the source and the file.
    pub credits: Vec<String>,
    /// CPU and GPU bytes.
    pub bytes: u64,
    /// Why it could not be opened.
    pub problem: Option<String>,
    /// Lines and points as drawn, for picking: relative to the mesh's placement.
    pub strokes: Arc<Vec<Stroke>>,
    /// A scene asked for it, and takes it away with itself; otherwise a person opened it.
    pub of_scene: bool,
    /// A person opened it and has not been shown it yet.
    pub(super) to_be_seen: bool,
    pub(super) content: Option<Content>,
}

/// A file that is read.
pub(super) struct Content {
    /// Geometry on the ellipsoid, without the table of features.
    pub tile: PreparedTile,
    pub looks: Vec<FeatureLook>,
    pub anchors: Anchors,
    /// The frame that the anchors are in.
    pub frame_generation: u32,
    pub job: Option<Job>,
    /// What the last finished draping saw.
    pub draped: Option<u64>,
    pub draped_ms: f64,
}

#[cfg(test)]
impl VectorLayer {
    /// A layer without content.
    pub(super) fn for_tests(source: VectorSource) -> Self {
        Self {
            source,
            visible: true,
            opacity: 1.0,
            count: 0,
            meaning: Meaning::None,
            credits: Vec::new(),
            problem: None,
            bytes: 0,
            strokes: Arc::default(),
            of_scene: false,
            to_be_seen: false,
            content: None,
        }
    }
}

/// What all layers together are doing.
#[derive(Resource, Clone, Debug, Default)]
pub struct VectorTotals {
    /// A layer is being read, or its ground has changed and it is not yet laid anew.
    pub busy: bool,
    /// Credits of what is drawn.
    pub credits: Vec<String>,
    /// CPU and GPU bytes.
    pub bytes: u64,
}

/// Gives visibility and opacity to what is drawn.
pub(super) fn show(
    mut layers: Query<(&VectorLayer, &mut Shown, &mut Style, &mut LineSet)>,
    mut totals: ResMut<VectorTotals>,
) {
    totals.credits.clear();
    totals.bytes = 0;
    for (layer, mut shown, mut style, mut lines) in &mut layers {
        totals.bytes += layer.bytes;
        shown.set_if_neq(Shown(layer.visible && layer.opacity > 0.0));
        if style.opacity.to_bits() != layer.opacity.to_bits() {
            style.opacity = layer.opacity;
        }
        let opacity = if layer.visible { layer.opacity } else { 0.0 };
        if lines.opacity.to_bits() != opacity.to_bits() {
            lines.opacity = opacity;
        }
        if shown.0 {
            totals.credits.extend(layer.credits.iter().cloned());
        }
    }
    totals.credits.sort();
    totals.credits.dedup();
}
