//! The chosen building: what it is, and moving, turning, copying, deleting it.

use egui::Ui;

use super::super::Cx;
use super::super::command::PlanCommand;
use super::super::format;
use super::super::model::{BuildingModel, PlanTool};
use super::super::widgets;
use super::{ask, fields, section, tools};

/// What a building may be used for, as the city's own buildings say it.
const USES: [&str; 8] = [
    "Residential",
    "Office",
    "Retail",
    "Hotel",
    "Industrial",
    "School",
    "Hospital",
    "Government",
];
const ENERGY_CLASSES: [&str; 8] = ["", "A", "B", "C", "D", "E", "F", "G"];
/// The tallest building that can be drawn, metres.
const MAX_HEIGHT_M: f64 = 1500.0;
const MAX_STOREYS: f64 = 400.0;
/// How far one press turns it.
const TURN_DEG: f64 = 5.0;

pub(super) fn show(ui: &mut Ui, cx: &mut Cx, building: &BuildingModel) {
    if !section(ui, cx, "plan-building", "") {
        return;
    }
    ui.push_id(fields::id_of("building", &building.feature), |ui| {
        form(ui, cx, building);
        moves(ui, cx);
        actions(ui, cx);
    });
}

/// Placing by a click, copying, deleting: of a building or a model.
pub(super) fn actions(ui: &mut Ui, cx: &mut Cx) {
    ui.horizontal_wrapped(|ui| {
        tools::button(ui, cx, PlanTool::Place, "plan-tool-place");
        for (key, command) in [
            ("plan-copy", PlanCommand::CopyChosen),
            ("plan-delete", PlanCommand::DeleteChosen),
        ] {
            if widgets::text_button(ui, &cx.theme, cx.t.get(key), false).clicked() {
                ask(cx, command);
            }
        }
    });
    tools::help(ui, cx, &[PlanTool::Place]);
}

fn form(ui: &mut Ui, cx: &mut Cx, building: &BuildingModel) {
    let (t, theme) = (cx.t, cx.theme);
    let mut wanted = building.clone();
    let label = t.get("plan-building-name");
    if let Some(name) = fields::row(ui, &theme, t.get("property-name"), |ui| {
        fields::text(ui, cx, "name", label, &building.name, 1)
    }) {
        wanted.name = name;
    }
    let height = fields::Number {
        label: t.get("plan-height"),
        range: 0.5..=MAX_HEIGHT_M,
        speed: 0.25,
        decimals: 1,
        unit: " m",
    };
    if let Some(height_m) = fields::row(ui, &theme, height.label, |ui| {
        fields::number(ui, cx, "height", building.height_m, &height)
    }) {
        wanted.height_m = height_m;
        wanted.storeys = storeys_at(building, height_m);
    }
    let storeys = fields::Number {
        label: t.get("plan-storeys"),
        range: 0.0..=MAX_STOREYS,
        speed: 0.1,
        decimals: 0,
        unit: "",
    };
    if let Some(count) = fields::row(ui, &theme, storeys.label, |ui| {
        fields::number(ui, cx, "storeys", f64::from(building.storeys), &storeys)
    }) {
        wanted.storeys = count.round().clamp(0.0, MAX_STOREYS) as u32;
    }
    let use_name = |usage: &str| t.named("use", &usage.to_lowercase(), usage).to_owned();
    let mut uses: Vec<(String, String)> = USES
        .iter()
        .map(|usage| ((*usage).to_owned(), use_name(usage)))
        .collect();
    let listed = USES.iter().any(|u| u.eq_ignore_ascii_case(&building.usage));
    if !listed && !building.usage.is_empty() {
        uses.push((building.usage.clone(), use_name(&building.usage)));
    }
    let label = t.get("plan-use");
    let shown = use_name(&building.usage);
    if let Some(usage) = fields::row(ui, &theme, label, |ui| {
        fields::choice(ui, "use", label, &shown, Some(&building.usage), &uses)
    }) {
        wanted.usage = usage;
    }
    let class_name = |class: &str| match class {
        "" => t.get("plan-energy-none").to_owned(),
        letter => letter.to_owned(),
    };
    let classes: Vec<(String, String)> = ENERGY_CLASSES
        .iter()
        .map(|class| ((*class).to_owned(), class_name(class)))
        .collect();
    let label = t.get("plan-energy");
    let shown = class_name(&building.energy_class);
    if let Some(class) = fields::row(ui, &theme, label, |ui| {
        fields::choice(
            ui,
            "energy",
            label,
            &shown,
            Some(&building.energy_class),
            &classes,
        )
    }) {
        wanted.energy_class = class;
    }
    let area = format!("{} m²", format::number(building.footprint_m2, 0));
    fields::row(ui, &theme, t.get("plan-footprint-area"), |ui| {
        ui.label(egui::RichText::new(area).color(theme.text));
    });
    if wanted != *building {
        ask(cx, PlanCommand::SetBuilding(wanted));
    }
}

/// Storeys of a building that is extruded to another height: they stay as high as they are, since floor area, dwellings
/// and carbon follow them.
fn storeys_at(building: &BuildingModel, height_m: f64) -> u32 {
    let storeys = f64::from(building.storeys);
    let at = storeys * height_m / building.height_m;
    if storeys < 1.0 || !at.is_finite() {
        return building.storeys;
    }
    at.round().clamp(1.0, MAX_STOREYS) as u32
}

/// Moving by a metre or ten along the compass, turning by some degrees: a building or a model.
pub(super) fn moves(ui: &mut Ui, cx: &mut Cx) {
    let (t, theme) = (cx.t, cx.theme);
    fields::row(ui, &theme, t.get("plan-step"), |ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        for (far, text) in [(false, "1 m"), (true, "10 m")] {
            if widgets::toggle(ui, &theme, text, cx.state.plan.far == far).clicked() {
                cx.state.plan.far = far;
            }
        }
    });
    let step_m = if cx.state.plan.far { 10.0 } else { 1.0 };
    let length = format::length(step_m);
    fields::row(ui, &theme, t.get("plan-move"), |ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        for (letter, key, east, north) in [
            ("plan-north", "plan-move-north", 0.0, 1.0),
            ("plan-east", "plan-move-east", 1.0, 0.0),
            ("plan-south", "plan-move-south", 0.0, -1.0),
            ("plan-west", "plan-move-west", -1.0, 0.0),
        ] {
            let label = t.fmt(key, &[("length", &length)]);
            if named_button(ui, cx, t.get(letter), &label) {
                let (east_m, north_m) = (east * step_m, north * step_m);
                ask(cx, PlanCommand::MoveChosen { east_m, north_m });
            }
        }
    });
    fields::row(ui, &theme, t.get("plan-turn"), |ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        for (text, key, clockwise_deg) in [
            ("−5°", "plan-turn-left", -TURN_DEG),
            ("+5°", "plan-turn-right", TURN_DEG),
        ] {
            let angle = format!("{TURN_DEG:.0}°");
            let label = t.fmt(key, &[("angle", &angle)]);
            if named_button(ui, cx, text, &label) {
                ask(cx, PlanCommand::TurnChosen { clockwise_deg });
            }
        }
    });
}

/// A button with a short text and a longer name.
fn named_button(ui: &mut Ui, cx: &Cx, text: &str, label: &str) -> bool {
    let response = widgets::text_button(ui, &cx.theme, text, false);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Button, true, label));
    response.on_hover_text(label).clicked()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn storeys_keep_their_height_when_a_building_is_extruded() {
        let building = |height_m: f64, storeys: u32| BuildingModel {
            height_m,
            storeys,
            ..BuildingModel::default()
        };
        for (from, storeys, to, want) in [
            (35.0, 10, 47.5, 14),
            (35.0, 10, 70.0, 20),
            (35.0, 10, 1.0, 1),
            (35.0, 0, 70.0, 0),
            (0.0, 4, 12.0, 4),
            (3.0, 3, 1500.0, 400),
        ] {
            assert_eq!(storeys_at(&building(from, storeys), to), want, "{to} m");
        }
    }
}
