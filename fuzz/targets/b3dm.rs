//! b3dm, i3dm, pnts, cmpt: any bytes give a tile that keeps its promises, or an error that names its place.
#![no_main]

libfuzzer_sys::fuzz_target!(
    init: belvedere_fuzz::plant("b3dm"),
    |bytes: &[u8]| belvedere_fuzz::content(bytes)
);
