//! Mouse, touch and keyboard move the camera; [`crate::camera`] decides how.

use std::cell::RefCell;

use bevy::app::{App, Plugin, Update};
use bevy::ecs::prelude::*;
use bevy::ecs::system::SystemParam;
use bevy::input::keyboard::KeyCode;
use bevy::input::mouse::{MouseButton, MouseButtonInput, MouseScrollUnit, MouseWheel};
use bevy::input::touch::{TouchInput, TouchPhase as BevyTouch};
use bevy::input::{ButtonInput, ButtonState};
use bevy::window::{PrimaryWindow, Window};
use city_geo::{Camera, Geodetic, Ray};
use glam::{DVec2, DVec3};

use crate::camera::{CameraController, Gesture, Ground, Input, KeyAxes, TouchPhase, Viewport};
use crate::frame::SceneFrame;
use crate::framing::{HomeView, frame_opened, pose_of, view_from_pose};
use crate::overlays::Readings;
use crate::panels::PanelFocus;
use crate::picking::{PickRequest, Selection};
use crate::platform::monotonic_ms;
use crate::pointer::PointerClaimed;
use crate::render::CityView;
use crate::schedule::FrameSet;
use crate::surroundings::Surroundings;
use crate::tiles::LookAhead;

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

/// Another machine leads the camera: hands do not move it.
#[derive(Resource, Clone, Copy, Debug, Default)]
pub struct CameraLed;

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
    ground_ms: f64,
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
            ground_ms: 0.0,
        }
    }
}

/// Wires input to the camera controller.
pub struct CameraControlPlugin;

impl Plugin for CameraControlPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<CameraState>()
            .init_resource::<PointerClaimed>()
            .add_message::<CameraRequest>()
            .add_systems(
                Update,
                control
                    .in_set(FrameSet::Camera)
                    .after(frame_opened)
                    .run_if(not(resource_exists::<CameraLed>)),
            );
    }
}

/// Everything that hands did.
#[derive(SystemParam)]
struct Hands<'w, 's> {
    windows: Query<'w, 's, &'static Window, With<PrimaryWindow>>,
    buttons: Res<'w, ButtonInput<MouseButton>>,
    clicks: MessageReader<'w, 's, MouseButtonInput>,
    keys: Res<'w, ButtonInput<KeyCode>>,
    wheel: MessageReader<'w, 's, MouseWheel>,
    touches: MessageReader<'w, 's, TouchInput>,
    requests: MessageReader<'w, 's, CameraRequest>,
    focus: Res<'w, PanelFocus>,
    claimed: Res<'w, PointerClaimed>,
}

impl Hands<'_, '_> {
    /// The pointer, at a place in the window, belongs to a panel or to something in the city.
    fn taken(&self, at: DVec2) -> bool {
        self.claimed.is_claimed() || self.focus.takes(at.x, at.y)
    }
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
    mut ahead: ResMut<LookAhead>,
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
    let here = state.ground_at;
    let local_from_pose = world.frame.pose_from_local.inverse();
    let flat_m = world.flat_m();
    // A frame asks for the same few places again and again: each is looked for once.
    let found: RefCell<Vec<(DVec3, Option<f64>)>> = RefCell::default();
    let height = |place: Geodetic| {
        let local = local_from_pose
            .transform_point3(city_geo::ecef_from_geodetic(place.with_height(flat_m)));
        if here.is_some_and(|here| apart_m(here, local) < SAME_PLACE_M) {
            return Some(ground_m);
        }
        let known = |found: &Vec<(DVec3, Option<f64>)>| {
            found
                .iter()
                .find(|(at, _)| apart_m(*at, local) < SAME_PLACE_M)
                .map(|(_, height_m)| *height_m)
        };
        if let Some(height_m) = known(&found.borrow()) {
            return height_m;
        }
        let height_m = world.terrain_m(local);
        found.borrow_mut().push((local, height_m));
        height_m
    };
    let hit = |ray: &Ray| world.hit(ray);
    let ground = Ground {
        height_m: &height,
        hit: &hit,
        default_height_m: flat_m,
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
    let add = hands
        .keys
        .any_pressed([KeyCode::ShiftLeft, KeyCode::ShiftRight]);
    let mut pick = |at: DVec2| {
        picks.write(PickRequest {
            at_px: (at * scale).to_array(),
            viewport_px: [viewport.width_px * scale, viewport.height_px * scale],
            add,
        });
    };
    mouse(state, &mut hands, &ground, &mut pick);
    touch(state, &mut hands, &ground, &mut pick);
    state.controller.input(
        Input::Keys(if hands.focus.typing() {
            KeyAxes::default()
        } else {
            axes(&hands.keys, !hands.focus.focused())
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
    let poses = look_ahead(&state.controller, &world.frame);
    if !(poses.is_empty() && ahead.0.is_empty()) {
        ahead.0 = poses;
    }
}

/// So long before the camera is there its tiles are asked for, seconds.
const AHEAD_S: f64 = 1.0;

/// Where a flight is in a second, and where it ends.
fn look_ahead(controller: &CameraController, frame: &SceneFrame) -> Vec<CityView> {
    let poses = controller
        .flight()
        .map(|flight| [flight.pose_in(AHEAD_S), flight.destination()]);
    poses
        .into_iter()
        .flatten()
        .map(|pose| view_from_pose(&pose, frame))
        .collect()
}

/// Two points nearer to each other than this, seen from above, have the same ground, metres.
const SAME_PLACE_M: f64 = 2.0;
/// The ground below a camera that stands still is looked for so often: finer tiles arrive, milliseconds.
const LOOK_AGAIN_MS: f64 = 300.0;

/// Distance as seen from above, metres. Near enough: the scene's up is z to a degree for 100 km.
fn apart_m(a: DVec3, b: DVec3) -> f64 {
    a.truncate().distance(b.truncate())
}

/// Looks for the ground below the camera again when it has moved or some time has passed.
fn find_ground(state: &mut CameraState, world: &Surroundings, position: DVec3) {
    let now_ms = monotonic_ms();
    let known = state
        .ground_at
        .is_some_and(|at| apart_m(at, position) < SAME_PLACE_M);
    if known && now_ms - state.ground_ms < LOOK_AGAIN_MS {
        return;
    }
    state.ground_m = world.terrain_m(position).unwrap_or_else(|| world.flat_m());
    state.ground_at = Some(position);
    state.ground_ms = now_ms;
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
        hands.clicks.clear();
        return;
    };
    let cursor = cursor.as_dvec2();
    let taken = hands.taken(cursor);
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
    // In the order in which they came: a slow frame may hold both clicks of a double click.
    for event in hands.clicks.read() {
        match event.state {
            ButtonState::Pressed if !taken && state.pressed.is_none() && moves(event.button) => {
                state.pressed = Some(Press {
                    at: cursor,
                    button: event.button,
                    dragging: false,
                });
            }
            ButtonState::Released => {
                if let Some(press) = state.pressed.take_if(|press| press.button == event.button) {
                    release(state, press, cursor, ground, pick);
                }
            }
            ButtonState::Pressed => {}
        }
    }
    let Some(mut press) = state.pressed else {
        return;
    };
    if !hands.buttons.pressed(press.button) {
        // The window lost the pointer meanwhile.
        state.pressed = None;
        if press.dragging {
            state.controller.input(Input::Release, ground);
        }
        return;
    }
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
}

/// Whether a button moves the camera.
fn moves(button: MouseButton) -> bool {
    matches!(
        button,
        MouseButton::Left | MouseButton::Right | MouseButton::Middle
    )
}

/// The end of a drag, a click, or the second click of two.
fn release(
    state: &mut CameraState,
    press: Press,
    cursor: DVec2,
    ground: &Ground,
    pick: &mut dyn FnMut(DVec2),
) {
    if press.dragging {
        state.controller.input(Input::Release, ground);
    } else if press.button == MouseButton::Left {
        let now_ms = monotonic_ms();
        // Clicks are seen once a frame: a slow frame must not part the two of a double click.
        let patience_ms = DOUBLE_CLICK_MS + (now_ms - state.last_ms);
        let double = state.last_click.take().is_some_and(|(at_ms, at)| {
            now_ms - at_ms < patience_ms && at.distance(cursor) < CLICK_PX * 2.0
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
    let claimed = hands.claimed.is_claimed();
    for event in hands.touches.read() {
        let at = event.position.as_dvec2();
        let taken = claimed || hands.focus.takes(at.x, at.y);
        let phase = match event.phase {
            BevyTouch::Started if taken => continue,
            BevyTouch::Started => TouchPhase::Started,
            BevyTouch::Moved => TouchPhase::Moved,
            BevyTouch::Ended | BevyTouch::Canceled => TouchPhase::Ended,
        };
        match phase {
            TouchPhase::Started => state.finger = Some((event.id, monotonic_ms(), at)),
            TouchPhase::Ended => {
                // Events are seen once a frame: a slow frame must not make a tap a long press.
                let now_ms = monotonic_ms();
                let patience_ms = 400.0 + (now_ms - state.last_ms);
                let tap = state.finger.take().is_some_and(|(id, ms, from)| {
                    id == event.id && now_ms - ms < patience_ms && from.distance(at) < 10.0
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
fn axes(keys: &ButtonInput<KeyCode>, arrows: bool) -> KeyAxes {
    // With a modifier a letter is a command, not a direction.
    if keys.any_pressed([
        KeyCode::ControlLeft,
        KeyCode::ControlRight,
        KeyCode::AltLeft,
        KeyCode::AltRight,
        KeyCode::SuperLeft,
        KeyCode::SuperRight,
    ]) {
        return KeyAxes::default();
    }
    let axis = |plus: KeyCode, minus: KeyCode| {
        f64::from(keys.pressed(plus)) - f64::from(keys.pressed(minus))
    };
    // A slider or list that has the focus keeps the arrows for itself.
    let arrow = |plus: KeyCode, minus: KeyCode| if arrows { axis(plus, minus) } else { 0.0 };
    let either = |a: f64, b: f64| (a + b).clamp(-1.0, 1.0);
    KeyAxes {
        forward: either(
            axis(KeyCode::KeyW, KeyCode::KeyS),
            arrow(KeyCode::ArrowUp, KeyCode::ArrowDown),
        ),
        right: either(
            axis(KeyCode::KeyD, KeyCode::KeyA),
            arrow(KeyCode::ArrowRight, KeyCode::ArrowLeft),
        ),
        up: axis(KeyCode::KeyR, KeyCode::KeyF),
        turn: axis(KeyCode::KeyE, KeyCode::KeyQ),
        tilt: axis(KeyCode::PageUp, KeyCode::PageDown),
        // `+` and `-` are actions of the panels, so that they are in the palette too.
        zoom: 0.0,
        fast: keys.any_pressed([KeyCode::ShiftLeft, KeyCode::ShiftRight]),
    }
}
