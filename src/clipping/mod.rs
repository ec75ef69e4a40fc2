//! Cutting parts of the city away, to look into it: by planes and by outlines drawn on the ground.
//!
//! [`Clipping`] is what a person asked for, by places on the Earth; [`SceneClip`] is what that comes to in the scene's
//! frame. Drawing, picking and measuring go by the latter alone. How it is decided is `city_geo::Clip`'s.

mod handle;
mod outline;
mod state;
mod text;

pub use handle::ClipHandlePlugin;
pub use state::{Clipping, Cut, CutPlane, OutlineError};
pub use text::ClipTextError;

use std::sync::Arc;

use bevy::app::{App, Plugin, Update};
use bevy::ecs::prelude::*;
use city_geo::MAX_CLIP_PLANES;
use glam::DVec3;

use crate::frame::SceneFrame;
use crate::notices::Notices;
use crate::picking::{Drawn, PickingPaused, drawn, pick_feature};
use crate::render::{CityView, SceneClip};
use crate::schedule::FrameSet;
use crate::surroundings::Surroundings;
use crate::ui::ClipCommand;
use crate::ui::model::PlaneModel;

/// Something about clipping is wanted.
#[derive(Message, Clone, Debug, PartialEq)]
pub struct ClipRequest(pub ClipCommand);

/// Cuts the city.
pub struct ClippingPlugin;

impl Plugin for ClippingPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Clipping>()
            .init_resource::<SceneClip>()
            .add_message::<ClipRequest>()
            .add_systems(
                Update,
                apply.after(FrameSet::Commands).before(FrameSet::Clock),
            )
            .add_systems(
                Update,
                (pause, compile)
                    .after(FrameSet::Overlays)
                    .before(FrameSet::Picking),
            )
            .add_systems(
                Update,
                (outline::click, outline::preview)
                    .chain()
                    .in_set(FrameSet::Picking),
            );
    }
}

/// With the tool in hand a click adds a corner instead of selecting.
fn pause(clipping: Res<Clipping>, mut picking: ResMut<PickingPaused>) {
    picking.0 |= clipping.drawing.is_some();
}

fn compile(
    clipping: Res<Clipping>,
    frame: Res<SceneFrame>,
    mut clip: ResMut<SceneClip>,
    mut generation: Local<u32>,
) {
    if !clipping.is_changed() && *generation == frame.generation {
        return;
    }
    *generation = frame.generation;
    let now = SceneClip(clipping.clip(&frame).map(Arc::new));
    if *clip != now {
        *clip = now;
    }
}

fn apply(
    mut requests: MessageReader<ClipRequest>,
    mut clipping: ResMut<Clipping>,
    mut notices: ResMut<Notices>,
    views: Query<&CityView>,
    world: Surroundings,
    meshes: Query<Drawn>,
) {
    for ClipRequest(command) in requests.read() {
        let clipping = &mut *clipping;
        match command {
            ClipCommand::SetOn(on) => clipping.on = *on,
            ClipCommand::AddPlane { level } => {
                let view = views.iter().next();
                if clipping.planes.len() < MAX_CLIP_PLANES
                    && let Some(view) = view
                {
                    let seen = drawn(meshes.iter(), 0);
                    let met = pick_feature(view.position, view.forward, world.clip(), seen);
                    let plane = before_the_eye(view, *level, met.map(|hit| hit.at), &world);
                    clipping.planes.push(plane);
                    clipping.chosen = Some(clipping.planes.len() - 1);
                    clipping.on = true;
                }
            }
            ClipCommand::SetPlane(index, wanted) => {
                if let Some(plane) = clipping.planes.get_mut(*index) {
                    set(plane, wanted);
                }
            }
            ClipCommand::RemovePlane(index) => {
                if *index < clipping.planes.len() {
                    clipping.planes.remove(*index);
                    clipping.chosen = None;
                }
            }
            ClipCommand::ChoosePlane(index) => {
                clipping.chosen = index.filter(|index| *index < clipping.planes.len());
            }
            ClipCommand::SetTogether(together) => clipping.together = *together,
            ClipCommand::Draw => {
                clipping.chosen = None;
                clipping.drawing = Some(Vec::new());
            }
            ClipCommand::FinishOutline => {
                if let Err(error) = clipping.finish(&world.frame) {
                    refuse(&mut notices, error);
                }
            }
            ClipCommand::BackOutline => {
                if let Some(drawing) = &mut clipping.drawing {
                    drawing.pop();
                }
            }
            ClipCommand::CancelOutline => clipping.drawing = None,
            ClipCommand::RemoveOutline(index) => {
                if *index < clipping.outlines.len() {
                    clipping.outlines.remove(*index);
                }
            }
            ClipCommand::SetKeepsInside(keeps) => clipping.keeps_inside = *keeps,
            ClipCommand::Clear => *clipping = Clipping::default(),
        }
    }
}

fn refuse(notices: &mut Notices, error: OutlineError) {
    let advice = match error {
        OutlineError::TooFew => "click another corner, or press Esc",
        OutlineError::Crossed => "take corners back with Backspace until it does not",
        OutlineError::TooMany => "finish this one, or remove another",
    };
    notices.warn(error.to_string(), advice);
}

/// What a plane may be moved by at once, metres.
const FARTHEST_M: f64 = 50_000.0;

fn set(plane: &mut CutPlane, wanted: &PlaneModel) {
    let numbers = [wanted.heading_deg, wanted.tilt_deg, wanted.offset_m];
    if numbers.iter().any(|number| !number.is_finite()) {
        return;
    }
    plane.heading_deg = wanted.heading_deg.rem_euclid(360.0);
    plane.tilt_deg = wanted.tilt_deg.clamp(-90.0, 90.0);
    plane.offset_m = wanted.offset_m.clamp(-FARTHEST_M, FARTHEST_M);
    plane.flipped = wanted.flipped;
}

/// A level plane is put so far above what is looked at: on the ground it would take off the whole city.
const ABOVE_M: f64 = 10.0;
/// Where nothing is looked at, a plane is put so far ahead.
const AHEAD_M: f64 = 300.0;

/// A plane through what the middle of the picture shows: level, or upright and across, with what lies before it cut off.
fn before_the_eye(
    view: &CityView,
    level: bool,
    met: Option<DVec3>,
    world: &Surroundings,
) -> CutPlane {
    let met = met.or_else(|| world.flat_ground_at(view.position, view.forward));
    let met = met.unwrap_or(view.position + view.forward * AHEAD_M);
    let up = world.frame.up_at(met);
    let at = if level { met + up * ABOVE_M } else { met };
    // Looking straight down, the top of the picture is ahead.
    let ahead = [view.forward, view.up]
        .into_iter()
        .map(|axis| axis - up * axis.dot(up))
        .find(|axis| axis.length() > 0.2)
        .unwrap_or(DVec3::Y);
    let toward_eye_deg = (-ahead.x).atan2(-ahead.y).to_degrees().round();
    CutPlane {
        at: state::place(&world.frame, at),
        heading_deg: toward_eye_deg.rem_euclid(360.0),
        tilt_deg: if level { 90.0 } else { 0.0 },
        offset_m: 0.0,
        flipped: false,
    }
}
