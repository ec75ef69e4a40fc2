//! What a viewer keeps of one layer: windows of history joined with live readings, bounded in bytes.

use crate::{
    Columns, Interpolation, Observation, Segment,
    interpolate::segment_at,
    wire::{Series, Window},
};
use std::collections::{BTreeMap, VecDeque};

/// Live readings are remembered for this long, so that none of them is lost between the answer to a window and its
/// arrival.
const REMEMBERED_NS: i64 = 60 * crate::NS_PER_S;
/// Most of them.
const MAX_REMEMBERED: usize = 100_000;
/// A forecast is drawn straight between points at most twice this far apart, in seconds.
const FORECAST_CADENCE_S: f64 = 600.0;

/// Readings of one layer's datastreams, for drawing at any instant of a covered stretch.
#[derive(Clone, Debug, Default)]
pub struct LayerHistory {
    series: BTreeMap<u32, Kept>,
    covered: Option<(i64, i64)>,
    /// The covered stretch reaches the hub's present, and live readings carry it on.
    in_touch: bool,
    /// When the forecast was made and how far it was asked for.
    forecast: Option<ForecastSpan>,
    /// Live readings of the last minute, by the hub's clock.
    recent: VecDeque<(i64, Observation)>,
}

/// When a forecast was made and how far it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForecastSpan {
    /// The hub's clock when it was made.
    pub issued_ns: i64,
    /// End of the stretch that was asked for.
    pub until_ns: i64,
}

#[derive(Clone, Debug, Default)]
struct Kept {
    readings: Columns,
    forecast: Columns,
}

impl LayerHistory {
    /// Takes in a window. One that does not touch what is there replaces it.
    ///
    /// `live_since_ns` is the hub's clock when the live socket began to carry every new reading, `None` while it
    /// does not: a window that was answered later and reaches the hub's present is carried on by live readings.
    pub fn add_window(&mut self, window: &Window, live_since_ns: Option<i64>) {
        let joins = self
            .covered
            .is_some_and(|(from, to)| window.from_ns <= to && window.to_ns >= from);
        if !joins {
            self.series.clear();
            self.in_touch = false;
            self.forecast = None;
        }
        let until = window.to_ns.min(window.now_ns);
        self.covered = Some(match self.covered {
            Some((from, to)) if joins => (from.min(window.from_ns), to.max(until)),
            _ => (window.from_ns, until),
        });
        let has_forecast = window.series.iter().any(|s| !s.forecast.is_empty());
        if has_forecast {
            self.series
                .values_mut()
                .for_each(|kept| kept.forecast = Columns::default());
            self.forecast = Some(ForecastSpan {
                issued_ns: window.now_ns,
                until_ns: window.to_ns,
            });
        }
        for Series {
            datastream,
            readings,
            forecast,
        } in &window.series
        {
            let kept = self.series.entry(*datastream).or_default();
            kept.readings.merge(readings);
            if has_forecast {
                kept.forecast = forecast.clone();
            }
        }
        let carried_on = live_since_ns.is_some_and(|since| window.now_ns >= since);
        if carried_on && window.to_ns >= window.now_ns {
            self.in_touch = true;
            // What arrived while the window was on its way.
            for (now_ns, reading) in std::mem::take(&mut self.recent) {
                self.add_reading(now_ns, &reading);
            }
        }
    }

    /// Takes in a live reading, or new flags for one that is there; `now_ns` is the hub's clock. One that belongs to
    /// no stretch that is here is only remembered for a minute.
    pub fn add_reading(&mut self, now_ns: i64, reading: &Observation) {
        let within = self.covered.is_some_and(|(from, to)| {
            reading.phenomenon_time_ns >= from && reading.phenomenon_time_ns <= to
        });
        if self.in_touch || within {
            let kept = self.series.entry(reading.datastream).or_default();
            kept.readings.insert(reading);
        }
        self.recent.push_back((now_ns, *reading));
        while self.recent.len() > MAX_REMEMBERED
            || self
                .recent
                .front()
                .is_some_and(|(heard_ns, _)| now_ns - heard_ns > REMEMBERED_NS)
        {
            self.recent.pop_front();
        }
    }

    /// Says that all readings until `now_ns`, by the hub's clock, have been taken in.
    pub fn extend_to(&mut self, now_ns: i64) {
        if self.in_touch
            && let Some((_, to)) = &mut self.covered
        {
            *to = (*to).max(now_ns);
        }
    }

    /// Says that live readings may have been missed from here on.
    pub fn lose_touch(&mut self) {
        self.in_touch = false;
    }

    /// Do live readings carry the covered stretch on?
    #[must_use]
    pub const fn in_touch(&self) -> bool {
        self.in_touch
    }

    /// The stretch of time for which all readings are here, (from, to); `None` before the first window.
    #[must_use]
    pub const fn covered(&self) -> Option<(i64, i64)> {
        self.covered
    }

    /// The forecast that is here.
    #[must_use]
    pub const fn forecast(&self) -> Option<ForecastSpan> {
        self.forecast
    }

    /// What a datastream shows at an instant. After `forecast_from_ns` the forecast answers, from its first point on;
    /// where there is none, the last reading stays and grows stale.
    #[must_use]
    pub fn segment(
        &self,
        datastream: u32,
        rule: Interpolation,
        cadence_s: f64,
        time_ns: i64,
        forecast_from_ns: i64,
    ) -> Option<Segment> {
        let kept = self.series.get(&datastream)?;
        if time_ns <= forecast_from_ns {
            return segment_at(&kept.readings, rule, cadence_s, time_ns);
        }
        // A forecast is drawn straight between its points, whatever the layer's rule for readings.
        let linear = Interpolation::Linear;
        if let Some(segment) = segment_at(&kept.forecast, linear, FORECAST_CADENCE_S, time_ns) {
            return Some(Segment {
                forecast: true,
                ..segment
            });
        }
        let mut segment = segment_at(&kept.readings, rule, cadence_s, time_ns)?;
        if let Some(first_ns) = kept.forecast.times_ns().first() {
            segment.end_ns = segment.end_ns.min(*first_ns);
            segment.end_value = segment.start_value;
        }
        Some(segment)
    }

    /// All readings of a datastream that are here.
    #[must_use]
    pub fn readings(&self, datastream: u32) -> Option<&Columns> {
        self.series.get(&datastream).map(|kept| &kept.readings)
    }

    /// Bytes held in memory.
    #[must_use]
    pub fn byte_size(&self) -> usize {
        let of = |kept: &Kept| kept.readings.byte_size() + kept.forecast.byte_size() + 64;
        let recent = self.recent.len() * size_of::<(i64, Observation)>();
        self.series.values().map(of).sum::<usize>() + recent
    }

    /// Forgets readings before an instant, but keeps the last one before it, which still holds.
    pub fn forget_before(&mut self, time_ns: i64) {
        for kept in self.series.values_mut() {
            if let Some(row) = kept.readings.at_or_before(time_ns) {
                kept.readings.drop_before(row);
            }
        }
        if let Some((from, to)) = &mut self.covered {
            *from = (*from).max(time_ns);
            *to = (*to).max(*from);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NS_PER_S;

    fn window(from_s: i64, to_s: i64, times_s: &[i64]) -> Window {
        let mut readings = Columns::default();
        for s in times_s {
            readings.insert(&Observation::new(4, s * NS_PER_S, s * NS_PER_S, *s as f64));
        }
        Window {
            layer: "x".into(),
            from_ns: from_s * NS_PER_S,
            to_ns: to_s * NS_PER_S,
            now_ns: 1000 * NS_PER_S,
            series: vec![Series {
                datastream: 4,
                readings,
                forecast: Columns::default(),
            }],
        }
    }

    fn value(history: &LayerHistory, s: i64) -> Option<f64> {
        let at = s * NS_PER_S;
        let segment = history.segment(4, Interpolation::Step, 10.0, at, i64::MAX)?;
        Some(segment.at(at).value)
    }

    #[test]
    fn windows_that_touch_are_joined_and_others_replace() {
        let mut history = LayerHistory::default();
        history.add_window(&window(100, 200, &[90, 110, 190]), None);
        history.add_window(&window(200, 300, &[190, 210]), None);
        assert_eq!(history.covered(), Some((100 * NS_PER_S, 300 * NS_PER_S)));
        assert_eq!(value(&history, 105), Some(90.0));
        assert_eq!(value(&history, 299), Some(210.0));
        history.add_window(&window(500, 600, &[490, 550]), None);
        assert_eq!(history.covered(), Some((500 * NS_PER_S, 600 * NS_PER_S)));
        assert_eq!(value(&history, 105), None);
    }

    fn live(history: &mut LayerHistory, s: i64) {
        let at = s * NS_PER_S;
        history.add_reading(at, &Observation::new(4, at, at, s as f64));
        history.extend_to(at);
    }

    #[test]
    fn live_readings_extend_and_forgetting_keeps_what_holds() {
        let mut history = LayerHistory::default();
        let until_now = Window {
            now_ns: 200 * NS_PER_S,
            ..window(100, 200, &[90, 110, 190])
        };
        history.add_window(&until_now, Some(150 * NS_PER_S));
        live(&mut history, 220);
        history.extend_to(230 * NS_PER_S);
        assert_eq!(history.covered(), Some((100 * NS_PER_S, 230 * NS_PER_S)));
        assert_eq!(value(&history, 225), Some(220.0));
        let before = history.readings(4).unwrap().len();
        history.forget_before(200 * NS_PER_S);
        assert_eq!(history.readings(4).unwrap().len(), before - 2);
        assert_eq!(value(&history, 201), Some(190.0));
    }

    #[test]
    fn a_stretch_of_the_past_is_not_carried_on_by_live_readings() {
        let mut history = LayerHistory::default();
        history.add_window(&window(100, 200, &[90, 110, 190]), Some(0));
        live(&mut history, 1001);
        assert_eq!(history.covered(), Some((100 * NS_PER_S, 200 * NS_PER_S)));
        assert_eq!(history.readings(4).unwrap().len(), 3);
        // But a late one for that stretch is taken in.
        let late = Observation::new(4, 150 * NS_PER_S, 1002 * NS_PER_S, 150.0);
        history.add_reading(1002 * NS_PER_S, &late);
        assert_eq!(value(&history, 160), Some(150.0));
    }

    #[test]
    fn a_reading_that_overtakes_its_window_is_not_lost() {
        let mut history = LayerHistory::default();
        live(&mut history, 1001);
        assert_eq!(history.covered(), None);
        history.add_window(&window(900, 1100, &[910]), Some(990 * NS_PER_S));
        assert_eq!(value(&history, 1001), Some(1001.0));
        assert!(history.in_touch());
    }

    #[test]
    fn a_window_answered_before_the_socket_was_up_is_not_carried_on() {
        let mut history = LayerHistory::default();
        history.add_window(&window(900, 1100, &[910]), Some(1001 * NS_PER_S));
        assert!(!history.in_touch());
        history.add_window(&window(900, 1100, &[910]), None);
        assert!(!history.in_touch());
        history.add_window(&window(900, 1100, &[910]), Some(1000 * NS_PER_S));
        assert!(history.in_touch());
        history.lose_touch();
        history.extend_to(2000 * NS_PER_S);
        assert_eq!(history.covered(), Some((900 * NS_PER_S, 1000 * NS_PER_S)));
    }

    #[test]
    fn the_last_reading_holds_until_the_forecast_begins_and_a_later_window_keeps_the_forecast() {
        let mut history = LayerHistory::default();
        let mut with_forecast = window(900, 5000, &[910, 990]);
        for s in [1200, 1500] {
            let point = Observation::new(4, s * NS_PER_S, 1000 * NS_PER_S, s as f64);
            with_forecast.series[0].forecast.insert(&point);
        }
        history.add_window(&with_forecast, None);
        history.add_window(&window(800, 1000, &[810, 910, 990]), None);
        let at = |s: i64| {
            let time_ns = s * NS_PER_S;
            let segment =
                history.segment(4, Interpolation::Step, 10.0, time_ns, 1000 * NS_PER_S)?;
            Some((
                segment.at(time_ns).value,
                segment.forecast,
                segment.end_ns / NS_PER_S,
            ))
        };
        assert_eq!(at(1000), Some((990.0, false, i64::MAX / NS_PER_S)));
        assert_eq!(at(1100), Some((990.0, false, 1200)));
        assert_eq!(at(1350), Some((1350.0, true, 1500)));
        assert_eq!(at(1700).map(|(v, f, _)| (v, f)), Some((1500.0, true)));
        assert_eq!(
            history.forecast().map(|span| span.until_ns),
            Some(5000 * NS_PER_S)
        );
    }
}
