//! The clock's face and its buttons: mode, time, step, play, rate, live.

use egui::{Color32, CornerRadius, RichText, Sense, Stroke, StrokeKind, Ui, vec2};

use super::Cx;
use super::command::{ClockCommand, UiCommand};
use super::format;
use super::icons::Icon;
use super::model::{ClockMode, ClockModel, NS_PER_S, Severity};
use super::status::hatch_rect;
use super::theme::{self, Tokens};
use super::timeline::view_ns;
use super::widgets;

/// The rates that the menu and the keys step through.
pub(crate) const RATES: [f64; 7] = [1.0, 5.0, 10.0, 60.0, 300.0, 900.0, 3600.0];

/// The colour of a severity.
pub(crate) fn severity_color(severity: Severity, theme: &Tokens) -> Color32 {
    match severity {
        Severity::Info => theme.normal,
        Severity::Warning => theme.warning,
        Severity::Error => theme.error,
    }
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
pub(crate) fn clock_face(ui: &mut Ui, cx: &mut Cx) {
    let clock = &cx.model.clock;
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 1.0;
        ui.set_width(184.0);
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
        // One line, however long an age is in words: the panel must not jump.
        let line = egui::Label::new(RichText::new(line).size(12.0).color(cx.theme.quiet));
        ui.add(line.truncate()).on_hover_text(&clock.zone.name);
    });
}

/// Step, play, rate, live. `mirrored` when the row is laid out from the right.
pub(crate) fn controls(ui: &mut Ui, cx: &mut Cx, mirrored: bool) {
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
    let (start, end) = view_ns(cx);
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
        .height(300.0)
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
        cx.state.timeline.reset();
    }
    response.on_hover_text(format!("{} (G)", cx.t.get("clock-go-live-hint")));
}
