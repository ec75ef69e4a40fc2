//! The clock and its zone, and what happened on the timeline.

use std::sync::Arc;

use city_time::{ClockMode, SimInstant};

use super::Sources;
use crate::clock::SimClock;
use crate::ui::model as ui;

/// Offsets are looked up a year back and a year ahead of the clock, and anew when it has gone half of that.
const ZONE_REACH_NS: i64 = 366 * 86_400 * city_time::NS_PER_S;

/// The panels' zone: the scene's, as a list of offsets by time, so that summer time is right on the timeline.
pub(super) fn refresh_zone(zone: &mut ui::Zone, clock: &SimClock) {
    let now = clock.now().0;
    let fits = zone.name == clock.zone.name()
        && zone.spans.len() > 1
        && zone
            .spans
            .first()
            .is_some_and(|span| (span.from_ns + ZONE_REACH_NS - now).abs() < ZONE_REACH_NS / 2);
    if !fits {
        *zone = ui::Zone {
            name: clock.zone.name().to_owned(),
            spans: zone_spans(&clock.zone, now),
        };
    }
}

fn zone_spans(zone: &city_time::Zone, around_ns: i64) -> Vec<ui::ZoneSpan> {
    /// No zone changes twice within this.
    const STEP_NS: i64 = 7 * 86_400 * city_time::NS_PER_S;
    let start = around_ns.saturating_sub(ZONE_REACH_NS);
    let end = around_ns.saturating_add(ZONE_REACH_NS);
    let at = |time_ns: i64| {
        let civil = zone.civil(SimInstant(time_ns));
        (civil.offset_s, civil.abbreviation)
    };
    let span = |from_ns: i64, (offset_s, label): (i32, String)| ui::ZoneSpan {
        from_ns,
        offset_s,
        label,
    };
    let mut spans = vec![span(start, at(start))];
    let mut from = start;
    while from < end {
        let to = from.saturating_add(STEP_NS);
        let (before, after) = (at(from), at(to));
        if before != after {
            // The change lies between: to the second.
            let (mut low, mut high) = (from, to);
            while high - low > city_time::NS_PER_S {
                let middle = low + (high - low) / 2;
                if at(middle) == before {
                    low = middle;
                } else {
                    high = middle;
                }
            }
            let second = high.div_euclid(city_time::NS_PER_S) * city_time::NS_PER_S;
            spans.push(span(second, after));
        }
        from = to;
    }
    // A second entry says that this list was made, even where the zone never changes.
    if spans.len() == 1 {
        spans.push(span(end, at(end)));
    }
    spans
}

/// What happened, on the timeline: warnings and errors by the time they came.
fn events(from: &Sources) -> Vec<ui::TimelineEvent> {
    from.notices
        .list()
        .iter()
        .filter(|notice| notice.severity != ui::Severity::Info)
        .map(|notice| ui::TimelineEvent {
            time_ns: notice.raised_ns,
            label: notice.text.clone(),
            severity: notice.severity,
        })
        .collect()
}

pub(super) fn clock(from: &Sources, zone: &ui::Zone) -> ui::ClockModel {
    let state = from.clock.state();
    ui::ClockModel {
        mode: match state.mode {
            ClockMode::Live => ui::ClockMode::Live,
            ClockMode::Replay => ui::ClockMode::Replay,
            ClockMode::Forecast => ui::ClockMode::Forecast,
        },
        now_ns: state.now.0,
        live_edge_ns: state.live_edge.0,
        rate: f64::from(state.rate),
        playing: state.playing,
        zone: zone.clone(),
        history_start_ns: state.bounds.history_start.map(|start| start.0),
        forecast: match (state.bounds.forecast_end, &from.clock.no_forecast) {
            (Some(end), _) => ui::Forecast::Until {
                end_ns: end.0,
                source: "simulated feed".into(),
            },
            (None, Some(reason)) => ui::Forecast::None {
                reason: reason.clone(),
            },
            (None, None) => ui::Forecast::None {
                reason: "no feed of this scene gives a forecast".into(),
            },
        },
        density: Arc::clone(&from.density.0),
        events: events(from),
        loop_range_ns: state.looping.map(|range| (range.start.0, range.end.0)),
        waiting: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summer_time_is_on_the_timeline_and_a_zone_without_it_is_not_looked_up_again() {
        let around = SimInstant::parse_rfc3339("2026-11-25T12:00:00Z").unwrap().0;
        let spans = zone_spans(&city_time::Zone::parse("Europe/Amsterdam").unwrap(), around);
        let zone = ui::Zone {
            name: "Europe/Amsterdam".into(),
            spans,
        };
        let at = |text: &str| {
            let (offset_s, label) = zone.at(SimInstant::parse_rfc3339(text).unwrap().0);
            (offset_s, label.to_owned())
        };
        // Summer time ended on 25 October 2026 at 01:00 UTC.
        assert_eq!(at("2026-10-25T00:59:59Z"), (7200, "CEST".to_owned()));
        assert_eq!(at("2026-10-25T01:00:00Z"), (3600, "CET".to_owned()));
        assert_eq!(at("2027-07-01T00:00:00Z").0, 7200);
        let fixed = zone_spans(&city_time::Zone::parse("Asia/Hong_Kong").unwrap(), around);
        assert_eq!(fixed.len(), 2);
        assert!(fixed.iter().all(|span| span.offset_s == 8 * 3600));
    }
}
