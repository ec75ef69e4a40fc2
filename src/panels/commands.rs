//! What the panels asked for, carried out.

use bevy::ecs::prelude::{MessageWriter, On, Query, Res, ResMut, With};
use bevy::ecs::system::SystemParam;
use bevy::render::view::screenshot::{Screenshot, ScreenshotCaptured};
use bevy::window::{MonitorSelection, PrimaryWindow, Window, WindowMode};
use city_time::{ClockCommand as Set, Interval, SimInstant};

use crate::camera_control::{CameraRequest, FlyTarget};
use crate::clipping::{ClipRequest, Clipping};
use crate::clock::{ClockRequest, SimClock};
use crate::geojson::{OpenGeoJson, VectorLayer, VectorSource};
use crate::host::WantScene;
use crate::joining::{MAX_JOINS, ReadingJoins, TableLayer};
use crate::links::CopyLink;
use crate::marking::{MarkChange, Marks};
use crate::measure::Measure;
use crate::notices::Notices;
use crate::opening::OpenAny;
use crate::overlays::{LayerLooks, Readings};
use crate::picking::region::{RegionRequest, RegionTool, viewport_of};
use crate::picking::{AlsoSelected, How, SelectById, Selection, feature_id};
use crate::platform::{monotonic_ms, pictures_directory};
use crate::render::CityMesh;
use crate::scene::SceneInfo;
use crate::search::Searcher;
use crate::styling::{Known, PANEL_STRENGTH, TilesetStyle, style_by, style_by_reading};
use crate::terrain::GroundLayers;
use crate::tiles::{TileDebug, TileLayer, TileOf};
use crate::ui::colormap;
use crate::ui::model::{MeasureTool, ShapeTool};
use crate::ui::{
    CameraMove, ClipCommand, ClockCommand, ManyCommand, PlanCommand, Target, UiCommand,
};

use super::alarms::Alarms;
use super::settings::Unkept;
use super::several::ExportSelected;
use super::undo::{Change, History};

/// Everything a command may touch.
#[derive(SystemParam)]
pub(super) struct World<'w, 's> {
    clock: MessageWriter<'w, ClockRequest>,
    camera: MessageWriter<'w, CameraRequest>,
    any: MessageWriter<'w, OpenAny>,
    scenes: MessageWriter<'w, WantScene>,
    geojson: MessageWriter<'w, OpenGeoJson>,
    looks: ResMut<'w, LayerLooks>,
    selection: ResMut<'w, Selection>,
    also: ResMut<'w, AlsoSelected>,
    history: ResMut<'w, History>,
    unkept: ResMut<'w, Unkept>,
    alarms: ResMut<'w, Alarms>,
    windows: Query<'w, 's, &'static mut Window, With<PrimaryWindow>>,
    sim: Res<'w, SimClock>,
    spawner: bevy::ecs::system::Commands<'w, 's>,
    debug: ResMut<'w, TileDebug>,
    notices: ResMut<'w, Notices>,
    search: ResMut<'w, Searcher>,
    by_id: ResMut<'w, SelectById>,
    tiles: Query<'w, 's, &'static mut TileLayer>,
    styles: Query<
        'w,
        's,
        (
            bevy::ecs::entity::Entity,
            &'static mut TilesetStyle,
            &'static Known,
        ),
    >,
    vectors: Query<'w, 's, (bevy::ecs::entity::Entity, &'static mut VectorLayer)>,
    tables: Query<'w, 's, &'static mut TableLayer>,
    joins: ResMut<'w, ReadingJoins>,
    ground: ResMut<'w, GroundLayers>,
    readings: Res<'w, Readings>,
    scene: Res<'w, SceneInfo>,
    links: MessageWriter<'w, CopyLink>,
    plan: super::plan::Planner<'w, 's>,
    measure: ResMut<'w, Measure>,
    clips: MessageWriter<'w, ClipRequest>,
    clipping: ResMut<'w, Clipping>,
    many: Many<'w, 's>,
}

pub(super) fn apply(
    mut commands: ResMut<super::Commands>,
    mut world: World,
    mut contexts: bevy_egui::EguiContexts,
) {
    for command in std::mem::take(&mut commands.0) {
        match command {
            UiCommand::SetLayerVisible { layer, visible } => {
                set_visible(&mut world, &layer, visible);
                let change = Change::Visible {
                    layer,
                    now: visible,
                };
                world.history.note(change, monotonic_ms());
            }
            UiCommand::SetLayerOpacity { layer, opacity } => {
                let was = set_opacity(&mut world, &layer, opacity);
                let change = Change::Opacity {
                    layer,
                    was,
                    now: opacity,
                };
                world.history.note(change, monotonic_ms());
            }
            UiCommand::SetStyle {
                layer,
                text,
                strength,
            } => set_style(&mut world, &layer, |style, _| {
                style.set(text.clone(), strength)
            }),
            UiCommand::ColorBy { layer, property } => {
                set_style(&mut world, &layer, |style, known| {
                    let found = known.0.get(&property);
                    let text = style_by(&property, &found.cloned().unwrap_or_default());
                    style.set(text, PANEL_STRENGTH);
                });
            }
            UiCommand::ColorByReading { layer, reading } => {
                color_by_reading(&mut world, &layer, &reading);
            }
            UiCommand::Undo => {
                if !world.plan.undo() {
                    let change = world.history.undo();
                    again(&mut world, change);
                }
            }
            UiCommand::Redo => {
                if !world.plan.redo() {
                    let change = world.history.redo();
                    again(&mut world, change);
                }
            }
            UiCommand::HideSelected if !world.plan.can_hide() => hide(&mut world),
            UiCommand::Many(command) => many(&mut world, command),
            UiCommand::HideSelected | UiCommand::Plan(PlanCommand::HideSelected) => {
                // What is gone has no outline, and is not hidden a second time.
                if world.plan.hide(&world.selection, &world.also) {
                    *world.selection = Selection::None;
                    world.also.0.clear();
                }
            }
            UiCommand::Plan(PlanCommand::OverrideAttribute { attribute, value }) => {
                world
                    .plan
                    .override_attribute(&world.selection, &attribute, value);
            }
            UiCommand::Plan(command) => {
                if matches!(command, PlanCommand::Tool(_)) {
                    world.measure.take(MeasureTool::None);
                    world.many.tool.kind = ShapeTool::None;
                    put_outline_away(&mut world);
                }
                world.plan.apply(command);
            }
            UiCommand::Measure(tool) => {
                if tool != MeasureTool::None {
                    world.plan.apply(PlanCommand::CancelTool);
                    world.many.tool.kind = ShapeTool::None;
                    put_outline_away(&mut world);
                }
                world.measure.take(tool);
            }
            UiCommand::MeasureFinish => world.measure.finish(),
            UiCommand::MeasureBack => world.measure.step_back(),
            UiCommand::Clip(command) => {
                if command == ClipCommand::Draw {
                    world.plan.apply(PlanCommand::CancelTool);
                    world.measure.take(MeasureTool::None);
                    world.many.tool.kind = ShapeTool::None;
                }
                world.clips.write(ClipRequest(command));
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
            UiCommand::Search(text) => {
                world.search.ask(text);
            }
            UiCommand::Select(target) => select(&mut world, &target),
            UiCommand::ClearSelection => {
                *world.selection = Selection::None;
                world.also.0.clear();
            }
            UiCommand::Deselect(place) => deselect(&mut world, place),
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
                world.history.clear();
                // A cut belongs to the city that it was made in.
                world.clips.write(ClipRequest(ClipCommand::Clear));
                world.scenes.write(WantScene { url });
            }
            UiCommand::DismissMessage(id) => world.notices.close(id),
            UiCommand::ForgetMessage(id) => world.notices.forget(id),
            UiCommand::ForgetMessages => world.notices.forget_all(),
            UiCommand::SettingsChanged => world.unkept.0 = Some(monotonic_ms()),
            UiCommand::AcknowledgeAlarm(id) => world.alarms.acknowledge(id),
            UiCommand::ToggleFullscreen => toggle_fullscreen(&mut world),
            UiCommand::Screenshot => screenshot(&mut world),
            // The panels themselves carry these out, or the read model says that they are not offered.
            UiCommand::SetLanguage(_)
            | UiCommand::SetTheme(_)
            | UiCommand::SetUiScale(_)
            | UiCommand::HidePanels(_) => {}
        }
    }
}

/// What is done to everything that is selected.
#[derive(SystemParam)]
struct Many<'w, 's> {
    marks: ResMut<'w, Marks>,
    tool: ResMut<'w, RegionTool>,
    regions: MessageWriter<'w, RegionRequest>,
    exports: MessageWriter<'w, ExportSelected>,
    meshes: Query<'w, 's, (&'static CityMesh, &'static TileOf)>,
}

/// Tilesets and identifiers of what is selected, as far as it has them.
fn identified(world: &World) -> Vec<(bevy::ecs::entity::Entity, String)> {
    let all = std::iter::once(&*world.selection).chain(&world.also.0);
    let identified = all.filter_map(|one| match one {
        Selection::Feature { mesh, feature, .. } => {
            let (mesh, of) = world.many.meshes.get(*mesh).ok()?;
            Some((of.layer, feature_id(mesh, *feature)?))
        }
        _ => None,
    });
    identified.collect()
}

fn nothing_identified(world: &mut World) {
    world.notices.warn(
        "nothing is selected that is part of a tileset and has an identifier",
        "select buildings first; what has no identifier cannot be found again in other levels of detail",
    );
}

/// Hides what is selected. What cannot be seen any more is not selected either.
fn hide(world: &mut World) {
    let all = identified(world);
    if all.is_empty() {
        nothing_identified(world);
        return;
    }
    let changes = world.many.marks.change(all, |mark| mark.hidden = true);
    note_marks(world, changes);
    *world.selection = Selection::None;
    world.also.0.clear();
}

fn many(world: &mut World, command: ManyCommand) {
    match command {
        ManyCommand::Tool(tool) => {
            if tool != ShapeTool::None {
                world.plan.apply(PlanCommand::CancelTool);
                world.measure.take(MeasureTool::None);
                put_outline_away(world);
            }
            world.many.tool.kind = tool;
            world.many.tool.shape = None;
        }
        ManyCommand::All => {
            if let Some(window) = world.windows.iter().next() {
                world.many.regions.write(RegionRequest {
                    shape: None,
                    viewport_px: viewport_of(window),
                    how: How::Replace,
                });
            }
        }
        ManyCommand::ShowHidden => {
            let changes = world.many.marks.change_all(|mark| mark.hidden = false);
            note_marks(world, changes);
        }
        ManyCommand::Uncolor => {
            let changes = world.many.marks.change_all(|mark| mark.color = None);
            note_marks(world, changes);
        }
        ManyCommand::Color(color) => {
            let all = identified(world);
            if all.is_empty() {
                nothing_identified(world);
                return;
            }
            let color = color.map(colormap::category);
            let changes = world.many.marks.change(all, |mark| mark.color = color);
            note_marks(world, changes);
        }
        ManyCommand::Export => {
            world.many.exports.write(ExportSelected);
        }
    }
}

/// One tool is in hand at a time.
fn put_outline_away(world: &mut World) {
    if world.clipping.drawing.is_some() {
        world.clipping.drawing = None;
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

/// Changes the style of the tileset of this name.
fn set_style(world: &mut World, layer: &str, change: impl Fn(&mut TilesetStyle, &Known)) {
    for (entity, mut style, known) in &mut world.styles {
        let is_named = |tileset: &TileLayer| tileset.source.name == layer;
        if world.tiles.get(entity).is_ok_and(is_named) {
            change(&mut style, known);
        }
    }
}

/// Colours a tileset by what the sensors of a layer say of its features, in the colours of that layer.
fn color_by_reading(world: &mut World, tileset: &str, layer: &str) {
    let of_catalog =
        (world.readings.catalog.as_ref()).and_then(|catalog| Some(catalog.layer(layer)?.1.range));
    let Some(of_catalog) = of_catalog else { return };
    let Some(join) = world.joins.of_layer(layer) else {
        world.notices.warn(
            format!("{MAX_JOINS} layers are joined to features already"),
            "take one out of the scene",
        );
        return;
    };
    let look = world.looks.of(layer);
    let range = look.range.unwrap_or(of_catalog);
    let text = style_by_reading(&join.property, range, &look.color_map);
    set_style(world, tileset, |style, _| {
        style.set(text.clone(), PANEL_STRENGTH);
    });
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
    for mut table in &mut world.tables {
        if table.id == id {
            table.visible = visible;
            return;
        }
    }
    if world.ground.set_visible(id, visible) {
        return;
    }
    world.looks.of(id).visible = visible;
}

/// Returns what it was.
fn set_opacity(world: &mut World, id: &str, opacity: f32) -> f32 {
    for mut layer in &mut world.tiles {
        if layer.source.name == id {
            return std::mem::replace(&mut layer.opacity, opacity);
        }
    }
    for (_, mut layer) in &mut world.vectors {
        if layer.source.id == id {
            return std::mem::replace(&mut layer.opacity, opacity);
        }
    }
    if let Some(was) = world.ground.set_opacity(id, opacity) {
        return was;
    }
    std::mem::replace(&mut world.looks.of(id).opacity, opacity)
}

fn again(world: &mut World, change: Option<Change>) {
    match change {
        Some(Change::Visible { layer, now }) => set_visible(world, &layer, now),
        Some(Change::Opacity { layer, now, .. }) => {
            set_opacity(world, &layer, now);
        }
        Some(Change::Cut { now, .. }) => {
            world.history.restore_cut(&mut world.clipping, *now);
        }
        Some(Change::Marks(changes)) => {
            let is_open = |layer| world.tiles.contains(layer);
            world.many.marks.repeat(&changes, is_open);
        }
        None => {}
    }
}

/// Notes what was done by hand, where anything was.
fn note_marks(world: &mut World, changes: Vec<MarkChange>) {
    if !changes.is_empty() {
        let change = Change::Marks(changes.into());
        world.history.note(change, monotonic_ms());
    }
}

/// What is selected, the inspector's first, then from the newest to the oldest: the order of the panel's list.
fn take_selected(world: &mut World) -> Vec<Selection> {
    let first = std::mem::take(&mut *world.selection);
    let rest = std::mem::take(&mut world.also.0);
    std::iter::once(first)
        .chain(rest.into_iter().rev())
        .collect()
}

fn put_selected(world: &mut World, mut all: Vec<Selection>) {
    if !all.is_empty() {
        *world.selection = all.remove(0);
        all.reverse();
        world.also.0 = all;
    }
}

fn deselect(world: &mut World, place: usize) {
    let mut all = take_selected(world);
    if place < all.len() {
        all.remove(place);
    }
    put_selected(world, all);
}

/// Brings one of several selected things into the inspector.
fn inspect(world: &mut World, place: usize) {
    let mut all = take_selected(world);
    if place < all.len() {
        let one = all.remove(place);
        all.insert(0, one);
    }
    put_selected(world, all);
}

fn toggle_fullscreen(world: &mut World) {
    for mut window in &mut world.windows {
        window.mode = match window.mode {
            WindowMode::Windowed => WindowMode::BorderlessFullscreen(MonitorSelection::Current),
            _ => WindowMode::Windowed,
        };
    }
}

/// Saves what the window shows as a PNG, named by the city's time.
fn screenshot(world: &mut World) {
    let time = world.sim.zone.civil(world.sim.now());
    let name = format!(
        "belvedere-{}-{}.png",
        time.date(),
        time.hh_mm_ss().replace(':', "")
    );
    let path = pictures_directory().join(name);
    let save = move |captured: On<ScreenshotCaptured>, mut notices: ResMut<Notices>| {
        let picture = captured.image.clone().try_into_dynamic();
        // What is in the fourth channel is not how clear the view is.
        let saved = picture
            .map_err(|error| error.to_string())
            .and_then(|picture| picture.to_rgb8().save(&path).map_err(|e| e.to_string()));
        match saved {
            Ok(()) => notices.info("a picture of the view is saved", path.display().to_string()),
            Err(error) => notices.error(
                format!(
                    "the picture could not be saved: {}: {error}",
                    path.display()
                ),
                "make room, or start where files may be written",
            ),
        }
    };
    world
        .spawner
        .spawn(Screenshot::primary_window())
        .observe(save);
}

/// A view may belong to a time of day: the last one like it that the clock can reach.
fn seek_time_of_day(world: &mut World, id: &str) {
    let preset = world
        .scene
        .scene
        .as_ref()
        .and_then(|scene| scene.preset(id));
    let wanted = preset.and_then(|preset| preset.time.as_deref());
    let Some(Ok(time)) = wanted.map(SimInstant::parse_rfc3339) else {
        return;
    };
    let edge = world.sim.state().live_edge;
    world
        .clock
        .write(ClockRequest(Set::Seek(last_like(time, edge))));
}

/// The last instant not after `edge` with the time of day of `time`.
fn last_like(time: SimInstant, edge: SimInstant) -> SimInstant {
    const DAY_NS: i64 = 86_400 * city_time::NS_PER_S;
    SimInstant(edge.0 - edge.0.saturating_sub(time.0).rem_euclid(DAY_NS))
}

fn fly(world: &mut World, target: &Target) {
    let request = match target {
        Target::Selection => CameraRequest::FlyTo(FlyTarget::Selection),
        Target::Preset(id) => match world.scene.preset(id) {
            Some(pose) => {
                seek_time_of_day(world, id);
                CameraRequest::FlyTo(FlyTarget::Pose(pose))
            }
            None => return,
        },
        Target::Selected(_) => return,
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
        Target::Sensor(id) => {
            world.also.0.clear();
            *world.selection = Selection::Sensor(*id);
        }
        Target::Selected(place) => inspect(world, *place),
        Target::Result(id) => {
            if let Some(sensor) = world.search.sensor(id) {
                world.also.0.clear();
                *world.selection = Selection::Sensor(sensor);
            }
            if let (Some(building), Some(place)) =
                (world.search.building(id), world.search.place(id))
            {
                world.also.0.clear();
                world.by_id.0 = Some((building, place));
            }
            fly(world, target);
        }
        other => fly(world, other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_day_is_found_on_the_last_day_that_had_it() {
        let at = |text: &str| SimInstant::parse_rfc3339(text).unwrap();
        let edge = at("2026-11-25T09:41:00+08:00");
        let dusk = at("2026-11-23T17:55:00+08:00");
        assert_eq!(last_like(dusk, edge), at("2026-11-24T17:55:00+08:00"));
        assert_eq!(last_like(edge, edge), edge);
        let later = at("2027-01-01T08:00:00+08:00");
        assert_eq!(last_like(later, edge), at("2026-11-25T08:00:00+08:00"));
    }
}
