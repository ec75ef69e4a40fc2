//! What the panels ask for. The app's plugin applies these; a panel changes nothing itself.

use super::i18n::Language;
use super::model::{
    AttributeValue, BuildingModel, Compare, Horizon, MeasureTool, PlacedModel, PlanTool,
    PlaneModel, ShapeTool, TimeNs,
};
use super::theme::ThemeChoice;

/// One wish of the user.
#[derive(Debug, Clone, PartialEq)]
pub enum UiCommand {
    /// Show or hide a layer.
    SetLayerVisible {
        /// The layer's identifier.
        layer: String,
        /// Whether it shall be drawn.
        visible: bool,
    },
    /// Change how solid a layer is.
    SetLayerOpacity {
        /// The layer's identifier.
        layer: String,
        /// 0 (clear) to 1 (solid).
        opacity: f32,
    },
    /// Change a tileset's style.
    SetStyle {
        /// The layer's identifier.
        layer: String,
        /// The style's text; empty for none.
        text: String,
        /// 0: colours multiply the content's own, 1: they replace them.
        strength: f32,
    },
    /// Colour a tileset's features by a property.
    ColorBy {
        /// The layer's identifier.
        layer: String,
        /// The property's name.
        property: String,
    },
    /// Colour a tileset's features by what the sensors of a layer say of them.
    ColorByReading {
        /// The tileset's identifier.
        layer: String,
        /// The identifier of the layer of readings.
        reading: String,
    },
    /// Set the clock.
    Clock(ClockCommand),
    /// Fly to what is selected, found or named.
    FlyTo(Target),
    /// Fly to the scene's home view.
    Home,
    /// Turn the view so that north is up, keeping the place.
    FaceNorth,
    /// Move the camera by keyboard or by the buttons; the app applies its own speed.
    Move(CameraMove),
    /// Look for places, buildings, sensors and layers.
    Search(String),
    /// Select something.
    Select(Target),
    /// Select nothing.
    ClearSelection,
    /// Take one of several selected things out, by its place in [`UiModel::selected`](super::UiModel::selected).
    Deselect(usize),
    /// Hide the selected feature (a scenario operation).
    HideSelected,
    /// Undo the last change of a layer or scenario.
    Undo,
    /// Redo it.
    Redo,
    /// Change the language; the caller loads the fonts that `fonts::files_for` names.
    SetLanguage(Language),
    /// Change the theme.
    SetTheme(ThemeChoice),
    /// Scale everything (1 = one logical pixel for each 1/96 inch at arm's length).
    SetUiScale(f32),
    /// Freeze the tile selection.
    SetFreeze(bool),
    /// Draw bounding volumes.
    SetShowVolumes(bool),
    /// Colour tiles by level.
    SetColorByLevel(bool),
    /// Put a link to this view (camera, clock, layers, selection) on the clipboard.
    CopyLink,
    /// Put a text on the clipboard.
    CopyText(String),
    /// Open a page outside the program.
    OpenUrl(String),
    /// Open a tileset, a scene or a GeoJSON file by path or URL: the content says which it is.
    OpenTileset(String),
    /// Open a GeoJSON file or URL as a layer.
    OpenGeoJson(String),
    /// Open another scene.
    OpenScene(String),
    /// All panels were hidden (true) or shown again.
    HidePanels(bool),
    /// A message was read: it leaves the corner and stays in the health panel.
    DismissMessage(u64),
    /// A message is wanted no more, not even in the health panel.
    ForgetMessage(u64),
    /// No message is wanted any more.
    ForgetMessages,
    /// An alarm was seen.
    AcknowledgeAlarm(u64),
    /// The remembered settings changed; the caller stores `UiState::settings`.
    SettingsChanged,
    /// Save a picture of the view.
    Screenshot,
    /// Enter or leave full screen.
    ToggleFullscreen,
    /// Take a measuring tool, or put it away.
    Measure(MeasureTool),
    /// What is measured is complete.
    MeasureFinish,
    /// Take the last point back.
    MeasureBack,
    /// Something about everything that is selected.
    Many(ManyCommand),
    /// Something about what is cut away.
    Clip(ClipCommand),
    /// Something about scenarios.
    Plan(PlanCommand),
}

/// What shall become of everything that is selected.
#[derive(Debug, Clone, PartialEq)]
pub enum ManyCommand {
    /// Take a tool that selects by a shape, or put it away.
    Tool(ShapeTool),
    /// Select everything that is seen.
    All,
    /// Show again what was hidden by hand.
    ShowHidden,
    /// Give it a colour, by its place in the colour map for categories; or its own again.
    Color(Option<usize>),
    /// Take all colours that were given by hand away.
    Uncolor,
    /// Save it as a table.
    Export,
}

/// What shall become of what is cut away.
#[derive(Debug, Clone, PartialEq)]
pub enum ClipCommand {
    /// Cut, or show all for now.
    SetOn(bool),
    /// Put a plane into the middle of the picture.
    AddPlane {
        /// Level, taking off what is above it; otherwise upright and across the view.
        level: bool,
    },
    /// Turn or move a plane.
    SetPlane(usize, PlaneModel),
    /// Take a plane out.
    RemovePlane(usize),
    /// Show the handle of a plane, or of none.
    ChoosePlane(Option<usize>),
    /// Cut away only what all planes cut off.
    SetTogether(bool),
    /// Take the tool that draws an outline.
    Draw,
    /// The outline is complete.
    FinishOutline,
    /// Take its last corner back.
    BackOutline,
    /// Put the tool away.
    CancelOutline,
    /// Take an outline out.
    RemoveOutline(usize),
    /// Keep the inside of the outlines, or the outside.
    SetKeepsInside(bool),
    /// Cut nothing any more.
    Clear,
}

/// What the clock shall do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ClockCommand {
    /// Run.
    Play,
    /// Stand still.
    Pause,
    /// Go to an instant.
    Seek(TimeNs),
    /// Move by so many nanoseconds, and pause.
    Step(i64),
    /// Simulated seconds for each second, 1 to 3600.
    SetRate(f64),
    /// Follow the live edge.
    GoLive,
    /// Loop over a range, or not.
    SetLoop(Option<(TimeNs, TimeNs)>),
}

/// What shall become of scenarios.
#[derive(Debug, Clone, PartialEq)]
pub enum PlanCommand {
    /// Make a scenario on the open scene, and open it.
    New {
        /// Its name.
        name: String,
    },
    /// Open a scenario of the hub, by its id.
    Open(String),
    /// Ask the hub for its scenarios again.
    Refresh,
    /// Close the scenario; what is not saved is given up.
    Close,
    /// Save it.
    Save,
    /// Delete it on the hub, for everyone.
    Delete,
    /// Delete the models on the hub that no scenario names.
    DeleteModels,
    /// Go on with a copy of it.
    Duplicate,
    /// Give it another name or description.
    Rename {
        /// The name.
        name: String,
        /// The description.
        description: String,
    },
    /// Compare it with another scenario, by its id; with the city as it stands for `None`.
    Against(Option<String>),
    /// Show both sides, or one.
    Compare(Compare),
    /// Move the line between both sides, to a share of the window's width.
    Swipe(f32),
    /// Show the other side instead of the open scenario.
    ShowOther(bool),
    /// Take a tool.
    Tool(PlanTool),
    /// What the tool has drawn is complete.
    FinishTool,
    /// Put the tool away, and what it has drawn; what is being dragged goes back to where it stood.
    CancelTool,
    /// Hide the selected feature.
    HideSelected,
    /// Undo the last change of the scenario.
    Undo,
    /// Redo it.
    Redo,
    /// Take an operation out.
    RemoveOperation(String),
    /// Say why an operation is there.
    SetReason {
        /// The operation's id.
        operation: String,
        /// Why.
        reason: String,
    },
    /// Say for when an operation is meant.
    SetHorizon {
        /// The operation's id.
        operation: String,
        /// When.
        horizon: Horizon,
    },
    /// Say when an operation holds: days or minutes of the scene's zone, empty for an open end.
    SetWindow {
        /// The operation's id.
        operation: String,
        /// From when on.
        from: String,
        /// Until when; a day is still in it.
        to: String,
    },
    /// Who makes the changes from now on.
    SetAuthor(String),
    /// Change the chosen building.
    SetBuilding(BuildingModel),
    /// Name the file or address of the model that [`PlanTool::Model`] places; empty for none.
    NameModel(String),
    /// Change the chosen model.
    SetModel(PlacedModel),
    /// Move the chosen building or model.
    MoveChosen {
        /// Metres.
        east_m: f64,
        /// Metres.
        north_m: f64,
    },
    /// Turn the chosen building or model.
    TurnChosen {
        /// Degrees.
        clockwise_deg: f64,
    },
    /// Add another building or model like the chosen one.
    CopyChosen,
    /// Take the chosen building or model out.
    DeleteChosen,
    /// Look for streets by name or identifier.
    FindStreets(String),
    /// Show the form of a street, by its identifier; of none.
    ChooseStreet(Option<String>),
    /// Close the chosen street.
    CloseStreet,
    /// Give the chosen street another number of an attribute.
    ChangeStreet {
        /// `speed_kmh` or `lanes`.
        attribute: &'static str,
        /// The new value.
        value: f64,
    },
    /// Give the selected feature another value of an attribute.
    OverrideAttribute {
        /// The attribute.
        attribute: String,
        /// The new value.
        value: AttributeValue,
    },
    /// Set an input of a model.
    SetInput {
        /// The model.
        model: String,
        /// The input.
        input: String,
        /// Its value.
        value: f64,
        /// The unit of the value.
        unit: String,
    },
    /// Choose the building or model that an operation put there, by the operation's id.
    Choose(String),
    /// Fly to a difference, by its place in [`OpenPlan::differences`](super::model::OpenPlan::differences).
    FlyToDifference(usize),
    /// Save what was changed here over what somebody else saved meanwhile.
    KeepMine,
    /// Give up what was changed here for what somebody else saved meanwhile.
    TakeTheirs,
    /// Keep both.
    Merge,
}

/// Something that can be selected or flown to.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// What the inspector shows now.
    Selection,
    /// A search result, by its identifier.
    Result(String),
    /// A named camera position of the scene, by its identifier.
    Preset(String),
    /// A layer's extent.
    Layer(String),
    /// A sensor, by its datastream number.
    Sensor(u32),
    /// One of several selected things, by its place in [`UiModel::selected`](super::UiModel::selected).
    Selected(usize),
}

/// A step of the camera.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum CameraMove {
    /// Towards the middle of the view (positive) or away from it, in steps.
    Zoom(f32),
}
