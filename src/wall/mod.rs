//! A node of a video wall: shows its part of what the leader says. `city_wall` decides; this carries it out.
//!
//! docs/wall.md describes walls, their configuration and what happens when a machine is lost.

mod follow;
mod measure;
mod screens;

pub use screens::Screens;

use std::sync::Arc;

use bevy::app::{App, Plugin, Update};
use bevy::ecs::prelude::*;
use city_wall::net::NodeLink;
use city_wall::{Measures, Presentation, WallState};

use crate::schedule::FrameSet;

/// The node's connection and its screens. Where this resource is, the wall leads camera, clock and layers.
#[derive(Resource)]
pub struct WallNode {
    /// The node's name in the configuration.
    pub id: String,
    link: NodeLink,
    screens: Screens,
    /// The scene as the configuration names it, and where that is on this machine.
    scene: (String, String),
    /// What is shown now; `None` before the leader was heard.
    pub shown: Option<Presentation>,
    state: Option<Arc<WallState>>,
    /// The scenario that was opened last.
    scenario: Option<String>,
    /// Scene and hub that were opened last.
    opened: Option<(String, Option<String>)>,
}

impl WallNode {
    /// A node with its screens. `scene` is the scene as the configuration names it, and where that is.
    #[must_use]
    pub fn new(id: &str, link: NodeLink, screens: Screens, scene: (String, String)) -> Self {
        // Before anything is open, everything is missing.
        link.report(Measures {
            tiles_pending: 1,
            ..Measures::default()
        });
        Self {
            id: id.to_owned(),
            link,
            screens,
            scene,
            shown: None,
            state: None,
            scenario: None,
            opened: None,
        }
    }

    /// The slow state that is applied.
    #[must_use]
    pub fn state(&self) -> Option<&WallState> {
        self.state.as_deref()
    }

    /// Bytes over the network, snapshots not counted.
    #[must_use]
    pub fn traffic(&self) -> city_wall::net::Traffic {
        self.link.traffic()
    }
}

/// Follows a wall. Does nothing without [`WallNode`].
pub struct WallPlugin;

impl Plugin for WallPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<measure::Frames>()
            .add_systems(
                Update,
                (follow::state, follow::picture)
                    .chain()
                    .run_if(resource_exists::<WallNode>)
                    .in_set(FrameSet::Camera),
            )
            .add_systems(
                Update,
                measure::report
                    .run_if(resource_exists::<WallNode>)
                    .in_set(FrameSet::ReadModel),
            );
    }
}
