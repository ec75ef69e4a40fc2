//! KTX 2.0 images: any bytes give all of an image's pixels, or an error.
#![no_main]

libfuzzer_sys::fuzz_target!(init: belvedere_fuzz::plant("ktx2"), |bytes: &[u8]| {
    if let Ok(image) = city_tiles::formats::ktx2::decode(bytes, "fuzz", 1 << 14) {
        let pixels = image.width as usize * image.height as usize;
        assert!(pixels <= 1 << 14 && image.rgba8.len() == pixels * 4);
    }
});
