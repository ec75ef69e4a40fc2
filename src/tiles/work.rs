//! How long tiles keep the main thread: every frame has a budget, and this says whether it holds.

use bevy::ecs::prelude::*;

use crate::platform::{longest_message_ms, monotonic_ms};

/// A part of the work with tiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Opening, and taking in what was fetched and decoded.
    Receive,
    /// Spawning what was decoded.
    Spawn,
    /// Selecting.
    Select,
    /// Placing, the ground, the debugging aids.
    Place,
    /// To the GPU, while the frame is drawn.
    Upload,
}

/// Time on the main thread that loading and selecting tiles took, milliseconds.
#[derive(Resource, Clone, Copy, Debug, Default)]
pub struct TileWork {
    lap_ms: f64,
    /// Of the last frame, by [`Part`]; its uploads are told one frame later.
    parts_ms: [f64; 5],
    uploads_ms: f64,
    frames: u32,
    /// The longest of all frames: receiving, spawning, selecting and uploading together.
    pub longest_frame_ms: f64,
    /// The parts of that frame, by [`Part`].
    pub longest_parts_ms: [f64; 5],
}

impl TileWork {
    /// The mesh of a tile went to the GPU in the last frame.
    pub(super) fn uploaded(&mut self, took_ms: f64) {
        self.uploads_ms += took_ms;
    }

    /// What taking in answers took in this frame, milliseconds.
    pub(super) fn received_ms(&self) -> f64 {
        self.parts_ms[Part::Receive as usize]
    }

    /// The longest that tiles kept the main thread in one go, in a frame or while an answer came in.
    #[must_use]
    pub fn longest_ms(&self) -> f64 {
        self.longest_frame_ms.max(longest_message_ms())
    }
}

/// The first frames open the scene; the page still says that it is loading.
const OPENING_FRAMES: u32 = 4;

/// The uploads that are known by the end of a frame belong to the frame before it.
pub(super) fn begin(mut work: ResMut<TileWork>) {
    let work = &mut *work;
    work.lap_ms = monotonic_ms();
    work.parts_ms = [0.0; 5];
}

/// Ends a part.
pub(super) fn lap(part: Part) -> impl FnMut(ResMut<TileWork>) {
    move |mut work| {
        let now_ms = monotonic_ms();
        let passed_ms = now_ms - std::mem::replace(&mut work.lap_ms, now_ms);
        work.parts_ms[part as usize] += passed_ms;
    }
}

/// Closes the frame before this one, whose uploads are known now.
pub(super) fn end(mut work: ResMut<TileWork>, mut before: Local<[f64; 5]>) {
    let work = &mut *work;
    let mut parts_ms = std::mem::replace(&mut *before, work.parts_ms);
    parts_ms[Part::Upload as usize] += std::mem::take(&mut work.uploads_ms);
    work.frames = work.frames.saturating_add(1);
    let frame_ms: f64 = parts_ms.iter().sum();
    if work.frames > OPENING_FRAMES && frame_ms > work.longest_frame_ms {
        work.longest_frame_ms = frame_ms;
        work.longest_parts_ms = parts_ms;
    }
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
        app.add_systems(
            Update,
            (|mut work: ResMut<TileWork>| work.parts_ms[2] += 7.0)
                .after(begin)
                .before(end),
        );
        app.update();
        app.world_mut().resource_mut::<TileWork>().uploaded(30.0);
        app.world_mut().resource_mut::<TileWork>().uploaded(4.0);
        app.update();
        let work = *app.world().resource::<TileWork>();
        assert!((work.longest_frame_ms - 41.0).abs() < 1e-9, "{work:?}");
        assert_eq!(work.longest_parts_ms, [0.0, 0.0, 7.0, 0.0, 34.0]);
        assert!(work.longest_ms() >= 41.0);
        // What was counted once is not counted again.
        app.update();
        assert!((app.world().resource::<TileWork>().longest_frame_ms - 41.0).abs() < 1e-9);
    }
}
