//! The tileset JSON (3D Tiles 1.1, "Tileset JSON").

use serde_json::{Map, Value};

use super::basic::{self, Kind};
use super::report::Report;
use super::schema::{self, State};
use super::tile::Context;
use super::{Checker, entity, extensions, statistics};

/// Whether bytes begin as a JSON object does.
pub(super) fn is_json_object(bytes: &[u8]) -> bool {
    bytes.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'{')
}

impl Checker<'_> {
    /// Checks a tileset and all that it refers to.
    pub(super) fn tileset_bytes(&mut self, r: &mut Report, location: &str, bytes: &[u8]) {
        self.tilesets += 1;
        let name = crate::uri::short(location);
        if bytes.starts_with(b"\xef\xbb\xbf") {
            r.add(
                "IO_ERROR",
                "",
                format!("{name}: it begins with a byte order mark, which JSON must not have"),
            );
            return;
        }
        if bytes.len() > self.options.limits.max_tileset_bytes {
            let what = format!(
                "{name}: larger than {} bytes",
                self.options.limits.max_tileset_bytes
            );
            r.add("IO_ERROR", "", what);
            return;
        }
        match serde_json::from_slice::<Value>(bytes) {
            Ok(json) => {
                self.active.push(location.to_owned());
                self.tileset(r, location, &json);
                self.active.pop();
            }
            Err(error) => {
                r.add("JSON_PARSE_ERROR", "", format!("{name}: {error}"));
            }
        }
    }

    fn tileset(&mut self, r: &mut Report, location: &str, json: &Value) {
        let Some(object) = basic::object(r, "", json) else {
            return;
        };
        extensions::root_property(r, "", object);
        const GLTF: &str = "3DTILES_content_gltf";
        if let Some(extension) = object.get("extensions").and_then(|e| e.get(GLTF)) {
            extensions::content_gltf(r, &format!("/extensions/{GLTF}"), extension);
        }
        check_asset(r, object);
        if let Some(properties) = object.get("properties") {
            statistics::check_properties(r, "/properties", properties);
        }
        let from_uri = self.schema_from_uri(r, location, object);
        let schema = match (object.get("schema"), &from_uri) {
            (Some(_), FromUri::Broken) | (None, FromUri::Broken) => State::Broken,
            (None, FromUri::Schema(schema)) => State::Valid(schema),
            (Some(schema), _) if schema::check(r, "/schema", schema) => State::Valid(schema),
            (Some(_), _) => State::Broken,
            (None, FromUri::None) => State::Absent,
        };
        let groups = check_groups(r, object, schema);
        if let Some(value) = object.get("statistics") {
            statistics::check(r, "/statistics", value, schema);
        }
        if let Some(error) = basic::required(r, "", object, "geometricError") {
            basic::number_from(r, "/geometricError", error, 0.0);
        }
        if let Some(metadata) = object.get("metadata") {
            entity::check(r, "", "metadata", metadata, schema);
        }
        if let Some(root) = basic::required(r, "", object, "root") {
            self.tile(
                r,
                "/root",
                root,
                Context {
                    location,
                    schema,
                    groups,
                },
                None,
                0,
            );
        }
        extensions::check_declared(r, object);
    }

    fn schema_from_uri(
        &self,
        r: &mut Report,
        location: &str,
        object: &Map<String, Value>,
    ) -> FromUri {
        let Some(uri) = object.get("schemaUri") else {
            return FromUri::None;
        };
        let Some(uri) = basic::string(r, "/schemaUri", uri) else {
            return FromUri::Broken;
        };
        if object.contains_key("schema") {
            r.add("ONE_OF_ERROR", "", "it has both 'schema' and 'schemaUri'");
            return FromUri::Broken;
        }
        let read = crate::uri::resolve(location, uri)
            .map_err(|e| e.to_string())
            .and_then(|at| self.read(&at));
        let schema = match read.map(|bytes| serde_json::from_slice::<Value>(&bytes)) {
            Ok(Ok(schema)) => schema,
            Ok(Err(error)) => {
                r.add("JSON_PARSE_ERROR", "/schemaUri", format!("{uri}: {error}"));
                return FromUri::Broken;
            }
            Err(cause) => {
                r.add("IO_ERROR", "/schemaUri", format!("{uri}: {cause}"));
                return FromUri::Broken;
            }
        };
        if schema::check(r, "/schemaUri", &schema) {
            FromUri::Schema(schema)
        } else {
            FromUri::Broken
        }
    }
}

enum FromUri {
    None,
    Broken,
    Schema(Value),
}

fn check_asset(r: &mut Report, tileset: &Map<String, Value>) {
    let Some(asset) = basic::required(r, "", tileset, "asset") else {
        return;
    };
    let Some(asset) = basic::object(r, "/asset", asset) else {
        return;
    };
    extensions::root_property(r, "/asset", asset);
    if let Some(version) = basic::required(r, "/asset", asset, "version")
        && let Some(version) = basic::string(r, "/asset/version", version)
        && !matches!(version, "1.0" | "1.1")
    {
        r.add(
            "ASSET_VERSION_UNKNOWN",
            "/asset/version",
            format!("'{version}' is neither 1.0 nor 1.1"),
        );
    }
    basic::optional_strings(r, "/asset", asset, &["tilesetVersion"]);
}

fn check_groups(r: &mut Report, tileset: &Map<String, Value>, schema: State) -> usize {
    let Some(groups) = tileset.get("groups") else {
        return 0;
    };
    if let State::Absent = schema {
        r.add(
            "REQUIRED_VALUE_NOT_FOUND",
            "/groups",
            "there are groups, but the tileset has no schema",
        );
        return 0;
    }
    let Some(groups) = basic::array(r, "/groups", groups, (0, usize::MAX), Some(Kind::Object))
    else {
        return 0;
    };
    for (index, group) in groups.iter().enumerate() {
        entity::check(r, &format!("/groups/{index}"), "", group, schema);
    }
    groups.len()
}
