//! When nothing moves: an update that would give the last answer again gives it without looking at a tile. And when
//! much moves: what would be out of sight before it came is not asked for.

use city_geo::DVec3;

use super::types::View;

/// The last update settled everything: nothing is under way, and only these can change the answer.
#[derive(Debug)]
pub(super) struct Rest {
    views: Vec<View>,
    /// A failed tile is to be tried again then.
    until_ms: u64,
}

impl Rest {
    pub fn new(views: &[View], until_ms: u64) -> Self {
        Self {
            views: views.to_vec(),
            until_ms,
        }
    }

    /// Whether the answer for these views is still the last one.
    pub fn holds(&self, views: &[View], now_ms: u64) -> bool {
        now_ms < self.until_ms && self.views == views
    }
}

/// How fast the first camera goes.
#[derive(Debug, Default)]
pub(super) struct Motion {
    last: Option<(DVec3, u64)>,
    speed_m_s: f64,
}

impl Motion {
    pub fn note(&mut self, views: &[View], now_ms: u64) {
        let Some(view) = views.first() else {
            return;
        };
        if let Some((before, then_ms)) = self.last {
            let passed_s = now_ms.saturating_sub(then_ms) as f64 / 1000.0;
            if passed_s <= 0.0 {
                return;
            }
            self.speed_m_s = (view.position - before).length() / passed_s;
        }
        self.last = Some((view.position, now_ms));
    }

    /// Whether the camera passes something of this radius within the second that loading it takes.
    pub fn outruns(&self, radius_m: f64) -> bool {
        self.speed_m_s > radius_m * 2.0
    }
}
