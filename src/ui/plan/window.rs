//! When an operation holds: two dates, either of which may be open.

use city_scene::scenario::{Window, WindowFault};
use city_time::Zone;
use egui::{Ui, vec2};

use super::super::Cx;
use super::super::command::PlanCommand;
use super::super::model::OperationModel;
use super::{ask, fields, problem};

/// The row of both dates; what is wrong with them is told while they are typed.
pub(super) fn show(ui: &mut Ui, cx: &mut Cx, operation: &OperationModel, title: &str) {
    let t = cx.t;
    let zone = &cx.model.clock.zone.name;
    let read = |from: &str, to: &str| {
        let zone = Zone::parse(zone).unwrap_or_else(|_| Zone::utc());
        Window::read(from, to, &zone)
    };
    let hover = t.fmt("plan-window-hint", &[("zone", zone)]);
    let [from, to] = ui
        .horizontal(|ui| {
            // Room for a time of day too.
            let width = ((ui.available_width() - 4.0) * 0.5).max(40.0);
            ui.spacing_mut().item_spacing.x = 4.0;
            // Each is good or bad with what stands in the other, so that both can be changed one after the other.
            let mut from = fields::now(ui, cx, "from", &operation.from);
            [("from", &operation.from), ("to", &operation.to)].map(|(salt, value)| {
                let is_from = salt == "from";
                let key = ["plan-window-to", "plan-window-from"][usize::from(is_from)];
                let hint = ["plan-window-until", "plan-window-since"][usize::from(is_from)];
                let label = t.fmt(key, &[("name", &title)]);
                let other = match is_from {
                    true => fields::now(ui, cx, "to", &operation.to),
                    false => from.clone(),
                };
                let good = |text: &str| match is_from {
                    true => read(text, &other).is_ok(),
                    false => read(&other, text).is_ok(),
                };
                let field = ui.allocate_ui(vec2(width, 28.0), |ui| {
                    let words = [label.as_str(), t.get(hint)];
                    fields::checked(ui, cx, salt, words, value, good)
                });
                field.response.on_hover_text(&hover);
                if is_from {
                    from.clone_from(&field.inner.text);
                }
                field.inner
            })
        })
        .inner;
    let changed = from.text != operation.from || to.text != operation.to;
    match read(&from.text, &to.text) {
        _ if !changed => {}
        Ok(_) if from.left.is_some() || to.left.is_some() => {
            let set = PlanCommand::SetWindow {
                operation: operation.id.clone(),
                from: from.text.trim().to_owned(),
                to: to.text.trim().to_owned(),
            };
            ask(cx, set);
        }
        Ok(_) => {}
        Err(WindowFault::Backwards) => problem(ui, cx, t.get("plan-window-backwards")),
        Err(WindowFault::From | WindowFault::To) => problem(ui, cx, t.get("plan-window-no-date")),
    }
}

/// Both ends in words; empty where both are open.
pub(super) fn words(operation: &OperationModel) -> String {
    match (operation.from.as_str(), operation.to.as_str()) {
        ("", "") => String::new(),
        (from, to) => format!("{from} – {to}").trim().to_owned(),
    }
}
