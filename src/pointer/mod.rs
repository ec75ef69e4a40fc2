//! Mouse and fingers on the picture itself: handles that are dragged, shapes that are drawn.

mod eye;
mod hands;
mod sketch;

pub(crate) use eye::Eye;
pub(crate) use hands::{Event, Hands, Tool};
pub(crate) use sketch::sketch;

use bevy::ecs::resource::Resource;
use glam::DVec2;

/// Who may hold the pointer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claimant {
    /// The handles of what a planner has chosen.
    Gizmo,
    /// The handle of a plane that cuts.
    Clip,
    /// A shape that selects what is in it.
    Shape,
}

/// Something in the city has the pointer (a handle that is dragged): presses and the wheel do not move the camera.
#[derive(Resource, Clone, Copy, Debug, Default)]
pub struct PointerClaimed(u8);

impl PointerClaimed {
    /// Takes the pointer, or lets it go.
    pub fn set(&mut self, by: Claimant, claimed: bool) {
        let bit = 1 << by as u8;
        self.0 = if claimed { self.0 | bit } else { self.0 & !bit };
    }

    /// Whether anybody has it.
    #[must_use]
    pub fn is_claimed(&self) -> bool {
        self.0 != 0
    }

    /// Whether somebody else has it.
    #[must_use]
    pub fn by_others(&self, than: Claimant) -> bool {
        self.0 & !(1 << than as u8) != 0
    }
}

/// From a point to the nearest one of a segment.
pub(crate) fn to_segment(p: DVec2, a: DVec2, b: DVec2) -> f64 {
    let along = b - a;
    let share = if along.length_squared() > 0.0 {
        ((p - a).dot(along) / along.length_squared()).clamp(0.0, 1.0)
    } else {
        0.0
    };
    p.distance(a + along * share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_lets_go_takes_it_from_nobody_else() {
        let mut claimed = PointerClaimed::default();
        claimed.set(Claimant::Clip, true);
        claimed.set(Claimant::Gizmo, false);
        assert!(claimed.is_claimed() && claimed.by_others(Claimant::Gizmo));
        assert!(!claimed.by_others(Claimant::Clip));
        claimed.set(Claimant::Clip, false);
        assert!(!claimed.is_claimed());
    }
}
