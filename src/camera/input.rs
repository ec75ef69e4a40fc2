//! What hands do, in plain numbers.

use city_geo::DVec2;

use super::touch::TouchPhase;

/// What dragging does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gesture {
    /// Turn and tilt about the point under the cursor.
    Orbit,
    /// Hold the point under the cursor.
    Pan,
    /// Look around from where the camera is.
    Look,
}

/// Keys held down, each −1 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct KeyAxes {
    /// Along the ground, the way the camera heads.
    pub forward: f64,
    /// Along the ground, to the right.
    pub right: f64,
    /// Up.
    pub up: f64,
    /// Turn, clockwise from above.
    pub turn: f64,
    /// Tilt, positive looks further up.
    pub tilt: f64,
    /// Zoom, positive goes nearer to what is in the middle.
    pub zoom: f64,
    /// Faster.
    pub fast: bool,
}

impl KeyAxes {
    /// Whether no key moves anything.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        Self {
            fast: false,
            ..*self
        } == Self::default()
    }

    pub(super) fn values(&self) -> [f64; 6] {
        [
            self.forward,
            self.right,
            self.up,
            self.turn,
            self.tilt,
            self.zoom,
        ]
    }
}

/// What hands do. Positions are pixels of the viewport, y down.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Input {
    /// A button went down.
    Press(Gesture, DVec2),
    /// The pointer moved with the button down.
    Drag(DVec2),
    /// The button went up.
    Release,
    /// The wheel turned by notches, positive goes nearer.
    Wheel(DVec2, f64),
    /// Fly to what is under the cursor (double click).
    FlyHere(DVec2),
    /// A finger.
    Touch(u64, TouchPhase, DVec2),
    /// Keys held down now.
    Keys(KeyAxes),
}
