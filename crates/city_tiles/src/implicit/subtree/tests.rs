use super::*;

fn binary(json: &str, body: &[u8]) -> Vec<u8> {
    let mut json = json.to_owned();
    while !json.len().is_multiple_of(8) {
        json.push(' ');
    }
    let mut out = b"subt\x01\0\0\0".to_vec();
    out.extend((json.len() as u64).to_le_bytes());
    out.extend((body.len() as u64).to_le_bytes());
    out.extend(json.as_bytes());
    out.extend(body);
    out
}

const JSON: &str = r#"{"buffers":[{"byteLength":16}],"bufferViews":[{"buffer":0,"byteOffset":0,"byteLength":1},
    {"buffer":0,"byteOffset":8,"byteLength":2}],"tileAvailability":{"bitstream":0,"availableCount":2},
    "contentAvailability":[{"constant":1}],"childSubtreeAvailability":{"bitstream":1}}"#;

fn build(bytes: &[u8]) -> Result<Subtree, SubtreeError> {
    SubtreeDocument::parse(bytes, &Limits::default())?.build(Subdivision::Quadtree, 2)
}

#[test]
fn bits_are_least_significant_first_in_morton_order() {
    // Level 0 and child 3 of level 1; bits 5 to 7 lie beyond the five tiles and are ignored.
    let mut body = vec![0b1111_0001, 0, 0, 0, 0, 0, 0, 0];
    body.extend([0, 0b1000_0000, 0, 0, 0, 0, 0, 0]);
    let s = build(&binary(JSON, &body)).unwrap();
    let at = |level, x, y| Coord { level, x, y, z: 0 };
    assert!(s.tile(at(0, 0, 0)) && s.tile(at(1, 1, 1)) && !s.tile(at(1, 1, 0)));
    assert_eq!(s.tile_count(), 2);
    assert!(s.content(at(1, 1, 1), 0) && !s.content(at(1, 0, 0), 0) && !s.content(at(1, 1, 1), 1));
    assert!(s.child_subtree(at(2, 3, 3)) && !s.child_subtree(at(2, 2, 3)));
    assert!(s.warnings.is_empty(), "{:?}", s.warnings);
}

#[test]
fn a_json_subtree_may_lean_on_external_buffers() {
    let text = br#"{"buffers":[{"uri":"a.bin","byteLength":1}],"bufferViews":[{"buffer":0,"byteOffset":0,"byteLength":1}],
        "tileAvailability":{"bitstream":0},"contentAvailability":{"constant":0},"childSubtreeAvailability":{"constant":0}}"#;
    let mut document = SubtreeDocument::parse(text, &Limits::default()).unwrap();
    assert_eq!(document.missing_buffers(), vec![(0, "a.bin".to_owned())]);
    assert!(document.build(Subdivision::Quadtree, 2).is_err());
    document.set_buffer(0, vec![0b11]);
    assert!(document.missing_buffers().is_empty());
    assert_eq!(
        document
            .build(Subdivision::Quadtree, 2)
            .unwrap()
            .tile_count(),
        2
    );
}

#[test]
fn lies_are_refused() {
    let body = [0u8; 16];
    let good = binary(JSON, &body);
    assert!(build(&good).is_ok());
    for cut in [0, 3, 7, 20, 40, good.len() - 1] {
        assert!(build(&good[..cut]).is_err(), "cut at {cut}");
    }
    let mut huge = good.clone();
    huge[8..16].copy_from_slice(&u64::MAX.to_le_bytes());
    assert!(matches!(build(&huge), Err(SubtreeError::Header(_))));
    for (from, to) in [
        (
            r#""byteOffset":8,"byteLength":2"#,
            r#""byteOffset":15,"byteLength":2"#,
        ),
        (
            r#""byteOffset":8,"byteLength":2"#,
            r#""byteOffset":18446744073709551615,"byteLength":2"#,
        ),
        (
            r#""byteOffset":8,"byteLength":2"#,
            r#""byteOffset":8,"byteLength":1"#,
        ),
        (r#""bitstream":1"#, r#""bitstream":9"#),
        (r#""bitstream":1"#, r#""bitstream":-1"#),
    ] {
        assert!(
            matches!(
                build(&binary(&JSON.replace(from, to), &body)),
                Err(SubtreeError::Bits { .. })
            ),
            "{to}"
        );
    }
}
