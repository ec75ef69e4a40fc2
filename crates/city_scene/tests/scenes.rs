//! Scene files: the ones that come with the program, and what is said about wrong ones.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::PathBuf;

use city_geo::{Geodetic, LocalFrame};
use city_scene::*;
use city_sensors::simulate::KINDS;
use proptest::prelude::*;

fn shipped(name: &str) -> Scene {
    let file = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenes")).join(name);
    let text = std::fs::read_to_string(&file).unwrap();
    Scene::parse(&text, name).unwrap_or_else(|e| panic!("{e}"))
}

const SMALL: &str = r#"
name = "Town"
time_zone = "UTC"
origin = { lon = 1.5, lat = 2.5, height = 3.5 }

[[tileset]]
name = "Houses"
url = "t/tileset.json"

[[layer]]
id = "noise"
area = "living"
name = "Noise"
unit = "dB(A)"
range = [40, 85]

[[feeds.mqtt]]
name = "Broker"
broker = "mqtt://127.0.0.1:1883"
[[feeds.mqtt.mapping]]
topic = "city/{layer}/{sensor}"
"#;

#[test]
fn every_shipped_scene_reads() {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenes"));
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "toml") {
            let scene = shipped(path.file_name().unwrap().to_str().unwrap());
            // Whatever is shown has its three names, and every pose can be drawn.
            for names in scene
                .layers
                .iter()
                .map(|l| &l.names)
                .chain(scene.camera.presets.iter().map(|p| &p.names))
            {
                assert!(
                    names.contains_key("zh-Hant") && names.contains_key("zh-Hans"),
                    "{names:?}"
                );
            }
            let frame = LocalFrame::enu(scene.origin.geodetic());
            for pose in scene
                .camera
                .home
                .iter()
                .chain(scene.camera.presets.iter().map(|p| &p.pose))
            {
                assert!(pose.camera().is_valid());
                let away = frame.local_from_geodetic(pose.camera().position).length();
                assert!(away < 20_000.0, "a pose {away} m from the origin");
            }
            count += 1;
        }
    }
    assert!(count >= 2);
}

#[test]
fn the_harbour_shows_what_its_feed_simulates() {
    let scene = shipped("harbour.toml");
    assert!(scene.synthetic && scene.feeds.simulated && !scene.feeds.is_empty());
    assert_eq!(scene.tilesets[0].url, DEMO_PREFIX);
    assert_eq!((scene.origin.lon, scene.origin.lat), (114.17, 22.29));
    for id in ["peak", "harbour", "street"] {
        assert!(scene.preset(id).is_some(), "{id}");
    }
    for area in Area::ALL {
        assert!(
            scene.layers.iter().any(|layer| layer.area == area),
            "{area}"
        );
    }
    for kind in &KINDS {
        let simulated = kind.layer();
        let layer = scene
            .layer(&simulated.id)
            .unwrap_or_else(|| panic!("no [[layer]] for {}", simulated.id));
        let ours = layer.catalog_layer();
        assert_eq!(ours.area, simulated.area, "{}", simulated.id);
        assert_eq!(ours.unit, simulated.unit, "{}", simulated.id);
        assert_eq!(
            ours.interpolation, simulated.interpolation,
            "{}",
            simulated.id
        );
        assert_eq!(ours.cadence_s, simulated.cadence_s, "{}", simulated.id);
        assert_eq!(ours.range, simulated.range, "{}", simulated.id);
    }
    assert_eq!(scene.layers.len(), KINDS.len(), "a layer without readings");
}

#[test]
fn wageningen_is_found_by_environment_or_beside() {
    let scene = shipped("wageningen.toml");
    let url = &scene.tilesets[0].url;
    let set = |name: &str| (name == "BELVEDERE_SAMPLES").then(|| "/samples".to_owned());
    assert_eq!(
        resolve_location(url, "scenes/wageningen.toml", &set).unwrap(),
        "/samples/bertt__wageningen/7-624-528/tileset.json"
    );
    let beside = resolve_location(url, "scenes/wageningen.toml", &|_| None).unwrap();
    assert_eq!(
        beside,
        "../shared/data/bertt__wageningen/7-624-528/tileset.json"
    );
    assert!(!scene.synthetic && scene.layers.is_empty() && scene.feeds.is_empty());
}

#[test]
fn defaults() {
    let scene = Scene::parse(SMALL, "town.toml").unwrap();
    assert_eq!(scene.schema, CURRENT_SCHEMA);
    assert_eq!(
        scene.origin.geodetic(),
        Geodetic::from_degrees(1.5, 2.5, 3.5)
    );
    let layer = scene.layer("noise").unwrap();
    assert_eq!(
        (
            layer.color_map,
            layer.opacity,
            layer.visible,
            layer.cadence_s
        ),
        (ColorMap::Cividis, 1.0, false, 60.0)
    );
    assert_eq!(layer.catalog_layer().unit.definition, "ucum:dB(A)");
    assert_eq!(scene.feeds.mqtt[0].mappings[0].value, "/value");
    assert_eq!(scene.name_in("zh-Hant"), "Town");
    for map in ColorMap::ALL {
        let text = SMALL.replace(
            "[40, 85]",
            &format!("[40, 85]\ncolor_map = \"{}\"", map.name()),
        );
        assert_eq!(Scene::parse(&text, "").unwrap().layers[0].color_map, map);
    }
}

/// The message for the small scene with one change.
fn refused(from: &str, to: &str) -> String {
    assert!(SMALL.contains(from), "{from}");
    let message = Scene::parse(&SMALL.replacen(from, to, 1), "town.toml")
        .unwrap_err()
        .to_string();
    assert!(message.starts_with("town.toml"), "{message}");
    message
}

#[test]
fn faults_are_told_with_their_place() {
    let mut wrong = Vec::new();
    for (from, to, expected) in [
        (
            "time_zone",
            "timezone",
            "town.toml:3:1: unknown key \"timezone\". Did you mean \"time_zone\"?",
        ),
        (
            "url = \"t/",
            "uri = \"t/",
            "town.toml:8:1: unknown key \"uri\". Did you mean \"url\"?",
        ),
        (
            "name = \"Town\"\n",
            "",
            "the key \"name\" is missing. Add a line name = ...",
        ),
        (
            "\"UTC\"",
            "\"Mars\"",
            "town.toml:3:13: there is no time zone \"Mars\"",
        ),
        ("\"UTC\"", "5", "town.toml:3:13: invalid type"),
        (
            "2.5",
            "95",
            "town.toml:4:29: lat is 95. It must be between -90 and 90",
        ),
        ("2.5", "nan", "town.toml:4:29: lat is NaN"),
        ("\"t/tileset.json\"", "\" \"", "town.toml:8:7: url is empty"),
        (
            "\"living\"",
            "\"lving\"",
            "town.toml:12:8: \"lving\" is not one of the choices. Choose from: mobility, living",
        ),
        (
            "[40, 85]",
            "[85, 40]",
            "town.toml:15:9: the range runs from 85 to 40. Write the lower",
        ),
        ("[40, 85]", "[40]", "town.toml:15:9: invalid length"),
        (
            "\"noise\"",
            "\"Lärm\"",
            "town.toml:11:6: \"Lärm\" cannot be an id",
        ),
        (
            "unit = ",
            "opacity = 2\nunit = ",
            "town.toml:14:11: opacity is 2. It must be between 0 and 1",
        ),
        (
            "mqtt://127.0.0.1",
            "http://127.0.0.1",
            "town.toml:19:10: \"http://127.0.0.1:1883\" is not the address",
        ),
        (
            "mqtt://127",
            "mqtt://me:secret@127",
            "is no place for a user's name or password",
        ),
        (
            "city/{layer}/{sensor}",
            "city/{sensor}",
            "town.toml:21:9: layer uses {layer}",
        ),
        (
            "topic = ",
            "layer = \"nose\"\ntopic = ",
            "town.toml:21:9: the scene has no layer \"nose\". Did you mean \"noise\"?",
        ),
        (
            "[[feeds.mqtt.mapping]]\ntopic = \"city/{layer}/{sensor}\"",
            "mapping = []",
            "nothing would be read",
        ),
        (
            "[[layer]]",
            "[[join]]\nlayer = \"noise\"\n[[join]]\nlayer = \"other\"\nproperty = \"noise\"\n[[layer]]",
            "the property \"noise\" comes from two joins",
        ),
        (
            "[[layer]]",
            "[[join]]\nlayer = \"noise\"\nkey = \"name\"\n[[layer]]",
            "feature",
        ),
        ("name = \"Town\"", "name = \"Town", "town.toml:2:"),
        (
            "name = \"Town\"",
            "schema = 99\nname = \"Town\"",
            "town.toml:2:10: schema 99 was made by a newer version",
        ),
        (
            "name = \"Town\"",
            "schema = -1\nname = \"Town\"",
            "town.toml:2:10: schema is -1, not a version",
        ),
    ] {
        let message = refused(from, to);
        if !message.contains(expected) {
            wrong.push(format!("expected {expected}\nfound    {message}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn secrets_are_not_repeated() {
    assert!(!refused("mqtt://127", "mqtt://me:secret@127").contains("secret"));
}

#[test]
fn hostile_files() {
    let huge = "#".repeat(MAX_FILE_BYTES + 1);
    assert!(
        Scene::parse(&huge, "a")
            .unwrap_err()
            .to_string()
            .contains("more than the")
    );
    let many = format!(
        "{SMALL}{}",
        "\n[[tileset]]\nname = \"x\"\nurl = \"y\"".repeat(300)
    );
    assert!(
        Scene::parse(&many, "a")
            .unwrap_err()
            .to_string()
            .contains("there are 301 of [[tileset]]")
    );
    let deep = format!("a = {}1{}", "[".repeat(10_000), "]".repeat(10_000));
    assert!(Scene::parse(&deep, "a").is_err());
    let long = SMALL.replace("Houses", &"x".repeat(5000));
    assert!(
        Scene::parse(&long, "a")
            .unwrap_err()
            .to_string()
            .contains("At most 2000")
    );
    let message = Scene::parse_bytes(b"name = \"\xff\"", "a.toml")
        .unwrap_err()
        .to_string();
    assert!(
        message.starts_with("a.toml:1:9: this is not UTF-8"),
        "{message}"
    );
    let with_mark = [b"\xef\xbb\xbf", SMALL.as_bytes()].concat();
    assert!(Scene::parse_bytes(&with_mark, "a").is_ok());
}

#[test]
fn tree_of_six_areas() {
    let scene = shipped("harbour.toml");
    let mut tree = LayerTree::new(&scene);
    assert_eq!(tree.areas().len(), 6);
    assert_eq!(
        tree.areas().iter().map(|a| a.layers.len()).sum::<usize>(),
        scene.layers.len()
    );
    assert!(tree.get("traffic_speed").unwrap().visible);
    tree.set_area_visible(Area::Mobility, false);
    assert!(!tree.get("traffic_speed").unwrap().visible);
    assert!(tree.toggle("noise_level") && tree.get("noise_level").unwrap().visible);
    assert!(
        !tree.toggle("nothing") && !tree.set_visible("nothing", true) && !tree.show_only("nothing")
    );
    tree.set_opacity("noise_level", 7.0);
    tree.set_opacity("noise_level", f64::NAN);
    assert_eq!(tree.get("noise_level").unwrap().opacity, 1.0);
    assert!(tree.show_only("footfall"));
    assert_eq!(tree.to_link(), "footfall");
}

#[test]
fn search_in_any_language() {
    let tree = LayerTree::new(&shipped("harbour.toml"));
    let ids = |query: &str| -> Vec<&str> {
        tree.search(query)
            .iter()
            .map(|i| tree.layers()[*i].id.as_str())
            .collect()
    };
    assert_eq!(ids("路燈"), ["lamp_power"]);
    assert_eq!(ids("  NOISE "), ["noise_level"]);
    assert!(ids("power").contains(&"energy_power") && ids("power").contains(&"lamp_power"));
    assert_eq!(ids("environment m/s"), ["weather_wind"]);
    assert_eq!(ids("").len(), tree.layers().len());
    assert!(ids("zzz").is_empty());
}

#[test]
fn links_round_trip() {
    let mut tree = LayerTree::new(&shipped("harbour.toml"));
    assert!(
        tree.apply_link("air_pm25:60,noise_level,unknown_one")
            .contains(&"unknown_one".to_owned())
    );
    assert_eq!(tree.to_link(), "noise_level,air_pm25:60");
    let link = tree.to_link();
    let mut other = LayerTree::new(&shipped("harbour.toml"));
    assert!(other.apply_link(&link).is_empty());
    assert_eq!(other.to_link(), link);
    other.apply_link("-");
    assert_eq!(other.to_link(), "-");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_text_is_answered(text in "(\\[|\\]|\"|=|\\{|\\}|\\n|[a-z]|[0-9]|\\.|,|#|é){0,80}") {
        let _ = Scene::parse(&text, "any");
    }

    #[test]
    fn broken_scenes_are_answered(at in 0usize..SMALL.len(), bytes in prop::collection::vec(any::<u8>(), 0..4), cut in 0usize..6) {
        let mut broken = SMALL.as_bytes().to_vec();
        let end = (at + cut).min(broken.len());
        broken.splice(at..end, bytes);
        if let Err(error) = Scene::parse_bytes(&broken, "town.toml") {
            prop_assert!(error.place.is_none_or(|(line, column)| line >= 1 && column >= 1));
            prop_assert!(error.to_string().len() < 3000);
        }
    }

    #[test]
    fn any_link_is_answered(link in ".{0,60}") {
        let scene = Scene::parse(SMALL, "").unwrap();
        let mut tree = LayerTree::new(&scene);
        tree.apply_link(&link);
        prop_assert!(tree.layers().iter().all(|l| (0.0..=1.0).contains(&l.opacity)));
    }
}

const GROUND: &str = r#"
name = "Town"
time_zone = "UTC"
origin = { lon = 114.17, lat = 22.29 }

[terrain]
kind = "terrarium"
url = "https://dem.example/{z}/{x}/{y}.png"
max_zoom = 14
height_offset_m = -2.5
heights_m = [-100, 1000]
bounds = [113.8, 22.1, 114.5, 22.6]
attribution = "Heights by Somebody"

[[imagery]]
id = "map"
name = "Map"
url = "https://{s}.tile.example/{z}/{x}/{-y}.png?key=${KEY:-none}"
attribution = "Map by Others"

[[imagery]]
id = "photo"
name = "Photo"
kind = "wmts"
scheme = "geographic"
url = "https://photo.example/wmts?TileMatrix={TileMatrix}&TileRow={TileRow}&TileCol={TileCol}"
opacity = 0.5
visible = false

[[imagery.matrix]]
id = "EPSG:4326:0"
scale_denominator = 279541132.01435876
top_left = [-180, 90]
size = [2, 1]
"#;

#[test]
fn terrain_and_imagery_are_read() {
    let scene = Scene::parse(GROUND, "g.toml").unwrap_or_else(|e| panic!("{e}"));
    let terrain = scene.terrain.as_ref().unwrap();
    assert_eq!(terrain.kind, TerrainKind::Terrarium);
    assert_eq!((terrain.min_zoom, terrain.max_zoom), (0, 14));
    assert!(terrain.visible && !terrain.shared_edges);
    let [map, photo] = scene.imagery.as_slice() else {
        panic!("{:?}", scene.imagery)
    };
    assert_eq!(
        (map.kind, map.scheme),
        (ImageryAddressing::Xyz, TilingScheme::WebMercator)
    );
    assert_eq!((map.max_zoom, map.tile_px, map.opacity), (18, 256, 1.0));
    assert_eq!(map.servers, ["a", "b", "c"]);
    assert_eq!(
        (photo.kind, photo.scheme),
        (ImageryAddressing::Wmts, TilingScheme::Geographic)
    );
    assert_eq!(
        (photo.matrix[0].tile_px, photo.matrix[0].size),
        ([256, 256], [2, 1])
    );
    let plain = Scene::parse(SMALL, "s.toml").unwrap();
    assert!(plain.terrain.is_none() && plain.imagery.is_empty());
}

#[test]
fn what_is_wrong_with_the_ground_is_said_with_its_place() {
    let told = |from: &str, to: &str| {
        assert!(GROUND.contains(from), "{from}");
        let text = GROUND.replacen(from, to, 1);
        Scene::parse(&text, "g.toml").unwrap_err().to_string()
    };
    for (from, to, message) in [
        (
            "\"terrarium\"",
            "\"heightmap\"",
            "g.toml:7:8: \"heightmap\" is not one of the choices",
        ),
        (
            "{z}/{x}/{y}.png\"\nmax",
            "{z}/{x}.png\"\nmax",
            "has no {y}, so that all tiles would be the same",
        ),
        ("/{-y}", "/{Y}", "{Y} stands for nothing"),
        ("{TileRow}", "{TileRows}", "Did you mean {TileRow}?"),
        (
            "max_zoom = 14",
            "max_zoom = 40",
            "g.toml:9:12: max_zoom is 40. It must be between 0 and 24",
        ),
        (
            "max_zoom = 14",
            "max_zoom = 3\nmin_zoom = 4",
            "the levels run from 4 to 3",
        ),
        (
            "[-100, 1000]",
            "[1000, -100]",
            "the heights run from 1000 to -100",
        ),
        (
            "[113.8, 22.1, 114.5, 22.6]",
            "[114.5, 22.1, 113.8, 22.6]",
            "Write [west, south, east, north] in degrees",
        ),
        (
            "[113.8, 22.1, 114.5, 22.6]",
            "[22.1, 113.8, 22.6, 114.5]",
            "It must be between -90 and 90",
        ),
        (
            "\"terrarium\"",
            "\"ellipsoid\"",
            "the bare ellipsoid has no url",
        ),
        (
            "\"terrarium\"",
            "\"quantized-mesh\"",
            "Write the address of the tileset's layer.json",
        ),
        (
            "id = \"photo\"",
            "id = \"map\"",
            "the id \"map\" is there twice",
        ),
        (
            "opacity = 0.5",
            "opacity = 50",
            "opacity is 50. It must be between 0 and 1",
        ),
        ("kind = \"wmts\"\n", "", "has no {z}"),
        ("size = [2, 1]", "size = [2, 0]", "It must be between 1 and"),
        ("top_left", "topleft", "Did you mean \"top_left\"?"),
    ] {
        let found = told(from, to);
        assert!(found.contains(message), "{found}");
        assert!(found.starts_with("g.toml:"), "{found}");
    }
}
