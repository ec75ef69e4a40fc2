//! What the planning panel asks for, done on the planner's desk.

use bevy::ecs::prelude::*;
use bevy::ecs::system::SystemParam;
use city_geo::Geodetic;
use city_scene::scenario::{
    EnergyClass, Horizon, OperationKind, Value, Window, footprint, numbered_slug, slug,
};

use crate::clock::SimClock;
use crate::picking::{AlsoSelected, Selection, feature_id};
use crate::render::CityMesh;
use crate::scenario::{Desk, OPEN, OTHER, Shift, Wish};
use crate::ui::PlanCommand;
use crate::ui::model::{self as ui, PlanTool};

/// What planning may touch.
#[derive(SystemParam)]
pub(super) struct Planner<'w, 's> {
    desk: ResMut<'w, Desk>,
    clock: Res<'w, SimClock>,
    meshes: Query<'w, 's, &'static CityMesh>,
}

impl Planner<'_, '_> {
    /// Takes the last change of the scenario back; false where there is none.
    pub fn undo(&mut self) -> bool {
        let done = self.desk.can_edit && self.desk.editor.as_mut().is_some_and(|e| e.undo());
        if done {
            self.desk.touch();
        }
        done
    }

    /// Does it again.
    pub fn redo(&mut self) -> bool {
        let done = self.desk.can_edit && self.desk.editor.as_mut().is_some_and(|e| e.redo());
        if done {
            self.desk.touch();
        }
        done
    }

    /// Gives what is selected another value of an attribute.
    pub fn override_attribute(
        &mut self,
        selection: &Selection,
        attribute: &str,
        value: ui::AttributeValue,
    ) {
        if !self.desk.can_edit {
            return;
        }
        let id = match selection {
            Selection::Feature { mesh, feature, .. } => {
                let mesh = self.meshes.get(*mesh).ok();
                mesh.and_then(|mesh| feature_id(mesh, *feature))
            }
            _ => None,
        };
        let Some(id) = id else {
            self.nothing_selected();
            return;
        };
        let value = match value {
            ui::AttributeValue::Flag(flag) => Value::Flag(flag),
            ui::AttributeValue::Number(number) => Value::Number(number),
            ui::AttributeValue::Text(text) => Value::Text(text),
        };
        self.desk.override_attribute(&id, attribute, value);
    }

    fn nothing_selected(&mut self) {
        self.desk.wish(Wish::Tell(
            "nothing is selected that has an identifier".to_owned(),
            "click a building first".to_owned(),
        ));
    }

    /// Whether hiding is a change of an open scenario.
    pub fn can_hide(&self) -> bool {
        self.desk.can_edit && self.desk.editor.is_some()
    }

    /// Hides what is selected; whether something was.
    pub fn hide(&mut self, selection: &Selection, also: &AlsoSelected) -> bool {
        if !self.desk.can_edit {
            return false;
        }
        let ids: Vec<String> = std::iter::once(selection)
            .chain(&also.0)
            .filter_map(|selection| match selection {
                Selection::Feature { mesh, feature, .. } => {
                    feature_id(self.meshes.get(*mesh).ok()?, *feature)
                }
                _ => None,
            })
            .collect();
        if ids.is_empty() {
            self.nothing_selected();
            return false;
        }
        let Some(editor) = &mut self.desk.editor else {
            return false;
        };
        editor.apply(OperationKind::HideFeatures { ids });
        self.desk.touch();
        true
    }

    /// Everything else. What changes a scenario is refused where it is read-only.
    pub fn apply(&mut self, command: PlanCommand) {
        let desk = &mut *self.desk;
        match command {
            PlanCommand::Refresh => desk.wish(Wish::List),
            PlanCommand::Open(id) => desk.wish(Wish::Load(id, OPEN)),
            PlanCommand::Close => desk.close(),
            PlanCommand::Against(Some(id)) => desk.wish(Wish::Load(id, OTHER)),
            PlanCommand::Against(None) => {
                desk.against = None;
                desk.touch();
            }
            PlanCommand::Compare(compare) => desk.compare = compare,
            PlanCommand::Swipe(share) => desk.swipe = share.clamp(0.0, 1.0),
            PlanCommand::ShowOther(other) => desk.shows_other = other,
            PlanCommand::Choose(feature) => desk.chosen = Some(feature),
            PlanCommand::FlyToDifference(index) => {
                let place = desk.differences().get(index).and_then(|d| d.place);
                if let Some(place) = place {
                    let place = Geodetic::from_degrees(place.lon, place.lat, place.height);
                    desk.wish(Wish::Fly(place));
                }
            }
            PlanCommand::Tool(PlanTool::Sun) => desk.tool = PlanTool::Sun,
            PlanCommand::CancelTool => {
                desk.tool = PlanTool::None;
                desk.corners.clear();
                desk.held = None;
            }
            command if desk.can_edit => edit(desk, command, &self.clock.zone),
            _ => {}
        }
    }
}

fn edit(desk: &mut Desk, command: PlanCommand, zone: &city_time::Zone) {
    match command {
        PlanCommand::New { name } => desk.create(&name),
        PlanCommand::Save => desk.wish(Wish::Save),
        PlanCommand::Delete => desk.wish(Wish::Delete),
        PlanCommand::DeleteModels => desk.wish(Wish::DeleteModels),
        PlanCommand::Duplicate => duplicate(desk),
        PlanCommand::Rename { name, description } => {
            if let Some(editor) = &mut desk.editor {
                editor.rename(&name, &description);
            }
        }
        PlanCommand::Tool(tool) => {
            desk.tool = tool;
            desk.corners.clear();
        }
        PlanCommand::FinishTool => desk.finish(),
        PlanCommand::Undo => change(desk, |editor| {
            editor.undo();
        }),
        PlanCommand::Redo => change(desk, |editor| {
            editor.redo();
        }),
        PlanCommand::RemoveOperation(id) => change(desk, |editor| {
            editor.remove(&id);
        }),
        PlanCommand::SetReason { operation, reason } => change(desk, |editor| {
            editor.edit(&operation, |operation| operation.reason = reason);
        }),
        PlanCommand::SetHorizon { operation, horizon } => {
            let horizon = match horizon {
                ui::Horizon::Short => Horizon::Short,
                ui::Horizon::Medium => Horizon::Medium,
                ui::Horizon::Long => Horizon::Long,
            };
            change(desk, |editor| {
                editor.edit(&operation, |operation| operation.horizon = horizon);
            });
        }
        PlanCommand::SetWindow {
            operation,
            from,
            to,
        } => {
            // The panel has told what is wrong, if something was.
            if let Ok(window) = Window::read(&from, &to, zone) {
                change(desk, |editor| {
                    editor.edit(&operation, |operation| operation.window = window);
                });
            }
        }
        PlanCommand::SetAuthor(author) => {
            desk.author.clone_from(&author);
            if let Some(editor) = &mut desk.editor {
                editor.author = author;
            }
        }
        PlanCommand::SetBuilding(form) => set_building(desk, &form),
        PlanCommand::FindStreets(text) => desk.find_streets(&text),
        PlanCommand::ChooseStreet(street) => desk.street = street,
        PlanCommand::CloseStreet => desk.close_street(),
        PlanCommand::ChangeStreet { attribute, value } => {
            desk.change_street(attribute, Value::Number(value));
        }
        PlanCommand::SetInput {
            model,
            input,
            value,
            unit,
        } => desk.set_input(&model, &input, value, &unit),
        PlanCommand::NameModel(url) => desk.model_url = url,
        PlanCommand::SetModel(form) => set_model(desk, &form),
        PlanCommand::MoveChosen { east_m, north_m } => desk.carry(Shift {
            east_m,
            north_m,
            ..Shift::default()
        }),
        PlanCommand::TurnChosen { clockwise_deg } => desk.carry(Shift {
            clockwise_deg,
            ..Shift::default()
        }),
        PlanCommand::CopyChosen => copy(desk),
        PlanCommand::DeleteChosen => {
            if let (Some(editor), Some(chosen)) = (&mut desk.editor, desk.chosen.take()) {
                editor.delete(&chosen);
                desk.held = None;
                desk.touch();
            }
        }
        PlanCommand::KeepMine => {
            if let Some(conflict) = desk.conflict.take() {
                desk.revision = Some(conflict.revision);
                desk.ancestor = Some(conflict.theirs);
                desk.wish(Wish::Save);
            }
        }
        PlanCommand::TakeTheirs => {
            if let Some(conflict) = desk.conflict.take() {
                desk.open(conflict.theirs, Some(conflict.revision));
            }
        }
        PlanCommand::Merge => merge(desk),
        _ => {}
    }
}

fn change(desk: &mut Desk, change: impl FnOnce(&mut city_scene::scenario::Editor)) {
    if let Some(editor) = &mut desk.editor {
        change(editor);
        desk.touch();
    }
}

fn duplicate(desk: &mut Desk) {
    let Some(editor) = &desk.editor else {
        return;
    };
    let scenario = editor.scenario();
    let taken = |name: &str, id: &str| {
        let mut known = desk.list.iter();
        scenario.id == id || known.any(|(i, n)| i == id || n == name)
    };
    let (name, id) = name_of_copy(&scenario.name, taken);
    desk.editor = Some(editor.duplicate(&id, &name));
    desk.revision = None;
    desk.ancestor = None;
    desk.touch();
}

/// What a copy is called, and its id: the name with the first number from 2 on that neither is taken with.
fn name_of_copy(name: &str, taken: impl Fn(&str, &str) -> bool) -> (String, String) {
    let stem = match name.rsplit_once(" (") {
        Some((stem, rest))
            if rest
                .strip_suffix(')')
                .is_some_and(|n| n.parse::<u32>().is_ok()) =>
        {
            stem
        }
        _ => name,
    };
    // A hub keeps fewer than a thousand.
    let copies =
        (2..1000).map(|number| (format!("{stem} ({number})"), numbered_slug(stem, number)));
    let free = copies.into_iter().find(|(name, id)| !taken(name, id));
    free.unwrap_or_else(|| (name.to_owned(), slug(name)))
}

fn set_building(desk: &mut Desk, form: &ui::BuildingModel) {
    let Some(added) = desk.plan(OPEN).added.get(&form.feature) else {
        return;
    };
    let mut building = added.building.clone();
    building.name.clone_from(&form.name);
    building.height_m = form.height_m;
    building.storeys = form.storeys;
    building.usage.clone_from(&form.usage);
    building.energy_class = EnergyClass::parse(&form.energy_class);
    desk.put(&form.feature, building);
}

fn set_model(desk: &mut Desk, form: &ui::PlacedModel) {
    let Some(model) = desk.plan(OPEN).models.get(&form.feature) else {
        return;
    };
    let mut model = model.clone();
    model.url.clone_from(&form.url);
    model.heading_deg = form.heading_deg;
    model.scale = form.scale;
    model.position.height = form.height_m;
    desk.put_model(&model);
}

/// Another one beside it, so that both are seen.
fn copy(desk: &mut Desk) {
    /// Between a building and its copy, metres.
    const GAP_M: f64 = 8.0;
    /// A model's size is not known here.
    const MODEL_M: f64 = 30.0;
    let plan = std::sync::Arc::clone(desk.plan(OPEN));
    let (Some(editor), Some(chosen)) = (&mut desk.editor, &desk.chosen) else {
        return;
    };
    let copied = if plan.models.contains_key(chosen) {
        editor.copy_model(&plan, chosen, MODEL_M, 0.0)
    } else {
        let width_m = (plan.added.get(chosen))
            .map_or(0.0, |added| footprint::width_m(&added.building.footprint));
        editor.copy_building(&plan, chosen, width_m + GAP_M, 0.0)
    };
    desk.chosen = copied;
    desk.touch();
}

fn merge(desk: &mut Desk) {
    let Some(conflict) = desk.conflict.take() else {
        return;
    };
    let merged = desk.editor.as_ref().and_then(|editor| {
        let ancestor = desk.ancestor.as_ref()?;
        city_scene::scenario::merge(ancestor, editor.scenario(), &conflict.theirs)
    });
    match merged {
        Some(merged) => {
            desk.open(merged, Some(conflict.revision));
            desk.ancestor = Some(conflict.theirs);
            desk.wish(Wish::Save);
        }
        None => {
            desk.conflict = Some(conflict);
            desk.wish(Wish::Tell(
                "both changed the same operations, so they cannot be merged".to_owned(),
                "keep one, or save yours under another name".to_owned(),
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::name_of_copy;

    #[test]
    fn a_copy_has_the_next_free_number() {
        let copy = |name: &str, taken: &[&str]| {
            name_of_copy(name, |n, id| taken.contains(&n) || taken.contains(&id))
        };
        let pair = |name: &str, id: &str| (name.to_owned(), id.to_owned());
        assert_eq!(copy("Quay", &[]), pair("Quay (2)", "quay-2"));
        assert_eq!(copy("Quay (2)", &["Quay (2)"]), pair("Quay (3)", "quay-3"));
        assert_eq!(copy("Quay", &["quay-2"]), pair("Quay (3)", "quay-3"));
        assert_eq!(
            copy("Quay (old)", &[]),
            pair("Quay (old) (2)", "quay-old-2")
        );
        let (_, id) = copy(&"long ".repeat(40), &[]);
        assert!(id.len() <= 64 && id.ends_with("-2"), "{id}");
    }
}
