//! Everything that is selected, as one table: what its numbers come to, and as a file.

use bevy::ecs::prelude::*;
use bevy::ecs::system::SystemParam;
use city_tiles::metadata::{Gathered, Property, PropertyValue, Total};

use crate::clock::SimClock;
use crate::frame::SceneFrame;
use crate::geojson::VectorLayer;
use crate::joining::{Joined, ReadingJoins, features_of};
use crate::notices::Notices;
use crate::overlays::Readings;
use crate::picking::{AlsoSelected, Selection};
use crate::platform::{monotonic_ms, save_file};
use crate::render::CityMesh;
use crate::tiles::{TileLayer, TileOf};

/// A file of everything that is selected is wanted.
#[derive(Message, Clone, Copy, Debug)]
pub(super) struct ExportSelected;

/// What is selected, and where it is described.
#[derive(SystemParam)]
pub(super) struct Described<'w, 's> {
    selection: Res<'w, Selection>,
    also: Res<'w, AlsoSelected>,
    meshes: Query<
        'w,
        's,
        (
            &'static CityMesh,
            Option<&'static Joined>,
            Option<&'static TileOf>,
        ),
    >,
    layers: Query<'w, 's, &'static TileLayer>,
    vectors: Query<'w, 's, &'static VectorLayer>,
    readings: Res<'w, Readings>,
    clock: Res<'w, SimClock>,
    frame: Res<'w, SceneFrame>,
}

impl Described<'_, '_> {
    /// Everything that is selected, what the inspector shows first.
    fn all(&self) -> Vec<Selection> {
        let first = Some(&*self.selection).filter(|one| **one != Selection::None);
        first
            .into_iter()
            .chain(self.also.0.iter().rev())
            .cloned()
            .collect()
    }

    /// The properties of one thing; none where its tile is gone.
    fn properties(&self, one: &Selection) -> Vec<Property> {
        match one {
            Selection::None => Vec::new(),
            Selection::Feature { mesh, feature, .. } => self
                .meshes
                .get(*mesh)
                .map(|(mesh, joined, _)| features_of(mesh, joined).properties(*feature))
                .unwrap_or_default(),
            Selection::Sensor(id) => self.reading(*id).unwrap_or_default(),
        }
    }

    /// A sensor's reading at the clock's time.
    fn reading(&self, id: u32) -> Option<Vec<Property>> {
        let (stream, layer, held) = self.readings.held(id, &self.clock)?;
        let property = |id: &str, value, unit: Option<String>| Property {
            id: id.to_owned(),
            name: id.to_owned(),
            value,
            unit,
            description: None,
        };
        let text = |text: String| PropertyValue::String(text);
        let mut properties = vec![
            property("name", text(stream.name.clone()), None),
            property("datastream", text(id.to_string()), None),
        ];
        if let Some(held) = held {
            let measured = city_time::SimInstant(held.measured_at_ns).to_rfc3339();
            properties.push(property(
                &layer.observed_property.name,
                PropertyValue::F64(held.measured),
                Some(layer.unit.symbol.clone()),
            ));
            properties.push(property("phenomenon_time", text(measured), None));
            let quality = format!("{:?}", held.flags.quality());
            properties.push(property("quality", text(quality), None));
        }
        Some(properties)
    }

    /// The layer that a thing belongs to.
    fn layer(&self, one: &Selection) -> String {
        match one {
            Selection::None => String::new(),
            Selection::Feature { mesh, .. } => {
                if let Ok(vector) = self.vectors.get(*mesh) {
                    return vector.source.name.clone();
                }
                let of = self.meshes.get(*mesh).ok().and_then(|(_, _, of)| of);
                of.and_then(|of| self.layers.get(of.layer).ok())
                    .map(|layer| layer.source.name.clone())
                    .unwrap_or_default()
            }
            Selection::Sensor(id) => {
                let catalog = self.readings.catalog.as_ref();
                catalog
                    .and_then(|catalog| catalog.layer_of(catalog.datastream(*id)?))
                    .map(|layer| layer.id.clone())
                    .unwrap_or_default()
            }
        }
    }

    /// Where a thing is: degrees east and north.
    fn place(&self, one: &Selection) -> Option<[f64; 2]> {
        match one {
            Selection::None => None,
            Selection::Feature { at, .. } => {
                let place = self.frame.geodetic(*at)?;
                Some([place.lon_deg(), place.lat_deg()])
            }
            Selection::Sensor(id) => {
                let stream = self.readings.catalog.as_ref()?.datastream(*id)?;
                Some([stream.lon, stream.lat])
            }
        }
    }

    fn csv(&self) -> String {
        let all = self.all();
        let mut gathered = Gathered::default();
        for one in &all {
            gathered.add(self.properties(one));
        }
        let degrees = |axis: usize| {
            let text = |one: &Selection| {
                let place = self.place(one);
                place.map_or_else(String::new, |place| format!("{:.7}", place[axis]))
            };
            all.iter().map(text).collect::<Vec<_>>()
        };
        let layers = all.iter().map(|one| self.layer(one)).collect();
        gathered.csv(&[
            ("layer", layers),
            ("longitude", degrees(0)),
            ("latitude", degrees(1)),
        ])
    }
}

/// What the numbers of everything that is selected come to.
#[derive(Resource, Default)]
pub(super) struct Totals {
    waiting: Vec<Selection>,
    gathered: Gathered,
    /// The count of written readings that they hold for, and when counting began.
    writes: u64,
    began_ms: f64,
    /// How many things are selected together; 0 for one or none.
    pub count: usize,
    /// What their numbers come to.
    pub totals: Vec<Total>,
    /// Not all are counted yet.
    pub is_counting: bool,
}

/// Counting may take so long in a frame, milliseconds.
const BUDGET_MS: f64 = 2.0;
/// Where readings are among the properties, they are added up again this often, milliseconds.
const READINGS_EVERY_MS: f64 = 1_000.0;
/// So many are counted between two looks at the clock.
const AT_ONCE: usize = 32;

/// Counts, some milliseconds a frame.
pub(super) fn count(
    mut totals: ResMut<Totals>,
    world: Described,
    joined: Query<(), Changed<Joined>>,
    joins: Res<ReadingJoins>,
) {
    let changed = world.selection.is_changed() || world.also.is_changed();
    let now_ms = monotonic_ms();
    let is_old = joins.writes() != totals.writes && now_ms - totals.began_ms > READINGS_EVERY_MS;
    let changed = changed || (totals.count > 0 && (!joined.is_empty() || is_old));
    if !changed && !totals.is_counting {
        return;
    }
    let totals = &mut *totals;
    if changed {
        let all = world.all();
        totals.count = if all.len() > 1 { all.len() } else { 0 };
        totals.waiting = if all.len() > 1 { all } else { Vec::new() };
        totals.gathered = Gathered::default();
        (totals.writes, totals.began_ms) = (joins.writes(), now_ms);
        totals.is_counting = totals.count > 0;
        if totals.count == 0 {
            totals.totals.clear();
        }
    }
    if !totals.is_counting {
        return;
    }
    let began_ms = monotonic_ms();
    while monotonic_ms() - began_ms < BUDGET_MS && !totals.waiting.is_empty() {
        let rest = totals.waiting.len().saturating_sub(AT_ONCE);
        for one in totals.waiting.split_off(rest) {
            totals.gathered.add(world.properties(&one));
        }
    }
    if totals.waiting.is_empty() {
        totals.totals = std::mem::take(&mut totals.gathered).totals();
        totals.is_counting = false;
    }
}

/// Writes the file.
pub(super) fn export(
    mut wanted: MessageReader<ExportSelected>,
    world: Described,
    mut notices: ResMut<Notices>,
) {
    if wanted.read().last().is_none() {
        return;
    }
    let all = world.all().len();
    if all == 0 {
        notices.warn("nothing is selected", "select something first");
        return;
    }
    let time = world.clock.zone.civil(world.clock.now());
    let name = format!(
        "belvedere-{}-{}.csv",
        time.date(),
        time.hh_mm_ss().replace(':', "")
    );
    match save_file(&name, "text/csv", world.csv().as_bytes()) {
        Ok(place) => notices.info(format!("{all} selected things are saved as a table"), place),
        Err(error) => notices.error(
            format!("the table could not be saved: {error}"),
            "make room, or start where files may be written",
        ),
    }
}
