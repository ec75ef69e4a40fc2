//! KTX 2.0 images: any bytes give all of an image's pixels, plain and in the blocks of GPUs, or an error.
#![no_main]

libfuzzer_sys::fuzz_target!(init: belvedere_fuzz::plant("ktx2"), |bytes: &[u8]| {
    if let Ok(image) = city_tiles::formats::ktx2::decode(bytes, "fuzz", 1 << 14) {
        let pixels = image.width as usize * image.height as usize;
        assert!(pixels <= 1 << 14 && image.texels.len() == pixels * 4);
    }
    for bits in 1..8 {
        let blocks = city_tiles::prepared::ImageUse::from_bits(bits);
        let image = city_tiles::formats::ktx2::transcode(bytes, "fuzz", 1 << 14, blocks);
        if let Ok(Some(image)) = image {
            assert!(image.has_whole_levels() && !image.texels.is_empty());
        }
    }
});
