//! Tiles: each by itself, then its contents, then its children (3D Tiles 1.1, "Tiles").

use city_geo::DMat4;
use serde_json::{Map, Value};

use super::basic::{self, Kind};
use super::report::Report;
use super::schema::State;
use super::{Checker, entity, extensions, tiling, volume};
use crate::implicit::{Coord, Subtree};
use crate::tileset::ImplicitTiling;

/// What a tile needs to know of its tileset.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub location: &'a str,
    pub schema: State<'a>,
    pub groups: usize,
}

/// Recursion stops here; the JSON parser stops at 128 levels anyway.
const MAX_DEPTH: u32 = 200;

impl Checker<'_> {
    /// Checks a tile and what is below it.
    pub(super) fn tile(
        &mut self,
        r: &mut Report,
        path: &str,
        value: &Value,
        context: Context,
        parent: Option<(f64, DMat4)>,
        depth: u32,
    ) {
        if !self.step(r, path, 1) {
            return;
        }
        self.tiles += 1;
        let Some(object) = basic::object(r, path, value) else {
            return;
        };
        let transform = object
            .get("transform")
            .and_then(read_matrix)
            .unwrap_or(DMat4::IDENTITY);
        let ecef_from_tile = parent.map_or(DMat4::IDENTITY, |(_, m)| m) * transform;
        let implicit = object.get("implicitTiling");
        let mut root_subtree = None;
        if let Some(implicit) = implicit {
            let at = format!("{path}/implicitTiling");
            let Some(tiling) = tiling::check(r, &at, implicit) else {
                return;
            };
            if !tiling::check_size(r, &at, &tiling, &self.options.limits) {
                return;
            }
            match self.root_subtree(r, path, &tiling, context) {
                Some(subtree) => root_subtree = Some((tiling, subtree)),
                None => return,
            }
        }
        if !check_tile(
            r,
            path,
            object,
            context,
            &ecef_from_tile,
            root_subtree.as_ref().map(|(t, _)| t),
        ) {
            return;
        }
        if parent.is_none() && !object.contains_key("refine") {
            r.add(
                "TILE_REFINE_MISSING_IN_ROOT",
                path,
                "the root tile must say how it is refined",
            );
            return;
        }
        let error = object
            .get("geometricError")
            .and_then(Value::as_f64)
            .unwrap_or(0.0);
        if let Some((parent_error, _)) = parent
            && error > parent_error
        {
            let what = format!("the geometric error {error} exceeds the parent's {parent_error}");
            r.add("TILE_GEOMETRIC_ERRORS_INCONSISTENT", path, what);
        }
        if let Some((tiling, subtree)) = root_subtree {
            self.implicit(r, path, object, tiling, subtree, context);
            return;
        }
        for (path, uri) in content_uris(path, object) {
            self.content(r, &path, context.location, &uri);
        }
        let Some(children) = object.get("children").and_then(Value::as_array) else {
            return;
        };
        if depth >= MAX_DEPTH {
            r.add(
                "INTERNAL_ERROR",
                path,
                format!("deeper than {MAX_DEPTH} tiles is not checked"),
            );
            return;
        }
        for (index, child) in children.iter().enumerate() {
            let path = format!("{path}/children/{index}");
            self.tile(
                r,
                &path,
                child,
                context,
                Some((error, ecef_from_tile)),
                depth + 1,
            );
        }
    }

    fn root_subtree(
        &mut self,
        r: &mut Report,
        path: &str,
        tiling: &ImplicitTiling,
        context: Context,
    ) -> Option<Subtree> {
        let uri = Coord::default().fill(&tiling.subtrees_uri);
        let found = crate::uri::resolve(context.location, &uri).map_err(|e| e.to_string());
        match found.and_then(|location| self.read(&location).map(|bytes| (location, bytes))) {
            Ok((location, bytes)) => {
                self.subtree_bytes(r, path, &location, bytes, tiling, context.schema)
            }
            Err(cause) => {
                let what = format!("the root subtree {uri} cannot be read: {cause}");
                r.add("TILE_IMPLICIT_ROOT_INVALID", path, what);
                None
            }
        }
    }

    /// Checks contents and subtrees of an implicit tiling.
    fn implicit(
        &mut self,
        r: &mut Report,
        path: &str,
        object: &Map<String, Value>,
        tiling: ImplicitTiling,
        root: Subtree,
        context: Context,
    ) {
        let templates = content_uris(path, object);
        // Subtrees are read when their turn comes, so that few are held at once.
        let mut waiting = vec![(Coord::default(), Some(root))];
        while let Some((at, subtree)) = waiting.pop() {
            let read = || self.child_subtree(r, path, at, &tiling, context);
            let Some(subtree) = subtree.or_else(read) else {
                continue;
            };
            let mut tiles = vec![Coord::default()];
            while let Some(local) = tiles.pop() {
                let tile = global(at, local);
                if tile.level >= tiling.available_levels {
                    continue;
                }
                if !self.step(r, path, 1) {
                    return;
                }
                if local.level == tiling.subtree_levels {
                    if subtree.child_subtree(local) {
                        waiting.push((tile, None));
                    }
                    continue;
                }
                if !subtree.tile(local) {
                    continue;
                }
                self.tiles += u64::from(tile.level > 0);
                for (index, (path, template)) in templates.iter().enumerate() {
                    if subtree.content(local, index) {
                        self.content(
                            r,
                            &format!("{path}@{tile}"),
                            context.location,
                            &tile.fill(template),
                        );
                    }
                }
                // Reversed: the stack gives them back in Morton order.
                tiles.extend(
                    (0..tiling.subdivision.branching())
                        .rev()
                        .map(|i| local.child(i)),
                );
            }
        }
    }

    fn child_subtree(
        &mut self,
        r: &mut Report,
        path: &str,
        at: Coord,
        tiling: &ImplicitTiling,
        context: Context,
    ) -> Option<Subtree> {
        let uri = at.fill(&tiling.subtrees_uri);
        let path = format!("{path}@{at}");
        let found = crate::uri::resolve(context.location, &uri).map_err(|e| e.to_string());
        match found.and_then(|location| self.read(&location).map(|bytes| (location, bytes))) {
            Ok((location, bytes)) => {
                self.subtree_bytes(r, &path, &location, bytes, tiling, context.schema)
            }
            Err(cause) => {
                r.add(
                    "IMPLICIT_TILING_ERROR",
                    &path,
                    format!("the subtree {uri} cannot be read: {cause}"),
                );
                None
            }
        }
    }
}

fn global(at: Coord, local: Coord) -> Coord {
    Coord {
        level: at.level + local.level,
        x: at.x << local.level | local.x,
        y: at.y << local.level | local.y,
        z: at.z << local.level | local.z,
    }
}

fn read_matrix(value: &Value) -> Option<DMat4> {
    let numbers: Vec<f64> = value.as_array()?.iter().filter_map(Value::as_f64).collect();
    numbers
        .try_into()
        .ok()
        .map(|n: [f64; 16]| DMat4::from_cols_array(&n))
}

fn content_uris(path: &str, object: &Map<String, Value>) -> Vec<(String, String)> {
    let uri = |content: &Value| {
        content
            .get("uri")
            .or(content.get("url"))
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let one = object
        .get("content")
        .and_then(uri)
        .map(|u| (format!("{path}/content"), u));
    let several = object
        .get("contents")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .enumerate();
    one.into_iter()
        .chain(several.filter_map(|(i, c)| uri(c).map(|u| (format!("{path}/contents/{i}"), u))))
        .collect()
}

/// Checks the tile object alone.
fn check_tile(
    r: &mut Report,
    path: &str,
    object: &Map<String, Value>,
    context: Context,
    ecef_from_tile: &DMat4,
    implicit: Option<&ImplicitTiling>,
) -> bool {
    let mut good = extensions::root_property(r, path, object);
    good &= basic::required(r, path, object, "boundingVolume")
        .is_some_and(|v| volume::check(r, &format!("{path}/boundingVolume"), v));
    if let Some(value) = object.get("viewerRequestVolume") {
        good &= volume::check(r, &format!("{path}/viewerRequestVolume"), value);
    }
    good &= basic::required(r, path, object, "geometricError").is_some_and(|v| {
        basic::number_from(r, &format!("{path}/geometricError"), v, 0.0).is_some()
    });
    if let Some(refine) = object.get("refine") {
        let path = format!("{path}/refine");
        good &= basic::string(r, &path, refine).is_some_and(|text| {
            let upper = text.to_uppercase();
            if upper != text && matches!(upper.as_str(), "ADD" | "REPLACE") {
                r.add(
                    "TILE_REFINE_WRONG_CASE",
                    &path,
                    format!("'{text}' should be '{}'", text.to_uppercase()),
                );
                return true;
            }
            basic::one_of(r, &path, refine, &["ADD", "REPLACE"]).is_some()
        });
    }
    if let Some(transform) = object.get("transform") {
        good &= volume::check_transform(r, &format!("{path}/transform"), transform);
    }
    if let Some(metadata) = object.get("metadata") {
        good &= entity::check(r, path, "metadata", metadata, context.schema);
    }
    if object.contains_key("content") && object.contains_key("contents") {
        good = r.add("ONE_OF_ERROR", path, "it has both 'content' and 'contents'");
    }
    good & match implicit {
        Some(tiling) => check_implicit_root(r, path, object, tiling),
        None => check_simple(r, path, object, context, ecef_from_tile),
    }
}

fn check_simple(
    r: &mut Report,
    path: &str,
    object: &Map<String, Value>,
    context: Context,
    ecef_from_tile: &DMat4,
) -> bool {
    let mut good = true;
    let tile_volume = object
        .get("boundingVolume")
        .filter(|_| r.is_empty())
        .and_then(volume::read);
    let check = |r: &mut Report, path: &str, content: &Value| {
        let Some(content) = basic::object(r, path, content) else {
            return false;
        };
        let mut good = extensions::root_property(r, path, content);
        let uri = content.get("uri").or_else(|| content.get("url"));
        good &= match uri {
            Some(uri) => basic::string(r, &format!("{path}/uri"), uri).is_some(),
            None => basic::required(r, path, content, "uri").is_some(),
        };
        if let Some(value) = content.get("boundingVolume") {
            let at = format!("{path}/boundingVolume");
            good &= volume::check(r, &at, value);
            if let (true, Some(outer), Some(inner)) = (good, tile_volume, volume::read(value))
                && !volume::contains(&outer, &inner, ecef_from_tile)
            {
                good = r.add(
                    "BOUNDING_VOLUMES_INCONSISTENT",
                    &at,
                    "the content's volume is not inside the tile's",
                );
            }
        }
        if let Some(group) = content.get("group") {
            let below = i64::try_from(context.groups).ok();
            good &= basic::integer(r, &format!("{path}/group"), group, 0, below).is_some();
        }
        if let Some(metadata) = content.get("metadata") {
            good &= entity::check(r, path, "metadata", metadata, context.schema);
        }
        good
    };
    if let Some(content) = object.get("content") {
        good &= check(r, &format!("{path}/content"), content);
    }
    if let Some(contents) = object.get("contents") {
        let path = format!("{path}/contents");
        good &= match basic::array(r, &path, contents, (1, usize::MAX), Some(Kind::Object)) {
            None => false,
            Some(list) => list.iter().enumerate().fold(true, |good, (i, c)| {
                check(r, &format!("{path}/{i}"), c) && good
            }),
        };
    }
    if let Some(children) = object.get("children") {
        let path = format!("{path}/children");
        if children.as_array().is_some_and(Vec::is_empty) {
            r.add(
                "ARRAY_LENGTH_UNEXPECTED",
                &path,
                "an empty list of children is better left out",
            );
        } else {
            good &= basic::array(r, &path, children, (0, usize::MAX), Some(Kind::Object)).is_some();
        }
    }
    good
}

/// What the root of an implicit tiling must not have, and its content templates.
fn check_implicit_root(
    r: &mut Report,
    path: &str,
    object: &Map<String, Value>,
    tiling: &ImplicitTiling,
) -> bool {
    let mut good = true;
    let content_volume = object.get("content").and_then(|c| c.get("boundingVolume"));
    let sphere = object.get("boundingVolume").and_then(|v| v.get("sphere"));
    let forbidden = [
        ("children", object.get("children")),
        ("metadata", object.get("metadata")),
        ("content.boundingVolume", content_volume),
        ("boundingVolume.sphere", sphere),
    ];
    for (name, _) in forbidden.into_iter().filter(|(_, v)| v.is_some()) {
        good = r.add(
            "TILE_IMPLICIT_ROOT_INVALID",
            path,
            format!("the root of an implicit tiling has no '{name}'"),
        );
    }
    for (path, uri) in content_uris(path, object) {
        good &= tiling::check_template(r, &format!("{path}/uri"), &uri, tiling.subdivision);
    }
    good
}
