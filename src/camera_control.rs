//! Mouse, touch and keyboard move the camera.

use bevy::app::{App, Plugin};
use bevy::ecs::message::Message;
use city_geo::{Camera, Geodetic};

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

/// Wires input to the camera controller.
pub struct CameraControlPlugin;

impl Plugin for CameraControlPlugin {
    fn build(&self, app: &mut App) {
        app.add_message::<CameraRequest>();
    }
}
