//! The planner's desk: what is open, what it comes to, what is being drawn. Knows no engine; what it cannot do itself
//! it asks for ([`Wish`]).

use std::collections::BTreeMap;
use std::sync::Arc;

use bevy::ecs::resource::Resource;
use city_geo::Geodetic;
use city_scene::CityIndex;
use city_scene::scenario::{
    Base, Building, CURRENT_SCENARIO_SCHEMA, Difference, Editor, EnergyClass, NoBase,
    OperationKind, PlacedModel, Plan, Scenario, differences, fold, footprint, numbered_slug, slug,
};
use city_time::SimInstant;
use geo_types::{Coord, LineString, Polygon};

use super::carry::{self, Shift};
use super::results::{Figures, Sunlight};
use crate::ui::model::{Compare, Hand, PlanTool};

/// What a scenario is compared with, and the scenario: the two variants of the picture.
pub const OTHER: usize = 0;
/// See [`OTHER`].
pub const OPEN: usize = 1;

/// What the desk wants of the world.
#[derive(Clone, Debug, PartialEq)]
pub enum Wish {
    /// The hub's list.
    List,
    /// A scenario of the hub, to open (`OPEN`) or to compare with (`OTHER`).
    Load(String, usize),
    /// Put the open scenario on the hub.
    Save,
    /// Delete the open scenario on the hub.
    Delete,
    /// Delete the hub's models that no scenario names.
    DeleteModels,
    /// Fly to a place.
    Fly(Geodetic),
    /// Tell something, and what to do about it.
    Tell(String, String),
    /// Work out the hours of sun on a place.
    Sun(Geodetic),
}

/// Somebody else saved the same scenario meanwhile.
#[derive(Clone, Debug)]
pub struct Conflict {
    /// Their version.
    pub theirs: Scenario,
    /// Its revision.
    pub revision: String,
}

/// Models of a hub that none of its scenarios names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IdleModels {
    /// How many.
    pub count: usize,
    /// Bytes, together.
    pub bytes: u64,
}

/// The planner's desk.
#[derive(Resource)]
pub struct Desk {
    /// Scenarios can be changed here.
    pub can_edit: bool,
    /// Address of the scene, which new scenarios build on.
    pub scene: String,
    /// The city's list of buildings, where it has one.
    pub base: Option<Arc<CityIndex>>,
    /// Scenarios of the hub: id and name.
    pub list: Vec<(String, String)>,
    /// What the hub keeps of models that no scenario names.
    pub idle_models: IdleModels,
    /// Where the open scenario's file is, for what is named relative to it: a folder or address that ends with `/`,
    /// or nothing.
    pub beside: String,
    /// Where what the hub keeps of models is, for `hub:models/`: a folder or address that ends with `/`.
    pub kept_models: Option<String>,
    /// The scenario that is open.
    pub editor: Option<Editor>,
    /// The hub's revision that it was opened or saved as; `None` while it is nowhere.
    pub revision: Option<String>,
    /// What it was then.
    pub ancestor: Option<Scenario>,
    /// What it is compared with; the city as it stands without.
    pub against: Option<Scenario>,
    /// How both are shown.
    pub compare: Compare,
    /// With [`Compare::Off`]: the other one is shown.
    pub shows_other: bool,
    /// The line between both, share of the picture's width.
    pub swipe: f32,
    /// What a click does.
    pub tool: PlanTool,
    /// Corners drawn so far.
    pub corners: Vec<Geodetic>,
    /// The building or placed model of the scenario whose form is shown.
    pub chosen: Option<String>,
    /// How far what is chosen has been dragged, while it is in the hand: the picture shows it there, the scenario has
    /// it once it is put down.
    pub held: Option<Shift>,
    /// Whether the pointer is on a handle of what is chosen.
    pub hand: Hand,
    /// Address of the model that the next click with [`PlanTool::Model`] places.
    pub model_url: String,
    /// Why files of models cannot be shown, by their whole addresses.
    pub model_faults: BTreeMap<String, String>,
    /// Files of models on their way: of those the picture does not show yet.
    pub models_under_way: usize,
    /// Files that were brought elsewhere, and are what they were: old and new whole address.
    pub moved_models: Vec<(String, String)>,
    /// The street of the city whose form is shown.
    pub street: Option<String>,
    /// Streets that were looked for: identifier and name.
    pub found_streets: Vec<(String, String)>,
    /// Set after a save that was refused.
    pub conflict: Option<Conflict>,
    /// Requests under way.
    pub busy: usize,
    /// Who plans.
    pub author: String,
    /// Hours of sun on the chosen place.
    pub sun: Option<Sunlight>,
    plans: [Arc<Plan>; 2],
    active: [Vec<bool>; 2],
    differences: Vec<Difference>,
    stamp: u64,
    stale: bool,
    figures: Figures,
    pub(super) wishes: Vec<Wish>,
}

impl Default for Desk {
    fn default() -> Self {
        Self {
            can_edit: !crate::platform::IS_WEB,
            scene: String::new(),
            base: None,
            list: Vec::new(),
            idle_models: IdleModels::default(),
            beside: String::new(),
            kept_models: None,
            editor: None,
            revision: None,
            ancestor: None,
            against: None,
            compare: Compare::Off,
            shows_other: false,
            swipe: 0.5,
            tool: PlanTool::None,
            corners: Vec::new(),
            chosen: None,
            held: None,
            hand: Hand::Away,
            model_url: String::new(),
            model_faults: BTreeMap::new(),
            models_under_way: 0,
            moved_models: Vec::new(),
            street: None,
            found_streets: Vec::new(),
            conflict: None,
            busy: 0,
            author: crate::platform::user_name(),
            sun: None,
            plans: Default::default(),
            active: Default::default(),
            differences: Vec::new(),
            stamp: 0,
            stale: false,
            figures: Figures::default(),
            wishes: Vec::new(),
        }
    }
}

impl Desk {
    /// What a variant comes to now.
    #[must_use]
    pub fn plan(&self, variant: usize) -> &Arc<Plan> {
        &self.plans[variant.min(1)]
    }

    /// Grows whenever a plan changes.
    #[must_use]
    pub fn stamp(&self) -> u64 {
        self.stamp
    }

    /// Whether there is anything to show beside the city as it stands.
    #[must_use]
    pub fn is_used(&self) -> bool {
        self.editor.is_some() || self.against.is_some()
    }

    /// The variant that fills the picture when both are not compared.
    #[must_use]
    pub fn shown(&self) -> usize {
        if self.shows_other || self.editor.is_none() {
            OTHER
        } else {
            OPEN
        }
    }

    /// What the attributes of things are shown by: the plan that fills the picture, and the open one where both are
    /// in it.
    #[must_use]
    pub fn seen_plan(&self) -> &Plan {
        match self.compare {
            Compare::Off => self.plan(self.shown()),
            Compare::Swipe | Compare::SideBySide => self.plan(OPEN),
        }
    }

    /// What is known of the city.
    #[must_use]
    pub fn city(&self) -> &dyn Base {
        match &self.base {
            Some(index) => &**index,
            None => &NoBase,
        }
    }

    /// What the open scenario does differently from the other.
    #[must_use]
    pub fn differences(&self) -> &[Difference] {
        &self.differences
    }

    /// The indicators, worked out once for each change.
    pub fn figures(&mut self) -> &Figures {
        let index = self.base.clone();
        self.figures
            .refresh(self.stamp, index.as_deref(), &self.plans);
        &self.figures
    }

    /// Asks for something that the desk cannot do itself.
    pub fn wish(&mut self, wish: Wish) {
        self.wishes.push(wish);
    }

    /// Something changed: the plans are made anew at the next [`Desk::refresh`].
    pub fn touch(&mut self) {
        self.stale = true;
    }

    /// Makes the plans for an instant anew, where the scenarios changed or an operation's time began or ended.
    pub fn refresh(&mut self, now: SimInstant) {
        let scenarios = [
            self.against.as_ref(),
            self.editor.as_ref().map(Editor::scenario),
        ];
        let active = scenarios.map(|scenario| {
            let operations = scenario.map_or(&[][..], |scenario| &scenario.operations);
            let holds = operations
                .iter()
                .map(|operation| operation.window.is_none_or(|window| window.contains(now)));
            holds.collect::<Vec<bool>>()
        });
        if !self.stale && active == self.active {
            return;
        }
        // The city's list of buildings may be what is new: figures and names change then, and no plan.
        let stale = std::mem::take(&mut self.stale);
        let plans = scenarios.map(|scenario| {
            let plan = scenario.map(|scenario| fold(scenario, now, self.city()));
            Arc::new(plan.unwrap_or_default())
        });
        self.active = active;
        if stale || plans != self.plans {
            self.plans = plans;
            self.differences = differences(&self.plans[OTHER], &self.plans[OPEN], self.city());
            self.stamp += 1;
        }
        let plan = &self.plans[OPEN];
        let gone = self
            .chosen
            .as_ref()
            .is_some_and(|id| !plan.added.contains_key(id) && !plan.models.contains_key(id));
        if gone {
            self.chosen = None;
            self.held = None;
        }
    }

    /// Opens a scenario. `revision` is the hub's, where it came from there.
    pub fn open(&mut self, scenario: Scenario, revision: Option<String>) {
        self.ancestor = Some(scenario.clone());
        let mut editor = Editor::open(scenario);
        editor.author.clone_from(&self.author);
        self.editor = Some(editor);
        self.revision = revision;
        self.start_over();
    }

    /// Opens an empty scenario.
    pub fn create(&mut self, name: &str) {
        let mut scenario = Scenario {
            schema: CURRENT_SCENARIO_SCHEMA,
            id: slug(name),
            name: name.to_owned(),
            description: String::new(),
            base: self.scene.clone(),
            parent: None,
            operations: Vec::new(),
        };
        let taken = |id: &str| self.list.iter().any(|(known, _)| known == id);
        if taken(&scenario.id) {
            // A hub keeps fewer than a thousand.
            let mut others = (2..1000).map(|number| numbered_slug(name, number));
            scenario.id = others.find(|id| !taken(id)).unwrap_or(scenario.id);
        }
        let mut editor = Editor::create(scenario);
        editor.author.clone_from(&self.author);
        self.editor = Some(editor);
        self.revision = None;
        self.ancestor = None;
        self.start_over();
    }

    /// Closes it.
    pub fn close(&mut self) {
        self.editor = None;
        self.against = None;
        self.revision = None;
        self.ancestor = None;
        self.compare = Compare::Off;
        self.start_over();
    }

    fn start_over(&mut self) {
        self.tool = PlanTool::None;
        self.corners.clear();
        self.chosen = None;
        self.held = None;
        self.street = None;
        self.found_streets.clear();
        self.conflict = None;
        self.sun = None;
        self.shows_other = false;
        self.touch();
    }

    /// A click with a tool, on the ground.
    pub fn click(&mut self, place: Geodetic) {
        match self.tool {
            PlanTool::None => {}
            PlanTool::Footprint | PlanTool::HideArea => self.corners.push(place),
            PlanTool::Place => {
                let plan = Arc::clone(&self.plans[OPEN]);
                let building = self
                    .chosen
                    .as_ref()
                    .and_then(|id| Some((id.clone(), plan.added.get(id)?.building.clone())));
                if let Some((id, mut building)) = building {
                    building.footprint =
                        footprint::moved_to(&building.footprint, place.lon_deg(), place.lat_deg());
                    building.base_height_m = Some(place.height_m);
                    self.put(&id, building);
                } else if let Some(model) = self.chosen.as_ref().and_then(|id| plan.models.get(id))
                {
                    let position = carry::position(place);
                    self.put_model(&PlacedModel {
                        position,
                        ..model.clone()
                    });
                }
                self.tool = PlanTool::None;
            }
            PlanTool::Model if self.model_url.trim().is_empty() => {
                self.wishes.push(Wish::Tell(
                    "no model is named yet, so none is placed".to_owned(),
                    "name its file or address in the panel, then click the ground".to_owned(),
                ));
            }
            PlanTool::Model => {
                self.place_model(place);
                self.tool = PlanTool::None;
            }
            PlanTool::Street => {
                self.pick_street(place);
                self.tool = PlanTool::None;
            }
            PlanTool::Sun => {
                self.wishes.push(Wish::Sun(place));
                self.tool = PlanTool::None;
            }
        }
    }

    /// The outline that is being drawn is done.
    pub fn finish(&mut self) {
        let tool = std::mem::replace(&mut self.tool, PlanTool::None);
        let corners = std::mem::take(&mut self.corners);
        if !matches!(tool, PlanTool::Footprint | PlanTool::HideArea) {
            return;
        }
        let outline = outline(&corners);
        if let Err(fault) = footprint::check(&outline) {
            self.wishes.push(Wish::Tell(
                format!("this outline cannot be used: {fault}"),
                "draw it again".to_owned(),
            ));
            return;
        }
        let Some(editor) = &mut self.editor else {
            return;
        };
        if tool == PlanTool::HideArea {
            editor.apply(OperationKind::HidePolygon { polygon: outline });
        } else {
            // It stands on the lowest of its corners, so that it floats nowhere.
            let foot_m = corners.iter().map(|corner| corner.height_m);
            let building = Building {
                base_height_m: foot_m.reduce(f64::min),
                ..new_building(outline)
            };
            self.chosen = editor.apply(OperationKind::AddBuilding { building });
        }
        self.touch();
    }

    /// Gives a building of the scenario another form: in the operation that made it, where that is one of ours, so
    /// that a slider makes one step and not a hundred.
    pub fn put(&mut self, feature: &str, building: Building) {
        let origin = self.plans[OPEN]
            .added
            .get(feature)
            .map(|added| added.origin.clone());
        let (Some(editor), Some(origin)) = (&mut self.editor, origin) else {
            return;
        };
        let form = building.clone();
        let edited = editor.edit(&origin, |operation| match &mut operation.kind {
            OperationKind::AddBuilding { building }
            | OperationKind::ReplaceBuilding { building, .. } => *building = form,
            _ => {}
        });
        if !edited {
            editor.replace_building(feature, building);
        }
        self.touch();
    }
}

/// A closed outline through corners.
fn outline(corners: &[Geodetic]) -> Polygon<f64> {
    let ring = corners.iter().map(|corner| Coord {
        x: corner.lon_deg(),
        y: corner.lat_deg(),
    });
    let mut ring: Vec<Coord<f64>> = ring.collect();
    if let Some(first) = ring.first().copied() {
        ring.push(first);
    }
    Polygon::new(LineString(ring), Vec::new())
}

/// What is drawn becomes this first: an office block of a usual height.
fn new_building(footprint: Polygon<f64>) -> Building {
    Building {
        name: String::new(),
        footprint,
        base_height_m: None,
        height_m: 35.0,
        storeys: 10,
        usage: "Office".to_owned(),
        floor_area_m2: None,
        energy_class: Some(EnergyClass::A),
        wall_rgb: None,
        roof_rgb: None,
    }
}

#[cfg(test)]
mod tests;
