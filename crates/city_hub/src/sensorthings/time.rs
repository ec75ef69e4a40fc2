//! Times in SensorThings: RFC 3339 in UTC, instants and intervals.

use city_time::SimInstant;

/// An instant as text, to the millisecond or, where that is not enough, to the nanosecond.
pub(super) fn text(time_ns: i64) -> String {
    SimInstant(time_ns).to_string()
}

/// An interval as text.
pub(super) fn interval_text(from_ns: i64, to_ns: i64) -> String {
    format!("{}/{}", text(from_ns), text(to_ns))
}

/// An instant, or both ends of an interval.
pub(super) fn parse(text: &str) -> Option<(i64, i64)> {
    let instant = |text: &str| text.parse::<SimInstant>().ok().map(|t| t.0);
    match text.split_once('/') {
        Some((from, to)) => Some((instant(from)?, instant(to)?)),
        None => instant(text).map(|t| (t, t)),
    }
}
