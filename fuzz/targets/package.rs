//! package: any bytes give a package whose entries can be read or say why not, or an error that names its place.
#![no_main]

libfuzzer_sys::fuzz_target!(
    init: belvedere_fuzz::plant("package"),
    |bytes: &[u8]| belvedere_fuzz::package(bytes)
);
