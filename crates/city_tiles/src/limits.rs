//! Hard limits on what comes from outside: hostile or broken input stops here, with a clear message.

/// Limits of the tileset side. Decoders of tile content have their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one tileset JSON, after decompression.
    pub max_tileset_bytes: usize,
    /// Bytes of one subtree file or of one of its external buffers, after decompression.
    pub max_subtree_bytes: usize,
    /// Bytes of one tile content, after decompression of the transfer (the file's own compression is the decoder's).
    pub max_content_bytes: usize,
    /// Files beside one content (buffers, images) that are fetched with it.
    pub max_external_files: usize,
    /// Explicit children of one tile.
    pub max_children: usize,
    /// Contents of one tile.
    pub max_contents: usize,
    /// Explicit tiles in one tileset JSON.
    pub max_tiles_per_tileset: usize,
    /// Tile levels below the root, through external tilesets.
    pub max_tile_depth: u32,
    /// External tilesets inside external tilesets.
    pub max_external_depth: u32,
    /// Tiles of one subtree (its availability bits).
    pub max_subtree_tiles: u64,
    /// Levels of an implicit tileset; a level's coordinates must fit 32 bits.
    pub max_available_levels: u32,
    /// Tiles known at once, of all tilesets together.
    pub max_nodes: usize,
    /// Problems kept; later ones are only counted.
    pub max_problems: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_tileset_bytes: 32 << 20,
            max_subtree_bytes: 16 << 20,
            max_content_bytes: 256 << 20,
            max_external_files: 64,
            max_children: 65_536,
            max_contents: 64,
            max_tiles_per_tileset: 500_000,
            max_tile_depth: 200,
            max_external_depth: 32,
            max_subtree_tiles: 1 << 24,
            max_available_levels: 31,
            max_nodes: 1_000_000,
            max_problems: 256,
        }
    }
}
