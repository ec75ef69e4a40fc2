//! Which version of the generator made a city.

use std::path::Path;

use serde::{Deserialize, Serialize};

/// Version of what [`crate::generate`] writes; raised with every change that its readers need. A city of an earlier
/// version is made anew.
///
/// 2: `city.json` says use, storeys, areas and energy class of every building, and where parks are; `streets.json`
/// has ids.
///
/// 3: trees are features.
pub const CITY_FORMAT: u32 = 3;

/// Name of the file in a city's folder that says its version.
pub const STAMP_FILE: &str = "format.json";

#[derive(Serialize, Deserialize)]
struct Stamp {
    format: u32,
}

pub(crate) fn stamp() -> Result<Vec<u8>, serde_json::Error> {
    serde_json::to_vec(&Stamp {
        format: CITY_FORMAT,
    })
}

/// Whether a folder holds a whole city of this version. One that is not whole, not there, or of another version is to
/// be made anew.
#[must_use]
pub fn is_current(folder: &Path) -> bool {
    let read = || {
        let bytes = std::fs::read(folder.join(STAMP_FILE)).ok()?;
        serde_json::from_slice::<Stamp>(&bytes).ok()
    };
    folder.join("tileset.json").is_file() && read().is_some_and(|s| s.format == CITY_FORMAT)
}
