//! Another value of an attribute of what is selected. Its kind stays: a number, a text, a flag.

use egui::Ui;

use super::super::Cx;
use super::super::command::PlanCommand;
use super::super::model::{AttributeValue, FeatureModel, InspectorModel, Property, ValueKind};
use super::super::widgets;
use super::{ask, fields, problem, section};

/// Identifiers say what a feature is: they have no other value.
const IDENTIFIERS: [&str; 6] = [
    "id",
    "identificatie",
    "gml_id",
    "gml:id",
    "bag_id",
    "operation",
];

pub(super) fn show(ui: &mut Ui, cx: &mut Cx) {
    if !section(ui, cx, "plan-attribute", "") {
        return;
    }
    let feature = match &cx.model.inspector {
        InspectorModel::Building(feature) | InspectorModel::Feature(feature) => feature,
        _ => {
            widgets::quiet(ui, &cx.theme, cx.t.get("plan-select-first"));
            return;
        }
    };
    let text = cx.t.fmt("plan-selected", &[("name", &feature.title)]);
    widgets::quiet(ui, &cx.theme, text);
    ui.push_id(fields::id_of("attribute of", &feature.title), |ui| {
        form(ui, cx, feature);
    });
}

fn form(ui: &mut Ui, cx: &mut Cx, feature: &FeatureModel) {
    let (t, theme) = (cx.t, cx.theme);
    let name = |property: &Property| {
        let fallback = match property.name.as_str() {
            "" => property.id.as_str(),
            name => name,
        };
        t.named("property", &property.id, fallback).to_owned()
    };
    let offered: Vec<&Property> = feature
        .properties
        .iter()
        .filter(|p| p.kind != ValueKind::List && !IDENTIFIERS.contains(&p.id.as_str()))
        .collect();
    let options: Vec<(String, String)> = offered
        .iter()
        .map(|property| (property.id.clone(), name(property)))
        .collect();
    let chosen = cx.state.plan.attribute.clone();
    let property = offered.iter().find(|property| property.id == chosen);
    let label = t.get("plan-attribute-which");
    let shown = property.map_or_else(|| t.get("plan-attribute-choose").to_owned(), |p| name(p));
    if let Some(id) = fields::row(ui, &theme, label, |ui| {
        fields::choice(ui, "attribute", label, &shown, Some(&chosen), &options)
    }) {
        cx.state.plan.attribute = id;
        return;
    }
    let Some(property) = property else { return };
    ui.push_id(&property.id, |ui| value(ui, cx, property));
}

/// The field of the value, by its kind.
fn value(ui: &mut Ui, cx: &mut Cx, property: &Property) {
    let (t, theme) = (cx.t, cx.theme);
    let label = t.get("plan-attribute-value");
    let set = |cx: &mut Cx, value| {
        let attribute = property.id.clone();
        ask(cx, PlanCommand::OverrideAttribute { attribute, value });
    };
    if property.kind == ValueKind::Flag {
        let now = property.value == "true";
        let options = [false, true].map(|flag| (flag, flag_name(cx, flag)));
        let shown = flag_name(cx, now);
        if let Some(flag) = fields::row(ui, &theme, label, |ui| {
            fields::choice(ui, "value", label, &shown, Some(&now), &options)
        }) {
            set(cx, AttributeValue::Flag(flag));
        }
        return;
    }
    let is_number = property.kind == ValueKind::Number;
    let good = |text: &str| !is_number || number(text).is_some();
    let typed = fields::row(ui, &theme, label, |ui| {
        fields::checked(ui, cx, "value", [label; 2], &property.value, good)
    });
    if !good(&typed.text) {
        problem(ui, cx, t.get("plan-no-number"));
    } else if !property.unit.is_empty() {
        widgets::quiet(ui, &theme, &property.unit);
    }
    if let Some(text) = typed.left {
        match number(&text) {
            Some(number) if is_number => set(cx, AttributeValue::Number(number)),
            _ => set(cx, AttributeValue::Text(text.trim().to_owned())),
        }
    }
}

fn flag_name(cx: &Cx, flag: bool) -> String {
    cx.t.get(if flag { "plan-yes" } else { "plan-no" })
        .to_owned()
}

/// A number as people write it: thousands may be apart by commas, as the inspector shows them.
pub(super) fn number(text: &str) -> Option<f64> {
    let plain: String = text
        .trim()
        .chars()
        .filter(|c| *c != ',')
        .map(|c| if c == '\u{2212}' { '-' } else { c })
        .collect();
    let number: f64 = plain.parse().ok()?;
    number.is_finite().then_some(number)
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_are_read_as_they_are_shown() {
        assert_eq!(number(" 52,300.5 "), Some(52_300.5));
        assert_eq!(number("\u{2212}3"), Some(-3.0));
        for wrong in ["", "forty", "1 2", "inf", "NaN", "3 m"] {
            assert_eq!(number(wrong), None, "{wrong}");
        }
    }
}
