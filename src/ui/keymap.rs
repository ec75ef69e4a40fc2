//! The keyboard.
//!
//! No key acts while text is typed, but `Esc` and `Ctrl+K`. The camera reads its own keys, and stays
//! still while [`UiOutput::typing`](super::UiOutput::typing) says so.

use egui::{Context, Key, Modifiers};

use super::Cx;
use super::actions::{ACTIONS, Action};
use super::clip;
use super::command::{CameraMove, ClockCommand, ManyCommand, PlanCommand, Target, UiCommand};
use super::i18n::Language;
use super::measure;
use super::model::{Compare, InspectorModel, MeasureTool, ShapeTool};
use super::plan;
use super::shape;
use super::state::Tab;
use super::theme::ThemeChoice;
use super::timeline::clamp_to_known;
use super::top_bar;
use super::transport::{RATES, step_ns};

/// Reads the keyboard.
pub(crate) fn handle(ctx: &Context, cx: &mut Cx) {
    let typing = ctx.text_edit_focused();
    let focused = ctx.memory(|m| m.focused().is_some());
    cx.state.plan.dropped = false;
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
    if !focused && (plan::tools::finish(ctx, cx) || measure::keys(ctx, cx) || clip::keys(ctx, cx)) {
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
    } else if ctx.text_edit_focused() || cx.state.was_typing {
        cx.state.plan.dropped = true;
        if let Some(id) = ctx.memory(|m| m.focused()) {
            ctx.memory_mut(|m| m.surrender_focus(id));
        }
        cx.state.search.text.clear();
    } else if plan::tools::cancel(cx)
        || measure::cancel(cx)
        || shape::cancel(cx)
        || clip::cancel(cx)
    {
        // It is put away.
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
            let at = clamp_to_known(clock, clock.now_ns - 3600 * super::model::NS_PER_S);
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
        Action::Plan => cx.toggle(Tab::Plan),
        Action::Measure => {
            let tool = match cx.model.measure.tool {
                MeasureTool::None => MeasureTool::Distance,
                _ => MeasureTool::None,
            };
            cx.emit(UiCommand::Measure(tool));
        }
        Action::Clip => cx.toggle(Tab::Clip),
        Action::SelectBox => shape::toggle(cx, ShapeTool::Box),
        Action::SelectLasso => shape::toggle(cx, ShapeTool::Lasso),
        Action::SelectAll => cx.emit(UiCommand::Many(ManyCommand::All)),
        Action::ExportSelected => cx.emit(UiCommand::Many(ManyCommand::Export)),
        Action::ShowHidden => cx.emit(UiCommand::Many(ManyCommand::ShowHidden)),
        Action::CompareOff => compare(cx, Compare::Off),
        Action::CompareSwipe => compare(cx, Compare::Swipe),
        Action::CompareSideBySide => compare(cx, Compare::SideBySide),
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
        Action::ScaleUp => top_bar::set_scale(cx, cx.state.ui_scale() + 0.1),
        Action::ScaleDown => top_bar::set_scale(cx, cx.state.ui_scale() - 0.1),
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

fn compare(cx: &mut Cx, how: Compare) {
    cx.emit(UiCommand::Plan(PlanCommand::Compare(how)));
}
