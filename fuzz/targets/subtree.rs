//! Subtrees, binary and JSON, of quadtrees and octrees.
#![no_main]

use city_tiles::Limits;
use city_tiles::implicit::{Coord, SubtreeDocument};
use city_tiles::tileset::Subdivision;

libfuzzer_sys::fuzz_target!(init: belvedere_fuzz::plant("subtree"), |bytes: &[u8]| {
    let Ok(mut document) = SubtreeDocument::parse(bytes, &Limits::default()) else {
        return;
    };
    for (index, _) in document.missing_buffers() {
        document.set_buffer(index, bytes.iter().copied().take(64).collect());
    }
    for subdivision in [Subdivision::Quadtree, Subdivision::Octree] {
        for levels in [0, 1, 3, u32::MAX] {
            let Ok(subtree) = document.build(subdivision, levels) else {
                continue;
            };
            let _ = (subtree.tile_count(), subtree.byte_cost());
            let root = Coord::default();
            let _ = (
                subtree.tile(root),
                subtree.content(root, 0),
                subtree.child_subtree(root.child(1)),
            );
        }
    }
});
