//! What a chart draws of a series of readings: lines that stop at gaps, grid lines at round places, the
//! range of values, the readings worth a mark.

use egui_plot::{GridInput, GridMark, PlotPoint};

use super::model::{NS_PER_S, Quality, SensorModel, SeriesPoint, TimeNs, Zone};
use super::timeline_scale::{Scale, Step, ticks};

/// Marks are drawn one by one up to this number; beyond it only those that are not good.
const MAX_MARKS: usize = 400;

/// Grid lines every six hours, at round hours of the zone.
pub(super) fn time_marks(input: GridInput, now_ns: TimeNs, zone: &Zone) -> Vec<GridMark> {
    let scale = Scale {
        start_ns: now_ns as f64 + input.bounds.0 * NS_PER_S as f64,
        end_ns: now_ns as f64 + input.bounds.1 * NS_PER_S as f64,
        left_px: 0.0,
        right_px: 280.0,
    };
    let marks = ticks(&scale, zone, Step::Seconds(21_600)).into_iter();
    let value = |time_ns: TimeNs| (time_ns - now_ns) as f64 / NS_PER_S as f64;
    marks
        .map(|t| GridMark {
            value: value(t.time_ns),
            step_size: 21_600.0,
        })
        .collect()
}

/// Two to six grid lines at round values.
pub(super) fn value_marks((low, high): (f64, f64)) -> Vec<GridMark> {
    let finest = (high - low) / 5.0;
    if !finest.is_finite() || finest <= 0.0 {
        return Vec::new();
    }
    let power = 10f64.powf(finest.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .iter()
        .map(|f| f * power)
        .find(|s| *s >= finest)
        .unwrap_or(power);
    let first = (low / step).ceil() as i64;
    let last = (high / step).floor() as i64;
    (first..=last.min(first + 20))
        .map(|n| GridMark {
            value: n as f64 * step,
            step_size: step,
        })
        .collect()
}

/// A run with at most some 1800 points: of each stretch the first, the least and the greatest, so that no
/// peak is lost.
fn thinned(run: Vec<PlotPoint>) -> Vec<PlotPoint> {
    const STRETCHES: usize = 600;
    if run.len() <= STRETCHES * 3 {
        return run;
    }
    let mut out = Vec::with_capacity(STRETCHES * 3);
    for stretch in run.chunks(run.len().div_ceil(STRETCHES)) {
        let by_value = |a: &(usize, &PlotPoint), b: &(usize, &PlotPoint)| a.1.y.total_cmp(&b.1.y);
        let low = stretch
            .iter()
            .enumerate()
            .min_by(by_value)
            .map_or(0, |(index, _)| index);
        let high = stretch
            .iter()
            .enumerate()
            .max_by(by_value)
            .map_or(0, |(index, _)| index);
        let (first, second) = (low.min(high), low.max(high));
        out.push(stretch[0]);
        out.extend(
            [first, second]
                .into_iter()
                .filter(|index| *index > 0)
                .map(|index| stretch[index]),
        );
    }
    out
}

/// The readings that get a mark: all that are not good, and the good ones where they are few.
pub(super) fn marked(points: &[SeriesPoint]) -> impl Iterator<Item = &SeriesPoint> {
    let all = points.len() <= 48;
    let bad = |q: Quality| !matches!(q, Quality::Good | Quality::NotEvaluated);
    points
        .iter()
        .filter(move |p| all || bad(p.quality))
        .take(MAX_MARKS)
}

/// Lines between readings: a new run after a missing one or a gap of more than twice the cadence; as
/// steps unless the datastream is linear. The last value is held to the clock's time while it is fresh.
pub(super) fn runs(
    points: &[SeriesPoint],
    sensor: &SensorModel,
    now_ns: TimeNs,
) -> Vec<Vec<PlotPoint>> {
    let x = |time_ns: TimeNs| (time_ns - now_ns) as f64 / NS_PER_S as f64;
    let gap_ns = (sensor.cadence_s.max(1.0) * 2.0 * NS_PER_S as f64) as i64;
    let mut runs: Vec<Vec<PlotPoint>> = Vec::new();
    let mut last: Option<SeriesPoint> = None;
    for point in points {
        if !point.value.is_finite() || matches!(point.quality, Quality::Missing | Quality::Failed) {
            last = None;
            continue;
        }
        let joined = last.is_some_and(|l| point.time_ns - l.time_ns <= gap_ns);
        if !joined {
            runs.push(Vec::new());
        }
        let Some(run) = runs.last_mut() else { continue };
        if let (true, false, Some(l)) = (joined, sensor.linear, last) {
            run.push(PlotPoint::new(x(point.time_ns), l.value));
        }
        run.push(PlotPoint::new(x(point.time_ns), point.value));
        last = Some(*point);
    }
    if let (Some(run), Some(l), false) = (runs.last_mut(), last, sensor.linear) {
        let until = now_ns.min(l.time_ns + gap_ns);
        run.push(PlotPoint::new(x(until), l.value));
    }
    runs.into_iter().map(thinned).collect()
}

/// The range of values, a little wider so that no line lies on the frame.
pub(super) fn range(points: &[SeriesPoint]) -> (f64, f64) {
    let values = points
        .iter()
        .filter(|p| p.value.is_finite() && p.quality != Quality::Failed)
        .map(|p| p.value);
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| {
        (l.min(v), h.max(v))
    });
    if !low.is_finite() || !high.is_finite() {
        return (0.0, 1.0);
    }
    let margin = ((high - low) * 0.08).max(high.abs().max(low.abs()).max(1e-6) * 0.01);
    (low - margin, high + margin)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sensor(linear: bool) -> SensorModel {
        SensorModel {
            linear,
            cadence_s: 60.0,
            ..SensorModel::default()
        }
    }

    fn point(second: i64, value: f64, quality: Quality) -> SeriesPoint {
        SeriesPoint {
            time_ns: second * NS_PER_S,
            value,
            quality,
        }
    }

    #[test]
    fn no_line_crosses_a_gap_or_a_missing_reading() {
        let now = 1000 * NS_PER_S;
        let points = [
            point(0, 1.0, Quality::Good),
            point(60, 2.0, Quality::Good),
            point(120, f64::NAN, Quality::Missing),
            point(180, 3.0, Quality::Good),
            point(600, 4.0, Quality::Good),
        ];
        let lines = runs(&points, &sensor(true), now);
        assert_eq!(lines.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1, 1]);
    }

    #[test]
    fn steps_hold_the_value_and_stop_after_twice_the_cadence() {
        let now = 1000 * NS_PER_S;
        let points = [point(0, 1.0, Quality::Good), point(60, 2.0, Quality::Good)];
        let lines = runs(&points, &sensor(false), now);
        let flat: Vec<(f64, f64)> = lines[0].iter().map(|p| (p.x, p.y)).collect();
        assert_eq!(
            flat,
            [(-1000.0, 1.0), (-940.0, 1.0), (-940.0, 2.0), (-820.0, 2.0)]
        );
    }

    #[test]
    fn a_day_of_seconds_is_thinned_without_losing_peaks_or_gaps() {
        let now = 86_400 * NS_PER_S;
        let mut points: Vec<_> = (0..86_400)
            .map(|s| point(s, (s % 7) as f64, Quality::Good))
            .collect();
        points[40_001].value = 99.0;
        points[50_003] = point(50_003, f64::NAN, Quality::Missing);
        let sensor = SensorModel {
            cadence_s: 1.0,
            ..sensor(true)
        };
        let lines = runs(&points, &sensor, now);
        assert_eq!(lines.len(), 2, "one gap");
        assert!(lines.iter().all(|line| (2..=1802).contains(&line.len())));
        assert!(lines[0].iter().any(|p| p.y == 99.0));
        assert!(
            lines
                .iter()
                .flatten()
                .collect::<Vec<_>>()
                .windows(2)
                .all(|w| w[0].x < w[1].x)
        );
    }

    #[test]
    fn grid_lines_are_few_and_round() {
        for (low, high) in [(5.0, 78.0), (0.0, 1.0), (-3.2, 0.4), (1e6, 1.0002e6)] {
            let marks = value_marks((low, high));
            assert!((2..=6).contains(&marks.len()), "{low} to {high}: {marks:?}");
            assert!(marks.iter().all(|m| m.value >= low && m.value <= high));
        }
        assert!(value_marks((1.0, 1.0)).is_empty());
    }

    #[test]
    fn a_failed_spike_does_not_set_the_range() {
        let points = [
            point(0, 1.0, Quality::Good),
            point(1, 1e9, Quality::Failed),
            point(2, 2.0, Quality::Good),
        ];
        let (low, high) = range(&points);
        assert!(low > 0.8 && high < 2.3);
        assert_eq!(range(&[]), (0.0, 1.0));
    }
}
