//! What is wrong with a scene, for the person who wrote it.

use std::fmt;

/// A scene file that cannot be used: where, why, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SceneError {
    /// Name of the file as it was opened.
    pub file: String,
    /// Line and column, both from 1; columns count characters.
    pub place: Option<(usize, usize)>,
    /// What is wrong.
    pub cause: String,
    /// What to do about it; may be empty.
    pub advice: String,
}

impl std::error::Error for SceneError {}

impl fmt::Display for SceneError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some((line, column)) = self.place {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", self.cause)?;
        if !self.advice.is_empty() {
            write!(f, ". {}", self.advice)?;
        }
        Ok(())
    }
}

/// Line and column (from 1, in characters) of a byte offset.
pub fn place_of(text: &str, offset: usize) -> (usize, usize) {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let before = &text[..at];
    let line_start = before.rfind('\n').map_or(0, |i| i + 1);
    (
        before.matches('\n').count() + 1,
        before[line_start..].chars().count() + 1,
    )
}

/// The name that is most like a misspelt one, if any is near.
pub(crate) fn nearest<'a>(wrong: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wrong: Vec<char> = wrong
        .chars()
        .take(64)
        .flat_map(char::to_lowercase)
        .collect();
    known
        .map(|name| (edits(&wrong, &name.chars().collect::<Vec<_>>()), name))
        .filter(|(edits, name)| *edits <= 1 + name.len() / 4)
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, name)| name)
}

/// Levenshtein distance.
fn edits(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.iter().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let substitution = diagonal + usize::from(ca != cb);
            diagonal = row[j + 1];
            row[j + 1] = substitution.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_characters() {
        let text = "a = 1\n名 = \"港\" x\n";
        assert_eq!(place_of(text, 0), (1, 1));
        assert_eq!(place_of(text, text.find('x').unwrap()), (2, 9));
        assert_eq!(
            place_of(text, 7),
            (2, 1),
            "inside a character counts as its start"
        );
        assert_eq!(place_of(text, 999), (3, 1));
    }

    #[test]
    fn misspelt_names_find_their_like() {
        let known = ["origin", "time_zone", "tileset"];
        assert_eq!(nearest("orgin", known.into_iter()), Some("origin"));
        assert_eq!(nearest("timezone", known.into_iter()), Some("time_zone"));
        assert_eq!(nearest("tilesets", known.into_iter()), Some("tileset"));
        assert_eq!(nearest("xyz", known.into_iter()), None);
    }
}
