//! How the timeline looks: regions by word, pattern and colour, density, ticks, events, the live edge.

use egui::{
    Align2, Color32, CornerRadius, Rect, RichText, Shape, Stroke, StrokeKind, Ui, pos2, vec2,
};

use super::Cx;
use super::format;
use super::model::{DensityHistogram, Forecast, NS_PER_S};
use super::status::hatch_rect;
use super::theme;
use super::timeline::AXIS_PX;
use super::timeline_scale::{Scale, Step, ticks};
use super::transport::{mode_of, severity_color};

/// Draws the track.
pub(crate) fn paint(ui: &Ui, cx: &Cx, rect: Rect, scale: &Scale) {
    let (clock, colors, t) = (&cx.model.clock, &cx.theme, cx.t);
    let painter = ui.painter().with_clip_rect(rect.expand2(vec2(1.0, 4.0)));
    let band = Rect::from_min_max(
        pos2(rect.left(), rect.top() + 4.0),
        pos2(rect.right(), rect.bottom() - AXIS_PX),
    );
    let edge = scale.x(clock.live_edge_ns).clamp(rect.left(), rect.right());
    let begin = clock
        .history_start_ns
        .map_or(edge, |s| scale.x(s).clamp(rect.left(), edge));
    let end = match &clock.forecast {
        Forecast::Until { end_ns, .. } => scale.x(*end_ns).clamp(edge, rect.right()),
        Forecast::None { .. } => edge,
    };
    let part =
        |from: f32, to: f32| Rect::from_min_max(pos2(from, band.top()), pos2(to, band.bottom()));
    painter.rect_filled(band, CornerRadius::same(3), colors.field);

    // Where nothing is known: quiet hatching and a word.
    let nothing = Stroke::new(1.0, colors.line);
    for (from, to) in [(rect.left(), begin), (end, rect.right())] {
        hatch_rect(&painter, part(from, to), 9.0, nothing);
    }
    // History: solid, with the density of its readings.
    let history = part(begin, edge);
    painter.rect_filled(
        history,
        0.0,
        colors
            .replay
            .gamma_multiply(if colors.dark { 0.16 } else { 0.12 }),
    );
    density(&painter, cx, history, scale);
    // Forecast: hatched.
    let forecast = part(edge, end);
    painter.rect_filled(forecast, 0.0, colors.forecast.gamma_multiply(0.10));
    hatch_rect(
        &painter,
        forecast,
        7.0,
        Stroke::new(1.0, colors.forecast.gamma_multiply(0.42)),
    );

    // A region's words, in at most so many lines; true when there was room.
    let word = |rect: Rect, text: &str, color: Color32, rows: usize| -> bool {
        let mut job = egui::text::LayoutJob::simple(
            text.to_owned(),
            theme::font(12.0),
            color,
            rect.width() - 12.0,
        );
        job.wrap.max_rows = rows;
        let galley = painter.layout_job(job);
        let room = rect.width() > 40.0 && galley.size().x + 8.0 <= rect.width() && !galley.elided;
        if room {
            let at = pos2(rect.left() + 6.0, rect.top() + 1.0);
            let behind = Rect::from_min_size(at, galley.size()).expand2(vec2(3.0, 0.0));
            painter.rect_filled(
                behind,
                CornerRadius::same(2),
                colors.panel_solid.gamma_multiply(0.8),
            );
            painter.galley(at, galley, color);
        }
        room
    };
    word(history, t.get("timeline-history"), colors.replay, 1);
    word(
        part(rect.left(), begin),
        t.get("timeline-no-history"),
        colors.quiet,
        1,
    );
    match &clock.forecast {
        Forecast::Until { source, .. } => {
            let text = t.get("timeline-forecast");
            if source.is_empty()
                || !word(forecast, &format!("{text} · {source}"), colors.forecast, 1)
            {
                word(forecast, text, colors.forecast, 1);
            }
        }
        Forecast::None { reason } => {
            let text = t.get("timeline-no-forecast");
            let rest = part(edge, rect.right());
            if reason.is_empty() || !word(rest, &t.translate(reason), colors.quiet, 2) {
                word(rest, text, colors.quiet, 2);
            }
        }
    }
    if let Some((from, to)) = clock.loop_range_ns {
        let looped = part(
            scale.x(from).max(rect.left()),
            scale.x(to).min(rect.right()),
        );
        if looped.is_positive() {
            painter.rect_stroke(
                looped,
                CornerRadius::same(2),
                Stroke::new(1.5, colors.accent),
                StrokeKind::Inside,
            );
        }
    }
    paint_ticks(&painter, cx, rect, band, scale);
    paint_events(&painter, cx, band, scale);
    paint_edge_and_head(&painter, cx, rect, band, scale);
}

/// Readings as bars, and those of them that are bad in the colour of warnings at their foot.
fn density(painter: &egui::Painter, cx: &Cx, rect: Rect, scale: &Scale) {
    let density = &cx.model.clock.density;
    let most = density.counts.iter().copied().max().unwrap_or(0);
    if most == 0 || density.bin_ns <= 0 || !rect.is_positive() {
        return;
    }
    let color = cx.theme.replay.gamma_multiply(0.55);
    bars(painter, rect, scale, density, &density.counts, most, color);
    bars(
        painter,
        rect,
        scale,
        density,
        &density.bad,
        most,
        cx.theme.warning,
    );
}

fn bars(
    painter: &egui::Painter,
    rect: Rect,
    scale: &Scale,
    density: &DensityHistogram,
    counts: &[u32],
    most: u32,
    color: Color32,
) {
    let columns = rect.width().ceil() as usize;
    let height = rect.height() * 0.56;
    // One column for each pixel at most, whatever the number of bins: the largest bin in it.
    let mut tops = vec![0.0f32; columns + 1];
    for (index, count) in counts.iter().enumerate() {
        let from = scale.x(density.start_ns + index as i64 * density.bin_ns);
        let to = scale.x(density.start_ns + (index as i64 + 1) * density.bin_ns);
        if to < rect.left() || from > rect.right() {
            continue;
        }
        let value = *count as f32 / most as f32 * height;
        let first = (from - rect.left()).max(0.0) as usize;
        let last = ((to - rect.left()).max(0.0) as usize).min(columns);
        for top in tops
            .iter_mut()
            .take(last.max(first + 1).min(columns))
            .skip(first)
        {
            *top = top.max(value);
        }
    }
    let mut mesh = egui::Mesh::default();
    let mut column = 0;
    while column < columns {
        let value = tops[column];
        let mut next = column + 1;
        while next < columns && (tops[next] - value).abs() < 0.25 {
            next += 1;
        }
        if value > 0.0 {
            let (left, right) = (rect.left() + column as f32, rect.left() + next as f32);
            let bar = Rect::from_min_max(
                pos2(left, rect.bottom() - value),
                pos2(right, rect.bottom()),
            );
            mesh.add_colored_rect(bar.intersect(rect), color);
        }
        column = next;
    }
    painter.add(mesh);
}

fn paint_ticks(painter: &egui::Painter, cx: &Cx, rect: Rect, band: Rect, scale: &Scale) {
    let theme = &cx.theme;
    for tick in ticks(scale, &cx.model.clock.zone, Step::for_scale(scale, 72.0)) {
        let x = scale.x(tick.time_ns);
        let color = if tick.major { theme.normal } else { theme.line };
        let from = if tick.major {
            band.top()
        } else {
            band.bottom() - 4.0
        };
        painter.line_segment(
            [pos2(x, from), pos2(x, band.bottom() + 3.0)],
            Stroke::new(1.0, color),
        );
        let font = if tick.major {
            theme::strong_font(12.0)
        } else {
            theme::font(12.0)
        };
        let color = if tick.major { theme.text } else { theme.quiet };
        let half = painter
            .layout_no_wrap(tick.label.clone(), font.clone(), color)
            .size()
            .x
            * 0.5;
        let x = x.clamp(
            rect.left() + half,
            (rect.right() - half).max(rect.left() + half),
        );
        painter.text(
            pos2(x, rect.bottom() - 7.0),
            Align2::CENTER_CENTER,
            tick.label,
            font,
            color,
        );
    }
}

fn paint_events(painter: &egui::Painter, cx: &Cx, band: Rect, scale: &Scale) {
    for event in &cx.model.clock.events {
        let x = scale.x(event.time_ns);
        if x < band.left() || x > band.right() {
            continue;
        }
        let color = severity_color(event.severity, &cx.theme);
        let (y, r) = (band.bottom() - 5.0, 4.0);
        let points = vec![
            pos2(x, y - r),
            pos2(x + r, y),
            pos2(x, y + r),
            pos2(x - r, y),
        ];
        painter.add(Shape::convex_polygon(
            points,
            color,
            Stroke::new(1.0, cx.theme.ground),
        ));
    }
}

/// The live edge, a line with a flag, and the play head.
fn paint_edge_and_head(painter: &egui::Painter, cx: &Cx, rect: Rect, band: Rect, scale: &Scale) {
    let (clock, theme) = (&cx.model.clock, &cx.theme);
    let edge = scale.x(clock.live_edge_ns);
    if (rect.left()..=rect.right()).contains(&edge) {
        let line = Stroke::new(2.0, theme.live);
        painter.line_segment(
            [
                pos2(edge, band.top() - 3.0),
                pos2(edge, band.bottom() + 2.0),
            ],
            line,
        );
        let flag = vec![
            pos2(edge, band.top() - 4.0),
            pos2(edge + 9.0, band.top()),
            pos2(edge, band.top() + 4.0),
        ];
        painter.add(Shape::convex_polygon(flag, theme.live, Stroke::NONE));
    }
    let (_, color) = mode_of(clock, theme);
    let x = scale.x(clock.now_ns);
    if !(rect.left()..=rect.right()).contains(&x) {
        // Out of view: an arrow at the side where it is.
        let (tip, back) = if x < rect.left() {
            (rect.left(), 9.0)
        } else {
            (rect.right(), -9.0)
        };
        let y = band.center().y;
        let arrow = vec![
            pos2(tip, y),
            pos2(tip + back, y - 6.0),
            pos2(tip + back, y + 6.0),
        ];
        painter.add(Shape::convex_polygon(arrow, color, Stroke::NONE));
        return;
    }
    let top = band.top() - 3.0;
    painter.line_segment(
        [pos2(x, top), pos2(x, band.bottom() + 4.0)],
        Stroke::new(4.0, theme.panel_solid),
    );
    painter.line_segment(
        [pos2(x, top), pos2(x, band.bottom() + 4.0)],
        Stroke::new(2.0, theme.text),
    );
    let head = vec![
        pos2(x - 6.0, band.bottom() + 7.0),
        pos2(x + 6.0, band.bottom() + 7.0),
        pos2(x, band.bottom() - 1.0),
    ];
    painter.add(Shape::convex_polygon(
        head,
        theme.text,
        Stroke::new(1.0, theme.panel_solid),
    ));
}

/// What is under the pointer: the instant, the region, the readings.
pub(crate) fn hover(ui: &Ui, cx: &Cx, response: &egui::Response, rect: Rect, scale: &Scale) {
    let Some(at) = response.hover_pos() else {
        return;
    };
    let clock = &cx.model.clock;
    let time_ns = scale.time(at.x);
    let line = [
        pos2(at.x, rect.top() + 2.0),
        pos2(at.x, rect.bottom() - AXIS_PX),
    ];
    ui.painter()
        .line_segment(line, Stroke::new(1.0, cx.theme.quiet));
    let forecast_end = match &clock.forecast {
        Forecast::Until { end_ns, .. } => Some(*end_ns),
        Forecast::None { .. } => None,
    };
    let region = if time_ns > clock.live_edge_ns {
        match (
            &clock.forecast,
            forecast_end.is_some_and(|end| time_ns <= end),
        ) {
            (_, true) => cx.t.get("timeline-forecast").to_owned(),
            (Forecast::None { reason }, _) if !reason.is_empty() => {
                cx.t.translate(reason).into_owned()
            }
            _ => cx.t.get("timeline-no-forecast").to_owned(),
        }
    } else if clock.history_start_ns.is_some_and(|start| time_ns >= start) {
        cx.t.get("timeline-history").to_owned()
    } else {
        cx.t.get("timeline-no-history").to_owned()
    };
    let near = |e: &&super::model::TimelineEvent| (scale.x(e.time_ns) - at.x).abs() < 6.0;
    let event = clock.events.iter().find(near);
    let d = &clock.density;
    let bin = (d.bin_ns > 0 && time_ns >= d.start_ns).then(|| (time_ns - d.start_ns) / d.bin_ns);
    let of = |counts: &'_ [u32]| bin.and_then(|b| counts.get(usize::try_from(b).ok()?).copied());
    let (readings, bad) = (of(&d.counts), of(&d.bad).filter(|bad| *bad > 0));
    egui::Tooltip::always_open(
        ui.ctx().clone(),
        ui.layer_id(),
        response.id.with("tip"),
        egui::PopupAnchor::Pointer,
    )
    .gap(14.0)
    .show(|ui| {
        ui.label(
            RichText::new(format::date_time(&clock.zone, time_ns)).font(theme::strong_font(14.0)),
        );
        ui.label(RichText::new(region).size(12.0).color(cx.theme.quiet));
        if let Some(count) = readings {
            let per = format::span(cx.t, d.bin_ns as f64 / NS_PER_S as f64);
            let count = format::count(count as usize);
            let text =
                cx.t.fmt("timeline-readings", &[("n", &count), ("span", &per)]);
            ui.label(RichText::new(text).size(12.0).color(cx.theme.quiet));
        }
        if let Some(bad) = bad {
            let text =
                cx.t.fmt("timeline-bad", &[("n", &format::count(bad as usize))]);
            ui.label(RichText::new(text).size(12.0).color(cx.theme.warning));
        }
        if let Some(event) = event {
            ui.label(
                RichText::new(cx.t.translate(&event.label))
                    .size(12.0)
                    .color(severity_color(event.severity, &cx.theme)),
            );
        }
    });
}
