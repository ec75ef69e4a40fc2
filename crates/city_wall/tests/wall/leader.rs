//! The leader alone: who leads, and what hands do.

use city_wall::*;

use crate::network::{MS, S, START_NS};
use crate::support::{home, state, wall};

fn leader(id: &str) -> Leader {
    Leader::new(
        LeaderSettings::new(&wall(), id).unwrap(),
        state(),
        home(),
        START_NS,
    )
}

/// Runs until it leads; its last frame.
fn active(leader: &mut Leader, now_ns: &mut i64) -> FrameState {
    loop {
        *now_ns += MS;
        if let Some(frame) = leader.tick(*now_ns) {
            return frame;
        }
    }
}

#[test]
fn the_preferred_one_leads_after_half_a_second_and_others_later() {
    let mut now = START_NS;
    let frame = active(&mut leader("a"), &mut now);
    assert_eq!((frame.epoch, frame.rank, now - START_NS), (1, 0, 500 * MS));
    assert_eq!(frame.present_at_ns, now + 50 * MS);
    let mut now = START_NS;
    assert_eq!(active(&mut leader("b"), &mut now).rank, 1);
    assert_eq!(now - START_NS, 750 * MS);
}

#[test]
fn of_two_with_one_epoch_the_preferred_one_stays() {
    let (mut a, mut b) = (leader("a"), leader("b"));
    let (mut now_a, mut now_b) = (START_NS, START_NS);
    let from_a = active(&mut a, &mut now_a);
    let from_b = active(&mut b, &mut now_b);
    assert_eq!(from_a.epoch, from_b.epoch);
    a.receive(Packet::Frame(from_b), now_b);
    b.receive(Packet::Frame(from_a), now_b);
    assert_eq!((a.role(), b.role()), (Role::Active, Role::Standby));
}

#[test]
fn a_report_of_a_higher_epoch_is_not_led_over_while_frames_go_on() {
    let mut a = leader("a");
    let mut now = START_NS;
    active(&mut a, &mut now);
    let mut report = Report {
        node: "n1".to_owned(),
        epoch: 7,
        frame: 100,
        presented_at_ns: now,
        revision: 0,
        digest: 0,
        measures: Measures::default(),
        t0_ns: now,
    };
    // Somebody leads whom we do not hear.
    for _ in 0..8 {
        now += 250 * MS;
        report.frame += 15;
        a.receive(Packet::Report(report.clone()), now);
        assert_eq!(a.tick(now), None);
    }
    // And leads no more.
    let mut later = now;
    let frame = active(&mut a, &mut later);
    assert_eq!(frame.epoch, 8);
    assert!(later - now <= 501 * MS);
}

#[test]
fn frames_are_even_and_a_stopped_leader_leaves_some_out() {
    let mut a = leader("a");
    let mut now = START_NS;
    let mut last = active(&mut a, &mut now);
    for _ in 0..200 {
        let frame = active(&mut a, &mut now);
        assert_eq!(frame.frame, last.frame + 1);
        assert_eq!(frame.present_at_ns - last.present_at_ns, 16_666_667);
        last = frame;
    }
    now += 3 * S;
    let frame = active(&mut a, &mut now);
    let [missed, passed] = [
        frame.frame - last.frame,
        (frame.present_at_ns - last.present_at_ns) as u64,
    ];
    assert_eq!(
        passed,
        missed * 16_666_667,
        "numbers stay in step with time"
    );
    assert!(missed > 170);
    let next = active(&mut a, &mut now);
    assert_eq!(next.frame, frame.frame + 1);
}

#[test]
fn hands_move_the_camera_softly() {
    let mut a = leader("a");
    let mut now = START_NS;
    let first = active(&mut a, &mut now).camera;
    let orbit = Command::OrbitCamera {
        turn_rad: 0.5,
        tilt_rad: -0.1,
        zoom: 2.0,
    };
    a.command(&orbit, now).unwrap();
    let second = active(&mut a, &mut now).camera;
    let turned = second.heading_rad - first.heading_rad;
    assert!(turned > 0.0 && turned < 0.2, "{turned}");
    let mut last = second;
    for _ in 0..120 {
        last = active(&mut a, &mut now).camera;
    }
    assert!(
        (last.heading_rad - first.heading_rad - 0.5).abs() < 0.02,
        "{last}"
    );
    let away = |camera: &city_geo::Camera| camera.position.height_m / (-camera.pitch_rad).sin();
    assert!((away(&last) / away(&first) - 0.5).abs() < 0.05, "{last}");
    // By the ground: 100 m ahead and 10 m up.
    a.command(
        &Command::MoveCamera {
            forward_m: 100.0,
            right_m: 0.0,
            up_m: 10.0,
            turn_rad: 0.0,
            tilt_rad: 0.0,
        },
        now,
    )
    .unwrap();
    let from = last;
    for _ in 0..120 {
        last = active(&mut a, &mut now).camera;
    }
    assert!((last.position.height_m - from.position.height_m - 10.0).abs() < 0.01);
    let moved = last.position_ecef().distance(from.position_ecef());
    assert!((moved - 100.5).abs() < 0.5, "{moved}");
    // However wild they are, the picture stays one.
    for turn in [-6.0, 6.0] {
        for zoom in [0.01, 100.0] {
            for tilt in [-6.0, 6.0] {
                a.command(
                    &Command::OrbitCamera {
                        turn_rad: turn,
                        tilt_rad: tilt,
                        zoom,
                    },
                    now,
                )
                .unwrap();
                a.command(
                    &Command::MoveCamera {
                        forward_m: 1e6,
                        right_m: -1e6,
                        up_m: -1e6,
                        turn_rad: turn,
                        tilt_rad: tilt,
                    },
                    now,
                )
                .unwrap();
                for _ in 0..30 {
                    assert!(active(&mut a, &mut now).camera.is_valid());
                }
            }
        }
    }
}

#[test]
fn commands_count_revisions_and_move_the_digest() {
    let mut a = leader("a");
    let refused = a.command(&Command::Identify(true), START_NS).unwrap_err();
    assert_eq!(refused, CommandError::NotActive { active: None });
    let mut now = START_NS;
    let before = active(&mut a, &mut now);
    a.command(&Command::Identify(true), now).unwrap();
    let after = active(&mut a, &mut now);
    assert_eq!(after.revision, before.revision + 1);
    assert_ne!(after.digest, before.digest);
    assert!(after.flags.identify);
    let clock = Command::Clock(city_time::ClockCommand::SetRate(60));
    assert!(
        a.command(&clock, now)
            .unwrap_err()
            .to_string()
            .contains("no forecast")
    );
}
