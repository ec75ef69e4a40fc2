use super::*;
use proptest::prelude::*;

const CADENCE_S: f64 = 10.0;

/// Runs the tests over (seconds, value) and gives each reading's final flags.
fn run(limits: &QcLimits, readings: &[(f64, f64)]) -> Vec<Flags> {
    let mut state = QcState::default();
    let mut flags: Vec<(i64, Flags)> = Vec::new();
    for (time_s, value) in readings {
        let time_ns = (time_s * 1e9) as i64;
        let verdict = state.accept(
            limits,
            CADENCE_S,
            &Observation::new(0, time_ns, time_ns, *value),
        );
        if let Some((revised_ns, _, new)) = verdict.revised {
            let slot = flags.iter_mut().find(|(t, _)| *t == revised_ns).unwrap();
            slot.1 = new;
        }
        flags.push((time_ns, verdict.flags));
    }
    flags.into_iter().map(|(_, flags)| flags).collect()
}

fn limits() -> QcLimits {
    QcLimits {
        fail_range: Some([-40.0, 60.0]),
        suspect_range: Some([-10.0, 45.0]),
        ..QcLimits::default()
    }
}

#[test]
fn gross_range_fails_and_plausible_range_suspects() {
    let flags = run(
        &limits(),
        &[(0.0, 20.0), (10.0, 50.0), (20.0, 61.0), (30.0, -40.0)],
    );
    let quality: Vec<_> = flags.iter().map(|f| f.quality()).collect();
    assert_eq!(
        quality,
        [
            Quality::Good,
            Quality::Suspect,
            Quality::Fail,
            Quality::Suspect
        ]
    );
    assert!(flags[1].has(Mark::Range));
}

#[test]
fn a_spike_is_found_below_zero_too() {
    // The midpoint is negative: an implementation that takes its absolute value calls these good or all bad.
    let limits = QcLimits {
        spike: Some(Spike {
            suspect: 3.0,
            fail: 8.0,
        }),
        ..QcLimits::default()
    };
    let flags = run(
        &limits,
        &[
            (0.0, -5.0),
            (10.0, -5.2),
            (20.0, -9.5),
            (30.0, -5.1),
            (40.0, -5.0),
            (50.0, -20.0),
            (60.0, -5.0),
        ],
    );
    let marked: Vec<bool> = flags.iter().map(|f| f.has(Mark::Spike)).collect();
    assert_eq!(marked, [false, false, true, false, false, true, false]);
    assert_eq!(flags[2].quality(), Quality::Suspect);
    assert_eq!(flags[5].quality(), Quality::Fail);
}

#[test]
fn a_spike_is_measured_from_the_line_at_its_own_time() {
    // From 0 at 0 s to 20 at 40 s the line is at 15 after 30 s, so 30 is 15 off it; the plain midpoint of
    // QARTOD's text, 10, would be 20 off.
    let limits = QcLimits {
        spike: Some(Spike {
            suspect: 5.0,
            fail: 18.0,
        }),
        ..QcLimits::default()
    };
    let flags = run(&limits, &[(0.0, 0.0), (30.0, 18.5), (40.0, 20.0)]);
    assert_eq!(flags[1].quality(), Quality::Good);
    let flags = run(&limits, &[(0.0, 0.0), (30.0, 30.0), (40.0, 20.0)]);
    assert_eq!(flags[1].quality(), Quality::Suspect);
    let flags = run(&limits, &[(0.0, 0.0), (20.0, 30.0), (40.0, 20.0)]);
    assert_eq!(flags[1].quality(), Quality::Fail);
}

#[test]
fn a_step_is_not_a_spike() {
    let limits = QcLimits {
        spike: Some(Spike {
            suspect: 3.0,
            fail: 8.0,
        }),
        ..QcLimits::default()
    };
    let flags = run(
        &limits,
        &[(0.0, 0.0), (10.0, 0.0), (20.0, 20.0), (30.0, 20.0)],
    );
    assert!(flags.iter().all(|f| f.quality() == Quality::Good));
}

#[test]
fn rate_uses_elapsed_time_and_does_not_blame_the_recovery() {
    let limits = QcLimits {
        rate_per_s: Some(0.5),
        ..QcLimits::default()
    };
    // 10 in 10 s is too fast, 10 in 40 s is not.
    let fast = run(&limits, &[(0.0, 0.0), (10.0, 10.0), (20.0, 0.5)]);
    assert_eq!(fast[1].quality(), Quality::Suspect);
    assert_eq!(
        fast[2].quality(),
        Quality::Good,
        "the way back is judged from the last good reading"
    );
    let slow = run(&limits, &[(0.0, 0.0), (40.0, 10.0)]);
    assert_eq!(slow[1].quality(), Quality::Good);
}

#[test]
fn a_new_level_is_believed_after_three_readings() {
    let limits = QcLimits {
        rate_per_s: Some(0.1),
        ..QcLimits::default()
    };
    let flags = run(
        &limits,
        &[
            (0.0, 0.0),
            (10.0, 50.0),
            (20.0, 50.1),
            (30.0, 50.0),
            (40.0, 50.2),
        ],
    );
    let quality: Vec<_> = flags.iter().map(|f| f.quality()).collect();
    use Quality::{Good, Suspect};
    assert_eq!(quality, [Good, Suspect, Suspect, Good, Good]);
}

#[test]
fn a_flat_line_is_measured_in_seconds_not_in_readings() {
    let limits = QcLimits {
        flat_line: Some(FlatLine {
            tolerance: 0.01,
            suspect_s: 60.0,
            fail_s: 120.0,
        }),
        gap_cadences: Some(10.0),
        ..QcLimits::default()
    };
    let dense: Vec<(f64, f64)> = (0..20).map(|i| (f64::from(i), 7.0)).collect();
    assert!(
        run(&limits, &dense)
            .iter()
            .all(|f| f.quality() == Quality::Good)
    );
    let sparse = run(
        &limits,
        &[
            (0.0, 7.0),
            (40.0, 7.0),
            (80.0, 7.0),
            (120.0, 7.0),
            (130.0, 7.5),
        ],
    );
    let quality: Vec<_> = sparse.iter().map(|f| f.quality()).collect();
    assert_eq!(
        quality,
        [
            Quality::Good,
            Quality::Good,
            Quality::Suspect,
            Quality::Fail,
            Quality::Good
        ]
    );
}

#[test]
fn a_pause_is_marked_and_starts_the_tests_anew() {
    let limits = QcLimits {
        rate_per_s: Some(0.01),
        ..QcLimits::default()
    };
    let flags = run(&limits, &[(0.0, 0.0), (10.0, 0.0), (70.0, 40.0)]);
    assert!(flags[2].has(Mark::Gap));
    assert_eq!(flags[2].quality(), Quality::Good);
}

#[test]
fn missing_and_late_readings_are_marked() {
    let mut state = QcState::default();
    let missing = Observation::new(0, 0, 0, f64::NAN);
    let verdict = state.accept(&limits(), CADENCE_S, &missing);
    assert_eq!(verdict.flags.quality(), Quality::Missing);
    assert!(verdict.flags.has(Mark::Sensor));
    let late = Observation::new(0, 0, 61 * NS_PER_S, 20.0);
    let verdict = state.accept(&limits(), CADENCE_S, &late);
    assert!(verdict.flags.has(Mark::Late));
    assert_eq!(verdict.flags.quality(), Quality::Good);
}

#[test]
fn an_older_reading_does_not_disturb_the_newer_ones() {
    let limits = QcLimits {
        rate_per_s: Some(0.5),
        spike: Some(Spike {
            suspect: 3.0,
            fail: 8.0,
        }),
        ..limits()
    };
    let flags = run(
        &limits,
        &[(100.0, 20.0), (110.0, 20.5), (50.0, 44.0), (120.0, 20.0)],
    );
    assert!(flags.iter().all(|f| f.quality() == Quality::Good));
}

proptest! {
    /// Shifting every time changes nothing, and a constant within range is good without a flat-line limit.
    #[test]
    fn flags_do_not_depend_on_the_epoch(
        values in proptest::collection::vec(-30.0..50.0f64, 1..40),
        shift_s in 0..1_000_000i64,
    ) {
        let limits = QcLimits {
            rate_per_s: Some(0.7),
            spike: Some(Spike { suspect: 4.0, fail: 9.0 }),
            flat_line: Some(FlatLine { tolerance: 0.5, suspect_s: 30.0, fail_s: 60.0 }),
            ..limits()
        };
        let at = |shift: i64| -> Vec<(f64, f64)> {
            values.iter().enumerate().map(|(i, v)| ((i as i64 * 10 + shift) as f64, *v)).collect()
        };
        prop_assert_eq!(run(&limits, &at(0)), run(&limits, &at(shift_s)));
    }
}
