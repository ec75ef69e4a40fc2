//! Scene files: any bytes give a scene, or an error that names the file.
#![no_main]

use city_scene::Scene;

libfuzzer_sys::fuzz_target!(init: belvedere_fuzz::plant("scene_toml"), |bytes: &[u8]| {
    if let Err(e) = Scene::parse_bytes(bytes, "fuzz.toml") {
        assert!(e.to_string().contains("fuzz.toml"), "{e}");
    }
});
