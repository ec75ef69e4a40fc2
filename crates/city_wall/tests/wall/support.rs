//! Walls and states for tests.

use city_scene::Scene;
use city_wall::{WallConfig, WallState};

pub const TOKEN: &str = "0123456789abcdef-test";

pub const SCENE: &str = r#"
name = "Test"
time_zone = "UTC"
origin = { lon = 114.17, lat = 22.29 }
[camera.home]
lon = 114.129243
lat = 22.25749
height = 1500
heading = 45
pitch = -16
[[camera.preset]]
id = "peak"
name = "Peak"
pose = { lon = 114.143314, lat = 22.273293, height = 640, heading = 48, pitch = -11 }
time = "2026-11-23T17:55:00+08:00"
[[layer]]
id = "traffic"
area = "mobility"
name = "Traffic"
unit = "km/h"
range = [0, 70]
opacity = 0.7
"#;

/// Two by two screens of four nodes, two leaders.
pub const WALL: &str = r#"
[wall]
name = "Test wall"
pixels = [3840, 2160]
pixel_pitch_mm = 0.5
bezel_mm = [4.0, 2.0]
view_distance_m = 6
scene = "scene.toml"
hub = "http://127.0.0.1:8600"
token = "0123456789abcdef-test"

[[leader]]
id = "a"
frames = "127.0.0.1:7801"
http = "127.0.0.1:7800"

[[leader]]
id = "b"
frames = "127.0.0.1:7803"
http = "127.0.0.1:7802"

[[node]]
id = "n1"
listen = "127.0.0.1:7811"
output = [{ display = 0, rect = [0, 0, 1920, 1080] }]

[[node]]
id = "n2"
listen = "127.0.0.1:7812"
output = [{ display = 0, rect = [1920, 0, 1920, 1080] }]

[[node]]
id = "n3"
listen = "127.0.0.1:7813"
output = [{ display = 0, rect = [0, 1080, 1920, 1080] }]

[[node]]
id = "n4"
listen = "127.0.0.1:7814"
output = [{ display = 0, rect = [1920, 1080, 1920, 1080] }]
"#;

pub fn wall() -> WallConfig {
    WallConfig::parse(WALL, "wall.toml").unwrap()
}

pub fn state() -> WallState {
    let scene = Scene::parse(SCENE, "scene.toml").unwrap();
    WallState::from_scene(&scene, "scene.toml", Some("http://127.0.0.1:8600"))
}

pub fn home() -> city_geo::Camera {
    city_geo::Camera::from_degrees(114.129243, 22.25749, 1500.0, 45.0, -16.0)
}
