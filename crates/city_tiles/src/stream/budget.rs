//! The byte budget: what counts, what goes first, and how the error target yields under pressure.

use std::cmp::Reverse;

use super::Streamer;
use super::tree::{Ix, SlotState};
use super::types::{TileId, View};

/// Updates between looks for branches to forget.
const FORGET_EVERY: u64 = 32;
/// The error target may grow by this much at most.
const MAX_FACTOR: f64 = 4096.0;

/// Expected bytes of a content before anything has been decoded.
const FIRST_GUESS_BYTES: f64 = 512.0 * 1024.0;

/// Expected bytes of a content that has not been seen yet: a mean that forgets slowly.
#[derive(Debug, Default)]
pub(crate) struct Average {
    bytes: f64,
    seen: u32,
}

impl Average {
    pub fn learn(&mut self, bytes: u64) {
        self.seen = self.seen.saturating_add(1);
        self.bytes += (bytes as f64 - self.bytes) / f64::from(self.seen.min(16));
    }

    pub fn expected(&self) -> u64 {
        if self.seen == 0 {
            FIRST_GUESS_BYTES as u64
        } else {
            self.bytes as u64
        }
    }
}

/// How much coarser than asked the picture is, because memory is short.
#[derive(Debug)]
pub(crate) struct Pressure {
    factor: f64,
    /// The views when memory was last short: the target is not lowered again before the camera moves, or it would
    /// swing between too much and too little.
    short_for: Vec<View>,
}

impl Default for Pressure {
    fn default() -> Self {
        Self {
            factor: 1.0,
            short_for: Vec::new(),
        }
    }
}

impl Pressure {
    pub fn factor(&self) -> f64 {
        self.factor
    }

    pub fn is_at_its_end(&self) -> bool {
        self.factor >= MAX_FACTOR
    }

    pub fn forget(&mut self) {
        self.short_for.clear();
    }

    /// One step of 2 % up while memory is short, of 1 % down while there is plenty.
    pub fn settle(&mut self, views: &[View], enough_room: bool, needed_bytes: u64, budget: u64) {
        if !enough_room {
            self.factor = (self.factor * 1.02).min(MAX_FACTOR);
            self.short_for = views.to_vec();
        } else if self.factor > 1.0 && needed_bytes < budget / 10 * 7 && self.short_for != views {
            self.factor = (self.factor / 1.01).max(1.0);
        }
    }
}

impl Streamer {
    /// Bytes that count against the budget now.
    pub(super) fn bytes(&self) -> u64 {
        self.tree.bytes + self.tree.content_bytes + self.pending_bytes()
    }

    pub(super) fn pending_bytes(&self) -> u64 {
        self.tree.decoding_bytes + self.flights.values().map(|f| f.reserved).sum::<u64>()
    }

    /// Makes room for so many bytes more, by dropping what no view wants. Where the number is a guess, a first
    /// content is let through whatever it may cost, or nothing would ever be learnt; its real cost is checked when
    /// it is known.
    pub(super) fn make_room(&mut self, bytes: u64, is_guess: bool) -> bool {
        let nothing_yet = self.tree.content_bytes == 0 && self.pending_bytes() == 0;
        let fits = |s: &Self| s.bytes().saturating_add(bytes) <= s.options.byte_budget;
        if fits(self) {
            return true;
        }
        while let Some(ix) = self.next_unwanted() {
            self.drop_content(ix);
            if fits(self) {
                return true;
            }
        }
        is_guess && nothing_yet
    }

    /// The next tile to drop. What no view wants is gathered once an update: with a full budget every request asks.
    fn next_unwanted(&mut self) -> Option<Ix> {
        let mut unwanted = match self.unwanted.take() {
            Some(known) => known,
            None => self.gather_unwanted(),
        };
        let next = loop {
            let Some(ix) = unwanted.pop() else {
                break None;
            };
            // It may have been forgotten, or wanted again, since.
            let is_unwanted = |node: &super::tree::Node| {
                node.wanted < self.update && node.slots.iter().any(|s| s.state == SlotState::Ready)
            };
            if self.tree.node(ix).is_some_and(is_unwanted) {
                break Some(ix);
            }
        };
        self.unwanted = Some(unwanted);
        next
    }

    /// Resident tiles that no view wants: the longest unwanted last, of those the deepest.
    fn gather_unwanted(&self) -> Vec<Ix> {
        let mut found = Vec::new();
        for ix in self.tree.indices() {
            if let Some(node) = self.tree.node(ix)
                && node.wanted < self.update
                && node.slots.iter().any(|s| s.state == SlotState::Ready)
            {
                found.push((Reverse(node.wanted), node.depth, Reverse(ix)));
            }
        }
        found.sort_unstable();
        found.into_iter().map(|(_, _, Reverse(ix))| ix).collect()
    }

    /// Frees the contents of a tile; the next update tells the app.
    pub(super) fn drop_content(&mut self, ix: Ix) {
        self.tree.change(ix, |node| {
            let known = node.resident_bytes();
            if known > 0 {
                node.known_cost = known;
            }
            for slot in &mut node.slots {
                if slot.state == SlotState::Ready {
                    slot.state = SlotState::Idle;
                    slot.bytes = 0;
                    slot.uploaded = false;
                }
            }
        });
        let id: TileId = self.tree.id(ix);
        if !self.selection.evict.contains(&id) {
            self.selection.evict.push(id);
        }
    }

    /// Drops what is unwanted while the budget is exceeded.
    pub(super) fn trim(&mut self) {
        if self.bytes() <= self.options.byte_budget {
            return;
        }
        while let Some(ix) = self.next_unwanted() {
            self.drop_content(ix);
            if self.bytes() <= self.options.byte_budget {
                return;
            }
        }
        // The tree itself may be what is too large.
        self.forget_unseen(0);
    }

    /// Frees branches of the tree that have not been looked at for long and hold nothing.
    pub(super) fn forget(&mut self) {
        if self.update.is_multiple_of(FORGET_EVERY) {
            self.forget_unseen(self.options.forget_after_ms);
        }
    }

    fn forget_unseen(&mut self, after_ms: u64) {
        let all: Vec<Ix> = self.tree.indices().collect();
        for ix in all {
            let unseen = self.tree.node(ix).is_some_and(|n| {
                !n.children.is_empty()
                    && n.pins == 0
                    && self.now_ms.saturating_sub(n.refined_ms) > after_ms
            });
            if unseen {
                self.tree.collapse(ix);
            }
        }
    }
}
