//! Instants and RFC 3339.

use city_time::*;
use proptest::prelude::*;

use crate::at;

#[test]
fn known_instants() {
    assert_eq!(at("1970-01-01T00:00:00Z"), SimInstant(0));
    assert_eq!(at("2026-11-23T18:30:00+08:00").unix_ms(), 1_795_429_800_000);
    assert_eq!(at("2026-11-23T18:30:00+08:00"), at("2026-11-23T10:30:00Z"));
    assert_eq!(
        at("2026-11-23t10:30:00.25z").unix_ns() % NS_PER_S,
        250_000_000
    );
    assert_eq!(at("1969-12-31T23:59:59.5-00:00").unix_ns(), -500_000_000);
    assert_eq!(at("2026-11-23 10:30:00Z"), at("2026-11-23T10:30:00Z"));
    // More digits than are counted are cut.
    assert_eq!(
        at("2026-11-23T10:30:00.1234567899999Z").unix_ns() % NS_PER_S,
        123_456_789
    );
    // A leap second is the second before.
    assert_eq!(at("2016-12-31T23:59:60Z"), at("2016-12-31T23:59:59Z"));
}

#[test]
fn texts_that_are_no_instants() {
    for (text, word) in [
        ("", "date"),
        ("yesterday", "date"),
        ("2026-11-23", "separated by T"),
        ("2026-11-23T10:30", "hours:minutes:seconds"),
        ("2026-11-23T10:30:00", "offset"),
        ("2026-11-23T10:30:00[Asia/Hong_Kong]", "offset"),
        ("2026-11-23T10:30:00+08", "offset"),
        ("2026-11-23T10:30:00.Z", "parts of a second"),
        ("2026-11-23T10:30:00,5Z", "parts of a second"),
        ("2026-13-23T10:30:00Z", "2026-13-23"),
        ("2026-02-30T10:30:00Z", "2026-02-30"),
        ("2026-11-23T25:30:00Z", "25:30"),
        ("+002026-11-23T10:30:00Z", "date"),
        ("2026-11-23T10:30:00\u{1F600}Z", "parts of a second"),
    ] {
        let message = SimInstant::parse_rfc3339(text).unwrap_err().to_string();
        assert!(message.contains(word), "{text}: {message}");
        assert!(message.contains("RFC 3339"), "{message}");
    }
    assert!(matches!(
        SimInstant::parse_rfc3339("1066-10-14T09:00:00Z"),
        Err(TimeParseError::OutOfRange { .. })
    ));
    assert!(
        SimInstant::parse_rfc3339(&"9".repeat(1_000_000))
            .unwrap_err()
            .to_string()
            .len()
            < 300
    );
}

#[test]
fn arithmetic_saturates() {
    assert_eq!(SimInstant::MAX.plus_ns(1), SimInstant::MAX);
    assert_eq!(SimInstant::MIN.since(SimInstant::MAX), i64::MIN);
    assert_eq!(SimInstant(5).plus_s(f64::NAN), SimInstant(5));
    assert_eq!(SimInstant(5).plus_s(f64::INFINITY), SimInstant::MAX);
    assert_eq!(SimInstant(-1).floor_to(NS_PER_S), SimInstant(-NS_PER_S));
    assert_eq!(SimInstant(7).floor_to(0), SimInstant(7));
    assert_eq!(SimInstant::from_unix_s(i64::MAX), SimInstant::MAX);
}

#[test]
fn spans_for_people() {
    assert_eq!(format_span(0), "0 s");
    assert_eq!(format_span(400_000_000), "0.4 s");
    assert_eq!(format_span(12 * NS_PER_S), "12 s");
    assert_eq!(format_span(3 * NS_PER_MINUTE), "3 min");
    assert_eq!(format_span(3 * NS_PER_MINUTE + 20 * NS_PER_S), "3 min 20 s");
    assert_eq!(format_span(-(2 * NS_PER_DAY + 3 * NS_PER_HOUR)), "−2 d 3 h");
    assert!(!format_span(i64::MIN).is_empty());
}

proptest! {
    #![proptest_config(crate::cases(2000))]

    #[test]
    fn text_round_trip(ns in any::<i64>(), offset_min in -14 * 60..14 * 60i32) {
        let t = SimInstant(ns);
        prop_assert_eq!(SimInstant::parse_rfc3339(&t.to_rfc3339()), Ok(t));
        let zone = Zone::fixed(offset_min * 60);
        prop_assert_eq!(SimInstant::parse_rfc3339(&zone.format_rfc3339(t)), Ok(t));
    }

    #[test]
    fn any_text_is_answered(text in ".{0,40}") {
        let _ = SimInstant::parse_rfc3339(&text);
        let _ = Zone::parse(&text);
    }

    #[test]
    fn nearly_right_texts_are_answered(mut text in "2026-11-23T10:30:00(\\.[0-9]{1,12})?(Z|[+-][0-9]{2}:[0-9]{2})",
                                       at in 0usize..25, byte in 32u8..127) {
        if at < text.len() {
            text.replace_range(at..at + 1, std::str::from_utf8(&[byte]).unwrap());
        }
        if let Ok(t) = SimInstant::parse_rfc3339(&text) {
            prop_assert_eq!(SimInstant::parse_rfc3339(&t.to_rfc3339()), Ok(t));
        }
    }
}
