//! Draws a picture again only when it would be another one.
//!
//! Where the CPU draws, a frame costs a hundred times what deciding about it does: a city that nobody moves would keep
//! all cores busy for nothing, and tiles that are being opened would wait for pictures without them. A GPU draws every
//! frame, as its water moves.

use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bevy::ecs::prelude::*;
use bevy::platform::hash::FixedHasher;
use bevy::render::Extract;
use bevy::render::camera::SortedCameras;
use bevy::render::render_resource::PipelineCache;
use bevy::time::{Real, Time};
use glam::{DVec3, Vec3};

use super::extract::ExtractedCity;
use super::pane::{Lens, Pane};
use super::pipelines::PipelineIds;
use super::scene::{LineSet, MarkerLayer};
use super::view::{CityView, Lighting};

/// What others draw over the city, as one number: another number, another picture. Told anew every frame.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DrawnOver(pub u64);

/// When the lean path draws.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Redraw {
    /// When the picture would be another one, and once a second.
    #[default]
    WhenChanged,
    /// In every frame: somebody measures or waits for it.
    Always,
}

/// How many pictures were drawn since the start, in both worlds.
#[derive(Resource, Clone, Debug, Default)]
pub struct PicturesDrawn(Arc<AtomicU64>);

impl PicturesDrawn {
    /// Their number.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A picture is never older than this: what a window system lost comes back, and a sun that moves slowly moves.
const OLDEST_S: f64 = 1.0;

/// What was drawn last, and what this frame's decision needs from the main world.
#[derive(Resource, Debug)]
pub(super) struct Still {
    over: DrawnOver,
    redraw: Redraw,
    now_s: f64,
    drawn: u64,
    drawn_at_s: f64,
}

impl Default for Still {
    fn default() -> Self {
        Self {
            over: DrawnOver::default(),
            redraw: Redraw::default(),
            now_s: 0.0,
            drawn: 0,
            drawn_at_s: f64::NEG_INFINITY,
        }
    }
}

impl Still {
    /// Whether a picture is to be drawn; it counts as drawn then.
    fn decide(&mut self, picture: u64, is_forced: bool) -> bool {
        let is_wanted =
            is_forced || picture != self.drawn || self.now_s - self.drawn_at_s >= OLDEST_S;
        if is_wanted {
            self.drawn = picture;
            self.drawn_at_s = self.now_s;
        }
        is_wanted
    }
}

pub(super) fn extract(
    mut still: ResMut<Still>,
    over: Extract<Res<DrawnOver>>,
    redraw: Extract<Res<Redraw>>,
    time: Extract<Option<Res<Time<Real>>>>,
) {
    still.over = **over;
    still.redraw = **redraw;
    still.now_s = time.as_ref().map_or(0.0, |time| time.elapsed_secs_f64());
}

/// Before anything is uploaded: what waits for that is a change. A picture that stays has no camera in this frame, so
/// that the window is not asked for a buffer either: a browser would show it empty.
pub(super) fn decide(
    mut still: ResMut<Still>,
    mut cameras: ResMut<SortedCameras>,
    city: Res<ExtractedCity>,
    cache: Res<PipelineCache>,
    pipelines: Res<PipelineIds>,
    pictures: Res<PicturesDrawn>,
) {
    let is_wanted = city.quality.full || {
        let is_forced =
            still.redraw == Redraw::Always || city.has_news() || pipelines.are_compiling(&cache);
        let picture = fingerprint(&city, still.over);
        still.decide(picture, is_forced)
    };
    if is_wanted {
        pictures.0.fetch_add(1, Ordering::Relaxed);
    } else {
        cameras.0.clear();
    }
}

/// All that the lean path draws, as one number.
fn fingerprint(city: &ExtractedCity, over: DrawnOver) -> u64 {
    let mut hasher = FixedHasher.build_hasher();
    let it = &mut hasher;
    over.0.hash(it);
    of_view(&city.view, it);
    city.viewport_px.hash(it);
    for pane in &city.panes {
        of_pane(pane, it);
    }
    of_lighting(&city.lighting, it);
    (city.quality.samples, city.quality.full).hash(it);
    for mesh in &city.meshes {
        mesh.entity.hash(it);
        mesh.variants.hash(it);
        bytemuck::bytes_of(&mesh.local_from_mesh.to_cols_array()).hash(it);
        let style = &mesh.style;
        style.selected_feature.hash(it);
        floats(&style.tint, it);
        floats(&[style.opacity, style.pull, style.point_px], it);
    }
    for lines in &city.lines {
        (lines.entity, lines.variants).hash(it);
        of_lines(&lines.set, it);
    }
    for (entity, markers) in &city.markers {
        entity.hash(it);
        of_markers(markers, it);
    }
    hasher.finish()
}

fn floats(values: &[f32], it: &mut impl Hasher) {
    for value in values {
        value.to_bits().hash(it);
    }
}

fn point(at: DVec3, it: &mut impl Hasher) {
    at.to_array().map(f64::to_bits).hash(it);
}

fn of_view(view: &CityView, it: &mut impl Hasher) {
    point(view.position, it);
    point(view.forward, it);
    point(view.up, it);
    [view.fov_y_rad, view.near_m, view.above_ground_m]
        .map(f64::to_bits)
        .hash(it);
}

fn of_pane(pane: &Pane, it: &mut impl Hasher) {
    pane.rect_px.hash(it);
    pane.variant.hash(it);
    std::mem::discriminant(&pane.lens).hash(it);
    if let Lens::OffAxis {
        tangents,
        camera_from_screen,
    } = pane.lens
    {
        tangents.map(f64::to_bits).hash(it);
        camera_from_screen
            .to_cols_array()
            .map(f64::to_bits)
            .hash(it);
    }
}

/// As many steps of light as a screen has.
const LIGHT_STEPS: f32 = 256.0;

/// By steps that can be seen: the sun of a running clock never stands still.
fn of_lighting(light: &Lighting, it: &mut impl Hasher) {
    let mut steps = |value: f32| ((value * LIGHT_STEPS).round() as i32).hash(it);
    let mut steps_of = |value: Vec3| value.to_array().into_iter().for_each(&mut steps);
    steps_of(light.toward_light);
    for color in [
        light.sun_color,
        light.sky_zenith,
        light.sky_horizon,
        light.sky_glow,
        light.ambient_sky,
        light.ambient_ground,
    ] {
        steps_of(color);
    }
    light
        .lit_windows
        .into_iter()
        .chain([light.night, light.exposure, light.haze_per_m * 1e4])
        .for_each(steps);
}

fn of_lines(lines: &LineSet, it: &mut impl Hasher) {
    point(lines.origin, it);
    // Replaced as a whole, and held by what was drawn.
    Arc::as_ptr(&lines.segments).hash(it);
    lines.segments.len().hash(it);
    floats(&[lines.opacity, lines.pull], it);
    lines.through.hash(it);
}

fn of_markers(layer: &MarkerLayer, it: &mut impl Hasher) {
    point(layer.origin, it);
    layer.generation.hash(it);
    // Readings change by the second.
    (layer.time.now_s.floor() as i64).hash(it);
    floats(
        &[
            layer.time.cadence_s,
            layer.time.stale_after_s,
            layer.range[0],
            layer.range[1],
            layer.size_px,
            layer.opacity,
        ],
        it,
    );
    layer.color_map.hash(it);
    layer.selected.hash(it);
}

#[cfg(test)]
mod tests {
    use super::super::extract::ExtractedLines;
    use super::*;

    fn drawn(still: &mut Still, picture: u64, now_s: f64) -> bool {
        still.now_s = now_s;
        still.decide(picture, false)
    }

    #[test]
    fn the_same_picture_is_drawn_once_a_second_and_another_one_at_once() {
        let mut still = Still::default();
        assert!(drawn(&mut still, 1, 0.0), "the first");
        assert!(!drawn(&mut still, 1, 0.5));
        assert!(drawn(&mut still, 2, 0.6), "another");
        assert!(!drawn(&mut still, 2, 1.5));
        assert!(drawn(&mut still, 2, 1.6), "too old");
    }

    #[test]
    fn every_part_of_a_picture_counts() {
        let segments = Arc::default();
        let city = || ExtractedCity {
            viewport_px: [1280, 720],
            lines: vec![ExtractedLines {
                entity: Entity::PLACEHOLDER,
                set: LineSet {
                    origin: DVec3::ZERO,
                    segments: Arc::clone(&segments),
                    opacity: 1.0,
                    pull: 0.0,
                    through: false,
                },
                variants: u8::MAX,
            }],
            ..ExtractedCity::default()
        };
        let before = fingerprint(&city(), DrawnOver(1));
        let changed = |change: fn(&mut ExtractedCity)| {
            let mut city = city();
            change(&mut city);
            fingerprint(&city, DrawnOver(1)) != before
        };
        assert!(changed(|city| city.view.position.x += 1e-6));
        assert!(changed(|city| city.viewport_px[0] += 1));
        assert!(changed(|city| city.panes.push(Pane::whole([2, 2]))));
        assert!(changed(|city| city.lighting.night += 0.01));
        assert!(changed(|city| city.lines[0].set.opacity = 0.5));
        assert!(changed(|city| city.lines[0].set.segments = Arc::default()));
        assert!(changed(|city| city.lines[0].variants = 0b10));
        assert!(changed(|city| city.lines.clear()));
        assert_ne!(fingerprint(&city(), DrawnOver(2)), before);
        // Less than can be seen, and what the lean path does not draw.
        assert!(!changed(|city| city.lighting.night += 1e-5));
        assert!(!changed(|city| city.lighting.water_s += 5.0));
    }
}
