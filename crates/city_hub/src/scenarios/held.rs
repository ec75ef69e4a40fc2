//! What changes scenarios on disk: one at a time.

use super::{
    Condition, MAX_SCENARIOS, Removed, Saved, Scenarios, Stored, Tombstone, revision_of,
    write_whole,
};
use city_scene::scenario::{KeptModel, OperationKind, Scenario, hash_of_file};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    sync::MutexGuard,
};

/// Scenarios that nobody else changes meanwhile, so that nobody's condition is overtaken.
#[derive(Debug)]
pub struct Held<'a> {
    scenarios: &'a Scenarios,
    _writing: MutexGuard<'a, ()>,
}

impl<'a> Held<'a> {
    pub(super) fn new(scenarios: &'a Scenarios, writing: MutexGuard<'a, ()>) -> Self {
        Self {
            scenarios,
            _writing: writing,
        }
    }

    /// Saves one, if the condition holds. The file is whole at every moment: it is written beside its place and
    /// moved there.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn put(&self, id: &str, text: &str, condition: &Condition) -> io::Result<Saved> {
        if !Scenario::is_id(id) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "no id of a scenario",
            ));
        }
        let all = self.scenarios;
        let current = all.get(id)?;
        if !condition.holds(current.as_ref()) {
            let ancestor = self.ancestor(id, condition)?;
            return Ok(Saved::Refused { current, ancestor });
        }
        if current.is_none() && all.ids()?.len() >= MAX_SCENARIOS {
            return Ok(Saved::Full);
        }
        let revision = revision_of(text);
        let created = current.is_none();
        if current.is_none_or(|there| there.revision != revision) {
            all.keep(id, text, &revision)?;
            write_whole(&all.file(id), text.as_bytes())?;
        }
        if created {
            all.forget_deleted(id)?;
        }
        Ok(Saved::Done { revision, created })
    }

    /// Deletes one with its revisions, if the condition holds; a note stays that says so.
    ///
    /// # Errors
    /// Where it cannot be removed.
    pub fn delete(&self, id: &str, condition: &Condition, deleted: String) -> io::Result<Removed> {
        let all = self.scenarios;
        let Some(current) = all.get(id)? else {
            return Ok(Removed::NotThere);
        };
        if !condition.holds(Some(&current)) {
            let ancestor = self.ancestor(id, condition)?;
            return Ok(Removed::Refused { current, ancestor });
        }
        let name = Scenario::parse(&current.text, id).map_or_else(
            |_| id.to_owned(), // one that cannot be read
            |(scenario, _)| scenario.name,
        );
        // The note first: whatever stops this halfway, a link never says that there was nothing.
        all.note_deleted(id, &Tombstone { name, deleted })?;
        fs::remove_file(all.file(id))?;
        match fs::remove_dir_all(all.revisions(id)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        Ok(Removed::Done(current))
    }

    /// Which saved scenarios name which models: files of models, with ids of scenarios.
    ///
    /// # Errors
    /// Where one cannot be read.
    pub fn models(&self) -> io::Result<BTreeMap<String, BTreeSet<String>>> {
        let mut named: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for id in self.scenarios.ids()? {
            let Some(Stored { text, .. }) = self.scenarios.get(&id)? else {
                continue; // somebody removed it by hand meanwhile
            };
            for file in models_of(&text) {
                named.entry(file).or_default().insert(id.clone());
            }
        }
        Ok(named)
    }

    /// The text that the one who asks had before them, where it is kept.
    fn ancestor(&self, id: &str, condition: &Condition) -> io::Result<Option<String>> {
        match condition {
            Condition::Revision(wanted) => self.scenarios.revision(id, wanted),
            Condition::New | Condition::Exists => Ok(None),
        }
    }
}

/// Files of models that a scenario names, whether it can be read as a scenario or not: who cannot be understood is not
/// robbed of its models.
pub fn models_of(text: &str) -> BTreeSet<String> {
    // As it is written, which also finds what stands in operations that are wrong.
    let written = text.match_indices(".glb").filter_map(|(end, ending)| {
        let file = text.get(end.checked_sub(64)?..end + ending.len())?;
        hash_of_file(file).map(|_| file.to_owned())
    });
    let mut files: BTreeSet<String> = written.collect();
    // As it is read: TOML may write letters in other ways.
    if let Ok((scenario, _)) = Scenario::parse(text, "") {
        files.extend(
            scenario
                .operations
                .iter()
                .filter_map(|operation| match &operation.kind {
                    OperationKind::PlaceModel { url, .. } => {
                        KeptModel::parse(url).map(|m| m.file())
                    }
                    _ => None,
                }),
        );
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_are_found_however_they_are_written() {
        let file = KeptModel::of(b"abc").file();
        let other = KeptModel::of(b"def").file();
        let text = format!(
            "id = \"a\"\nname = \"A\"\nbase = \"s.toml\"\n[[operation]]\nid = \"op-1\"\nkind = \"place-model\"\n\
             url = \"hub:models/\\u{:04x}{}#kiosk.glb\"\nposition = {{ lon = 1, lat = 2, height = 3 }}\n",
            file.bytes().next().unwrap(),
            &file[1..]
        );
        let found = |text: &str| models_of(text).into_iter().collect::<Vec<_>>();
        assert!(found(&text).contains(&file));
        // What cannot be read as a scenario.
        let broken = format!("url = hub:models/{other}# {file} 漢.glb .glb");
        let mut both = [file, other];
        both.sort();
        assert_eq!(found(&broken), both);
        assert!(found("").is_empty() && found(".glb").is_empty());
    }
}
