//! The scenario that is open, what it changes and what it is compared with.

/// Scenarios, as far as the panel shows them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PlanModel {
    /// Scenarios can be made and changed here (not on the page).
    pub can_edit: bool,
    /// Scenarios of the hub: (id, name).
    pub list: Vec<(String, String)>,
    /// Models on the hub that no scenario names: how many, and their bytes.
    pub idle_models: (usize, u64),
    /// The open scenario.
    pub open: Option<OpenPlan>,
    /// The scenario that it is compared with: (id, name); `None` is the city as it stands.
    pub against: Option<(String, String)>,
    /// Whether both are shown at once, and how: the other side on the left, the open scenario on the right.
    pub compare: Compare,
    /// With [`Compare::Off`]: the other side is shown instead of the open scenario.
    pub shows_other: bool,
    /// Where the swipe's line is, share of the width of the window 0..1.
    pub swipe: f32,
    /// The tool in hand.
    pub tool: PlanTool,
    /// Corners drawn so far with the tool.
    pub tool_points: usize,
    /// The file or address of the model that [`PlanTool::Model`] places; may be empty.
    pub model_url: String,
    /// Whether the pointer is on a handle of what is chosen, in the city.
    pub hand: Hand,
    /// How far what is chosen has been dragged, while it is held.
    pub dragged: Option<DragModel>,
    /// Somebody else saved meanwhile: what they and we changed.
    pub conflict: Option<ConflictModel>,
    /// A request (list, open, save) is under way.
    pub busy: bool,
}

impl PlanModel {
    /// Everything in it that people wrote, for choosing fonts.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        let listed = self.list.iter().map(|(_, name)| name.as_str());
        let open = self.open.iter().flat_map(|plan| {
            let own = [plan.name.as_str(), plan.description.as_str()];
            let building = plan.building.iter().map(|b| b.name.as_str());
            let placed = plan.placed.iter().map(|model| model.url.as_str());
            let operations = plan.operations.iter().flat_map(|operation| {
                [&operation.subject, &operation.author, &operation.reason].map(String::as_str)
            });
            let differences = plan.differences.iter().map(|d| d.name.as_str());
            let found = plan.found_streets.iter().map(|(_, name)| name.as_str());
            let street = plan.street.iter().map(|street| street.name.as_str());
            own.into_iter()
                .chain(found)
                .chain(street)
                .chain(building)
                .chain(placed)
                .chain(operations)
                .chain(differences)
        });
        listed.chain(open)
    }
}

/// The scenario in hand.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OpenPlan {
    /// Given back in commands.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is about.
    pub description: String,
    /// The hub has it, so that it can be deleted there.
    pub on_hub: bool,
    /// It has changes that are not saved.
    pub dirty: bool,
    /// A change can be undone.
    pub can_undo: bool,
    /// An undone change can be made again.
    pub can_redo: bool,
    /// The operations, in the order in which they apply.
    pub operations: Vec<OperationModel>,
    /// The building that is chosen, if it is one of the scenario's own.
    pub building: Option<BuildingModel>,
    /// The placed model that is chosen.
    pub placed: Option<PlacedModel>,
    /// The city has a list of its streets, so that they can be found.
    pub knows_streets: bool,
    /// Streets that were looked for: identifier and name.
    pub found_streets: Vec<(String, String)>,
    /// The street that is chosen.
    pub street: Option<StreetModel>,
    /// What differs between the two sides.
    pub differences: Vec<DifferenceModel>,
    /// What it amounts to, in numbers.
    pub indicators: Vec<IndicatorModel>,
    /// What is wrong with the file as a whole, in words.
    pub problems: Vec<String>,
    /// Hours of sun on the chosen place.
    pub sun: Option<SunModel>,
}

/// One operation.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OperationModel {
    /// Given back in commands.
    pub id: String,
    /// What it does, as files name it (`add-building`); the message files have `plan-op-<kind>`.
    pub kind: String,
    /// What it is done to: names.
    pub subject: String,
    /// Who made it.
    pub author: String,
    /// Why.
    pub reason: String,
    /// For when it is meant.
    pub horizon: Horizon,
    /// From when on it holds, a day or minute of the scene's zone; empty where that is open.
    pub from: String,
    /// Until when it holds, likewise; a day is still in it.
    pub to: String,
    /// Why it could not be applied; empty when it was.
    pub problem: String,
}

/// A building of the scenario.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BuildingModel {
    /// The feature; given back in commands.
    pub feature: String,
    /// Its name; may be empty.
    pub name: String,
    /// From its foot to its roof, metres.
    pub height_m: f64,
    /// Storeys above the ground.
    pub storeys: u32,
    /// What it is used for, as the city's own buildings say it (`Residential`).
    pub usage: String,
    /// Empty, or A to G.
    pub energy_class: String,
    /// Area of its outline, square metres.
    pub footprint_m2: f64,
}

/// A glTF model that the scenario places.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PlacedModel {
    /// The feature; given back in commands.
    pub feature: String,
    /// Its file or address.
    pub url: String,
    /// Where its front looks, clockwise from north, degrees.
    pub heading_deg: f64,
    /// Its size; 1 leaves it as the file has it.
    pub scale: f64,
    /// Height of its foot above the ellipsoid, metres.
    pub height_m: f64,
}

/// A street of the city, as the scenario has it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StreetModel {
    /// Its identifier.
    pub id: String,
    /// Its name; may be empty.
    pub name: String,
    /// Kilometres in an hour.
    pub speed_kmh: Option<f64>,
    /// Lanes in both directions together.
    pub lanes: Option<f64>,
    /// The operation that closes it; empty while it is open.
    pub closed_by: String,
}

/// A value of an attribute.
#[derive(Debug, Clone, PartialEq)]
pub enum AttributeValue {
    /// Yes or no.
    Flag(bool),
    /// A number, in the attribute's own unit.
    Number(f64),
    /// A text.
    Text(String),
}

/// Whether the pointer is on a handle of what is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Hand {
    /// It is elsewhere.
    #[default]
    Away,
    /// A press would take it.
    Over,
    /// It is held.
    Holds,
}

/// How far something has been dragged.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct DragModel {
    /// Metres.
    pub east_m: f64,
    /// Metres.
    pub north_m: f64,
    /// Degrees.
    pub clockwise_deg: f64,
}

/// Something that is not the same on both sides.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DifferenceModel {
    /// How it differs (`hidden`, `added`, `attribute-changed`); the message files have `plan-diff-<kind>`.
    pub kind: String,
    /// What differs.
    pub name: String,
    /// From what to what, in words; may be empty.
    pub detail: String,
    /// It is somewhere: one can fly there.
    pub has_place: bool,
}

/// A number that says what a scenario amounts to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct IndicatorModel {
    /// Its identifier; the message files have `plan-indicator-<id>`.
    pub id: String,
    /// Its name in English.
    pub name: String,
    /// Its value on the other side.
    pub base: Option<f64>,
    /// Its value in the open scenario.
    pub value: Option<f64>,
    /// The unit of both; empty for counts.
    pub unit: String,
    /// How it is computed, in English; the message files have `plan-method-<id>`.
    pub method: String,
    /// What goes into it, and where that is from.
    pub sources: Vec<SourceModel>,
    /// What computed it, in English.
    pub by: String,
}

/// Something that goes into an indicator.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SourceModel {
    /// What it is; the message files have `plan-source-<id>`.
    pub id: String,
    /// Its name in English.
    pub name: String,
    /// It is a factor that somebody chose; otherwise it was counted.
    pub is_factor: bool,
    /// Its values: by class or use, or one without a name.
    pub values: Vec<(String, f64)>,
    /// Unit of the values.
    pub unit: String,
    /// Where it is from, in English.
    pub from: String,
}

/// Hours of sun on a place on a day.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SunModel {
    /// The place, in words.
    pub place: String,
    /// The day.
    pub date: String,
    /// Hours on the other side.
    pub base_h: f64,
    /// Hours in the open scenario.
    pub value_h: f64,
    /// How it is worked out, in English.
    pub method: String,
    /// What worked it out, in English.
    pub by: String,
}

/// A change that somebody made to a scenario.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ChangeModel {
    /// `added`, `removed` or `changed`.
    pub what: String,
    /// The operation's kind, as in [`OperationModel::kind`]; empty where the scenario itself was changed.
    pub kind: String,
    /// What the operation is done to, or what the scenario says there now.
    pub subject: String,
    /// Which parts are others, by their names in files: `reason`, `window`, `name`.
    pub fields: Vec<String>,
}

/// Two people changed the same scenario.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ConflictModel {
    /// Who saved meanwhile.
    pub who: String,
    /// What they changed.
    pub theirs: Vec<ChangeModel>,
    /// What was changed here.
    pub mine: Vec<ChangeModel>,
    /// Nothing was changed by both: both can be kept.
    pub can_merge: bool,
}

/// How two sides are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Compare {
    /// One at a time.
    #[default]
    Off,
    /// Both in one view, with a line between them that can be moved.
    Swipe,
    /// Each in a half of the window, with the same camera.
    SideBySide,
}

/// What a click in the city does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PlanTool {
    /// Selects, as always.
    #[default]
    None,
    /// Sets a corner of a new building.
    Footprint,
    /// Sets a corner of an area in which everything is hidden.
    HideArea,
    /// Puts the chosen building or model there.
    Place,
    /// Places the model that is named.
    Model,
    /// Chooses a street.
    Street,
    /// Picks the place for hours of sun.
    Sun,
}

/// For when an operation is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Horizon {
    /// The next years.
    #[default]
    Short,
    /// Some ten years.
    Medium,
    /// Decades.
    Long,
}

impl Horizon {
    /// All, the nearest first.
    pub const ALL: [Self; 3] = [Self::Short, Self::Medium, Self::Long];

    /// The key of its words.
    pub fn key(self) -> &'static str {
        match self {
            Self::Short => "plan-horizon-short",
            Self::Medium => "plan-horizon-medium",
            Self::Long => "plan-horizon-long",
        }
    }
}
