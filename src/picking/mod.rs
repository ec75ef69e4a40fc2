//! Clicks become selections: a ray against what is drawn, on the CPU.
//!
//! The meshes are in memory anyway, a click is rare, and no GPU is stalled; the same click picks
//! the same feature on every adapter.

mod outline;
mod ray;

pub use ray::{Hit, pick_feature};

use bevy::app::{App, Plugin, Update};
use bevy::ecs::prelude::*;
use glam::DVec3;

use crate::geojson::{VectorLayer, highlight, pick_stroke};
use crate::overlays::{MarkerHit, pick_marker};
use crate::render::{CityMesh, CityView, LineSet, MarkerLayer, Placement, Shown, Style};
use crate::schedule::FrameSet;
use crate::tiles::TileOf;

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

/// A click or tap on the map: position in physical pixels and the viewport's size.
#[derive(Message, Clone, Copy, Debug)]
pub struct PickRequest {
    /// From the left and the top.
    pub at_px: [f64; 2],
    /// Width and height.
    pub viewport_px: [f64; 2],
}

/// The outline of the selected feature.
#[derive(Component)]
struct SelectionOutline;

/// Picks and outlines.
pub struct PickingPlugin;

impl Plugin for PickingPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Selection>()
            .add_message::<PickRequest>()
            .add_systems(Update, (pick, follow).chain().in_set(FrameSet::Picking));
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

fn pick(
    mut requests: MessageReader<PickRequest>,
    mut selection: ResMut<Selection>,
    views: Query<&CityView>,
    markers: Query<&MarkerLayer>,
    index: Res<crate::overlays::MarkerIndex>,
    meshes: Query<(Entity, &CityMesh, &Placement, &Shown), Without<VectorLayer>>,
    layers: Query<(Entity, &VectorLayer, &CityMesh, &Placement, &Shown)>,
) {
    let (Some(request), Some(view)) = (requests.read().last(), views.iter().next()) else {
        return;
    };
    // Sensors lie over the city, so they win.
    if let Some(MarkerHit { datastream, .. }) = pick_marker(view, request, &markers, &index) {
        *selection = Selection::Sensor(datastream);
        return;
    }
    let direction = pixel_ray(view, request.at_px, request.viewport_px);
    let shown = meshes
        .iter()
        .filter(|(_, _, _, shown)| shown.0)
        .map(|(e, m, p, _)| (e, m, p));
    let city = pick_feature(view.position, direction, shown);
    let hidden_from_m = city.map_or(f64::INFINITY, |hit| hit.distance_m);
    let lines = layers.iter().map(|(e, layer, _, p, _)| (e, layer, p));
    if let Some(hit) = pick_stroke(view, request, hidden_from_m, lines) {
        *selection = Selection::Feature {
            mesh: hit.layer,
            feature: hit.feature,
            at: hit.at,
        };
        return;
    }
    let shown = layers
        .iter()
        .filter(|(.., shown)| shown.0)
        .map(|(e, _, m, p, _)| (e, m, p));
    // Layers on the ground are drawn over it even where its triangles are a little nearer.
    let laid = pick_feature(view.position, direction, shown)
        .filter(|hit| hit.distance_m <= hidden_from_m * 1.005 + 2.0);
    *selection = match laid.or(city) {
        Some(Hit {
            mesh,
            feature: Some(feature),
            at,
            ..
        }) => Selection::Feature { mesh, feature, at },
        _ => Selection::None,
    };
}

/// Keeps highlight and outline on the selected feature while tiles come and go.
fn follow(
    mut commands: Commands,
    mut selection: ResMut<Selection>,
    mut meshes: Query<(Ref<CityMesh>, &Placement, &mut Style)>,
    layers: Query<&VectorLayer>,
    outlines: Query<Entity, With<SelectionOutline>>,
    tiles: Query<(Entity, &CityMesh, &Shown), With<TileOf>>,
    mut drawn: Local<Option<(Entity, u32)>>,
    mut key: Local<Option<FeatureKey>>,
) {
    let mut wanted = match &*selection {
        Selection::Feature { mesh, feature, .. } => Some((*mesh, *feature)),
        _ => None,
    };
    if let Some((mesh, feature)) = wanted {
        let shown = tiles
            .get(mesh)
            .map_or(meshes.contains(mesh), |(_, _, shown)| shown.0);
        if selection.is_changed() && shown {
            *key = meshes
                .get(mesh)
                .ok()
                .and_then(|(mesh, _, _)| FeatureKey::of(&mesh, feature));
        } else if !shown {
            // Another level of detail took over: the same building under the same identifier there.
            let found = key.as_ref().and_then(|key| {
                tiles
                    .iter()
                    .filter(|(_, _, shown)| shown.0)
                    .find_map(|(entity, mesh, _)| Some((entity, key.find(mesh)?)))
            });
            if let (Some((mesh, feature)), Selection::Feature { at, .. }) =
                (found, selection.clone())
            {
                *selection = Selection::Feature { mesh, feature, at };
                wanted = Some((mesh, feature));
            }
        }
    }
    // A layer that is laid anew keeps its entity but not its shape.
    let same = |(mesh, _): (Entity, u32)| {
        meshes
            .get(mesh)
            .is_ok_and(|(mesh, _, _)| !mesh.is_changed())
    };
    if *drawn == wanted && wanted.is_none_or(same) {
        return;
    }
    if let Some((mesh, _)) = drawn.take()
        && let Ok((_, _, mut style)) = meshes.get_mut(mesh)
    {
        style.selected_feature = u32::MAX;
    }
    for entity in &outlines {
        commands.entity(entity).despawn();
    }
    if let Some((mesh, feature)) = wanted
        && let Ok((city_mesh, placement, mut style)) = meshes.get_mut(mesh)
    {
        style.selected_feature = feature;
        let mut set: LineSet = outline::of_feature(&city_mesh.0, placement, feature);
        if let Ok(layer) = layers.get(mesh) {
            let mut segments = highlight(&layer.strokes, feature, outline::RIM);
            segments.extend_from_slice(&set.segments);
            set.segments = std::sync::Arc::new(segments);
            set.pull = outline::LAYER_PULL;
        }
        commands.spawn((SelectionOutline, set));
        *drawn = Some((mesh, feature));
    }
}

/// What identifies a feature across levels of detail.
struct FeatureKey {
    property: String,
    value: String,
}

impl FeatureKey {
    fn of(mesh: &CityMesh, feature: u32) -> Option<Self> {
        let properties = mesh.0.features.properties(feature);
        let id = properties
            .iter()
            .find(|p| {
                matches!(
                    p.id.as_str(),
                    "id" | "identificatie" | "gml_id" | "gml:id" | "bag_id"
                )
            })
            .or_else(|| {
                properties
                    .iter()
                    .find(|p| p.id.to_lowercase().ends_with("id"))
            })?;
        Some(Self {
            property: id.id.clone(),
            value: id.value.to_string(),
        })
    }

    fn find(&self, mesh: &CityMesh) -> Option<u32> {
        let table = &mesh.0.features;
        (0..table.len()).find(|feature| {
            table
                .lookup(*feature, &self.property)
                .is_some_and(|value| value.to_string() == self.value)
        })
    }
}
