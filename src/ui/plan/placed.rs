//! The chosen model: its file, heading, size and height, and moving, copying, deleting it.

use egui::Ui;

use super::super::Cx;
use super::super::command::PlanCommand;
use super::super::model::PlacedModel;
use super::super::widgets;
use super::{ask, building, fields, problem, section};

pub(super) fn show(ui: &mut Ui, cx: &mut Cx, model: &PlacedModel) {
    if !section(ui, cx, "plan-model", "") {
        return;
    }
    ui.push_id(fields::id_of("model", &model.feature), |ui| {
        form(ui, cx, model);
        building::moves(ui, cx);
        building::actions(ui, cx);
    });
}

fn form(ui: &mut Ui, cx: &mut Cx, model: &PlacedModel) {
    let (t, theme) = (cx.t, cx.theme);
    let mut wanted = model.clone();
    let label = t.get("plan-model-file");
    let typed = fields::row(ui, &theme, label, |ui| {
        fields::checked(ui, cx, "url", [label; 2], &model.url, |text| {
            fault(text).is_none()
        })
    });
    if let Some(key) = fault(&typed.text) {
        problem(ui, cx, t.get(key));
    }
    if let Some(url) = typed.left {
        url.trim().clone_into(&mut wanted.url);
    }
    for (field, value, key, range, speed, decimals, unit) in [
        (
            "heading",
            &mut wanted.heading_deg,
            "plan-model-heading",
            -360.0..=360.0,
            1.0,
            1,
            "°",
        ),
        (
            "scale",
            &mut wanted.scale,
            "plan-model-scale",
            1e-4..=1e4,
            0.01,
            3,
            "",
        ),
        (
            "foot",
            &mut wanted.height_m,
            "plan-model-height",
            -12_000.0..=100_000.0,
            0.1,
            2,
            " m",
        ),
    ] {
        let look = fields::Number {
            label: t.get(key),
            range,
            speed,
            decimals,
            unit,
        };
        let now = *value;
        if let Some(number) = fields::row(ui, &theme, look.label, |ui| {
            fields::number(ui, cx, field, now, &look)
        }) {
            *value = number;
        }
    }
    if wanted != *model {
        ask(cx, PlanCommand::SetModel(wanted));
    }
}

/// What is to be placed: its name, while the tool is in hand.
pub(super) fn name(ui: &mut Ui, cx: &mut Cx) {
    let label = cx.t.get("plan-model-file");
    let now = cx.model.plan.model_url.clone();
    if !now.is_empty() {
        // A file was dropped on the window since: what was wrong before counts no more.
        fields::forget(ui, cx, "model to place", |text| fault(text).is_some());
    }
    let typed = fields::checked(ui, cx, "model to place", [label; 2], &now, |text| {
        text.trim().is_empty() || fault(text).is_none()
    });
    // A click in the city comes as soon as the field is left: it must find the name there.
    let name = match fault(&typed.text) {
        None => typed.text.trim(),
        Some(_) => "",
    };
    if (typed.has_focus || typed.left.is_some()) && name != now {
        ask(cx, PlanCommand::NameModel(name.to_owned()));
    }
    let key = match fault(&typed.text) {
        Some(_) if typed.text.trim().is_empty() => "plan-help-model-name",
        Some(key) => {
            problem(ui, cx, cx.t.get(key));
            return;
        }
        None => "plan-help-model",
    };
    widgets::quiet(ui, &cx.theme, cx.t.get(key));
}

/// What is wrong with the name of a model, as the key of a message.
fn fault(name: &str) -> Option<&'static str> {
    let name = name.trim();
    if name.is_empty() {
        return Some("plan-model-no-name");
    }
    // What follows a file's name in an address is not part of it.
    let path = match name.contains("://") {
        true => name.split(['?', '#']).next().unwrap_or(name),
        false => name,
    };
    let path = path.to_ascii_lowercase();
    let is_model = [".glb", ".gltf"].iter().any(|end| path.ends_with(end));
    (!is_model).then_some("plan-model-not-gltf")
}

#[cfg(test)]
mod tests {
    use super::fault;

    #[test]
    fn models_are_told_by_their_names() {
        for name in [
            "a.glb",
            " models/Kiosk.GLTF ",
            "https://x.org/m/a.glb?key=1#top",
            "file:///home/me/a.glb",
        ] {
            assert_eq!(fault(name), None, "{name}");
        }
        assert_eq!(fault("  "), Some("plan-model-no-name"));
        for name in ["a.obj", "glb", "a.glb?b", "https://x.org/?file=a.glb"] {
            assert_eq!(fault(name), Some("plan-model-not-gltf"), "{name}");
        }
    }
}
