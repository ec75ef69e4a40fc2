//! Before something is taken away for good, it is asked again, in the place of the button.

use egui::Ui;

use super::super::Cx;
use super::super::command::PlanCommand;
use super::super::widgets;
use super::{ask, problem};

/// What is asked again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sure {
    /// Closing with changes that are not saved.
    Close,
    /// Deleting the scenario on the hub.
    Delete,
    /// Deleting models on the hub.
    Tidy,
}

impl Sure {
    /// What would happen, the button that does it, the button that does not, and the command.
    fn words(
        self,
    ) -> (
        Option<&'static str>,
        &'static str,
        &'static str,
        PlanCommand,
    ) {
        match self {
            Self::Close => (
                None,
                "plan-close-unsaved",
                "plan-keep-editing",
                PlanCommand::Close,
            ),
            Self::Delete => (
                Some("plan-delete-scenario-sure"),
                "plan-delete-scenario-now",
                "plan-keep-it",
                PlanCommand::Delete,
            ),
            Self::Tidy => (
                Some("plan-idle-models-sure"),
                "plan-idle-models-now",
                "plan-keep-it",
                PlanCommand::DeleteModels,
            ),
        }
    }
}

/// It was pressed, with the scenario of this id.
pub(super) fn first(cx: &mut Cx, what: Sure, id: &str) {
    cx.state.plan.sure = Some((what, id.to_owned()));
}

/// Whether it was pressed.
pub(super) fn asked(cx: &Cx, what: Sure) -> bool {
    cx.state
        .plan
        .sure
        .as_ref()
        .is_some_and(|(sure, _)| *sure == what)
}

/// Forgets what was pressed elsewhere, or cannot be done any more.
pub(super) fn only(cx: &mut Cx, can_be: &[Sure], id: &str) {
    let sure = &mut cx.state.plan.sure;
    if sure
        .as_ref()
        .is_some_and(|(sure, of)| of != id || !can_be.contains(sure))
    {
        *sure = None;
    }
}

/// Asks again. What keeps is the one that stands out.
pub(super) fn ask_again(ui: &mut Ui, cx: &mut Cx, what: Sure) {
    let (warning, now, keep, command) = what.words();
    if let Some(key) = warning {
        problem(ui, cx, cx.t.get(key));
    }
    ui.horizontal_wrapped(|ui| {
        let theme = cx.theme;
        // Closing sends nothing.
        let ready = what == Sure::Close || !cx.model.plan.busy;
        ui.add_enabled_ui(ready, |ui| {
            if widgets::text_button(ui, &theme, cx.t.get(now), false).clicked() {
                cx.state.plan.sure = None;
                ask(cx, command);
            }
        });
        if widgets::text_button(ui, &theme, cx.t.get(keep), true).clicked() {
            cx.state.plan.sure = None;
        }
    });
}
