//! An input of a model: which, its value and unit. Those of the usual models are a click away.

use egui::Ui;

use super::super::Cx;
use super::super::command::PlanCommand;
use super::super::theme::Tokens;
use super::super::widgets;
use super::attribute::number;
use super::{ask, fields, problem, section};

/// Inputs that are offered: the message, model, input and unit.
const READY: [(&str, &str, &str, &str); 2] = [
    ("plan-input-sea-level", "flood", "sea_level", "m"),
    ("plan-input-rain", "flood", "rain", "mm/h"),
];
/// The longest name and unit, characters.
const LONGEST: usize = 100;

/// What stands in the form.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    model: String,
    input: String,
    value: String,
    unit: String,
}

pub(super) fn show(ui: &mut Ui, cx: &mut Cx) {
    if !section(ui, cx, "plan-input", "") {
        return;
    }
    let (t, theme) = (cx.t, cx.theme);
    let draft = &mut cx.state.plan.input;
    ui.horizontal_wrapped(|ui| {
        for (key, model, input, unit) in READY {
            let on = draft.model == model && draft.input == input;
            if widgets::toggle(ui, &theme, t.get(key), on).clicked() {
                model.clone_into(&mut draft.model);
                input.clone_into(&mut draft.input);
                unit.clone_into(&mut draft.unit);
            }
        }
    });
    field(ui, &theme, t.get("plan-input-model"), &mut draft.model);
    field(ui, &theme, t.get("plan-input-name"), &mut draft.input);
    let entered = field(ui, &theme, t.get("plan-input-value"), &mut draft.value);
    let entered = field(ui, &theme, t.get("plan-input-unit"), &mut draft.unit) || entered;
    let is_named = !draft.model.trim().is_empty() && !draft.input.trim().is_empty();
    let typed = !draft.value.trim().is_empty();
    let wanted = number(&draft.value)
        .filter(|_| is_named)
        .map(|value| PlanCommand::SetInput {
            model: draft.model.trim().to_owned(),
            input: draft.input.trim().to_owned(),
            value,
            unit: draft.unit.trim().to_owned(),
        });
    match (typed, number(&draft.value), is_named) {
        (true, None, _) => problem(ui, cx, t.get("plan-no-number")),
        (true, Some(_), false) => problem(ui, cx, t.get("plan-input-unnamed")),
        _ => {}
    }
    let ready = wanted.is_some();
    let pressed = ui
        .add_enabled_ui(ready, |ui| {
            widgets::text_button(ui, &theme, t.get("plan-set-input"), ready).clicked()
        })
        .inner;
    if let Some(command) = wanted.filter(|_| pressed || entered) {
        ask(cx, command);
    }
}

/// A field of the form; true when Enter was pressed in it.
fn field(ui: &mut Ui, theme: &Tokens, label: &str, text: &mut String) -> bool {
    fields::row(ui, theme, label, |ui| {
        let field = widgets::text_field(theme, text, label)
            .char_limit(LONGEST)
            .desired_width(f32::INFINITY);
        let response = ui.add(field);
        response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::TextEdit, true, label));
        response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter))
    })
}
