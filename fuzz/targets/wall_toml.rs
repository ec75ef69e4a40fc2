//! Descriptions of walls: any text gives a wall whose layout is finite, or an error that names the file.
#![no_main]

use city_wall::{Layout, WallConfig};

libfuzzer_sys::fuzz_target!(init: belvedere_fuzz::plant("wall_toml"), |bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match WallConfig::parse(text, "fuzz.toml") {
        Err(e) => assert!(e.to_string().starts_with("fuzz.toml"), "{e}"),
        Ok(config) => {
            let layout = Layout::new(&config);
            for node in &config.nodes {
                for output in layout.outputs(&node.id).unwrap_or_default() {
                    let tangents = layout.tangents(output, 0.8);
                    assert!(tangents.iter().all(|t| t.is_finite()), "{tangents:?}");
                }
            }
            let whole = layout.whole(0.8);
            assert!(whole.tangents.iter().chain(&whole.size_px).all(|n| n.is_finite()), "{whole:?}");
        }
    }
});
