//! The plan panel: scenarios of the city, what they change, and what that amounts to.
//!
//! Without an open scenario it lists those of the hub; with one it shows the parts below, each of which folds.
//! Where nothing can be changed (the page) only what is for looking is there.

mod attribute;
mod building;
mod compare;
mod conflict;
mod fields;
mod heading;
mod input;
mod list;
mod operations;
mod origin;
pub(crate) mod overlay;
mod placed;
mod results;
mod street;
mod sure;
pub(crate) mod tools;
mod window;

use egui::{IdMap, ScrollArea, Ui};

use super::Cx;
use super::command::{PlanCommand, UiCommand};
use super::icons::Icon;
use super::model::OpenPlan;
use super::theme;
use super::widgets;

/// What the plan panel remembers.
#[derive(Debug, Default)]
pub(crate) struct PlanState {
    /// What stands in fields that are being changed; the model has it once they are left.
    drafts: IdMap<fields::Draft>,
    /// `Esc` was pressed in a field in this frame: what it holds is given up.
    pub(crate) dropped: bool,
    new_name: String,
    /// Something was pressed that takes something away, of the scenario with this id: asked again.
    sure: Option<(sure::Sure, String)>,
    /// Buildings are moved by ten metres instead of one.
    far: bool,
    /// What is looked for among the streets.
    street_text: String,
    /// The attribute of what is selected that is given another value.
    attribute: String,
    /// The input of a model that is being written.
    input: input::Draft,
    /// From the swipe's line to the pointer that drags it, pixels.
    grab_px: f32,
    /// Indicators whose sources are unfolded.
    sources_of: std::collections::BTreeSet<String>,
    /// The author that the app was told.
    author_told: String,
}

/// Shows the panel's contents.
pub(crate) fn show(ui: &mut Ui, cx: &mut Cx) {
    let plan = &cx.model.plan;
    tell_author(cx);
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .id_salt("plan")
        .show(ui, |ui| {
            if let Some(both) = plan.conflict.as_ref().filter(|_| plan.can_edit) {
                conflict::show(ui, cx, both);
            }
            match &plan.open {
                Some(open) => opened(ui, cx, open),
                None => {
                    cx.state.plan.drafts.clear();
                    list::show(ui, cx);
                }
            }
        });
}

fn opened(ui: &mut Ui, cx: &mut Cx, open: &OpenPlan) {
    heading::show(ui, cx, open);
    tools::show(ui, cx);
    if let Some(building) = &open.building
        && cx.model.plan.can_edit
    {
        building::show(ui, cx, building);
    }
    if let Some(model) = &open.placed
        && cx.model.plan.can_edit
    {
        placed::show(ui, cx, model);
    }
    if cx.model.plan.can_edit {
        street::show(ui, cx, open);
        attribute::show(ui, cx);
        input::show(ui, cx);
    }
    operations::show(ui, cx, open);
    compare::show(ui, cx, open);
    results::indicators(ui, cx, open);
    results::sun(ui, cx, open);
}

/// The author is a setting of the panels; the app hears of it before the first change is made.
fn tell_author(cx: &mut Cx) {
    let author = &cx.state.settings.author;
    if cx.model.plan.can_edit && *author != cx.state.plan.author_told {
        let author = author.clone();
        cx.state.plan.author_told.clone_from(&author);
        ask(cx, PlanCommand::SetAuthor(author));
    }
}

fn ask(cx: &mut Cx, command: PlanCommand) {
    cx.emit(UiCommand::Plan(command));
}

/// The heading of a part; true while it is unfolded.
fn section(ui: &mut Ui, cx: &mut Cx, key: &str, badge: &str) -> bool {
    ui.add_space(theme::GRID);
    let open = !cx.state.settings.folded.contains(key);
    let heading = widgets::FoldHeading {
        icon: None,
        name: cx.t.get(key),
        badge: (badge, cx.theme.quiet),
        open,
    };
    if heading.show(ui, &cx.theme).clicked() {
        let folded = &mut cx.state.settings.folded;
        match open {
            true => folded.insert(key.to_owned()),
            false => folded.remove(key),
        };
    }
    open
}

/// What the open scenario is compared with, by name.
fn other_name<'m>(cx: &Cx<'m>) -> &'m str {
    let (t, model) = (cx.t, cx.model);
    match &model.plan.against {
        Some((_, name)) => name,
        None => t.get("plan-as-it-stands"),
    }
}

/// A line that says what is wrong.
fn problem(ui: &mut Ui, cx: &Cx, text: &str) {
    ui.horizontal_top(|ui| {
        widgets::inline_icon(ui, Icon::Warning, 14.0, cx.theme.warning);
        let text = egui::RichText::new(text).size(12.0).color(cx.theme.warning);
        ui.vertical(|ui| ui.add(egui::Label::new(text).wrap()));
    });
}
