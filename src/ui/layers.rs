//! The layer tree: the city's own layers, then the six areas; visibility, opacity, state, search.

use egui::{RichText, ScrollArea, Sense, Ui, vec2};

use super::Cx;
use super::command::UiCommand;
use super::format;
use super::icons::Icon;
use super::legend;
use super::model::{Area, LayerKind, LayerModel, Quality};
use super::status;
use super::style;
use super::theme;
use super::widgets;

/// Shows the panel's contents.
pub(crate) fn show(ui: &mut Ui, cx: &mut Cx) {
    filter_field(ui, cx);
    ui.add_space(theme::GRID);
    let model = cx.model;
    if model.layers.is_empty() {
        widgets::quiet(ui, &cx.theme, cx.t.get("layers-empty"));
        return;
    }
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .id_salt("layers")
        .show(ui, |ui| {
            let filter = cx.state.layer_filter.to_lowercase();
            let mut shown = group(ui, cx, None, &filter);
            for area in Area::ALL {
                shown += group(ui, cx, Some(area), &filter);
            }
            if shown == 0 {
                widgets::quiet(
                    ui,
                    &cx.theme,
                    cx.t.fmt("layers-none-found", &[("text", &cx.state.layer_filter)]),
                );
            }
            if !model.scene.has_feeds {
                ui.add_space(theme::GRID * 2.0);
                widgets::quiet(ui, &cx.theme, cx.t.get("layers-no-feeds"));
            }
        });
}

fn filter_field(ui: &mut Ui, cx: &mut Cx) {
    let label = cx.t.get("layers-filter");
    let field = widgets::text_field(&cx.theme, &mut cx.state.layer_filter, label)
        .desired_width(f32::INFINITY);
    let response = ui.add(field);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::TextEdit, true, label));
}

/// One area, or the city's own layers for `None`. Returns how many layers were shown.
fn group(ui: &mut Ui, cx: &mut Cx, area: Option<Area>, filter: &str) -> usize {
    let model = cx.model;
    let matches = |cx: &Cx, layer: &LayerModel| {
        layer.area == area
            && (filter.is_empty()
                || cx
                    .layer_name(&layer.id, &layer.name)
                    .to_lowercase()
                    .contains(filter))
    };
    let layers: Vec<&LayerModel> = model
        .layers
        .iter()
        .filter(|layer| matches(cx, layer))
        .collect();
    if layers.is_empty() {
        return 0;
    }
    let key = area.map_or("group-city", Area::key);
    let open = !filter.is_empty() || !cx.state.settings.folded.contains(key);
    let on = layers.iter().filter(|l| l.visible).count();
    let badge = format!("{on}/{}", layers.len());
    let badge_color = if on > 0 {
        cx.theme.accent
    } else {
        cx.theme.quiet
    };
    let heading = widgets::FoldHeading {
        icon: Some(icon_of(area)),
        name: cx.t.get(key),
        badge: (&badge, badge_color),
        open,
    };
    let clicked = heading.show(ui, &cx.theme).clicked();
    if clicked && filter.is_empty() && !cx.state.settings.folded.remove(key) {
        cx.state.settings.folded.insert(key.to_owned());
    }
    if open {
        for layer in &layers {
            row(ui, cx, layer);
        }
    }
    layers.len()
}

fn icon_of(area: Option<Area>) -> Icon {
    match area {
        None => Icon::City,
        Some(Area::Mobility) => Icon::Car,
        Some(Area::Living) => Icon::Home,
        Some(Area::Environment) => Icon::Leaf,
        Some(Area::People) => Icon::People,
        Some(Area::Government) => Icon::Institution,
        Some(Area::Economy) => Icon::Chart,
    }
}

fn row(ui: &mut Ui, cx: &mut Cx, layer: &LayerModel) {
    let name = cx.layer_name(&layer.id, &layer.name).to_owned();
    ui.push_id(&layer.id, |ui| {
        ui.horizontal(|ui| {
            let (icon, key) = if layer.visible {
                (Icon::Eye, "layer-hide")
            } else {
                (Icon::EyeOff, "layer-show")
            };
            let label = cx.t.fmt(key, &[("layer", &name)]);
            if widgets::icon_button(ui, &cx.theme, icon, &label, layer.visible).clicked() {
                cx.emit(UiCommand::SetLayerVisible {
                    layer: layer.id.clone(),
                    visible: !layer.visible,
                });
            }
            let color = if layer.visible {
                cx.theme.text
            } else {
                cx.theme.quiet
            };
            let width = (ui.available_width() - 76.0).max(60.0);
            ui.allocate_ui_with_layout(
                vec2(width, 28.0),
                egui::Layout::left_to_right(egui::Align::Center),
                |ui| {
                    ui.set_width(width);
                    let text = egui::Label::new(RichText::new(&name).color(color))
                        .truncate()
                        .sense(Sense::click());
                    if ui
                        .add(text)
                        .on_hover_ui(|ui| hover(ui, cx, layer, &name))
                        .clicked()
                    {
                        cx.emit(UiCommand::SetLayerVisible {
                            layer: layer.id.clone(),
                            visible: !layer.visible,
                        });
                    }
                },
            );
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                ui.add_space(8.0);
                // Pictures are not counted.
                if layer.kind != LayerKind::Imagery {
                    let count = RichText::new(format::count(layer.count)).size(12.0);
                    ui.label(count.color(cx.theme.quiet));
                }
                marks(ui, cx, layer);
            });
        });
        if let Some(problem) = &layer.problem {
            ui.horizontal_top(|ui| {
                ui.add_space(32.0);
                widgets::inline_icon(ui, Icon::Warning, 14.0, cx.theme.warning);
                let text = RichText::new(problem).size(12.0).color(cx.theme.warning);
                ui.vertical(|ui| ui.add(egui::Label::new(text).wrap()));
            });
        }
        // A table has neither colours nor opacity of its own.
        if layer.visible && layer.kind != LayerKind::Table {
            details(ui, cx, layer, &name);
        }
    });
}

/// The worst state that a layer's sensors are in, as a mark.
fn marks(ui: &mut Ui, cx: &Cx, layer: &LayerModel) {
    let q = layer.quality;
    let worst = [
        (q.failed, Quality::Failed),
        (q.suspect, Quality::Suspect),
        (q.missing, Quality::Missing),
        (q.stale, Quality::Stale),
    ];
    for (count, quality) in worst {
        if count > 0 {
            let name = cx.t.get(quality.key());
            let text = cx.t.fmt(
                "layer-quality",
                &[("quality", &name), ("n", &format::count(count))],
            );
            status::mark_ui(ui, quality, status::color(quality, &cx.theme)).on_hover_text(text);
            return;
        }
    }
}

/// What a visible layer shows under its name: the colours' meaning, opacity and age.
fn details(ui: &mut Ui, cx: &mut Cx, layer: &LayerModel, name: &str) {
    ui.horizontal(|ui| {
        ui.spacing_mut().interact_size.y = 20.0;
        ui.add_space(36.0);
        ui.vertical(|ui| {
            ui.set_max_width((ui.available_width() - 8.0).max(80.0));
            if let Some(legend) = &layer.legend {
                legend::bar(ui, cx.t, &cx.theme, legend, layer.simulated);
            }
            ui.horizontal(|ui| {
                opacity(ui, cx, layer, name);
                let Some(age_s) = layer.newest_age_s else {
                    return;
                };
                let age = format::age(cx.t, age_s);
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    let hover = cx.t.fmt("layer-newest", &[("age", &age)]);
                    ui.label(RichText::new(&age).size(12.0).color(cx.theme.quiet))
                        .on_hover_text(hover);
                });
            });
            if let Some(model) = &layer.style {
                style::show(ui, cx, layer, model, name);
            }
            ui.add_space(theme::GRID);
        });
    });
}

fn opacity(ui: &mut Ui, cx: &mut Cx, layer: &LayerModel, name: &str) {
    let mut opacity = layer.opacity * 100.0;
    ui.spacing_mut().slider_width = 84.0;
    let response = ui.add(egui::Slider::new(&mut opacity, 0.0..=100.0).show_value(false));
    let label = cx.t.fmt("layer-opacity", &[("layer", &name)]);
    response.widget_info(|| egui::WidgetInfo::slider(true, f64::from(opacity), &label));
    if response.changed() {
        cx.emit(UiCommand::SetLayerOpacity {
            layer: layer.id.clone(),
            opacity: opacity / 100.0,
        });
    }
    response.on_hover_text(label);
    ui.label(
        RichText::new(format!("{:.0} %", layer.opacity * 100.0))
            .size(12.0)
            .color(cx.theme.quiet),
    );
}

fn hover(ui: &mut Ui, cx: &Cx, layer: &LayerModel, name: &str) {
    ui.label(RichText::new(name).font(theme::strong_font(14.0)));
    let count = match layer.kind {
        LayerKind::Sensors => "layer-count-sensors",
        LayerKind::Imagery => "layer-imagery",
        LayerKind::Tiles => "layer-count-tiles",
        LayerKind::Features => "layer-count-features",
        LayerKind::Table => "layer-count-rows",
    };
    ui.label(cx.t.fmt(count, &[("n", &format::count(layer.count))]));
    if layer.kind != LayerKind::Sensors {
        return;
    }
    let q = layer.quality;
    let counts = [
        (Quality::Good, q.good),
        (Quality::Stale, q.stale),
        (Quality::Suspect, q.suspect),
        (Quality::Failed, q.failed),
        (Quality::Missing, q.missing),
    ];
    for (quality, n) in counts {
        if n > 0 {
            ui.horizontal(|ui| {
                status::mark_ui(ui, quality, status::color(quality, &cx.theme));
                let name = cx.t.get(quality.key());
                ui.label(cx.t.fmt(
                    "layer-quality",
                    &[("quality", &name), ("n", &format::count(n))],
                ));
            });
        }
    }
}
