//! Scenarios on screen: proposals for the city, drawn, compared and measured.
//!
//! `city_scene::scenario` is the file format and the fold, `city_models::indicators` the figures. Here the two
//! variants (what stands, what is proposed) become meshes, hidden features and panes of one picture.

mod apply;
mod areas;
mod building;
mod carry;
mod city;
mod coarse;
mod desk;
mod fetching;
mod files;
mod gizmo;
mod hub;
mod models;
mod results;
mod stands;
mod streets;
mod sun;
mod tools;

pub use apply::FreeArea;
pub use carry::Shift;
pub use desk::{Conflict, Desk, OPEN, OTHER, Wish};
pub use gizmo::GizmoPlugin;
pub use hub::{KeptModels, OpenScenario};
pub use results::{Figures, Sunlight};

use bevy::app::{App, Plugin, Update};
use bevy::ecs::prelude::*;

use crate::camera_control::{CameraLed, CameraRequest};
use crate::clock::SimClock;
use crate::picking::PickingPaused;
use crate::schedule::FrameSet;
use crate::ui::model::PlanTool;

/// Shows scenarios, and lets planners change them.
pub struct ScenarioPlugin;

impl Plugin for ScenarioPlugin {
    fn build(&self, app: &mut App) {
        // Pictures without a window have no hands that move the camera.
        app.add_message::<CameraRequest>()
            .init_resource::<Desk>()
            .init_resource::<OpenScenario>()
            .init_resource::<KeptModels>()
            .init_resource::<FreeArea>()
            .insert_non_send(hub::ScenarioIo::new())
            .insert_non_send(models::ModelFiles::new())
            .add_systems(Update, hub::talk.in_set(FrameSet::Commands))
            .add_systems(
                Update,
                (
                    refresh,
                    apply::hide,
                    coarse::refine,
                    apply::build,
                    models::place,
                    stands::carry,
                    apply::panes.run_if(not(resource_exists::<CameraLed>)),
                )
                    .chain()
                    .in_set(FrameSet::Overlays),
            )
            .add_systems(
                Update,
                (
                    tools::click,
                    tools::choose,
                    tools::preview,
                    streets::draw,
                    sun::answer,
                )
                    .chain()
                    .in_set(FrameSet::Picking),
            );
    }
}

fn refresh(mut desk: ResMut<Desk>, clock: Res<SimClock>, mut picking: ResMut<PickingPaused>) {
    picking.0 = desk.tool != PlanTool::None;
    // The plans change seldom; looking is no change.
    desk.bypass_change_detection().refresh(clock.now());
}
