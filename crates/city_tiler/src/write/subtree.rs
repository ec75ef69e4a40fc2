//! Binary subtrees of an implicit quadtree, with a tight box for every tile.
//!
//! A quadtree never splits its box's height, so derived boxes would be as tall
//! as the highest peak everywhere. Each tile therefore carries its own box in
//! the semantic `TILE_BOUNDING_BOX` (a reader that ignores it still works).

use serde::Serialize;

use super::{EncodeError, pad_to_8};

/// An axis-parallel box in the tileset's frame, metres.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// Lowest corner.
    pub min: [f64; 3],
    /// Highest corner.
    pub max: [f64; 3],
}

impl Bounds {
    /// The smallest box around both.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self {
            min: [0, 1, 2].map(|a| self.min[a].min(other.min[a])),
            max: [0, 1, 2].map(|a| self.max[a].max(other.max[a])),
        }
    }

    /// The 12 numbers of a 3D Tiles box: centre and half axes.
    #[must_use]
    pub fn to_box(self) -> [f64; 12] {
        let centre = [0, 1, 2].map(|a| (self.min[a] + self.max[a]) / 2.0);
        let half = [0, 1, 2].map(|a| (self.max[a] - self.min[a]) / 2.0);
        [
            centre[0], centre[1], centre[2], half[0], 0.0, 0.0, 0.0, half[1], 0.0, 0.0, 0.0,
            half[2],
        ]
    }
}

/// One tile of the quadtree: `None` where there is nothing below either.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Node {
    /// Around the tile's content and everything below it.
    pub bounds: Bounds,
    /// Whether the tile has a content.
    pub content: bool,
}

/// A whole quadtree, level by level, each level in Morton order.
#[derive(Debug, Clone)]
pub struct Quadtree {
    /// `levels[l]` has 4^l entries.
    pub levels: Vec<Vec<Option<Node>>>,
}

/// Interleaves the bits of x and y (x lowest): the order of quadtree tiles.
#[must_use]
pub fn morton(x: u32, y: u32) -> usize {
    let spread = |v: u32| {
        (0..16).fold(0_usize, |sum, bit| {
            sum | (((v >> bit) & 1) as usize) << (2 * bit)
        })
    };
    spread(x) | spread(y) << 1
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BufferJson {
    byte_length: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ViewJson {
    buffer: u32,
    byte_offset: usize,
    byte_length: usize,
}

#[derive(Serialize)]
#[serde(untagged)]
#[serde(rename_all_fields = "camelCase")]
enum Availability {
    Constant {
        constant: u8,
    },
    Bits {
        bitstream: usize,
        available_count: usize,
    },
}

#[derive(Serialize)]
struct ValuesJson {
    values: usize,
}

#[derive(Serialize)]
struct BoxJson {
    bounds: ValuesJson,
}

#[derive(Serialize)]
struct TableJson {
    class: &'static str,
    count: usize,
    properties: BoxJson,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SubtreeJson {
    buffers: Vec<BufferJson>,
    buffer_views: Vec<ViewJson>,
    property_tables: [TableJson; 1],
    tile_availability: Availability,
    content_availability: [Availability; 1],
    child_subtree_availability: Availability,
    tile_metadata: usize,
}

fn availability(bits: &[bool], bin: &mut Vec<u8>, views: &mut Vec<ViewJson>) -> Availability {
    let available_count = bits.iter().filter(|b| **b).count();
    if available_count == 0 || available_count == bits.len() {
        return Availability::Constant {
            constant: u8::from(available_count > 0),
        };
    }
    pad_to_8(bin, 0, 0);
    let byte_offset = bin.len();
    for byte in bits.chunks(8) {
        bin.push(
            byte.iter()
                .enumerate()
                .fold(0, |sum, (i, b)| sum | u8::from(*b) << i),
        );
    }
    views.push(ViewJson {
        buffer: 0,
        byte_offset,
        byte_length: bin.len() - byte_offset,
    });
    Availability::Bits {
        bitstream: views.len() - 1,
        available_count,
    }
}

impl Quadtree {
    fn node(&self, level: usize, x: u32, y: u32) -> Option<Node> {
        self.levels.get(level)?.get(morton(x, y)).copied().flatten()
    }

    /// The subtree file whose root is the tile (`level`, `x`, `y`).
    ///
    /// `class` is the class in the tileset's schema whose property `bounds` has
    /// the semantic `TILE_BOUNDING_BOX`.
    pub fn subtree(
        &self,
        level: usize,
        x: u32,
        y: u32,
        subtree_levels: usize,
        class: &'static str,
    ) -> Result<Vec<u8>, EncodeError> {
        let (mut tiles, mut contents) = (Vec::new(), Vec::new());
        let mut boxes: Vec<f32> = Vec::new();
        let (bin, views) = (&mut Vec::new(), &mut Vec::new());
        for depth in 0..=subtree_levels {
            let side = 1_u32 << depth;
            let mut row = vec![None; (side as usize).pow(2)];
            for (cx, cy) in (0..side).flat_map(|cy| (0..side).map(move |cx| (cx, cy))) {
                row[morton(cx, cy)] = self.node(level + depth, x * side + cx, y * side + cy);
            }
            if depth == subtree_levels {
                // One level below the subtree: the roots of its children.
                let children: Vec<bool> = row.iter().map(Option::is_some).collect();
                let tile_availability = availability(&tiles, bin, views);
                let content_availability = [availability(&contents, bin, views)];
                let child_subtree_availability = availability(&children, bin, views);
                pad_to_8(bin, 0, 0);
                let byte_offset = bin.len();
                bin.extend(boxes.iter().flat_map(|c| c.to_le_bytes()));
                views.push(ViewJson {
                    buffer: 0,
                    byte_offset,
                    byte_length: bin.len() - byte_offset,
                });
                pad_to_8(bin, 0, 0);
                let json = SubtreeJson {
                    buffers: vec![BufferJson {
                        byte_length: bin.len(),
                    }],
                    property_tables: [TableJson {
                        class,
                        count: boxes.len() / 12,
                        properties: BoxJson {
                            bounds: ValuesJson {
                                values: views.len() - 1,
                            },
                        },
                    }],
                    buffer_views: std::mem::take(views),
                    tile_availability,
                    content_availability,
                    child_subtree_availability,
                    tile_metadata: 0,
                };
                return file(&serde_json::to_vec(&json)?, bin);
            }
            for node in row {
                tiles.push(node.is_some());
                contents.push(node.is_some_and(|n| n.content));
                if let Some(node) = node {
                    boxes.extend(rounded_outwards(node.bounds).to_box().map(|c| c as f32));
                }
            }
        }
        Ok(Vec::new())
    }
}

/// Widens a box to whole decimetres, so that single precision cannot cut it.
fn rounded_outwards(b: Bounds) -> Bounds {
    Bounds {
        min: b.min.map(|c| (c * 10.0 - 0.5).floor() / 10.0),
        max: b.max.map(|c| (c * 10.0 + 0.5).ceil() / 10.0),
    }
}

fn file(json: &[u8], bin: &[u8]) -> Result<Vec<u8>, EncodeError> {
    let mut json = json.to_vec();
    pad_to_8(&mut json, 0, b' ');
    let mut out = Vec::with_capacity(24 + json.len() + bin.len());
    out.extend_from_slice(b"subt");
    out.extend_from_slice(&1_u32.to_le_bytes());
    out.extend_from_slice(&(json.len() as u64).to_le_bytes());
    out.extend_from_slice(&(bin.len() as u64).to_le_bytes());
    out.extend_from_slice(&json);
    out.extend_from_slice(bin);
    Ok(out)
}
