//! Readings on the map: one instanced draw per layer, at the clock's time.
//!
//! [`hub`] talks to the hub and keeps histories; [`place`] turns what holds at the clock's time into
//! instances. Which value holds is decided by `city_sensors`.

mod density;
mod hub;
mod place;
mod select;

pub use density::ReadingDensity;
pub use hub::{HubAddress, HubState, LayerState, Readings, SeriesState};
pub use select::{Aim, MARKER_PULL, MarkerHit, MarkerIndex, pick_marker};

use bevy::app::{App, Plugin, Update};
use bevy::ecs::prelude::*;

use crate::schedule::FrameSet;

/// How a layer is shown; from the scene, changed by the panels.
#[derive(Clone, Debug)]
pub struct LayerLook {
    /// The layer's identifier.
    pub id: String,
    /// Drawn.
    pub visible: bool,
    /// 0..1.
    pub opacity: f32,
    /// Colour map name.
    pub color_map: String,
    /// Values at the map's ends; the catalogue's when `None`.
    pub range: Option<[f64; 2]>,
}

/// The looks of the scene's layers, in its order.
#[derive(Resource, Clone, Debug, Default)]
pub struct LayerLooks(pub Vec<LayerLook>);

impl LayerLooks {
    /// The look of a layer; one that the scene does not name is hidden until asked for.
    pub fn of(&mut self, id: &str) -> &mut LayerLook {
        if let Some(index) = self.0.iter().position(|look| look.id == id) {
            return &mut self.0[index];
        }
        self.0.push(LayerLook {
            id: id.to_owned(),
            visible: false,
            opacity: 1.0,
            color_map: "cividis".into(),
            range: None,
        });
        let last = self.0.len() - 1;
        &mut self.0[last]
    }
}

/// Live and past readings.
pub struct OverlayPlugin;

impl Plugin for OverlayPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<LayerLooks>()
            .init_resource::<HubAddress>()
            .init_resource::<HubState>()
            .init_resource::<Readings>()
            .init_resource::<SeriesState>()
            .init_resource::<MarkerIndex>()
            .init_resource::<ReadingDensity>()
            .insert_non_send(hub::HubIo::new())
            .insert_non_send(density::DensityIo::new())
            .add_systems(Update, density::ask.in_set(FrameSet::Overlays))
            .add_systems(
                Update,
                (hub::receive, hub::request, place::update)
                    .chain()
                    .in_set(FrameSet::Overlays),
            );
    }
}
