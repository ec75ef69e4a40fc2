//! The top-level object of `EXT_structural_metadata`: schema, property tables, textures and attributes.

use serde_json::{Map, Value};

use super::{Gltf, features, values};
use crate::check::basic::{self, Kind};
use crate::check::report::Report;
use crate::check::value::Type;
use crate::check::{entity, property_table, schema};

/// The extension's name.
pub(super) const NAME: &str = "EXT_structural_metadata";

/// Checks the object; gives the schema where everything is in order.
pub(super) fn check(r: &mut Report, gltf: &Gltf, extension: &Value) -> Option<Value> {
    let path = format!("/extensions/{NAME}");
    let object = basic::object(r, &path, extension)?;
    let schema = match (object.get("schema"), object.get("schemaUri")) {
        (Some(_), Some(_)) => {
            r.add(
                "ONE_OF_ERROR",
                &path,
                "it has both 'schema' and 'schemaUri'",
            );
            return None;
        }
        (None, None) => {
            r.add(
                "ANY_OF_ERROR",
                &path,
                "it has neither 'schema' nor 'schemaUri'",
            );
            return None;
        }
        (Some(schema), None) => schema.clone(),
        (None, Some(uri)) => {
            let at = format!("{path}/schemaUri");
            let uri = basic::string(r, &at, uri)?;
            let read = crate::uri::resolve(gltf.location, uri)
                .map_err(|e| e.to_string())
                .and_then(|l| (gltf.read)(&l));
            match read.map(|bytes| serde_json::from_slice::<Value>(&bytes)) {
                Ok(Ok(schema)) => schema,
                Ok(Err(error)) => {
                    r.add("JSON_PARSE_ERROR", &at, format!("{uri}: {error}"));
                    return None;
                }
                Err(cause) => {
                    r.add("IO_ERROR", &at, format!("{uri}: {cause}"));
                    return None;
                }
            }
        }
    };
    if !schema::check(r, &format!("{path}/schema"), &schema) {
        return None;
    }
    let mut good = true;
    let list = |r: &mut Report, key: &str| {
        let value = object.get(key)?;
        let list = basic::array(
            r,
            &format!("{path}/{key}"),
            value,
            (1, usize::MAX),
            Some(Kind::Object),
        );
        Some(list.cloned())
    };
    if let Some(tables) = list(r, "propertyTables") {
        for (index, table) in tables.iter().flatten().enumerate() {
            let path = format!("{path}/propertyTables/{index}");
            let sound = property_table::check(r, &path, table, gltf.count("bufferViews"), &schema);
            good &= sound && values::check_table(r, gltf, &path, table, &schema);
        }
        good &= tables.is_some();
    }
    if let Some(textures) = list(r, "propertyTextures") {
        for (index, texture) in textures.iter().flatten().enumerate() {
            let path = format!("{path}/propertyTextures/{index}");
            good &= check_properties(r, &path, texture, &schema, |r, path, object, of, _| {
                if !fits_texture(of) {
                    let what = format!("{} cannot be stored in texture channels", describe(of));
                    return r.add("INVALID_METADATA_PROPERTY_TYPE", path, what);
                }
                features::check_texture(r, gltf, path, object, None).is_some()
                    && features::texture_channels(r, path, object).is_some()
            });
        }
        good &= textures.is_some();
    }
    if let Some(attributes) = list(r, "propertyAttributes") {
        for (index, attribute) in attributes.iter().flatten().enumerate() {
            let path = format!("{path}/propertyAttributes/{index}");
            good &= check_properties(
                r,
                &path,
                attribute,
                &schema,
                |r, path, object, of, definition| {
                    if !fits_attribute(of, definition, &schema) {
                        let what =
                            format!("{} cannot be stored in vertex attributes", describe(of));
                        return r.add("INVALID_METADATA_PROPERTY_TYPE", path, what);
                    }
                    basic::required(r, path, object, "attribute").is_some_and(|a| {
                        basic::string(r, &format!("{path}/attribute"), a).is_some()
                    })
                },
            );
        }
        good &= attributes.is_some();
    }
    good.then_some(schema)
}

fn describe(of: &Type) -> String {
    let array = if of.is_array { " array" } else { "" };
    format!("{} {}{array}", of.kind, of.component.unwrap_or_default())
}

/// Strings, variable-length arrays and 64-bit numbers have no place in a texture.
fn fits_texture(of: &Type) -> bool {
    of.kind != "STRING"
        && (!of.is_array || of.count.is_some())
        && !of.kind.starts_with("MAT")
        && !of.component.is_some_and(|c| c.ends_with("64"))
}

/// Vertex attributes are numbers of at most 16 bits, or 32-bit floats.
fn fits_attribute(of: &Type, definition: &Value, schema: &Value) -> bool {
    const COMPONENTS: &[&str] = &["INT8", "UINT8", "INT16", "UINT16", "FLOAT32"];
    if of.is_array || matches!(of.kind, "STRING" | "BOOLEAN") {
        return false;
    }
    let component = if of.kind == "ENUM" {
        let name = definition
            .get("enumType")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let declared = schema
            .get("enums")
            .and_then(|e| e.get(name))
            .and_then(|e| e.get("valueType"));
        declared.and_then(Value::as_str).unwrap_or("UINT16")
    } else {
        of.component.unwrap_or_default()
    };
    COMPONENTS.contains(&component)
}

/// `class` and `properties` of a property texture or attribute; `check` is asked for each property.
fn check_properties(
    r: &mut Report,
    path: &str,
    value: &Value,
    schema: &Value,
    mut check: impl FnMut(&mut Report, &str, &Map<String, Value>, &Type, &Value) -> bool,
) -> bool {
    let Some(object) = basic::object(r, path, value) else {
        return false;
    };
    let Some(class) = entity::class_of(r, path, object, schema) else {
        return false;
    };
    let Some(properties) = object.get("properties") else {
        return true;
    };
    let Some(properties) = basic::object(r, &format!("{path}/properties"), properties) else {
        return false;
    };
    let mut good = true;
    for (name, property) in properties {
        let at = format!("{path}/properties/{name}");
        let Some(definition) = class.get("properties").and_then(|p| p.get(name)) else {
            good = r.add(
                "IDENTIFIER_NOT_FOUND",
                &at,
                format!("the class has no property '{name}'"),
            );
            continue;
        };
        let Some(property) = basic::object(r, &at, property) else {
            good = false;
            continue;
        };
        good &=
            Type::of(definition, schema).is_some_and(|of| check(r, &at, property, &of, definition));
    }
    good
}
