//! Clicks become selections: a ray against what is drawn, on the CPU.
//!
//! The meshes are in memory anyway, a click is rare, and no GPU is stalled; the same click picks
//! the same feature on every adapter.

mod follow;
mod outline;
mod ray;
pub mod region;

pub use city_tiles::ray::Hit;
pub use follow::{feature_id, feature_ids};
pub use ray::pick_feature;

use std::collections::HashSet;

use bevy::app::{App, Plugin, Update};
use bevy::ecs::prelude::*;
use glam::DVec3;

use crate::geojson::{VectorLayer, pick_stroke};
use crate::overlays::{Aim, MarkerHit, pick_marker};
use crate::render::{
    CityMesh, CityView, HiddenFeatures, Lens, MarkerLayer, Pane, Panes, Placement, SceneClip,
    Shown, Variants,
};
use crate::schedule::FrameSet;

/// What is selected.
#[derive(Resource, Clone, Debug, Default, PartialEq)]
pub enum Selection {
    /// Nothing.
    #[default]
    None,
    /// A feature of a tile or of a GeoJSON layer.
    Feature {
        /// The mesh.
        mesh: Entity,
        /// Index in the mesh's feature table.
        feature: u32,
        /// Where it was hit, local frame.
        at: DVec3,
    },
    /// A sensor by its datastream number.
    Sensor(u32),
}

/// What else is selected, beside what the inspector shows: the older first.
#[derive(Resource, Clone, Debug, Default, PartialEq)]
pub struct AlsoSelected(pub Vec<Selection>);

/// A building to select as soon as it is drawn: its identifier, and where it is.
#[derive(Resource, Clone, Debug, Default, PartialEq)]
pub struct SelectById(pub Option<(String, city_geo::Geodetic)>);

/// More than so many at once are not selected: their outlines alone would be a hundred megabytes.
pub const MAX_SELECTED: usize = 5000;

/// A click or tap on the map: position in physical pixels and the viewport's size.
#[derive(Message, Clone, Copy, Debug)]
pub struct PickRequest {
    /// From the left and the top.
    pub at_px: [f64; 2],
    /// Width and height.
    pub viewport_px: [f64; 2],
    /// Add to what is selected, or take out of it what is.
    pub add: bool,
}

/// Picks and outlines.
pub struct PickingPlugin;

impl Plugin for PickingPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Selection>()
            .init_resource::<AlsoSelected>()
            .init_resource::<SelectById>()
            .init_resource::<PickingPaused>()
            .add_message::<PickRequest>()
            .add_systems(
                Update,
                (pick, follow::select_by_id, follow::follow)
                    .chain()
                    .in_set(FrameSet::Picking),
            );
        region::build(app);
    }
}

/// The ray through a pixel, local frame.
#[must_use]
pub fn pixel_ray(view: &CityView, at_px: [f64; 2], viewport_px: [f64; 2]) -> DVec3 {
    let half = (view.fov_y_rad * 0.5).tan();
    let x = (at_px[0] / viewport_px[0] * 2.0 - 1.0) * half * viewport_px[0] / viewport_px[1];
    let y = (1.0 - at_px[1] / viewport_px[1] * 2.0) * half;
    (view.forward + view.right() * x + view.up * y).normalize()
}

/// The ray of a click through the pane in which it lies, and the variant that the pane shows.
#[must_use]
pub fn pane_ray(view: &CityView, panes: Option<&Panes>, request: &PickRequest) -> (DVec3, u8) {
    let [x, y] = request.at_px;
    let inside = |pane: &&Pane| {
        let [left, top, width, height] = pane.rect_px.map(f64::from);
        x >= left && x < left + width && y >= top && y < top + height
    };
    let pane = panes.and_then(|panes| panes.0.iter().find(inside));
    match pane {
        Some(pane) if pane.lens == Lens::Centred => {
            let [left, top, width, height] = pane.rect_px.map(f64::from);
            let direction = pixel_ray(view, [x - left, y - top], [width, height]);
            (direction, pane.variant)
        }
        other => (
            pixel_ray(view, request.at_px, request.viewport_px),
            other.map_or(0, |pane| pane.variant),
        ),
    }
}

/// Something else takes the clicks: a tool is in hand.
#[derive(Resource, Clone, Copy, Debug, Default)]
pub struct PickingPaused(pub bool);

/// What a mesh shows in a variant, for rays.
pub type Drawn<'a> = (
    Entity,
    &'a CityMesh,
    &'a Placement,
    &'a Shown,
    Option<&'a HiddenFeatures>,
    Option<&'a Variants>,
);

/// The meshes that a variant shows, each with the features that it does not.
pub fn drawn<'a>(
    meshes: impl Iterator<Item = Drawn<'a>>,
    variant: u8,
) -> impl Iterator<Item = (Entity, &'a CityMesh, &'a Placement, &'a [u32])> {
    meshes
        .filter(move |(_, _, _, shown, _, variants)| {
            shown.0 && variants.is_none_or(|variants| variants.0 & (1 << variant) != 0)
        })
        .map(move |(entity, mesh, placement, _, hidden, _)| {
            let hidden = hidden
                .and_then(|hidden| hidden.0.get(usize::from(variant)))
                .map_or(&[][..], |hidden| &**hidden);
            (entity, mesh, placement, hidden)
        })
}

fn pick(
    mut requests: MessageReader<PickRequest>,
    mut selection: ResMut<Selection>,
    mut also: ResMut<AlsoSelected>,
    mut by_id: ResMut<SelectById>,
    views: Query<(&CityView, Option<&Panes>)>,
    markers: Query<&MarkerLayer>,
    index: Res<crate::overlays::MarkerIndex>,
    meshes: Query<
        (
            Entity,
            &CityMesh,
            &Placement,
            &Shown,
            Option<&HiddenFeatures>,
            Option<&Variants>,
        ),
        Without<VectorLayer>,
    >,
    (paused, clip): (Res<PickingPaused>, Res<SceneClip>),
    layers: Query<(Entity, &VectorLayer, &CityMesh, &Placement, &Shown)>,
) {
    if paused.0 {
        requests.clear();
        return;
    }
    let (Some(request), Some((view, panes))) = (requests.read().last(), views.iter().next()) else {
        return;
    };
    let (direction, variant) = pane_ray(view, panes, request);
    let clip = clip.get();
    let city = pick_feature(
        view.position,
        direction,
        clip,
        drawn(meshes.iter(), variant),
    );
    let hidden_from_m = city.map_or(f64::INFINITY, |hit| hit.distance_m);
    let aim = Aim {
        at_px: request.at_px,
        viewport_px: request.viewport_px,
        surface_depth_m: city.map_or(f64::INFINITY, |hit| {
            (hit.at - view.position).dot(view.forward)
        }),
    };
    let readings = index
        .layers()
        .filter_map(|(entity, datastreams)| Some((markers.get(entity).ok()?, datastreams)));
    let lines = layers.iter().map(|(e, layer, _, p, _)| (e, layer, p));
    let shown = layers
        .iter()
        .filter(|(.., shown)| shown.0)
        .map(|(e, _, m, p, _)| (e, m, p, &[][..]));
    // Layers on the ground are drawn over it even where its triangles are a little nearer.
    let laid = pick_feature(view.position, direction, clip, shown)
        .filter(|hit| hit.distance_m <= hidden_from_m * 1.005 + 2.0);
    by_id.0 = None;
    // Of what is seen in the pixel, sensors lie over everything, lines and points over areas, and layers over the city.
    let picked = if let Some(MarkerHit { datastream, .. }) = pick_marker(view, &aim, clip, readings)
    {
        Selection::Sensor(datastream)
    } else if let Some(hit) = pick_stroke(view, request, hidden_from_m, clip, lines) {
        Selection::Feature {
            mesh: hit.layer,
            feature: hit.feature,
            at: hit.at,
        }
    } else if let Some(Hit {
        key: mesh,
        feature: Some(feature),
        at,
        ..
    }) = laid.or(city)
    {
        Selection::Feature { mesh, feature, at }
    } else {
        Selection::None
    };
    if request.add {
        add(&mut selection, &mut also, picked);
    } else {
        also.0.clear();
        *selection = picked;
    }
}

/// Adds to what is selected; what is selected already is taken out. A click on nothing changes nothing.
pub fn add(selection: &mut Selection, also: &mut AlsoSelected, picked: Selection) {
    if picked == Selection::None {
        return;
    }
    if selection.is_same(&picked) {
        *selection = also.0.pop().unwrap_or_default();
    } else if let Some(index) = also.0.iter().position(|one| one.is_same(&picked)) {
        also.0.remove(index);
    } else {
        let before = std::mem::replace(selection, picked);
        if before != Selection::None {
            also.0.push(before);
        }
        if also.0.len() >= MAX_SELECTED {
            also.0.remove(0);
        }
    }
}

/// What a shape does to what is selected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum How {
    /// What is in it is selected instead.
    #[default]
    Replace,
    /// It is selected too.
    Add,
    /// It is taken out.
    Remove,
}

/// Changes what is selected by what was found, which comes in the order of its weight. How many did not fit.
pub fn change(
    selection: &mut Selection,
    also: &mut AlsoSelected,
    found: Vec<Selection>,
    how: How,
) -> usize {
    // The order of the panel's list: what the inspector shows, then from the newest to the oldest.
    let mut before: Vec<Selection> = Vec::new();
    if how != How::Replace {
        before.push(std::mem::take(selection));
        before.extend(std::mem::take(&mut also.0).into_iter().rev());
        before.retain(|one| *one != Selection::None);
    }
    let mut now = match how {
        How::Remove => {
            let out: HashSet<Key> = found.iter().filter_map(Selection::key).collect();
            before.retain(|one| one.key().is_none_or(|key| !out.contains(&key)));
            before
        }
        How::Replace | How::Add => {
            let known: HashSet<Key> = before.iter().filter_map(Selection::key).collect();
            let is_new = |one: &Selection| one.key().is_some_and(|key| !known.contains(&key));
            before.extend(found.into_iter().filter(is_new));
            before
        }
    };
    let left_out = now.len().saturating_sub(MAX_SELECTED);
    now.truncate(MAX_SELECTED);
    now.reverse();
    *selection = now.pop().unwrap_or_default();
    also.0 = now;
    left_out
}

/// What tells selected things apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Key {
    Feature(Entity, u32),
    Sensor(u32),
}

impl Selection {
    fn key(&self) -> Option<Key> {
        match self {
            Self::None => None,
            Self::Feature { mesh, feature, .. } => Some(Key::Feature(*mesh, *feature)),
            Self::Sensor(datastream) => Some(Key::Sensor(*datastream)),
        }
    }

    /// Whether both are the same thing, wherever on it was clicked.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pixel_and_its_ray_lead_to_each_other() {
        let view = CityView {
            position: DVec3::new(10.0, -20.0, 300.0),
            forward: DVec3::new(0.2, 0.9, -0.4).normalize(),
            up: DVec3::new(0.1, 0.4, 0.95).normalize(),
            ..CityView::default()
        };
        let up = (view.up - view.forward * view.up.dot(view.forward)).normalize();
        let view = CityView { up, ..view };
        for at_px in [[1.0, 2.0], [640.0, 360.0], [1000.0, 700.0]] {
            let point = view.position + pixel_ray(&view, at_px, [1280.0, 720.0]) * 500.0;
            let back = view.pixel_of(point, [1280.0, 720.0]).unwrap();
            assert!((back[0] - at_px[0]).abs() < 1e-6 && (back[1] - at_px[1]).abs() < 1e-6);
        }
        assert!(
            view.pixel_of(view.position - view.forward, [1280.0, 720.0])
                .is_none()
        );
    }

    #[test]
    fn a_shape_selects_adds_and_takes_out() {
        let (mut selection, mut also) = (Selection::None, AlsoSelected::default());
        let sensors = |numbers: &[u32]| numbers.iter().copied().map(Selection::Sensor).collect();
        let mut drawn = |numbers: &[u32], how: How| {
            let left_out = change(&mut selection, &mut also, sensors(numbers), how);
            let list = std::iter::once(&selection).chain(also.0.iter().rev());
            let list = list.filter_map(|one| match one {
                Selection::Sensor(number) => Some(*number),
                _ => None,
            });
            (list.collect::<Vec<_>>(), left_out)
        };
        assert_eq!(drawn(&[3, 1, 2], How::Replace).0, [3, 1, 2]);
        assert_eq!(drawn(&[2, 5, 4], How::Add).0, [3, 1, 2, 5, 4]);
        assert_eq!(drawn(&[3, 9, 5], How::Remove).0, [1, 2, 4]);
        assert_eq!(drawn(&[7], How::Replace).0, [7]);
        assert!(drawn(&[7], How::Remove).0.is_empty());
        let many: Vec<u32> = (0..6000).collect();
        let (list, left_out) = drawn(&many, How::Replace);
        assert_eq!((list.len(), left_out), (MAX_SELECTED, 1000));
        assert_eq!(list[..2], [0, 1], "what covers most stays");
    }

    #[test]
    fn a_click_with_shift_adds_and_takes_out_again() {
        let (mut selection, mut also) = (Selection::None, AlsoSelected::default());
        let mut click = |sensor: u32| {
            add(&mut selection, &mut also, Selection::Sensor(sensor));
            let rest: Vec<_> = also.0.clone();
            (selection.clone(), rest)
        };
        assert_eq!(click(1), (Selection::Sensor(1), vec![]));
        assert_eq!(click(2).1, [Selection::Sensor(1)]);
        assert_eq!(
            click(3),
            (
                Selection::Sensor(3),
                vec![Selection::Sensor(1), Selection::Sensor(2)]
            )
        );
        assert_eq!(click(1).1, [Selection::Sensor(2)], "taken out");
        assert_eq!(click(3), (Selection::Sensor(2), vec![]));
        assert_eq!(click(2), (Selection::None, vec![]));
        add(&mut selection, &mut also, Selection::None);
        assert_eq!(selection, Selection::None);
    }
}
