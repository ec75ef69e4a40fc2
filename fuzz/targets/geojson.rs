//! geojson: any bytes give features that keep their promises and can be drawn, or an error that
//! names its place.
#![no_main]

libfuzzer_sys::fuzz_target!(
    init: belvedere_fuzz::plant("geojson"),
    |bytes: &[u8]| belvedere_fuzz::layer(bytes)
);
