//! Problems: noted once, taken back when they are solved.

use super::Streamer;
use super::tree::{Ix, SlotState, SubtreeSlot};
use super::types::{Problem, TileState};
use crate::uri;

impl Streamer {
    /// Notes a problem once.
    pub(super) fn note(&mut self, url: &str, what: &str, is_error: bool) {
        let url = uri::short(url);
        let known = |p: &Problem| p.url == url && p.what == what;
        if self.problems.iter().any(known) {
            return;
        }
        self.problems_noted += 1;
        let problem = Problem {
            serial: self.problems_noted,
            url,
            what: what.to_owned(),
            is_error,
        };
        if self.problems.len() < self.options.limits.max_problems {
            self.problems.push(problem);
        } else {
            self.problems_unsaid += 1;
        }
    }

    /// What failed before and is there now is no problem any more.
    pub(super) fn settled(&mut self, url: &str) {
        if !self.problems.is_empty() {
            let short = uri::short(url);
            self.problems.retain(|p| !(p.is_error && p.url == short));
        }
    }

    /// Tries everything that failed again, say after the network came back.
    pub fn retry_failed(&mut self) {
        self.stir();
        let all: Vec<Ix> = self.tree.indices().collect();
        for ix in all {
            if self
                .tree
                .node(ix)
                .is_some_and(|n| matches!(n.state, TileState::Failed | TileState::Retrying))
            {
                self.tree.change(ix, |node| {
                    for slot in &mut node.slots {
                        if matches!(slot.state, SlotState::Failed(_) | SlotState::Waiting(_)) {
                            (slot.state, slot.attempts) = (SlotState::Idle, 0);
                        }
                    }
                    if let Some(i) = node.implicit.as_deref_mut()
                        && matches!(
                            i.slot,
                            Some(SubtreeSlot::Failed(_) | SubtreeSlot::Waiting(_))
                        )
                    {
                        (i.slot, i.attempts) = (Some(SubtreeSlot::Idle), 0);
                    }
                });
            }
        }
    }
}
