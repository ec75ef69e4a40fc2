//! glb: any bytes give a tile that keeps its promises, or an error that names its place.
#![no_main]

libfuzzer_sys::fuzz_target!(
    init: belvedere_fuzz::plant("glb"),
    |bytes: &[u8]| belvedere_fuzz::content(bytes)
);
