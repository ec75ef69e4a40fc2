//! `buffers` and `bufferViews` of subtrees (3D Tiles 1.1, "Buffers and Buffer Views").

use serde_json::Value;

use super::basic::{self, Kind};
use super::extensions;
use super::report::Report;

/// Checks structure and consistency. With `uri_required`, no buffer may be the file's own binary part.
pub(super) fn check(r: &mut Report, path: &str, json: &Value, uri_required: bool) -> bool {
    let (buffers, views) = (json.get("buffers"), json.get("bufferViews"));
    let count = buffers.and_then(Value::as_array).map_or(0, Vec::len);
    let mut good = true;
    if let Some(buffers) = buffers {
        let path = format!("{path}/buffers");
        good &= match basic::array(r, &path, buffers, (1, usize::MAX), Some(Kind::Object)) {
            None => false,
            Some(list) => list.iter().enumerate().fold(true, |good, (i, b)| {
                check_buffer(r, &format!("{path}/{i}"), b, uri_required || i > 0) && good
            }),
        };
    }
    match (buffers, views) {
        (None, Some(_)) => {
            return r.add(
                "BUFFER_VIEWS_WITHOUT_BUFFERS",
                path,
                "there are bufferViews, but no buffers",
            );
        }
        (Some(_), None) if good => {
            r.add(
                "BUFFERS_WITHOUT_BUFFER_VIEWS",
                path,
                "there are buffers, but no bufferViews",
            );
        }
        _ => {}
    }
    let Some(views) = views.filter(|_| good) else {
        return good;
    };
    let path = format!("{path}/bufferViews");
    let Some(list) = basic::array(r, &path, views, (1, usize::MAX), Some(Kind::Object)) else {
        return false;
    };
    for (index, view) in list.iter().enumerate() {
        good &= check_view(r, &format!("{path}/{index}"), view, count);
    }
    good && list.iter().enumerate().fold(true, |good, (i, v)| {
        fits(r, &format!("{path}/{i}"), v, json) && good
    })
}

fn check_buffer(r: &mut Report, path: &str, buffer: &Value, uri_required: bool) -> bool {
    let Some(object) = buffer.as_object() else {
        return false;
    };
    let mut good = extensions::root_property(r, path, object);
    good &= basic::optional_strings(r, path, object, &["uri", "name"]);
    if uri_required && !object.contains_key("uri") {
        good = r.add(
            "REQUIRED_VALUE_NOT_FOUND",
            path,
            "'uri' is missing; only a binary file's first buffer has none",
        );
    }
    let length = basic::required(r, path, object, "byteLength");
    good & length
        .is_some_and(|l| basic::integer(r, &format!("{path}/byteLength"), l, 1, None).is_some())
}

fn check_view(r: &mut Report, path: &str, view: &Value, buffers: usize) -> bool {
    let Some(object) = view.as_object() else {
        return false;
    };
    let mut good = extensions::root_property(r, path, object);
    good &= basic::optional_strings(r, path, object, &["name"]);
    let limits = [
        ("buffer", 0, i64::try_from(buffers).ok()),
        ("byteOffset", 0, None),
        ("byteLength", 1, None),
    ];
    for (key, min, below) in limits {
        good &= basic::required(r, path, object, key)
            .is_some_and(|v| basic::integer(r, &format!("{path}/{key}"), v, min, below).is_some());
    }
    good
}

fn fits(r: &mut Report, path: &str, view: &Value, json: &Value) -> bool {
    let number = |value: Option<&Value>, key: &str| {
        value
            .and_then(|v| v.get(key))
            .and_then(Value::as_u64)
            .unwrap_or(0)
    };
    let buffer = json
        .get("buffers")
        .and_then(|b| b.get(number(Some(view), "buffer") as usize));
    let length = number(buffer, "byteLength");
    let (offset, size) = (
        number(Some(view), "byteOffset"),
        number(Some(view), "byteLength"),
    );
    offset.checked_add(size).is_some_and(|end| end <= length)
        || r.add(
            "BUFFERS_INCONSISTENT",
            path,
            format!("bytes {offset}+{size} go beyond its buffer of {length}"),
        )
}
