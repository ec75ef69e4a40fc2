//! The side panels: unfolded, folded to a rail of icons, or a sheet over the city on a narrow screen.

use egui::{Layout, Panel, RichText, Ui};

use super::Cx;
use super::icons::Icon;
use super::model::Severity;
use super::state::Tab;
use super::theme;
use super::widgets;
use super::{clip, debug, health, inspector, layers, plan};

/// A panel's entry: where it is, its icon, name and key, and the function that shows it.
pub(crate) struct Entry {
    pub tab: Tab,
    pub icon: Icon,
    pub key: &'static str,
    pub shortcut: &'static str,
    /// It has a button in the bar of a narrow screen; the others are in the menu.
    pub in_bar: bool,
    show: fn(&mut Ui, &mut Cx),
}

/// Every side panel; the first is on the left, the others share the right side.
pub(crate) const TABS: [Entry; 6] = [
    Entry {
        tab: Tab::Layers,
        icon: Icon::Layers,
        key: "panel-layers",
        shortcut: "L",
        in_bar: true,
        show: layers::show,
    },
    Entry {
        tab: Tab::Inspector,
        icon: Icon::Info,
        key: "panel-inspector",
        shortcut: "I",
        in_bar: true,
        show: inspector::show,
    },
    Entry {
        tab: Tab::Plan,
        icon: Icon::Plan,
        key: "panel-plan",
        shortcut: "V",
        in_bar: false,
        show: plan::show,
    },
    Entry {
        tab: Tab::Clip,
        icon: Icon::Clip,
        key: "panel-clip",
        shortcut: "X",
        in_bar: false,
        show: clip::show,
    },
    Entry {
        tab: Tab::Health,
        icon: Icon::Pulse,
        key: "panel-health",
        shortcut: "P",
        in_bar: true,
        show: health::show,
    },
    Entry {
        tab: Tab::Tiles,
        icon: Icon::Wrench,
        key: "panel-tiles",
        shortcut: "B",
        in_bar: false,
        show: debug::show,
    },
];

fn entry(tab: Tab) -> &'static Entry {
    TABS.iter().find(|e| e.tab == tab).unwrap_or(&TABS[0])
}

impl Cx<'_> {
    /// Whether a side panel is unfolded, or its sheet up.
    pub(crate) fn is_open(&self, tab: Tab) -> bool {
        match (self.narrow, tab) {
            (true, _) => self.state.sheet == Some(tab),
            (false, Tab::Layers) => self.state.settings.left_open,
            (false, _) => self.state.settings.right == Some(tab),
        }
    }

    /// Folds or unfolds a side panel.
    pub(crate) fn toggle(&mut self, tab: Tab) {
        let open = self.is_open(tab);
        match (self.narrow, tab) {
            (true, _) => self.state.sheet = (!open).then_some(tab),
            (false, Tab::Layers) => self.state.settings.left_open = !open,
            (false, _) => self.state.settings.right = (!open).then_some(tab),
        }
    }
}

/// The layer panel on the left, or its rail.
pub(crate) fn show_left(root: &mut Ui, cx: &mut Cx) {
    if !cx.state.settings.left_open {
        rail(root, cx, Panel::left("left rail"), &TABS[..1]);
        return;
    }
    let panel = Panel::left("left")
        .default_size(cx.state.settings.left_width)
        .size_range(220.0..=420.0)
        .frame(cx.theme.panel_frame());
    let response = panel.resizable(true).show(root, |ui| {
        header(ui, cx, &TABS[..1]);
        layers::show(ui, cx);
    });
    keep_width(&mut cx.state.settings.left_width, response.response.rect);
    cx.covered.push(response.response.rect);
}

/// The panels on the right, or their rail.
pub(crate) fn show_right(root: &mut Ui, cx: &mut Cx) {
    let model = cx.model;
    cx.state.follow_scenario(model);
    cx.state.follow_selection(model, false);
    let Some(tab) = cx.state.settings.right.filter(|t| *t != Tab::Layers) else {
        rail(root, cx, Panel::right("right rail"), &TABS[1..]);
        return;
    };
    let panel = Panel::right("right")
        .default_size(cx.state.settings.right_width)
        .size_range(264.0..=520.0)
        .frame(cx.theme.panel_frame());
    let response = panel.resizable(true).show(root, |ui| {
        header(ui, cx, &TABS[1..]);
        (entry(tab).show)(ui, cx);
    });
    keep_width(&mut cx.state.settings.right_width, response.response.rect);
    cx.covered.push(response.response.rect);
}

/// Remembers a width that the user dragged; what rounding changes is no change.
fn keep_width(kept: &mut f32, rect: egui::Rect) {
    if (rect.width() - *kept).abs() > 1.0 {
        *kept = rect.width().round();
    }
}

/// On a narrow screen: one panel as a sheet above the timeline.
pub(crate) fn show_sheet(root: &mut Ui, cx: &mut Cx) {
    let model = cx.model;
    cx.state.follow_selection(model, true);
    let Some(tab) = cx.state.sheet else { return };
    let height = (root.available_height() * 0.56).clamp(160.0, 460.0);
    let panel = Panel::bottom("sheet")
        .exact_size(height)
        .resizable(false)
        .frame(cx.theme.panel_frame());
    let response = panel.show(root, |ui| {
        ui.horizontal(|ui| {
            let title = RichText::new(cx.t.get(entry(tab).key)).font(theme::strong_font(17.0));
            ui.label(title.color(cx.theme.text));
            ui.with_layout(Layout::right_to_left(egui::Align::Center), |ui| {
                let label = cx.t.get("panel-close");
                if widgets::icon_button_sized(ui, &cx.theme, Icon::Close, label, false, 40.0)
                    .clicked()
                {
                    cx.state.sheet = None;
                }
            });
        });
        (entry(tab).show)(ui, cx);
    });
    cx.covered.push(response.response.rect);
}

/// The heading of a side panel: the tabs that share it, the name of the one shown, and the button that folds.
fn header(ui: &mut Ui, cx: &mut Cx, entries: &[Entry]) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        if let [only] = entries {
            let title = RichText::new(cx.t.get(only.key)).font(theme::strong_font(17.0));
            ui.label(title.color(cx.theme.text));
        } else {
            for entry in entries {
                tab_button(ui, cx, entry);
            }
            ui.add_space(6.0);
            if let Some(open) = entries.iter().find(|e| cx.is_open(e.tab)) {
                let title = RichText::new(cx.t.get(open.key)).font(theme::strong_font(17.0));
                ui.add(egui::Label::new(title.color(cx.theme.text)).truncate());
            }
        }
        ui.with_layout(Layout::right_to_left(egui::Align::Center), |ui| {
            let left = entries.len() == 1;
            let icon = if left {
                Icon::ChevronLeft
            } else {
                Icon::ChevronRight
            };
            if widgets::icon_button(ui, &cx.theme, icon, cx.t.get("panel-fold"), false).clicked() {
                match left {
                    true => cx.state.settings.left_open = false,
                    false => cx.state.settings.right = None,
                }
            }
        });
    });
    ui.add_space(theme::GRID);
}

fn rail(root: &mut Ui, cx: &mut Cx, panel: Panel, entries: &[Entry]) {
    let frame = cx
        .theme
        .panel_frame()
        .inner_margin(egui::Margin::symmetric(5, 8));
    let response = panel
        .exact_size(theme::RAIL_WIDTH)
        .resizable(false)
        .frame(frame)
        .show(root, |ui| {
            ui.spacing_mut().item_spacing.y = 6.0;
            for entry in entries {
                tab_button(ui, cx, entry);
            }
        });
    cx.covered.push(response.response.rect);
}

/// A panel's button; the health panel's carries a dot while something is wrong.
pub(crate) fn tab_button(ui: &mut Ui, cx: &mut Cx, entry: &Entry) {
    let label = format!("{} ({})", cx.t.get(entry.key), entry.shortcut);
    let open = cx.is_open(entry.tab);
    let response = widgets::icon_button(ui, &cx.theme, entry.icon, &label, open);
    if entry.tab == Tab::Health
        && let Some(severity) = health::worst(cx.model).filter(|s| *s > Severity::Info)
    {
        let at = response.rect.right_top() + egui::vec2(-5.0, 6.0);
        ui.painter().circle_filled(
            at,
            4.0,
            super::transport::severity_color(severity, &cx.theme),
        );
    }
    if response.clicked() {
        cx.toggle(entry.tab);
    }
}
