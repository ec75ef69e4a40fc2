//! What a viewer keeps of one layer: windows of history joined with live readings, bounded in bytes.

use crate::{
    Columns, Interpolation, Observation, Segment,
    interpolate::segment_at,
    wire::{Series, Window},
};
use std::collections::BTreeMap;

/// Readings of one layer's datastreams, for drawing at any instant of a covered stretch.
#[derive(Clone, Debug, Default)]
pub struct LayerHistory {
    series: BTreeMap<u32, Kept>,
    covered: Option<(i64, i64)>,
}

#[derive(Clone, Debug, Default)]
struct Kept {
    readings: Columns,
    forecast: Columns,
}

impl LayerHistory {
    /// Takes in a window. One that does not touch what is there replaces it.
    pub fn add_window(&mut self, window: &Window) {
        let joins = self
            .covered
            .is_some_and(|(from, to)| window.from_ns <= to && window.to_ns >= from);
        if !joins {
            self.series.clear();
        }
        let until = window.to_ns.min(window.now_ns);
        self.covered = Some(match self.covered {
            Some((from, to)) if joins => (from.min(window.from_ns), to.max(until)),
            _ => (window.from_ns, until),
        });
        for Series {
            datastream,
            readings,
            forecast,
        } in &window.series
        {
            let kept = self.series.entry(*datastream).or_default();
            kept.readings.merge(readings);
            kept.forecast = forecast.clone();
        }
    }

    /// Takes in a live reading, or new flags for one that is there.
    pub fn add_reading(&mut self, reading: &Observation) {
        let kept = self.series.entry(reading.datastream).or_default();
        kept.readings.insert(reading);
    }

    /// Says that live readings cover the time up to `now_ns`.
    pub fn extend_to(&mut self, now_ns: i64) {
        if let Some((_, to)) = &mut self.covered {
            *to = (*to).max(now_ns);
        }
    }

    /// The stretch of time for which all readings are here, (from, to); `None` before the first window.
    #[must_use]
    pub const fn covered(&self) -> Option<(i64, i64)> {
        self.covered
    }

    /// What a datastream shows at an instant. After `forecast_from_ns` the forecast answers instead.
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
        if time_ns > forecast_from_ns {
            // A forecast is drawn straight between its points, whatever the layer's rule for readings.
            return segment_at(&kept.forecast, Interpolation::Linear, 600.0, time_ns);
        }
        segment_at(&kept.readings, rule, cadence_s, time_ns)
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
        self.series.values().map(of).sum()
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
        history.add_window(&window(100, 200, &[90, 110, 190]));
        history.add_window(&window(200, 300, &[190, 210]));
        assert_eq!(history.covered(), Some((100 * NS_PER_S, 300 * NS_PER_S)));
        assert_eq!(value(&history, 105), Some(90.0));
        assert_eq!(value(&history, 299), Some(210.0));
        history.add_window(&window(500, 600, &[490, 550]));
        assert_eq!(history.covered(), Some((500 * NS_PER_S, 600 * NS_PER_S)));
        assert_eq!(value(&history, 105), None);
    }

    #[test]
    fn live_readings_extend_and_forgetting_keeps_what_holds() {
        let mut history = LayerHistory::default();
        history.add_window(&window(100, 200, &[90, 110, 190]));
        history.add_reading(&Observation::new(4, 220 * NS_PER_S, 220 * NS_PER_S, 220.0));
        history.extend_to(230 * NS_PER_S);
        assert_eq!(value(&history, 225), Some(220.0));
        let before = history.readings(4).unwrap().len();
        history.forget_before(200 * NS_PER_S);
        assert_eq!(history.readings(4).unwrap().len(), before - 2);
        assert_eq!(value(&history, 201), Some(190.0));
    }
}
