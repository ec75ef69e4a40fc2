//! The sheet of all keys (`?`).

use egui::{Context, RichText, Ui};

use super::Cx;
use super::actions::{ACTIONS, Section};
use super::theme;
use super::widgets;

/// The camera's keys, for the sheet.
const CAMERA_KEYS: [(&str, &str); 14] = [
    ("W A S D  ↑ ↓ ← →", "camera-move"),
    ("Q E", "camera-turn"),
    ("R F", "camera-up-down"),
    ("PgUp PgDn", "camera-tilt"),
    ("Shift", "camera-faster"),
    ("mouse-left", "camera-orbit"),
    ("mouse-ctrl-left", "camera-look"),
    ("mouse-right", "camera-pan"),
    ("mouse-wheel", "camera-zoom"),
    ("mouse-click", "camera-select"),
    ("mouse-shift-click", "camera-add"),
    ("mouse-double", "camera-fly-here"),
    ("touch-one", "camera-orbit"),
    ("touch-two", "camera-two-fingers"),
];

/// The sheet of all keys.
pub(crate) fn show(ctx: &Context, cx: &mut Cx) {
    if !cx.state.help_open {
        return;
    }
    let screen = ctx.content_rect();
    let mut open = true;
    let title = RichText::new(cx.t.get("action-help")).font(theme::strong_font(17.0));
    let width = 700.0f32.min(screen.width() - 32.0);
    let window = egui::Window::new(title)
        .id(egui::Id::new("keys"))
        .open(&mut open)
        .collapsible(false)
        .frame(
            egui::Frame::window(&ctx.global_style()).inner_margin(egui::Margin::symmetric(16, 10)),
        )
        .resizable(false)
        .pivot(egui::Align2::CENTER_CENTER)
        .fixed_pos(screen.center())
        .fixed_size(egui::vec2(width, (screen.height() - 120.0).min(520.0)));
    window.show(ctx, |ui| {
        egui::ScrollArea::vertical().show(ui, |ui| {
            let columns = if width > 500.0 { 2 } else { 1 };
            ui.columns(columns, |columns| {
                let last = columns.len() - 1;
                section(&mut columns[0], cx, "keys-time", Section::Time);
                section(&mut columns[0], cx, "keys-view", Section::View);
                camera_section(&mut columns[0], cx);
                section(&mut columns[last], cx, "keys-panels", Section::Panels);
                section(&mut columns[last], cx, "keys-edit", Section::Edit);
            });
        });
    });
    cx.state.help_open &= open;
}

fn section(ui: &mut Ui, cx: &Cx, key: &'static str, section: Section) {
    widgets::section(ui, &cx.theme, cx.t.get(key));
    for entry in ACTIONS
        .iter()
        .filter(|e| e.section == section && !e.shortcuts.is_empty() && e.available(cx))
    {
        let keys: Vec<&str> = entry.shortcuts.iter().map(|s| s.shown).collect();
        key_row(ui, cx, &keys.join("   "), cx.t.get(entry.key));
    }
}

fn camera_section(ui: &mut Ui, cx: &Cx) {
    widgets::section(ui, &cx.theme, cx.t.get("keys-camera"));
    for (keys, what) in CAMERA_KEYS {
        key_row(ui, cx, cx.t.get(keys), cx.t.get(what));
    }
}

fn key_row(ui: &mut Ui, cx: &Cx, keys: &str, what: &str) {
    ui.spacing_mut().interact_size.y = 22.0;
    ui.horizontal(|ui| {
        let width = 128.0;
        ui.allocate_ui_with_layout(
            egui::vec2(width, 20.0),
            egui::Layout::left_to_right(egui::Align::Center),
            |ui| {
                ui.set_width(width);
                ui.label(
                    RichText::new(keys)
                        .font(theme::strong_font(12.0))
                        .color(cx.theme.text),
                );
            },
        );
        ui.add(egui::Label::new(RichText::new(what).color(cx.theme.quiet)).wrap());
    });
}
