//! The handle of the chosen plane: a frame that shows how it lies, and an arrow by which it is moved.

use std::sync::Arc;

use bevy::app::{App, Plugin, Update};
use bevy::ecs::prelude::*;
use bevy::input::keyboard::KeyCode;
use bevy::window::{PrimaryWindow, Window};
use glam::{DVec2, DVec3};

use super::FARTHEST_M;
use super::state::{Axes, Clipping};
use crate::frame::SceneFrame;
use crate::picking::PickingPaused;
use crate::pointer::{Claimant, Event, Eye, Hands, PointerClaimed, Tool, to_segment};
use crate::render::{CityView, LineSegment, LineSet, Panes};
use crate::schedule::FrameSet;

/// Moves the chosen plane by its arrow.
pub struct ClipHandlePlugin;

impl Plugin for ClipHandlePlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Handle>()
            .init_resource::<PointerClaimed>()
            .add_systems(
                Update,
                grasp.after(FrameSet::Clock).before(FrameSet::Camera),
            )
            .add_systems(Update, draw.in_set(FrameSet::Picking));
    }
}

/// Half the frame's side, the arrow's length and that of its barbs, logical pixels.
const FRAME_PX: f64 = 130.0;
const ARROW_PX: f64 = 90.0;
const BARB_PX: f64 = 14.0;
/// How near the pointer must be to the arrow, logical pixels: a mouse's, and a finger's.
const MOUSE_PX: f64 = 8.0;
const FINGER_PX: f64 = 20.0;
/// Seen nearly along the arrow, nobody can tell how far it is dragged (square of the sine of the angle).
const LEAST_SINE_2: f64 = 1e-3;

/// What is under the pointer or in the hand.
#[derive(Resource, Default)]
struct Handle {
    is_hot: bool,
    held: Option<Held>,
}

/// The arrow in the hand.
#[derive(Clone, Copy)]
struct Held {
    by: Tool,
    plane: usize,
    home: Axes,
    offset_m: f64,
    /// Where on the arrow it was taken, metres.
    from_m: f64,
}

/// How far along an axis the ray comes nearest to it, metres.
fn along(axes: &Axes, origin: DVec3, ray: DVec3) -> Option<f64> {
    let (from, both) = (axes.at - origin, axes.out.dot(ray));
    let sine_2 = 1.0 - both * both;
    let along_m = (both * ray.dot(from) - axes.out.dot(from)) / sine_2;
    (sine_2 > LEAST_SINE_2 && along_m.abs() < FARTHEST_M).then_some(along_m)
}

/// The end of the arrow, which points at what is cut off.
fn tip(axes: &Axes, flipped: bool, length_m: f64) -> DVec3 {
    axes.at + axes.out * if flipped { -length_m } else { length_m }
}

/// The chosen plane: its number, how it lies, and whether it is turned around.
fn chosen(clipping: &Clipping, frame: &SceneFrame) -> Option<(usize, Axes, bool)> {
    let index = clipping
        .chosen
        .filter(|_| clipping.on && clipping.drawing.is_none())?;
    let plane = clipping.planes.get(index)?;
    Some((index, plane.axes(frame), plane.flipped))
}

fn grasp(
    mut clipping: ResMut<Clipping>,
    mut handle: ResMut<Handle>,
    mut claimed: ResMut<PointerClaimed>,
    mut hands: Hands,
    paused: Res<PickingPaused>,
    views: Query<(&CityView, Option<&Panes>)>,
    frame: Res<SceneFrame>,
) {
    let events = hands.events();
    let eyes = views.iter().next().zip(hands.windows.iter().next());
    let eye_at = |at: DVec2| {
        let ((view, panes), window) = eyes?;
        let scale = f64::from(window.scale_factor());
        Eye::of(view, panes, window, |pane| {
            let [left, top, width, height] = pane.rect_px.map(f64::from);
            let at = at * scale;
            (left..left + width).contains(&at.x) && (top..top + height).contains(&at.y)
        })
    };
    let Some((plane, axes, flipped)) = chosen(&clipping, &frame).filter(|_| !paused.0) else {
        *handle = Handle::default();
        claimed.set(Claimant::Clip, false);
        return;
    };
    let touches = |at: DVec2, slack_px: f64| {
        let eye = eye_at(at)?;
        let length_m = eye.length_m(ARROW_PX, axes.at);
        let foot = eye.project(axes.at)?;
        let end = eye.project(tip(&axes, flipped, length_m))?;
        (to_segment(at, foot, end) <= slack_px).then_some(eye)
    };
    let steps = hands
        .keys
        .any_pressed([KeyCode::ShiftLeft, KeyCode::ShiftRight]);
    let mut claims = handle.held.is_some();
    let mut is_hot = false;
    for event in events {
        match event {
            Event::Down(by, at) if handle.held.is_none() && !claimed.by_others(Claimant::Clip) => {
                let slack_px = if by == Tool::Mouse {
                    MOUSE_PX
                } else {
                    FINGER_PX
                };
                let Some(eye) = touches(at, slack_px) else {
                    continue;
                };
                let from_m = along(&axes, eye.view.position, eye.ray(at));
                let offset_m = clipping.planes.get(plane).map(|plane| plane.offset_m);
                if let Some((from_m, offset_m)) = from_m.zip(offset_m) {
                    claims = true;
                    handle.held = Some(Held {
                        by,
                        plane,
                        home: axes,
                        offset_m,
                        from_m,
                    });
                }
            }
            Event::Move(by, at) => match handle.held {
                Some(held) if held.by == by && held.plane == plane => {
                    let Some(eye) = eye_at(at) else { continue };
                    let Some(to_m) = along(&held.home, eye.view.position, eye.ray(at)) else {
                        continue;
                    };
                    let mut offset_m = held.offset_m + to_m - held.from_m;
                    // Whole metres with shift, else centimetres.
                    let step_m = if steps { 1.0 } else { 0.01 };
                    offset_m = (offset_m / step_m).round() * step_m;
                    if let Some(plane) = clipping.planes.get(plane)
                        && plane.offset_m != offset_m
                    {
                        let index = held.plane;
                        if let Some(plane) = clipping.planes.get_mut(index) {
                            plane.offset_m = offset_m.clamp(-FARTHEST_M, FARTHEST_M);
                        }
                    }
                }
                None if by == Tool::Mouse && !hands.focus.takes(at.x, at.y) => {
                    is_hot = touches(at, MOUSE_PX).is_some();
                }
                _ => {}
            },
            Event::Up(by) if handle.held.is_some_and(|held| held.by == by) => handle.held = None,
            _ => {}
        }
    }
    claimed.set(Claimant::Clip, claims || handle.held.is_some());
    handle.is_hot = is_hot || handle.held.is_some();
}

/// What is drawn of it.
#[derive(Component)]
struct Drawn;

/// White below and the accent over it, so that it is seen on any ground; linear.
const HALO: [u8; 4] = [255, 255, 255, 190];
const LINE: [u8; 4] = [20, 94, 255, 255];
const HOT: [u8; 4] = [255, 190, 30, 255];

/// The handle as lines from the plane's place; `px` is the size of a logical pixel.
fn lines(axes: &Axes, flipped: bool, eye: &Eye, is_hot: bool) -> Vec<LineSegment> {
    let length_m = |px: f64| eye.length_m(px, axes.at);
    let half_m = length_m(FRAME_PX);
    let corner = |x: f64, y: f64| axes.right * (x * half_m) + axes.up * (y * half_m);
    let end = tip(axes, flipped, length_m(ARROW_PX)) - axes.at;
    let back = -end.normalize_or_zero() * length_m(BARB_PX);
    let barb = |side: DVec3| end + back + side * length_m(BARB_PX) * 0.6;
    let frame = [
        (-1.0, -1.0),
        (1.0, -1.0),
        (1.0, 1.0),
        (-1.0, 1.0),
        (-1.0, -1.0),
    ];
    let frame = frame.map(|(x, y)| corner(x, y));
    let sides = frame
        .windows(2)
        .filter_map(|pair| Some([*pair.first()?, *pair.last()?]));
    let arrow = [
        [DVec3::ZERO, end],
        [end, barb(axes.right)],
        [end, barb(-axes.right)],
        [end, barb(axes.up)],
        [end, barb(-axes.up)],
    ];
    let parts: Vec<([DVec3; 2], bool)> = sides
        .map(|side| (side, false))
        .chain(arrow.map(|part| (part, true)))
        .collect();
    let px = eye.scale as f32;
    let draw = |color: Option<[u8; 4]>, more_px: f32| {
        parts.iter().map(move |([a, b], is_arrow)| LineSegment {
            a: a.as_vec3().to_array(),
            width_px: (if *is_arrow { 3.5 } else { 1.5 } + more_px) * px,
            b: b.as_vec3().to_array(),
            color: color.unwrap_or(if *is_arrow && is_hot { HOT } else { LINE }),
        })
    };
    draw(Some(HALO), 2.0).chain(draw(None, 0.0)).collect()
}

fn draw(
    mut commands: Commands,
    clipping: Res<Clipping>,
    handle: Res<Handle>,
    frame: Res<SceneFrame>,
    views: Query<(&CityView, Option<&Panes>)>,
    windows: Query<&Window, With<PrimaryWindow>>,
    mut drawn: Query<(Entity, &mut LineSet), With<Drawn>>,
) {
    let eye = views.iter().next().zip(windows.iter().next());
    let eye = eye.and_then(|((view, panes), window)| Eye::of(view, panes, window, |_| true));
    let Some((eye, (_, axes, flipped))) = eye.zip(chosen(&clipping, &frame)) else {
        for (entity, _) in &drawn {
            commands.entity(entity).despawn();
        }
        return;
    };
    let lines = lines(&axes, flipped, &eye, handle.is_hot);
    let set = |segments| LineSet {
        origin: axes.at,
        segments: Arc::new(segments),
        opacity: 1.0,
        pull: 0.002,
        through: true,
    };
    match drawn.iter_mut().next() {
        // The same lines are the same picture.
        Some((_, before))
            if before.origin == axes.at
                && bytemuck::cast_slice::<_, u8>(&before.segments)
                    == bytemuck::cast_slice::<_, u8>(&lines) => {}
        Some((_, mut before)) => *before = set(lines),
        None => {
            commands.spawn((Drawn, set(lines)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drag_goes_as_far_as_the_pointer_along_the_arrow() {
        let axes = Axes {
            at: DVec3::new(100.0, 50.0, 10.0),
            out: DVec3::Y,
            right: DVec3::X,
            up: DVec3::Z,
        };
        let eye = DVec3::new(400.0, 50.0, 200.0);
        let toward = |y: f64| (DVec3::new(100.0, 50.0 + y, 10.0) - eye).normalize();
        for y in [0.0, 12.5, -40.0] {
            let along_m = along(&axes, eye, toward(y)).unwrap();
            assert!((along_m - y).abs() < 1e-9, "{along_m} {y}");
        }
        // Beside the arrow what counts is the nearest point of it.
        let above = (DVec3::new(100.0, 57.0, 30.0) - eye).normalize();
        assert!(along(&axes, eye, above).is_some());
        let behind = axes.at - DVec3::Y * 300.0;
        assert_eq!(along(&axes, behind, DVec3::Y), None, "along the arrow");
    }
}
