//! Tilesets in databases (`.3dtiles`): SQLite files whose table `media` holds one file per row, as the 3D Tiles tools
//! write them.

use std::cell::RefCell;
use std::collections::HashMap;

use city_tiles::uri::short;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _};

use super::super::FetchFailure;

/// Connections of one thread that are kept open.
const MOST_OPEN: usize = 8;

thread_local! {
    /// A connection belongs to one thread; those that read are few and stay.
    static OPEN: RefCell<HashMap<String, Connection>> = RefCell::default();
}

/// Reads a file inside a database on this machine, of at most so many bytes.
pub(super) fn read(database: &str, path: &str, limit: usize) -> Result<Vec<u8>, FetchFailure> {
    OPEN.with_borrow_mut(|open| {
        if !open.contains_key(database) {
            // SQLite would say the same of a file that is not there as of one that it may not read.
            std::fs::metadata(database).map_err(|error| super::fetch::unread(database, &error))?;
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let connection = Connection::open_with_flags(database, flags)
                .map_err(|error| damaged(database, &error))?;
            if open.len() >= MOST_OPEN {
                open.clear();
            }
            open.insert(database.to_owned(), connection);
        }
        let Some(connection) = open.get(database) else {
            return Err(FetchFailure::Status(404));
        };
        let read = find(connection, path, limit).map_err(|error| damaged(database, &error));
        if read.is_err() {
            // It may be another file by the next time.
            open.remove(database);
        }
        match read? {
            Found::File(bytes) => Ok(bytes),
            Found::Nothing => Err(FetchFailure::Status(404)),
            Found::TooLarge => Err(FetchFailure::TooLarge(limit)),
        }
    })
}

enum Found {
    File(Vec<u8>),
    Nothing,
    TooLarge,
}

fn find(connection: &Connection, path: &str, limit: usize) -> rusqlite::Result<Found> {
    let mut statement = connection
        .prepare_cached("SELECT length(content), content FROM media WHERE key = ?1 LIMIT 1")?;
    let found = statement
        .query_row([path], |row| {
            let length: Option<i64> = row.get(0)?;
            if length.is_some_and(|length| usize::try_from(length).is_ok_and(|n| n > limit)) {
                return Ok(Found::TooLarge);
            }
            // Texts occur where a tool wrote JSON as such.
            Ok(match row.get_ref(1)? {
                rusqlite::types::ValueRef::Blob(bytes) | rusqlite::types::ValueRef::Text(bytes) => {
                    Found::File(bytes.to_vec())
                }
                _ => Found::Nothing,
            })
        })
        .optional()?;
    Ok(found.unwrap_or(Found::Nothing))
}

fn damaged(database: &str, error: &rusqlite::Error) -> FetchFailure {
    let name = short(database);
    FetchFailure::Refused(format!(
        "{name} is no database of tiles (SQLite with a table `media` of `key` and `content`): {error}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database(rows: &[(&str, &[u8])]) -> (tempfile::TempDir, String) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("city.3dtiles");
        let connection = Connection::open(&path).unwrap();
        connection
            .execute_batch("CREATE TABLE media (key TEXT PRIMARY KEY, content BLOB)")
            .unwrap();
        for (key, content) in rows {
            let values = rusqlite::params![key, content];
            connection
                .execute("INSERT INTO media VALUES (?1, ?2)", values)
                .unwrap();
        }
        let path = path.to_str().unwrap().to_owned();
        (folder, path)
    }

    #[test]
    fn files_are_read_by_their_keys() {
        let (_folder, path) = database(&[("tileset.json", b"{}"), ("a b/0.glb", b"glTF")]);
        assert_eq!(read(&path, "tileset.json", 100).unwrap(), b"{}");
        assert_eq!(read(&path, "a b/0.glb", 100).unwrap(), b"glTF");
        let missing = read(&path, "other", 100).unwrap_err();
        assert!(matches!(missing, FetchFailure::Status(404)), "{missing:?}");
        let large = read(&path, "a b/0.glb", 3).unwrap_err();
        assert!(matches!(large, FetchFailure::TooLarge(3)), "{large:?}");
    }

    #[test]
    fn what_is_no_database_of_tiles_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let text = folder.path().join("text.3dtiles");
        std::fs::write(
            &text,
            "no database, but longer than its header would be".repeat(9),
        )
        .unwrap();
        let other = folder.path().join("other.3dtiles");
        let connection = Connection::open(&other).unwrap();
        connection.execute_batch("CREATE TABLE x (y)").unwrap();
        for (path, part) in [(text, "not a database"), (other, "no such table")] {
            let error = read(path.to_str().unwrap(), "tileset.json", 100).unwrap_err();
            let said = error.to_string();
            assert!(said.contains("media") && said.contains(part), "{said}");
        }
        let gone = folder.path().join("gone.3dtiles");
        let error = read(gone.to_str().unwrap(), "tileset.json", 100).unwrap_err();
        assert!(matches!(error, FetchFailure::Status(404)), "{error:?}");
    }
}
