//! `belvedere report` on a small scene and a scenario that is partly wrong.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::process::Command;

use city_geo::{Geodetic, LocalFrame};
use serde_json::json;
use support::Folder;

const PLACE: [f64; 2] = [5.66, 51.97];

fn scene(folder: &Folder) {
    let place = Geodetic::from_degrees(PLACE[0], PLACE[1], 0.0);
    let mut root = support::tile("gables.glb", 0.0, vec![]);
    root["transform"] = json!(LocalFrame::enu(place).ecef_from_local().to_cols_array());
    folder.write("gables.glb", support::glb(10, 0.0));
    folder.write("tileset.json", support::tileset(root));
    folder.write(
        "scene.toml",
        format!(
            "name = \"Gables\"\ntime_zone = \"Europe/Amsterdam\"\norigin = {{ lon = {}, lat = {} }}\n\
             [[tileset]]\nname = \"Gables\"\nurl = \"tileset.json\"\nattribution = \"Drawn for a test\"\n",
            PLACE[0], PLACE[1]
        ),
    );
}

fn scenario(folder: &Folder) -> String {
    let [lon, lat] = PLACE;
    let ring = |west: f64, south: f64| {
        let corners = [(0., 0.), (0.0006, 0.), (0.0006, 0.0004), (0., 0.0004)];
        let text = corners.map(|(x, y)| format!("[{:.6}, {:.6}]", west + x, south + y));
        format!("[{}]", text.join(", "))
    };
    let text = format!(
        r#"schema = 1
id = "court"
name = "A court <of> houses"
base = "scene.toml"

[[operation]]
id = "op-court"
kind = "add-building"
horizon = "medium"
author = "Ada"
reason = "Homes & a court"
[operation.building]
name = "The court"
footprint = {}
base_height_m = 0.0
height_m = 18.0
storeys = 6
use = "Residential"
energy_class = "B"

[[operation]]
id = "op-crossed"
kind = "add-building"
horizon = "short"
author = "Bo"
[operation.building]
name = "Crossed"
footprint = [[{lon}, {lat}], [{}, {}], [{}, {lat}], [{lon}, {}]]
height_m = 9.0
storeys = 3
use = "Office"
"#,
        ring(lon + 0.0003, lat + 0.0003),
        lon + 0.001,
        lat + 0.001,
        lon + 0.001,
        lat + 0.001,
    );
    folder
        .write("court.toml", text)
        .to_string_lossy()
        .into_owned()
}

fn pictures(page: &str) -> Vec<&str> {
    page.split("data:image/jpeg;base64,")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect()
}

#[test]
fn a_report_has_pictures_changes_and_what_was_not_applied() {
    let folder = Folder::new();
    scene(&folder);
    let scenario = scenario(&folder);
    let out = folder.path().join("report.html");
    let done = Command::new(env!("CARGO_BIN_EXE_belvedere"))
        .args([
            "report",
            "--scenario",
            &scenario,
            "--sun",
            "5.6601,51.9701,1.5",
            "--out",
        ])
        .arg(&out)
        .output()
        .unwrap();
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    let page = std::fs::read_to_string(&out).unwrap();
    let pictures = pictures(&page);
    assert_eq!(
        pictures.len(),
        4,
        "the whole and the court, before and after"
    );
    assert_ne!(pictures[0], pictures[1], "the court is in the second");
    assert!(pictures.iter().all(|picture| picture.len() > 4_000));
    for part in [
        "<h1>A court &lt;of&gt; houses</h1>",
        "The court",
        "Homes &amp; a court",
        "Ada",
        "medium term",
        "Not applied",
        "op-crossed",
        "Hours of sun at 51.97010, 5.66010",
        "Drawn for a test",
    ] {
        assert!(
            page.contains(part),
            "{part} is missing:\n{}",
            &page[..3000.min(page.len())]
        );
    }
    assert!(!page.contains("src=\"http"), "it opens without a network");
}

#[test]
fn a_scenario_that_is_none_is_said_with_its_place() {
    let folder = Folder::new();
    let file = folder.write("bad.toml", "schema = 99\nid = \"x\"\n");
    let done = Command::new(env!("CARGO_BIN_EXE_belvedere"))
        .args(["report", "--scenario"])
        .arg(&file)
        .args(["--out", "never.html"])
        .output()
        .unwrap();
    assert_eq!(done.status.code(), Some(1));
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(
        said.contains("bad.toml") && said.contains("newer"),
        "{said}"
    );
}
