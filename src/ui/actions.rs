//! Every action with its keys: the one table behind the keyboard, the `?` sheet, the menu and the palette.
//! The camera's own keys are read by the camera and listed in the sheet.

use egui::{Key, Modifiers};

use super::Cx;
use super::model::InspectorModel;

/// Something that a key or the palette does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(
    missing_docs,
    reason = "the names say what they do; the table below has the words for users"
)]
pub(crate) enum Action {
    PlayPause,
    StepBack,
    StepForward,
    Slower,
    Faster,
    GoLive,
    HourBack,
    Search,
    Palette,
    Help,
    HidePanels,
    Layers,
    Inspector,
    Health,
    Tiles,
    Plan,
    Measure,
    Clip,
    SelectBox,
    SelectLasso,
    SelectAll,
    ExportSelected,
    ShowHidden,
    CompareOff,
    CompareSwipe,
    CompareSideBySide,
    Home,
    FaceNorth,
    FlyToSelection,
    ZoomIn,
    ZoomOut,
    ClearSelection,
    HideSelected,
    CopyLink,
    Undo,
    Redo,
    Theme,
    ScaleUp,
    ScaleDown,
    ScaleReset,
    Fullscreen,
    Screenshot,
    FreezeTiles,
    ShowVolumes,
    ColorByLevel,
    English,
    TraditionalChinese,
    SimplifiedChinese,
}

/// A key with its modifiers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shortcut {
    pub modifiers: Modifiers,
    pub key: Key,
    /// As shown to the user.
    pub shown: &'static str,
}

/// An action's row in the table.
#[derive(Debug)]
pub(crate) struct Entry {
    pub action: Action,
    /// The key of its name in the message files.
    pub key: &'static str,
    pub shortcuts: &'static [Shortcut],
    /// Where the sheet lists it.
    pub section: Section,
}

/// A part of the sheet of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say what belongs there")]
pub(crate) enum Section {
    Time,
    View,
    Panels,
    Edit,
    Debug,
}

const fn k(key: Key, shown: &'static str) -> Shortcut {
    Shortcut {
        modifiers: Modifiers::NONE,
        key,
        shown,
    }
}

const fn shift(key: Key, shown: &'static str) -> Shortcut {
    Shortcut {
        modifiers: Modifiers::SHIFT,
        key,
        shown,
    }
}

const fn ctrl(key: Key, shown: &'static str) -> Shortcut {
    Shortcut {
        modifiers: Modifiers::COMMAND,
        key,
        shown,
    }
}

const fn row(
    action: Action,
    key: &'static str,
    section: Section,
    shortcuts: &'static [Shortcut],
) -> Entry {
    Entry {
        action,
        key,
        shortcuts,
        section,
    }
}

const CTRL_SHIFT: Modifiers = Modifiers {
    alt: false,
    ctrl: false,
    shift: true,
    mac_cmd: false,
    command: true,
};

/// Every action, in the order of the sheet and the palette.
#[rustfmt::skip] // one row a line
pub(crate) const ACTIONS: &[Entry] = &[
    row(Action::PlayPause, "action-play-pause", Section::Time, &[k(Key::Space, "Space")]),
    row(Action::StepBack, "action-step-back", Section::Time, &[k(Key::Comma, ",")]),
    row(Action::StepForward, "action-step-forward", Section::Time, &[k(Key::Period, ".")]),
    row(Action::Slower, "action-slower", Section::Time, &[k(Key::OpenBracket, "[")]),
    row(Action::Faster, "action-faster", Section::Time, &[k(Key::CloseBracket, "]")]),
    row(Action::GoLive, "action-go-live", Section::Time, &[k(Key::G, "G")]),
    row(Action::HourBack, "action-hour-back", Section::Time, &[k(Key::J, "J")]),
    row(Action::Home, "action-home", Section::View, &[k(Key::Home, "Home")]),
    row(Action::FaceNorth, "action-face-north", Section::View, &[k(Key::N, "N")]),
    row(Action::FlyToSelection, "action-fly-to-selection", Section::View, &[k(Key::Z, "Z")]),
    row(Action::ZoomIn, "action-zoom-in", Section::View, &[k(Key::Plus, "+"), k(Key::Equals, "=")]),
    row(Action::ZoomOut, "action-zoom-out", Section::View, &[k(Key::Minus, "−")]),
    row(Action::Fullscreen, "action-fullscreen", Section::View, &[k(Key::F11, "F11")]),
    row(Action::Screenshot, "action-screenshot", Section::View, &[ctrl(Key::P, "Ctrl+P")]),
    row(Action::CompareOff, "action-compare-off", Section::View, &[k(Key::Num1, "1")]),
    row(Action::CompareSwipe, "action-compare-swipe", Section::View, &[k(Key::Num2, "2")]),
    row(Action::CompareSideBySide, "action-compare-side", Section::View, &[k(Key::Num3, "3")]),
    row(Action::Search, "action-search", Section::Panels, &[k(Key::Slash, "/")]),
    row(Action::Palette, "action-palette", Section::Panels, &[ctrl(Key::K, "Ctrl+K")]),
    row(Action::Help, "action-help", Section::Panels, &[k(Key::Questionmark, "?"), k(Key::F1, "F1")]),
    row(Action::HidePanels, "action-hide-panels", Section::Panels, &[k(Key::H, "H")]),
    row(Action::Layers, "action-layers", Section::Panels, &[k(Key::L, "L")]),
    row(Action::Inspector, "action-inspector", Section::Panels, &[k(Key::I, "I")]),
    row(Action::Plan, "action-plan", Section::Panels, &[k(Key::V, "V")]),
    row(Action::Measure, "action-measure", Section::Panels, &[k(Key::M, "M")]),
    row(Action::Clip, "action-clip", Section::Panels, &[k(Key::X, "X")]),
    row(Action::Health, "action-health", Section::Panels, &[k(Key::P, "P")]),
    row(Action::Tiles, "action-tiles", Section::Panels, &[k(Key::B, "B")]),
    row(Action::Theme, "action-theme", Section::Panels, &[k(Key::T, "T")]),
    row(Action::ScaleUp, "action-scale-up", Section::Panels, &[ctrl(Key::Plus, "Ctrl +"), ctrl(Key::Equals, "Ctrl =")]),
    row(Action::ScaleDown, "action-scale-down", Section::Panels, &[ctrl(Key::Minus, "Ctrl −")]),
    row(Action::ScaleReset, "action-scale-reset", Section::Panels, &[ctrl(Key::Num0, "Ctrl+0")]),
    row(Action::ClearSelection, "action-clear-selection", Section::Edit, &[k(Key::Escape, "Esc")]),
    row(Action::ShowHidden, "action-show-hidden", Section::Edit, &[shift(Key::Delete, "Shift+Del")]),
    row(Action::HideSelected, "action-hide-selected", Section::Edit, &[k(Key::Delete, "Del")]),
    row(Action::SelectLasso, "action-select-lasso", Section::Edit, &[shift(Key::O, "Shift+O")]),
    row(Action::SelectBox, "action-select-box", Section::Edit, &[k(Key::O, "O")]),
    row(Action::SelectAll, "action-select-all", Section::Edit, &[ctrl(Key::A, "Ctrl+A")]),
    row(Action::ExportSelected, "action-export-selected", Section::Edit, &[ctrl(Key::E, "Ctrl+E")]),
    row(Action::CopyLink, "action-copy-link", Section::Edit, &[k(Key::C, "C")]),
    row(Action::Redo, "action-redo", Section::Edit, &[Shortcut { modifiers: CTRL_SHIFT, key: Key::Z, shown: "Ctrl+Shift+Z" }, ctrl(Key::Y, "Ctrl+Y")]),
    row(Action::Undo, "action-undo", Section::Edit, &[ctrl(Key::Z, "Ctrl+Z")]),
    row(Action::FreezeTiles, "action-freeze", Section::Debug, &[]),
    row(Action::ShowVolumes, "action-volumes", Section::Debug, &[]),
    row(Action::ColorByLevel, "action-color-by-level", Section::Debug, &[]),
    row(Action::English, "action-english", Section::Panels, &[]),
    row(Action::TraditionalChinese, "action-zh-hant", Section::Panels, &[]),
    row(Action::SimplifiedChinese, "action-zh-hans", Section::Panels, &[]),
];

/// The actions in the menu of the top bar.
pub(crate) const MENU: &[Action] = &[
    Action::Palette,
    Action::Help,
    Action::HidePanels,
    Action::Plan,
    Action::Measure,
    Action::Clip,
    Action::Health,
    Action::Tiles,
    Action::Fullscreen,
    Action::Screenshot,
    Action::CopyLink,
];

/// The row of an action.
pub(crate) fn entry(action: Action) -> &'static Entry {
    ACTIONS
        .iter()
        .find(|e| e.action == action)
        .unwrap_or(&ACTIONS[0])
}

impl Entry {
    /// Whether the app can do it.
    pub(crate) fn available(&self, cx: &Cx) -> bool {
        let can = cx.model.abilities;
        match self.action {
            Action::HideSelected => can.hide_features,
            Action::Undo | Action::Redo => can.undo,
            Action::Screenshot => can.screenshot,
            Action::CompareOff | Action::CompareSwipe | Action::CompareSideBySide => {
                cx.model.plan.open.is_some()
            }
            Action::Fullscreen => can.fullscreen,
            _ => true,
        }
    }

    /// Whether it would do something now; the palette leaves out what would not.
    pub(crate) fn ready(&self, cx: &Cx) -> bool {
        let can = cx.model.abilities;
        let selected = !matches!(cx.model.inspector, InspectorModel::None);
        match self.action {
            Action::Undo => can.can_undo,
            Action::Redo => can.can_redo,
            Action::FlyToSelection
            | Action::ClearSelection
            | Action::HideSelected
            | Action::ExportSelected => selected,
            Action::ShowHidden => cx.model.several.hidden > 0,
            _ => true,
        }
    }

    /// Its keys as shown.
    pub(crate) fn shown_keys(&self) -> String {
        self.shortcuts
            .first()
            .map(|s| s.shown.to_owned())
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_does_two_things() {
        let mut seen = Vec::new();
        for entry in ACTIONS {
            for shortcut in entry.shortcuts {
                let combination = (shortcut.modifiers, shortcut.key);
                assert!(
                    !seen.contains(&combination),
                    "{:?} is taken twice",
                    entry.action
                );
                seen.push(combination);
            }
            assert_eq!(super::entry(entry.action).action, entry.action);
        }
        // The camera's own keys.
        for key in [
            Key::W,
            Key::A,
            Key::S,
            Key::D,
            Key::Q,
            Key::E,
            Key::R,
            Key::F,
            Key::ArrowUp,
        ] {
            assert!(
                !seen.contains(&(Modifiers::NONE, key)),
                "{key:?} moves the camera"
            );
        }
    }
}
