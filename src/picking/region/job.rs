//! Looking for everything that is seen in a shape, some milliseconds a frame.

use std::collections::{HashMap, VecDeque};

use bevy::ecs::prelude::*;
use bevy::ecs::system::SystemParam;
use city_geo::{Clip, Share};
use city_tiles::prepared::NO_FEATURE;
use city_tiles::ray::feature_of;
use glam::{DMat4, DVec2, DVec3, Vec3};

use super::raster::{Drawn, Lens, Nearest};
use super::shape::Shape;
use crate::geojson::VectorLayer;
use crate::overlays::MarkerIndex;
use crate::picking::{Drawn as DrawnMesh, Selection, drawn};
use crate::platform::monotonic_ms;
use crate::render::{CityMesh, CityView, MarkerLayer, Placement, SceneClip, Style};

/// The world as far as it can be selected.
#[derive(SystemParam)]
pub(super) struct Selectable<'w, 's> {
    meshes: Query<'w, 's, DrawnMesh<'static>>,
    styles: Query<'w, 's, &'static Style>,
    layers: Query<'w, 's, (Entity, &'static VectorLayer, &'static Placement)>,
    markers: Query<'w, 's, &'static MarkerLayer>,
    index: Res<'w, MarkerIndex>,
    clip: Res<'w, SceneClip>,
}

/// What was found, with how many samples show it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Found {
    pub what: Selection,
    pub samples: u32,
}

/// A shape that is being looked through.
pub(super) struct Job {
    shape: Shape,
    variant: u8,
    nearest: Nearest,
    waiting: VecDeque<Entity>,
    slots: Vec<Entity>,
    row: usize,
    seen: HashMap<(Entity, u32), (u32, DVec3)>,
    /// What the work of single frames took at most, milliseconds.
    pub longest_ms: f64,
    /// Frames it took.
    pub frames: u32,
}

impl Job {
    /// A shape, as far as it lies within two corners; the view fills a rectangle (left, top, width, height). Physical
    /// pixels.
    pub fn new(
        shape: Shape,
        bounds: [DVec2; 2],
        view: &CityView,
        pane_px: [f64; 4],
        variant: u8,
        world: &Selectable,
    ) -> Option<Self> {
        let lens = Lens::new(view, pane_px, bounds)?;
        let meshes = drawn(world.meshes.iter(), variant);
        let waiting = meshes
            .filter(|(_, mesh, placement, _)| {
                mesh.1
                    .is_some_and(|bounds| may_be_seen(&lens, bounds, &placement.local_from_mesh))
            })
            .map(|(entity, ..)| entity)
            .collect();
        Some(Self {
            shape,
            variant,
            nearest: Nearest::new(lens),
            waiting,
            slots: Vec::new(),
            row: 0,
            seen: HashMap::new(),
            longest_ms: 0.0,
            frames: 0,
        })
    }

    /// Goes on for some milliseconds; true when it is done.
    pub fn work(&mut self, world: &Selectable, budget_ms: f64) -> bool {
        let began_ms = monotonic_ms();
        let is_up = || monotonic_ms() - began_ms >= budget_ms;
        self.frames += 1;
        while let Some(entity) = self.waiting.pop_front() {
            self.draw(entity, world);
            if is_up() {
                break;
            }
        }
        while self.waiting.is_empty() && self.row < self.nearest.lens.size[1] && !is_up() {
            self.gather(world);
            self.row += 1;
        }
        let took_ms = monotonic_ms() - began_ms;
        self.longest_ms = self.longest_ms.max(took_ms);
        self.waiting.is_empty() && self.row >= self.nearest.lens.size[1]
    }

    fn draw(&mut self, entity: Entity, world: &Selectable) {
        // It may have gone meanwhile.
        let mesh = drawn(world.meshes.get(entity).into_iter(), self.variant).next();
        let Some((_, mesh, placement, hidden)) = mesh else {
            return;
        };
        let local_from_mesh = &placement.local_from_mesh;
        let clip = match share(world.clip.get(), mesh, local_from_mesh) {
            Share::None => return,
            Share::Part => world.clip.get(),
            Share::All => None,
        };
        let slot = self.slots.len() as u32;
        self.slots.push(entity);
        let mesh = Drawn {
            tile: &mesh.0,
            local_from_mesh,
            hidden,
            clip,
            pull: world.styles.get(entity).map_or(0.0, |style| style.pull),
        };
        self.nearest.draw(slot, &mesh);
    }

    /// Takes in what a row of samples shows.
    fn gather(&mut self, world: &Selectable) {
        let y = self.row;
        // Samples beside each other mostly show the same triangle.
        let mut last: Option<((u32, u32), Option<(Entity, u32)>)> = None;
        for x in 0..self.nearest.lens.size[0] {
            let Some((slot, triangle, depth_m)) = self.nearest.at(x, y) else {
                continue;
            };
            if !self.shape.contains(self.nearest.lens.middle_of(x, y)) {
                continue;
            }
            let at = self.nearest.lens.point(x, y, depth_m);
            let what = match last {
                Some((known, what)) if known == (slot, triangle) => what,
                _ => {
                    let entity = self.slots.get(slot as usize).copied();
                    let found = entity.and_then(|entity| {
                        let (_, mesh, placement, ..) = world.meshes.get(entity).ok()?;
                        let in_mesh = placement.local_from_mesh.inverse().transform_point3(at);
                        let feature = feature_of(&mesh.0, triangle, in_mesh.as_vec3())?;
                        let by_texture = !mesh.0.surface.is_empty();
                        Some((entity, feature, by_texture))
                    });
                    let what = found
                        .filter(|(_, feature, _)| *feature != NO_FEATURE)
                        .map(|(entity, feature, _)| (entity, feature));
                    // Where a texture tells features apart, the next sample may be another one.
                    let by_texture = found.is_some_and(|(.., by_texture)| by_texture);
                    last = (!by_texture).then_some(((slot, triangle), what));
                    what
                }
            };
            if let Some(what) = what {
                self.seen.entry(what).or_insert((0, at)).0 += 1;
            }
        }
    }

    /// Everything that is seen in the shape: what covers most of it first.
    pub fn finish(mut self, world: &Selectable) -> Vec<Found> {
        self.strokes(world);
        let features = self
            .seen
            .iter()
            .map(|((mesh, feature), (samples, at))| Found {
                what: Selection::Feature {
                    mesh: *mesh,
                    feature: *feature,
                    at: *at,
                },
                samples: *samples,
            });
        let mut found: Vec<Found> = features.chain(self.sensors(world)).collect();
        let order = |found: &Found| match found.what {
            Selection::None => (0, 0),
            Selection::Sensor(number) => (0, u64::from(number)),
            Selection::Feature { mesh, feature, .. } => (mesh.to_bits(), u64::from(feature)),
        };
        // Equal pictures give equal lists.
        found.sort_by_key(|found| (std::cmp::Reverse(found.samples), order(found)));
        found
    }

    /// Lines and points of layers, which have no triangles.
    fn strokes(&mut self, world: &Selectable) {
        let layers = world.layers.iter();
        for (entity, layer, placement) in layers.filter(|(_, layer, _)| layer.visible) {
            let origin = placement.local_from_mesh.transform_point3(DVec3::ZERO);
            for stroke in layer.strokes.iter() {
                let [a, b] = [stroke.a, stroke.b].map(|p| origin + Vec3::from(p).as_dvec3());
                let steps = self.steps(a, b);
                let seen = (0..=steps)
                    .map(|step| a.lerp(b, f64::from(step) / f64::from(steps.max(1))))
                    .find(|point| {
                        self.shows(world.clip.get(), *point, |depth_m| depth_m * 0.99 - 3.0)
                    });
                if let Some(at) = seen {
                    self.seen
                        .entry((entity, stroke.feature))
                        .or_insert((0, at))
                        .0 += 1;
                }
            }
        }
    }

    /// Into how many parts a line is taken, so that they are a few pixels long.
    fn steps(&self, a: DVec3, b: DVec3) -> u32 {
        const STEP_PX: f64 = 3.0;
        const MOST: f64 = 400.0;
        match (self.nearest.lens.pixel_of(a), self.nearest.lens.pixel_of(b)) {
            (Some((a, _)), Some((b, _))) => (a.distance(b) / STEP_PX).ceil().min(MOST) as u32,
            // One that passes the camera.
            _ => MOST as u32,
        }
    }

    /// Whether a point is seen in the shape; `drawn_at` is how deep it is drawn, which may be before where it is.
    fn shows(&self, clip: Option<&Clip>, point: DVec3, drawn_at: impl Fn(f64) -> f64) -> bool {
        let lens = &self.nearest.lens;
        let seen = lens
            .pixel_of(point)
            .filter(|(px, _)| self.shape.contains(*px));
        let Some((_, depth_m)) = seen else {
            return false;
        };
        let inside = |sample: DVec2| {
            sample.min_element() >= 0.0
                && sample.x < lens.size[0] as f64
                && sample.y < lens.size[1] as f64
        };
        let sample = lens.sample_of(point).map(|(sample, _)| sample);
        sample.is_some_and(|sample| {
            inside(sample) && drawn_at(depth_m) <= self.nearest.depth_m(sample)
        }) && clip.is_none_or(|clip| clip.keeps(point))
    }

    fn sensors(&self, world: &Selectable) -> Vec<Found> {
        let layers = world.index.layers().filter_map(|(entity, datastreams)| {
            Some((world.markers.get(entity).ok()?, datastreams))
        });
        let mut found = Vec::new();
        for (layer, datastreams) in layers.filter(|(layer, _)| layer.visible) {
            for marker in layer.markers.iter() {
                let at = layer.origin + Vec3::from(marker.position).as_dvec3();
                let pulled = |depth_m: f64| depth_m * crate::overlays::MARKER_PULL;
                if self.shows(world.clip.get(), at, pulled)
                    && let Some(datastream) = datastreams.get(marker.index as usize)
                {
                    found.push(Found {
                        what: Selection::Sensor(*datastream),
                        samples: 1,
                    });
                }
            }
        }
        found
    }
}

fn share(clip: Option<&Clip>, mesh: &CityMesh, local_from_mesh: &DMat4) -> Share {
    match (clip, mesh.1) {
        (Some(clip), Some((low, high))) => {
            clip.share_of_box(local_from_mesh, low.as_dvec3(), high.as_dvec3())
        }
        _ => Share::All,
    }
}

/// Whether a box may be seen in the samples of a lens: surely not, where all of it lies beside them.
fn may_be_seen(lens: &Lens, (low, high): (Vec3, Vec3), local_from_mesh: &DMat4) -> bool {
    let [low, high] = [low, high].map(|p| p.as_dvec3());
    let (mut least, mut most) = (DVec2::INFINITY, DVec2::NEG_INFINITY);
    for corner in 0..8u32 {
        let pick = |bit: u32, low: f64, high: f64| if corner >> bit & 1 == 0 { low } else { high };
        let point = DVec3::new(
            pick(0, low.x, high.x),
            pick(1, low.y, high.y),
            pick(2, low.z, high.z),
        );
        // One that passes the camera may be anywhere.
        let Some((sample, _)) = lens.sample_of(local_from_mesh.transform_point3(point)) else {
            return lens.is_ahead(local_from_mesh, low, high);
        };
        least = least.min(sample);
        most = most.max(sample);
    }
    let [width, height] = lens.size.map(|samples| samples as f64);
    most.min_element() >= 0.0 && least.x <= width && least.y <= height
}
