//! What the leader says becomes the picture.

use bevy::ecs::prelude::*;
use bevy::ecs::system::SystemParam;
use city_geo::Camera as Pose;
use city_wall::{Source, Theme};

use super::WallNode;
use crate::clock::SimClock;
use crate::frame::SceneFrame;
use crate::framing::view_from_pose;
use crate::geojson::VectorLayer;
use crate::overlays::{HubAddress, LayerLooks};
use crate::panels;
use crate::render::{CityView, Panes, WholeView};
use crate::scenario::{Desk, OpenScenario};
use crate::scene::{AskHubForScene, OpenScene, SceneInfo};
use crate::tiles::{AlsoLoad, GroundPlane};
use crate::ui::WallHud;

/// Everything that the slow state sets.
#[derive(SystemParam)]
pub(super) struct Scene<'w, 's> {
    hub: ResMut<'w, HubAddress>,
    ask: ResMut<'w, AskHubForScene>,
    open: MessageWriter<'w, OpenScene>,
    info: Res<'w, SceneInfo>,
    frame: Res<'w, SceneFrame>,
    looks: ResMut<'w, LayerLooks>,
    vectors: Query<'w, 's, &'static mut VectorLayer>,
    also: ResMut<'w, AlsoLoad>,
    scenario: ResMut<'w, OpenScenario>,
    desk: ResMut<'w, Desk>,
    panels: Option<ResMut<'w, panels::State>>,
}

/// Applies the slow state when it changes, and the scene's part of it when the scene has been opened.
pub(super) fn state(
    mut node: ResMut<WallNode>,
    mut scene: Scene,
    mut applied: Local<Option<(u64, u32)>>,
) {
    let node = &mut *node;
    let Some(state) = node.link.state() else {
        return;
    };
    let wanted = (state.scene.clone(), state.hub.clone());
    if node.opened.as_ref() != Some(&wanted) {
        scene.hub.0.clone_from(&state.hub);
        if state.hub.is_some() {
            // The hub is the wall's shared cache: it serves the scene and its tiles to every node.
            scene.ask.0 = true;
        } else {
            let (name, place) = &node.scene;
            // Paths in the configuration are beside it.
            let url = if *name == state.scene {
                place.clone()
            } else {
                state.scene.clone()
            };
            scene.open.write(OpenScene { url });
        }
        node.opened = Some(wanted);
    }
    let now = (state.revision, scene.frame.generation);
    let ready = scene.info.scene.is_some() && !scene.info.loading;
    if ready && *applied != Some(now) {
        for layer in &state.layers {
            let look = scene.looks.of(&layer.id);
            look.visible = layer.visible;
            look.opacity = layer.opacity as f32;
            for mut vector in &mut scene.vectors {
                if vector.source.id == layer.id {
                    vector.visible = layer.visible;
                    vector.opacity = layer.opacity as f32;
                }
            }
        }
        if node.scenario != state.scenario {
            node.scenario.clone_from(&state.scenario);
            match &state.scenario {
                Some(named) => scene.scenario.0 = Some(named.clone()),
                None => scene.desk.close(),
            }
        }
        scene.also.0 = state
            .next
            .as_ref()
            .map(|next| view_from_pose(&next.pose.camera(), &scene.frame));
        if let Some(panels) = &mut scene.panels {
            panels.0.settings.theme = match state.theme {
                Theme::Dark => crate::ui::ThemeChoice::Dark,
                Theme::Light => crate::ui::ThemeChoice::Light,
            };
        }
        *applied = Some(now);
    }
    node.state = Some(state);
}

/// Camera and clock, once a frame.
pub(super) fn picture(
    mut commands: Commands,
    mut node: ResMut<WallNode>,
    mut clock: ResMut<SimClock>,
    mut views: Query<(Entity, &mut CityView)>,
    mut whole: ResMut<WholeView>,
    frame: Res<SceneFrame>,
    ground: Res<GroundPlane>,
    desk: Res<Desk>,
    panels: Option<ResMut<panels::State>>,
) {
    let node = &mut *node;
    let shown = node.link.present(node.link.now_ns());
    if let Some(mut panels) = panels {
        panels.0.hidden = true;
        panels.0.wall = Some(WallHud {
            name: node.id.clone(),
            words: node.screens.shows_words(),
            screens_px: if shown.flags.identify {
                node.screens.rects_px().collect()
            } else {
                Vec::new()
            },
            lost: matches!(shown.source, Source::FreeRunning { .. }),
            waiting: shown.source == Source::Waiting,
        });
    }
    clock.led = true;
    if let Some(state) = shown.clock {
        clock.lead(state);
    }
    let Some((entity, mut view)) = views.iter_mut().next() else {
        return;
    };
    if let Some(pose) = shown.camera {
        let pose = Pose {
            fov_y_rad: node.screens.fov_y_rad(pose.fov_y_rad),
            ..pose
        };
        let mut next = view_from_pose(&pose, &frame);
        // By numbers that all nodes share, never by the tiles that have arrived here: haze and the near plane must
        // not part at the seams.
        let origin_m = frame.origin.map_or(0.0, |origin| origin.height_m);
        let above_m = pose.position.height_m - origin_m - ground.0.unwrap_or(0.0);
        next.above_ground_m = above_m.max(0.0);
        next.near_m = (above_m.abs() * 0.002).clamp(0.02, 0.5);
        *view = next;
        whole.0 = Some(node.screens.whole(pose.fov_y_rad));
        commands.entity(entity).insert(Panes(
            node.screens.panes(pose.fov_y_rad, desk.shown() as u8),
        ));
    }
    node.shown = Some(shown);
}
