//! The timeline: where the clock stands, what there is before and after it, and how to move it.
//!
//! A glance tells live from replay from forecast: by word, colour and pattern. Scroll zooms around the
//! pointer from seconds to years, shift and scroll or a drag with the right button pans, a drag or click
//! seeks, a double click shows the last day again.

use egui::{Align2, Color32, CornerRadius, Panel, Rect, RichText, Sense, Shape, Stroke, StrokeKind, Ui, Vec2, pos2, vec2};

use super::Cx;
use super::command::{ClockCommand, UiCommand};
use super::format;
use super::icons::Icon;
use super::model::{ClockMode, ClockModel, Forecast, NS_PER_S, Severity, TimeNs};
use super::status::hatch_rect;
use super::theme::{self, Tokens};
use super::timeline_scale::{Scale, Step, ticks};
use super::widgets;

/// The rates that the menu and the keys step through.
pub(crate) const RATES: [f64; 7] = [1.0, 5.0, 10.0, 60.0, 300.0, 900.0, 3600.0];

/// How near to the live edge, in pixels, a drag ends live.
const LIVE_SNAP_PX: f32 = 6.0;

/// Where the timeline is zoomed to.
#[derive(Debug, Default)]
pub(crate) struct TimelineState {
    /// The view, nanoseconds; `None` shows the last day and the forecast.
    view: Option<(f64, f64)>,
    /// The clock in the last frame, to slide the view with it.
    last_now: Option<TimeNs>,
}

/// Shows the panel at the lower edge.
pub(crate) fn show(root: &mut Ui, cx: &mut Cx) {
    let height = if cx.narrow { 104.0 } else { theme::TIMELINE_HEIGHT };
    let frame = cx.theme.panel_frame().inner_margin(egui::Margin::symmetric(12, 4));
    let panel = Panel::bottom("timeline").exact_size(height).resizable(false).show_separator_line(false).frame(frame);
    let response = panel.show(root, |ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        if cx.narrow {
            ui.horizontal(|ui| {
                ui.set_height(40.0);
                clock_face(ui, cx);
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| controls(ui, cx, true));
            });
            track(ui, cx);
        } else {
            ui.horizontal_centered(|ui| {
                clock_face(ui, cx);
                ui.add_space(8.0);
                controls(ui, cx, false);
                ui.add_space(8.0);
                track(ui, cx);
            });
        }
    });
    cx.covered.push(response.response.rect);
}

/// The key of a mode's word and its colour.
pub(crate) fn mode_of(clock: &ClockModel, theme: &Tokens) -> (&'static str, Color32) {
    match clock.mode {
        ClockMode::Live => ("mode-live", theme.live),
        ClockMode::Replay => ("mode-replay", theme.replay),
        ClockMode::Forecast => ("mode-forecast", theme.forecast),
    }
}

/// The mode's badge: its word on its colour and pattern. Live is solid, replay outlined, forecast hatched.
pub(crate) fn mode_badge(ui: &mut Ui, cx: &Cx, size: f32) -> egui::Response {
    let (key, color) = mode_of(&cx.model.clock, &cx.theme);
    let word = cx.t.get(key);
    let mode = cx.model.clock.mode;
    let ink = if mode == ClockMode::Live { cx.theme.ground } else { color };
    let ink = if mode == ClockMode::Live && !cx.theme.dark { Color32::WHITE } else { ink };
    let galley = ui.painter().layout_no_wrap(word.to_owned(), theme::strong_font(size), ink);
    let (rect, response) = ui.allocate_exact_size(galley.size() + vec2(size * 1.1, size * 0.35), Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Label, true, word));
    let radius = CornerRadius::same(4);
    match mode {
        ClockMode::Live => {
            ui.painter().rect_filled(rect, radius, color);
        }
        ClockMode::Replay => {
            ui.painter().rect_stroke(rect, radius, Stroke::new(1.5, color), StrokeKind::Inside);
        }
        ClockMode::Forecast => {
            hatch_rect(ui.painter(), rect.shrink(1.0), 6.0, Stroke::new(1.5, color.gamma_multiply(0.35)));
            ui.painter().rect_stroke(rect, radius, Stroke::new(1.5, color), StrokeKind::Inside);
        }
    }
    ui.painter().galley(rect.center() - galley.size() * 0.5, galley, ink);
    response
}

/// Mode, time and date with the zone.
fn clock_face(ui: &mut Ui, cx: &mut Cx) {
    let clock = &cx.model.clock;
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 1.0;
        ui.set_width(172.0);
        if !cx.narrow {
            ui.add_space(7.0);
        }
        ui.horizontal(|ui| {
            ui.spacing_mut().interact_size.y = 24.0;
            let time = RichText::new(format::time_of_day(&clock.zone, clock.now_ns)).font(theme::strong_font(22.0));
            ui.label(time.color(cx.theme.text));
            mode_badge(ui, cx, 12.0);
        });
        let mut line =
            format!("{} {}", format::date(&clock.zone, clock.now_ns), clock.zone.at(clock.now_ns).1);
        if clock.waiting {
            line = format!("{line} · {}", cx.t.get("clock-waiting"));
        } else if clock.mode != ClockMode::Live {
            let behind = (clock.live_edge_ns - clock.now_ns) as f64 / NS_PER_S as f64;
            line = format!("{line} · {}", format::age(cx.t, behind));
        }
        let label = ui.label(RichText::new(line).size(12.0).color(cx.theme.quiet));
        label.on_hover_text(&clock.zone.name);
    });
}

/// Step, play, rate, live. `mirrored` when the row is laid out from the right.
fn controls(ui: &mut Ui, cx: &mut Cx, mirrored: bool) {
    let mut parts: [fn(&mut Ui, &mut Cx); 5] = [step_back, play, step_forward, rate, live];
    if mirrored {
        parts.reverse();
    }
    ui.spacing_mut().item_spacing.x = 2.0;
    for part in parts {
        part(ui, cx);
    }
}

/// How far a step goes: a 60th of what is in view, at least a second, at a round number.
pub(crate) fn step_ns(cx: &Cx) -> i64 {
    let (start, end) = view(cx.state.timeline.view, &cx.model.clock);
    let wish_s = (end - start) / NS_PER_S as f64 / 96.0;
    let steps = [1, 5, 10, 30, 60, 300, 600, 900, 3600, 21_600, 86_400, 604_800];
    let best = steps.iter().min_by(|a, b| (**a as f64 - wish_s).abs().total_cmp(&(**b as f64 - wish_s).abs()));
    best.copied().unwrap_or(60) * NS_PER_S
}

fn step_back(ui: &mut Ui, cx: &mut Cx) {
    let span = format::span(cx.t, step_ns(cx) as f64 / NS_PER_S as f64);
    let label = format!("{} ( , )", cx.t.fmt("clock-step-back", &[("span", &span)]));
    if widgets::icon_button(ui, &cx.theme, Icon::StepBack, &label, false).clicked() {
        cx.emit(UiCommand::Clock(ClockCommand::Step(-step_ns(cx))));
    }
}

fn step_forward(ui: &mut Ui, cx: &mut Cx) {
    let span = format::span(cx.t, step_ns(cx) as f64 / NS_PER_S as f64);
    let label = format!("{} ( . )", cx.t.fmt("clock-step-forward", &[("span", &span)]));
    if widgets::icon_button(ui, &cx.theme, Icon::StepForward, &label, false).clicked() {
        cx.emit(UiCommand::Clock(ClockCommand::Step(step_ns(cx))));
    }
}

fn play(ui: &mut Ui, cx: &mut Cx) {
    let (icon, key, command) = if cx.model.clock.playing {
        (Icon::Pause, "clock-pause", ClockCommand::Pause)
    } else {
        (Icon::Play, "clock-play", ClockCommand::Play)
    };
    let label = cx.t.get(key);
    if widgets::icon_button_sized(ui, &cx.theme, icon, label, false, 34.0).clicked() {
        cx.emit(UiCommand::Clock(command));
    }
}

fn rate(ui: &mut Ui, cx: &mut Cx) {
    let text = format!("{}×", format::short(cx.model.clock.rate));
    let color = if cx.model.clock.rate > 1.0 { cx.theme.text } else { cx.theme.quiet };
    let response = egui::ComboBox::from_id_salt("rate")
        .width(64.0)
        .selected_text(RichText::new(text).color(color))
        .show_ui(ui, |ui| {
            for rate in RATES {
                let selected = (cx.model.clock.rate - rate).abs() < 1e-9;
                if ui.selectable_label(selected, format!("{}×", format::short(rate))).clicked() {
                    cx.emit(UiCommand::Clock(ClockCommand::SetRate(rate)));
                }
            }
        });
    let label = cx.t.get("clock-rate");
    response.response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::ComboBox, true, label));
    response.response.on_hover_text(label);
}

fn live(ui: &mut Ui, cx: &mut Cx) {
    let live = cx.model.clock.mode == ClockMode::Live;
    let text = RichText::new(cx.t.get("clock-go-live")).font(theme::strong_font(12.0));
    let color = if live { cx.theme.quiet } else { cx.theme.live };
    let button = egui::Button::new(text.color(color)).min_size(vec2(44.0, 28.0));
    let response = ui.add_enabled(!live, button);
    if response.clicked() {
        cx.emit(UiCommand::Clock(ClockCommand::GoLive));
        cx.state.timeline.view = None;
    }
    response.on_hover_text(format!("{} (G)", cx.t.get("clock-go-live-hint")));
}

/// The view in nanoseconds: the user's, or the last day with the forecast.
fn view(wanted: Option<(f64, f64)>, clock: &ClockModel) -> (f64, f64) {
    if let Some(view) = wanted {
        return view;
    }
    const HOUR: f64 = 3600.0 * NS_PER_S as f64;
    let live = clock.live_edge_ns as f64;
    let ahead = match &clock.forecast {
        Forecast::Until { end_ns, .. } => (*end_ns as f64 - live).clamp(HOUR, 24.0 * HOUR) + 0.5 * HOUR,
        Forecast::None { .. } => 3.0 * HOUR,
    };
    let now = clock.now_ns as f64;
    (live.min(now + HOUR) - 24.0 * HOUR, (live + ahead).max(now + HOUR))
}

/// Slides the user's view with the clock: in step with it when live, by a page when it runs out of view.
fn follow(state: &mut TimelineState, clock: &ClockModel) {
    let last = state.last_now.replace(clock.now_ns);
    let (Some((start, end)), Some(last)) = (state.view, last) else { return };
    let (now, span) = (clock.now_ns as f64, end - start);
    let was_in_view = (start..=end).contains(&(last as f64));
    if clock.mode == ClockMode::Live && was_in_view {
        let delta = now - last as f64;
        state.view = Some((start + delta, end + delta));
    } else if clock.playing && was_in_view && !(start..=end).contains(&now) {
        let start = now - span * 0.15;
        state.view = Some((start, start + span));
    }
}

/// The track itself.
fn track(ui: &mut Ui, cx: &mut Cx) {
    let clock = &cx.model.clock;
    follow(&mut cx.state.timeline, clock);
    let size = Vec2::new(ui.available_width().max(80.0), if cx.narrow { 52.0 } else { ui.available_height() - 6.0 });
    let (rect, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
    let (start_ns, end_ns) = view(cx.state.timeline.view, clock);
    let scale = Scale { start_ns, end_ns, left_px: rect.left(), right_px: rect.right() };
    let when = format::date_time(&clock.zone, clock.now_ns);
    let name = cx.t.fmt("timeline-name", &[("time", &when)]);
    response.widget_info(|| egui::WidgetInfo::slider(true, clock.now_ns as f64 / NS_PER_S as f64, &name));

    hands(ui, cx, &response, &scale);
    if ui.is_rect_visible(rect) {
        paint(ui, cx, rect, &scale);
        widgets::focus_ring(ui, &response, &cx.theme);
    }
    hover(ui, cx, &response, rect, &scale);
}

/// Scroll, drag, click.
fn hands(ui: &Ui, cx: &mut Cx, response: &egui::Response, scale: &Scale) {
    if response.hovered() {
        let (scroll, zoom, shift) =
            ui.ctx().input(|i| (i.smooth_scroll_delta(), i.zoom_delta(), i.modifiers.shift));
        let pan = if shift { scroll.x + scroll.y } else { scroll.x };
        let factor = f64::from(zoom) * if shift { 1.0 } else { (f64::from(scroll.y) * 0.006).exp() };
        if (factor - 1.0).abs() > 1e-6 {
            let x = response.hover_pos().map_or(scale.right_px, |p| p.x);
            cx.state.timeline.view = Some(scale.zoomed(factor, x));
        } else if pan.abs() > 0.01 {
            pan_by(cx, scale, pan);
        }
    }
    let panning = response.dragged_by(egui::PointerButton::Secondary)
        || response.dragged_by(egui::PointerButton::Middle);
    if panning {
        pan_by(cx, scale, response.drag_delta().x);
    }
    if response.double_clicked() {
        cx.state.timeline.view = None;
        return;
    }
    let seeking = response.dragged_by(egui::PointerButton::Primary) || response.clicked();
    let released = response.drag_stopped_by(egui::PointerButton::Primary) || response.clicked();
    if let (true, Some(at)) = (seeking || released, response.interact_pointer_pos()) {
        let clock = &cx.model.clock;
        let near_live = (scale.x(clock.live_edge_ns) - at.x).abs() <= LIVE_SNAP_PX;
        let moved = response.drag_delta().x.abs() > 0.0 || released;
        if released && near_live {
            cx.emit(UiCommand::Clock(ClockCommand::GoLive));
        } else if moved {
            let time_ns = clamp_to_known(clock, scale.time(at.x));
            cx.emit(UiCommand::Clock(ClockCommand::Seek(time_ns)));
        }
    }
}

fn pan_by(cx: &mut Cx, scale: &Scale, px: f32) {
    let ns = f64::from(px) * scale.span_ns() / f64::from((scale.right_px - scale.left_px).max(1.0));
    cx.state.timeline.view = Some((scale.start_ns - ns, scale.end_ns - ns));
}

/// No further back than the history, no further ahead than the forecast.
pub(crate) fn clamp_to_known(clock: &ClockModel, time_ns: TimeNs) -> TimeNs {
    let end = match &clock.forecast {
        Forecast::Until { end_ns, .. } => (*end_ns).max(clock.live_edge_ns),
        Forecast::None { .. } => clock.live_edge_ns,
    };
    let start = clock.history_start_ns.unwrap_or(clock.live_edge_ns).min(end);
    time_ns.clamp(start, end)
}

fn paint(ui: &Ui, cx: &Cx, rect: Rect, scale: &Scale) {
    let (clock, theme, t) = (&cx.model.clock, &cx.theme, cx.t);
    let painter = ui.painter().with_clip_rect(rect.expand2(vec2(1.0, 4.0)));
    let band = Rect::from_min_max(pos2(rect.left(), rect.top() + 4.0), pos2(rect.right(), rect.bottom() - 17.0));
    let edge = scale.x(clock.live_edge_ns).clamp(rect.left(), rect.right());
    let begin = clock.history_start_ns.map_or(edge, |s| scale.x(s).clamp(rect.left(), edge));
    let end = match &clock.forecast {
        Forecast::Until { end_ns, .. } => scale.x(*end_ns).clamp(edge, rect.right()),
        Forecast::None { .. } => edge,
    };
    let part = |from: f32, to: f32| Rect::from_min_max(pos2(from, band.top()), pos2(to, band.bottom()));
    painter.rect_filled(band, CornerRadius::same(3), theme.field);

    // Where nothing is known: quiet hatching and a word.
    let nothing = Stroke::new(1.0, theme.line);
    for (from, to) in [(rect.left(), begin), (end, rect.right())] {
        hatch_rect(&painter, part(from, to), 9.0, nothing);
    }
    // History: solid, with the density of its readings.
    let history = part(begin, edge);
    painter.rect_filled(history, 0.0, theme.replay.gamma_multiply(if theme.dark { 0.16 } else { 0.12 }));
    density(&painter, cx, history, scale);
    // Forecast: hatched.
    let forecast = part(edge, end);
    painter.rect_filled(forecast, 0.0, theme.forecast.gamma_multiply(0.10));
    hatch_rect(&painter, forecast, 7.0, Stroke::new(1.0, theme.forecast.gamma_multiply(0.42)));

    let word = |rect: Rect, text: &str, color: Color32| {
        let galley = painter.layout_no_wrap(text.to_owned(), theme::font(12.0), color);
        if galley.size().x + 12.0 <= rect.width() {
            let at = pos2(rect.left() + 6.0, rect.top() + 2.0);
            let behind = Rect::from_min_size(at, galley.size()).expand2(vec2(3.0, 0.0));
            painter.rect_filled(behind, CornerRadius::same(2), theme.panel_solid.gamma_multiply(0.8));
            painter.galley(at, galley, color);
        }
    };
    word(history, t.get("timeline-history"), theme.replay);
    word(part(rect.left(), begin), t.get("timeline-no-history"), theme.quiet);
    match &clock.forecast {
        Forecast::Until { source, .. } => {
            let text = t.get("timeline-forecast");
            let text = if source.is_empty() { text.to_owned() } else { format!("{text} · {source}") };
            word(forecast, &text, theme.forecast);
        }
        Forecast::None { reason } => {
            let text = if reason.is_empty() { t.get("timeline-no-forecast") } else { reason.as_str() };
            word(part(edge, rect.right()), text, theme.quiet);
        }
    }
    if let Some((from, to)) = clock.loop_range_ns {
        let looped = part(scale.x(from).max(rect.left()), scale.x(to).min(rect.right()));
        if looped.is_positive() {
            painter.rect_stroke(looped, CornerRadius::same(2), Stroke::new(1.5, theme.accent), StrokeKind::Inside);
        }
    }
    paint_ticks(&painter, cx, rect, band, scale);
    paint_events(&painter, cx, band, scale);
    paint_edge_and_head(&painter, cx, rect, band, scale);
}

fn density(painter: &egui::Painter, cx: &Cx, rect: Rect, scale: &Scale) {
    let density = &cx.model.clock.density;
    let most = density.counts.iter().copied().max().unwrap_or(0);
    if most == 0 || density.bin_ns <= 0 || !rect.is_positive() {
        return;
    }
    let columns = rect.width().ceil() as usize;
    let color = cx.theme.replay.gamma_multiply(0.55);
    let height = rect.height() * 0.62;
    // One column for each pixel at most, whatever the number of bins: the largest bin in it.
    let mut tops = vec![0.0f32; columns + 1];
    for (index, count) in density.counts.iter().enumerate() {
        let from = scale.x(density.start_ns + index as i64 * density.bin_ns);
        let to = scale.x(density.start_ns + (index as i64 + 1) * density.bin_ns);
        if to < rect.left() || from > rect.right() {
            continue;
        }
        let value = (*count as f32 / most as f32).sqrt() * height;
        let first = (from - rect.left()).max(0.0) as usize;
        let last = ((to - rect.left()).max(0.0) as usize).min(columns);
        for top in tops.iter_mut().take(last.max(first + 1).min(columns)).skip(first) {
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
            let bar = Rect::from_min_max(pos2(left, rect.bottom() - value), pos2(right, rect.bottom()));
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
        let from = if tick.major { band.top() } else { band.bottom() - 4.0 };
        painter.line_segment([pos2(x, from), pos2(x, band.bottom() + 3.0)], Stroke::new(1.0, color));
        let font = if tick.major { theme::strong_font(12.0) } else { theme::font(12.0) };
        let color = if tick.major { theme.text } else { theme.quiet };
        let half = painter.layout_no_wrap(tick.label.clone(), font.clone(), color).size().x * 0.5;
        let x = x.clamp(rect.left() + half, (rect.right() - half).max(rect.left() + half));
        painter.text(pos2(x, rect.bottom() - 7.0), Align2::CENTER_CENTER, tick.label, font, color);
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
        let points = vec![pos2(x, y - r), pos2(x + r, y), pos2(x, y + r), pos2(x - r, y)];
        painter.add(Shape::convex_polygon(points, color, Stroke::new(1.0, cx.theme.ground)));
    }
}

/// The colour of a severity.
pub(crate) fn severity_color(severity: Severity, theme: &Tokens) -> Color32 {
    match severity {
        Severity::Info => theme.normal,
        Severity::Warning => theme.warning,
        Severity::Error => theme.error,
    }
}

/// The live edge, a line with a flag, and the play head.
fn paint_edge_and_head(painter: &egui::Painter, cx: &Cx, rect: Rect, band: Rect, scale: &Scale) {
    let (clock, theme) = (&cx.model.clock, &cx.theme);
    let edge = scale.x(clock.live_edge_ns);
    if (rect.left()..=rect.right()).contains(&edge) {
        let line = Stroke::new(2.0, theme.live);
        painter.line_segment([pos2(edge, band.top() - 3.0), pos2(edge, band.bottom() + 2.0)], line);
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
        let (tip, back) = if x < rect.left() { (rect.left(), 9.0) } else { (rect.right(), -9.0) };
        let y = band.center().y;
        let arrow = vec![pos2(tip, y), pos2(tip + back, y - 6.0), pos2(tip + back, y + 6.0)];
        painter.add(Shape::convex_polygon(arrow, color, Stroke::NONE));
        return;
    }
    let top = band.top() - 3.0;
    painter.line_segment([pos2(x, top), pos2(x, band.bottom() + 4.0)], Stroke::new(4.0, theme.panel_solid));
    painter.line_segment([pos2(x, top), pos2(x, band.bottom() + 4.0)], Stroke::new(2.0, theme.text));
    let head = vec![pos2(x - 6.0, band.bottom() + 7.0), pos2(x + 6.0, band.bottom() + 7.0), pos2(x, band.bottom() - 1.0)];
    painter.add(Shape::convex_polygon(head, theme.text, Stroke::new(1.0, theme.panel_solid)));
}

/// What is under the pointer: the instant, the region, the readings.
fn hover(ui: &Ui, cx: &Cx, response: &egui::Response, rect: Rect, scale: &Scale) {
    let Some(at) = response.hover_pos() else { return };
    let clock = &cx.model.clock;
    let time_ns = scale.time(at.x);
    let line = [pos2(at.x, rect.top() + 2.0), pos2(at.x, rect.bottom() - 17.0)];
    ui.painter().line_segment(line, Stroke::new(1.0, cx.theme.quiet));
    let forecast_end = match &clock.forecast {
        Forecast::Until { end_ns, .. } => Some(*end_ns),
        Forecast::None { .. } => None,
    };
    let region = if time_ns > clock.live_edge_ns {
        match (&clock.forecast, forecast_end.is_some_and(|end| time_ns <= end)) {
            (_, true) => cx.t.get("timeline-forecast").to_owned(),
            (Forecast::None { reason }, _) if !reason.is_empty() => reason.clone(),
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
    let readings = bin.and_then(|b| d.counts.get(usize::try_from(b).ok()?));
    egui::Tooltip::always_open(ui.ctx().clone(), ui.layer_id(), response.id.with("tip"), egui::PopupAnchor::Pointer)
        .gap(14.0)
        .show(|ui| {
            ui.label(RichText::new(format::date_time(&clock.zone, time_ns)).font(theme::strong_font(14.0)));
            ui.label(RichText::new(region).size(12.0).color(cx.theme.quiet));
            if let Some(count) = readings {
                let per = format::span(cx.t, d.bin_ns as f64 / NS_PER_S as f64);
                let count = format::count(*count as usize);
                let text = cx.t.fmt("timeline-readings", &[("n", &count), ("span", &per)]);
                ui.label(RichText::new(text).size(12.0).color(cx.theme.quiet));
            }
            if let Some(event) = event {
                ui.label(RichText::new(&event.label).size(12.0).color(severity_color(event.severity, &cx.theme)));
            }
        });
}
