//! The order of a frame.

use bevy::app::{App, Update};
use bevy::ecs::schedule::{IntoScheduleConfigs, SystemSet};

/// What happens in a frame, in this order. Each set reads what the ones before it decided.
#[derive(SystemSet, Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FrameSet {
    /// Commands of the panels and the keyboard are applied.
    Commands,
    /// The clock moves.
    Clock,
    /// The camera moves.
    Camera,
    /// Sun and sky follow the clock.
    Sky,
    /// Tiles are selected, requested, spawned, shown.
    Tiles,
    /// Readings arrive and are placed on the clock.
    Overlays,
    /// Clicks become selections.
    Picking,
    /// The panels' read model is filled.
    ReadModel,
}

/// Chains the sets.
pub fn configure(app: &mut App) {
    app.configure_sets(
        Update,
        (
            FrameSet::Commands,
            FrameSet::Clock,
            FrameSet::Camera,
            FrameSet::Sky,
            FrameSet::Tiles,
            FrameSet::Overlays,
            FrameSet::Picking,
            FrameSet::ReadModel,
        )
            .chain(),
    );
}
