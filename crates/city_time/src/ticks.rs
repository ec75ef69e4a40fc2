//! Marks of a timeline: round times of the zone's clocks, from seconds to years.

use crate::instant::{NS_PER_DAY, NS_PER_HOUR, NS_PER_S, SimInstant};
use crate::interval::Interval;
use crate::zone::Zone;

/// What a mark stands for; the greater, the more important.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TickUnit {
    /// A second.
    Second,
    /// A minute.
    Minute,
    /// An hour.
    Hour,
    /// Midnight.
    Day,
    /// The first of a month.
    Month,
    /// The first of January.
    Year,
}

/// A mark of the timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tick {
    /// When.
    pub at: SimInstant,
    /// The largest unit that starts here.
    pub unit: TickUnit,
    /// Its text in the zone: `09:41:07`, `09:41`, `11-23`, `2026-11`, `2026`.
    pub label: String,
}

/// Never more marks than this, whatever is asked for.
const MAX_TICKS: usize = 1000;

/// Spacings of the marks below a day; each divides a day.
const STEPS_S: [i64; 15] = [
    1,
    2,
    5,
    10,
    15,
    30,
    60,
    120,
    300,
    600,
    900,
    1800,
    3600,
    3 * 3600,
    6 * 3600,
];

enum Step {
    Fixed(i64),
    Days(i64),
    Months(i32),
}

fn choose_step(duration_ns: i64, at_most: usize) -> Step {
    let at_most = at_most.clamp(1, MAX_TICKS) as i64;
    let least = duration_ns / at_most;
    for s in STEPS_S {
        if s * NS_PER_S >= least {
            return Step::Fixed(s * NS_PER_S);
        }
    }
    for days in [1, 2, 7, 14] {
        if days * NS_PER_DAY >= least {
            return Step::Days(days);
        }
    }
    for months in [1, 3, 6, 12, 24, 60, 120, 240, 600, 1200] {
        if i64::from(months) * 28 * NS_PER_DAY >= least {
            return Step::Months(months);
        }
    }
    Step::Months(2400)
}

/// The spacing (nanoseconds, for months roughly) of the marks that [`ticks`] gives.
pub fn tick_step_ns(duration_ns: i64, at_most: usize) -> i64 {
    match choose_step(duration_ns, at_most) {
        Step::Fixed(ns) => ns,
        Step::Days(days) => days * NS_PER_DAY,
        Step::Months(months) => i64::from(months).saturating_mul(30 * NS_PER_DAY),
    }
}

/// Round times in an interval by the zone's clocks, in order, about `at_most` of them.
pub fn ticks(interval: Interval, zone: &Zone, at_most: usize) -> Vec<Tick> {
    let mut times = Vec::new();
    match choose_step(interval.duration_ns(), at_most) {
        Step::Fixed(step) => {
            // Count from each local midnight, so that the marks stay round over a change to summer time.
            let mut day = zone.start_of_day(interval.start);
            while day < interval.end && times.len() < MAX_TICKS {
                let next_day = next_midnight(zone, day);
                let skip = interval.start.since(day).max(0).div_euclid(step) * step;
                let mut t = day.plus_ns(skip);
                while t < next_day && t < interval.end && times.len() < MAX_TICKS {
                    times.push(t);
                    t = t.plus_ns(step);
                }
                if next_day <= day {
                    break;
                }
                day = next_day;
            }
        }
        Step::Days(days) => {
            let mut t = zone.start_of_month(interval.start);
            let mut month = zone.civil(t).month;
            while t < interval.end && times.len() < MAX_TICKS {
                times.push(t);
                let mut next = t;
                for _ in 0..days {
                    next = next_midnight(zone, next);
                    // Each month starts afresh, and its first day is always marked.
                    let c = zone.civil(next);
                    if c.month != month {
                        month = c.month;
                        break;
                    }
                }
                if next <= t {
                    break;
                }
                t = next;
            }
        }
        Step::Months(months) => {
            let first = zone.civil(interval.start);
            let mut index = i32::from(first.year) * 12 + i32::from(first.month) - 1;
            index -= index.rem_euclid(months);
            for _ in 0..MAX_TICKS {
                let (year, month) = (index.div_euclid(12), index.rem_euclid(12) + 1);
                let (Ok(year), Ok(month)) = (i16::try_from(year), i8::try_from(month)) else {
                    break;
                };
                let t = zone.instant((year, month, 1), (0, 0, 0));
                match t {
                    Ok(t) if t < interval.end => times.push(t),
                    Ok(_) => break,
                    // Before what an instant can hold, or after.
                    Err(_) if times.is_empty() && index < first.year as i32 * 12 + 12 => {}
                    Err(_) => break,
                }
                index += months;
            }
        }
    }
    times
        .into_iter()
        .filter(|t| interval.contains(*t))
        .map(|at| describe(at, zone))
        .collect()
}

fn next_midnight(zone: &Zone, midnight: SimInstant) -> SimInstant {
    // 36 hours on is always within the next day, also when this one has 23 or 25 hours.
    zone.start_of_day(midnight.plus_ns(36 * NS_PER_HOUR))
}

fn describe(at: SimInstant, zone: &Zone) -> Tick {
    let c = zone.civil(at);
    let midnight = c.hour == 0 && c.minute == 0 && c.second == 0;
    let (unit, label) = if midnight && c.month == 1 && c.day == 1 {
        (TickUnit::Year, format!("{:04}", c.year))
    } else if midnight && c.day == 1 {
        (TickUnit::Month, format!("{:04}-{:02}", c.year, c.month))
    } else if midnight {
        (TickUnit::Day, format!("{:02}-{:02}", c.month, c.day))
    } else if c.minute == 0 && c.second == 0 {
        (TickUnit::Hour, c.hh_mm())
    } else if c.second == 0 {
        (TickUnit::Minute, c.hh_mm())
    } else {
        (TickUnit::Second, c.hh_mm_ss())
    };
    Tick { at, unit, label }
}
