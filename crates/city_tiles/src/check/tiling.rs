//! `implicitTiling` and its URI templates (3D Tiles 1.1, "Implicit Root Tile", "Template URIs").

use serde_json::Value;

use super::basic;
use super::extensions;
use super::report::Report;
use crate::Limits;
use crate::tileset::{ImplicitTiling, Subdivision};

/// Checks an `implicitTiling`; gives it where it is valid.
pub(super) fn check(r: &mut Report, path: &str, value: &Value) -> Option<ImplicitTiling> {
    let object = basic::object(r, path, value)?;
    let mut good = extensions::root_property(r, path, object);
    let scheme = basic::required(r, path, object, "subdivisionScheme").and_then(|v| {
        basic::one_of(
            r,
            &format!("{path}/subdivisionScheme"),
            v,
            &["QUADTREE", "OCTREE"],
        )
    });
    let subdivision = if scheme == Some("OCTREE") {
        Subdivision::Octree
    } else {
        Subdivision::Quadtree
    };
    let mut levels = |key: &str| {
        let value = basic::required(r, path, object, key)?;
        basic::integer(r, &format!("{path}/{key}"), value, 1, Some(64))
            .and_then(|l| u32::try_from(l).ok())
    };
    let (available_levels, subtree_levels) = (levels("availableLevels"), levels("subtreeLevels"));
    let subtrees = basic::required(r, path, object, "subtrees")?;
    let path = format!("{path}/subtrees");
    let subtrees = basic::object(r, &path, subtrees)?;
    let uri = basic::required(r, &path, subtrees, "uri")?;
    let path = format!("{path}/uri");
    let uri = basic::string(r, &path, uri)?;
    good &= scheme.is_none() || check_template(r, &path, uri, subdivision);
    (good && scheme.is_some()).then_some(())?;
    Some(ImplicitTiling {
        subdivision,
        subtree_levels: subtree_levels?,
        available_levels: available_levels?,
        subtrees_uri: uri.to_owned(),
    })
}

/// Checks that this program can hold what the tiling describes.
pub(super) fn check_size(
    r: &mut Report,
    path: &str,
    tiling: &ImplicitTiling,
    limits: &Limits,
) -> bool {
    let tiles = tiling.subdivision.tiles_in(tiling.subtree_levels);
    if tiles.is_none_or(|t| t > limits.max_subtree_tiles) {
        let what = format!(
            "subtrees of {} levels have more tiles than the {} that are read",
            tiling.subtree_levels, limits.max_subtree_tiles
        );
        return r.add("VALUE_NOT_IN_RANGE", &format!("{path}/subtreeLevels"), what);
    }
    tiling.available_levels <= limits.max_available_levels || {
        let what = format!(
            "{} levels are more than the {} whose coordinates can be counted",
            tiling.available_levels, limits.max_available_levels
        );
        r.add(
            "VALUE_NOT_IN_RANGE",
            &format!("{path}/availableLevels"),
            what,
        )
    }
}

/// Checks that a template has the variables it needs and no others.
pub(super) fn check_template(
    r: &mut Report,
    path: &str,
    template: &str,
    subdivision: Subdivision,
) -> bool {
    let names: &[&str] = match subdivision {
        Subdivision::Quadtree => &["level", "x", "y"],
        Subdivision::Octree => &["level", "x", "y", "z"],
    };
    let mut rest = template;
    while let Some((_, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else {
            break;
        };
        if !names.contains(&name) {
            let what = format!(
                "'{{{name}}}' in '{template}' is none of {}",
                names.join(", ")
            );
            return r.add("TEMPLATE_URI_INVALID_VARIABLE_NAME", path, what);
        }
        rest = after;
    }
    for name in names
        .iter()
        .filter(|n| !template.contains(&format!("{{{n}}}")))
    {
        let what = format!("'{template}' has no {{{name}}}, so tiles share a file");
        r.add("TEMPLATE_URI_MISSING_VARIABLE_NAME", path, what);
    }
    true
}
