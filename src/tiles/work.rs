//! How long tiles keep the main thread: every frame has a budget, and this says whether it holds.

use bevy::ecs::prelude::*;

use crate::platform::{longest_message_ms, monotonic_ms};

/// Time on the main thread that loading and selecting tiles took, milliseconds.
#[derive(Resource, Clone, Copy, Debug, Default)]
pub struct TileWork {
    began_ms: f64,
    /// Systems of the last frame; its uploads are told one frame later.
    systems_ms: f64,
    uploads_ms: f64,
    frames: u32,
    /// The longest of all frames: receiving, spawning, selecting and uploading together.
    pub longest_frame_ms: f64,
}

impl TileWork {
    /// The mesh of a tile went to the GPU in the last frame.
    pub(super) fn uploaded(&mut self, took_ms: f64) {
        self.uploads_ms += took_ms;
    }

    /// The longest that tiles kept the main thread in one go, in a frame or while an answer came in.
    #[must_use]
    pub fn longest_ms(&self) -> f64 {
        self.longest_frame_ms.max(longest_message_ms())
    }
}

pub(super) fn begin(mut work: ResMut<TileWork>) {
    work.began_ms = monotonic_ms();
}

/// The first frames open the scene; the page still says that it is loading.
const OPENING_FRAMES: u32 = 4;

/// The uploads that are known now belong to the frame before this one.
pub(super) fn end(mut work: ResMut<TileWork>) {
    let last_ms = work.systems_ms + std::mem::take(&mut work.uploads_ms);
    work.frames = work.frames.saturating_add(1);
    if work.frames > OPENING_FRAMES {
        work.longest_frame_ms = work.longest_frame_ms.max(last_ms);
    }
    work.systems_ms = monotonic_ms() - work.began_ms;
}

#[cfg(test)]
mod tests {
    use super::*;
    use bevy::app::{App, Update};

    #[test]
    fn uploads_count_with_the_frame_that_made_them() {
        let mut app = App::new();
        app.init_resource::<TileWork>()
            .add_systems(Update, (begin, end).chain());
        for _ in 0..=OPENING_FRAMES {
            app.update();
        }
        app.world_mut().resource_mut::<TileWork>().systems_ms = 7.0;
        app.world_mut().resource_mut::<TileWork>().uploaded(30.0);
        app.world_mut().resource_mut::<TileWork>().uploaded(4.0);
        app.update();
        let work = *app.world().resource::<TileWork>();
        assert!((work.longest_frame_ms - 41.0).abs() < 1e-9, "{work:?}");
        assert!(work.longest_ms() >= 41.0);
        // What was counted once is not counted again.
        app.update();
        assert!((app.world().resource::<TileWork>().longest_frame_ms - 41.0).abs() < 1e-9);
    }
}
