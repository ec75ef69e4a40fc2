//! Mouse, touch and keyboard move the camera; [`crate::camera`] decides how.

use bevy::app::{App, Plugin, Update};
use bevy::ecs::prelude::*;
use bevy::ecs::system::SystemParam;
use bevy::input::ButtonInput;
use bevy::input::keyboard::KeyCode;
use bevy::input::mouse::{MouseButton, MouseScrollUnit, MouseWheel};
use bevy::input::touch::{TouchInput, TouchPhase as BevyTouch};
use bevy::window::{PrimaryWindow, Window};
use city_geo::{Camera, Geodetic, Ray};
use city_tiles::prepared::SurfaceClass;
use glam::{DVec2, DVec3};

use crate::camera::{CameraController, Gesture, Ground, Input, KeyAxes, TouchPhase, Viewport};
use crate::frame::SceneFrame;
use crate::framing::{HomeView, frame_opened, pose_of, view_from_pose};
use crate::overlays::Readings;
use crate::panels::PanelFocus;
use crate::picking::{PickRequest, Selection, pick_feature};
use crate::platform::monotonic_ms;
use crate::render::{CityMesh, CityView, Placement, Shown};
use crate::schedule::FrameSet;
use crate::tiles::GroundPlane;

/// Where to fly.
#[derive(Clone, Copy, Debug)]
pub enum FlyTarget {
    /// What is selected.
    Selection,
    /// A pose.
    Pose(Camera),
    /// A place; the distance is chosen.
    Place(Geodetic),
}

/// A wish of a panel or a key.
#[derive(Message, Clone, Copy, Debug)]
pub enum CameraRequest {
    /// The scene's home.
    Home,
    /// North up, same place.
    FaceNorth,
    /// Steps toward (positive) or away.
    Zoom(f64),
    /// Fly.
    FlyTo(FlyTarget),
}

/// The controller and what it needs to tell a click from a drag.
#[derive(Resource)]
pub struct CameraState {
    controller: CameraController,
    /// What was last written to the view: another value there came from outside (a scene, a link).
    written: Option<CityView>,
    pressed: Option<Press>,
    last_click: Option<(f64, DVec2)>,
    finger: Option<(u64, f64, DVec2)>,
    last_ms: f64,
    ground_m: f64,
    ground_at: Option<DVec3>,
}

#[derive(Clone, Copy)]
struct Press {
    at: DVec2,
    button: MouseButton,
    dragging: bool,
}

/// A press that moves less than this is a click, logical pixels.
const CLICK_PX: f64 = 4.0;
/// Two clicks within this are a double click, milliseconds.
const DOUBLE_CLICK_MS: f64 = 350.0;

impl Default for CameraState {
    fn default() -> Self {
        Self {
            controller: CameraController::new(Camera::from_degrees(0.0, 0.0, 1000.0, 0.0, -35.0)),
            written: None,
            pressed: None,
            last_click: None,
            finger: None,
            last_ms: monotonic_ms(),
            ground_m: 0.0,
            ground_at: None,
        }
    }
}

/// Wires input to the camera controller.
pub struct CameraControlPlugin;

impl Plugin for CameraControlPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<CameraState>()
            .add_message::<CameraRequest>()
            .add_systems(Update, control.in_set(FrameSet::Camera).after(frame_opened));
    }
}

/// The world as a ray sees it.
#[derive(SystemParam)]
struct Surroundings<'w, 's> {
    frame: Res<'w, SceneFrame>,
    ground: Res<'w, GroundPlane>,
    meshes: Query<
        'w,
        's,
        (
            Entity,
            &'static CityMesh,
            &'static Placement,
            &'static Shown,
        ),
    >,
}

impl Surroundings<'_, '_> {
    /// Metres along a ray (pose frame) to what is drawn.
    fn hit(&self, ray: &Ray) -> Option<f64> {
        let local_from_pose = self.frame.pose_from_local.inverse();
        let origin = local_from_pose.transform_point3(ray.origin);
        let direction = local_from_pose.transform_vector3(ray.direction).normalize();
        let shown = self
            .meshes
            .iter()
            .filter(|(_, _, _, shown)| shown.0)
            .map(|(e, m, p, _)| (e, m, p));
        pick_feature(origin, direction, shown).map(|hit| hit.distance_m)
    }

    /// Height of the terrain below a local point, metres above the ellipsoid.
    fn terrain_m(&self, local: DVec3) -> Option<f64> {
        let up = self.frame.up_at(local);
        let above = local + up * 20_000.0;
        let terrain = self.meshes.iter().filter(|(_, mesh, _, shown)| {
            shown.0
                && mesh
                    .0
                    .materials
                    .iter()
                    .any(|m| matches!(m.class, SurfaceClass::Terrain | SurfaceClass::Water))
        });
        let hit = pick_feature(above, -up, terrain.map(|(e, m, p, _)| (e, m, p)))?;
        self.height_m(hit.at)
    }

    fn height_m(&self, local: DVec3) -> Option<f64> {
        Some(
            city_geo::geodetic_from_ecef(self.frame.pose_from_local.transform_point3(local))
                .height_m,
        )
    }
}

/// Everything that hands did.
#[derive(SystemParam)]
struct Hands<'w, 's> {
    windows: Query<'w, 's, &'static Window, With<PrimaryWindow>>,
    buttons: Res<'w, ButtonInput<MouseButton>>,
    keys: Res<'w, ButtonInput<KeyCode>>,
    wheel: MessageReader<'w, 's, MouseWheel>,
    touches: MessageReader<'w, 's, TouchInput>,
    requests: MessageReader<'w, 's, CameraRequest>,
    focus: Res<'w, PanelFocus>,
}

fn control(
    mut state: ResMut<CameraState>,
    mut hands: Hands,
    world: Surroundings,
    mut views: Query<&mut CityView>,
    home: Res<HomeView>,
    selection: Res<Selection>,
    readings: Res<Readings>,
    mut picks: MessageWriter<PickRequest>,
) {
    let state = &mut *state;
    let (Some(window), Some(mut view)) = (hands.windows.iter().next(), views.iter_mut().next())
    else {
        return;
    };
    let viewport = Viewport {
        width_px: f64::from(window.width()),
        height_px: f64::from(window.height()),
    };
    state.controller.set_viewport(viewport);
    if state
        .written
        .is_none_or(|written| written.position != view.position || written.forward != view.forward)
    {
        state.controller.jump_to(pose_of(&view, &world.frame));
        state.ground_at = None;
    }
    if home.is_changed()
        && let Some(home) = &home.0
    {
        state.controller.set_home(pose_of(home, &world.frame));
    }
    find_ground(state, &world, view.position);
    let ground_m = state.ground_m;
    let height = |_: Geodetic| Some(ground_m);
    let hit = |ray: &Ray| world.hit(ray);
    let ground = Ground {
        height_m: &height,
        hit: &hit,
        default_height_m: ground_m,
    };

    for request in hands.requests.read() {
        match *request {
            CameraRequest::Home => state.controller.go_home(&ground),
            CameraRequest::FaceNorth => state.controller.face_north(&ground),
            CameraRequest::Zoom(steps) => state.controller.zoom_by(steps, &ground),
            CameraRequest::FlyTo(FlyTarget::Pose(pose)) => state.controller.fly_to(pose, &ground),
            CameraRequest::FlyTo(FlyTarget::Place(place)) => {
                state.controller.fly_to_place(place, None, &ground)
            }
            CameraRequest::FlyTo(FlyTarget::Selection) => {
                if let Some(place) = selected_place(&selection, &readings, &world.frame) {
                    state.controller.fly_to_place(place, Some(400.0), &ground);
                }
            }
        }
    }
    let scale = f64::from(window.scale_factor());
    let mut pick = |at: DVec2| {
        picks.write(PickRequest {
            at_px: (at * scale).to_array(),
            viewport_px: [viewport.width_px * scale, viewport.height_px * scale],
        });
    };
    mouse(state, &mut hands, &ground, &mut pick);
    touch(state, &mut hands, &ground, &mut pick);
    state.controller.input(
        Input::Keys(if hands.focus.typing() {
            KeyAxes::default()
        } else {
            axes(&hands.keys)
        }),
        &ground,
    );

    let now_ms = monotonic_ms();
    let passed_s = (now_ms - std::mem::replace(&mut state.last_ms, now_ms)) * 1e-3;
    state.controller.update(passed_s, &ground);
    let mut next = view_from_pose(state.controller.camera(), &world.frame);
    next.near_m = (state.controller.camera().position.height_m - ground_m)
        .abs()
        .mul_add(0.002, 0.0)
        .clamp(0.02, 2.0);
    next.above_ground_m = (state.controller.camera().position.height_m - ground_m).max(0.0);
    *view = next;
    state.written = Some(next);
}

/// Looks for the ground below the camera again when it has moved; the answer holds for the frame.
fn find_ground(state: &mut CameraState, world: &Surroundings, position: DVec3) {
    let moved = state.ground_at.is_none_or(|at| at.distance(position) > 2.0);
    if !moved && state.ground_at.is_some() {
        return;
    }
    let flat = world
        .ground
        .0
        .map(|height| height + world.frame.origin.map_or(0.0, |o| o.height_m));
    let found = world.terrain_m(position).or(flat);
    if let Some(found) = found {
        state.ground_m = found;
        state.ground_at = Some(position);
    } else {
        state.ground_m = world.frame.origin.map_or(-1.0e4, |origin| origin.height_m);
    }
}

fn selected_place(
    selection: &Selection,
    readings: &Readings,
    frame: &SceneFrame,
) -> Option<Geodetic> {
    match selection {
        Selection::None => None,
        Selection::Feature { at, .. } => Some(city_geo::geodetic_from_ecef(
            frame.pose_from_local.transform_point3(*at),
        )),
        Selection::Sensor(id) => {
            let stream = readings.catalog.as_ref()?.datastream(*id)?;
            Some(Geodetic::from_degrees(
                stream.lon,
                stream.lat,
                stream.height_m,
            ))
        }
    }
}

fn mouse(state: &mut CameraState, hands: &mut Hands, ground: &Ground, pick: &mut dyn FnMut(DVec2)) {
    let Some(cursor) = hands
        .windows
        .iter()
        .next()
        .and_then(Window::cursor_position)
    else {
        hands.wheel.clear();
        return;
    };
    let cursor = cursor.as_dvec2();
    let taken = hands.focus.pointer_taken();
    let steps: f64 = hands
        .wheel
        .read()
        .map(|wheel| match wheel.unit {
            MouseScrollUnit::Line => f64::from(wheel.y),
            // Touch pads and browsers count pixels; a notch is about 100 of them.
            MouseScrollUnit::Pixel => f64::from(wheel.y) / 100.0,
        })
        .sum();
    if steps != 0.0 && !taken {
        state
            .controller
            .input(Input::Wheel(cursor, steps.clamp(-10.0, 10.0)), ground);
    }
    for button in [MouseButton::Left, MouseButton::Right, MouseButton::Middle] {
        if hands.buttons.just_pressed(button) && !taken && state.pressed.is_none() {
            state.pressed = Some(Press {
                at: cursor,
                button,
                dragging: false,
            });
        }
    }
    let Some(mut press) = state.pressed else {
        return;
    };
    if hands.buttons.pressed(press.button) {
        if !press.dragging && press.at.distance(cursor) > CLICK_PX {
            press.dragging = true;
            let look = hands
                .keys
                .any_pressed([KeyCode::ControlLeft, KeyCode::ControlRight]);
            let gesture = match press.button {
                MouseButton::Left if look => Gesture::Look,
                MouseButton::Left => Gesture::Orbit,
                _ => Gesture::Pan,
            };
            state
                .controller
                .input(Input::Press(gesture, press.at), ground);
        }
        if press.dragging {
            state.controller.input(Input::Drag(cursor), ground);
        }
        state.pressed = Some(press);
        return;
    }
    state.pressed = None;
    if press.dragging {
        state.controller.input(Input::Release, ground);
    } else if press.button == MouseButton::Left {
        let now_ms = monotonic_ms();
        let double = state.last_click.take().is_some_and(|(at_ms, at)| {
            now_ms - at_ms < DOUBLE_CLICK_MS && at.distance(cursor) < CLICK_PX * 2.0
        });
        if double {
            state.controller.input(Input::FlyHere(cursor), ground);
        } else {
            state.last_click = Some((now_ms, cursor));
            pick(cursor);
        }
    }
}

fn touch(state: &mut CameraState, hands: &mut Hands, ground: &Ground, pick: &mut dyn FnMut(DVec2)) {
    let taken = hands.focus.pointer_taken();
    for event in hands.touches.read() {
        let at = event.position.as_dvec2();
        let phase = match event.phase {
            BevyTouch::Started if taken => continue,
            BevyTouch::Started => TouchPhase::Started,
            BevyTouch::Moved => TouchPhase::Moved,
            BevyTouch::Ended | BevyTouch::Canceled => TouchPhase::Ended,
        };
        match phase {
            TouchPhase::Started => state.finger = Some((event.id, monotonic_ms(), at)),
            TouchPhase::Ended => {
                let tap = state.finger.take().is_some_and(|(id, ms, from)| {
                    id == event.id && monotonic_ms() - ms < 400.0 && from.distance(at) < 10.0
                });
                if tap {
                    pick(at);
                }
            }
            TouchPhase::Moved => {}
        }
        state
            .controller
            .input(Input::Touch(event.id, phase, at), ground);
    }
}

/// The keys of the keyboard map that move the camera.
fn axes(keys: &ButtonInput<KeyCode>) -> KeyAxes {
    // With a modifier a letter is a command, not a direction.
    if keys.any_pressed([
        KeyCode::ControlLeft,
        KeyCode::ControlRight,
        KeyCode::AltLeft,
        KeyCode::SuperLeft,
    ]) {
        return KeyAxes::default();
    }
    let axis = |plus: &[KeyCode], minus: &[KeyCode]| {
        f64::from(keys.any_pressed(plus.iter().copied()))
            - f64::from(keys.any_pressed(minus.iter().copied()))
    };
    KeyAxes {
        forward: axis(
            &[KeyCode::KeyW, KeyCode::ArrowUp],
            &[KeyCode::KeyS, KeyCode::ArrowDown],
        ),
        right: axis(
            &[KeyCode::KeyD, KeyCode::ArrowRight],
            &[KeyCode::KeyA, KeyCode::ArrowLeft],
        ),
        up: axis(&[KeyCode::KeyR], &[KeyCode::KeyF]),
        turn: axis(&[KeyCode::KeyE], &[KeyCode::KeyQ]),
        tilt: axis(&[KeyCode::PageUp], &[KeyCode::PageDown]),
        zoom: axis(
            &[KeyCode::Equal, KeyCode::NumpadAdd],
            &[KeyCode::Minus, KeyCode::NumpadSubtract],
        ),
        fast: keys.any_pressed([KeyCode::ShiftLeft, KeyCode::ShiftRight]),
    }
}
