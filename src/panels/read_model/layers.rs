//! The layer panel: tilesets, vector layers, sensor layers.

use city_sensors::Area;
use city_tiles::vector::Meaning;

use super::Sources;
use crate::geojson::VectorLayer;
use crate::joining::TableLayer;
use crate::overlays::LayerLooks;
use crate::styling::{Known, TilesetStyle};
use crate::ui::model as ui;

/// What a tileset is called: its own name, or for one that was opened by its address the folder or file there.
pub(super) fn short_name(name: &str) -> &str {
    let bare = name.split(['?', '#']).next().unwrap_or(name);
    let mut parts = bare.rsplit(['/', '\\']).filter(|part| !part.is_empty());
    match parts.next() {
        Some("tileset.json") => parts.next().unwrap_or(name),
        Some(file) if file.ends_with(".json") => file,
        _ => name,
    }
}

fn area(area: Area) -> ui::Area {
    match area {
        Area::Mobility => ui::Area::Mobility,
        Area::Living => ui::Area::Living,
        Area::Environment => ui::Area::Environment,
        Area::People => ui::Area::People,
        Area::Government => ui::Area::Government,
        Area::Economy => ui::Area::Economy,
    }
}

pub(super) fn legend(
    look: &crate::overlays::LayerLook,
    layer: &city_sensors::Layer,
) -> ui::LegendModel {
    let [min, max] = look.range.unwrap_or(layer.range);
    ui::LegendModel::Continuous {
        map: look.color_map.clone(),
        min,
        max,
        unit: layer.unit.symbol.clone(),
    }
}

pub(super) fn layers(
    from: &Sources,
    looks: &mut LayerLooks,
    language: &str,
) -> Vec<ui::LayerModel> {
    let now_ns = from.clock.now().0;
    let mut out: Vec<ui::LayerModel> = from
        .layers
        .iter()
        .map(|(layer, style, known)| ui::LayerModel {
            style: style.map(|style| style_model(style, known)),
            id: layer.source.name.clone(),
            name: short_name(&layer.source.name).to_owned(),
            kind: ui::LayerKind::Tiles,
            visible: layer.visible,
            opacity: layer.opacity,
            count: layer.streamer.stats().tiles_shown,
            ..ui::LayerModel::default()
        })
        .collect();
    out.extend(from.vectors.iter().map(vector_layer));
    out.extend(from.tables.iter().map(table));
    let Some(catalog) = &from.readings.catalog else {
        return out;
    };
    let mut counts = vec![(0, false); catalog.layers.len()];
    for stream in &catalog.datastreams {
        if let Some((count, simulated)) = counts.get_mut(stream.layer as usize) {
            *count += 1;
            *simulated |= stream.simulated;
        }
    }
    let scene = from.scene.scene.as_deref();
    for ((layer, state), (count, simulated)) in
        catalog.layers.iter().zip(&from.readings.layers).zip(counts)
    {
        let look = looks.of(&layer.id);
        let own_name = scene
            .and_then(|scene| scene.layer(&layer.id))
            .and_then(|layer| layer.names.get(language));
        let [good, stale, suspect, failed, missing] = state.counts;
        out.push(ui::LayerModel {
            id: layer.id.clone(),
            name: own_name.unwrap_or(&layer.name).clone(),
            area: Some(area(layer.area)),
            kind: ui::LayerKind::Sensors,
            visible: look.visible,
            opacity: look.opacity,
            count,
            newest_age_s: state.newest_ns.map(|at| (now_ns - at) as f64 * 1e-9),
            quality: ui::QualityCounts {
                good,
                stale,
                suspect,
                failed,
                missing,
            },
            simulated,
            legend: Some(legend(look, layer)),
            problem: None,
            style: None,
        });
    }
    out
}

fn style_model(style: &TilesetStyle, known: Option<&Known>) -> ui::StyleModel {
    ui::StyleModel {
        text: style.text.clone(),
        error: style.error.clone(),
        warnings: style.warnings.clone(),
        strength: style.strength,
        properties: known.map_or_else(Vec::new, |known| known.0.keys().cloned().collect()),
    }
}

fn table(table: &TableLayer) -> ui::LayerModel {
    ui::LayerModel {
        id: table.id.clone(),
        name: table.id.clone(),
        kind: ui::LayerKind::Table,
        visible: table.visible,
        opacity: 1.0,
        count: table.table.as_ref().map_or(0, |rows| rows.len()),
        problem: table.problem.clone().or_else(|| {
            let text = "none of its rows names a feature that is loaded";
            table.finds_nothing().then(|| text.to_owned())
        }),
        ..ui::LayerModel::default()
    }
}

fn vector_layer(layer: &VectorLayer) -> ui::LayerModel {
    let by = layer.source.style.color_by.as_ref();
    ui::LayerModel {
        id: layer.source.id.clone(),
        name: layer.source.name.clone(),
        kind: ui::LayerKind::Features,
        visible: layer.visible,
        opacity: layer.opacity,
        count: layer.count,
        problem: layer.problem.clone(),
        legend: match &layer.meaning {
            Meaning::None => None,
            Meaning::Range { map, low, high } => Some(ui::LegendModel::Continuous {
                map: map.clone(),
                min: *low,
                max: *high,
                // The property takes the place of a unit, which GeoJSON does not know.
                unit: by.map_or_else(String::new, |by| by.property.clone()),
            }),
            Meaning::Categories(list) => Some(ui::LegendModel::Categories(list.clone())),
        },
        ..ui::LayerModel::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tileset_that_was_opened_by_its_address_is_called_by_its_folder() {
        for (name, want) in [
            ("/data/wageningen/tileset.json", "wageningen"),
            ("https://example.org/a/b.json?token=1", "b.json"),
            ("C:\\city\\tileset.json", "city"),
            ("3DBAG", "3DBAG"),
            ("Roads/rails", "Roads/rails"),
            ("", ""),
        ] {
            assert_eq!(short_name(name), want);
        }
    }
}
