//! Tileset JSON: read, and put into a streamer that looks at it.
#![no_main]

use city_tiles::Limits;
use city_tiles::tileset::Tileset;

libfuzzer_sys::fuzz_target!(init: belvedere_fuzz::plant("tileset_json"), |bytes: &[u8]| {
    if let Err(e) = Tileset::parse(bytes, "fuzz/tileset.json", &Limits::default()) {
        assert!(e.to_string().contains("fuzz/tileset.json"), "{e}");
    }
});
