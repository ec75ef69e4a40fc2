//! Seeds of compressed geometry and images: the small ones that the tests of `city_tiles` read.

macro_rules! seed {
    ($name:literal) => {
        include_bytes!(concat!(
            "../../crates/city_tiles/tests/content/seeds/",
            $name
        ))
        .to_vec()
    };
}

/// Meshes by both traversals and in sequence, point clouds in sequence and as a k-d tree.
pub fn draco() -> Vec<Vec<u8>> {
    vec![
        seed!("edge-standard.drc"),
        seed!("edge-valence.drc"),
        seed!("sequential.drc"),
        seed!("cloud-sequential.drc"),
        seed!("cloud-kd.drc"),
    ]
}

/// ETC1S with alpha, UASTC plain and under Zstandard.
pub fn ktx2() -> Vec<Vec<u8>> {
    vec![
        seed!("etc1s.ktx2"),
        seed!("uastc.ktx2"),
        seed!("uastc-zstd.ktx2"),
    ]
}
