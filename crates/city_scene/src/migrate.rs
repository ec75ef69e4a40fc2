//! Scene files of earlier versions of the program.

use toml::Table;

/// The schema that this program writes and reads: the value of `schema` in a scene file.
pub const CURRENT_SCHEMA: u32 = 1;

/// One step from a schema to the next.
#[derive(Clone, Copy)]
pub struct Migration {
    /// The schema it reads; what it leaves has the next number.
    pub from: u32,
    /// What it changes, in a sentence, for the log.
    pub what: &'static str,
    /// The change.
    pub apply: fn(&mut Table),
}

/// All steps, in order. Schema 1 is the first, so there is none yet: when the schema changes, raise
/// [`CURRENT_SCHEMA`] and add the step from the one before.
pub const MIGRATIONS: &[Migration] = &[];

/// Takes a table from `schema` to `current`; the sentences of what was changed, or the schema that no step leaves.
pub(crate) fn migrate(
    table: &mut Table,
    schema: u32,
    current: u32,
    steps: &[Migration],
) -> Result<Vec<&'static str>, u32> {
    let mut done = Vec::new();
    for version in schema..current {
        let step = steps
            .iter()
            .find(|step| step.from == version)
            .ok_or(version)?;
        (step.apply)(table);
        table.insert("schema".to_owned(), i64::from(version + 1).into());
        done.push(step.what);
    }
    Ok(done)
}
