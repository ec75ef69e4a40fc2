//! Fingers to gestures: one orbits; two pan, pinch and turn, or tilt when both, side by side, move up or down.

use city_geo::{DVec2, wrap_pi};

/// What a finger did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TouchPhase {
    /// It came down.
    Started,
    /// It moved.
    Moved,
    /// It went up, or the system took it away.
    Ended,
}

/// What the fingers mean; pixels, y down.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TouchGesture {
    /// Nothing yet.
    None,
    /// A gesture begins at this point: what is under it is held.
    Begin(DVec2),
    /// One finger moved by this much.
    Orbit(DVec2),
    /// Two fingers: their middle moved, their distance changed by a factor, their line turned (radians, clockwise).
    PanPinchTurn {
        /// Middle before.
        from: DVec2,
        /// Middle now.
        to: DVec2,
        /// Distance now over distance before.
        spread: f64,
        /// Clockwise turn, radians.
        turn_rad: f64,
    },
    /// Two fingers side by side moved up or down by this many pixels.
    Tilt(f64),
    /// The last finger left.
    End,
}

/// Two fingers have to move this far before it is decided what they mean, pixels.
const DECIDE_PX: f64 = 12.0;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Pair {
    Undecided { from: [DVec2; 2] },
    PanPinchTurn,
    Tilt,
}

/// The fingers on the glass. More than two count as the first two.
#[derive(Clone, Debug, Default)]
pub struct Touches {
    fingers: Vec<(u64, DVec2)>,
    pair: Option<Pair>,
}

impl Touches {
    /// How many fingers count.
    #[must_use]
    pub fn count(&self) -> usize {
        self.fingers.len()
    }

    /// Forgets all fingers (the window lost them).
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// A finger did something.
    pub fn input(&mut self, id: u64, phase: TouchPhase, position_px: DVec2) -> TouchGesture {
        match phase {
            TouchPhase::Started => {
                self.fingers.retain(|(known, _)| *known != id);
                if self.fingers.len() >= 2 {
                    return TouchGesture::None;
                }
                self.fingers.push((id, position_px));
                self.begin()
            }
            TouchPhase::Ended => {
                let before = self.fingers.len();
                self.fingers.retain(|(known, _)| *known != id);
                match (before == self.fingers.len(), self.fingers.is_empty()) {
                    (true, _) => TouchGesture::None,
                    (false, true) => {
                        self.pair = None;
                        TouchGesture::End
                    }
                    (false, false) => self.begin(),
                }
            }
            TouchPhase::Moved => self.moved(id, position_px),
        }
    }

    fn begin(&mut self) -> TouchGesture {
        match self.fingers.as_slice() {
            [(_, a)] => {
                self.pair = None;
                TouchGesture::Begin(*a)
            }
            [(_, a), (_, b)] => {
                self.pair = Some(Pair::Undecided { from: [*a, *b] });
                TouchGesture::Begin((*a + *b) * 0.5)
            }
            _ => TouchGesture::None,
        }
    }

    fn moved(&mut self, id: u64, position_px: DVec2) -> TouchGesture {
        let Some(index) = self.fingers.iter().position(|(known, _)| *known == id) else {
            return TouchGesture::None;
        };
        let before = self.fingers[index].1;
        if let [(_, only)] = self.fingers.as_mut_slice() {
            *only = position_px;
            return TouchGesture::Orbit(position_px - before);
        }
        let old = [self.fingers[0].1, self.fingers[1].1];
        self.fingers[index].1 = position_px;
        let new = [self.fingers[0].1, self.fingers[1].1];
        match self.pair {
            Some(Pair::Undecided { from }) => {
                // What happened while it was undecided is not lost: it counts from the start.
                let Some(pair) = decide(from, new) else {
                    return TouchGesture::None;
                };
                self.pair = Some(pair);
                gesture(pair, from, new)
            }
            Some(pair) => gesture(pair, old, new),
            None => TouchGesture::None,
        }
    }
}

fn decide(from: [DVec2; 2], to: [DVec2; 2]) -> Option<Pair> {
    let moves = [to[0] - from[0], to[1] - from[1]];
    if moves[0].length().max(moves[1].length()) < DECIDE_PX {
        return None;
    }
    let line = from[1] - from[0];
    let side_by_side = line.y.abs() < 0.5 * line.x.abs();
    // Events come finger by finger: wait for the second unless the first is clearly off on its own.
    let least = moves[0].length().min(moves[1].length());
    let most = moves[0].length().max(moves[1].length());
    if side_by_side && least < 2.0 && most < 3.0 * DECIDE_PX {
        return None;
    }
    let upright = |m: DVec2| m.y.abs() > 1.7 * m.x.abs();
    let together = moves[0].y * moves[1].y > 0.0 && least > 0.3 * most;
    if side_by_side && together && upright(moves[0]) && upright(moves[1]) {
        Some(Pair::Tilt)
    } else {
        Some(Pair::PanPinchTurn)
    }
}

fn gesture(pair: Pair, old: [DVec2; 2], new: [DVec2; 2]) -> TouchGesture {
    let middle = |p: [DVec2; 2]| (p[0] + p[1]) * 0.5;
    let (from, to) = (middle(old), middle(new));
    if pair == Pair::Tilt {
        return TouchGesture::Tilt(to.y - from.y);
    }
    let (was, is) = (old[1] - old[0], new[1] - new[0]);
    // Fingers that nearly meet say nothing about angles.
    let apart = was.length() > 8.0 && is.length() > 8.0;
    let spread = if apart {
        (is.length() / was.length()).clamp(0.2, 5.0)
    } else {
        1.0
    };
    // y is down, so a growing angle is clockwise on the glass.
    let turn_rad = if apart {
        wrap_pi(is.y.atan2(is.x) - was.y.atan2(was.x))
    } else {
        0.0
    };
    TouchGesture::PanPinchTurn {
        from,
        to,
        spread,
        turn_rad,
    }
}
