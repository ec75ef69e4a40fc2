//! Styles: any text gives a style whose evaluation ends, or an error that says where; expressions print as themselves.
#![no_main]

libfuzzer_sys::fuzz_target!(
    init: belvedere_fuzz::plant("style"),
    |bytes: &[u8]| belvedere_fuzz::style(bytes)
);
