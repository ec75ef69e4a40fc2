//! The tile tree: an arena of nodes with generations, and the counters that budgets need.

use std::sync::Arc;

use city_geo::{BoundingVolume, DMat4, DVec3};

use super::types::{RequestId, TileId, TileState};
use crate::implicit::{Coord, Subtree, SubtreeDocument};
use crate::tileset::{Content, ImplicitTiling, Refine, UpAxis};

/// Index into the arena.
pub(crate) type Ix = u32;

/// Where a content is.
#[derive(Clone, Debug)]
pub(crate) enum SlotUri {
    /// Relative to its tileset.
    Own(Box<str>),
    /// The implicit tiling's template of this number.
    Template(u8),
}

/// How far one content is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SlotState {
    Idle,
    Fetching,
    /// Repeat the request at this time.
    Waiting(u64),
    Decoding {
        reserved: u64,
    },
    Ready,
    /// It was another tileset.
    Tileset,
    /// For good, or until that time.
    Failed(Option<u64>),
}

/// One content of a tile.
#[derive(Clone, Debug)]
pub(crate) struct Slot {
    pub uri: SlotUri,
    pub state: SlotState,
    pub attempts: u8,
    pub bytes: u64,
    /// On the GPU.
    pub uploaded: bool,
}

/// A subtree's way in; lives on the subtree's root tile.
#[derive(Clone, Debug)]
pub(crate) enum SubtreeSlot {
    Idle,
    Fetching,
    /// The JSON is here, external buffers are under way.
    Buffers {
        document: Box<SubtreeDocument>,
        missing: Vec<(usize, String, Option<RequestId>)>,
    },
    Waiting(u64),
    Ready,
    Failed(Option<u64>),
}

/// What all tiles of one implicit tiling share.
#[derive(Debug)]
pub(crate) struct Tiling {
    pub spec: ImplicitTiling,
    pub contents: Vec<Content>,
    /// In the tile's frame.
    pub root_volume: BoundingVolume,
    /// With the transform's scale.
    pub root_error: f64,
}

/// A tile's place in an implicit tiling.
#[derive(Clone, Debug)]
pub(crate) struct Implicit {
    pub tiling: Arc<Tiling>,
    pub coord: Coord,
    /// Present once known; shared by the subtree's tiles.
    pub subtree: Option<Arc<Subtree>>,
    /// Only on the root tile of a subtree.
    pub slot: Option<SubtreeSlot>,
    pub attempts: u8,
    /// Whether the children have been made.
    pub expanded: bool,
}

/// An opened tileset JSON.
#[derive(Clone, Debug)]
pub(crate) struct Opened {
    pub url: Arc<str>,
    pub parent: Option<u32>,
    pub depth: u32,
    pub up_axis: UpAxis,
    pub copyright: Option<String>,
    /// Nodes that refer to it.
    pub nodes: u32,
}

#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub parent: Option<Ix>,
    pub children: Vec<Ix>,
    pub generation: u32,
    pub depth: u32,
    pub tileset: u32,
    pub transform: Arc<DMat4>,
    pub volume: BoundingVolume,
    pub sphere: (DVec3, f64),
    pub content_volume: Option<Box<BoundingVolume>>,
    pub request_volume: Option<Box<BoundingVolume>>,
    pub geometric_error: f64,
    pub refine: Refine,
    pub slots: Vec<Slot>,
    pub implicit: Option<Box<Implicit>>,
    pub state: TileState,
    /// Bytes that decoding it took last time; 0 where unknown.
    pub known_cost: u64,
    /// Contents resident or under way here and below; a branch without any may be freed.
    pub pins: u32,
    /// Update in which it was last wanted.
    pub wanted: u64,
    /// Update in which it was last shown.
    pub shown: u64,
    /// When its children were last looked at.
    pub refined_ms: u64,
}

impl Node {
    /// Bytes of decoded content.
    pub fn resident_bytes(&self) -> u64 {
        self.slots.iter().map(|s| s.bytes).sum()
    }

    /// When something of it that failed is to be tried again.
    pub fn retry_ms(&self) -> Option<u64> {
        let contents = self.slots.iter().filter_map(|slot| match slot.state {
            SlotState::Failed(at) => at,
            _ => None,
        });
        let subtree = self.implicit.as_ref().and_then(|i| match i.slot {
            Some(SubtreeSlot::Failed(at)) => at,
            _ => None,
        });
        contents.chain(subtree).min()
    }

    fn byte_cost(&self) -> u64 {
        let mut cost = size_of::<Self>() + self.slots.len() * size_of::<Slot>() + 4;
        for slot in &self.slots {
            if let SlotUri::Own(uri) = &slot.uri {
                cost += uri.len();
            }
        }
        for volume in [&self.content_volume, &self.request_volume] {
            cost += volume.as_ref().map_or(0, |_| size_of::<BoundingVolume>());
        }
        cost += self.implicit.as_ref().map_or(0, |_| size_of::<Implicit>());
        cost as u64
    }

    fn own_pins(&self) -> u32 {
        let slots = self.slots.iter().filter(|s| {
            matches!(
                s.state,
                SlotState::Fetching | SlotState::Decoding { .. } | SlotState::Ready
            )
        });
        let subtree = self.implicit.as_ref().is_some_and(|i| {
            matches!(
                i.slot,
                Some(SubtreeSlot::Fetching | SubtreeSlot::Buffers { .. })
            )
        });
        slots.count() as u32 + u32::from(subtree)
    }

    fn derived_state(&self) -> TileState {
        if let Some(slot) = self.implicit.as_ref().and_then(|i| i.slot.as_ref()) {
            match slot {
                SubtreeSlot::Idle => return TileState::Unloaded,
                SubtreeSlot::Fetching | SubtreeSlot::Buffers { .. } => return TileState::Fetching,
                SubtreeSlot::Waiting(_) => return TileState::Retrying,
                SubtreeSlot::Failed(_) => return TileState::Failed,
                SubtreeSlot::Ready => {}
            }
        }
        if self.slots.is_empty() {
            return TileState::Empty;
        }
        let any = |f: fn(&SlotState) -> bool| self.slots.iter().any(|s| f(&s.state));
        if any(|s| matches!(s, SlotState::Idle)) {
            TileState::Unloaded
        } else if any(|s| matches!(s, SlotState::Fetching)) {
            TileState::Fetching
        } else if any(|s| matches!(s, SlotState::Waiting(_))) {
            TileState::Retrying
        } else if any(|s| matches!(s, SlotState::Decoding { .. })) {
            TileState::Decoding
        } else if any(|s| matches!(s, SlotState::Ready)) {
            if self
                .slots
                .iter()
                .all(|s| s.uploaded || s.state != SlotState::Ready)
            {
                TileState::Ready
            } else {
                TileState::Uploading
            }
        } else if any(|s| matches!(s, SlotState::Tileset)) {
            TileState::External
        } else {
            TileState::Failed
        }
    }
}

/// The arena.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    nodes: Vec<Option<Node>>,
    free: Vec<Ix>,
    generations: Vec<u32>,
    pub tilesets: Vec<Option<Opened>>,
    /// Bytes of nodes, subtrees and addresses.
    pub bytes: u64,
    /// Bytes of decoded contents.
    pub content_bytes: u64,
    /// Bytes expected of contents being decoded.
    pub decoding_bytes: u64,
    /// Contents being decoded.
    pub decoding: usize,
    /// Tiles in [`TileState::Failed`].
    pub failed: usize,
    /// Tiles in [`TileState::Ready`].
    pub resident: usize,
}

impl Tree {
    pub fn len(&self) -> usize {
        self.nodes.len() - self.free.len()
    }

    /// A node that is known to exist: indices are only kept while their node lives.
    pub fn node(&self, ix: Ix) -> Option<&Node> {
        self.nodes.get(ix as usize)?.as_ref()
    }

    pub fn node_mut(&mut self, ix: Ix) -> Option<&mut Node> {
        self.nodes.get_mut(ix as usize)?.as_mut()
    }

    pub fn id(&self, ix: Ix) -> TileId {
        TileId::new(ix, self.generations.get(ix as usize).copied().unwrap_or(0))
    }

    /// The node of an id, unless it has been forgotten.
    pub fn find(&self, id: TileId) -> Option<Ix> {
        (self.node(id.index())?.generation == id.generation()).then_some(id.index())
    }

    pub fn indices(&self) -> impl Iterator<Item = Ix> + '_ {
        self.nodes
            .iter()
            .enumerate()
            .filter(|(_, n)| n.is_some())
            .map(|(i, _)| i as Ix)
    }

    /// Adds a node below its `parent`.
    pub fn insert(&mut self, mut node: Node) -> Ix {
        node.state = node.derived_state();
        self.bytes += node.byte_cost();
        if let Some(Some(opened)) = self.tilesets.get_mut(node.tileset as usize) {
            opened.nodes += 1;
        }
        let ix = self.free.pop().unwrap_or(self.nodes.len() as Ix);
        if ix as usize == self.nodes.len() {
            self.nodes.push(None);
            self.generations.push(0);
        }
        node.generation = self.generations.get(ix as usize).copied().unwrap_or(0);
        if let Some(parent) = node.parent.and_then(|p| self.node_mut(p)) {
            parent.children.push(ix);
        }
        if let Some(place) = self.nodes.get_mut(ix as usize) {
            *place = Some(node);
        }
        ix
    }

    /// Changes a node and keeps its state and all counters true.
    pub fn change<R>(&mut self, ix: Ix, f: impl FnOnce(&mut Node) -> R) -> Option<R> {
        let node = self.nodes.get_mut(ix as usize)?.as_mut()?;
        let tally = |n: &Node| {
            let decoding = n.slots.iter().filter_map(|s| match s.state {
                SlotState::Decoding { reserved } => Some(reserved),
                _ => None,
            });
            let (count, bytes) = decoding.fold((0usize, 0u64), |(c, b), r| (c + 1, b + r));
            (
                n.own_pins(),
                n.resident_bytes(),
                n.byte_cost(),
                count,
                bytes,
                n.state,
            )
        };
        let before = tally(node);
        let result = f(node);
        node.state = node.derived_state();
        let after = tally(node);
        let parent = node.parent;
        node.pins = node.pins - before.0 + after.0;
        self.content_bytes = self.content_bytes - before.1 + after.1;
        self.bytes = self.bytes - before.2 + after.2;
        self.decoding = self.decoding - before.3 + after.3;
        self.decoding_bytes = self.decoding_bytes - before.4 + after.4;
        self.count_state(before.5, after.5);
        if before.0 != after.0 {
            let mut up = parent;
            while let Some(node) = up.and_then(|u| self.node_mut(u)) {
                node.pins = node.pins - before.0 + after.0;
                up = node.parent;
            }
        }
        Some(result)
    }

    fn count_state(&mut self, before: TileState, after: TileState) {
        for (state, counter) in [
            (TileState::Failed, &mut self.failed),
            (TileState::Ready, &mut self.resident),
        ] {
            *counter = *counter + usize::from(after == state) - usize::from(before == state);
        }
    }

    /// Removes all descendants of a node; none may be pinned.
    pub fn remove_children(&mut self, ix: Ix) {
        let mut stack = self
            .node_mut(ix)
            .map(|n| std::mem::take(&mut n.children))
            .unwrap_or_default();
        while let Some(child) = stack.pop() {
            let Some(mut node) = self.nodes.get_mut(child as usize).and_then(Option::take) else {
                continue;
            };
            stack.append(&mut node.children);
            self.bytes -= node.byte_cost();
            self.count_state(node.state, TileState::Empty);
            if let Some(implicit) = &node.implicit
                && implicit.slot.is_some()
                && let Some(subtree) = &implicit.subtree
            {
                self.bytes -= subtree.byte_cost();
            }
            if let Some(generation) = self.generations.get_mut(child as usize) {
                *generation = generation.wrapping_add(1);
            }
            self.free.push(child);
            self.release_tileset(node.tileset);
        }
    }

    fn release_tileset(&mut self, tileset: u32) {
        if let Some(slot) = self.tilesets.get_mut(tileset as usize)
            && let Some(opened) = slot
        {
            opened.nodes -= 1;
            if opened.nodes == 0 {
                *slot = None;
            }
        }
    }

    /// Adds an opened tileset.
    pub fn open(&mut self, opened: Opened) -> u32 {
        match self.tilesets.iter().position(Option::is_none) {
            Some(at) => {
                if let Some(place) = self.tilesets.get_mut(at) {
                    *place = Some(opened);
                }
                at as u32
            }
            None => {
                self.tilesets.push(Some(opened));
                (self.tilesets.len() - 1) as u32
            }
        }
    }

    pub fn opened(&self, tileset: u32) -> Option<&Opened> {
        self.tilesets.get(tileset as usize)?.as_ref()
    }
}
