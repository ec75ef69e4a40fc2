//! Somebody else saved the same scenario meanwhile: what each changed, and what to do.

use egui::{RichText, Stroke, Ui};

use super::super::Cx;
use super::super::command::PlanCommand;
use super::super::model::{ChangeModel, ConflictModel};
use super::super::theme;
use super::super::widgets;
use super::{ask, problem};

/// How many changes of each are listed.
const MAX_LINES: usize = 12;

pub(super) fn show(ui: &mut Ui, cx: &mut Cx, both: &ConflictModel) {
    let theme = cx.theme;
    let frame = theme
        .card_frame()
        .stroke(Stroke::new(1.0, theme.warning))
        .fill(theme.panel_solid);
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        let who = match both.who.as_str() {
            "" => cx.t.get("plan-somebody"),
            who => who,
        };
        problem(ui, cx, &cx.t.fmt("plan-conflict", &[("who", &who)]));
        let theirs = cx.t.fmt("plan-conflict-theirs", &[("who", &who)]);
        lines(ui, cx, &theirs, &both.theirs);
        lines(ui, cx, cx.t.get("plan-conflict-mine"), &both.mine);
        ui.add_space(theme::GRID);
        ui.horizontal_wrapped(|ui| {
            let ready = !cx.model.plan.busy;
            for (offered, key, hint, command) in [
                (
                    both.can_merge,
                    "plan-merge",
                    "plan-merge-hint",
                    PlanCommand::Merge,
                ),
                (
                    true,
                    "plan-keep-mine",
                    "plan-keep-mine-hint",
                    PlanCommand::KeepMine,
                ),
                (
                    true,
                    "plan-take-theirs",
                    "plan-take-theirs-hint",
                    PlanCommand::TakeTheirs,
                ),
            ] {
                if !offered {
                    continue;
                }
                let primary = ready && command == PlanCommand::Merge;
                ui.add_enabled_ui(ready, |ui| {
                    let button = widgets::text_button(ui, &theme, cx.t.get(key), primary);
                    if button.on_hover_text(cx.t.get(hint)).clicked() {
                        ask(cx, command);
                    }
                });
            }
        });
    });
    ui.add_space(theme::GRID * 2.0);
}

fn lines(ui: &mut Ui, cx: &Cx, heading: &str, changes: &[ChangeModel]) {
    let heading = RichText::new(heading).font(theme::strong_font(12.0));
    ui.add(egui::Label::new(heading.color(cx.theme.text)).wrap());
    if changes.is_empty() {
        widgets::quiet(ui, &cx.theme, cx.t.get("plan-conflict-nothing"));
    }
    for change in changes.iter().take(MAX_LINES) {
        widgets::quiet(ui, &cx.theme, format!("· {}", words(cx, change)));
    }
    if changes.len() > MAX_LINES {
        let more = changes.len() - MAX_LINES;
        widgets::quiet(ui, &cx.theme, cx.t.fmt("legend-more", &[("n", &more)]));
    }
}

/// `Changed · Add building · Pier House (reason, period)`.
fn words(cx: &Cx, change: &ChangeModel) -> String {
    let what = cx.t.named("plan-diff", &change.what, &change.what);
    let kind = cx.t.named("plan-op", &change.kind, &change.kind);
    let parts: Vec<&str> = [what, kind, change.subject.as_str()]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
    let fields: Vec<&str> = change
        .fields
        .iter()
        .map(|field| cx.t.named("plan-field", field, field))
        .collect();
    match fields.as_slice() {
        [] => parts.join(" · "),
        fields => format!("{} ({})", parts.join(" · "), fields.join(", ")),
    }
}
