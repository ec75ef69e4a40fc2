//! Draco streams: any bytes give a geometry whose parts fit together, or an error.
#![no_main]

use city_tiles::formats::draco::{DracoLimits, decode_mesh, decode_point_cloud};

libfuzzer_sys::fuzz_target!(init: belvedere_fuzz::plant("draco"), |bytes: &[u8]| {
    let limits = DracoLimits {
        max_points: 1 << 14,
        max_bytes: 1 << 22,
    };
    for decode in [decode_mesh, decode_point_cloud] {
        let Ok(geometry) = decode(bytes, "fuzz", limits) else {
            continue;
        };
        assert!(geometry.points <= limits.max_points);
        assert!(geometry.indices.iter().all(|index| (*index as usize) < geometry.points));
        for attribute in &geometry.attributes {
            let numbers = geometry.points * attribute.components;
            assert_eq!(attribute.floats().len(), numbers);
            assert!(attribute.indices().is_none_or(|list| list.len() == numbers));
        }
    }
});
