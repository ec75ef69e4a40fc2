//! The timeline: where the clock stands, what there is before and after it, and how to move it.
//!
//! A glance tells live from replay from forecast: by word, colour and pattern. Scroll zooms around the
//! pointer from seconds to years, shift and scroll or a drag with the right button pans, a drag or click
//! seeks, a double click shows the last day again.

use egui::{Color32, CornerRadius, Panel, RichText, Sense, Stroke, StrokeKind, Ui, Vec2, vec2};

use super::Cx;
use super::command::{ClockCommand, UiCommand};
use super::format;
use super::icons::Icon;
use super::model::{ClockMode, ClockModel, Forecast, NS_PER_S, Severity, TimeNs};
use super::status::hatch_rect;
use super::theme::{self, Tokens};
use super::timeline_paint::{hover, paint};
use super::timeline_scale::Scale;
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
    let height = if cx.narrow {
        104.0
    } else {
        theme::TIMELINE_HEIGHT
    };
    let frame = cx
        .theme
        .panel_frame()
        .inner_margin(egui::Margin::symmetric(12, 4));
    let panel = Panel::bottom("timeline")
        .exact_size(height)
        .resizable(false)
        .show_separator_line(false)
        .frame(frame);
    let response = panel.show(root, |ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        if cx.narrow {
            ui.horizontal(|ui| {
                ui.set_height(40.0);
                clock_face(ui, cx);
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    controls(ui, cx, true)
                });
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
    let ink = if mode == ClockMode::Live {
        cx.theme.ground
    } else {
        color
    };
    let ink = if mode == ClockMode::Live && !cx.theme.dark {
        Color32::WHITE
    } else {
        ink
    };
    let galley = ui
        .painter()
        .layout_no_wrap(word.to_owned(), theme::strong_font(size), ink);
    let (rect, response) = ui.allocate_exact_size(
        galley.size() + vec2(size * 1.1, size * 0.35),
        Sense::hover(),
    );
    response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Label, true, word));
    let radius = CornerRadius::same(4);
    match mode {
        ClockMode::Live => {
            ui.painter().rect_filled(rect, radius, color);
        }
        ClockMode::Replay => {
            ui.painter()
                .rect_stroke(rect, radius, Stroke::new(1.5, color), StrokeKind::Inside);
        }
        ClockMode::Forecast => {
            hatch_rect(
                ui.painter(),
                rect.shrink(1.0),
                6.0,
                Stroke::new(1.5, color.gamma_multiply(0.35)),
            );
            ui.painter()
                .rect_stroke(rect, radius, Stroke::new(1.5, color), StrokeKind::Inside);
        }
    }
    ui.painter()
        .galley(rect.center() - galley.size() * 0.5, galley, ink);
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
            let time = RichText::new(format::time_of_day(&clock.zone, clock.now_ns))
                .font(theme::strong_font(22.0));
            ui.label(time.color(cx.theme.text));
            mode_badge(ui, cx, 12.0);
        });
        let mut line = format!(
            "{} {}",
            format::date(&clock.zone, clock.now_ns),
            clock.zone.at(clock.now_ns).1
        );
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
    let steps = [
        1, 5, 10, 30, 60, 300, 600, 900, 3600, 21_600, 86_400, 604_800,
    ];
    let best = steps.iter().min_by(|a, b| {
        (**a as f64 - wish_s)
            .abs()
            .total_cmp(&(**b as f64 - wish_s).abs())
    });
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
    let label = format!(
        "{} ( . )",
        cx.t.fmt("clock-step-forward", &[("span", &span)])
    );
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
    let color = if cx.model.clock.rate > 1.0 {
        cx.theme.text
    } else {
        cx.theme.quiet
    };
    let response = egui::ComboBox::from_id_salt("rate")
        .width(64.0)
        .selected_text(RichText::new(text).color(color))
        .show_ui(ui, |ui| {
            for rate in RATES {
                let selected = (cx.model.clock.rate - rate).abs() < 1e-9;
                if ui
                    .selectable_label(selected, format!("{}×", format::short(rate)))
                    .clicked()
                {
                    cx.emit(UiCommand::Clock(ClockCommand::SetRate(rate)));
                }
            }
        });
    let label = cx.t.get("clock-rate");
    response
        .response
        .widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::ComboBox, true, label));
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
        Forecast::Until { end_ns, .. } => {
            (*end_ns as f64 - live).clamp(HOUR, 24.0 * HOUR) + 0.5 * HOUR
        }
        Forecast::None { .. } => 4.5 * HOUR,
    };
    let now = clock.now_ns as f64;
    (
        live.min(now + HOUR) - 24.0 * HOUR,
        (live + ahead).max(now + HOUR),
    )
}

/// Slides the user's view with the clock: in step with it when live, by a page when it runs out of view.
fn follow(state: &mut TimelineState, clock: &ClockModel) {
    let last = state.last_now.replace(clock.now_ns);
    let (Some((start, end)), Some(last)) = (state.view, last) else {
        return;
    };
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
    let size = Vec2::new(
        ui.available_width().max(80.0),
        if cx.narrow {
            52.0
        } else {
            ui.available_height() - 6.0
        },
    );
    let (rect, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
    let (start_ns, end_ns) = view(cx.state.timeline.view, clock);
    let scale = Scale {
        start_ns,
        end_ns,
        left_px: rect.left(),
        right_px: rect.right(),
    };
    let when = format::date_time(&clock.zone, clock.now_ns);
    let name = cx.t.fmt("timeline-name", &[("time", &when)]);
    response.widget_info(|| {
        egui::WidgetInfo::slider(true, clock.now_ns as f64 / NS_PER_S as f64, &name)
    });

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
        let (scroll, zoom, shift) = ui
            .ctx()
            .input(|i| (i.smooth_scroll_delta, i.zoom_delta(), i.modifiers.shift));
        let pan = if shift { scroll.x + scroll.y } else { scroll.x };
        let factor = f64::from(zoom)
            * if shift {
                1.0
            } else {
                (f64::from(scroll.y) * 0.006).exp()
            };
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
    let start = clock
        .history_start_ns
        .unwrap_or(clock.live_edge_ns)
        .min(end);
    time_ns.clamp(start, end)
}

/// The colour of a severity.
pub(crate) fn severity_color(severity: Severity, theme: &Tokens) -> Color32 {
    match severity {
        Severity::Info => theme.normal,
        Severity::Warning => theme.warning,
        Severity::Error => theme.error,
    }
}
