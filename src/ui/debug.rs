//! Tile debugging: freeze the selection, show volumes, colour by level, counts.

use egui::{Color32, CornerRadius, Rect, RichText, ScrollArea, Sense, Ui, vec2};

use super::Cx;
use super::command::UiCommand;
use super::format;
use super::widgets;

/// Shows the panel's contents.
pub(crate) fn show(ui: &mut Ui, cx: &mut Cx) {
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .id_salt("tiles")
        .show(ui, |ui| {
            widgets::quiet(ui, &cx.theme, cx.t.get("tiles-intro"));
            ui.add_space(4.0);
            let debug = &cx.model.debug;
            let mut value = debug.freeze;
            if ui.checkbox(&mut value, cx.t.get("action-freeze")).changed() {
                cx.emit(UiCommand::SetFreeze(value));
            }
            let mut value = debug.volumes;
            if ui
                .checkbox(&mut value, cx.t.get("action-volumes"))
                .changed()
            {
                cx.emit(UiCommand::SetShowVolumes(value));
            }
            let mut value = debug.color_by_level;
            if ui
                .checkbox(&mut value, cx.t.get("action-color-by-level"))
                .changed()
            {
                cx.emit(UiCommand::SetColorByLevel(value));
            }
            widgets::section(ui, &cx.theme, cx.t.get("tiles-counts"));
            let h = &cx.model.health;
            let rows = [
                ("health-shown", h.tiles_shown as u64),
                ("health-loaded", h.tiles_loaded as u64),
                ("health-in-flight", h.tiles_in_flight as u64),
                ("health-queued", h.tiles_queued as u64),
                ("health-failed", h.tiles_failed as u64),
                ("tiles-triangles", debug.triangles),
                ("tiles-features", debug.features),
            ];
            for (key, count) in rows {
                widgets::value_row(
                    ui,
                    &cx.theme,
                    cx.t.get(key),
                    &format::number(count as f64, 0),
                    "",
                    "",
                );
            }
            levels(ui, cx);
        });
}

/// Drawn tiles by level, with the colours that stand for the levels.
fn levels(ui: &mut Ui, cx: &Cx) {
    let levels = &cx.model.debug.levels;
    if levels.is_empty() {
        return;
    }
    widgets::section(ui, &cx.theme, cx.t.get("tiles-levels"));
    let most = levels.iter().map(|level| level.count).max().unwrap_or(1);
    for level in levels {
        ui.horizontal(|ui| {
            ui.spacing_mut().interact_size.y = 20.0;
            let number = cx.t.fmt("tiles-level", &[("n", &level.level)]);
            let label = egui::Label::new(RichText::new(number).color(cx.theme.text));
            ui.add_sized(vec2(72.0, 20.0), label.halign(egui::Align::LEFT));
            let [r, g, b] = level.color;
            let width = (ui.available_width() - 56.0).max(20.0);
            let (rect, _) = ui.allocate_exact_size(vec2(width, 10.0), Sense::hover());
            let share = level.count as f32 / most as f32;
            let bar = Rect::from_min_size(rect.min, vec2((width * share).max(3.0), 10.0));
            ui.painter()
                .rect_filled(bar, CornerRadius::same(2), Color32::from_rgb(r, g, b));
            let count = format::number(level.count as f64, 0);
            ui.label(RichText::new(count).color(cx.theme.quiet));
        });
    }
}
