//! Basis Universal in the blocks of GPUs: what others' decoders show of them, against plain pixels.

use crate::samples;
use city_tiles::formats::ktx2::{decode, transcode};
use city_tiles::formats::{DecodeOptions, decode as decode_tile};
use city_tiles::prepared::{ImageUse, PreparedImage, PreparedTile, TexelFormat};
use std::path::Path;

const BC: ImageUse = ImageUse {
    bc: true,
    etc2: false,
    astc: false,
    maps: false,
};
const MOBILE: ImageUse = ImageUse {
    bc: false,
    etc2: true,
    astc: true,
    maps: false,
};

/// A level in plain pixels.
fn plain(format: TexelFormat, (width, height, bytes): (u32, u32, &[u8])) -> Vec<u8> {
    let (width, height) = (width as usize, height as usize);
    let mut pixels = vec![0; width * height];
    let decoded = match format {
        TexelFormat::Rgba8 => return bytes.to_vec(),
        TexelFormat::Bc1 => texture2ddecoder::decode_bc1(bytes, width, height, &mut pixels),
        TexelFormat::Bc3 => texture2ddecoder::decode_bc3(bytes, width, height, &mut pixels),
        TexelFormat::Bc7 => texture2ddecoder::decode_bc7(bytes, width, height, &mut pixels),
        TexelFormat::Etc2Rgb8 => {
            texture2ddecoder::decode_etc2_rgb(bytes, width, height, &mut pixels)
        }
        TexelFormat::Etc2Rgba8 => {
            texture2ddecoder::decode_etc2_rgba8(bytes, width, height, &mut pixels)
        }
        TexelFormat::Astc4x4 => {
            texture2ddecoder::decode_astc(bytes, width, height, 4, 4, &mut pixels)
        }
    };
    decoded.unwrap();
    let rgba = |pixel: &u32| {
        let [blue, green, red, alpha] = pixel.to_le_bytes();
        [red, green, blue, alpha]
    };
    pixels.iter().flat_map(rgba).collect()
}

/// Peak signal to noise, decibels.
fn psnr(a: &[u8], b: &[u8]) -> f64 {
    assert_eq!(a.len(), b.len());
    let off = a.iter().zip(b).map(|(a, b)| f64::from(a.abs_diff(*b)));
    let squares: f64 = off.map(|off| off * off).sum();
    10.0 * (255.0 * 255.0 * a.len() as f64 / squares.max(1e-9)).log10()
}

fn judge(name: &str, bytes: &[u8], blocks: ImageUse, format: TexelFormat, least_db: f64) {
    let mut began = std::time::Instant::now();
    let mut wanted = decode(bytes, name, 1 << 24).unwrap();
    wanted.make_levels();
    println!("{name} to plain pixels: {:?}", began.elapsed());
    began = std::time::Instant::now();
    let image = transcode(bytes, name, 1 << 24, blocks).unwrap().unwrap();
    let took = began.elapsed();
    assert_eq!(image.format, format, "{name}");
    assert!(image.has_whole_levels(), "{name}");
    assert_eq!(image.levels().count(), wanted.levels().count(), "{name}");
    for (level, (drawn, wanted)) in image.levels().zip(wanted.levels()).enumerate() {
        let db = psnr(&plain(format, drawn), wanted.2);
        if level < 2 {
            println!("{name} {format:?}, level {level}: {db:.1} dB, {took:?} in all");
        }
        // The file's own smaller levels are another filter's than ours.
        let least = if level == 0 { least_db } else { 20.0 };
        assert!(db > least, "{name}, level {level}: {db:.1} dB");
    }
    assert!(image.bytes() * 3 < wanted.bytes(), "{name}");
}

#[test]
fn samples_look_the_same_in_blocks() {
    let Some(root) = samples::folder("visgl__loaders.gl/modules/textures/test/data") else {
        return;
    };
    let read = |name: &str| std::fs::read(root.join(name)).unwrap();
    let (etc1s, uastc) = (read("test_etc1s.ktx2"), read("test_uastc.ktx2"));
    let exact = 90.0;
    judge("ETC1S", &etc1s, MOBILE, TexelFormat::Etc2Rgb8, exact);
    judge("ETC1S", &etc1s, BC, TexelFormat::Bc1, 38.0);
    judge("UASTC", &uastc, MOBILE, TexelFormat::Astc4x4, 55.0);
    judge("UASTC", &uastc, BC, TexelFormat::Bc7, 46.0);
}

fn tile(path: &Path, blocks: ImageUse) -> PreparedTile {
    let bytes = std::fs::read(path).unwrap();
    let options = DecodeOptions {
        images: blocks,
        ..DecodeOptions::default()
    };
    decode_tile(&bytes, path.to_str().unwrap(), &|_| None, &options).unwrap()
}

#[test]
fn a_tile_costs_what_its_blocks_weigh() {
    let below = "visgl__loaders.gl/modules/3d-tiles/test/data/CesiumJS/VNext/agi-ktx2/0";
    let Some(folder) = samples::folder(below) else {
        return;
    };
    let path = folder.join("0.glb");
    let began = std::time::Instant::now();
    let whole = tile(&path, ImageUse::default());
    println!("plain: {:?}", began.elapsed());
    for (blocks, format) in [(BC, TexelFormat::Bc1), (MOBILE, TexelFormat::Etc2Rgb8)] {
        let began = std::time::Instant::now();
        let small = tile(&path, blocks);
        println!("{format:?}: {:?}", began.elapsed());
        let (image, plain_image) = (&small.images[0], &whole.images[0]);
        assert_eq!((image.format, image.levels().count()), (format, 11));
        // Half a byte a pixel; the two smallest levels are blocks too.
        assert_eq!(image.bytes(), 1024 * 1024 / 2 * 4 / 3 + 8 + 6);
        let saved = plain_image.bytes() - image.bytes();
        assert_eq!(whole.gpu_bytes() - small.gpu_bytes(), saved);
        assert_eq!(whole.byte_cost() - small.byte_cost(), 2 * saved);
        let drawn = image.levels().next().unwrap();
        let db = psnr(&plain(format, drawn), &plain_image.texels);
        println!("{format:?}: {db:.1} dB");
        assert!(db > 38.0);
        // To the page and back.
        let again = PreparedTile::from_bytes(&small.to_bytes()).unwrap();
        assert_eq!(again.images, small.images);
    }
}

#[test]
fn what_would_look_worse_in_blocks_stays_plain() {
    let one_level = include_bytes!("seeds/uastc.ktx2");
    let all = ImageUse {
        bc: true,
        etc2: true,
        astc: true,
        maps: false,
    };
    // 16 x 12: its only level is as small as the smallest must be.
    let small = transcode(one_level, "here", 192, all).unwrap().unwrap();
    assert_eq!((small.format, small.bytes()), (TexelFormat::Astc4x4, 192));
    assert_eq!(
        psnr(
            &plain(small.format, small.levels().next().unwrap()),
            &decode(one_level, "here", 192).unwrap().texels
        )
        .min(55.0),
        55.0
    );
    assert_eq!(
        transcode(one_level, "here", 192, ImageUse::default()).unwrap(),
        None
    );
    assert!(transcode(one_level, "here", 191, all).is_err());
    // Wider than any level may be that has none below it.
    let mut wide = one_level.to_vec();
    wide[20..24].copy_from_slice(&20_u32.to_le_bytes());
    wide[24..28].copy_from_slice(&8_u32.to_le_bytes());
    assert_eq!(transcode(&wide, "here", 192, all).unwrap(), None);
    // No whole blocks.
    let mut odd = one_level.to_vec();
    odd[20..24].copy_from_slice(&14_u32.to_le_bytes());
    assert_eq!(transcode(&odd, "here", 192, all).unwrap(), None);
}

/// Bytes that are changed here and there give an image whose levels are whole, or an error.
#[test]
fn damaged_files_are_errors_or_whole() {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut below = |limit: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % limit.max(1) as u64) as usize
    };
    let seeds = [
        &include_bytes!("seeds/etc1s.ktx2")[..],
        include_bytes!("seeds/uastc.ktx2"),
        include_bytes!("seeds/uastc-zstd.ktx2"),
    ];
    let whole = |image: &PreparedImage| image.has_whole_levels() && !image.texels.is_empty();
    let (mut read, mut refused) = (0, 0);
    for round in 0..6000 {
        let mut bytes = seeds[round % 3].to_vec();
        for _ in 0..=below(4) {
            let at = 12 + below(bytes.len() - 12);
            bytes[at] = [0, 1, 0x7F, 0x80, 0xFF, below(256)][below(6)] as u8;
        }
        let blocks = ImageUse::from_bits(1 + below(7) as u8);
        match transcode(&bytes, "here", 1 << 12, blocks) {
            Ok(Some(image)) => {
                read += 1;
                assert!(whole(&image));
            }
            Ok(None) => {}
            Err(_) => refused += 1,
        }
    }
    println!("{read} read, {refused} refused");
    assert!(read > 100 && refused > 100);
}
