//! Terrain: any bytes as a quantized-mesh tile, as a raster, as a descriptor and as a layer.json.
#![no_main]

libfuzzer_sys::fuzz_target!(
    init: belvedere_fuzz::plant("terrain"),
    |bytes: &[u8]| belvedere_fuzz::terrain(bytes)
);
