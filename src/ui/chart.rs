//! The chart of a sensor's last 24 hours: the line as the datastream declares it (step or linear), never
//! drawn across a gap, and every reading that is not good marked with its shape.

use egui::{Color32, Rangef, RichText, Ui, pos2};
use egui_plot::{AxisHints, GridMark, HoverPosition, Line, Plot, PlotPoint, PlotPoints, VLine};

use super::Cx;
use super::chart_lines::{marked, range, runs, time_marks, value_marks};
use super::format;
use super::model::{NS_PER_S, Quality, SensorModel, SeriesPoint, TimeNs};
use super::status;
use super::theme;

/// What the chart shows, in seconds.
const SPAN_S: i64 = 86_400;

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
    let runs = runs(&points, sensor, now_ns);
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

fn mark_color(quality: Quality, line: Color32, cx: &Cx) -> Color32 {
    match quality {
        Quality::Good | Quality::NotEvaluated => line,
        other => status::color(other, &cx.theme),
    }
}
