//! Tells the measuring side that a frame with content was really drawn.

use bevy::ecs::resource::Resource;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// A counter shared by the two worlds.
#[derive(Resource, Clone, Default)]
pub struct Drawn(Arc<AtomicU32>);

impl Drawn {
    /// One more frame was encoded.
    pub fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
    /// Frames encoded.
    pub fn get(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
}
