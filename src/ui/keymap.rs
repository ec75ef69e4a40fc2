//! Every action with its keys: the one table behind the keyboard, the `?` sheet, the menu and the palette.
//!
//! No key acts while text is typed, but `Esc` and `Ctrl+K`. The camera's own keys are listed here and
//! read by the camera, which stays still while [`UiOutput::typing`](super::UiOutput::typing) says so.

use egui::{Context, Key, Modifiers};

use super::Cx;
use super::command::{CameraMove, ClockCommand, Target, UiCommand};
use super::i18n::Language;
use super::model::InspectorModel;
use super::state::Tab;
use super::theme::ThemeChoice;
use super::timeline::{RATES, step_ns};
use super::top_bar;

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
    modifiers: Modifiers,
    key: Key,
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
pub(crate) const ACTIONS: &[Entry] = &[
    row(
        Action::PlayPause,
        "action-play-pause",
        Section::Time,
        &[k(Key::Space, "Space")],
    ),
    row(
        Action::StepBack,
        "action-step-back",
        Section::Time,
        &[k(Key::Comma, ",")],
    ),
    row(
        Action::StepForward,
        "action-step-forward",
        Section::Time,
        &[k(Key::Period, ".")],
    ),
    row(
        Action::Slower,
        "action-slower",
        Section::Time,
        &[k(Key::OpenBracket, "[")],
    ),
    row(
        Action::Faster,
        "action-faster",
        Section::Time,
        &[k(Key::CloseBracket, "]")],
    ),
    row(
        Action::GoLive,
        "action-go-live",
        Section::Time,
        &[k(Key::G, "G")],
    ),
    row(
        Action::HourBack,
        "action-hour-back",
        Section::Time,
        &[k(Key::J, "J")],
    ),
    row(
        Action::Home,
        "action-home",
        Section::View,
        &[k(Key::Home, "Home")],
    ),
    row(
        Action::FaceNorth,
        "action-face-north",
        Section::View,
        &[k(Key::N, "N")],
    ),
    row(
        Action::FlyToSelection,
        "action-fly-to-selection",
        Section::View,
        &[k(Key::Z, "Z")],
    ),
    row(
        Action::ZoomIn,
        "action-zoom-in",
        Section::View,
        &[k(Key::Plus, "+"), k(Key::Equals, "=")],
    ),
    row(
        Action::ZoomOut,
        "action-zoom-out",
        Section::View,
        &[k(Key::Minus, "−")],
    ),
    row(
        Action::Fullscreen,
        "action-fullscreen",
        Section::View,
        &[k(Key::F11, "F11")],
    ),
    row(
        Action::Screenshot,
        "action-screenshot",
        Section::View,
        &[ctrl(Key::P, "Ctrl+P")],
    ),
    row(
        Action::Search,
        "action-search",
        Section::Panels,
        &[k(Key::Slash, "/")],
    ),
    row(
        Action::Palette,
        "action-palette",
        Section::Panels,
        &[ctrl(Key::K, "Ctrl+K")],
    ),
    row(
        Action::Help,
        "action-help",
        Section::Panels,
        &[k(Key::Questionmark, "?"), k(Key::F1, "F1")],
    ),
    row(
        Action::HidePanels,
        "action-hide-panels",
        Section::Panels,
        &[k(Key::H, "H")],
    ),
    row(
        Action::Layers,
        "action-layers",
        Section::Panels,
        &[k(Key::L, "L")],
    ),
    row(
        Action::Inspector,
        "action-inspector",
        Section::Panels,
        &[k(Key::I, "I")],
    ),
    row(
        Action::Health,
        "action-health",
        Section::Panels,
        &[k(Key::P, "P")],
    ),
    row(
        Action::Tiles,
        "action-tiles",
        Section::Panels,
        &[k(Key::B, "B")],
    ),
    row(
        Action::Theme,
        "action-theme",
        Section::Panels,
        &[k(Key::T, "T")],
    ),
    row(
        Action::ScaleUp,
        "action-scale-up",
        Section::Panels,
        &[ctrl(Key::Plus, "Ctrl +"), ctrl(Key::Equals, "Ctrl =")],
    ),
    row(
        Action::ScaleDown,
        "action-scale-down",
        Section::Panels,
        &[ctrl(Key::Minus, "Ctrl −")],
    ),
    row(
        Action::ScaleReset,
        "action-scale-reset",
        Section::Panels,
        &[ctrl(Key::Num0, "Ctrl+0")],
    ),
    row(
        Action::ClearSelection,
        "action-clear-selection",
        Section::Edit,
        &[k(Key::Escape, "Esc")],
    ),
    row(
        Action::HideSelected,
        "action-hide-selected",
        Section::Edit,
        &[k(Key::Delete, "Del")],
    ),
    row(
        Action::CopyLink,
        "action-copy-link",
        Section::Edit,
        &[k(Key::C, "C")],
    ),
    row(
        Action::Redo,
        "action-redo",
        Section::Edit,
        &[
            Shortcut {
                modifiers: CTRL_SHIFT,
                key: Key::Z,
                shown: "Ctrl+Shift+Z",
            },
            ctrl(Key::Y, "Ctrl+Y"),
        ],
    ),
    row(
        Action::Undo,
        "action-undo",
        Section::Edit,
        &[ctrl(Key::Z, "Ctrl+Z")],
    ),
    row(Action::FreezeTiles, "action-freeze", Section::Debug, &[]),
    row(Action::ShowVolumes, "action-volumes", Section::Debug, &[]),
    row(
        Action::ColorByLevel,
        "action-color-by-level",
        Section::Debug,
        &[],
    ),
    row(Action::English, "action-english", Section::Panels, &[]),
    row(
        Action::TraditionalChinese,
        "action-zh-hant",
        Section::Panels,
        &[],
    ),
    row(
        Action::SimplifiedChinese,
        "action-zh-hans",
        Section::Panels,
        &[],
    ),
];

/// The actions in the menu of the top bar.
pub(crate) const MENU: &[Action] = &[
    Action::Palette,
    Action::Help,
    Action::HidePanels,
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
            Action::Fullscreen => can.fullscreen,
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

/// Reads the keyboard.
pub(crate) fn handle(ctx: &Context, cx: &mut Cx) {
    let typing = ctx.text_edit_focused();
    let focused = ctx.memory(|m| m.focused().is_some());
    if ctx.input_mut(|i| i.consume_key(Modifiers::COMMAND, Key::K)) {
        perform(ctx, cx, Action::Palette);
        return;
    }
    if ctx.input(|i| i.key_pressed(Key::Escape)) && escape(ctx, cx) {
        ctx.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Escape));
        return;
    }
    if typing || cx.state.palette.is_open() {
        return;
    }
    // `?` is shift and something on most layouts; the text tells what was meant.
    let asked = ctx.input(|i| {
        i.events
            .iter()
            .any(|e| matches!(e, egui::Event::Text(t) if t == "?"))
    });
    if asked {
        ctx.input_mut(|i| {
            i.events.retain(|e| {
                !matches!(
                    e,
                    egui::Event::Key {
                        key: Key::Questionmark | Key::Slash,
                        ..
                    }
                )
            });
        });
        perform(ctx, cx, Action::Help);
        return;
    }
    for entry in ACTIONS
        .iter()
        .filter(|e| e.available(cx))
        .collect::<Vec<_>>()
    {
        for shortcut in entry.shortcuts {
            // A focused button keeps the keys that press it.
            if focused && matches!(shortcut.key, Key::Space) {
                continue;
            }
            let plain = shortcut.modifiers == Modifiers::NONE;
            let other = ctx.input(|i| i.modifiers.command || i.modifiers.alt || i.modifiers.ctrl);
            if plain && other {
                continue;
            }
            if ctx.input_mut(|i| i.consume_key(shortcut.modifiers, shortcut.key)) {
                perform(ctx, cx, entry.action);
                return;
            }
        }
    }
}

/// `Esc` closes what is on top; true when there was something.
fn escape(ctx: &Context, cx: &mut Cx) -> bool {
    if cx.state.palette.is_open() {
        cx.state.palette.close();
    } else if cx.state.help_open {
        cx.state.help_open = false;
    } else if egui::Popup::is_any_open(ctx) {
        egui::Popup::close_all(ctx);
    } else if ctx.text_edit_focused() {
        if let Some(id) = ctx.memory(|m| m.focused()) {
            ctx.memory_mut(|m| m.surrender_focus(id));
        }
        cx.state.search.text.clear();
    } else if cx.state.hidden {
        perform(ctx, cx, Action::HidePanels);
    } else if cx.state.sheet.is_some() {
        cx.state.sheet = None;
    } else {
        return false;
    }
    true
}

/// Does an action.
pub(crate) fn perform(_ctx: &Context, cx: &mut Cx, action: Action) {
    let clock = &cx.model.clock;
    let rate = clock.rate;
    match action {
        Action::PlayPause if clock.playing => cx.emit(UiCommand::Clock(ClockCommand::Pause)),
        Action::PlayPause => cx.emit(UiCommand::Clock(ClockCommand::Play)),
        Action::StepBack => cx.emit(UiCommand::Clock(ClockCommand::Step(-step_ns(cx)))),
        Action::StepForward => cx.emit(UiCommand::Clock(ClockCommand::Step(step_ns(cx)))),
        Action::Slower => {
            if let Some(slower) = RATES.iter().rev().find(|r| **r < rate - 1e-9) {
                cx.emit(UiCommand::Clock(ClockCommand::SetRate(*slower)));
            }
        }
        Action::Faster => {
            if let Some(faster) = RATES.iter().find(|r| **r > rate + 1e-9) {
                cx.emit(UiCommand::Clock(ClockCommand::SetRate(*faster)));
            }
        }
        Action::GoLive => cx.emit(UiCommand::Clock(ClockCommand::GoLive)),
        Action::HourBack => {
            let at = super::timeline::clamp_to_known(
                clock,
                clock.now_ns - 3600 * super::model::NS_PER_S,
            );
            cx.emit(UiCommand::Clock(ClockCommand::Seek(at)));
        }
        Action::Search if cx.narrow || cx.state.hidden => cx.state.palette.open(true),
        Action::Search => cx.state.search.focus = true,
        Action::Palette if cx.state.palette.is_open() => cx.state.palette.close(),
        Action::Palette => cx.state.palette.open(false),
        Action::Help => cx.state.help_open = !cx.state.help_open,
        Action::HidePanels => {
            cx.state.hidden = !cx.state.hidden;
            cx.emit(UiCommand::HidePanels(cx.state.hidden));
        }
        Action::Layers => cx.toggle(Tab::Layers),
        Action::Inspector => cx.toggle(Tab::Inspector),
        Action::Health => cx.toggle(Tab::Health),
        Action::Tiles => cx.toggle(Tab::Tiles),
        Action::Home => cx.emit(UiCommand::Home),
        Action::FaceNorth => cx.emit(UiCommand::FaceNorth),
        Action::FlyToSelection => cx.emit(UiCommand::FlyTo(Target::Selection)),
        Action::ZoomIn => cx.emit(UiCommand::Move(CameraMove::Zoom(1.0))),
        Action::ZoomOut => cx.emit(UiCommand::Move(CameraMove::Zoom(-1.0))),
        Action::ClearSelection => {
            if !matches!(cx.model.inspector, InspectorModel::None) {
                cx.emit(UiCommand::ClearSelection);
            }
        }
        Action::HideSelected => cx.emit(UiCommand::HideSelected),
        Action::CopyLink => cx.emit(UiCommand::CopyLink),
        Action::Undo => cx.emit(UiCommand::Undo),
        Action::Redo => cx.emit(UiCommand::Redo),
        Action::Theme => {
            let other = match cx.state.settings.theme {
                ThemeChoice::Dark => ThemeChoice::Light,
                ThemeChoice::Light => ThemeChoice::Dark,
            };
            top_bar::set_theme(cx, other);
        }
        Action::ScaleUp => top_bar::set_scale(cx, cx.state.settings.ui_scale + 0.1),
        Action::ScaleDown => top_bar::set_scale(cx, cx.state.settings.ui_scale - 0.1),
        Action::ScaleReset => top_bar::set_scale(cx, 1.0),
        Action::Fullscreen => cx.emit(UiCommand::ToggleFullscreen),
        Action::Screenshot => cx.emit(UiCommand::Screenshot),
        Action::FreezeTiles => cx.emit(UiCommand::SetFreeze(!cx.model.debug.freeze)),
        Action::ShowVolumes => cx.emit(UiCommand::SetShowVolumes(!cx.model.debug.volumes)),
        Action::ColorByLevel => cx.emit(UiCommand::SetColorByLevel(!cx.model.debug.color_by_level)),
        Action::English => top_bar::set_language(cx, Language::En),
        Action::TraditionalChinese => top_bar::set_language(cx, Language::ZhHant),
        Action::SimplifiedChinese => top_bar::set_language(cx, Language::ZhHans),
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
