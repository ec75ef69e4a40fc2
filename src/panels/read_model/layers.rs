//! The layer panel: tilesets, vector layers, sensor layers.

use city_scene::ImagerySource;
use city_sensors::{Area, Catalog};
use city_tiles::vector::Meaning;

use super::Sources;
use crate::geojson::VectorLayer;
use crate::joining::{ReadingJoin, TableLayer};
use crate::overlays::LayerLooks;
use crate::styling::{Known, TilesetStyle, style_by_reading};
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
    let catalog = from.readings.catalog.as_ref();
    let counts = catalog.map_or_else(Vec::new, counts);
    let choices = catalog.map_or_else(Vec::new, |catalog| {
        choices(from, catalog, &counts, language)
    });
    // What takes another's place is listed when it is seen.
    let seen = from.layers.iter();
    let seen = seen.filter(|(layer, ..)| layer.source.takes_over.is_none());
    let tiles = seen.map(|(layer, style, known)| {
        let join = style.and_then(|style| read_join(from, style));
        let shown = style.and_then(|style| shown_reading(from, looks, style, join?));
        ui::LayerModel {
            style: style.map(|style| ui::StyleModel {
                readings: choices.clone(),
                by_reading: shown.map(|(_, layer)| layer.id.clone()),
                ..style_model(style, known, join)
            }),
            legend: shown.and_then(|(_, layer)| {
                let look = looks.0.iter().find(|look| look.id == layer.id)?;
                Some(legend(look, layer))
            }),
            simulated: shown
                .and_then(|(index, _)| counts.get(index as usize))
                .is_some_and(|count| count.simulated),
            id: layer.source.name.clone(),
            name: short_name(&layer.source.name).to_owned(),
            kind: ui::LayerKind::Tiles,
            visible: layer.visible,
            opacity: layer.opacity,
            count: layer.streamer.stats().tiles_shown,
            ..ui::LayerModel::default()
        }
    });
    let mut out: Vec<ui::LayerModel> = tiles.collect();
    // The highest first, as everywhere where layers lie over each other.
    let imagery = from.ground.imagery().iter().rev();
    out.extend(imagery.map(|layer| imagery_layer(layer, language)));
    out.extend(from.vectors.iter().map(vector_layer));
    out.extend(from.tables.iter().map(table));
    let Some(catalog) = catalog else {
        return out;
    };
    for ((layer, state), count) in catalog.layers.iter().zip(&from.readings.layers).zip(counts) {
        let look = looks.of(&layer.id);
        let [good, stale, suspect, failed, missing] = state.counts;
        out.push(ui::LayerModel {
            id: layer.id.clone(),
            name: name_of(from, layer, language),
            area: Some(area(layer.area)),
            kind: ui::LayerKind::Sensors,
            visible: look.visible,
            opacity: look.opacity,
            count: count.sensors,
            newest_age_s: state.newest_ns.map(|at| (now_ns - at) as f64 * 1e-9),
            quality: ui::QualityCounts {
                good,
                stale,
                suspect,
                failed,
                missing,
            },
            simulated: count.simulated,
            legend: Some(legend(look, layer)),
            problem: None,
            style: None,
        });
    }
    out
}

/// What is known of the sensors of a layer.
#[derive(Clone, Copy, Default)]
struct Counts {
    sensors: usize,
    simulated: bool,
    /// One says which feature it belongs to.
    names_features: bool,
}

/// By the catalogue's layer index.
fn counts(catalog: &Catalog) -> Vec<Counts> {
    let mut counts = vec![Counts::default(); catalog.layers.len()];
    for stream in &catalog.datastreams {
        if let Some(count) = counts.get_mut(stream.layer as usize) {
            count.sensors += 1;
            count.simulated |= stream.simulated;
            count.names_features |= stream.feature.is_some();
        }
    }
    counts
}

fn name_of(from: &Sources, layer: &city_sensors::Layer, language: &str) -> String {
    let own = (from.scene.scene.as_deref())
        .and_then(|scene| scene.layer(&layer.id))
        .and_then(|layer| layer.names.get(language));
    own.unwrap_or(&layer.name).clone()
}

/// Layers that features can be coloured by.
fn choices(
    from: &Sources,
    catalog: &Catalog,
    counts: &[Counts],
    language: &str,
) -> Vec<ui::ReadingChoice> {
    let join = |id: &str| from.joins.list().iter().find(|join| join.layer == id);
    let layers = catalog.layers.iter().zip(counts);
    layers
        .filter(|(layer, count)| count.names_features || join(&layer.id).is_some())
        .map(|(layer, _)| ui::ReadingChoice {
            layer: layer.id.clone(),
            name: name_of(from, layer, language),
            property: join(&layer.id)
                .map_or_else(|| layer.id.clone(), |join| join.property.clone()),
        })
        .collect()
}

/// The join of readings that a style reads.
fn read_join<'f>(from: &'f Sources, style: &TilesetStyle) -> Option<&'f ReadingJoin> {
    let read = style.style.as_ref()?;
    let mut joins = from.joins.list().iter();
    joins.find(|join| join.is_read_by(read))
}

/// The layer of readings whose colours a style shows, with its index in the catalogue. What somebody wrote by hand has
/// colours of its own, which no legend knows.
fn shown_reading<'f>(
    from: &'f Sources,
    looks: &LayerLooks,
    style: &TilesetStyle,
    join: &ReadingJoin,
) -> Option<(u32, &'f city_sensors::Layer)> {
    let (index, layer) = from.readings.catalog.as_ref()?.layer(&join.layer)?;
    let look = looks.0.iter().find(|look| look.id == layer.id)?;
    let range = look.range.unwrap_or(layer.range);
    let own = style_by_reading(&join.property, range, &look.color_map);
    (style.text == own).then_some((index, layer))
}

fn style_model(
    style: &TilesetStyle,
    known: Option<&Known>,
    join: Option<&ReadingJoin>,
) -> ui::StyleModel {
    let mut warnings = style.warnings.clone();
    warnings.extend(join.and_then(ReadingJoin::problem));
    ui::StyleModel {
        text: style.text.clone(),
        error: style.error.clone(),
        warnings,
        strength: style.strength,
        properties: known.map_or_else(Vec::new, |known| known.0.keys().cloned().collect()),
        ..ui::StyleModel::default()
    }
}

fn imagery_layer(layer: &ImagerySource, language: &str) -> ui::LayerModel {
    ui::LayerModel {
        id: layer.id.clone(),
        name: layer.names.get(language).unwrap_or(&layer.name).clone(),
        kind: ui::LayerKind::Imagery,
        visible: layer.visible,
        opacity: layer.opacity as f32,
        ..ui::LayerModel::default()
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
