//! The arithmetic of the timeline: which instants are in view, where they are drawn, which ticks are round.

use super::format::{civil_from_days, days_from_civil};
use super::model::{NS_PER_S, TimeNs, Zone};

/// The shortest and the longest span that can be in view.
pub const MIN_SPAN_NS: f64 = 10.0 * NS_PER_S as f64;
/// Some 30 years.
pub const MAX_SPAN_NS: f64 = 30.0 * 365.25 * DAY_S as f64 * NS_PER_S as f64;

const DAY_S: i64 = 86_400;

/// A linear map from instants to pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// The instant at the left end, nanoseconds.
    pub start_ns: f64,
    /// The instant at the right end, nanoseconds.
    pub end_ns: f64,
    /// The left end, logical pixels.
    pub left_px: f32,
    /// The right end, logical pixels.
    pub right_px: f32,
}

impl Scale {
    /// Nanoseconds in view.
    pub fn span_ns(&self) -> f64 {
        self.end_ns - self.start_ns
    }

    /// Where an instant is drawn; may be outside the view.
    pub fn x(&self, time_ns: TimeNs) -> f32 {
        let part = (time_ns as f64 - self.start_ns) / self.span_ns().max(1.0);
        self.left_px + (part.clamp(-10.0, 10.0) as f32) * (self.right_px - self.left_px)
    }

    /// The instant at a place.
    pub fn time(&self, x_px: f32) -> TimeNs {
        let part = f64::from((x_px - self.left_px) / (self.right_px - self.left_px).max(1.0));
        (self.start_ns + part * self.span_ns()).round() as TimeNs
    }

    /// The view after zooming by `factor` (above 1 shows less) around a place that keeps its instant.
    pub fn zoomed(&self, factor: f64, x_px: f32) -> (f64, f64) {
        let span = (self.span_ns() / factor.max(1e-6)).clamp(MIN_SPAN_NS, MAX_SPAN_NS);
        let part = f64::from((x_px - self.left_px) / (self.right_px - self.left_px).max(1.0));
        let at = self.start_ns + part * self.span_ns();
        let start = at - part * span;
        (start, start + span)
    }
}

/// How far apart ticks are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// So many seconds, a divisor of a day.
    Seconds(i64),
    /// So many days, counted from a Monday when 7.
    Days(i64),
    /// So many months, a divisor of twelve or a multiple.
    Months(i64),
}

impl Step {
    const ALL: [Self; 25] = [
        Self::Seconds(1),
        Self::Seconds(2),
        Self::Seconds(5),
        Self::Seconds(10),
        Self::Seconds(30),
        Self::Seconds(60),
        Self::Seconds(120),
        Self::Seconds(300),
        Self::Seconds(600),
        Self::Seconds(1800),
        Self::Seconds(3600),
        Self::Seconds(7200),
        Self::Seconds(10_800),
        Self::Seconds(21_600),
        Self::Seconds(43_200),
        Self::Days(1),
        Self::Days(2),
        Self::Days(7),
        Self::Days(14),
        Self::Months(1),
        Self::Months(3),
        Self::Months(6),
        Self::Months(12),
        Self::Months(24),
        Self::Months(60),
    ];

    fn seconds(self) -> i64 {
        match self {
            Self::Seconds(s) => s,
            Self::Days(d) => d * DAY_S,
            Self::Months(m) => m * 30 * DAY_S,
        }
    }

    /// The finest step whose ticks stand at least `min_px` apart.
    pub fn for_scale(scale: &Scale, min_px: f32) -> Self {
        let px_per_s = f64::from(scale.right_px - scale.left_px)
            / (scale.span_ns() / NS_PER_S as f64).max(1e-9);
        let fits = |step: &&Self| step.seconds() as f64 * px_per_s >= f64::from(min_px);
        Self::ALL
            .iter()
            .find(fits)
            .copied()
            .unwrap_or(Self::Months(120))
    }
}

/// A tick.
#[derive(Debug, Clone, PartialEq)]
pub struct Tick {
    /// When.
    pub time_ns: TimeNs,
    /// Its label: time, or a date where a day begins.
    pub label: String,
    /// A day, month or year begins here: drawn stronger.
    pub major: bool,
}

/// The ticks in view, in the zone's civil time, at round times.
pub fn ticks(scale: &Scale, zone: &Zone, step: Step) -> Vec<Tick> {
    let (start_s, end_s) = (
        scale.start_ns / NS_PER_S as f64,
        scale.end_ns / NS_PER_S as f64,
    );
    if !(start_s.is_finite() && end_s.is_finite())
        || end_s <= start_s
        || start_s.abs() > 8e9
        || end_s.abs() > 8e9
    {
        return Vec::new();
    }
    let offset = |utc_s: i64| i64::from(zone.at(utc_s.saturating_mul(NS_PER_S)).0);
    let local = |utc_s: i64| utc_s + offset(utc_s);
    let (first, last) = (local(start_s.floor() as i64), local(end_s.ceil() as i64));
    let mut out = Vec::new();
    let mut push = |local_s: i64| {
        // The offset at the local time: guess with the offset there, then once more across a change.
        let guess = local_s - offset(local_s);
        let utc_s = local_s - offset(guess);
        let time_ns = utc_s.saturating_mul(NS_PER_S);
        if (time_ns as f64) >= scale.start_ns && (time_ns as f64) <= scale.end_ns && out.len() < 400
        {
            let (label, major) = label(local_s, step);
            out.push(Tick {
                time_ns,
                label,
                major,
            });
        }
    };
    match step {
        Step::Seconds(s) => {
            let mut at = first.div_euclid(s) * s;
            while at <= last + s {
                push(at);
                at += s;
            }
        }
        Step::Days(d) => {
            // 1970-01-05 was a Monday.
            let origin = if d % 7 == 0 { 4 } else { 0 };
            let mut day = (first.div_euclid(DAY_S) - origin).div_euclid(d) * d + origin;
            while day * DAY_S <= last + d * DAY_S {
                push(day * DAY_S);
                day += d;
            }
        }
        Step::Months(m) => {
            let (year, month, _) = civil_from_days(first.div_euclid(DAY_S));
            let mut index = (year * 12 + i64::from(month) - 1).div_euclid(m) * m;
            loop {
                let month = index.rem_euclid(12) as u32 + 1;
                let at = days_from_civil(index.div_euclid(12), month, 1) * DAY_S;
                if at > last {
                    break;
                }
                push(at);
                index += m;
            }
        }
    }
    out
}

fn label(local_s: i64, step: Step) -> (String, bool) {
    let (year, month, day) = civil_from_days(local_s.div_euclid(DAY_S));
    let s = local_s.rem_euclid(DAY_S);
    let (h, m, sec) = (s / 3600, s / 60 % 60, s % 60);
    match step {
        Step::Seconds(_) if s == 0 => (format!("{month:02}-{day:02}"), true),
        Step::Seconds(step) if step < 60 => (format!("{h:02}:{m:02}:{sec:02}"), sec == 0),
        Step::Seconds(_) => (format!("{h:02}:{m:02}"), false),
        Step::Days(_) if day == 1 && month == 1 => (format!("{year}"), true),
        Step::Days(_) => (format!("{month:02}-{day:02}"), day == 1),
        Step::Months(_) if month == 1 => (format!("{year}"), true),
        Step::Months(_) => (format!("{year}-{month:02}"), false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::model::ZoneSpan;

    const HOUR_NS: i64 = 3600 * NS_PER_S;

    fn scale(start_ns: i64, span_ns: i64) -> Scale {
        Scale {
            start_ns: start_ns as f64,
            end_ns: (start_ns + span_ns) as f64,
            left_px: 100.0,
            right_px: 900.0,
        }
    }

    #[test]
    fn places_and_instants_go_there_and_back() {
        let s = scale(1_773_452_467 * NS_PER_S, 24 * HOUR_NS);
        for x in [100.0, 333.0, 900.0] {
            assert!((s.x(s.time(x)) - x).abs() < 0.01);
        }
    }

    #[test]
    fn zooming_keeps_the_instant_under_the_pointer_and_stops_at_the_ends() {
        let s = scale(1_773_452_467 * NS_PER_S, 24 * HOUR_NS);
        let before = s.time(300.0);
        let (start_ns, end_ns) = s.zoomed(3.0, 300.0);
        let after = Scale {
            start_ns,
            end_ns,
            ..s
        };
        assert!((after.time(300.0) - before).abs() < NS_PER_S / 100);
        assert!((after.span_ns() - s.span_ns() / 3.0).abs() < 1e3);
        let (a, b) = s.zoomed(1e12, 300.0);
        assert!((b - a - MIN_SPAN_NS).abs() < 1e3);
        let (a, b) = s.zoomed(1e-12, 300.0);
        assert!(b - a <= MAX_SPAN_NS * 1.001);
    }

    #[test]
    fn ticks_are_round_in_the_zone_at_every_zoom() {
        let zone = Zone::fixed("Asia/Kolkata", 19_800, "IST");
        let mut span = 12 * NS_PER_S;
        while (span as f64) < MAX_SPAN_NS {
            let s = scale(1_773_452_467 * NS_PER_S, span);
            let step = Step::for_scale(&s, 72.0);
            let ticks = ticks(&s, &zone, step);
            assert!(
                (1..=12).contains(&ticks.len()),
                "{} ticks at {} s",
                ticks.len(),
                span / NS_PER_S
            );
            for pair in ticks.windows(2) {
                assert!(
                    s.x(pair[1].time_ns) - s.x(pair[0].time_ns) > 60.0,
                    "{step:?}"
                );
            }
            if let Step::Seconds(n) = step {
                assert!(
                    ticks
                        .iter()
                        .all(|t| (t.time_ns / NS_PER_S + 19_800) % n == 0)
                );
            }
            span = span * 3 / 2;
        }
    }

    #[test]
    fn days_begin_at_midnight_on_both_sides_of_summer_time() {
        let start = 1_774_746_000 * NS_PER_S; // 2026-03-29 01:00 UTC
        let spans = vec![
            ZoneSpan {
                from_ns: i64::MIN,
                offset_s: 3600,
                label: "CET".into(),
            },
            ZoneSpan {
                from_ns: start,
                offset_s: 7200,
                label: "CEST".into(),
            },
        ];
        let zone = Zone {
            name: "Europe/Paris".into(),
            spans,
        };
        let s = scale(start - 48 * HOUR_NS, 96 * HOUR_NS);
        let days = ticks(&s, &zone, Step::Days(1));
        let hours: Vec<i64> = days
            .windows(2)
            .map(|w| (w[1].time_ns - w[0].time_ns) / HOUR_NS)
            .collect();
        assert_eq!(hours, [24, 23, 24]);
        assert_eq!(days[0].label, "03-28");
    }

    #[test]
    fn absurd_views_give_no_ticks() {
        let mut s = scale(0, HOUR_NS);
        s.end_ns = f64::NAN;
        assert!(ticks(&s, &Zone::default(), Step::Seconds(60)).is_empty());
        s.end_ns = 1e30;
        assert!(ticks(&s, &Zone::default(), Step::Months(12)).is_empty());
    }
}
