//! The bar at the top: where one is, search, alarms, and what concerns the whole program.

use egui::{Layout, Panel, RichText, Ui};

use super::Cx;
use super::command::{Target, UiCommand};
use super::i18n::Language;
use super::icons::Icon;
use super::model::Severity;
use super::search;
use super::side;
use super::theme::{self, ThemeChoice};
use super::transport::severity_color;
use super::widgets;

/// Shows the bar.
pub(crate) fn show(root: &mut Ui, cx: &mut Cx) {
    let frame = cx
        .theme
        .panel_frame()
        .inner_margin(egui::Margin::symmetric(12, 0));
    let panel = Panel::top("top bar")
        .exact_size(theme::TOP_BAR_HEIGHT)
        .resizable(false)
        .frame(frame);
    let response = panel.show_separator_line(false).show(root, |ui| {
        ui.horizontal_centered(|ui| {
            let brand = RichText::new("Belvedere").font(theme::strong_font(if cx.narrow {
                14.0
            } else {
                17.0
            }));
            ui.label(brand.color(cx.theme.text));
            scene_menu(ui, cx);
            if cx.model.scene.simulated && !cx.narrow {
                widgets::chip(ui, cx.t.get("simulated"), cx.theme.forecast)
                    .on_hover_text(cx.t.get("simulated-hint"));
            }
            if !cx.narrow {
                search::field(ui, cx, 320.0);
            }
            ui.with_layout(Layout::right_to_left(egui::Align::Center), |ui| {
                ui.spacing_mut().item_spacing.x = 2.0;
                if cx.narrow {
                    narrow_buttons(ui, cx);
                } else {
                    wide_buttons(ui, cx);
                }
            });
        });
    });
    cx.covered.push(response.response.rect);
    search::results(root.ctx(), cx);
}

fn wide_buttons(ui: &mut Ui, cx: &mut Cx) {
    more_menu(ui, cx);
    language_menu(ui, cx);
    theme_button(ui, cx);
    let theme = cx.theme;
    let help = format!("{} (?)", cx.t.get("action-help"));
    if widgets::icon_button(ui, &theme, Icon::Help, &help, cx.state.help_open).clicked() {
        cx.state.help_open = !cx.state.help_open;
    }
    let link = format!("{} (C)", cx.t.get("action-copy-link"));
    if widgets::icon_button(ui, &theme, Icon::Link, &link, false).clicked() {
        cx.emit(UiCommand::CopyLink);
    }
    alarm_button(ui, cx);
    progress(ui, cx);
}

fn narrow_buttons(ui: &mut Ui, cx: &mut Cx) {
    more_menu(ui, cx);
    for entry in side::TABS.iter().filter(|e| e.in_bar) {
        side::tab_button(ui, cx, entry);
    }
    let label = format!("{} (/)", cx.t.get("action-search"));
    if widgets::icon_button(ui, &cx.theme, Icon::Search, &label, false).clicked() {
        cx.state.palette.open(true);
    }
    alarm_button(ui, cx);
}

fn scene_menu(ui: &mut Ui, cx: &mut Cx) {
    let model = cx.model;
    let name = if model.scene.name.is_empty() {
        cx.t.get("scene-none")
    } else {
        &model.scene.name
    };
    if model.scene.others.is_empty() && model.scene.presets.is_empty() {
        ui.add(egui::Label::new(RichText::new(name).color(cx.theme.quiet)).truncate());
        return;
    }
    let text = RichText::new(name).color(cx.theme.text);
    let chevron = egui::Atom::custom(egui::Id::new("scene chevron"), egui::Vec2::splat(12.0));
    let button = ui.menu_button((text, chevron), |ui| {
        for (id, name) in &model.scene.presets {
            if ui.button(name).clicked() {
                cx.emit(UiCommand::FlyTo(Target::Preset(id.clone())));
            }
        }
        if !model.scene.presets.is_empty() && !model.scene.others.is_empty() {
            ui.separator();
            widgets::quiet(ui, &cx.theme, cx.t.get("scene-others"));
        }
        for (id, name) in &model.scene.others {
            if ui.button(name).clicked() {
                cx.emit(UiCommand::OpenScene(id.clone()));
            }
        }
    });
    let at = button.response.rect.right_center() - egui::vec2(14.0, 0.0);
    let rect = egui::Rect::from_center_size(at, egui::Vec2::splat(12.0));
    super::icons::paint(ui.painter(), rect, Icon::ChevronDown, cx.theme.quiet);
    button.response.on_hover_text(cx.t.get("scene-menu"));
}

fn theme_button(ui: &mut Ui, cx: &mut Cx) {
    let (icon, key, choice) = match cx.state.settings.theme {
        ThemeChoice::Dark => (Icon::Sun, "theme-light", ThemeChoice::Light),
        ThemeChoice::Light => (Icon::Moon, "theme-dark", ThemeChoice::Dark),
    };
    if widgets::icon_button(ui, &cx.theme, icon, cx.t.get(key), false).clicked() {
        set_theme(cx, choice);
    }
}

/// Changes the theme here and tells the app.
pub(crate) fn set_theme(cx: &mut Cx, choice: ThemeChoice) {
    cx.state.settings.theme = choice;
    cx.emit(UiCommand::SetTheme(choice));
}

/// Changes the language here and tells the app.
pub(crate) fn set_language(cx: &mut Cx, language: Language) {
    cx.state.settings.language = language;
    cx.emit(UiCommand::SetLanguage(language));
}

/// Changes the scale within what stays usable.
pub(crate) fn set_scale(cx: &mut Cx, scale: f32) {
    if cx.state.set_ui_scale(scale) {
        cx.emit(UiCommand::SetUiScale(cx.state.ui_scale()));
    }
}

fn language_menu(ui: &mut Ui, cx: &mut Cx) {
    let current = cx.state.settings.language;
    let text = RichText::new(current.short_name()).color(cx.theme.quiet);
    let menu = ui.menu_button(text, |ui| languages(ui, cx));
    let label = cx.t.get("language");
    menu.response
        .widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Button, true, label));
    menu.response.on_hover_text(label);
}

fn languages(ui: &mut Ui, cx: &mut Cx) {
    for language in Language::ALL {
        let chosen = language == cx.state.settings.language;
        if ui
            .selectable_label(chosen, language.native_name())
            .clicked()
            && !chosen
        {
            set_language(cx, language);
        }
    }
}

fn more_menu(ui: &mut Ui, cx: &mut Cx) {
    let (rect, response) = ui.allocate_exact_size(egui::Vec2::splat(28.0), egui::Sense::click());
    let label = cx.t.get("menu-more");
    response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Button, true, label));
    let color = if response.hovered() {
        cx.theme.text
    } else {
        cx.theme.quiet
    };
    super::icons::paint(ui.painter(), rect.shrink(5.0), Icon::More, color);
    widgets::focus_ring(ui, &response, &cx.theme);
    egui::Popup::menu(&response)
        .close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| {
            ui.set_width(264.0);
            if cx.narrow {
                languages(ui, cx);
                theme_button(ui, cx);
                ui.separator();
            }
            scale_row(ui, cx);
            ui.separator();
            open_row(ui, cx);
            ui.separator();
            let mut chosen = None;
            for action in super::actions::MENU {
                let entry = super::actions::entry(*action);
                if !entry.available(cx) {
                    continue;
                }
                let name = RichText::new(cx.t.get(entry.key)).color(cx.theme.text);
                let keys = RichText::new(entry.shown_keys())
                    .size(12.0)
                    .color(cx.theme.quiet);
                let button = egui::Button::new((name, egui::Atom::grow(), keys))
                    .min_size(egui::vec2(264.0, 0.0));
                if ui.add(button.frame(false)).clicked() {
                    chosen = Some(*action);
                }
            }
            if let Some(action) = chosen {
                super::keymap::perform(ui.ctx(), cx, action);
                ui.close();
            }
        });
}

fn scale_row(ui: &mut Ui, cx: &mut Cx) {
    ui.horizontal(|ui| {
        ui.label(cx.t.get("menu-scale"));
        ui.with_layout(Layout::right_to_left(egui::Align::Center), |ui| {
            let (scale, theme) = (cx.state.ui_scale(), cx.theme);
            if widgets::icon_button(ui, &theme, Icon::Plus, cx.t.get("action-scale-up"), false)
                .clicked()
            {
                set_scale(cx, scale + 0.1);
            }
            ui.label(format!("{:.0} %", scale * 100.0));
            if widgets::icon_button(
                ui,
                &theme,
                Icon::Minus,
                cx.t.get("action-scale-down"),
                false,
            )
            .clicked()
            {
                set_scale(cx, scale - 0.1);
            }
        });
    });
}

fn open_row(ui: &mut Ui, cx: &mut Cx) {
    ui.label(cx.t.get("menu-open"));
    ui.horizontal(|ui| {
        let field = widgets::text_field(
            &cx.theme,
            &mut cx.state.open_text,
            cx.t.get("menu-open-hint"),
        );
        let response = ui.add(field.desired_width(176.0));
        let entered = response.lost_focus() && ui.input(|i| i.key_pressed(egui::Key::Enter));
        let pressed =
            widgets::text_button(ui, &cx.theme, cx.t.get("menu-open-button"), true).clicked();
        let text = cx.state.open_text.trim().to_owned();
        if (entered || pressed) && !text.is_empty() {
            let lower = text.to_ascii_lowercase();
            let path = lower.split(['?', '#']).next().unwrap_or("");
            cx.emit(match path.ends_with(".geojson") {
                true => UiCommand::OpenGeoJson(text),
                false => UiCommand::OpenTileset(text),
            });
            cx.state.open_text.clear();
            ui.close();
        }
    });
}

fn alarm_button(ui: &mut Ui, cx: &mut Cx) {
    let model = cx.model;
    let Some(worst) = model.alarms.iter().map(|a| a.severity).max() else {
        return;
    };
    let open = model.alarms.iter().filter(|a| !a.acknowledged).count();
    let color = severity_color(worst, &cx.theme);
    let text = RichText::new(super::format::count(model.alarms.len()))
        .font(theme::strong_font(14.0))
        .color(color);
    let menu = ui.menu_button(text, |ui| {
        ui.set_min_width(300.0);
        alarm_list(ui, cx, 14.0);
    });
    let at = menu.response.rect.left_center() + egui::vec2(-10.0, 0.0);
    let rect = egui::Rect::from_center_size(at, egui::Vec2::splat(16.0));
    // The only thing that blinks: an alarm that nobody has seen.
    let dim = open > 0 && worst > Severity::Info && ui.input(|i| i.time).fract() > 0.6;
    if open > 0 {
        ui.ctx()
            .request_repaint_after(std::time::Duration::from_millis(200));
    }
    super::icons::paint(
        ui.painter(),
        rect,
        Icon::Bell,
        if dim { cx.theme.line } else { color },
    );
    ui.add_space(18.0);
    let label =
        cx.t.fmt("alarms", &[("n", &model.alarms.len()), ("open", &open)]);
    menu.response
        .widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Button, true, &label));
    menu.response.on_hover_text(label);
}

/// The alarms, each with its words, its start and the button that acknowledges it.
pub(crate) fn alarm_list(ui: &mut Ui, cx: &mut Cx, size: f32) {
    let model = cx.model;
    for alarm in &model.alarms {
        ui.horizontal(|ui| {
            let icon = if alarm.severity == Severity::Error {
                Icon::Error
            } else {
                Icon::Warning
            };
            widgets::inline_icon(ui, icon, 18.0, severity_color(alarm.severity, &cx.theme));
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                ui.set_max_width(size * 24.0);
                ui.add(
                    egui::Label::new(RichText::new(&alarm.text).size(size).color(cx.theme.text))
                        .wrap(),
                );
                let since = super::format::date_time(&model.clock.zone, alarm.since_ns);
                widgets::quiet(ui, &cx.theme, cx.t.fmt("alarm-since", &[("time", &since)]));
            });
            if !alarm.acknowledged {
                let label = cx.t.get("alarm-acknowledge");
                if widgets::icon_button(ui, &cx.theme, Icon::Check, label, false).clicked() {
                    cx.emit(UiCommand::AcknowledgeAlarm(alarm.id));
                }
            }
        });
    }
}

/// Width of the progress of long work, logical pixels.
const PROGRESS_WIDTH: f32 = 216.0;

fn progress(ui: &mut Ui, cx: &mut Cx) {
    let Some(progress) = &cx.model.progress else {
        return;
    };
    ui.allocate_ui_with_layout(
        egui::vec2(PROGRESS_WIDTH, 30.0),
        Layout::top_down(egui::Align::Min),
        |ui| {
            ui.spacing_mut().item_spacing.y = 3.0;
            ui.set_width(PROGRESS_WIDTH);
            let mut text = cx.t.get(&progress.stage).to_owned();
            if let Some(left_s) = progress.left_s {
                let left = super::format::span(cx.t, left_s);
                text =
                    cx.t.fmt("progress-left", &[("stage", &text), ("left", &left)]);
            }
            ui.add(
                egui::Label::new(RichText::new(text).size(12.0).color(cx.theme.quiet)).truncate(),
            );
            widgets::meter(
                ui,
                &cx.theme,
                progress.fraction.unwrap_or(0.0),
                cx.theme.accent,
            );
        },
    );
}
