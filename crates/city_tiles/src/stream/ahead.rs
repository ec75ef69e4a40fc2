//! Looking ahead: what the camera will see soon is fetched while it is on its way there.

use super::Streamer;
use super::select::Want;
use super::types::{Priority, View};

impl Streamer {
    /// Says where the camera will be, say in a second and at the end of its flight; nothing where it goes its own
    /// ways. What these views want is fetched after all that is wanted now, and only while memory is plentiful.
    pub fn look_ahead(&mut self, views: &[View]) {
        if self.ahead != views {
            self.ahead.clear();
            self.ahead.extend_from_slice(views);
            self.stir();
        }
    }

    /// Whether there is room for what is not needed yet.
    pub(super) fn has_plenty(&self) -> bool {
        self.pressure.factor() <= 1.0 && self.bytes() < self.options.byte_budget / 2
    }

    /// What the views ahead want, the most urgent first. It stays in memory, and under way, as if it were seen.
    pub(super) fn select_ahead(&mut self) -> Vec<Want> {
        if self.ahead.is_empty() || !self.has_plenty() {
            return Vec::new();
        }
        let views = std::mem::take(&mut self.ahead);
        let (walk, _) = self.walk(&views, Vec::new(), false);
        self.ahead = views;
        let later = |want: Want| Want {
            priority: Priority::Preload,
            ..want
        };
        walk.wants.into_iter().map(later).collect()
    }
}
