//! Packets and snapshots: what is written is read again, and nothing else is.

use city_geo::{Camera, Geodetic};
use city_time::*;
use city_wall::*;
use proptest::prelude::*;

use crate::support::state;

prop_compose! {
    fn camera()(lon in -3.2f64..3.2, lat in -1.57f64..1.57, height in -500.0f64..1e6, heading in -7.0f64..7.0,
        pitch in -1.6f64..1.6, fov in 0.1f64..2.5) -> Camera {
        Camera { position: Geodetic::new(lon, lat, height), heading_rad: heading, pitch_rad: pitch, fov_y_rad: fov }
    }
}

prop_compose! {
    fn clock()(now: i64, edge: i64, mode in 0..3, playing: bool, rate in 1..=MAX_RATE, jumps: u64,
        looping: Option<(i32, u16)>, history: Option<i64>, forecast: Option<i64>) -> ClockState {
        let at = |s: i64| SimInstant::from_unix_s(s);
        ClockState {
            now: SimInstant(now),
            mode: [ClockMode::Live, ClockMode::Replay, ClockMode::Forecast][mode as usize],
            playing,
            rate,
            looping: looping.map(|(start, length)| Interval {
                start: at(start.into()),
                end: at(i64::from(start) + i64::from(length) + 1),
            }),
            live_edge: SimInstant(edge),
            bounds: ClockBounds {
                history_start: history.map(SimInstant),
                forecast_end: forecast.map(SimInstant),
            },
            jumps,
        }
    }
}

prop_compose! {
    pub fn frame()(epoch: u32, rank: u8, frame: u64, present_at_ns: i64, camera in camera(), cuts: u32,
        clock in clock(), revision: u64, digest: u64, freeze: bool, identify: bool) -> FrameState {
        FrameState { epoch, rank, frame, present_at_ns, camera, cuts, clock, revision, digest,
            flags: Flags { freeze, identify } }
    }
}

prop_compose! {
    fn report()(node in "[a-zA-Z0-9_-]{1,32}", epoch: u32, frame: u64, presented_at_ns: i64, revision: u64,
        digest: u64, cut_digest: u64, tiles_pending: u32, p50 in 0f32..1e3, p99 in 0f32..1e3, rss_bytes: u64,
        t0_ns: i64) -> Report {
        Report { node, epoch, frame, presented_at_ns, revision, digest, t0_ns, measures: Measures {
            cut_digest, tiles_pending, frame_p50_ms: p50, frame_p99_ms: p99, rss_bytes } }
    }
}

fn key() -> Key {
    Key::new("0123456789abcdef", "wall")
}

proptest! {
    #[test]
    fn frames_come_through(frame in frame()) {
        let packet = Packet::Frame(frame);
        let bytes = packet.encode(&key());
        prop_assert!(bytes.len() < MAX_PACKET_BYTES, "{}", bytes.len());
        prop_assert_eq!(Packet::decode(&bytes, &key()), Ok(packet));
    }

    #[test]
    fn reports_come_through(report in report(), epoch: u32, rank: u8, t: [i64; 3]) {
        let pong = Pong { epoch, rank, t0_ns: t[0], t1_ns: t[1], t2_ns: t[2] };
        for packet in [Packet::Report(report), Packet::Pong(pong)] {
            let bytes = packet.encode(&key());
            prop_assert!(bytes.len() <= MAX_PACKET_BYTES);
            prop_assert_eq!(Packet::decode(&bytes, &key()), Ok(packet));
        }
    }

    #[test]
    fn a_changed_bit_is_noticed(frame in frame(), at: prop::sample::Index, bit in 0..8) {
        let mut bytes = Packet::Frame(frame).encode(&key());
        let at = at.index(bytes.len());
        bytes[at] ^= 1u8 << bit;
        prop_assert!(Packet::decode(&bytes, &key()).is_err());
    }

    #[test]
    fn any_bytes_are_taken(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(Packet::decode(&bytes, &key()).is_err());
        fuzz(&bytes);
        let _ = Snapshot::parse(&bytes);
    }

    #[test]
    fn near_misses_are_taken(kind in 1u8..4, frame in frame(), at: prop::sample::Index, with: u8) {
        let mut bytes = vec![kind];
        let packet = Packet::Frame(frame).encode(&key());
        bytes.extend_from_slice(&packet[6..packet.len() - 16]);
        let at = at.index(bytes.len());
        bytes[at] = with;
        fuzz(&bytes);
    }
}

#[test]
fn strangers_are_told_apart() {
    let report = Report {
        node: "n1".to_owned(),
        epoch: 1,
        frame: 2,
        presented_at_ns: 3,
        revision: 4,
        digest: 5,
        measures: Measures::default(),
        t0_ns: 6,
    };
    let bytes = Packet::Report(report).encode(&key());
    for other in [
        Key::new("0123456789abcdeg", "wall"),
        Key::new("0123456789abcdef", "well"),
    ] {
        assert_eq!(Packet::decode(&bytes, &other), Err(PacketError::Key));
    }
    assert_eq!(
        Packet::decode(&bytes[..10], &key()),
        Err(PacketError::Length(10))
    );
    assert_eq!(Packet::decode(&[7; 100], &key()), Err(PacketError::Magic));
    let mut newer = bytes;
    newer[4] = 9;
    assert_eq!(Packet::decode(&newer, &key()), Err(PacketError::Version(9)));
}

#[test]
fn states_keep_their_digest_as_json() {
    let mut state = state();
    state.layers[0].opacity = 0.1 + 0.2;
    state.origin.lon = 114.169_999_999_999_99;
    let text = serde_json::to_string(&state).unwrap();
    let again: WallState = serde_json::from_str(&text).unwrap();
    assert_eq!(again.digest(), state.digest());
    let mut other = state.clone();
    other.layers[0].visible ^= true;
    assert_ne!(other.digest(), state.digest());
    other = state.clone();
    other.scenario = Some(String::new());
    assert_ne!(other.digest(), state.digest());
}

#[test]
fn commands_as_the_page_writes_them() {
    for text in [
        r#"{"set_camera":{"lon":1,"lat":2,"height":3}}"#,
        r#"{"move_camera":{"forward_m":10}}"#,
        r#"{"orbit_camera":{"turn_rad":0.1,"zoom":1.5}}"#,
        r#"{"go_preset":{"id":"peak","how":"when_ready"}}"#,
        r#"{"clock":"TogglePlay"}"#,
        r#"{"clock":{"SetRate":60}}"#,
        r#"{"set_layer":{"id":"traffic","visible":true}}"#,
        r#"{"freeze":true}"#,
        r#"{"set_theme":"light"}"#,
        r#"{"open_scenario":null}"#,
    ] {
        let command: Command = serde_json::from_str(text).unwrap();
        assert_eq!(command.check(&state()), Ok(()), "{text}");
    }
    for (text, part) in [
        (
            r#"{"set_camera":{"lon":1,"lat":92,"height":3}}"#,
            "lat is 92",
        ),
        (r#"{"orbit_camera":{"zoom":0}}"#, "zoom is 0"),
        (r#"{"go_preset":{"id":"nowhere"}}"#, "no preset \"nowhere\""),
        (r#"{"set_layer":{"id":"x"}}"#, "no layer \"x\""),
        (
            r#"{"set_layer":{"id":"traffic","opacity":1.5}}"#,
            "opacity is 1.5",
        ),
        (r#"{"open_scenario":""}"#, "scenario's address is empty"),
    ] {
        let command: Command = serde_json::from_str(text).unwrap();
        let message = command.check(&state()).unwrap_err().to_string();
        assert!(message.contains(part), "{message}");
    }
    assert!(serde_json::from_str::<Command>(r#"{"move_camera":{"forward":10}}"#).is_err());
}
