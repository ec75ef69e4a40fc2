//! GeoJSON layers: points, lines and polygons of a file, laid over the city or standing in it.
//!
//! Reading a file is a format of [`city_tiles::formats`], decoded like a tile off the main thread;
//! looks, heights and buffers are [`city_tiles::vector`]'s. This plugin carries bytes in, looks for
//! the ground below a layer in the tiles that are drawn, and puts one entity per layer on screen.

mod drape;
mod layer;
mod open;
mod pick;
mod source;

pub use layer::{VectorLayer, VectorTotals};
pub use open::{OpenGeoJson, search_prefix};
pub use pick::{StrokeHit, highlight, pick_stroke};
pub use source::VectorSource;

use bevy::app::{App, Plugin, Update};
use bevy::ecs::prelude::*;

use crate::framing::frame_opened;
use crate::schedule::FrameSet;

/// Opens and draws GeoJSON layers.
pub struct GeoJsonPlugin;

impl Plugin for GeoJsonPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<VectorTotals>()
            .add_message::<OpenGeoJson>()
            .insert_non_send(open::VectorIo::new())
            .add_systems(
                Update,
                (open::open, open::receive, open::frame_alone)
                    .chain()
                    .after(frame_opened)
                    .in_set(FrameSet::Camera),
            )
            .add_systems(
                Update,
                (drape::drape, layer::show)
                    .chain()
                    .in_set(FrameSet::Overlays),
            );
    }
}
