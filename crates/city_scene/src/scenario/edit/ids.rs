//! Ids of new operations and of new scenarios.

use crate::limits::MAX_ID_BYTES;
use crate::scenario::schema::{Operation, Scenario};

/// FNV-1a of the operation as it is written, folded to 16 bits.
pub(super) fn digest(operation: &Operation) -> u32 {
    let text = lone(operation).to_toml();
    let hash = text.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    (hash >> 16) ^ (hash & 0xffff)
}

/// A scenario of one operation and nothing else.
pub(super) fn lone(operation: &Operation) -> Scenario {
    Scenario {
        schema: 0,
        id: String::new(),
        name: String::new(),
        description: String::new(),
        base: String::new(),
        parent: None,
        operations: vec![operation.clone()],
    }
}

/// An id made of a name and a number, however long the name is.
pub fn numbered_slug(name: &str, number: u32) -> String {
    let tail = format!("-{number}");
    let mut id = slug(name);
    // It has ASCII letters only.
    id.truncate(MAX_ID_BYTES - tail.len());
    id.truncate(id.trim_end_matches('-').len());
    id + &tail
}

/// An id made of a name: small letters, digits and `-`; `scenario` where nothing is left.
pub fn slug(name: &str) -> String {
    let mut slug = String::new();
    for c in name.chars() {
        if slug.len() >= MAX_ID_BYTES {
            break;
        }
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "scenario" } else { slug }.to_owned()
}
