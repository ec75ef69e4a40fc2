//! What may be written into `wall.toml`, and what is said when it may not.

use city_wall::{MAX_NODES, Placement, TokenSource, WallConfig};
use proptest::prelude::*;

use crate::support::{WALL, wall};

#[test]
fn a_wall_is_read() {
    let wall = wall();
    assert_eq!(wall.name, "Test wall");
    assert_eq!(wall.nodes.len(), 4);
    assert_eq!(wall.leader_rank("b"), Some(1));
    assert_eq!(
        wall.node("n3").unwrap().outputs[0].placement,
        Placement::Flat {
            rect: [0, 1080, 1920, 1080]
        }
    );
    assert_eq!(wall.lead_ns(), 50_000_000);
    assert!(
        !format!("{wall:?}").contains("0123456789abcdef"),
        "the token is not shown"
    );
    assert_eq!(wall.scene_location(&|_| None).unwrap(), "scene.toml");
    let in_folder = WallConfig::parse(WALL, "walls/wall.toml").unwrap();
    assert_eq!(
        in_folder.scene_location(&|_| None).unwrap(),
        "walls/scene.toml"
    );
}

#[test]
fn the_token_may_stay_in_the_environment() {
    let text = WALL.replace(
        "token = \"0123456789abcdef-test\"",
        "token_env = \"WALL_TOKEN\"",
    );
    let wall = WallConfig::parse(&text, "wall.toml").unwrap();
    assert_eq!(
        wall.token,
        TokenSource::Environment("WALL_TOKEN".to_owned())
    );
    let set = |name: &str| (name == "WALL_TOKEN").then(|| "fedcba9876543210".to_owned());
    assert_eq!(wall.token(&set).unwrap(), "fedcba9876543210");
    let message = wall.token(&|_| None).unwrap_err().to_string();
    assert!(
        message.contains("WALL_TOKEN, which is not set"),
        "{message}"
    );
    let short = wall
        .token(&|_| Some("abc".to_owned()))
        .unwrap_err()
        .to_string();
    assert!(short.contains("has 3 bytes"), "{short}");
}

#[test]
fn the_pitch_comes_from_the_size_too() {
    let text = WALL.replace("pixel_pitch_mm = 0.5", "size_mm = [1920, 1080]");
    let pitch = WallConfig::parse(&text, "wall.toml")
        .unwrap()
        .pixel_pitch_mm;
    assert_eq!(pitch, Some(0.5));
}

/// (what is replaced, by what, what the message contains)
const WRONG: &[(&str, &str, &str)] = &[
    (
        "view_distance_m = 6",
        "viewdistance_m = 6",
        "wall.toml:7:1: unknown key \"viewdistance_m\". Did you mean \"view_distance_m\"?",
    ),
    (
        "token = \"0123456789abcdef-test\"",
        "",
        "the wall has no token",
    ),
    (
        "token = \"0123456789abcdef-test\"",
        "token = \"secret\"",
        "wall.toml:10:9: the token has 6 bytes",
    ),
    (
        "pixels = [3840, 2160]",
        "pixels = [3840, 0]",
        "wall.toml:4:10: the wall has 3840 by 0 pixels",
    ),
    (
        "pixels = [3840, 2160]",
        "pixels = [384000, 2160]",
        "Each side has 1 to 65536",
    ),
    (
        "pixel_pitch_mm = 0.5",
        "",
        "wall.toml:6:12: bezels are given in millimetres",
    ),
    (
        "pixel_pitch_mm = 0.5",
        "size_mm = [1920, 2000]",
        "Pixels are square",
    ),
    (
        "bezel_mm = [4.0, 2.0]",
        "bezel_mm = [-4.0, 2.0]",
        "bezel_mm is -4",
    ),
    (
        "view_distance_m = 6",
        "view_distance_m = nan",
        "view_distance_m is NaN",
    ),
    (
        "scene = \"scene.toml\"",
        "scene = \"\"",
        "scene names nothing",
    ),
    (
        "http://127.0.0.1:8600",
        "127.0.0.1:8600",
        "hub is not an address of a hub",
    ),
    (
        "[wall]",
        "[wall]\nsync = \"never\"",
        "\"never\" is not one of the choices. Choose from: clock, barrier",
    ),
    (
        "id = \"b\"",
        "id = \"a\"",
        "wall.toml:18:6: the id \"a\" is there twice",
    ),
    ("id = \"n2\"", "id = \"n1\"", "the id \"n1\" is there twice"),
    ("id = \"n2\"", "id = \"n 2\"", "cannot be an id"),
    (
        "127.0.0.1:7812",
        "127.0.0.1:7811",
        "the address 127.0.0.1:7811 is there twice",
    ),
    (
        "127.0.0.1:7812",
        "0.0.0.0:7812",
        "is not an address that others can send to",
    ),
    (
        "127.0.0.1:7812",
        "node2:7812",
        "which is not an IP address with a port",
    ),
    (
        "rect = [1920, 0, 1920, 1080]",
        "rect = [1919, 0, 1920, 1080]",
        "the screen overlaps display 0 of node \"n1\"",
    ),
    (
        "rect = [1920, 0, 1920, 1080]",
        "rect = [1921, 0, 1920, 1080]",
        "the screen reaches to (3841, 1080), outside",
    ),
    (
        "rect = [1920, 0, 1920, 1080]",
        "rect = [4294967295, 0, 4294967295, 1080]",
        "the screen has 4294967295",
    ),
    (
        "rect = [1920, 0, 1920, 1080]",
        "pixels = [1920, 1080]",
        "the place of this screen is not clear",
    ),
    (
        "rect = [1920, 0, 1920, 1080]",
        "pixels = [1920, 1080], corners_mm = [[0,0,-9],[0,0,-9],[0,9,-9]]",
        "1 mm apart",
    ),
    (
        "rect = [1920, 0, 1920, 1080]",
        "pixels = [1920, 1080], corners_mm = [[9,0,-9],[0,0,-9],[9,9,-9]]",
        "seen from behind",
    ),
    (
        "output = [{ display = 0, rect = [0, 0, 1920, 1080] }]",
        "output = []",
        "the node \"n1\" has 0 screens",
    ),
    (
        "output = [{ display = 0, rect = [0, 0, 1920, 1080] }]",
        "output = [{ rect = [0, 0, 9, 9] }, { rect = [9, 9, 9, 9] }]",
        "the display 0 of \"n1\" is there twice",
    ),
];

#[test]
fn what_is_wrong_is_said_with_its_place() {
    for (from, to, part) in WRONG {
        assert!(WALL.contains(from), "{from}");
        let text = WALL.replacen(from, to, 1);
        let message = WallConfig::parse(&text, "wall.toml")
            .unwrap_err()
            .to_string();
        assert!(message.starts_with("wall.toml"), "{message}");
        assert!(message.contains(part), "{from} -> {to}: {message}");
    }
    let head = &WALL[..WALL.find("[[node]]").unwrap()];
    let message = WallConfig::parse(head, "wall.toml")
        .unwrap_err()
        .to_string();
    assert!(message.contains("there are 0 of [[node]]"), "{message}");
    let mut many = head.to_owned();
    for i in 0..=MAX_NODES {
        many += &format!(
            "[[node]]\nid = \"m{i}\"\nlisten = \"127.0.0.1:{}\"\noutput = [{{ rect = [{i}, 0, 1, 1] }}]\n",
            9000 + i
        );
    }
    let message = WallConfig::parse(&many, "wall.toml")
        .unwrap_err()
        .to_string();
    assert!(message.contains("there are 65 of [[node]]"), "{message}");
}

proptest! {
    #[test]
    fn any_text_is_a_wall_or_an_error(text in ".{0,300}") {
        if let Err(error) = WallConfig::parse(&text, "wall.toml") {
            prop_assert!(error.to_string().starts_with("wall.toml"));
        }
    }

    #[test]
    fn a_damaged_wall_is_a_wall_or_an_error(at in 0..WALL.len(), with in "[0-9a-z\\[\\]{}=\",. ]{0,6}") {
        if WALL.is_char_boundary(at) {
            let text = format!("{}{with}{}", &WALL[..at], &WALL[(at + 1).min(WALL.len())..]);
            let _ = WallConfig::parse(&text, "wall.toml");
        }
    }
}
