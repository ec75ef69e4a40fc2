//! Reading a scenario file.

use std::collections::BTreeSet;

use toml::Table;
use toml::de::DeTable;

use super::check::{self, Fault};
use super::limits::{MAX_OPERATIONS, MAX_SCENARIO_BYTES, MAX_SCENARIO_VERTICES};
use super::problem::Problem;
use super::raw::RawScenario;
use super::schema::{CURRENT_SCENARIO_SCHEMA, Operation, Scenario};
use crate::error::{SceneError, place_of};
use crate::limits::{MAX_ID_BYTES, MAX_TEXT_BYTES};
use crate::locate::Step::{Index, Key};
use crate::locate::{Step, locate, locate_in};
use crate::read::{explain, shorten};

/// Problems beyond these come without their line: finding it takes time in a file that is all wrong.
const MAX_LOCATED: usize = 100;

impl Scenario {
    /// Reads the text of a scenario file; `file` is its name, for messages. What is wrong with single operations
    /// comes beside the scenario, which keeps them so that saving loses nothing.
    ///
    /// # Errors
    /// For a file that cannot be read at all: no TOML, keys that are not known or missing, a newer version, too
    /// long. With the place.
    pub fn parse(text: &str, file: &str) -> Result<(Self, Vec<Problem>), SceneError> {
        let fault = |place, cause: String, advice: &str| SceneError {
            file: file.to_owned(),
            place,
            cause,
            advice: advice.to_owned(),
        };
        if text.len() > MAX_SCENARIO_BYTES {
            let cause = format!(
                "the file has {} bytes, more than the {MAX_SCENARIO_BYTES} of a scenario",
                text.len()
            );
            let advice = "Is this a scenario? Split it into two";
            return Err(fault(None, cause, advice));
        }
        let from_toml = |error: &toml::de::Error| {
            let place = error.span().map(|span| place_of(text, span.start));
            let (cause, advice) = explain(error.message());
            fault(place, cause, &advice)
        };
        // The version first: a newer file may have any keys.
        let table: Table = toml::from_str(text).map_err(|e| from_toml(&e))?;
        check_version(&table, text, file)?;
        let raw: RawScenario = toml::from_str(text).map_err(|e| from_toml(&e))?;
        let operations = raw.operations.len();
        if operations > MAX_OPERATIONS {
            let cause = format!("there are {operations} of [[operation]]");
            let advice = format!("At most {MAX_OPERATIONS} are taken");
            return Err(fault(
                locate(text, &[Key("operation"), Index(MAX_OPERATIONS)]),
                cause,
                &advice,
            ));
        }
        let head = [
            ("name", &raw.name, true),
            ("description", &raw.description, false),
            ("base", &raw.base, true),
        ];
        for (key, value, required) in head {
            if value.len() > MAX_TEXT_BYTES || (required && value.trim().is_empty()) {
                let cause = format!("{key} has {} bytes", value.len());
                let advice = format!("Give it a text of at most {MAX_TEXT_BYTES}");
                return Err(fault(locate(text, &[Key(key)]), cause, &advice));
            }
        }
        for (key, id) in [("id", Some(&raw.id)), ("parent", raw.parent.as_ref())] {
            if let Some(id) = id.filter(|id| !Self::is_id(id)) {
                let cause = format!("\"{}\" cannot be the id of a scenario", shorten(id));
                let advice = format!("Use a-z, 0-9 and -, at most {MAX_ID_BYTES} of them");
                return Err(fault(locate(text, &[Key(key)]), cause, &advice));
            }
        }
        let mut scenario = Self {
            schema: CURRENT_SCENARIO_SCHEMA,
            id: raw.id,
            name: raw.name,
            description: raw.description,
            base: raw.base,
            parent: raw.parent,
            operations: Vec::with_capacity(operations),
        };
        for (index, operation) in raw.operations.into_iter().enumerate() {
            let sorted = operation.sort(format!("op-{}", index + 1));
            scenario.operations.push(sorted.map_err(|found| {
                let mut path = vec![Key("operation"), Index(index)];
                path.extend(found.path.iter().copied().map(Key));
                fault(locate(text, &path), found.cause, &found.advice)
            })?);
        }
        let vertices: usize = scenario.operations.iter().map(check::vertices).sum();
        if vertices > MAX_SCENARIO_VERTICES {
            let cause = format!("all polygons together have {vertices} corners");
            let advice = format!("At most {MAX_SCENARIO_VERTICES} are taken: draw simpler ones");
            return Err(fault(None, cause, &advice));
        }
        let problems = scenario.problems_of(text);
        Ok((scenario, problems))
    }

    /// Reads the bytes of a scenario file, which may be anything.
    ///
    /// # Errors
    /// As [`Scenario::parse`], and for what is not UTF-8.
    pub fn parse_bytes(bytes: &[u8], file: &str) -> Result<(Self, Vec<Problem>), SceneError> {
        let text = crate::read::utf8(bytes, file)?;
        Self::parse(text, file)
    }

    /// Whether a text can be the id of a scenario: 1 to 64 of a-z, 0-9 and `-`.
    pub fn is_id(text: &str) -> bool {
        (1..=MAX_ID_BYTES).contains(&text.len())
            && text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    }

    /// What is wrong with its operations, without places in a file.
    pub fn problems(&self) -> Vec<Problem> {
        let wrong = self.operations.iter().enumerate();
        wrong
            .filter_map(|(index, operation)| {
                let found = check::operation(operation).err()?;
                Some(problem(index, operation, None, found))
            })
            .collect()
    }

    /// Gives every operation an id of its own, and says what is wrong where in the text.
    fn problems_of(&mut self, text: &str) -> Vec<Problem> {
        let table = DeTable::parse(text).ok();
        let mut problems = Vec::new();
        let mut add = |index: usize, operation: &Operation, found: Fault| {
            let mut path = vec![Key("operation"), Index(index)];
            path.extend(found.path.iter().copied());
            let table = table.as_ref().filter(|_| problems.len() < MAX_LOCATED);
            let place = table.map(|table| locate_in(table, text, &path));
            problems.push(problem(index, operation, place, found));
        };
        let mut taken = BTreeSet::new();
        for index in 0..self.operations.len() {
            let operation = &self.operations[index];
            if taken.contains(&operation.id) {
                let free = free_id(&operation.id, |id| {
                    taken.contains(id) || self.operations.iter().any(|o| o.id == id)
                });
                let found = Fault {
                    path: vec![Key("id")],
                    cause: format!("the id is there twice; this one is now \"{free}\""),
                    advice: "Give each operation its own id".to_owned(),
                };
                add(index, operation, found);
                self.operations[index].id = free;
            }
            taken.insert(self.operations[index].id.clone());
            if let Err(found) = check::operation(&self.operations[index]) {
                add(index, &self.operations[index], found);
            }
        }
        problems
    }
}

fn problem(
    index: usize,
    operation: &Operation,
    place: Option<(usize, usize)>,
    found: Fault,
) -> Problem {
    Problem {
        operation: index,
        id: shorten(&operation.id),
        place,
        cause: found.cause,
        advice: found.advice,
    }
}

/// `id` with the first number behind it that is free.
pub(super) fn free_id(id: &str, taken: impl Fn(&str) -> bool) -> String {
    let mut number = 2_usize;
    loop {
        let free = format!("{id}-{number}");
        if !taken(&free) {
            return free;
        }
        number += 1;
    }
}

fn check_version(table: &Table, text: &str, file: &str) -> Result<(), SceneError> {
    let path: [Step<'_>; 1] = [Key("schema")];
    let current = CURRENT_SCENARIO_SCHEMA;
    let fault = |cause, advice: String| SceneError {
        file: file.to_owned(),
        place: locate(text, &path),
        cause,
        advice,
    };
    let Some(value) = table.get("schema") else {
        return Ok(());
    };
    let version = value.as_integer().filter(|version| *version >= 1);
    match version {
        None => Err(fault(
            format!(
                "schema is {}, not a version number",
                shorten(&value.to_string())
            ),
            format!("Write schema = {current}"),
        )),
        Some(version) if version > i64::from(current) => Err(fault(
            format!(
                "this scenario was made by a newer version of the program (schema {version}; this one knows up \
                 to {current})"
            ),
            "Open it with that version".to_owned(),
        )),
        Some(_) => Ok(()),
    }
}
