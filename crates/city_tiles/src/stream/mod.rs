//! Streaming: a tile tree, selection, a request queue, a cache and a byte budget, with no IO of its own.
//!
//! The app calls [`Streamer::update`] once a frame with its views and does what the [`Selection`] says; it reports
//! back through [`Streamer::fetched`], [`Streamer::decoded`] and [`Streamer::uploaded`]. Time comes in as `now_ms`
//! of any steady clock. The same calls give the same answers.

mod ahead;
mod budget;
mod finish;
mod gather;
mod grow;
mod inspect;
mod load;
mod problems;
mod queue;
mod rest;
mod select;
mod tree;
mod types;

use std::collections::{BTreeMap, BTreeSet};

pub use types::{
    DecodeJob, FetchError, FetchRequest, Priority, Problem, RequestId, RetryPolicy, Selection,
    Stats, StreamOptions, TileId, TileState, TileView, View,
};

use queue::Flight;
use rest::{Motion, Rest};
use select::{Selector, Want};
use tree::{Ix, Tree};

/// One tileset being streamed.
#[derive(Debug)]
pub struct Streamer {
    options: StreamOptions,
    tree: Tree,
    flights: BTreeMap<RequestId, Flight>,
    gathering: BTreeMap<(Ix, usize), gather::Gathering>,
    next_request: u64,
    update: u64,
    now_ms: u64,
    frozen: bool,
    selection: Selection,
    shown: Vec<Ix>,
    /// Dropped outside of an update; told in the next one.
    dropped: Vec<TileId>,
    pressure: budget::Pressure,
    problems: Vec<Problem>,
    problems_noted: u64,
    problems_unsaid: u64,
    complete: bool,
    average: budget::Average,
    totals: Totals,
    rest: Option<Rest>,
    motion: Motion,
    /// Where the camera will be soon.
    ahead: Vec<View>,
    /// Tiles whose children take their place at any distance.
    too_coarse: BTreeSet<TileId>,
    /// Tiles that no view wants, the next to drop last; gathered when room is first needed after an update.
    unwanted: Option<Vec<Ix>>,
}

/// What one walk over the tree found.
struct Walk {
    wants: Vec<Want>,
    preloads: Vec<Want>,
    needed_bytes: u64,
    visited: usize,
    /// When the first of the failed tiles is to be tried again.
    retry_ms: u64,
}

#[derive(Debug, Default)]
struct Totals {
    requests: u64,
    bytes_fetched: u64,
    contents_loaded: u64,
    contents_failed: u64,
}

impl Streamer {
    /// A streamer for the tileset (or single content) at a URL or path; nothing is asked for before the first update.
    pub fn new(root_url: &str, options: StreamOptions) -> Self {
        Self {
            tree: Tree::new(root_url),
            flights: BTreeMap::new(),
            gathering: BTreeMap::new(),
            next_request: 0,
            update: 0,
            now_ms: 0,
            frozen: false,
            selection: Selection::default(),
            shown: Vec::new(),
            dropped: Vec::new(),
            pressure: budget::Pressure::default(),
            problems: Vec::new(),
            problems_noted: 0,
            problems_unsaid: 0,
            complete: false,
            average: budget::Average::default(),
            totals: Totals::default(),
            rest: None,
            motion: Motion::default(),
            ahead: Vec::new(),
            too_coarse: BTreeSet::new(),
            unwanted: None,
            options,
        }
    }

    /// Selects for these views. Without views nothing is wanted, shown or fetched, but what is cached stays.
    pub fn update(&mut self, views: &[View], now_ms: u64) -> &Selection {
        self.now_ms = self.now_ms.max(now_ms);
        self.selection.fetch.clear();
        self.selection.cancel.clear();
        self.selection.evict = std::mem::take(&mut self.dropped);
        self.motion.note(views, self.now_ms);
        let rests = (self.rest.as_ref()).is_some_and(|rest| rest.holds(views, self.now_ms));
        if !self.frozen && !rests {
            self.update += 1;
            self.unwanted = None;
            let factor = self.pressure.factor();
            let walk = self.select(views);
            let (visited, retry_ms) = (walk.visited, walk.retry_ms);
            let needed_bytes = walk.needed_bytes;
            self.complete = walk.wants.is_empty();
            self.selection.stats.tiles_waiting = walk.wants.len();
            self.selection.stats.tiles_visited = visited;
            self.abort_unwanted(!walk.wants.is_empty());
            let ahead = self.select_ahead();
            let all_started = self.start_all(walk.wants, walk.preloads, &ahead);
            self.trim();
            let enough_room = all_started && self.bytes() <= self.options.byte_budget;
            self.pressure
                .settle(views, enough_room, needed_bytes, self.options.byte_budget);
            let is_settled = self.complete
                && self.flights.is_empty()
                && self.gathering.is_empty()
                && self.tree.decoding == 0
                && self.dropped.is_empty()
                && factor.to_bits() == self.pressure.factor().to_bits();
            self.rest = is_settled.then(|| Rest::new(views, retry_ms));
            // At its coarsest and still too large: what is there is all there will be.
            self.complete |= self.pressure.is_at_its_end();
            self.forget();
        }
        let (stats, show) = (self.stats(), &mut self.selection.show);
        show.clear();
        show.extend(self.shown.iter().map(|&ix| self.tree.id(ix)));
        self.selection.stats = stats;
        &self.selection
    }

    fn select(&mut self, views: &[View]) -> Walk {
        let mut show = std::mem::take(&mut self.shown);
        show.clear();
        let (walk, show) = self.walk(views, show, self.options.preload_siblings);
        for &ix in &show {
            if let Some(node) = self.tree.node_mut(ix) {
                node.shown = self.update;
            }
        }
        self.shown = show;
        walk
    }

    /// One walk for these views; what they would show is added to `show`.
    fn walk(&mut self, views: &[View], show: Vec<Ix>, preload: bool) -> (Walk, Vec<Ix>) {
        let mut selector = Selector {
            tree: &mut self.tree,
            views,
            reach: Vec::new(),
            limits: &self.options.limits,
            height_offset_m: self.options.height_offset_m,
            max_error_px: self.options.max_screen_space_error_px * self.pressure.factor(),
            update: self.update,
            now_ms: self.now_ms,
            too_coarse: &self.too_coarse,
            preload,
            show,
            wants: Vec::new(),
            preloads: Vec::new(),
            needed_bytes: 0,
            visited: 0,
            retry_ms: u64::MAX,
        };
        selector.run();
        let Selector {
            show,
            mut wants,
            preloads,
            needed_bytes,
            visited,
            retry_ms,
            ..
        } = selector;
        wants.sort_by(|a, b| {
            a.priority
                .cmp(&b.priority)
                .then(b.score.total_cmp(&a.score))
                .then(a.ix.cmp(&b.ix))
        });
        let walk = Walk {
            wants,
            preloads,
            needed_bytes,
            visited,
            retry_ms,
        };
        (walk, show)
    }

    /// Something changed: the next update looks at the tiles again.
    fn stir(&mut self) {
        self.rest = None;
    }

    /// Stops selecting: what is shown stays, nothing more is asked for. Answers under way are still taken.
    pub fn set_frozen(&mut self, frozen: bool) {
        if frozen != self.frozen {
            self.stir();
        }
        self.frozen = frozen;
    }

    /// Whether selection is frozen.
    pub fn is_frozen(&self) -> bool {
        self.frozen
    }

    /// Changes the error target.
    pub fn set_max_screen_space_error_px(&mut self, error_px: f64) {
        if error_px.is_finite() && error_px > 0.0 {
            self.options.max_screen_space_error_px = error_px;
            self.stir();
        }
    }

    /// Says which tiles are too coarse for what they must show, however far away they are: where they have children,
    /// these take their place. Each costs its children's bytes, which no pressure on the budget takes away.
    pub fn set_too_coarse(&mut self, tiles: BTreeSet<TileId>) {
        if self.too_coarse != tiles {
            self.too_coarse = tiles;
            self.stir();
        }
    }

    /// Changes the byte budget, say when another tileset needs room.
    pub fn set_byte_budget(&mut self, bytes: u64) {
        self.options.byte_budget = bytes;
        self.stir();
        self.pressure.forget();
    }

    /// The settings.
    pub fn options(&self) -> &StreamOptions {
        &self.options
    }

    /// Whether all that the last update wanted is there (or has failed for now). False before the first update.
    pub fn is_complete(&self) -> bool {
        self.complete
    }
}

#[cfg(test)]
mod tests;
