//! The chart of a sensor's last 24 hours: the line as the datastream declares it (step or linear), never
//! drawn across a gap, and every reading that is not good marked with its shape.

use egui::{Color32, Rangef, RichText, Ui, pos2};
use egui_plot::{
    AxisHints, GridInput, GridMark, HoverPosition, Line, Plot, PlotPoint, PlotPoints, VLine,
};

use super::Cx;
use super::format;
use super::model::{NS_PER_S, Quality, SensorModel, SeriesPoint, TimeNs, Zone};
use super::status;
use super::theme;
use super::timeline_scale::{Scale, Step, ticks};

/// What the chart shows, in seconds.
const SPAN_S: i64 = 86_400;

/// Marks are drawn one by one up to this number; beyond it only those that are not good.
const MAX_MARKS: usize = 400;

/// Draws the chart.
pub(crate) fn show(ui: &mut Ui, cx: &Cx, sensor: &SensorModel) {
    let clock = &cx.model.clock;
    let now_ns = clock.now_ns;
    let start_ns = now_ns - SPAN_S * NS_PER_S;
    let points: Vec<SeriesPoint> = sensor
        .series
        .iter()
        .filter(|p| p.time_ns >= start_ns && p.time_ns <= now_ns)
        .copied()
        .collect();
    if points.is_empty() {
        let key = if sensor.series_loading {
            "chart-loading"
        } else {
            "chart-empty"
        };
        ui.label(
            RichText::new(cx.t.get(key))
                .size(12.0)
                .color(cx.theme.quiet),
        );
        return;
    }
    // Seconds before the clock's time keep every digit that a plot's f64 needs.
    let x = |time_ns: TimeNs| (time_ns - now_ns) as f64 / NS_PER_S as f64;
    let runs = runs(&thinned(&points), sensor, now_ns);
    let (low, high) = range(&points);
    let colors = cx.theme;
    let zone = clock.zone.clone();
    let label_zone = zone.clone();
    let (unit, decimals) = (sensor.unit.clone(), sensor.decimals);
    let qualities: Vec<(f64, Quality)> = points.iter().map(|p| (x(p.time_ns), p.quality)).collect();
    let words: Vec<String> = Quality::ALL
        .iter()
        .map(|q| cx.t.get(q.key()).to_owned())
        .collect();

    let axis = |hints: AxisHints<'static>| {
        let font = theme::font(12.0);
        hints
            .label_spacing(Rangef::new(8.0, 12.0))
            .tick_label_color(colors.quiet)
            .tick_label_font(font)
    };
    let axis_zone = zone.clone();
    let x_axis = axis(AxisHints::new_x()).formatter(move |mark: GridMark, _| {
        let c = format::civil(&axis_zone, now_ns + (mark.value * NS_PER_S as f64) as i64);
        format!("{:02}:{:02}", c.hour, c.minute)
    });
    let y_axis = axis(AxisHints::new_y())
        .min_thickness(34.0)
        .formatter(|mark: GridMark, _| format::short(mark.value));
    let plot = Plot::new(("chart", sensor.id))
        .height(148.0)
        .allow_drag(false)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_double_click_reset(false)
        .allow_axis_zoom_drag(false)
        .show_background(false)
        .grid_color(colors.line)
        .set_margin_fraction(egui::vec2(0.0, 0.0))
        .default_x_bounds(-(SPAN_S as f64), 0.0)
        .default_y_bounds(low, high)
        .cursor_color(colors.quiet)
        .x_grid_spacer(move |input| time_marks(input, now_ns, &zone))
        .y_grid_spacer(|input| value_marks(input.bounds))
        .custom_x_axes(vec![x_axis])
        .custom_y_axes(vec![y_axis])
        .label_formatter(move |at: &HoverPosition<'_>| {
            let position = match at {
                HoverPosition::NearDataPoint { position, .. } => position,
                HoverPosition::Elsewhere { .. } => return None,
            };
            let time_ns = now_ns + (position.x * NS_PER_S as f64).round() as i64;
            let near = qualities.iter().min_by(|a, b| {
                (a.0 - position.x)
                    .abs()
                    .total_cmp(&(b.0 - position.x).abs())
            });
            let quality = near
                .and_then(|(_, q)| words.get(*q as usize))
                .cloned()
                .unwrap_or_default();
            let value = format::number(position.y, decimals);
            Some(format!(
                "{value} {unit}\n{}\n{quality}",
                format::date_time(&label_zone, time_ns)
            ))
        });
    let line_color = colors.accent;
    let response = plot.show(ui, |plot| {
        plot.set_plot_bounds_x(-(SPAN_S as f64)..=0.0);
        plot.set_plot_bounds_y(low..=high);
        for (index, run) in runs.into_iter().enumerate() {
            let name = format!("run {index}");
            plot.line(
                Line::new(name, PlotPoints::Owned(run))
                    .color(line_color)
                    .width(1.5),
            );
        }
        plot.vline(
            VLine::new("now", 0.0)
                .color(colors.text)
                .width(1.0)
                .allow_hover(false),
        );
    });

    let painter = ui
        .painter()
        .with_clip_rect(response.response.rect.expand(4.0));
    let bottom = response.response.rect.bottom();
    for point in marked(&points) {
        let color = mark_color(point.quality, line_color, cx);
        let at = if point.value.is_finite() {
            response
                .transform
                .position_from_point(&PlotPoint::new(x(point.time_ns), point.value))
        } else {
            // A missing reading stands on the axis.
            let at = response
                .transform
                .position_from_point(&PlotPoint::new(x(point.time_ns), low));
            pos2(at.x, bottom - 5.0)
        };
        status::mark(&painter, at, 3.5, point.quality, color, colors.panel_solid);
    }
    let summary = cx.t.fmt(
        "chart-summary",
        &[
            ("n", &points.len()),
            ("low", &format::short(low)),
            ("high", &format::short(high)),
        ],
    );
    response
        .response
        .widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Image, true, &summary));
}

/// Grid lines every six hours, at round hours of the zone.
fn time_marks(input: GridInput, now_ns: TimeNs, zone: &Zone) -> Vec<GridMark> {
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
fn value_marks((low, high): (f64, f64)) -> Vec<GridMark> {
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

fn mark_color(quality: Quality, line: Color32, cx: &Cx) -> Color32 {
    match quality {
        Quality::Good | Quality::NotEvaluated => line,
        other => status::color(other, &cx.theme),
    }
}

/// At most some 2000 readings for the line: of each stretch the first, the least, the greatest and every
/// one that is not good, so that no peak and no gap is lost.
fn thinned(points: &[SeriesPoint]) -> std::borrow::Cow<'_, [SeriesPoint]> {
    const STRETCHES: usize = 600;
    if points.len() <= STRETCHES * 3 {
        return points.into();
    }
    let mut out = Vec::with_capacity(STRETCHES * 3);
    for stretch in points.chunks(points.len().div_ceil(STRETCHES)) {
        let extreme = |sign: f64| {
            let keys = stretch
                .iter()
                .enumerate()
                .filter(|(_, p)| p.value.is_finite());
            keys.max_by(|a, b| (a.1.value * sign).total_cmp(&(b.1.value * sign)))
                .map(|(index, _)| index)
        };
        let (low, high) = (extreme(-1.0), extreme(1.0));
        let bad = |p: &SeriesPoint| !matches!(p.quality, Quality::Good | Quality::NotEvaluated);
        let kept = stretch.iter().enumerate().filter(|(index, point)| {
            *index == 0 || Some(*index) == low || Some(*index) == high || bad(point)
        });
        out.extend(kept.map(|(_, point)| *point));
    }
    out.into()
}

/// The readings that get a mark: all that are not good, and the good ones where they are few.
fn marked(points: &[SeriesPoint]) -> impl Iterator<Item = &SeriesPoint> {
    let all = points.len() <= 48;
    let bad = |q: Quality| !matches!(q, Quality::Good | Quality::NotEvaluated);
    points
        .iter()
        .filter(move |p| all || bad(p.quality))
        .take(MAX_MARKS)
}

/// Lines between readings: a new run after a missing one or a gap of more than twice the cadence; as
/// steps unless the datastream is linear. The last value is held to the clock's time while it is fresh.
fn runs(points: &[SeriesPoint], sensor: &SensorModel, now_ns: TimeNs) -> Vec<Vec<PlotPoint>> {
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
    runs
}

/// The range of values, a little wider so that no line lies on the frame.
fn range(points: &[SeriesPoint]) -> (f64, f64) {
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
    fn thinning_keeps_peaks_and_bad_readings() {
        let mut points: Vec<_> = (0..86_400)
            .map(|s| point(s, (s % 7) as f64, Quality::Good))
            .collect();
        points[40_001].value = 99.0;
        points[50_003] = point(50_003, f64::NAN, Quality::Missing);
        let thin = thinned(&points);
        assert!(thin.len() < 2500, "{}", thin.len());
        assert!(
            thin.iter().any(|p| p.value == 99.0)
                && thin.iter().any(|p| p.quality == Quality::Missing)
        );
        assert!(thin.windows(2).all(|w| w[0].time_ns < w[1].time_ns));
        assert_eq!(thinned(&points[..100]).len(), 100);
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
