//! How hands move the camera, without an engine: plain numbers in, a pose out.
//!
//! The app feeds a [`CameraController`] with [`Input`]s in pixels and the time that passed; the controller asks
//! [`Ground`] what is under a ray and how high the ground is. The same inputs give the same poses.
//!
//! - [`pose`]: single moves of a pose (orbit, pan, zoom, look, keep above the ground), pure functions;
//! - [`input`]: what hands do;
//! - [`touch`]: fingers to gestures;
//! - [`flight`]: flights along an arc;
//! - [`controller`]: the state between inputs.

pub mod controller;
pub mod flight;
pub mod input;
pub mod pose;
pub mod touch;

#[cfg(test)]
mod tests;

pub use controller::CameraController;
pub use flight::Flight;
pub use input::{Gesture, Input, KeyAxes};
pub use pose::{CLEARANCE_M, Ground, MAX_HEIGHT_M, Viewport};
pub use touch::{TouchGesture, TouchPhase, Touches};
