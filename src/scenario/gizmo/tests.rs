//! The gizmo in an app without a window system: a pointer that moves and presses.

use bevy::input::mouse::{MouseButton, MouseButtonInput};
use bevy::input::touch::{TouchInput, TouchPhase};
use bevy::input::{ButtonInput, ButtonState};
use bevy::math::Vec2;
use bevy::window::WindowResolution;
use city_geo::Geodetic;
use city_time::SimInstant;
use glam::DVec3;

use super::*;
use crate::frame::SceneFrame;
use crate::panels::PanelFocus;
use crate::tiles::GroundPlane;
use crate::ui::model::PlanTool;

/// From straight above, north up: a pixel is as wide everywhere.
const HEIGHT_M: f64 = 300.0;
const MIDDLE: [f32; 2] = [400.0, 300.0];

/// A picture of a model that is chosen, in the middle.
fn app() -> App {
    let origin = Geodetic::from_degrees(114.17, 22.29, 0.0);
    let mut desk = Desk::default();
    desk.create("Quay");
    desk.model_url = "kiosk.glb".to_owned();
    desk.tool = PlanTool::Model;
    desk.click(origin);
    desk.refresh(SimInstant(0));
    let mut app = App::new();
    app.insert_resource(desk)
        .insert_resource(SceneFrame::at(origin))
        .init_resource::<GroundPlane>()
        .init_resource::<PickingPaused>()
        .init_resource::<PanelFocus>()
        .init_resource::<ButtonInput<MouseButton>>()
        .init_resource::<ButtonInput<KeyCode>>()
        .add_message::<MouseButtonInput>()
        .add_message::<TouchInput>()
        .add_plugins(GizmoPlugin);
    crate::schedule::configure(&mut app);
    let view = CityView {
        position: DVec3::new(0.0, 0.0, HEIGHT_M),
        forward: DVec3::NEG_Z,
        up: DVec3::Y,
        ..CityView::default()
    };
    app.world_mut().spawn(view);
    let window = Window {
        resolution: WindowResolution::new(800, 600),
        ..Window::default()
    };
    app.world_mut().spawn((window, PrimaryWindow));
    app
}

fn metres_per_px(app: &mut App) -> f64 {
    let view = *app
        .world_mut()
        .query::<&CityView>()
        .single(app.world())
        .unwrap();
    2.0 * HEIGHT_M * (view.fov_y_rad * 0.5).tan() / 600.0
}

/// The pointer at so many pixels right of and above the middle.
fn point(app: &mut App, right: f32, above: f32) {
    let [x, y] = MIDDLE;
    let mut windows = app.world_mut().query::<&mut Window>();
    let mut window = windows.single_mut(app.world_mut()).unwrap();
    window.set_cursor_position(Some(Vec2::new(x + right, y - above)));
    app.update();
    refresh(app);
}

fn button(app: &mut App, state: ButtonState) {
    let world = app.world_mut();
    world.write_message(MouseButtonInput {
        button: MouseButton::Left,
        state,
        window: Entity::PLACEHOLDER,
    });
    let mut buttons = world.resource_mut::<ButtonInput<MouseButton>>();
    match state {
        ButtonState::Pressed => buttons.press(MouseButton::Left),
        ButtonState::Released => buttons.release(MouseButton::Left),
    }
    app.update();
    refresh(app);
}

fn refresh(app: &mut App) {
    app.world_mut()
        .resource_mut::<Desk>()
        .refresh(SimInstant(0));
}

fn desk(app: &App) -> &Desk {
    app.world().resource::<Desk>()
}

fn claimed(app: &App) -> bool {
    app.world().resource::<PointerClaimed>().is_claimed()
}

/// East and north of where it was placed, metres.
fn place(app: &App) -> [f64; 2] {
    let desk = desk(app);
    let model = &desk.plan(OPEN).models[desk.chosen.as_ref().unwrap()];
    let frame = app.world().resource::<SceneFrame>();
    let at = frame.local(model.position.geodetic());
    [at.x, at.y]
}

#[test]
fn a_handle_is_dragged_live_and_let_go_as_one_change() {
    let mut app = app();
    let px = metres_per_px(&mut app);
    point(&mut app, 200.0, 0.0);
    assert_eq!(desk(&app).hand, Hand::Away);
    point(&mut app, 45.0, 0.0);
    assert_eq!(desk(&app).hand, Hand::Over);
    assert!(!claimed(&app), "the wheel still moves the camera");
    button(&mut app, ButtonState::Pressed);
    assert!(claimed(&app));
    for right in [60.0, 100.0, 145.0] {
        point(&mut app, right, 30.0);
        let held = desk(&app).held.unwrap();
        assert!((held.east_m - f64::from(right - 45.0) * px).abs() < 0.01);
        assert_eq!((held.north_m, held.clockwise_deg), (0.0, 0.0));
        assert_eq!(place(&app)[0].round(), 0.0, "not changed yet");
    }
    button(&mut app, ButtonState::Released);
    let [east_m, north_m] = place(&app);
    assert!((east_m - 100.0 * px).abs() < 0.05 && north_m.abs() < 0.05);
    assert_eq!(desk(&app).held, None);
    app.update();
    assert!(!claimed(&app));
    let mut desk = app.world_mut().resource_mut::<Desk>();
    let editor = desk.editor.as_mut().unwrap();
    assert_eq!(editor.scenario().operations.len(), 1);
    editor.undo();
    desk.touch();
    refresh(&mut app);
    assert!(place(&app)[0].abs() < 1e-6);
}

#[test]
fn the_ring_turns_it() {
    let mut app = app();
    point(&mut app, 0.0, 90.0);
    button(&mut app, ButtonState::Pressed);
    point(&mut app, 90.0, 0.0);
    let held = desk(&app).held.unwrap();
    assert!((held.clockwise_deg - 90.0).abs() < 0.1, "{held:?}");
    button(&mut app, ButtonState::Released);
    let desk = desk(&app);
    let model = &desk.plan(OPEN).models[desk.chosen.as_ref().unwrap()];
    assert!((model.heading_deg - 90.0).abs() < 0.1);
}

#[test]
fn escape_puts_it_back_and_the_camera_keeps_still_until_the_button_is_up() {
    let mut app = app();
    point(&mut app, 0.0, 0.0);
    button(&mut app, ButtonState::Pressed);
    point(&mut app, 80.0, 10.0);
    assert!(desk(&app).held.is_some());
    app.world_mut().resource_mut::<Desk>().held = None;
    point(&mut app, 120.0, 10.0);
    assert_eq!(desk(&app).held, None);
    assert!(claimed(&app));
    button(&mut app, ButtonState::Released);
    assert!(place(&app)[0].abs() < 1e-6);
    point(&mut app, 120.0, 10.0);
    assert!(!claimed(&app));
}

#[test]
fn with_a_tool_or_nothing_chosen_there_is_none() {
    let mut app = app();
    let drawn = |app: &mut App| {
        app.update();
        app.world_mut()
            .query::<&LineSet>()
            .iter(app.world())
            .count()
    };
    assert_eq!(drawn(&mut app), 1);
    app.world_mut().resource_mut::<PickingPaused>().0 = true;
    assert_eq!(drawn(&mut app), 0);
    app.world_mut().resource_mut::<PickingPaused>().0 = false;
    assert_eq!(drawn(&mut app), 1);
    app.world_mut().resource_mut::<Desk>().chosen = None;
    assert_eq!(drawn(&mut app), 0);
}

#[test]
fn a_finger_drags_too() {
    let mut app = app();
    let px = metres_per_px(&mut app);
    let mut touch = |phase: TouchPhase, right: f32| {
        app.world_mut().write_message(TouchInput {
            phase,
            position: Vec2::new(MIDDLE[0] + right, MIDDLE[1]),
            window: Entity::PLACEHOLDER,
            force: None,
            id: 7,
        });
        app.update();
        refresh(&mut app);
    };
    touch(TouchPhase::Started, 5.0);
    touch(TouchPhase::Moved, 65.0);
    touch(TouchPhase::Ended, 65.0);
    assert!((place(&app)[0] - 60.0 * px).abs() < 0.05);
}
