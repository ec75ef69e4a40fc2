//! How the tree grows: from a tileset JSON at once, from subtrees tile by tile as selection gets there.

use std::sync::Arc;

use city_geo::{BoundingVolume, DMat4, Region, Sphere, surface_normal};

use super::tree::{
    Implicit, Ix, Node, Opened, Slot, SlotState, SlotUri, SubtreeSlot, Tiling, Tree,
};
use super::types::TileState;
use crate::implicit::{Coord, divided_error, divided_volume};
use crate::tileset::{Refine, Tile, Tileset};
use crate::{Limits, uri};

/// Encloses the earth and whatever stands on it.
const EVERYWHERE: BoundingVolume = BoundingVolume::Sphere(Sphere {
    center: city_geo::DVec3::ZERO,
    radius_m: 1.0e8,
});

impl Tree {
    /// The tree with its one first node, whose content is the tileset (or whatever else) at `url`.
    pub fn new(url: &str) -> Self {
        let mut tree = Self::default();
        let tileset = tree.open(Opened {
            url: url.into(),
            parent: None,
            depth: 0,
            up_axis: Default::default(),
            copyright: None,
            nodes: 0,
        });
        tree.insert(Node {
            slots: vec![slot(SlotUri::Own(url.into()))],
            geometric_error: f64::INFINITY,
            ..plain_node(None, 0, tileset, Arc::new(DMat4::IDENTITY), EVERYWHERE)
        });
        tree
    }

    /// Where a content is; the first node's is the address that the user gave, as it is.
    pub fn content_url(&self, ix: Ix, index: usize) -> Result<String, uri::UriError> {
        let Some(node) = self.node(ix) else {
            return Ok(String::new());
        };
        let base = self
            .opened(node.tileset)
            .map_or_else(|| Arc::from(""), |o| o.url.clone());
        match node.slots.get(index).map(|s| &s.uri) {
            Some(SlotUri::Own(own)) if node.parent.is_none() => Ok(own.to_string()),
            Some(SlotUri::Own(own)) => uri::resolve(&base, own),
            Some(SlotUri::Template(number)) => {
                let implicit = node.implicit.as_ref();
                let filled = implicit
                    .and_then(|i| {
                        i.tiling
                            .contents
                            .get(usize::from(*number))
                            .map(|c| i.coord.fill(&c.uri))
                    })
                    .unwrap_or_default();
                uri::resolve(&base, &filled)
            }
            None => Ok(String::new()),
        }
    }

    /// Where the subtree rooted at this tile is.
    pub fn subtree_url(&self, ix: Ix) -> Result<String, uri::UriError> {
        let Some(node) = self.node(ix) else {
            return Ok(String::new());
        };
        let base = self
            .opened(node.tileset)
            .map_or_else(|| Arc::from(""), |o| o.url.clone());
        let filled = node
            .implicit
            .as_ref()
            .map(|i| i.coord.fill(&i.tiling.spec.subtrees_uri))
            .unwrap_or_default();
        uri::resolve(&base, &filled)
    }

    /// Hangs a tileset's tiles below the tile whose content it was.
    pub fn attach(
        &mut self,
        holder: Ix,
        tileset: &Tileset,
        url: &str,
        height_offset_m: f64,
        limits: &Limits,
    ) -> Result<(), String> {
        let Some(node) = self.node(holder) else {
            return Ok(());
        };
        let (parent_tileset, depth, refine) = (node.tileset, node.depth, node.refine);
        let (mut transform, parent_volume) = (node.transform.clone(), node.volume);
        let parent = self.opened(parent_tileset);
        let external_depth = parent.map_or(0, |o| o.depth + 1);
        if external_depth > limits.max_external_depth {
            return Err(format!(
                "more than {} external tilesets inside each other",
                limits.max_external_depth
            ));
        }
        if self.len() + tileset.tile_count > limits.max_nodes {
            return Err(format!("more than {} tiles at once", limits.max_nodes));
        }
        let is_root = holder == 0;
        let mut above = (!is_root).then_some(parent_tileset);
        while let Some(opened) = above.and_then(|a| self.opened(a)) {
            if &*opened.url == url {
                return Err(
                    "it contains itself through external tilesets; the cycle is cut here"
                        .to_owned(),
                );
            }
            above = opened.parent;
        }
        if is_root && height_offset_m != 0.0 {
            let middle = tileset
                .root
                .bounding_volume
                .map(|v| v.transformed(&tileset.root.transform).center());
            let up = surface_normal(middle.unwrap_or(city_geo::DVec3::X));
            transform = Arc::new(DMat4::from_translation(up * height_offset_m));
        }
        let opened = self.open(Opened {
            url: url.into(),
            parent: (!is_root).then_some(parent_tileset),
            depth: external_depth,
            up_axis: tileset.gltf_up_axis,
            copyright: tileset.copyright.clone(),
            nodes: 0,
        });
        let context = Context {
            tileset: opened,
            height_offset_m,
            limits,
        };
        let mut stack = vec![(
            holder,
            &tileset.root,
            transform,
            parent_volume,
            refine,
            if is_root { 0 } else { depth + 1 },
        )];
        while let Some((parent, tile, transform, volume, refine, depth)) = stack.pop() {
            if depth > limits.max_tile_depth {
                return Err(format!(
                    "more than {} levels of tiles",
                    limits.max_tile_depth
                ));
            }
            let node = context.node(parent, tile, &transform, volume, refine, depth);
            let (transform, volume, refine) = (node.transform.clone(), node.volume, node.refine);
            let ix = self.insert(node);
            // Reversed, so that children are inserted, and later visited, in the file's order.
            stack.extend(
                tile.children
                    .iter()
                    .rev()
                    .map(|c| (ix, c, transform.clone(), volume, refine, depth + 1)),
            );
        }
        Ok(())
    }

    /// Makes the children of an implicit tile whose subtree is known. True if the tile has or may have children.
    pub fn expand(&mut self, ix: Ix, height_offset_m: f64, limits: &Limits) -> bool {
        let Some(node) = self.node(ix) else {
            return false;
        };
        let Some(implicit) = node.implicit.as_deref() else {
            return !node.children.is_empty();
        };
        if implicit.expanded {
            return !node.children.is_empty();
        }
        let Some(subtree) = implicit.subtree.clone() else {
            return false;
        };
        let tiling = implicit.tiling.clone();
        let spec = &tiling.spec;
        let coord = implicit.coord;
        let mut children = Vec::new();
        if coord.level + 1 < spec.available_levels && node.depth < limits.max_tile_depth {
            let local = coord.within_subtree(spec.subtree_levels);
            let is_new_subtree = local.level + 1 == spec.subtree_levels;
            for index in 0..spec.subdivision.branching() {
                let (child, local) = (coord.child(index), local.child(index));
                let exists = if is_new_subtree {
                    subtree.child_subtree(local)
                } else {
                    subtree.tile(local)
                };
                if exists {
                    let mut made = implicit_node(ix, node, &tiling, child, height_offset_m);
                    if let Some(i) = made.implicit.as_deref_mut() {
                        if is_new_subtree {
                            i.slot = Some(SubtreeSlot::Idle);
                        } else {
                            i.subtree = Some(subtree.clone());
                            made.slots = implicit_slots(&tiling, &subtree, local);
                        }
                    }
                    children.push(made);
                }
            }
        }
        if self.len() + children.len() > limits.max_nodes {
            return false;
        }
        let any = !children.is_empty();
        self.change(ix, |n| {
            if let Some(i) = n.implicit.as_deref_mut() {
                i.expanded = true;
            }
        });
        for child in children {
            self.insert(child);
        }
        any
    }

    /// Whether a tile has children or would have some when expanded.
    pub fn has_children(&self, ix: Ix) -> bool {
        let Some(node) = self.node(ix) else {
            return false;
        };
        if !node.children.is_empty() {
            return true;
        }
        let Some(implicit) = node.implicit.as_deref() else {
            return false;
        };
        let (Some(subtree), false) = (&implicit.subtree, implicit.expanded) else {
            return false;
        };
        let spec = &implicit.tiling.spec;
        if implicit.coord.level + 1 >= spec.available_levels {
            return false;
        }
        let local = implicit.coord.within_subtree(spec.subtree_levels);
        (0..spec.subdivision.branching()).any(|index| {
            let child = local.child(index);
            if child.level == spec.subtree_levels {
                subtree.child_subtree(child)
            } else {
                subtree.tile(child)
            }
        })
    }

    /// Frees what is below a tile, if it can be made again: children of implicit tiles, external tilesets.
    pub fn collapse(&mut self, ix: Ix) -> bool {
        let Some(node) = self.node(ix) else {
            return false;
        };
        let external = node.slots.iter().any(|s| s.state == SlotState::Tileset);
        let implicit = node.implicit.as_ref().is_some_and(|i| i.expanded);
        if node.children.is_empty()
            || node.pins > 0
            || !(external || implicit)
            || node.parent.is_none()
        {
            return false;
        }
        self.remove_children(ix);
        self.change(ix, |n| {
            for slot in &mut n.slots {
                if slot.state == SlotState::Tileset {
                    slot.state = SlotState::Idle;
                }
            }
            if let Some(i) = n.implicit.as_deref_mut() {
                i.expanded = false;
            }
        });
        true
    }
}

/// The contents of an implicit tile that its subtree says exist.
pub(crate) fn implicit_slots(
    tiling: &Tiling,
    subtree: &crate::implicit::Subtree,
    local: Coord,
) -> Vec<Slot> {
    (0..tiling.contents.len())
        .filter(|&index| subtree.content(local, index))
        .filter_map(|index| u8::try_from(index).ok())
        .map(|index| slot(SlotUri::Template(index)))
        .collect()
}

fn slot(uri: SlotUri) -> Slot {
    Slot {
        uri,
        state: SlotState::Idle,
        attempts: 0,
        bytes: 0,
        uploaded: false,
    }
}

fn plain_node(
    parent: Option<Ix>,
    depth: u32,
    tileset: u32,
    transform: Arc<DMat4>,
    volume: BoundingVolume,
) -> Node {
    Node {
        parent,
        children: Vec::new(),
        generation: 0,
        depth,
        tileset,
        transform,
        sphere: volume.bounding_sphere(),
        volume,
        content_volume: None,
        request_volume: None,
        geometric_error: 0.0,
        refine: Refine::Replace,
        slots: Vec::new(),
        implicit: None,
        state: TileState::Empty,
        known_cost: 0,
        pins: 0,
        wanted: 0,
        shown: 0,
        refined_ms: 0,
    }
}

fn implicit_node(
    parent: Ix,
    root: &Node,
    tiling: &Arc<Tiling>,
    coord: Coord,
    height_offset_m: f64,
) -> Node {
    let volume = divided_volume(&tiling.root_volume, tiling.spec.subdivision, coord)
        .unwrap_or(tiling.root_volume);
    Node {
        geometric_error: divided_error(tiling.root_error, coord.level),
        refine: root.refine,
        implicit: Some(Box::new(Implicit {
            tiling: tiling.clone(),
            coord,
            subtree: None,
            slot: None,
            attempts: 0,
            expanded: false,
        })),
        ..plain_node(
            Some(parent),
            root.depth + 1,
            root.tileset,
            root.transform.clone(),
            placed(&volume, &root.transform, height_offset_m),
        )
    }
}

struct Context<'a> {
    tileset: u32,
    height_offset_m: f64,
    limits: &'a Limits,
}

impl Context<'_> {
    fn node(
        &self,
        parent: Ix,
        tile: &Tile,
        parent_transform: &Arc<DMat4>,
        parent_volume: BoundingVolume,
        parent_refine: Refine,
        depth: u32,
    ) -> Node {
        let transform = if tile.transform == DMat4::IDENTITY {
            parent_transform.clone()
        } else {
            Arc::new(**parent_transform * tile.transform)
        };
        let place = |v: &BoundingVolume| placed(v, &transform, self.height_offset_m);
        let volume = tile.bounding_volume.as_ref().map_or(parent_volume, place);
        let scale = largest_scale(&transform);
        let geometric_error = tile.geometric_error * scale;
        let implicit = tile.implicit.as_ref().map(|spec| {
            let tiling = Tiling {
                spec: spec.clone(),
                contents: tile
                    .contents
                    .iter()
                    .take(self.limits.max_contents.min(255))
                    .cloned()
                    .collect(),
                // Without a volume of its own the parent's stands in; it does not divide by this tile's frame.
                root_volume: tile
                    .bounding_volume
                    .unwrap_or(BoundingVolume::Sphere(Sphere {
                        center: parent_transform
                            .inverse()
                            .transform_point3(parent_volume.bounding_sphere().0),
                        radius_m: parent_volume.bounding_sphere().1,
                    })),
                root_error: geometric_error,
            };
            Box::new(Implicit {
                tiling: Arc::new(tiling),
                coord: Coord::default(),
                subtree: None,
                slot: Some(SubtreeSlot::Idle),
                attempts: 0,
                expanded: false,
            })
        });
        let slots = if implicit.is_some() {
            Vec::new()
        } else {
            tile.contents
                .iter()
                .map(|c| slot(SlotUri::Own(c.uri.as_str().into())))
                .collect()
        };
        let content_volume = match tile.contents.as_slice() {
            [one] if implicit.is_none() => one.bounding_volume.as_ref().map(|v| Box::new(place(v))),
            _ => None,
        };
        Node {
            content_volume,
            request_volume: tile
                .viewer_request_volume
                .as_ref()
                .map(|v| Box::new(place(v))),
            geometric_error,
            refine: tile.refine.unwrap_or(parent_refine),
            slots,
            implicit,
            ..plain_node(Some(parent), depth, self.tileset, transform.clone(), volume)
        }
    }
}

/// A volume in ECEF. Regions are geographic: no transform moves them (3D Tiles 1.1, "Tile transforms"), but the
/// user's height offset does.
fn placed(volume: &BoundingVolume, ecef_from_tile: &DMat4, height_offset_m: f64) -> BoundingVolume {
    match volume {
        BoundingVolume::Region(r) => BoundingVolume::Region(Region {
            min_height_m: r.min_height_m + height_offset_m,
            max_height_m: r.max_height_m + height_offset_m,
            ..*r
        }),
        other => other.transformed(ecef_from_tile),
    }
}

fn largest_scale(matrix: &DMat4) -> f64 {
    let scale = [matrix.x_axis, matrix.y_axis, matrix.z_axis].map(|a| a.truncate().length());
    let largest = scale.into_iter().fold(0.0, f64::max);
    if largest.is_finite() && largest > 0.0 {
        largest
    } else {
        1.0
    }
}
