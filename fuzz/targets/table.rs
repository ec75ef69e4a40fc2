//! table: any bytes give a table that joins to features as it says, or an error that names its place.
#![no_main]

libfuzzer_sys::fuzz_target!(
    init: belvedere_fuzz::plant("table"),
    |bytes: &[u8]| belvedere_fuzz::table(bytes)
);
