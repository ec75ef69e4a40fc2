//! The gizmo: handles on the ground, at the foot of what is chosen, by which it is moved and turned.
//!
//! What is dragged is shown where it would stand ([`Desk::held`]); letting go is one change of the scenario. The
//! camera keeps still meanwhile ([`PointerClaimed`]), and `Esc` puts it back.

mod geometry;

use std::sync::Arc;

use bevy::app::{App, Plugin, Update};
use bevy::ecs::prelude::*;
use bevy::input::keyboard::KeyCode;
use bevy::window::{PrimaryWindow, Window};
use city_geo::LocalFrame;
use glam::DVec2;

use self::geometry::{Compass, Handle, RADIUS_PX, dragged};
use super::carry::Shift;
use super::desk::{Desk, OPEN};
use super::stands::Stands;
use crate::picking::PickingPaused;
use crate::pointer::{Claimant, Event, Eye, Hands, PointerClaimed, Tool};
use crate::render::{CityView, LineSet, Pane, Panes, Variants};
use crate::schedule::FrameSet;
use crate::surroundings::Surroundings;
use crate::ui::model::Hand;

/// Moves and turns what is chosen by handles in the picture.
pub struct GizmoPlugin;

impl Plugin for GizmoPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Gizmo>()
            .init_resource::<PointerClaimed>()
            .add_systems(
                Update,
                grasp.after(FrameSet::Clock).before(FrameSet::Camera),
            )
            .add_systems(Update, draw.in_set(FrameSet::Picking));
    }
}

/// How near the pointer must be to a handle, logical pixels: a mouse's, and a finger's.
const MOUSE_PX: f64 = 7.0;
const FINGER_PX: f64 = 18.0;

/// What is under the pointer or in the hand.
#[derive(Resource, Default)]
struct Gizmo {
    over: Option<Handle>,
    held: Option<Held>,
}

/// A handle in the hand.
#[derive(Clone, Copy)]
struct Held {
    handle: Handle,
    by: Tool,
    /// Where everything stood when it was taken.
    home: Compass,
    /// Where it was taken, metres from the foot.
    from: DVec2,
    /// Height of the ground at the foot.
    ground_m: Option<f64>,
}

/// The pane of the open scenario.
fn shows_open(pane: &Pane) -> bool {
    usize::from(pane.variant) == OPEN
}

/// Where what is chosen stands. None where nothing is, or a tool is in hand.
fn compass(
    desk: &Desk,
    paused: PickingPaused,
    world: &Surroundings,
    standing: &Query<(&Stands, &Variants)>,
) -> Option<Compass> {
    if !desk.can_edit || desk.editor.is_none() || paused.0 {
        return None;
    }
    let chosen = desk.chosen.as_ref()?;
    // A model whose file cannot be shown has a place all the same.
    let foot = match desk.plan(OPEN).models.get(chosen) {
        Some(model) => world.frame.local(model.position.geodetic()),
        None => standing
            .iter()
            .find(|(stands, variants)| stands.feature == *chosen && variants.0 & (1 << OPEN) != 0)
            .map(|(stands, _)| stands.foot)?,
    };
    let here = world.frame.geodetic(foot)?;
    let axes = world.frame.local_from_ecef * LocalFrame::enu(here).ecef_from_local();
    let axis = |column: glam::DVec4| column.truncate().normalize_or_zero();
    Some(Compass {
        foot,
        east: axis(axes.x_axis),
        north: axis(axes.y_axis),
        up: axis(axes.z_axis),
    })
}

/// Takes handles, drags what is chosen by them, and puts it down.
fn grasp(
    mut desk: ResMut<Desk>,
    mut gizmo: ResMut<Gizmo>,
    mut claimed: ResMut<PointerClaimed>,
    mut hands: Hands,
    paused: Res<PickingPaused>,
    views: Query<(&CityView, Option<&Panes>)>,
    world: Surroundings,
    standing: Query<(&Stands, &Variants)>,
) {
    let events = hands.events();
    let eye = views.iter().next().zip(hands.windows.iter().next());
    let eye = eye.and_then(|((view, panes), window)| Eye::of(view, panes, window, shows_open));
    let compass = compass(&desk, *paused, &world, &standing);
    let (Some(eye), Some(compass)) = (eye, compass) else {
        *gizmo = Gizmo::default();
        release(&mut desk, &mut claimed);
        return;
    };
    let under = |at: DVec2, slack_px: f64| {
        eye.contains(at).then(|| {
            let project = |point| eye.project(point);
            compass.handle_at(
                eye.length_m(RADIUS_PX, compass.foot),
                at,
                slack_px,
                &project,
            )
        })?
    };
    let steps = hands
        .keys
        .any_pressed([KeyCode::ShiftLeft, KeyCode::ShiftRight]);
    // What is taken in this frame is claimed in it, even where it is let go in it too.
    let mut claims = gizmo.held.is_some();
    gizmo.over = None;
    for event in events {
        match event {
            Event::Down(by, at) if gizmo.held.is_none() && !claimed.by_others(Claimant::Gizmo) => {
                let slack_px = if by == Tool::Mouse {
                    MOUSE_PX
                } else {
                    FINGER_PX
                };
                let Some(handle) = under(at, slack_px) else {
                    continue;
                };
                if let Some(from) = compass.meets(eye.view.position, eye.ray(at)) {
                    gizmo.held = Some(Held {
                        handle,
                        by,
                        home: compass,
                        from,
                        ground_m: world.terrain_m(compass.foot),
                    });
                    desk.held = Some(Shift::default());
                    claims = true;
                }
            }
            Event::Move(by, at) => match gizmo.held {
                Some(held) if held.by == by => {
                    if desk.held.is_some()
                        && let Some(to) = held.home.meets(eye.view.position, eye.ray(at))
                    {
                        desk.held = Some(held.shift(to, steps, &world));
                    }
                }
                None if by == Tool::Mouse && !hands.focus.takes(at.x, at.y) => {
                    gizmo.over = under(at, MOUSE_PX);
                }
                _ => {}
            },
            Event::Up(by) if gizmo.held.is_some_and(|held| held.by == by) => {
                gizmo.held = None;
                desk.put_down();
            }
            _ => {}
        }
    }
    // After `Esc` the hand still holds the handle, and nothing moves with it.
    claimed.set(Claimant::Gizmo, claims || gizmo.held.is_some());
    let hand = match (gizmo.held, gizmo.over) {
        (Some(_), _) if desk.held.is_some() => Hand::Holds,
        (None, Some(_)) => Hand::Over,
        _ => Hand::Away,
    };
    if desk.hand != hand {
        desk.hand = hand;
    }
}

/// Nothing is there to be held.
fn release(desk: &mut ResMut<Desk>, claimed: &mut PointerClaimed) {
    claimed.set(Claimant::Gizmo, false);
    if desk.held.is_some() || desk.hand != Hand::Away {
        desk.held = None;
        desk.hand = Hand::Away;
    }
}

impl Held {
    fn shift(&self, to: DVec2, steps: bool, world: &Surroundings) -> Shift {
        let mut shift = dragged(self.handle, self.from, to, steps);
        if self.handle != Handle::Turn {
            // It keeps its height above the ground.
            let there_m = world.terrain_m(self.home.shifted(&shift).foot);
            shift.up_m = there_m
                .zip(self.ground_m)
                .map_or(0.0, |(there_m, here_m)| there_m - here_m);
        }
        shift
    }
}

/// What is drawn of it.
#[derive(Component)]
struct Drawn;

fn draw(
    mut commands: Commands,
    desk: Res<Desk>,
    gizmo: Res<Gizmo>,
    paused: Res<PickingPaused>,
    views: Query<(&CityView, Option<&Panes>)>,
    windows: Query<&Window, With<PrimaryWindow>>,
    world: Surroundings,
    standing: Query<(&Stands, &Variants)>,
    mut drawn: Query<(Entity, &mut LineSet), With<Drawn>>,
) {
    let eye = views.iter().next().zip(windows.iter().next());
    let eye = eye.and_then(|((view, panes), window)| Eye::of(view, panes, window, shows_open));
    let compass = compass(&desk, *paused, &world, &standing);
    let Some((eye, compass)) = eye.zip(compass) else {
        for (entity, _) in &drawn {
            commands.entity(entity).despawn();
        }
        return;
    };
    let compass = match (desk.held, gizmo.held) {
        (Some(by), Some(held)) => held.home.shifted(&by),
        _ => compass,
    };
    let hot = gizmo.held.map(|held| held.handle).or(gizmo.over);
    let lines = compass.lines(eye.length_m(RADIUS_PX, compass.foot), eye.scale, hot);
    let set = LineSet {
        origin: compass.foot,
        segments: Arc::new(lines),
        opacity: 1.0,
        pull: 0.002,
        through: true,
    };
    match drawn.iter_mut().next() {
        Some((_, mut before)) => *before = set,
        None => {
            // Beside the open scenario, what is chosen does not stand, and is not held.
            commands.spawn((Drawn, set, Variants(1 << OPEN)));
        }
    }
}

#[cfg(test)]
mod tests;
