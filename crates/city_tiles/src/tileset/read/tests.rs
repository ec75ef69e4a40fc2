use super::*;

fn parse(text: &str) -> Result<Tileset, TilesetError> {
    Tileset::parse(text.as_bytes(), "t/tileset.json", &Limits::default())
}

const HEAD: &str = r#""asset":{"version":"1.1"},"geometricError":100"#;

#[test]
fn a_plain_tileset_is_read() {
    let t = parse(&format!(
        r#"{{{HEAD},"root":{{"boundingVolume":{{"sphere":[1,2,3,4]}},"geometricError":10,"refine":"add",
        "transform":[1,0,0,0, 0,1,0,0, 0,0,1,0, 5,6,7,1],"content":{{"url":"a.b3dm"}},
        "children":[{{"boundingVolume":{{"region":[0,0,0.1,0.1,0,9]}},"geometricError":0,
        "contents":[{{"uri":"b.glb"}},{{"uri":"c.glb","group":1}}]}}]}}}}"#
    ))
    .unwrap();
    assert_eq!(t.warnings, Vec::<String>::new());
    assert_eq!(t.tile_count, 2);
    assert_eq!(t.root.refine, Some(Refine::Add));
    assert_eq!(t.root.contents[0].uri, "a.b3dm");
    assert_eq!(
        t.root.transform.w_axis.truncate().to_array(),
        [5.0, 6.0, 7.0]
    );
    assert_eq!(t.root.children[0].contents.len(), 2);
    assert_eq!(t.root.children[0].contents[1].group, Some(1));
}

#[test]
fn bad_parts_are_told_and_left_out() {
    let t = parse(&format!(
        r#"{{{HEAD},"root":{{"boundingVolume":{{"box":[1,2,3]}},"geometricError":-1,"refine":7,"transform":"x",
        "content":{{}},"children":[5,{{"boundingVolume":{{"sphere":[0,0,0,-1]}},"geometricError":1}}]}}}}"#
    ))
    .unwrap();
    assert_eq!(t.root.geometric_error, 50.0);
    assert!(t.root.bounding_volume.is_none());
    assert_eq!(t.root.children.len(), 1);
    let all = t.warnings.join("\n");
    for place in [
        "/root/boundingVolume: expected 12",
        "/root/geometricError",
        "/root/refine",
        "/root/transform",
        "/root/content/0",
        "/root/children/0",
        "/root/children/1/boundingVolume",
    ] {
        assert!(all.contains(place), "{place} not in\n{all}");
    }
}

#[test]
fn forerunners_of_implicit_tiling_and_contents_are_read() {
    let t = parse(
        r#"{"asset":{"version":"1.0"},"geometricError":9,"extensionsRequired":["3DTILES_implicit_tiling"],
        "root":{"boundingVolume":{"box":[0,0,0,1,0,0,0,1,0,0,0,1]},"geometricError":9,
        "extensions":{"3DTILES_multiple_contents":{"content":[{"uri":"a"},{"uri":"b"}]},
        "3DTILES_implicit_tiling":{"subdivisionScheme":"OCTREE","subtreeLevels":2,"maximumLevel":3,
        "subtrees":{"uri":"s/{level}"}}}}}"#,
    )
    .unwrap();
    let implicit = t.root.implicit.unwrap();
    assert_eq!(
        (implicit.available_levels, implicit.subdivision),
        (4, Subdivision::Octree)
    );
    assert_eq!(t.root.contents.len(), 2);
}

#[test]
fn useless_files_say_why() {
    assert!(matches!(parse("{"), Err(TilesetError::Json { .. })));
    assert!(matches!(parse("[]"), Err(TilesetError::Structure { .. })));
    assert!(matches!(
        parse(r#"{"root":[]}"#),
        Err(TilesetError::Structure { .. })
    ));
    let required =
        parse(r#"{"asset":{},"extensionsRequired":["VENDOR_x"],"root":{}}"#).unwrap_err();
    assert!(required.to_string().contains("VENDOR_x"));
    let deep = format!(r#"{{"root":{}{}"#, r#"{"children":["#.repeat(200), "");
    assert!(matches!(parse(&deep), Err(TilesetError::Json { .. })));
}

#[test]
fn limits_hold() {
    let limits = Limits {
        max_children: 2,
        max_subtree_tiles: 10,
        ..Limits::default()
    };
    let wide = r#"{"asset":{"version":"1.1"},"root":{"children":[{},{},{}]}}"#;
    assert!(matches!(
        Tileset::parse(wide.as_bytes(), "t", &limits),
        Err(TilesetError::TooLarge { .. })
    ));
    let implicit = r#"{"asset":{"version":"1.1"},"root":{"implicitTiling":{"subdivisionScheme":"QUADTREE",
        "subtreeLevels":40,"availableLevels":5,"subtrees":{"uri":"s"}}}}"#;
    let t = Tileset::parse(implicit.as_bytes(), "t", &limits).unwrap();
    assert!(
        t.root.implicit.is_none()
            && t.warnings
                .iter()
                .any(|w| w.contains("subtrees of more than"))
    );
}
