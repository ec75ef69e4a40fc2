//! From JSON values to the model.

use city_geo::{BoundingVolume, DMat4, OrientedBox, Region, Sphere};
use serde_json::{Map, Value};

use super::value::{Place, kind, numbers};
use super::{Content, ImplicitTiling, Refine, Subdivision, Tile, Tileset, TilesetError, UpAxis};
use crate::Limits;

/// Extensions whose meaning this crate knows; any other is refused where a tileset *requires* it. Kinds of content
/// are not refused: what cannot be decoded is told tile by tile, and the rest is drawn.
const KNOWN: &[&str] = &[
    "3DTILES_content_gltf",
    "3DTILES_implicit_tiling",
    "3DTILES_multiple_contents",
    "3DTILES_metadata",
    "3DTILES_bounding_volume_S2",
    "3DTILES_batch_table_hierarchy",
    "3DTILES_draco_point_compression",
    "MAXAR_content_3tz",
    "MAXAR_content_geojson",
    "MAXAR_extent",
];

const MAX_WARNINGS: usize = 64;

/// Whether JSON text looks like a tileset rather than some other JSON (glTF has `asset`, but no `root`).
pub fn is_tileset(value: &Value) -> bool {
    value.get("root").is_some_and(Value::is_object) && value.get("asset").is_some()
}

struct Reader<'a> {
    limits: &'a Limits,
    warnings: Vec<String>,
    unsaid: usize,
    tiles: usize,
    over: Option<(&'static str, usize)>,
}

impl Tileset {
    /// Reads a tileset JSON (already decompressed).
    pub fn parse(bytes: &[u8], url: &str, limits: &Limits) -> Result<Self, TilesetError> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        if bytes.len() > limits.max_tileset_bytes {
            return Err(TilesetError::TooLarge {
                url: crate::uri::short(url),
                what: "the file's size in bytes",
                limit: limits.max_tileset_bytes,
            });
        }
        let value = serde_json::from_slice(bytes).map_err(|e| TilesetError::Json {
            url: crate::uri::short(url),
            cause: e.to_string(),
        })?;
        Self::from_json(&value, url, limits)
    }

    /// Reads a tileset from JSON that is already parsed.
    pub fn from_json(value: &Value, url: &str, limits: &Limits) -> Result<Self, TilesetError> {
        let url = crate::uri::short(url);
        let structure = |place: &str, cause: String| TilesetError::Structure {
            url: url.clone(),
            place: place.to_owned(),
            cause,
        };
        let top = value
            .as_object()
            .ok_or_else(|| structure("/", format!("expected an object, found {}", kind(value))))?;
        let root = top
            .get("root")
            .ok_or_else(|| structure("/root", "missing".to_owned()))?;
        let root = root.as_object().ok_or_else(|| {
            structure("/root", format!("expected an object, found {}", kind(root)))
        })?;
        let extensions_required = strings(top.get("extensionsRequired"));
        if let Some(unknown) = extensions_required
            .iter()
            .find(|e| !KNOWN.contains(&e.as_str()))
        {
            return Err(TilesetError::Extension {
                url,
                extension: unknown.chars().take(64).collect(),
            });
        }
        let mut reader = Reader {
            limits,
            warnings: Vec::new(),
            unsaid: 0,
            tiles: 0,
            over: None,
        };
        let asset = top.get("asset");
        let version = text(asset, "version").unwrap_or_default();
        if !matches!(version.as_str(), "0.0" | "1.0" | "1.1") {
            reader.warn(
                &Place::Root.key("asset"),
                &format!("version '{version}' is unknown; read as 1.1"),
            );
        }
        let geometric_error = reader.geometric_error(top, &Place::Root, None);
        let place = Place::Root;
        let root = reader.tile(root, &place.key("root"), Some(geometric_error));
        if let Some((what, limit)) = reader.over {
            return Err(TilesetError::TooLarge { url, what, limit });
        }
        if reader.unsaid > 0 {
            reader.warnings.push(format!("and {} more", reader.unsaid));
        }
        Ok(Self {
            version,
            tileset_version: text(asset, "tilesetVersion"),
            copyright: text(asset, "copyright")
                .or_else(|| text(asset.and_then(|a| a.get("extras")), "copyright"))
                .or_else(|| text(top.get("extras"), "copyright")),
            gltf_up_axis: match text(asset, "gltfUpAxis").as_deref() {
                Some("X" | "x") => UpAxis::X,
                Some("Z" | "z") => UpAxis::Z,
                _ => UpAxis::Y,
            },
            geometric_error,
            root,
            extensions_used: strings(top.get("extensionsUsed")),
            extensions_required,
            tile_count: reader.tiles,
            warnings: reader.warnings,
        })
    }
}

fn text(parent: Option<&Value>, key: &str) -> Option<String> {
    parent?
        .get(key)?
        .as_str()
        .map(|s| s.chars().take(1024).collect())
}

fn strings(value: Option<&Value>) -> Vec<String> {
    value
        .and_then(Value::as_array)
        .map(|a| {
            a.iter()
                .take(256)
                .filter_map(|v| v.as_str().map(str::to_owned))
                .collect()
        })
        .unwrap_or_default()
}

fn extension<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object.get("extensions")?.get(name)
}

impl Reader<'_> {
    fn warn(&mut self, place: &Place, what: &str) {
        if self.warnings.len() < MAX_WARNINGS {
            self.warnings.push(format!("{place}: {what}"));
        } else {
            self.unsaid += 1;
        }
    }

    /// Reads one tile and its children. Recursion is bounded by the JSON parser's own depth limit (128).
    fn tile(
        &mut self,
        json: &Map<String, Value>,
        place: &Place,
        parent_error: Option<f64>,
    ) -> Tile {
        self.tiles += 1;
        if self.tiles > self.limits.max_tiles_per_tileset {
            self.over = Some(("the number of tiles", self.limits.max_tiles_per_tileset));
        }
        let geometric_error = self.geometric_error(json, place, parent_error);
        let bounding_volume = match json.get("boundingVolume") {
            Some(volume) => self.volume(volume, &place.key("boundingVolume")),
            None => {
                self.warn(place, "no boundingVolume; the parent's is used");
                None
            }
        };
        let viewer_request_volume = json
            .get("viewerRequestVolume")
            .and_then(|v| self.volume(v, &place.key("viewerRequestVolume")));
        let transform = json
            .get("transform")
            .map_or(DMat4::IDENTITY, |v| match numbers::<16>(v) {
                Ok(n) => DMat4::from_cols_array(&n),
                Err(cause) => {
                    self.warn(
                        &place.key("transform"),
                        &format!("{cause}; identity is used"),
                    );
                    DMat4::IDENTITY
                }
            });
        let refine = match json.get("refine") {
            Some(Value::String(s)) if s.eq_ignore_ascii_case("add") => Some(Refine::Add),
            Some(Value::String(s)) if s.eq_ignore_ascii_case("replace") => Some(Refine::Replace),
            None => None,
            Some(_) => {
                self.warn(
                    &place.key("refine"),
                    "neither ADD nor REPLACE; inherited instead",
                );
                None
            }
        };
        let contents = self.contents(json, place);
        if json.contains_key("expire") {
            self.warn(
                &place.key("expire"),
                "tiles are not loaded anew when they expire yet",
            );
        }
        let implicit = json
            .get("implicitTiling")
            .map(|v| (v, "implicitTiling"))
            .or_else(|| extension(json, "3DTILES_implicit_tiling").map(|v| (v, "extensions")))
            .and_then(|(v, key)| self.implicit(v, &place.key(key)));
        let children = self.children(json, place, geometric_error, implicit.is_some());
        Tile {
            bounding_volume,
            viewer_request_volume,
            geometric_error,
            refine,
            transform,
            contents,
            children,
            implicit,
        }
    }

    fn children(
        &mut self,
        json: &Map<String, Value>,
        place: &Place,
        error: f64,
        implicit: bool,
    ) -> Vec<Tile> {
        let place = &place.key("children");
        let list = match json.get("children") {
            None => return Vec::new(),
            Some(Value::Array(list)) => list,
            Some(other) => {
                self.warn(
                    place,
                    &format!("expected an array, found {}; left out", kind(other)),
                );
                return Vec::new();
            }
        };
        if implicit && !list.is_empty() {
            self.warn(place, "an implicit root has no explicit children; left out");
            return Vec::new();
        }
        if list.len() > self.limits.max_children {
            self.over = Some((
                "the number of children of one tile",
                self.limits.max_children,
            ));
        }
        let mut children = Vec::with_capacity(list.len().min(self.limits.max_children));
        for (index, child) in list.iter().enumerate() {
            if self.over.is_some() {
                break;
            }
            match child.as_object() {
                Some(child) => children.push(self.tile(child, &place.index(index), Some(error))),
                None => self.warn(
                    &place.index(index),
                    &format!("expected a tile, found {}; left out", kind(child)),
                ),
            }
        }
        children
    }

    fn geometric_error(
        &mut self,
        json: &Map<String, Value>,
        place: &Place,
        parent: Option<f64>,
    ) -> f64 {
        match json.get("geometricError").map(Value::as_f64) {
            Some(Some(error)) if error >= 0.0 && error.is_finite() => error,
            Some(_) => {
                self.warn(
                    &place.key("geometricError"),
                    "not a number ≥ 0; half the parent's is used",
                );
                parent.map_or(0.0, |p| p * 0.5)
            }
            None => {
                self.warn(place, "no geometricError; half the parent's is used");
                parent.map_or(0.0, |p| p * 0.5)
            }
        }
    }

    fn volume(&mut self, json: &Value, place: &Place) -> Option<BoundingVolume> {
        let result = if let Some(v) = json.get("box") {
            numbers::<12>(v).and_then(|n| {
                OrientedBox::from_array(n)
                    .map(BoundingVolume::Box)
                    .map_err(|e| e.to_string())
            })
        } else if let Some(v) = json.get("region") {
            numbers::<6>(v).and_then(|n| {
                Region::from_array(n)
                    .map(BoundingVolume::Region)
                    .map_err(|e| e.to_string())
            })
        } else if let Some(v) = json.get("sphere") {
            numbers::<4>(v).and_then(|n| {
                Sphere::from_array(n)
                    .map(BoundingVolume::Sphere)
                    .map_err(|e| e.to_string())
            })
        } else {
            Err("neither box, region nor sphere".to_owned())
        };
        result
            .map_err(|cause| self.warn(place, &format!("{cause}; the parent's volume is used")))
            .ok()
    }

    fn contents(&mut self, json: &Map<String, Value>, place: &Place) -> Vec<Content> {
        let several = json.get("contents").or_else(|| {
            extension(json, "3DTILES_multiple_contents")
                .and_then(|e| e.get("contents").or(e.get("content")))
        });
        let mut list: Vec<(&Value, usize)> = Vec::new();
        match (json.get("content"), several) {
            (_, Some(Value::Array(several))) => {
                list.extend(several.iter().enumerate().map(|(i, v)| (v, i)))
            }
            (_, Some(other)) => self.warn(
                &place.key("contents"),
                &format!("expected an array, found {}", kind(other)),
            ),
            (Some(one), None) => list.push((one, 0)),
            (None, None) => {}
        }
        if list.len() > self.limits.max_contents {
            self.warn(
                &place.key("contents"),
                &format!("only the first {} are read", self.limits.max_contents),
            );
            list.truncate(self.limits.max_contents);
        }
        let place = &place.key("content");
        let mut contents = Vec::with_capacity(list.len());
        for (value, index) in list {
            let place = &place.index(index);
            let Some(uri) = value
                .get("uri")
                .or(value.get("url"))
                .and_then(Value::as_str)
                .filter(|u| !u.is_empty())
            else {
                self.warn(place, "a content without uri; left out");
                continue;
            };
            contents.push(Content {
                uri: uri.to_owned(),
                bounding_volume: value
                    .get("boundingVolume")
                    .and_then(|v| self.volume(v, &place.key("boundingVolume"))),
                group: value
                    .get("group")
                    .and_then(Value::as_u64)
                    .and_then(|g| u32::try_from(g).ok()),
            });
        }
        contents
    }

    fn implicit(&mut self, json: &Value, place: &Place) -> Option<ImplicitTiling> {
        let read = || -> Result<ImplicitTiling, String> {
            let subdivision = match json.get("subdivisionScheme").and_then(Value::as_str) {
                Some("QUADTREE") => Subdivision::Quadtree,
                Some("OCTREE") => Subdivision::Octree,
                other => {
                    return Err(format!(
                        "subdivisionScheme is {other:?}, not QUADTREE or OCTREE"
                    ));
                }
            };
            let positive = |key: &str| {
                json.get(key)
                    .and_then(Value::as_u64)
                    .and_then(|v| u32::try_from(v).ok())
            };
            let subtree_levels = positive("subtreeLevels")
                .filter(|&l| l >= 1)
                .ok_or("subtreeLevels is not a number ≥ 1")?;
            // The forerunner extension counted the last level instead of the levels.
            let available_levels = positive("availableLevels")
                .or_else(|| positive("maximumLevel").and_then(|l| l.checked_add(1)))
                .filter(|&l| l >= 1)
                .ok_or("availableLevels is not a number ≥ 1")?;
            let subtrees_uri = json
                .get("subtrees")
                .and_then(|s| s.get("uri"))
                .and_then(Value::as_str)
                .ok_or("subtrees.uri is missing")?;
            if available_levels > self.limits.max_available_levels {
                return Err(format!(
                    "more than {} levels",
                    self.limits.max_available_levels
                ));
            }
            if subdivision
                .tiles_in(subtree_levels)
                .is_none_or(|t| t > self.limits.max_subtree_tiles)
            {
                return Err(format!(
                    "subtrees of more than {} tiles",
                    self.limits.max_subtree_tiles
                ));
            }
            Ok(ImplicitTiling {
                subdivision,
                subtree_levels,
                available_levels,
                subtrees_uri: subtrees_uri.to_owned(),
            })
        };
        read()
            .map_err(|cause| self.warn(place, &format!("{cause}; the implicit tiles are left out")))
            .ok()
    }
}

#[cfg(test)]
mod tests;
