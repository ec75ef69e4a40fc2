//! Tile debugging, as in other viewers: freeze, volumes, colour by level.

use std::sync::Arc;

use bevy::ecs::prelude::*;
use city_tiles::stream::{Streamer, TileId};
use glam::DVec3;

use super::layer::TileLayer;
use crate::frame::SceneFrame;
use crate::render::{CityView, LineSegment, LineSet};

/// What is switched on.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TileDebug {
    /// Selection stands still while the camera moves.
    pub freeze: bool,
    /// Bounding volumes of the drawn tiles.
    pub volumes: bool,
    /// One colour per level.
    pub color_by_level: bool,
}

/// Okabe-Ito, linear: colours that everyone can tell apart.
const LEVELS: [[f32; 3]; 8] = [
    [0.791, 0.347, 0.000],
    [0.093, 0.456, 0.815],
    [0.000, 0.342, 0.171],
    [0.871, 0.776, 0.054],
    [0.000, 0.168, 0.445],
    [0.665, 0.112, 0.000],
    [0.604, 0.191, 0.386],
    [0.300, 0.300, 0.300],
];

impl TileDebug {
    /// Linear colour of a tile and how much of it.
    #[must_use]
    pub fn tint(&self, streamer: &Streamer, tile: TileId) -> [f32; 4] {
        if !self.color_by_level {
            return [0.0; 4];
        }
        let level = streamer.tile(tile).map_or(0, |tile| tile.level as usize);
        let [r, g, b] = LEVELS[level % LEVELS.len()];
        [r, g, b, 0.7]
    }

    /// The colour that stands for a level, sRGB.
    #[must_use]
    pub fn level_color(level: u32) -> [u8; 3] {
        LEVELS[level as usize % LEVELS.len()].map(|linear| {
            // IEC 61966-2-1.
            let encoded = if linear <= 0.003_130_8 {
                linear * 12.92
            } else {
                1.055 * linear.powf(1.0 / 2.4) - 0.055
            };
            (encoded * 255.0).round() as u8
        })
    }
}

/// The lines of the volumes.
#[derive(Component)]
pub(super) struct VolumeLines;

/// Corner pairs of a box whose corners are numbered by bits (x, y, z).
const EDGES: [(usize, usize); 12] = [
    (0, 1),
    (2, 3),
    (4, 5),
    (6, 7),
    (0, 2),
    (1, 3),
    (4, 6),
    (5, 7),
    (0, 4),
    (1, 5),
    (2, 6),
    (3, 7),
];

pub(super) fn draw(
    mut commands: Commands,
    debug: Res<TileDebug>,
    frame: Res<SceneFrame>,
    layers: Query<&TileLayer>,
    views: Query<&CityView>,
    lines: Query<Entity, With<VolumeLines>>,
) {
    if !debug.volumes {
        for entity in &lines {
            commands.entity(entity).despawn();
        }
        return;
    }
    let origin = views
        .iter()
        .next()
        .map_or(DVec3::ZERO, |view| view.position);
    let mut segments = Vec::new();
    for layer in &layers {
        let local_from_ecef = frame.local_from_ecef;
        for tile in layer
            .shown
            .iter()
            .filter_map(|tile| layer.streamer.tile(*tile))
        {
            let corners = tile
                .bounding_volume
                .corners()
                .map(|corner| (local_from_ecef.transform_point3(corner) - origin).as_vec3());
            let [r, g, b] = LEVELS[tile.level as usize % LEVELS.len()];
            let color = [r, g, b, 1.0].map(|c| (c * 255.0) as u8);
            segments.extend(EDGES.iter().map(|(a, b)| LineSegment {
                a: corners[*a].to_array(),
                width_px: 1.5,
                b: corners[*b].to_array(),
                color,
            }));
        }
    }
    let set = LineSet {
        origin,
        segments: Arc::new(segments),
        opacity: 0.9,
        pull: 0.0005,
        through: false,
    };
    match lines.iter().next() {
        Some(entity) => {
            commands.entity(entity).insert(set);
        }
        None => {
            commands.spawn((VolumeLines, set));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::TileDebug;

    #[test]
    fn the_levels_colours_are_those_of_okabe_and_ito() {
        assert_eq!(TileDebug::level_color(0), [230, 159, 0]);
        assert_eq!(TileDebug::level_color(1), [86, 180, 233]);
        assert_eq!(TileDebug::level_color(2), [0, 158, 115]);
        assert_eq!(TileDebug::level_color(8), TileDebug::level_color(0));
    }
}
