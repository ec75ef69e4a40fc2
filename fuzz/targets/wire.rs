//! Live messages and windows of history: what reads also writes and reads again as the same.
#![no_main]

use city_sensors::wire::{Live, Window};

libfuzzer_sys::fuzz_target!(init: belvedere_fuzz::plant("wire"), |bytes: &[u8]| {
    // By what they write, for a missing value is NaN and equals nothing.
    if let Ok(message) = Live::decode(bytes) {
        let written = message.encode();
        assert_eq!(Live::decode(&written).map(|again| again.encode()), Ok(written));
    }
    if let Ok(window) = Window::decode(bytes, 1 << 14) {
        let written = window.encode();
        assert_eq!(Window::decode(&written, 1 << 14).map(|again| again.encode()), Ok(written));
    }
});
