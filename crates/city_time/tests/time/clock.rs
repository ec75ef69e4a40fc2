//! The clock's rules.

use city_time::*;
use proptest::prelude::*;

use crate::at;

const S: i64 = NS_PER_S;

fn t0() -> SimInstant {
    at("2026-11-23T09:41:07+08:00")
}

fn live() -> Clock {
    let mut clock = Clock::live(t0());
    clock.set_bounds(ClockBounds {
        history_start: Some(t0().plus_ns(-NS_PER_DAY)),
        forecast_end: Some(t0().plus_ns(6 * NS_PER_HOUR)),
    });
    clock
}

fn without_forecast() -> Clock {
    let mut clock = live();
    clock.set_bounds(ClockBounds {
        forecast_end: None,
        ..clock.state().bounds
    });
    clock
}

/// Passes seconds in steps of 50 ms.
fn run(clock: &mut Clock, seconds: i64) {
    for _ in 0..seconds * 20 {
        let wall = clock.state().live_edge.plus_ns(S / 20);
        clock.tick(S / 20, wall);
    }
}

#[test]
fn live_follows_the_wall_clock() {
    let mut clock = live();
    run(&mut clock, 10);
    assert_eq!(clock.now(), t0().plus_ns(10 * S));
    // A machine that slept for an hour.
    let later = t0().plus_ns(NS_PER_HOUR);
    clock.tick(NS_PER_HOUR, later);
    assert_eq!((clock.now(), clock.state().mode), (later, ClockMode::Live));
    // Set back by one second: wait. By an hour: follow.
    clock.tick(S / 20, later.plus_ns(-S));
    assert_eq!(clock.now(), later);
    clock.tick(S / 20, t0());
    assert_eq!(clock.now(), t0());
}

#[test]
fn pausing_live_becomes_a_replay_and_play_goes_on_behind() {
    let mut clock = live();
    assert_eq!(clock.apply(ClockCommand::Pause), Outcome::Done);
    run(&mut clock, 30);
    assert_eq!((clock.now(), clock.state().mode), (t0(), ClockMode::Replay));
    clock.apply(ClockCommand::TogglePlay);
    run(&mut clock, 10);
    assert_eq!(
        clock.now(),
        t0().plus_ns(10 * S),
        "30 s behind, at the same pace"
    );
    assert_eq!(clock.state().mode, ClockMode::Replay);
}

#[test]
fn replay_at_sixty_catches_up_and_is_live() {
    let mut clock = live();
    let hour_ago = t0().plus_ns(-NS_PER_HOUR);
    assert_eq!(clock.apply(ClockCommand::Seek(hour_ago)), Outcome::Done);
    assert_eq!(
        (clock.now(), clock.state().mode, clock.state().playing),
        (hour_ago, ClockMode::Replay, true)
    );
    clock.apply(ClockCommand::SetRate(60));
    run(&mut clock, 30);
    assert_eq!(clock.now(), hour_ago.plus_ns(30 * 60 * S));
    run(&mut clock, 32);
    assert_eq!(clock.state().mode, ClockMode::Live);
    assert_eq!(
        (clock.state().rate, clock.now()),
        (1, clock.state().live_edge)
    );
}

#[test]
fn forecast_plays_to_its_end_and_stops() {
    let mut clock = live();
    clock.apply(ClockCommand::SetRate(3600));
    assert_eq!(clock.state().mode, ClockMode::Forecast);
    run(&mut clock, 3);
    assert!((clock.now().since(t0().plus_ns(3 * NS_PER_HOUR))).abs() < S);
    run(&mut clock, 10);
    assert_eq!(clock.now(), t0().plus_ns(6 * NS_PER_HOUR));
    assert!(!clock.state().playing);
    assert_eq!(
        clock.apply(ClockCommand::Play),
        Outcome::Refused(Refusal::EndOfForecast)
    );
    assert_eq!(
        clock.apply(ClockCommand::Step(S)),
        Outcome::Refused(Refusal::EndOfForecast)
    );
    clock.apply(ClockCommand::GoLive);
    assert_eq!(
        (clock.now(), clock.state().mode),
        (clock.state().live_edge, ClockMode::Live)
    );
}

#[test]
fn without_a_forecast_the_future_is_closed() {
    let mut clock = without_forecast();
    assert_eq!(
        clock.apply(ClockCommand::SetRate(60)),
        Outcome::Refused(Refusal::NoForecast)
    );
    assert_eq!(
        clock.apply(ClockCommand::Step(S)),
        Outcome::Refused(Refusal::NoForecast)
    );
    assert_eq!(clock.state().mode, ClockMode::Live);
    assert_eq!(
        clock.apply(ClockCommand::Seek(t0().plus_ns(NS_PER_HOUR))),
        Outcome::Clamped(t0())
    );
    assert!(Refusal::NoForecast.to_string().contains("no forecast"));
}

#[test]
fn bounds_of_history() {
    let mut clock = live();
    let start = t0().plus_ns(-NS_PER_DAY);
    assert_eq!(
        clock.apply(ClockCommand::Seek(SimInstant::MIN)),
        Outcome::Clamped(start)
    );
    assert_eq!(
        clock.apply(ClockCommand::Step(-S)),
        Outcome::Refused(Refusal::StartOfHistory)
    );
    assert_eq!(clock.apply(ClockCommand::Step(S)), Outcome::Done);
    assert_eq!(
        (clock.now(), clock.state().playing),
        (start.plus_ns(S), false)
    );
}

#[test]
fn rates() {
    let mut clock = live();
    clock.apply(ClockCommand::Seek(t0().plus_ns(-NS_PER_HOUR)));
    assert_eq!(
        clock.apply(ClockCommand::SetRate(0)),
        Outcome::Refused(Refusal::Rate(0))
    );
    assert_eq!(
        clock.apply(ClockCommand::SetRate(3601)),
        Outcome::Refused(Refusal::Rate(3601))
    );
    for rate in RATES.into_iter().skip(1).chain([3600]) {
        clock.apply(ClockCommand::Faster);
        assert_eq!(clock.state().rate, rate);
    }
    for rate in RATES.into_iter().rev().skip(1).chain([1]) {
        clock.apply(ClockCommand::Slower);
        assert_eq!(clock.state().rate, rate);
    }
}

#[test]
fn loops_go_round() {
    let mut clock = live();
    let range = Interval::new(
        t0().plus_ns(-NS_PER_HOUR),
        t0().plus_ns(-NS_PER_HOUR + 60 * S),
    );
    assert_eq!(clock.apply(ClockCommand::Loop(Some(range))), Outcome::Done);
    assert_eq!(clock.now(), range.start);
    let jumps = clock.state().jumps;
    run(&mut clock, 59);
    assert_eq!(
        (clock.now(), clock.state().jumps),
        (range.start.plus_ns(59 * S), jumps)
    );
    run(&mut clock, 2);
    assert_eq!(
        (clock.now(), clock.state().jumps),
        (range.start.plus_ns(S), jumps + 1)
    );
    // Faster than the loop is long.
    clock.apply(ClockCommand::SetRate(3600));
    run(&mut clock, 5);
    assert!(range.contains(clock.now()));
    // Going elsewhere ends it.
    clock.apply(ClockCommand::Seek(t0().plus_ns(-2 * NS_PER_HOUR)));
    assert_eq!(clock.state().looping, None);
    let nothing = Interval::new(t0().plus_ns(-3 * NS_PER_DAY), t0().plus_ns(-2 * NS_PER_DAY));
    assert_eq!(
        clock.apply(ClockCommand::Loop(Some(nothing))),
        Outcome::Refused(Refusal::EmptyLoop)
    );
}

#[test]
fn a_loop_up_to_now_repeats_instead_of_going_live() {
    let mut clock = without_forecast();
    let range = Interval::new(t0().plus_ns(-60 * S), t0().plus_ns(NS_PER_HOUR));
    clock.apply(ClockCommand::Loop(Some(range)));
    assert_eq!(
        clock.state().looping,
        Some(Interval {
            start: range.start,
            end: t0()
        })
    );
    run(&mut clock, 61);
    assert_eq!(
        (clock.now(), clock.state().mode),
        (range.start.plus_ns(S), ClockMode::Replay)
    );
}

#[test]
fn a_paused_forecast_becomes_the_past() {
    let mut clock = live();
    clock.apply(ClockCommand::Seek(t0().plus_ns(5 * S)));
    clock.apply(ClockCommand::Pause);
    assert_eq!(clock.state().mode, ClockMode::Forecast);
    run(&mut clock, 10);
    assert_eq!(
        (clock.now(), clock.state().mode),
        (t0().plus_ns(5 * S), ClockMode::Replay)
    );
}

#[test]
fn standing_for_pictures() {
    let clock = Clock::standing_at(at("2024-06-01T20:00:00+08:00"), t0());
    assert_eq!(
        (clock.state().mode, clock.state().playing),
        (ClockMode::Replay, false)
    );
    let mut moved = clock.clone();
    run(&mut moved, 5);
    assert_eq!(moved.now(), clock.now());
}

fn command() -> impl Strategy<Value = ClockCommand> {
    let around = -2 * NS_PER_DAY..2 * NS_PER_DAY;
    prop_oneof![
        Just(ClockCommand::Play),
        Just(ClockCommand::Pause),
        Just(ClockCommand::TogglePlay),
        (0u32..5000).prop_map(ClockCommand::SetRate),
        Just(ClockCommand::Faster),
        Just(ClockCommand::Slower),
        around.clone().prop_map(ClockCommand::Step),
        any::<i64>().prop_map(ClockCommand::Step),
        around
            .clone()
            .prop_map(|ns| ClockCommand::Seek(t0().plus_ns(ns))),
        any::<i64>().prop_map(|ns| ClockCommand::Seek(SimInstant(ns))),
        Just(ClockCommand::GoLive),
        Just(ClockCommand::Loop(None)),
        (around.clone(), around).prop_map(|(a, b)| {
            ClockCommand::Loop(Some(Interval::new(t0().plus_ns(a), t0().plus_ns(b))))
        }),
    ]
}

proptest! {
    #![proptest_config(crate::cases(1000))]

    #[test]
    fn always_consistent(
        script in prop::collection::vec((command(), 0..2 * S, 0..30u8), 1..40), forecast in any::<bool>(),
    ) {
        let mut clock = if forecast { live() } else { without_forecast() };
        for (command, dt, ticks) in script {
            let outcome = clock.apply(command);
            let after_command = clock.clone();
            for _ in 0..ticks {
                clock.tick(dt, clock.state().live_edge.plus_ns(dt));
            }
            let s = clock.state();
            match s.mode {
                ClockMode::Live => prop_assert!(s.now == s.live_edge && s.playing && s.rate == 1),
                ClockMode::Replay => prop_assert!(s.now <= s.live_edge),
                ClockMode::Forecast => {
                    prop_assert!(s.now > s.live_edge);
                    prop_assert!(s.now <= s.bounds.forecast_end.unwrap_or(s.live_edge).max(s.live_edge.plus_ns(1)));
                }
            }
            prop_assert!((1..=MAX_RATE).contains(&s.rate));
            prop_assert!(s.now >= s.bounds.history_start.unwrap());
            if let Outcome::Clamped(t) = outcome {
                prop_assert_eq!(after_command.now(), t);
            }
        }
    }

    #[test]
    fn a_replay_does_not_depend_on_the_frame_rate(rate in 1..=MAX_RATE, cuts in prop::collection::vec(1..S, 1..30)) {
        // Far enough back that no run reaches the present.
        let start = t0().plus_ns(-40 * NS_PER_DAY);
        let mut whole = Clock::live(t0());
        whole.apply(ClockCommand::Seek(start));
        whole.apply(ClockCommand::SetRate(rate));
        let mut parts = whole.clone();
        for dt in &cuts {
            whole.tick(*dt, whole.state().live_edge.plus_ns(*dt));
            let half = dt / 2;
            parts.tick(half, parts.state().live_edge.plus_ns(half));
            parts.tick(dt - half, parts.state().live_edge.plus_ns(dt - half));
        }
        prop_assert_eq!(whole.state(), parts.state());
        let total: i64 = cuts.iter().sum();
        prop_assert_eq!(whole.now(), start.plus_ns(total * i64::from(rate)));
    }
}
