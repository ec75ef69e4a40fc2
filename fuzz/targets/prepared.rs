//! The flat buffer between worker and page: what reads also writes back to the same bytes.
#![no_main]

use city_tiles::prepared::PreparedTile;

libfuzzer_sys::fuzz_target!(init: belvedere_fuzz::plant("prepared"), |bytes: &[u8]| {
    if let Ok(tile) = PreparedTile::from_bytes(bytes) {
        assert_eq!(tile.to_bytes(), bytes);
        let _ = (tile.byte_cost(), tile.bounds());
        for feature in 0..tile.features.len().min(16) {
            let _ = tile.features.properties(feature);
        }
        for corner in 0..16 {
            let (corners, weights) = ([corner, 1, 2], [0.2, f32::NAN, 0.5]);
            let _ = tile.feature_at(corner % 2, corners, weights);
            let _ = tile.surface.properties(corner % 2, corners, weights);
        }
    }
});
