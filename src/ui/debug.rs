//! Tile debugging: freeze the selection, show volumes, colour by level, counts.

use egui::{ScrollArea, Ui};

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
            let debug = cx.model.debug;
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
                ("tiles-draw-calls", u64::from(debug.draw_calls)),
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
        });
}
