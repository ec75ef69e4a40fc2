//! What stays when everything is hidden, and what a video wall shows: clock, legend, alarms, credits.

use egui::{Align2, Area, Id, Order, Rect, RichText, Ui, vec2};

use super::Cx;
use super::format;
use super::theme;
use super::{legend, map_furniture, top_bar, transport};

/// Draws it. The whole window is free for the city.
pub(crate) fn show(root: &mut Ui, cx: &mut Cx) -> Rect {
    let screen = root.max_rect();
    let ctx = root.ctx().clone();
    clock(&ctx, cx, screen);
    alarms(&ctx, cx, screen);
    legend::show(&ctx, cx, screen);
    map_furniture::credits(&ctx, cx, screen);
    screen
}

fn clock(ctx: &egui::Context, cx: &mut Cx, screen: Rect) {
    let area = Area::new(Id::new("wall clock"))
        .order(Order::Middle)
        .pivot(Align2::LEFT_BOTTOM)
        .interactable(false);
    let response = area
        .fixed_pos(screen.left_bottom() + vec2(16.0, -16.0))
        .show(ctx, |ui| {
            cx.theme.card_frame().show(ui, |ui| {
                let clock = &cx.model.clock;
                ui.horizontal(|ui| {
                    let time = format::time_of_day(&clock.zone, clock.now_ns);
                    ui.label(
                        RichText::new(time)
                            .font(theme::strong_font(28.0))
                            .color(cx.theme.text),
                    );
                    transport::mode_badge(ui, cx, 17.0);
                });
                let mut line = format!(
                    "{} {}",
                    format::date(&clock.zone, clock.now_ns),
                    clock.zone.at(clock.now_ns).1
                );
                if !clock.playing {
                    line = format!("{line} · {}", cx.t.get("clock-paused"));
                } else if clock.rate > 1.0 {
                    line = format!("{line} · {}×", format::short(clock.rate));
                }
                ui.label(RichText::new(line).size(14.0).color(cx.theme.quiet));
                if cx.model.scene.simulated {
                    ui.label(
                        RichText::new(cx.t.get("simulated-scene"))
                            .size(14.0)
                            .color(cx.theme.forecast),
                    );
                }
            });
        });
    cx.covered.push(response.response.rect);
}

fn alarms(ctx: &egui::Context, cx: &mut Cx, screen: Rect) {
    if cx.model.alarms.is_empty() {
        return;
    }
    let area = Area::new(Id::new("wall alarms"))
        .order(Order::Middle)
        .pivot(Align2::LEFT_TOP);
    let response = area
        .fixed_pos(screen.left_top() + vec2(16.0, 16.0))
        .show(ctx, |ui| {
            cx.theme
                .card_frame()
                .show(ui, |ui| top_bar::alarm_list(ui, cx, 17.0));
        });
    cx.covered.push(response.response.rect);
}
