//! Seeds for video walls.

/// A wall with flat and angled screens.
pub const TOML: &str = r#"[wall]
name = "W"
pixels = [3840, 1080]
pixel_pitch_mm = 0.5
bezel_mm = [4, 2]
view_distance_m = 6
sync = "barrier"
scene = "harbour.toml"
hub = "http://192.0.2.1:8600"
token_env = "T"
[[leader]]
id = "a"
frames = "192.0.2.1:7801"
http = "192.0.2.1:7800"
[[node]]
id = "n1"
listen = "192.0.2.2:7810"
output = [{ display = 0, rect = [0, 0, 1920, 1080] },
  { display = 1, pixels = [1920, 1080], corners_mm = [[960, -540, -2000], [960, -540, -80], [960, 540, -2000]] }]
"#;

/// A frame, a report and an answer: the kind, and the body without its envelope. A command and a snapshot.
pub fn packets() -> Vec<Vec<u8>> {
    // Zeros are good for everything but a field of view and a rate.
    let mut frame = vec![0; 1 + 22 + 48 + 4 + 30 + 16];
    frame[0] = 1;
    frame[23 + 40..23 + 48].copy_from_slice(&1.0_f64.to_le_bytes());
    frame[23 + 48 + 4 + 2] = 1;
    let mut report = vec![2, 2, b'n', b'1'];
    report.resize(4 + 72, 0);
    let mut pong = vec![3];
    pong.resize(1 + 29, 0);
    let command = br#"{"go_preset":{"id":"peak","how":"when_ready"}}"#.to_vec();
    vec![frame, report, pong, command]
}
