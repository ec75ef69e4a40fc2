//! What can be found: sensors of the catalogue, the demo city's places and buildings, attributes of features.

use std::collections::BTreeSet;

use bevy::app::{App, Plugin, Update};
use bevy::ecs::prelude::*;
use city_geo::Geodetic;

use crate::overlays::Readings;
use crate::schedule::FrameSet;
use crate::search::city::{CityReader, city};
use crate::search::scan::scan;
use crate::search::{Entry, Searcher};
use crate::ui::model::SearchKind;

/// Keeps the searcher's entries up to date.
pub struct SearchIndexPlugin;

impl Plugin for SearchIndexPlugin {
    fn build(&self, app: &mut App) {
        app.insert_non_send(CityReader::new()).add_systems(
            Update,
            (sensors, city, scan).chain().in_set(FrameSet::ReadModel),
        );
    }
}

fn sensors(
    readings: Res<Readings>,
    mut searcher: ResMut<Searcher>,
    mut indexed: Local<Option<(u64, usize)>>,
) {
    let Some(catalog) = &readings.catalog else {
        if indexed.take().is_some() {
            searcher.forget("sensor:");
        }
        return;
    };
    let now = Some((catalog.revision, catalog.datastreams.len()));
    if *indexed == now {
        return;
    }
    *indexed = now;
    searcher.forget("sensor:");
    searcher.add(catalog.datastreams.iter().map(|stream| {
        let layer = catalog
            .layer_of(stream)
            .map_or("", |layer| layer.name.as_str());
        // Found by what the inspector calls it, by its own name, and by the place in any language.
        let (title, detail) = match stream.place.get("en") {
            Some(place) => {
                let others: BTreeSet<&str> = stream.place.values().map(String::as_str).collect();
                let others = others.into_iter().filter(|name| *name != place.as_str());
                let detail = std::iter::once(stream.name.as_str()).chain(others);
                let detail: Vec<&str> = detail.collect();
                (format!("{layer}, {place}"), detail.join(" · "))
            }
            None => (stream.name.clone(), layer.to_owned()),
        };
        Entry {
            id: format!("sensor:{}", stream.id),
            title,
            detail,
            kind: SearchKind::Sensor,
            place: Geodetic::from_degrees(stream.lon, stream.lat, stream.height_m),
            sensor: Some(stream.id),
            building: None,
            values: Vec::new(),
        }
    }));
}
