//! What is cut away: planes with their numbers, outlines, and the tool that draws one.

use egui::{
    Context, DragValue, Key, Layout, Modifiers, RichText, ScrollArea, Ui, WidgetInfo, vec2,
};

use super::Cx;
use super::command::{ClipCommand, UiCommand};
use super::format;
use super::icons::Icon;
use super::model::{MAX_PLANES, PlaneModel};
use super::theme;
use super::widgets;

/// Keys while an outline is drawn: Enter ends it, Backspace takes the last corner back. True when one was pressed.
pub(crate) fn keys(ctx: &Context, cx: &mut Cx) -> bool {
    if cx.model.clip.drawing.is_none() {
        return false;
    }
    let pressed = |key| ctx.input_mut(|i| i.consume_key(Modifiers::NONE, key));
    if pressed(Key::Enter) {
        ask(cx, ClipCommand::FinishOutline);
    } else if pressed(Key::Backspace) {
        ask(cx, ClipCommand::BackOutline);
    } else {
        return false;
    }
    true
}

/// Puts the tool in hand away, or the handle; true when there was one.
pub(crate) fn cancel(cx: &mut Cx) -> bool {
    let clip = &cx.model.clip;
    let (drawing, chosen) = (clip.drawing.is_some(), clip.chosen.is_some());
    if drawing {
        ask(cx, ClipCommand::CancelOutline);
    } else if chosen {
        ask(cx, ClipCommand::ChoosePlane(None));
    }
    drawing || chosen
}

fn ask(cx: &mut Cx, command: ClipCommand) {
    cx.emit(UiCommand::Clip(command));
}

/// Shows the panel's contents.
pub(crate) fn show(ui: &mut Ui, cx: &mut Cx) {
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .id_salt("clip")
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 4.0;
            head(ui, cx);
            planes(ui, cx);
            outlines(ui, cx);
        });
}

fn head(ui: &mut Ui, cx: &mut Cx) {
    let clip = &cx.model.clip;
    if clip.planes.is_empty() && clip.outlines.is_empty() {
        widgets::quiet(ui, &cx.theme, cx.t.get("clip-empty"));
        return;
    }
    ui.horizontal_wrapped(|ui| {
        if widgets::toggle(ui, &cx.theme, cx.t.get("clip-on"), clip.on).clicked() {
            ask(cx, ClipCommand::SetOn(!clip.on));
        }
        if widgets::text_button(ui, &cx.theme, cx.t.get("clip-clear"), false).clicked() {
            ask(cx, ClipCommand::Clear);
        }
    });
}

fn planes(ui: &mut Ui, cx: &mut Cx) {
    let clip = &cx.model.clip;
    widgets::section(ui, &cx.theme, cx.t.get("clip-planes"));
    ui.add_enabled_ui(clip.planes.len() < MAX_PLANES, |ui| {
        ui.horizontal_wrapped(|ui| {
            for (level, key) in [(false, "clip-add-upright"), (true, "clip-add-level")] {
                let response = widgets::text_button(ui, &cx.theme, cx.t.get(key), false);
                let most = cx.t.fmt("clip-most-planes", &[("n", &MAX_PLANES)]);
                if response.on_disabled_hover_text(most).clicked() {
                    ask(cx, ClipCommand::AddPlane { level });
                }
            }
        });
    });
    for (index, plane) in clip.planes.iter().enumerate() {
        let chosen = clip.chosen == Some(index);
        let name = cx.t.fmt("clip-plane", &[("n", &(index + 1))]);
        line(ui, cx, &name, chosen, |cx, what| {
            let command = match what {
                Pressed::Name => ClipCommand::ChoosePlane((!chosen).then_some(index)),
                Pressed::Remove => ClipCommand::RemovePlane(index),
            };
            ask(cx, command);
        });
        if chosen {
            ui.push_id(("clip plane", index), |ui| numbers(ui, cx, index, plane));
        }
    }
    if clip.planes.len() > 1 {
        ui.horizontal_wrapped(|ui| {
            for (together, key) in [(false, "clip-any"), (true, "clip-all")] {
                let on = clip.together == together;
                if widgets::toggle(ui, &cx.theme, cx.t.get(key), on).clicked() && !on {
                    ask(cx, ClipCommand::SetTogether(together));
                }
            }
        });
    }
}

/// What of a line was pressed.
enum Pressed {
    Name,
    Remove,
}

/// A line "name … ×", as wide as the panel.
fn line(ui: &mut Ui, cx: &mut Cx, name: &str, on: bool, mut act: impl FnMut(&mut Cx, Pressed)) {
    ui.horizontal(|ui| {
        if widgets::toggle(ui, &cx.theme, name, on).clicked() {
            act(cx, Pressed::Name);
        }
        ui.with_layout(Layout::right_to_left(egui::Align::Center), |ui| {
            let remove = cx.t.fmt("clip-remove", &[("name", &name)]);
            let theme = cx.theme;
            if widgets::icon_button(ui, &theme, Icon::Close, &remove, false).clicked() {
                act(cx, Pressed::Remove);
            }
        });
    });
}

/// How a plane is turned and moved: dragged or typed, and followed by the picture at once.
fn numbers(ui: &mut Ui, cx: &mut Cx, index: usize, plane: &PlaneModel) {
    let mut wanted = *plane;
    let fields = [
        (
            "clip-heading",
            &mut wanted.heading_deg,
            0.0..=360.0,
            0.5,
            "°",
        ),
        ("clip-tilt", &mut wanted.tilt_deg, -90.0..=90.0, 0.5, "°"),
        (
            "clip-offset",
            &mut wanted.offset_m,
            -50_000.0..=50_000.0,
            0.25,
            " m",
        ),
    ];
    for (key, value, range, speed, unit) in fields {
        let label = cx.t.get(key);
        ui.horizontal(|ui| {
            let width = (ui.available_width() * 0.4).floor().clamp(90.0, 160.0);
            let layout = Layout::left_to_right(egui::Align::Center);
            ui.allocate_ui_with_layout(vec2(width, 28.0), layout, |ui| {
                ui.set_width(width);
                let name = RichText::new(label).color(cx.theme.quiet).size(12.0);
                ui.add(egui::Label::new(name).truncate());
            });
            let now = *value;
            let field = DragValue::new(value)
                .range(range)
                .speed(speed)
                .max_decimals(2)
                .suffix(unit)
                .update_while_editing(false);
            let response = ui.add(field);
            response.widget_info(|| {
                let mut info = WidgetInfo::drag_value(true, now);
                info.label = Some(label.to_owned());
                info
            });
            response.on_hover_text(cx.t.get("clip-number-hint"));
        });
    }
    ui.horizontal_wrapped(|ui| {
        if widgets::toggle(ui, &cx.theme, cx.t.get("clip-flip"), plane.flipped).clicked() {
            wanted.flipped = !plane.flipped;
        }
    });
    widgets::quiet(ui, &cx.theme, cx.t.get("clip-handle-hint"));
    if wanted != *plane {
        ask(cx, ClipCommand::SetPlane(index, wanted));
    }
}

fn outlines(ui: &mut Ui, cx: &mut Cx) {
    let clip = &cx.model.clip;
    widgets::section(ui, &cx.theme, cx.t.get("clip-outlines"));
    match clip.drawing {
        None => {
            // A triangle must fit.
            ui.add_enabled_ui(clip.corners_left >= 3, |ui| {
                if widgets::text_button(ui, &cx.theme, cx.t.get("clip-draw"), false).clicked() {
                    ask(cx, ClipCommand::Draw);
                }
            });
        }
        Some(corners) => {
            widgets::quiet(ui, &cx.theme, cx.t.get("measure-help-outline"));
            ui.horizontal_wrapped(|ui| {
                let text = cx.t.fmt("plan-corners", &[("n", &corners)]);
                ui.label(RichText::new(text).color(cx.theme.text));
                ui.add_enabled_ui(corners >= 3, |ui| {
                    let finish = cx.t.get("plan-finish");
                    if widgets::text_button(ui, &cx.theme, finish, false).clicked() {
                        ask(cx, ClipCommand::FinishOutline);
                    }
                });
                if widgets::text_button(ui, &cx.theme, cx.t.get("plan-cancel"), false).clicked() {
                    ask(cx, ClipCommand::CancelOutline);
                }
            });
        }
    }
    for (index, outline) in clip.outlines.iter().enumerate() {
        let name = cx.t.fmt(
            "clip-outline",
            &[
                ("n", &(index + 1)),
                ("area", &format::area(outline.area_m2)),
            ],
        );
        ui.horizontal(|ui| {
            ui.label(
                RichText::new(&name)
                    .font(theme::font(14.0))
                    .color(cx.theme.text),
            );
            ui.with_layout(Layout::right_to_left(egui::Align::Center), |ui| {
                let remove = cx.t.fmt("clip-remove", &[("name", &name)]);
                let theme = cx.theme;
                if widgets::icon_button(ui, &theme, Icon::Close, &remove, false).clicked() {
                    ask(cx, ClipCommand::RemoveOutline(index));
                }
            });
        });
    }
    if !clip.outlines.is_empty() {
        ui.horizontal_wrapped(|ui| {
            for (keeps, key) in [(false, "clip-outside"), (true, "clip-inside")] {
                let on = clip.keeps_inside == keeps;
                if widgets::toggle(ui, &cx.theme, cx.t.get(key), on).clicked() && !on {
                    ask(cx, ClipCommand::SetKeepsInside(keeps));
                }
            }
        });
    }
}
