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

/// More tiles of the view are on their way.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Arriving(pub bool);

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

/// While tiles arrive, a picture for their sake is drawn once in so many seconds, and when there are many more than
/// before: each tile waits for the pictures that are drawn before it.
const ARRIVING_S: f64 = 0.25;
/// Pictures for the sake of tiles that arrive take one part in so many of the time at most.
const ARRIVING_SHARE: f64 = 4.0;
/// As many times the tiles of the last picture are many more.
const MANY_MORE: usize = 4;

/// What is to be seen, as far as pictures differ by it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Fingerprint {
    /// View, light, lines, markers, and what lies over the city.
    scene: u64,
    /// Tiles and all that is drawn like them.
    meshes: u64,
    /// Their number.
    count: usize,
}

/// What was drawn last, and what this frame's decision needs from the main world.
#[derive(Resource, Debug)]
pub(super) struct Still {
    over: DrawnOver,
    redraw: Redraw,
    arriving: bool,
    now_s: f64,
    drawn: Fingerprint,
    drawn_at_s: f64,
    /// The last frame drew: how long that took is seen by when the next one comes.
    just_drawn: bool,
    /// What a picture takes, seconds.
    cost_s: f64,
}

impl Default for Still {
    fn default() -> Self {
        Self {
            over: DrawnOver::default(),
            redraw: Redraw::default(),
            arriving: false,
            now_s: 0.0,
            drawn: Fingerprint::default(),
            drawn_at_s: f64::NEG_INFINITY,
            just_drawn: false,
            cost_s: 0.0,
        }
    }
}

impl Still {
    /// Whether a picture is to be drawn; it counts as drawn then.
    fn decide(&mut self, picture: Fingerprint, is_forced: bool) -> bool {
        let age_s = self.now_s - self.drawn_at_s;
        if std::mem::take(&mut self.just_drawn) {
            self.cost_s = age_s;
        }
        let may_show_tiles = !self.arriving
            || age_s >= ARRIVING_S.max(self.cost_s * ARRIVING_SHARE)
            || picture.count >= self.drawn.count.saturating_mul(MANY_MORE).max(1);
        let is_wanted = is_forced
            || picture.scene != self.drawn.scene
            || picture.meshes != self.drawn.meshes && may_show_tiles
            || age_s >= OLDEST_S;
        if is_wanted {
            self.drawn = picture;
            self.drawn_at_s = self.now_s;
            self.just_drawn = true;
        }
        is_wanted
    }
}

pub(super) fn extract(
    mut still: ResMut<Still>,
    over: Extract<Res<DrawnOver>>,
    redraw: Extract<Res<Redraw>>,
    arriving: Extract<Res<Arriving>>,
    time: Extract<Option<Res<Time<Real>>>>,
) {
    still.over = **over;
    still.redraw = **redraw;
    still.arriving = arriving.0;
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

/// All that the lean path draws.
fn fingerprint(city: &ExtractedCity, over: DrawnOver) -> Fingerprint {
    let mut hasher = FixedHasher.build_hasher();
    let it = &mut hasher;
    for mesh in &city.meshes {
        mesh.entity.hash(it);
        mesh.variants.hash(it);
        bytemuck::bytes_of(&mesh.local_from_mesh.to_cols_array()).hash(it);
        let style = &mesh.style;
        style.selected_feature.hash(it);
        floats(&style.tint, it);
        floats(&[style.opacity, style.pull, style.point_px], it);
    }
    Fingerprint {
        scene: of_scene(city, over),
        meshes: hasher.finish(),
        count: city.meshes.len(),
    }
}

fn of_scene(city: &ExtractedCity, over: DrawnOver) -> u64 {
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
    if let Some(clip) = &city.clip {
        super::clip::hash(clip, it);
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
    use city_geo::{Clip, ClipPlane};

    fn drawn(still: &mut Still, scene: u64, now_s: f64) -> bool {
        still.now_s = now_s;
        let picture = Fingerprint {
            scene,
            ..still.drawn
        };
        still.decide(picture, false)
    }

    #[test]
    fn tiles_that_arrive_wait_for_each_other_but_not_for_long_and_the_last_for_none() {
        let mut still = Still {
            arriving: true,
            ..Still::default()
        };
        let mut drawn = |arriving: bool, count: usize, now_s: f64| {
            still.arriving = arriving;
            still.now_s = now_s;
            let meshes = count as u64;
            let picture = Fingerprint {
                meshes,
                count,
                ..still.drawn
            };
            still.decide(picture, false)
        };
        assert!(drawn(true, 1, 0.0), "the first");
        assert!(!drawn(true, 3, 0.01));
        assert!(drawn(true, 4, 0.02), "many more");
        assert!(!drawn(true, 7, 0.03));
        assert!(drawn(true, 7, 0.28), "waited long enough");
        assert!(!drawn(true, 9, 0.29));
        assert!(drawn(false, 9, 0.3), "all are there");
        assert!(!drawn(false, 9, 0.31), "nothing new");
        assert!(drawn(false, 10, 0.32), "a single one");
        // A picture that takes long is drawn less often.
        assert!(!drawn(true, 11, 0.52));
        assert!(!drawn(true, 11, 1.0));
        assert!(drawn(true, 11, 1.13));
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
        let cut = |height_m: f64| {
            let plane = ClipPlane::through(DVec3::Z * height_m, DVec3::NEG_Z);
            let clip = Clip {
                planes: vec![plane],
                ..Clip::default()
            };
            let city = ExtractedCity {
                clip: Some(Arc::new(clip)),
                ..city()
            };
            fingerprint(&city, DrawnOver(1))
        };
        assert_ne!(cut(10.0), before);
        assert_ne!(cut(10.0), cut(10.1));
        assert_ne!(fingerprint(&city(), DrawnOver(2)), before);
        // Less than can be seen, and what the lean path does not draw.
        assert!(!changed(|city| city.lighting.night += 1e-5));
        assert!(!changed(|city| city.lighting.water_s += 5.0));
    }
}
