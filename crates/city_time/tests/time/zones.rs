//! Time zones and the timeline's marks.

use city_time::*;
use proptest::prelude::*;

use crate::at;

#[test]
fn hong_kong_and_amsterdam() {
    let hk = Zone::parse("Asia/Hong_Kong").unwrap();
    let t = at("2026-11-23T10:30:07Z");
    let c = hk.civil(t);
    assert_eq!(
        (c.date().as_str(), c.hh_mm_ss().as_str(), c.weekday),
        ("2026-11-23", "18:30:07", 1)
    );
    assert_eq!((c.offset_s, c.abbreviation.as_str()), (8 * 3600, "HKT"));
    assert!((c.hour_of_day() - 18.501_944).abs() < 1e-5);
    assert_eq!(hk.format_rfc3339(t), "2026-11-23T18:30:07+08:00");
    let ams = Zone::parse("europe/amsterdam").unwrap();
    assert_eq!(ams.name(), "Europe/Amsterdam");
    assert_eq!(ams.civil(at("2026-07-01T12:00:00Z")).abbreviation, "CEST");
    assert_eq!(ams.civil(at("2026-12-01T12:00:00Z")).offset_s, 3600);
}

#[test]
fn days_of_23_and_25_hours() {
    let ams = Zone::parse("Europe/Amsterdam").unwrap();
    let spring = ams.start_of_day(at("2026-03-29T12:00:00Z"));
    let after = ams.start_of_day(at("2026-03-30T12:00:00Z"));
    assert_eq!(after.since(spring), 23 * NS_PER_HOUR);
    // Twice two o'clock: the first. A time in the gap moves on by the gap.
    assert_eq!(
        ams.instant((2026, 10, 25), (2, 30, 0)),
        Ok(at("2026-10-25T02:30:00+02:00"))
    );
    assert_eq!(
        ams.instant((2026, 3, 29), (2, 30, 0)),
        Ok(at("2026-03-29T03:30:00+02:00"))
    );
    assert!(
        ams.instant((2026, 2, 30), (2, 30, 0))
            .unwrap_err()
            .to_string()
            .contains("2026-02-30")
    );
}

#[test]
fn offsets_and_unknown_names() {
    assert_eq!(
        Zone::parse("+08:00").unwrap().civil(SimInstant(0)).hh_mm(),
        "08:00"
    );
    assert_eq!(
        Zone::parse("-03:30").unwrap().civil(SimInstant(0)).hh_mm(),
        "20:30"
    );
    assert_eq!(Zone::parse("UTC").unwrap().civil(SimInstant(0)).offset_s, 0);
    let message = Zone::parse("Asia/Hongkong").unwrap_err().to_string();
    assert!(
        message.contains("Asia/Hongkong") && message.contains("\"Asia/Hong_Kong\""),
        "{message}"
    );
    for bad in [
        "",
        "+8:00",
        "+08:60",
        "+24:00",
        "../../etc/passwd",
        "+é0:00",
    ] {
        assert!(Zone::parse(bad).is_err(), "{bad}");
    }
    assert!(
        Zone::parse(&"x".repeat(1_000_000))
            .unwrap_err()
            .to_string()
            .len()
            < 300
    );
}

#[test]
fn marks_are_round_and_labelled() {
    let hk = Zone::parse("Asia/Hong_Kong").unwrap();
    let day = Interval::new(
        at("2026-11-23T00:00:00+08:00"),
        at("2026-11-24T00:00:00+08:00"),
    );
    let marks = ticks(day, &hk, 10);
    let labels: Vec<&str> = marks.iter().map(|m| m.label.as_str()).collect();
    assert_eq!(
        labels,
        [
            "11-23", "03:00", "06:00", "09:00", "12:00", "15:00", "18:00", "21:00"
        ]
    );
    assert_eq!(
        (marks[0].unit, marks[1].unit),
        (TickUnit::Day, TickUnit::Hour)
    );

    let seconds = Interval::new(
        at("2026-11-23T09:41:07+08:00"),
        at("2026-11-23T09:41:22+08:00"),
    );
    let labels: Vec<String> = ticks(seconds, &hk, 5)
        .into_iter()
        .map(|m| m.label)
        .collect();
    assert_eq!(labels, ["09:41:10", "09:41:15", "09:41:20"]);

    let years = Interval::new(
        at("2019-05-01T00:00:00+08:00"),
        at("2026-05-01T00:00:00+08:00"),
    );
    let labels: Vec<String> = ticks(years, &hk, 8).into_iter().map(|m| m.label).collect();
    assert_eq!(
        labels,
        ["2020", "2021", "2022", "2023", "2024", "2025", "2026"]
    );

    let months = Interval::new(
        at("2026-01-15T00:00:00+08:00"),
        at("2026-04-15T00:00:00+08:00"),
    );
    let labels: Vec<String> = ticks(months, &hk, 4).into_iter().map(|m| m.label).collect();
    assert_eq!(labels, ["2026-02", "2026-03", "2026-04"]);
}

#[test]
fn marks_stay_round_over_the_change_of_summer_time() {
    let ams = Zone::parse("Europe/Amsterdam").unwrap();
    let days = Interval::new(
        at("2026-03-28T00:00:00+01:00"),
        at("2026-03-31T00:00:00+02:00"),
    );
    for mark in ticks(days, &ams, 14) {
        let c = ams.civil(mark.at);
        assert_eq!((c.minute, c.second), (0, 0));
    }
    let midnights = ticks(days, &ams, 14)
        .iter()
        .filter(|m| m.unit >= TickUnit::Day)
        .count();
    assert_eq!(midnights, 3);
}

#[test]
fn extreme_intervals_are_answered() {
    let zone = Zone::utc();
    for interval in [
        Interval {
            start: SimInstant::MIN,
            end: SimInstant::MAX,
        },
        Interval {
            start: SimInstant(0),
            end: SimInstant(0),
        },
        Interval {
            start: SimInstant(5),
            end: SimInstant(-5),
        },
        Interval::new(SimInstant::MAX.plus_ns(-NS_PER_DAY), SimInstant::MAX),
        Interval::new(SimInstant::MIN, SimInstant::MIN.plus_ns(NS_PER_DAY)),
    ] {
        for at_most in [0, 1, 10, usize::MAX] {
            let marks = ticks(interval, &zone, at_most);
            assert!(marks.len() <= 1000);
            assert!(marks.iter().all(|m| interval.contains(m.at)));
        }
    }
}

proptest! {
    #![proptest_config(crate::cases(300))]

    #[test]
    fn marks_are_in_order_and_about_as_many(
        start in -2_000_000_000_000_000_000..4_000_000_000_000_000_000i64, log_ns in 9.5..18.3f64, at_most in 3..30usize,
    ) {
        let interval = Interval::new(SimInstant(start), SimInstant(start).plus_ns(10f64.powf(log_ns) as i64));
        let zone = Zone::parse("Europe/Amsterdam").unwrap();
        let marks = ticks(interval, &zone, at_most);
        prop_assert!(marks.windows(2).all(|w| w[0].at < w[1].at));
        // Months start afresh, so weeks give one or two more.
        prop_assert!(marks.len() <= at_most * 2 + 2, "{} for {at_most}", marks.len());
        prop_assert!(marks.iter().all(|m| interval.contains(m.at)));
        prop_assert!(tick_step_ns(interval.duration_ns(), at_most) > 0);
    }
}
