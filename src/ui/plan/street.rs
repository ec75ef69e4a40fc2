//! Streets: chosen by a click or looked for by name, closed, and given another speed or number of lanes.

use egui::{RichText, Ui};

use super::super::Cx;
use super::super::command::PlanCommand;
use super::super::icons::Icon;
use super::super::model::{OpenPlan, PlanTool, StreetModel};
use super::super::search;
use super::super::theme;
use super::super::widgets;
use super::{ask, fields, section, tools};

/// The fastest street and the widest one that can be written, km/h and lanes.
const FASTEST_KMH: f64 = 300.0;
const MOST_LANES: f64 = 24.0;

pub(super) fn show(ui: &mut Ui, cx: &mut Cx, open: &OpenPlan) {
    if !section(ui, cx, "plan-streets", "") {
        return;
    }
    if !open.knows_streets {
        widgets::quiet(ui, &cx.theme, cx.t.get("plan-no-streets"));
        return;
    }
    tools::button(ui, cx, PlanTool::Street, "plan-tool-street");
    tools::help(ui, cx, &[PlanTool::Street]);
    find(ui, cx, open);
    if let Some(street) = &open.street {
        ui.push_id(fields::id_of("street", &street.id), |ui| {
            form(ui, cx, street)
        });
    }
}

fn find(ui: &mut Ui, cx: &mut Cx, open: &OpenPlan) {
    let label = cx.t.get("plan-find-street");
    let field = widgets::text_field(&cx.theme, &mut cx.state.plan.street_text, label)
        .char_limit(100)
        .desired_width(f32::INFINITY);
    let response = ui.add(field);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::TextEdit, true, label));
    if response.changed() {
        let text = cx.state.plan.street_text.clone();
        ask(cx, PlanCommand::FindStreets(text));
    }
    if cx.state.plan.street_text.trim().is_empty() {
        return;
    }
    if open.found_streets.is_empty() {
        widgets::quiet(ui, &cx.theme, cx.t.get("plan-street-not-found"));
    }
    for (id, name) in &open.found_streets {
        let chosen = open.street.as_ref().is_some_and(|street| street.id == *id);
        let row = ui.push_id(id, |ui| search::row(ui, cx, Icon::Car, name, id, chosen));
        if row.inner.clicked() {
            ask(cx, PlanCommand::ChooseStreet(Some(id.clone())));
        }
    }
}

fn form(ui: &mut Ui, cx: &mut Cx, street: &StreetModel) {
    let (t, theme) = (cx.t, cx.theme);
    let title = match street.name.as_str() {
        "" => street.id.clone(),
        name => format!("{name} ({})", street.id),
    };
    let title = RichText::new(title).font(theme::strong_font(14.0));
    ui.add(egui::Label::new(title.color(theme.text)).wrap());
    for (attribute, value, key, most, unit) in [
        (
            "speed_kmh",
            street.speed_kmh,
            "plan-street-speed",
            FASTEST_KMH,
            " km/h",
        ),
        ("lanes", street.lanes, "plan-street-lanes", MOST_LANES, ""),
    ] {
        let look = fields::Number {
            label: t.get(key),
            range: 0.0..=most,
            speed: 0.2,
            decimals: 0,
            unit,
        };
        let now = value.unwrap_or(0.0);
        let wanted = fields::row(ui, &theme, look.label, |ui| {
            fields::number(ui, cx, attribute, now, &look)
        });
        if let Some(value) = wanted.map(|value| value.round().clamp(0.0, most)) {
            ask(cx, PlanCommand::ChangeStreet { attribute, value });
        }
    }
    ui.horizontal_wrapped(|ui| {
        let (key, command) = match street.closed_by.as_str() {
            "" => ("plan-close-street", PlanCommand::CloseStreet),
            operation => (
                "plan-open-street",
                PlanCommand::RemoveOperation(operation.to_owned()),
            ),
        };
        if widgets::text_button(ui, &theme, t.get(key), false).clicked() {
            ask(cx, command);
        }
        if widgets::text_button(ui, &theme, t.get("plan-leave-street"), false).clicked() {
            ask(cx, PlanCommand::ChooseStreet(None));
        }
    });
}
