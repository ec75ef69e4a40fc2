//! The tileset file: implicit quadtrees, and plain tiles beside them.

use serde::Serialize;

use super::EncodeError;
use super::subtree::Bounds;

/// The id of the class whose property `bounds` is a tile's own box.
pub const TILE_CLASS: &str = "tile";

/// An implicit quadtree with its own folder for contents and subtrees.
#[derive(Debug, Clone)]
pub struct Implicit {
    /// The folder, relative to the tileset file.
    pub folder: &'static str,
    /// The root's box; quadrants are halves of it.
    pub bounds: Bounds,
    /// Geometric error of the root's content, metres; it halves per level.
    pub geometric_error_m: f64,
    /// How many levels of a subtree are in one file.
    pub subtree_levels: usize,
    /// How many levels of tiles there are.
    pub available_levels: usize,
}

/// A tile with one content and no children.
#[derive(Debug, Clone)]
pub struct Single {
    /// The content, relative to the tileset file.
    pub uri: &'static str,
    /// Its box.
    pub bounds: Bounds,
}

/// A tileset: a frame with quadtrees and single tiles in it.
#[derive(Debug, Clone)]
pub struct Tileset<'a> {
    /// `asset.copyright`.
    pub copyright: &'a str,
    /// ECEF from the tileset's frame, column by column.
    pub transform: [f64; 16],
    /// The quadtrees.
    pub implicit: Vec<Implicit>,
    /// The single tiles.
    pub singles: Vec<Single>,
}

#[derive(Serialize)]
struct Asset<'a> {
    version: &'static str,
    generator: &'static str,
    copyright: &'a str,
}

#[derive(Serialize)]
struct Volume {
    #[serde(rename = "box")]
    numbers: [f64; 12],
}

#[derive(Serialize)]
struct Uri {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ImplicitJson {
    subdivision_scheme: &'static str,
    subtree_levels: usize,
    available_levels: usize,
    subtrees: Uri,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TileJson {
    bounding_volume: Volume,
    geometric_error: f64,
    refine: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    transform: Option<[f64; 16]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<Uri>,
    #[serde(skip_serializing_if = "Option::is_none")]
    implicit_tiling: Option<ImplicitJson>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    children: Vec<TileJson>,
}

#[derive(Serialize)]
struct BoundsProperty {
    name: &'static str,
    description: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(rename = "componentType")]
    component_type: &'static str,
    array: bool,
    count: u32,
    semantic: &'static str,
    required: bool,
}

#[derive(Serialize)]
struct Properties {
    bounds: BoundsProperty,
}

#[derive(Serialize)]
struct Class {
    name: &'static str,
    properties: Properties,
}

#[derive(Serialize)]
struct Classes {
    tile: Class,
}

#[derive(Serialize)]
struct SchemaJson {
    id: &'static str,
    classes: Classes,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TilesetJson<'a> {
    asset: Asset<'a>,
    schema: SchemaJson,
    geometric_error: f64,
    root: TileJson,
}

fn schema() -> SchemaJson {
    SchemaJson {
        id: "belvedere_tiles",
        classes: Classes {
            tile: Class {
                name: "Tile",
                properties: Properties {
                    bounds: BoundsProperty {
                        name: "Bounding box",
                        description: "The tile's own box: centre and half axes, metres",
                        kind: "SCALAR",
                        component_type: "FLOAT32",
                        array: true,
                        count: 12,
                        semantic: "TILE_BOUNDING_BOX",
                        required: true,
                    },
                },
            },
        },
    }
}

impl Implicit {
    fn json(&self) -> TileJson {
        TileJson {
            bounding_volume: Volume {
                numbers: self.bounds.to_box(),
            },
            geometric_error: self.geometric_error_m,
            refine: "REPLACE",
            transform: None,
            content: Some(Uri {
                uri: format!("{}/{{level}}/{{x}}/{{y}}.glb", self.folder),
            }),
            implicit_tiling: Some(ImplicitJson {
                subdivision_scheme: "QUADTREE",
                subtree_levels: self.subtree_levels,
                available_levels: self.available_levels,
                subtrees: Uri {
                    uri: format!("{}/subtrees/{{level}}.{{x}}.{{y}}.subtree", self.folder),
                },
            }),
            children: Vec::new(),
        }
    }
}

impl Tileset<'_> {
    /// The tileset file. The root itself has no content and always refines.
    pub fn to_json(&self) -> Result<Vec<u8>, EncodeError> {
        let boxes = self.implicit.iter().map(|i| i.bounds);
        let bounds = boxes
            .chain(self.singles.iter().map(|s| s.bounds))
            .reduce(Bounds::union)
            .unwrap_or(Bounds {
                min: [0.0; 3],
                max: [0.0; 3],
            });
        let error = self.implicit.iter().map(|i| i.geometric_error_m);
        let geometric_error = 4.0 * error.fold(1000.0, f64::max);
        let implicit = self.implicit.iter().map(Implicit::json);
        let singles = self.singles.iter().map(|single| TileJson {
            bounding_volume: Volume {
                numbers: single.bounds.to_box(),
            },
            geometric_error: 0.0,
            refine: "REPLACE",
            transform: None,
            content: Some(Uri {
                uri: single.uri.to_owned(),
            }),
            implicit_tiling: None,
            children: Vec::new(),
        });
        let tileset = TilesetJson {
            asset: Asset {
                version: "1.1",
                generator: concat!("Belvedere city_tiler ", env!("CARGO_PKG_VERSION")),
                copyright: self.copyright,
            },
            schema: schema(),
            geometric_error,
            root: TileJson {
                bounding_volume: Volume {
                    numbers: bounds.to_box(),
                },
                geometric_error,
                refine: "ADD",
                transform: Some(self.transform),
                content: None,
                implicit_tiling: None,
                children: implicit.chain(singles).collect(),
            },
        };
        let mut bytes = serde_json::to_vec_pretty(&tileset)?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}
