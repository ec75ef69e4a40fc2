//! Selection: which tiles to show, which to want, by screen-space error, without ever making a hole.
//!
//! The walk goes down from the root while a tile's error on screen exceeds the target, and comes back up with one
//! answer per tile: *is its visible part covered by what will be shown?* A REPLACE tile whose children do not cover
//! it takes their place in the list, if it is ready itself. So parent and child are never shown together under
//! REPLACE, and nothing that could be drawn is missing.

use std::collections::BTreeSet;

use super::tree::{Ix, Node, SlotState, Tree};
use super::types::{Priority, TileId, TileState, View};
use crate::Limits;
use crate::tileset::Refine;
use city_geo::{BoundingVolume, Intersection};

/// A tile that is wanted and not there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Want {
    pub ix: Ix,
    pub priority: Priority,
    pub score: f64,
}

/// What one tile looks like from all views.
#[derive(Clone, Copy, Debug)]
struct Look {
    /// Some view sees it.
    visible: bool,
    /// Some view sees it and stands inside its request volume.
    allowed: bool,
    /// Its error on screen exceeds the target.
    coarse: bool,
    score: f64,
}

/// One walk over the tree.
pub(crate) struct Selector<'a> {
    pub tree: &'a mut Tree,
    pub views: &'a [View],
    /// Of each view: within how many times its geometric error, in metres, a tile's error on screen exceeds the target.
    pub reach: Vec<f64>,
    pub limits: &'a Limits,
    pub height_offset_m: f64,
    pub max_error_px: f64,
    pub update: u64,
    pub now_ms: u64,
    pub too_coarse: &'a BTreeSet<TileId>,
    pub preload: bool,
    pub show: Vec<Ix>,
    pub wants: Vec<Want>,
    pub preloads: Vec<Want>,
    /// Resident bytes of wanted tiles.
    pub needed_bytes: u64,
    pub visited: usize,
    /// When the first of the failed tiles in sight is to be tried again.
    pub retry_ms: u64,
}

impl Selector<'_> {
    /// Walks from the root.
    pub fn run(&mut self) {
        let reach = |view: &View| {
            let px_per_m_and_m = view.viewport_height_px / (2.0 * (view.fov_y_rad * 0.5).tan());
            px_per_m_and_m / self.max_error_px
        };
        self.reach = self.views.iter().map(reach).collect();
        self.visit(0, false);
    }

    fn look(&self, node: &Node) -> Look {
        let mut look = Look {
            visible: false,
            allowed: false,
            coarse: false,
            score: 0.0,
        };
        for (view, reach) in self.views.iter().zip(&self.reach) {
            if !sees(view, &node.volume, node.sphere) {
                continue;
            }
            look.visible = true;
            if node
                .request_volume
                .as_ref()
                .is_some_and(|v| !v.contains(view.position))
            {
                continue;
            }
            look.allowed = true;
            let (center, radius_m) = node.sphere;
            let to_center = center - view.position;
            let center_m = to_center.length();
            if !look.coarse && node.geometric_error > 0.0 {
                let coarse_within_m = node.geometric_error * reach;
                // Nothing of it is nearer than its sphere, and of most volumes something is as near as its middle:
                // only between the two the volume itself must be asked.
                let has_middle = !matches!(node.volume, BoundingVolume::Region(_));
                look.coarse = coarse_within_m > center_m - radius_m
                    && (has_middle && coarse_within_m > center_m
                        || coarse_within_m > node.volume.distance_to(view.position).max(1e-7));
            }
            // How large it is in the picture; in the middle it counts up to twice as much as behind.
            let towards = match center_m > 0.0 {
                true => to_center.dot(view.forward) / center_m,
                false => 0.0,
            };
            let score = radius_m / center_m.max(1.0) * (0.75 + 0.25 * towards);
            look.score = look.score.max(score);
        }
        look
    }

    /// Keeps what a tile holds, without asking for more.
    fn keep(&mut self, ix: Ix) {
        let update = self.update;
        if let Some(node) = self.tree.node_mut(ix)
            && node.wanted != update
        {
            node.wanted = update;
            self.needed_bytes += node.resident_bytes();
        }
    }

    fn want(&mut self, ix: Ix, priority: Priority, score: f64) {
        self.keep(ix);
        let now_ms = self.now_ms;
        let Some(node) = self.tree.node(ix) else {
            return;
        };
        let open = match node.state {
            TileState::Ready | TileState::Empty | TileState::External => false,
            TileState::Failed => match node.retry_ms() {
                Some(at_ms) if at_ms > now_ms => {
                    self.retry_ms = self.retry_ms.min(at_ms);
                    false
                }
                at => at.is_some(),
            },
            _ => true,
        };
        if open {
            self.wants.push(Want {
                ix,
                priority,
                score,
            });
        }
    }

    /// Looks at a tile and what is below. `covered_above` says that a ready ancestor will stand in where this
    /// tile's part is not covered. Returns whether it is covered. Depth is bounded by [`Limits::max_tile_depth`].
    fn visit(&mut self, ix: Ix, covered_above: bool) -> bool {
        let Some(node) = self.tree.node(ix) else {
            return true;
        };
        let look = self.look(node);
        if !look.visible {
            return true;
        }
        self.visited += 1;
        if !look.allowed {
            // Seen, but not to be asked for from here: whoever stands above stays.
            return false;
        }
        let external = node.slots.iter().any(|s| s.state == SlotState::Tileset);
        let own_in_sight = node
            .content_volume
            .as_ref()
            .is_none_or(|v| self.in_sight(v));
        let has_content = !matches!(node.state, TileState::Empty | TileState::External);
        let needs_own = has_content && own_in_sight;
        let ready = node.state == TileState::Ready;
        let failed = node.state == TileState::Failed;
        let structure_known = node.implicit.as_ref().is_none_or(|i| i.subtree.is_some());
        let refine = node.refine;
        let was_shown = node.shown != 0 && node.shown + 1 == self.update;
        // A tile without content cannot take the place of an ancestor that is drawn: it is looked through to
        // what has content below, and the ancestor stays until that is there.
        let gap = covered_above && node.state == TileState::Empty;
        let told = !self.too_coarse.is_empty() && self.too_coarse.contains(&self.tree.id(ix));
        let coarse = look.coarse || external || gap || told;
        let descend = structure_known
            && (coarse || (failed && !covered_above))
            && self.tree.has_children(ix)
            && self.tree.expand(ix, self.height_offset_m, self.limits);

        if !descend {
            let hole = if covered_above {
                Priority::Refine
            } else {
                Priority::Hole
            };
            if needs_own {
                if ready {
                    self.want(ix, hole, look.score);
                    self.show.push(ix);
                    return true;
                }
                let mark = self.show.len();
                let covered = structure_known && self.cover(ix);
                if !covered && covered_above {
                    self.show.truncate(mark);
                }
                self.want(
                    ix,
                    if covered { Priority::Refine } else { hole },
                    look.score,
                );
                return covered;
            }
            // Nothing of its own to show, and nothing finer is asked for; but what is there below stays in the
            // picture, or turning away from a part of the city would tear a hole into it.
            if !has_content && structure_known {
                self.cover(ix);
            }
            return true;
        }

        let now_ms = self.now_ms;
        let children = self.tree.node_mut(ix).map(|n| {
            n.refined_ms = now_ms;
            std::mem::take(&mut n.children)
        });
        let children = children.unwrap_or_default();
        let mark = self.show.len();
        let mut all = true;
        for &child in &children {
            all &= self.visit(child, covered_above || (ready && refine == Refine::Replace));
        }
        let hole = if covered_above {
            Priority::Refine
        } else {
            Priority::Hole
        };
        let covered = match refine {
            Refine::Add => {
                if needs_own {
                    self.want(ix, hole, look.score);
                    if ready {
                        self.show.push(ix);
                    }
                    // Details that come later do not bring an ancestor back once the tile itself has been shown.
                    ready && (all || was_shown)
                } else {
                    self.keep(ix);
                    all
                }
            }
            Refine::Replace => {
                if needs_own {
                    self.want(ix, if all { Priority::Ancestor } else { hole }, look.score);
                } else {
                    self.keep(ix);
                }
                if self.preload {
                    self.note_preloads(&children, look.score);
                }
                if all {
                    true
                } else if ready && needs_own {
                    self.show.truncate(mark);
                    self.show.push(ix);
                    true
                } else {
                    false
                }
            }
        };
        if let Some(node) = self.tree.node_mut(ix) {
            node.children = children;
        }
        covered
    }

    /// Shows ready tiles below one that is not ready itself, as far as they are known: after zooming out, the finer
    /// picture stays until the coarser one is there. Returns whether they cover all of its visible part.
    fn cover(&mut self, ix: Ix) -> bool {
        let now_ms = self.now_ms;
        let Some(node) = self.tree.node_mut(ix) else {
            return true;
        };
        if node.children.is_empty() || node.pins == 0 {
            return false;
        }
        node.refined_ms = now_ms;
        let additive = node.refine == Refine::Add;
        let children = std::mem::take(&mut node.children);
        let mut all = !additive;
        for &child in &children {
            all &= self.cover_tile(child);
        }
        if let Some(node) = self.tree.node_mut(ix) {
            node.children = children;
        }
        all
    }

    fn cover_tile(&mut self, ix: Ix) -> bool {
        let Some(node) = self.tree.node(ix) else {
            return true;
        };
        let look = self.look(node);
        if !look.visible {
            return true;
        }
        if !look.allowed {
            return false;
        }
        self.visited += 1;
        match node.state {
            TileState::Ready => {
                self.want(ix, Priority::Refine, look.score);
                self.show.push(ix);
                true
            }
            TileState::Empty if !self.tree.has_children(ix) => true,
            _ => self.cover(ix),
        }
    }

    fn note_preloads(&mut self, children: &[Ix], score: f64) {
        for &child in children {
            if let Some(node) = self.tree.node(child)
                && node.wanted != self.update
                && node.state == TileState::Unloaded
                && node.request_volume.is_none()
                && !self.look(node).visible
            {
                self.preloads.push(Want {
                    ix: child,
                    priority: Priority::Preload,
                    score,
                });
            }
        }
    }

    fn in_sight(&self, volume: &BoundingVolume) -> bool {
        let sphere = volume.bounding_sphere();
        self.views.iter().any(|view| sees(view, volume, sphere))
    }
}

/// Whether a view sees a volume. The sphere decides most planes cheaply; regions are costly to test.
fn sees(view: &View, volume: &BoundingVolume, (center, radius_m): (city_geo::DVec3, f64)) -> bool {
    let mut unsure = false;
    for plane in view.frustum.planes {
        let offset_m = plane.truncate().dot(center) + plane.w;
        if offset_m < -radius_m {
            return false;
        }
        unsure |= offset_m < radius_m;
    }
    !unsure || volume.intersects(&view.frustum) != Intersection::Outside
}
