//! Implicit tiling (3D Tiles 1.1, "Implicit Tiling"): coordinates, URI templates, subtrees and their availability,
//! and the volumes of subdivided tiles.

mod divide;
mod subtree;

pub use divide::{divided_error, divided_volume};
pub use subtree::{Availability, Subtree, SubtreeDocument, SubtreeError};

use crate::tileset::Subdivision;

/// A tile of an implicit tileset: its level below the implicit root and its place in that level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Coord {
    /// 0 is the implicit root.
    pub level: u32,
    /// Along the box's first axis, or eastward.
    pub x: u32,
    /// Along the box's second axis, or northward.
    pub y: u32,
    /// Along the box's third axis, or upward; 0 in a quadtree.
    pub z: u32,
}

impl Coord {
    /// The child `index`, in Morton order: bit 0 is x, bit 1 is y, bit 2 is z.
    pub fn child(self, index: u32) -> Self {
        Self {
            level: self.level + 1,
            x: self.x << 1 | (index & 1),
            y: self.y << 1 | (index >> 1 & 1),
            z: self.z << 1 | (index >> 2 & 1),
        }
    }

    /// The root of the subtree this tile lies in.
    pub fn subtree_root(self, subtree_levels: u32) -> Self {
        let level = self.level - self.level % subtree_levels.max(1);
        let up = self.level - level;
        Self {
            level,
            x: self.x >> up,
            y: self.y >> up,
            z: self.z >> up,
        }
    }

    /// Where the tile lies inside its subtree.
    pub fn within_subtree(self, subtree_levels: u32) -> Self {
        let local = self.level % subtree_levels.max(1);
        let mask = (1u64 << local) as u32 - 1;
        Self {
            level: local,
            x: self.x & mask,
            y: self.y & mask,
            z: self.z & mask,
        }
    }

    /// The Morton index inside its own level; coordinates of subtrees fit, whole tilesets may not.
    pub fn morton(self, subdivision: Subdivision) -> u64 {
        match subdivision {
            Subdivision::Quadtree => spread2(self.x) | spread2(self.y) << 1,
            Subdivision::Octree => spread3(self.x) | spread3(self.y) << 1 | spread3(self.z) << 2,
        }
    }

    /// The coordinates at a Morton index.
    pub fn from_morton(level: u32, morton: u64, subdivision: Subdivision) -> Self {
        match subdivision {
            Subdivision::Quadtree => Self {
                level,
                x: pack2(morton),
                y: pack2(morton >> 1),
                z: 0,
            },
            Subdivision::Octree => Self {
                level,
                x: pack3(morton),
                y: pack3(morton >> 1),
                z: pack3(morton >> 2),
            },
        }
    }

    /// The bit index of a tile with coordinates inside a subtree: (Nˡ − 1) / (N − 1) + morton.
    pub fn bit_index(self, subdivision: Subdivision) -> Option<u64> {
        Some(subdivision.tiles_in(self.level)? + self.morton(subdivision))
    }

    /// Fills `{level}`, `{x}`, `{y}` and `{z}` of a URI template.
    pub fn fill(self, template: &str) -> String {
        let mut out = template.to_owned();
        for (name, value) in [
            ("{level}", self.level),
            ("{x}", self.x),
            ("{y}", self.y),
            ("{z}", self.z),
        ] {
            if out.contains(name) {
                out = out.replace(name, &value.to_string());
            }
        }
        out
    }
}

impl std::fmt::Display for Coord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}/{}/{}", self.level, self.x, self.y, self.z)
    }
}

fn spread2(v: u32) -> u64 {
    let mut v = u64::from(v);
    v = (v | v << 16) & 0x0000_ffff_0000_ffff;
    v = (v | v << 8) & 0x00ff_00ff_00ff_00ff;
    v = (v | v << 4) & 0x0f0f_0f0f_0f0f_0f0f;
    v = (v | v << 2) & 0x3333_3333_3333_3333;
    (v | v << 1) & 0x5555_5555_5555_5555
}

fn pack2(v: u64) -> u32 {
    let mut v = v & 0x5555_5555_5555_5555;
    v = (v | v >> 1) & 0x3333_3333_3333_3333;
    v = (v | v >> 2) & 0x0f0f_0f0f_0f0f_0f0f;
    v = (v | v >> 4) & 0x00ff_00ff_00ff_00ff;
    v = (v | v >> 8) & 0x0000_ffff_0000_ffff;
    (v | v >> 16) as u32
}

fn spread3(v: u32) -> u64 {
    let mut v = u64::from(v) & 0x1f_ffff;
    v = (v | v << 32) & 0x001f_0000_0000_ffff;
    v = (v | v << 16) & 0x001f_0000_ff00_00ff;
    v = (v | v << 8) & 0x100f_00f0_0f00_f00f;
    v = (v | v << 4) & 0x10c3_0c30_c30c_30c3;
    (v | v << 2) & 0x1249_2492_4924_9249
}

fn pack3(v: u64) -> u32 {
    let mut v = v & 0x1249_2492_4924_9249;
    v = (v | v >> 2) & 0x10c3_0c30_c30c_30c3;
    v = (v | v >> 4) & 0x100f_00f0_0f00_f00f;
    v = (v | v >> 8) & 0x001f_0000_ff00_00ff;
    v = (v | v >> 16) & 0x001f_0000_0000_ffff;
    ((v | v >> 32) & 0x1f_ffff) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn morton_interleaves_and_comes_back() {
        let quad = Coord {
            level: 2,
            x: 3,
            y: 2,
            z: 0,
        };
        assert_eq!(quad.morton(Subdivision::Quadtree), 0b1101);
        assert_eq!(quad.bit_index(Subdivision::Quadtree), Some(5 + 13));
        let octree = Coord {
            level: 1,
            x: 1,
            y: 0,
            z: 1,
        };
        assert_eq!(octree.bit_index(Subdivision::Octree), Some(1 + 0b101));
        for subdivision in [Subdivision::Quadtree, Subdivision::Octree] {
            for morton in (0..4096).chain([0x3fff_ffff_ffff]) {
                assert_eq!(
                    Coord::from_morton(21, morton, subdivision).morton(subdivision),
                    morton
                );
            }
        }
    }

    #[test]
    fn children_follow_morton_order() {
        let parent = Coord {
            level: 1,
            x: 1,
            y: 0,
            z: 1,
        };
        for index in 0..8 {
            let child = parent.child(index);
            assert_eq!(
                child.morton(Subdivision::Octree),
                parent.morton(Subdivision::Octree) * 8 + u64::from(index)
            );
        }
    }

    #[test]
    fn a_tile_finds_its_subtree() {
        let tile = Coord {
            level: 4,
            x: 13,
            y: 12,
            z: 0,
        };
        assert_eq!(
            tile.subtree_root(3),
            Coord {
                level: 3,
                x: 6,
                y: 6,
                z: 0
            }
        );
        assert_eq!(
            tile.within_subtree(3),
            Coord {
                level: 1,
                x: 1,
                y: 0,
                z: 0
            }
        );
        assert_eq!(tile.fill("c/{level}_{x}_{y}.glb"), "c/4_13_12.glb");
    }
}
