//! What the panels asked for, carried out.

use bevy::ecs::prelude::*;
use bevy::ecs::system::SystemParam;
use city_time::{ClockCommand as Set, Interval, SimInstant};

use crate::camera_control::{CameraRequest, FlyTarget};
use crate::clock::ClockRequest;
use crate::geojson::{OpenGeoJson, VectorLayer, VectorSource};
use crate::links::CopyLink;
use crate::notices::Notices;
use crate::opening::OpenAny;
use crate::overlays::{LayerLooks, Readings};
use crate::picking::Selection;
use crate::scene::{OpenScene, SceneInfo};
use crate::search::Searcher;
use crate::tiles::{TileDebug, TileLayer};
use crate::ui::{CameraMove, ClockCommand, Target, UiCommand};

/// Everything a command may touch.
#[derive(SystemParam)]
pub(super) struct World<'w, 's> {
    clock: MessageWriter<'w, ClockRequest>,
    camera: MessageWriter<'w, CameraRequest>,
    any: MessageWriter<'w, OpenAny>,
    scenes: MessageWriter<'w, OpenScene>,
    geojson: MessageWriter<'w, OpenGeoJson>,
    looks: ResMut<'w, LayerLooks>,
    selection: ResMut<'w, Selection>,
    debug: ResMut<'w, TileDebug>,
    notices: ResMut<'w, Notices>,
    search: ResMut<'w, Searcher>,
    tiles: Query<'w, 's, &'static mut TileLayer>,
    vectors: Query<'w, 's, (Entity, &'static mut VectorLayer)>,
    readings: Res<'w, Readings>,
    scene: Res<'w, SceneInfo>,
    links: MessageWriter<'w, CopyLink>,
}

pub(super) fn apply(
    mut commands: ResMut<super::Commands>,
    mut world: World,
    mut contexts: bevy_egui::EguiContexts,
) {
    for command in std::mem::take(&mut commands.0) {
        match command {
            UiCommand::SetLayerVisible { layer, visible } => {
                set_visible(&mut world, &layer, visible)
            }
            UiCommand::SetLayerOpacity { layer, opacity } => {
                set_opacity(&mut world, &layer, opacity)
            }
            UiCommand::Clock(command) => {
                world.clock.write(ClockRequest(clock_command(command)));
            }
            UiCommand::FlyTo(target) => fly(&mut world, &target),
            UiCommand::Home => {
                world.camera.write(CameraRequest::Home);
            }
            UiCommand::FaceNorth => {
                world.camera.write(CameraRequest::FaceNorth);
            }
            UiCommand::Move(CameraMove::Zoom(steps)) => {
                world.camera.write(CameraRequest::Zoom(f64::from(steps)));
            }
            UiCommand::Search(text) => world.search.ask(text),
            UiCommand::Select(target) => select(&mut world, &target),
            UiCommand::ClearSelection => *world.selection = Selection::None,
            UiCommand::SetFreeze(on) => world.debug.freeze = on,
            UiCommand::SetShowVolumes(on) => world.debug.volumes = on,
            UiCommand::SetColorByLevel(on) => world.debug.color_by_level = on,
            UiCommand::CopyLink => {
                world.links.write(CopyLink);
            }
            UiCommand::CopyText(text) => {
                if let Ok(ctx) = contexts.ctx_mut() {
                    ctx.copy_text(text);
                }
            }
            UiCommand::OpenUrl(url) => {
                if let Ok(ctx) = contexts.ctx_mut() {
                    ctx.open_url(egui::OpenUrl::new_tab(url));
                }
            }
            UiCommand::OpenTileset(url) => {
                // What was typed may be any of the three: the content decides.
                world.any.write(OpenAny { url });
            }
            UiCommand::OpenGeoJson(url) => {
                world.geojson.write(OpenGeoJson {
                    source: VectorSource::of(&url),
                    of_scene: false,
                });
            }
            UiCommand::OpenScene(url) => {
                world.scenes.write(OpenScene { url });
            }
            UiCommand::DismissMessage(id) => world.notices.dismiss(id),
            // Kept by the panels themselves, or not part of this version.
            UiCommand::SetLanguage(_)
            | UiCommand::SetTheme(_)
            | UiCommand::SetUiScale(_)
            | UiCommand::HidePanels(_)
            | UiCommand::SettingsChanged
            | UiCommand::AcknowledgeAlarm(_) => {}
            UiCommand::HideSelected
            | UiCommand::Undo
            | UiCommand::Redo
            | UiCommand::Screenshot
            | UiCommand::ToggleFullscreen => {
                world.notices.info("this version cannot do that yet", "");
            }
        }
    }
}

fn clock_command(command: ClockCommand) -> Set {
    match command {
        ClockCommand::Play => Set::Play,
        ClockCommand::Pause => Set::Pause,
        ClockCommand::Seek(ns) => Set::Seek(SimInstant(ns)),
        ClockCommand::Step(ns) => Set::Step(ns),
        ClockCommand::SetRate(rate) => Set::SetRate(rate.round().clamp(1.0, 3600.0) as u32),
        ClockCommand::GoLive => Set::GoLive,
        ClockCommand::SetLoop(range) => Set::Loop(range.map(|(start, end)| Interval {
            start: SimInstant(start.min(end)),
            end: SimInstant(end.max(start)),
        })),
    }
}

fn set_visible(world: &mut World, id: &str, visible: bool) {
    for mut layer in &mut world.tiles {
        if layer.source.name == id {
            layer.visible = visible;
            return;
        }
    }
    for (entity, mut layer) in &mut world.vectors {
        if layer.source.id == id {
            layer.visible = visible;
            let selected =
                matches!(&*world.selection, Selection::Feature { mesh, .. } if *mesh == entity);
            if selected && !visible {
                *world.selection = Selection::None;
            }
            return;
        }
    }
    world.looks.of(id).visible = visible;
}

fn set_opacity(world: &mut World, id: &str, opacity: f32) {
    for mut layer in &mut world.tiles {
        if layer.source.name == id {
            layer.opacity = opacity;
            return;
        }
    }
    for (_, mut layer) in &mut world.vectors {
        if layer.source.id == id {
            layer.opacity = opacity;
            return;
        }
    }
    world.looks.of(id).opacity = opacity;
}

fn fly(world: &mut World, target: &Target) {
    let request = match target {
        Target::Selection => CameraRequest::FlyTo(FlyTarget::Selection),
        Target::Preset(id) => match world.scene.preset(id) {
            Some(pose) => CameraRequest::FlyTo(FlyTarget::Pose(pose)),
            None => return,
        },
        Target::Result(id) => match world.search.place(id) {
            Some(place) => CameraRequest::FlyTo(FlyTarget::Place(place)),
            None => return,
        },
        Target::Sensor(id) => match sensor_place(world, *id) {
            Some(place) => CameraRequest::FlyTo(FlyTarget::Place(place)),
            None => return,
        },
        Target::Layer(_) => CameraRequest::Home,
    };
    world.camera.write(request);
}

fn sensor_place(world: &World, id: u32) -> Option<city_geo::Geodetic> {
    let stream = world.readings.catalog.as_ref()?.datastream(id)?;
    Some(city_geo::Geodetic::from_degrees(
        stream.lon,
        stream.lat,
        stream.height_m,
    ))
}

fn select(world: &mut World, target: &Target) {
    match target {
        Target::Sensor(id) => *world.selection = Selection::Sensor(*id),
        Target::Result(id) => {
            if let Some(sensor) = world.search.sensor(id) {
                *world.selection = Selection::Sensor(sensor);
            }
            fly(world, target);
        }
        other => fly(world, other),
    }
}
