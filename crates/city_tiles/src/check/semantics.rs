//! What properties with a standard semantic must look like (3D Metadata Semantic Reference).

use super::report::Report;
use super::value::Type;

enum Component {
    Any,
    Float,
    Unsigned,
    Exactly(&'static str),
}

struct Shape {
    kind: &'static str,
    component: Component,
    is_array: bool,
    count: Option<usize>,
}

fn shape(semantic: &str) -> Option<Shape> {
    use Component::{Any, Exactly, Float, Unsigned};
    let plain = |kind, component| Shape {
        kind,
        component,
        is_array: false,
        count: None,
    };
    let list = |kind, component, count| Shape {
        kind,
        component,
        is_array: true,
        count,
    };
    let of_volume = semantic
        .strip_prefix("TILE_")
        .or_else(|| semantic.strip_prefix("CONTENT_"));
    Some(match (semantic, of_volume) {
        ("ID" | "NAME" | "DESCRIPTION" | "CONTENT_URI", _) => plain("STRING", Any),
        ("ATTRIBUTION_IDS", _) => list("SCALAR", Unsigned, None),
        ("ATTRIBUTION_STRINGS", _) => list("STRING", Any, None),
        ("TILE_GEOMETRIC_ERROR", _) => plain("SCALAR", Float),
        ("TILE_REFINE", _) => plain("SCALAR", Exactly("UINT8")),
        ("TILE_TRANSFORM", _) => plain("MAT4", Float),
        ("CONTENT_GROUP_ID", _) => plain("SCALAR", Unsigned),
        (_, Some("BOUNDING_BOX")) => list("SCALAR", Float, Some(12)),
        (_, Some("BOUNDING_REGION")) => list("SCALAR", Float, Some(6)),
        (_, Some("BOUNDING_SPHERE")) => list("SCALAR", Float, Some(4)),
        (_, Some("BOUNDING_S2_CELL")) => plain("SCALAR", Exactly("UINT64")),
        (_, Some("MINIMUM_HEIGHT" | "MAXIMUM_HEIGHT")) => plain("SCALAR", Float),
        (_, Some("HORIZON_OCCLUSION_POINT")) => plain("VEC3", Float),
        _ => return None,
    })
}

/// Checks a property that claims a semantic.
pub(super) fn check(r: &mut Report, path: &str, semantic: &str, of: &Type) -> bool {
    let Some(shape) = shape(semantic) else {
        r.add(
            "METADATA_SEMANTIC_UNKNOWN",
            path,
            format!("'{semantic}' is not a standard semantic"),
        );
        return true;
    };
    let component = of.component.unwrap_or_default();
    let fits = match shape.component {
        Component::Any => true,
        Component::Float => component.starts_with("FLOAT"),
        Component::Unsigned => component.starts_with("UINT"),
        Component::Exactly(exactly) => component == exactly,
    };
    let good = shape.kind == of.kind
        && shape.is_array == of.is_array
        && shape.count.is_none_or(|c| of.count == Some(c))
        && fits
        && !of.normalized;
    good || {
        let what = format!(
            "'{semantic}' is {}{}, this property is {} {component}{}{}",
            shape.kind,
            if shape.is_array { " array" } else { "" },
            of.kind,
            if of.is_array { " array" } else { "" },
            if of.normalized { ", normalised" } else { "" },
        );
        r.add("METADATA_SEMANTIC_INVALID", path, what)
    }
}
