//! Reading a scene file.

use serde::Deserialize;
use toml::Table;

use crate::error::{SceneError, nearest, place_of};
use crate::limits::MAX_FILE_BYTES;
use crate::locate::Step::Key;
use crate::locate::locate;
use crate::migrate::{CURRENT_SCHEMA, MIGRATIONS, Migration, migrate};
use crate::schema::Scene;
use crate::validate::check;

impl Scene {
    /// Reads the text of a scene file; `file` is its name, for messages.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place.
    pub fn parse(text: &str, file: &str) -> Result<Self, SceneError> {
        parse_with(text, file, CURRENT_SCHEMA, MIGRATIONS)
    }

    /// Reads the bytes of a scene file, which may be anything.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place.
    pub fn parse_bytes(bytes: &[u8], file: &str) -> Result<Self, SceneError> {
        Self::parse(utf8(bytes, file)?, file)
    }
}

/// The text in a file's bytes, without a byte order mark.
pub(crate) fn utf8<'b>(bytes: &'b [u8], file: &str) -> Result<&'b str, SceneError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let good = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
        SceneError {
            file: file.to_owned(),
            place: Some(place_of(&good, good.len())),
            cause: "this is not UTF-8 text".to_owned(),
            advice: "Save the file as UTF-8".to_owned(),
        }
    })
}

pub(crate) fn parse_with(
    text: &str,
    file: &str,
    current: u32,
    steps: &[Migration],
) -> Result<Scene, SceneError> {
    let fault = |place, cause: String, advice: &str| SceneError {
        file: file.to_owned(),
        place,
        cause,
        advice: advice.to_owned(),
    };
    if text.len() > MAX_FILE_BYTES {
        let cause = format!(
            "the file has {} bytes, more than the {MAX_FILE_BYTES} of a scene",
            text.len()
        );
        return Err(fault(
            None,
            cause,
            "Is this a scene file? Put large data into tilesets or GeoJSON files",
        ));
    }
    let from_toml = |error: &toml::de::Error| {
        let place = error.span().map(|span| place_of(text, span.start));
        let (cause, advice) = explain(error.message());
        fault(place, cause, &advice)
    };
    let mut table: Table = toml::from_str(text).map_err(|e| from_toml(&e))?;
    let schema = match table.get("schema") {
        None => current,
        Some(value) => value
            .as_integer()
            .and_then(|v| u32::try_from(v).ok())
            .ok_or_else(|| {
                fault(
                    locate(text, &[Key("schema")]),
                    format!("schema is {value}, not a version number"),
                    &format!("Write schema = {current}"),
                )
            })?,
    };
    if schema > current {
        let cause = format!(
            "schema {schema} was made by a newer version of the program, which knows up to {current}"
        );
        return Err(fault(
            locate(text, &[Key("schema")]),
            cause,
            "Open it with that version",
        ));
    }
    let scene = if schema == current {
        // From the text, so that errors know their place.
        toml::from_str(text).map_err(|e| from_toml(&e))?
    } else {
        migrate(&mut table, schema, current, steps).map_err(|from| {
            let cause = format!("schema {from} can no longer be read");
            fault(
                locate(text, &[Key("schema")]),
                cause,
                "Open and save it with an earlier version first",
            )
        })?;
        Scene::deserialize(table).map_err(|e| from_toml(&e))?
    };
    check(&scene).map_err(|found| fault(locate(text, &found.path), found.cause, &found.advice))?;
    Ok(scene)
}

/// toml's message in a sentence of ours, and what to do (may be empty): for other files that people write, too.
pub fn explain(message: &str) -> (String, String) {
    let mut quoted = message.split('`').skip(1).step_by(2);
    if message.starts_with("unknown field") {
        let wrong = quoted.next().unwrap_or_default();
        let known: Vec<&str> = quoted.collect();
        let advice = match nearest(wrong, known.iter().copied()) {
            Some(name) => format!("Did you mean \"{name}\"?"),
            None => format!("Known here: {}", known.join(", ")),
        };
        return (format!("unknown key \"{}\"", shorten(wrong)), advice);
    }
    if message.starts_with("unknown variant") {
        let wrong = quoted.next().unwrap_or_default();
        let known: Vec<&str> = quoted.collect();
        return (
            format!("\"{}\" is not one of the choices", shorten(wrong)),
            format!("Choose from: {}", known.join(", ")),
        );
    }
    if message.starts_with("missing field") {
        let name = quoted.next().unwrap_or_default();
        return (
            format!("the key \"{name}\" is missing"),
            format!("Add a line {name} = ..."),
        );
    }
    (shorten(&message.replace('\n', ", ")), String::new())
}

pub(crate) fn shorten(text: &str) -> String {
    let mut short: String = text.chars().take(200).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str =
        "schema = 1\ntitle = \"A\"\ntime_zone = \"UTC\"\norigin = { lon = 1, lat = 2 }\n";

    fn rename(table: &mut Table) {
        if let Some(title) = table.remove("title") {
            table.insert("name".to_owned(), title);
        }
    }

    #[test]
    fn earlier_schemas_are_migrated() {
        let steps = [Migration {
            from: 1,
            what: "title is called name",
            apply: rename,
        }];
        let scene = parse_with(OLD, "a.toml", 2, &steps).unwrap();
        assert_eq!((scene.schema, scene.name.as_str()), (2, "A"));
        // A step that is missing, and one that is not needed.
        let message = parse_with(OLD, "a.toml", 3, &steps)
            .unwrap_err()
            .to_string();
        assert!(
            message.contains("a.toml:1:10: schema 2 can no longer be read"),
            "{message}"
        );
        assert!(
            parse_with(OLD, "a.toml", 1, &steps)
                .unwrap_err()
                .to_string()
                .contains("\"title\"")
        );
    }

    #[test]
    fn the_steps_lead_to_the_current_schema() {
        for (i, step) in MIGRATIONS.iter().enumerate() {
            assert_eq!(
                step.from as usize,
                CURRENT_SCHEMA as usize - MIGRATIONS.len() + i
            );
            assert!(!step.what.is_empty());
        }
    }
}
