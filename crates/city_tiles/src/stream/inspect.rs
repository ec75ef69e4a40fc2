//! Looking into a streamer: tiles, counts, problems.

use city_geo::BoundingVolume;

use super::Streamer;
use super::tree::Ix;
use super::types::{Problem, Stats, TileId, TileView};

impl Streamer {
    /// A tile, unless it has been forgotten.
    pub fn tile(&self, id: TileId) -> Option<TileView> {
        self.view_of(self.tree.find(id)?)
    }

    fn view_of(&self, ix: Ix) -> Option<TileView> {
        let node = self.tree.node(ix)?;
        Some(TileView {
            id: self.tree.id(ix),
            parent: node.parent.filter(|&p| p != 0).map(|p| self.tree.id(p)),
            ecef_from_tile: *node.transform,
            bounding_volume: node.volume,
            content_bounding_volume: node.content_volume.as_deref().copied(),
            viewer_request_volume: node.request_volume.as_deref().copied(),
            level: node.depth,
            geometric_error: node.geometric_error,
            refine: node.refine,
            state: node.state,
            bytes: node.resident_bytes(),
            shown: node.shown == self.update && self.update > 0,
            content_urls: (0..node.slots.len())
                .filter_map(|i| self.tree.content_url(ix, i).ok())
                .collect(),
            implicit: node.implicit.as_ref().map(|i| i.coord),
        })
    }

    /// All tiles looked at in the last update, in tree order; for drawing volumes.
    pub fn visited_tiles(&self) -> impl Iterator<Item = TileView> + '_ {
        self.tree
            .indices()
            .filter(|&ix| ix != 0)
            .filter_map(move |ix| {
                self.tree
                    .node(ix)
                    .filter(|n| n.wanted == self.update)
                    .and_then(|_| self.view_of(ix))
            })
    }

    /// The tileset's root tile, once its JSON is there.
    pub fn root(&self) -> Option<TileView> {
        self.view_of(*self.tree.node(0)?.children.first()?)
    }

    /// The tileset's volume in ECEF, once its JSON is there.
    pub fn bounding_volume(&self) -> Option<BoundingVolume> {
        self.tree
            .node(*self.tree.node(0)?.children.first()?)
            .map(|n| n.volume)
    }

    /// Copyright texts of the opened tilesets of which something is shown, in order, without repetition.
    pub fn copyrights(&self) -> Vec<&str> {
        let mut out: Vec<&str> = Vec::new();
        for &ix in &self.shown {
            let mut tileset = self.tree.node(ix).map(|n| n.tileset);
            while let Some(opened) = tileset.and_then(|t| self.tree.opened(t)) {
                if let Some(text) = opened.copyright.as_deref()
                    && !out.contains(&text)
                {
                    out.push(text);
                }
                tileset = opened.parent;
            }
        }
        out
    }

    /// What went wrong, oldest first; bounded in number.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Problems beyond those that are kept.
    pub fn problems_unsaid(&self) -> u64 {
        self.problems_unsaid
    }

    /// Counts now.
    pub fn stats(&self) -> Stats {
        Stats {
            tiles_known: self.tree.len().saturating_sub(1),
            tiles_shown: self.shown.len(),
            tiles_resident: self.tree.resident,
            tiles_failed: self.tree.failed,
            contents_loaded: self.totals.contents_loaded,
            contents_failed: self.totals.contents_failed,
            requests_in_flight: self.flights.len(),
            decoding: self.tree.decoding,
            requests: self.totals.requests,
            bytes_fetched: self.totals.bytes_fetched,
            content_bytes: self.tree.content_bytes,
            tree_bytes: self.tree.bytes,
            pending_bytes: self.pending_bytes(),
            byte_budget: self.options.byte_budget,
            effective_error_px: self.options.max_screen_space_error_px * self.pressure.factor(),
            ..self.selection.stats
        }
    }
}
