//! How much a scene may hold. Generous for people, a stop for files that are not scenes.

/// Longest scene file, bytes.
pub const MAX_FILE_BYTES: usize = 1 << 20;
/// Most entries of one list (tilesets, GeoJSON files, layers, presets, feeds).
pub const MAX_ENTRIES: usize = 256;
/// Longest text of one value, bytes.
pub const MAX_TEXT_BYTES: usize = 2000;
/// Longest identifier, bytes.
pub const MAX_ID_BYTES: usize = 64;
