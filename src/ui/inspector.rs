//! What is selected, shown well: what it is, where, whose, how good, how old; its values with units; its
//! chart; what can be done with it.

use egui::{RichText, ScrollArea, Ui};

use super::Cx;
use super::chart;
use super::command::{Target, UiCommand};
use super::format;
use super::icons::Icon;
use super::legend;
use super::model::{FeatureModel, InspectorModel, Property, Quality, SensorModel};
use super::several;
use super::status;
use super::theme;
use super::widgets;

/// Shows the panel's contents.
pub(crate) fn show(ui: &mut Ui, cx: &mut Cx) {
    let model = cx.model;
    several::by_hand(ui, cx);
    all_selected(ui, cx);
    match &model.inspector {
        InspectorModel::None => {
            ui.add_space(theme::GRID * 2.0);
            widgets::quiet(ui, &cx.theme, cx.t.get("inspector-empty"));
        }
        InspectorModel::Building(feature) => feature_view(ui, cx, feature, Icon::Building),
        InspectorModel::Feature(feature) => feature_view(ui, cx, feature, Icon::Place),
        InspectorModel::Sensor(sensor) => sensor_view(ui, cx, sensor),
    }
}

/// Everything that is selected, when it is more than one thing: a click shows it here, the cross takes it out.
fn all_selected(ui: &mut Ui, cx: &mut Cx) {
    let model = cx.model;
    if model.selected.is_empty() {
        return;
    }
    let count = model.several.count.max(model.selected.len());
    let heading =
        cx.t.fmt("inspector-several", &[("n", &format::count(count))]);
    ui.label(
        RichText::new(heading)
            .font(theme::strong_font(14.0))
            .color(cx.theme.text),
    );
    ScrollArea::vertical()
        .id_salt("several")
        .max_height(132.0)
        .auto_shrink([false, true])
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            for (place, name) in model.selected.iter().enumerate() {
                ui.horizontal(|ui| {
                    let take_out = cx.t.fmt("inspector-take-out", &[("name", name)]);
                    let theme = cx.theme;
                    if widgets::icon_button_sized(ui, &theme, Icon::Close, &take_out, false, 24.0)
                        .clicked()
                    {
                        cx.emit(UiCommand::Deselect(place));
                    }
                    let shown = place == 0;
                    let color = if shown {
                        cx.theme.accent
                    } else {
                        cx.theme.text
                    };
                    let label = egui::Label::new(RichText::new(name).color(color))
                        .truncate()
                        .sense(egui::Sense::click());
                    let response = ui.add(label);
                    response.widget_info(|| {
                        egui::WidgetInfo::selected(
                            egui::WidgetType::SelectableLabel,
                            true,
                            shown,
                            name,
                        )
                    });
                    if response.clicked() && !shown {
                        cx.emit(UiCommand::Select(Target::Selected(place)));
                    }
                });
            }
            if count > model.selected.len() {
                let more = count - model.selected.len();
                let more = cx.t.fmt("inspector-more", &[("n", &format::count(more))]);
                widgets::quiet(ui, &cx.theme, more);
            }
        });
    several::actions(ui, cx);
    several::totals(ui, cx);
    ui.separator();
}

fn scroll(ui: &mut Ui, add: impl FnOnce(&mut Ui)) {
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .id_salt("inspector")
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 3.0;
            add(ui);
        });
}

fn title(ui: &mut Ui, cx: &Cx, icon: Icon, title: &str, under: &str) {
    ui.horizontal(|ui| {
        widgets::inline_icon(ui, icon, 22.0, cx.theme.accent);
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let text = RichText::new(title)
                .font(theme::strong_font(17.0))
                .color(cx.theme.text);
            ui.add(egui::Label::new(text).wrap().selectable(true));
            if !under.is_empty() {
                widgets::quiet(ui, &cx.theme, under);
            }
        });
    });
}

/// A value as people read it.
fn property_value<'v>(cx: &'v Cx, property: &Property, value: &'v str) -> &'v str {
    if property.id == "use" {
        cx.t.named("use", &value.to_lowercase(), value)
    } else {
        value
    }
}

/// That a scenario gives a value, and what the data says.
fn changed(cx: &Cx, property: &Property, before: &str) -> String {
    if before.is_empty() {
        return cx.t.get("inspector-changed-new").to_owned();
    }
    let mut before = property_value(cx, property, before).to_owned();
    if !property.unit.is_empty() {
        before = format!("{before} {}", property.unit);
    }
    cx.t.fmt("inspector-changed", &[("value", &before)])
}

fn feature_view(ui: &mut Ui, cx: &mut Cx, feature: &FeatureModel, icon: Icon) {
    scroll(ui, |ui| {
        let class =
            cx.t.named("class", &feature.class.to_lowercase(), &feature.class);
        let layer = cx.layer_name(&feature.layer, &feature.layer);
        let (name, under) = match feature.title.is_empty() {
            true => (class, [layer, ""]),
            false => (feature.title.as_str(), [class, layer]),
        };
        let under: Vec<&str> = under.into_iter().filter(|s| !s.is_empty()).collect();
        title(ui, cx, icon, name, &under.join(" · "));
        actions(ui, cx);
        if let Some((lon, lat)) = feature.lon_lat_deg {
            position_row(ui, cx, lon, lat);
        }
        if !feature.source.is_empty() {
            widgets::value_row(
                ui,
                &cx.theme,
                cx.t.get("inspector-source"),
                &feature.source,
                "",
                "",
            );
        }
        readings(ui, cx, &feature.readings);
        widgets::section(ui, &cx.theme, cx.t.get("inspector-properties"));
        if feature.properties.is_empty() {
            widgets::quiet(ui, &cx.theme, cx.t.get("inspector-no-properties"));
        }
        for property in &feature.properties {
            let name = property_name(cx, property);
            let value = property_value(cx, property, &property.value);
            let hover = match property.description.is_empty() {
                true => property.id.clone(),
                false => format!("{}\n{}", property.description, property.id),
            };
            widgets::value_row(ui, &cx.theme, name, value, &property.unit, &hover);
            if let Some(before) = &property.before {
                widgets::note_row(ui, &cx.theme, &changed(cx, property, before));
            }
        }
    });
}

/// What sensors that belong to a feature say of it: each with its unit, state, time and source. The name shows the sensor.
fn readings(ui: &mut Ui, cx: &mut Cx, readings: &[SensorModel]) {
    if readings.is_empty() {
        return;
    }
    widgets::section(ui, &cx.theme, cx.t.get("inspector-readings"));
    for sensor in readings {
        let layer = cx.layer_name(&sensor.layer_id, &sensor.layer).to_owned();
        let name = egui::Label::new(RichText::new(&layer).color(cx.theme.accent))
            .sense(egui::Sense::click());
        let hover = cx.t.fmt("inspector-show-sensor", &[("name", &sensor.name)]);
        let name = ui.add(name).on_hover_text(hover);
        name.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Link, true, &layer));
        if name.clicked() {
            cx.emit(UiCommand::Select(Target::Sensor(sensor.id)));
        }
        reading(ui, cx, sensor);
        let source = cx.t.get("inspector-source");
        widgets::value_row(ui, &cx.theme, source, &sensor.source, "", &sensor.name);
        ui.add_space(theme::GRID);
    }
}

fn sensor_view(ui: &mut Ui, cx: &mut Cx, sensor: &SensorModel) {
    scroll(ui, |ui| {
        let (name, under) = sensor_title(cx, sensor);
        title(ui, cx, Icon::Sensor, &name, &under);
        actions(ui, cx);
        ui.add_space(theme::GRID);
        reading(ui, cx, sensor);
        ui.add_space(theme::GRID);

        let t = cx.t;
        if !sensor.observed_property.is_empty() {
            let name = t.get("sensor-property");
            widgets::value_row(ui, &cx.theme, name, &sensor.observed_property, "", "");
        }
        let source = if sensor.simulated && sensor.source.is_empty() {
            t.get("simulated")
        } else {
            &sensor.source
        };
        widgets::value_row(ui, &cx.theme, t.get("inspector-source"), source, "", "");
        if let Some((lon, lat)) = sensor.lon_lat_deg {
            position_row(ui, cx, lon, lat);
        }
        let cadence = format::span(t, sensor.cadence_s);
        let key = if sensor.linear {
            "sensor-linear"
        } else {
            "sensor-step"
        };
        let cadence = format!("{cadence} · {}", t.get(key));
        widgets::value_row(
            ui,
            &cx.theme,
            t.get("sensor-cadence"),
            &cadence,
            "",
            t.get("sensor-interpolation-hint"),
        );

        widgets::section(
            ui,
            &cx.theme,
            &t.fmt("chart-title", &[("unit", &sensor.unit)]),
        );
        chart::show(ui, cx, sensor);
    });
}

/// What a sensor is called, and the line under it: layer and place where the place has a name, else its own name.
fn sensor_title(cx: &Cx, sensor: &SensorModel) -> (String, String) {
    let layer = cx.layer_name(&sensor.layer_id, &sensor.layer);
    let names = &sensor.place;
    let place = names.get(cx.t.language().tag()).or_else(|| names.get("en"));
    match place.or_else(|| names.values().next()) {
        Some(place) => {
            let title =
                cx.t.fmt("sensor-title", &[("layer", &layer), ("place", place)]);
            (title, sensor.name.clone())
        }
        None => (sensor.name.clone(), layer.to_owned()),
    }
}

/// The measured value, large, with its unit, its state, its age and whether it is simulated.
fn reading(ui: &mut Ui, cx: &Cx, sensor: &SensorModel) {
    let value = sensor
        .value
        .filter(|v| v.is_finite() && sensor.quality != Quality::Missing);
    ui.horizontal(|ui| {
        let (text, color) = match value {
            Some(v) => (format::number(v, sensor.decimals), cx.theme.text),
            None => (cx.t.get("sensor-no-value").to_owned(), cx.theme.quiet),
        };
        let mut text = RichText::new(text)
            .font(theme::strong_font(28.0))
            .color(color);
        if sensor.quality == Quality::Failed {
            text = text.strikethrough();
        }
        ui.label(text);
        if value.is_some() {
            ui.label(RichText::new(&sensor.unit).size(17.0).color(cx.theme.quiet));
        }
    });
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().interact_size.y = 20.0;
        let own = value
            .zip(sensor.legend.as_ref())
            .map(|(v, l)| legend::color_of(l, v));
        let color = own.unwrap_or_else(|| status::color(sensor.quality, &cx.theme));
        status::mark_ui(ui, sensor.quality, color);
        let quality = ui.label(RichText::new(cx.t.get(sensor.quality.key())).color(cx.theme.text));
        if !sensor.quality_reason.is_empty() {
            quality.on_hover_text(reasons(cx, sensor));
        }
        if let Some(age_s) = sensor.age_s {
            let age = ui.label(
                RichText::new(format!("· {}", format::age(cx.t, age_s))).color(cx.theme.quiet),
            );
            if let Some(at) = sensor.phenomenon_ns {
                age.on_hover_text(format::date_time(&cx.model.clock.zone, at));
            }
        }
        if sensor.forecast {
            widgets::chip(ui, cx.t.get("sensor-forecast"), cx.theme.forecast)
                .on_hover_text(cx.t.get("sensor-forecast-hint"));
        }
        if sensor.simulated {
            widgets::chip(ui, cx.t.get("simulated"), cx.theme.forecast)
                .on_hover_text(cx.t.get("simulated-hint"));
        }
    });
    if !sensor.quality_reason.is_empty() {
        widgets::quiet(ui, &cx.theme, reasons(cx, sensor));
    }
    if let Some(at) = sensor.phenomenon_ns {
        let key = if sensor.forecast {
            "sensor-forecast"
        } else {
            "sensor-measured"
        };
        let time = format::date_time(&cx.model.clock.zone, at);
        widgets::value_row(ui, &cx.theme, cx.t.get(key), &time, "", "");
    }
}

/// Why the quality is what it is, in the language.
fn reasons(cx: &Cx, sensor: &SensorModel) -> String {
    let words: Vec<&str> = sensor
        .quality_reason
        .split(',')
        .map(|mark| cx.t.named("mark", mark, mark))
        .collect();
    words.join(" · ")
}

fn position_row(ui: &mut Ui, cx: &Cx, lon: f64, lat: f64) {
    widgets::value_row(
        ui,
        &cx.theme,
        cx.t.get("inspector-position"),
        &format::lon_lat(lon, lat),
        "",
        "WGS 84",
    );
}

fn actions(ui: &mut Ui, cx: &mut Cx) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        let theme = cx.theme;
        let feature = matches!(
            cx.model.inspector,
            InspectorModel::Building(_) | InspectorModel::Feature(_)
        );
        let hide = feature && cx.model.abilities.hide_features;
        let entries = [
            (
                true,
                Icon::Target,
                "action-fly-to-selection",
                UiCommand::FlyTo(Target::Selection),
            ),
            (true, Icon::Link, "action-copy-link", UiCommand::CopyLink),
            (
                true,
                Icon::Copy,
                "action-copy-values",
                UiCommand::CopyText(as_text(cx)),
            ),
            (
                hide,
                Icon::EyeOff,
                "action-hide-selected",
                UiCommand::HideSelected,
            ),
            (
                true,
                Icon::Close,
                "action-clear-selection",
                UiCommand::ClearSelection,
            ),
        ];
        for (_, icon, key, command) in entries.into_iter().filter(|(offered, ..)| *offered) {
            if widgets::icon_button(ui, &theme, icon, cx.t.get(key), false).clicked() {
                cx.emit(command);
            }
        }
    });
}

/// What is selected as lines of "name, tab, value with unit", for a spreadsheet or a message.
fn as_text(cx: &Cx) -> String {
    let mut out = String::new();
    let mut line = |name: &str, value: &str, unit: &str| {
        let space = if unit.is_empty() { "" } else { " " };
        out.push_str(&format!("{name}\t{value}{space}{unit}\n"));
    };
    match &cx.model.inspector {
        InspectorModel::None => {}
        InspectorModel::Building(feature) | InspectorModel::Feature(feature) => {
            line(cx.t.get("property-name"), &feature.title, "");
            for property in &feature.properties {
                line(property_name(cx, property), &property.value, &property.unit);
            }
            for sensor in &feature.readings {
                let layer = cx.layer_name(&sensor.layer_id, &sensor.layer);
                if let Some(value) = sensor.value {
                    line(layer, &value.to_string(), &sensor.unit);
                }
                line(layer, cx.t.get(sensor.quality.key()), "");
            }
        }
        InspectorModel::Sensor(sensor) => {
            line(cx.t.get("property-name"), &sensor_title(cx, sensor).0, "");
            if let Some(value) = sensor.value {
                line(&sensor.observed_property, &value.to_string(), &sensor.unit);
            }
            if let Some(at) = sensor.phenomenon_ns {
                line(
                    cx.t.get("sensor-measured"),
                    &format::date_time(&cx.model.clock.zone, at),
                    "",
                );
            }
            line(
                cx.t.get("sensor-quality"),
                cx.t.get(sensor.quality.key()),
                "",
            );
            line(cx.t.get("inspector-source"), &sensor.source, "");
        }
    }
    out
}

/// What a property is called in the language, else by its schema.
fn property_name<'m>(cx: &Cx, property: &'m Property) -> &'m str {
    let plain = if property.name.is_empty() {
        &property.id
    } else {
        &property.name
    };
    cx.t.named("property", &property.id, plain)
}
