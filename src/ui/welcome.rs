//! Empty states over the city: what to do when there is nothing to see yet.

use egui::{Align2, Area, Context, Id, Order, Rect, RichText};

use super::Cx;
use super::command::UiCommand;
use super::theme;
use super::widgets;

/// Shows a card in the middle while the scene has no tiles, or while something long is being made.
pub(crate) fn show(ctx: &Context, cx: &mut Cx, free: Rect) {
    let model = cx.model;
    let loading = model.scene.loading && model.progress.is_none();
    if loading || (model.scene.has_content && !model.scene.name.is_empty()) {
        return;
    }
    let area = Area::new(Id::new("welcome"))
        .order(Order::Middle)
        .pivot(Align2::CENTER_CENTER);
    let response = area.fixed_pos(free.center()).show(ctx, |ui| {
        cx.theme
            .card_frame()
            .inner_margin(egui::Margin::same(20))
            .show(ui, |ui| {
                ui.set_width((free.width() - 64.0).clamp(160.0, 380.0));
                ui.spacing_mut().item_spacing.y = 8.0;
                if let Some(progress) = &model.progress {
                    let title =
                        RichText::new(cx.t.get(&progress.stage)).font(theme::strong_font(17.0));
                    ui.label(title.color(cx.theme.text));
                    widgets::meter(
                        ui,
                        &cx.theme,
                        progress.fraction.unwrap_or(0.0),
                        cx.theme.accent,
                    );
                    if let Some(left_s) = progress.left_s {
                        let left = super::format::span(cx.t, left_s);
                        widgets::quiet(ui, &cx.theme, cx.t.fmt("welcome-left", &[("left", &left)]));
                    }
                    return;
                }
                let title = RichText::new(cx.t.get("welcome-title")).font(theme::strong_font(22.0));
                ui.label(title.color(cx.theme.text));
                ui.label(RichText::new(cx.t.get("welcome-text")).color(cx.theme.quiet));
                let edit = widgets::text_field(
                    &cx.theme,
                    &mut cx.state.open_text,
                    cx.t.get("menu-open-hint"),
                );
                let response = ui.add(edit.desired_width(f32::INFINITY));
                let entered =
                    response.lost_focus() && ui.input(|i| i.key_pressed(egui::Key::Enter));
                let pressed =
                    widgets::text_button(ui, &cx.theme, cx.t.get("menu-open-button"), true)
                        .clicked();
                let text = cx.state.open_text.trim().to_owned();
                if (entered || pressed) && !text.is_empty() {
                    cx.emit(UiCommand::OpenTileset(text));
                    cx.state.open_text.clear();
                }
                for (id, name) in &model.scene.others {
                    if ui
                        .link(cx.t.fmt("welcome-open-scene", &[("scene", name)]))
                        .clicked()
                    {
                        cx.emit(UiCommand::OpenScene(id.clone()));
                    }
                }
            });
    });
    cx.covered.push(response.response.rect);
}
