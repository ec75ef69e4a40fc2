//! The entities and how they hang together (clause 8, figure 2).

use super::World;
use city_sensors::{Datastream, Observation};

/// A kind of entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Thing,
    Location,
    HistoricalLocation,
    Datastream,
    Sensor,
    ObservedProperty,
    Observation,
    FeatureOfInterest,
}

/// A navigation property: its name, where it leads, and whether to many.
#[derive(Clone, Copy, Debug)]
pub(super) struct Navigation {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) many: bool,
}

const fn one(name: &'static str, kind: Kind) -> Navigation {
    Navigation {
        name,
        kind,
        many: false,
    }
}

const fn many(name: &'static str, kind: Kind) -> Navigation {
    Navigation {
        name,
        kind,
        many: true,
    }
}

impl Kind {
    pub(super) const ALL: [Self; 8] = [
        Self::Thing,
        Self::Location,
        Self::HistoricalLocation,
        Self::Datastream,
        Self::Sensor,
        Self::ObservedProperty,
        Self::Observation,
        Self::FeatureOfInterest,
    ];

    /// Name of the entity set.
    pub(super) const fn set(self) -> &'static str {
        match self {
            Self::Thing => "Things",
            Self::Location => "Locations",
            Self::HistoricalLocation => "HistoricalLocations",
            Self::Datastream => "Datastreams",
            Self::Sensor => "Sensors",
            Self::ObservedProperty => "ObservedProperties",
            Self::Observation => "Observations",
            Self::FeatureOfInterest => "FeaturesOfInterest",
        }
    }

    pub(super) fn from_set(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.set() == name)
    }

    pub(super) const fn navigations(self) -> &'static [Navigation] {
        const THINGS: Navigation = many("Things", Kind::Thing);
        const THING: Navigation = one("Thing", Kind::Thing);
        const LOCATIONS: Navigation = many("Locations", Kind::Location);
        const HISTORICAL: Navigation = many("HistoricalLocations", Kind::HistoricalLocation);
        const DATASTREAMS: Navigation = many("Datastreams", Kind::Datastream);
        const OBSERVATIONS: Navigation = many("Observations", Kind::Observation);
        match self {
            Self::Thing => &[LOCATIONS, HISTORICAL, DATASTREAMS],
            Self::Location => &[THINGS, HISTORICAL],
            Self::HistoricalLocation => &[THING, LOCATIONS],
            Self::Datastream => {
                const {
                    &[
                        THING,
                        one("Sensor", Self::Sensor),
                        one("ObservedProperty", Self::ObservedProperty),
                        OBSERVATIONS,
                    ]
                }
            }
            Self::Sensor | Self::ObservedProperty => &[DATASTREAMS],
            Self::Observation => {
                const {
                    &[
                        one("Datastream", Self::Datastream),
                        one("FeatureOfInterest", Self::FeatureOfInterest),
                    ]
                }
            }
            Self::FeatureOfInterest => &[OBSERVATIONS],
        }
    }

    pub(super) fn navigation(self, name: &str) -> Option<Navigation> {
        let mut all = self.navigations().iter();
        all.find(|navigation| navigation.name == name).copied()
    }

    /// Properties beside `@iot.id`, in the order of the standard's tables.
    pub(super) const fn properties(self) -> &'static [&'static str] {
        match self {
            Self::Thing => &["name", "description", "properties"],
            Self::Location | Self::Sensor => {
                if matches!(self, Self::Location) {
                    &[
                        "name",
                        "description",
                        "encodingType",
                        "location",
                        "properties",
                    ]
                } else {
                    &[
                        "name",
                        "description",
                        "encodingType",
                        "metadata",
                        "properties",
                    ]
                }
            }
            Self::HistoricalLocation => &["time"],
            Self::Datastream => &[
                "name",
                "description",
                "observationType",
                "unitOfMeasurement",
                "observedArea",
                "phenomenonTime",
                "resultTime",
                "properties",
            ],
            Self::ObservedProperty => &["name", "definition", "description", "properties"],
            Self::Observation => &[
                "phenomenonTime",
                "result",
                "resultTime",
                "resultQuality",
                "validTime",
                "parameters",
            ],
            Self::FeatureOfInterest => &[
                "name",
                "description",
                "encodingType",
                "feature",
                "properties",
            ],
        }
    }
}

/// One entity: its kind and number, or the observation itself.
#[derive(Clone, Copy, Debug)]
pub(super) enum Entity {
    Numbered(Kind, u32),
    Observation(Observation),
}

impl Entity {
    pub(super) const fn kind(&self) -> Kind {
        match self {
            Self::Numbered(kind, _) => *kind,
            Self::Observation(_) => Kind::Observation,
        }
    }

    /// The identifier as it stands in a resource path.
    pub(super) fn id_in_path(&self) -> String {
        match self {
            Self::Numbered(_, id) => id.to_string(),
            Self::Observation(observation) => format!("'{}'", observation_id(observation)),
        }
    }

    pub(super) fn self_link(&self, root: &str) -> String {
        format!("{root}/{}({})", self.kind().set(), self.id_in_path())
    }
}

/// An observation's identifier: datastream, phenomenon time and seq, which is the store's key.
pub(super) fn observation_id(observation: &Observation) -> String {
    let (time_ns, seq) = observation.key();
    format!("{}-{time_ns}-{seq}", observation.datastream)
}

/// Reads an observation's identifier.
pub(super) fn parse_observation_id(id: &str) -> Option<(u32, (i64, u32))> {
    let mut parts = id.splitn(3, '-');
    let datastream = parts.next()?.parse().ok()?;
    let time_ns = parts.next()?.parse().ok()?;
    let seq = parts.next()?.parse().ok()?;
    Some((datastream, (time_ns, seq)))
}

/// Where a navigation property leads from one entity.
#[derive(Clone, Debug)]
pub(super) enum Related {
    /// To one entity, or to none.
    One(Option<Entity>),
    /// To several.
    Many(Vec<Entity>),
    /// To the observations of these datastreams.
    Observations(Vec<u32>),
}

/// All entities of a kind.
pub(super) fn all(world: &World<'_>, kind: Kind) -> Related {
    let inner = &world.catalog;
    let numbers: Vec<u32> = match kind {
        Kind::Thing | Kind::Location | Kind::HistoricalLocation | Kind::FeatureOfInterest => {
            inner.things.keys().copied().collect()
        }
        Kind::Datastream => inner.catalog.datastreams.iter().map(|d| d.id).collect(),
        Kind::Sensor => inner.makes.keys().copied().collect(),
        Kind::ObservedProperty => (1..=inner.catalog.layers.len() as u32).collect(),
        Kind::Observation => {
            let all = inner.catalog.datastreams.iter();
            return Related::Observations(all.map(|d| d.id).collect());
        }
    };
    Related::Many(numbered(kind, numbers))
}

/// Where a navigation property leads.
pub(super) fn related(world: &World<'_>, entity: &Entity, name: &str) -> Related {
    let Some(navigation) = entity.kind().navigation(name) else {
        return Related::One(None);
    };
    let inner = &world.catalog;
    let target = navigation.kind;
    let (kind, id) = match entity {
        Entity::Numbered(kind, id) => (*kind, *id),
        Entity::Observation(observation) => (Kind::Observation, observation.datastream),
    };
    let datastream = || inner.catalog.datastream(id);
    let thing_of = |d: &Datastream| inner.thing_of(d);
    let one = |number: Option<u32>| Related::One(number.map(|n| Entity::Numbered(target, n)));
    let of_thing = || inner.things.get(&id).map(|thing| thing.datastreams.clone());
    match (kind, target) {
        (Kind::Thing, Kind::Datastream) => {
            Related::Many(numbered(target, of_thing().unwrap_or_default()))
        }
        (Kind::FeatureOfInterest, Kind::Observation) => {
            Related::Observations(of_thing().unwrap_or_default())
        }
        (Kind::Datastream, Kind::Observation) => Related::Observations(vec![id]),
        (Kind::Datastream, Kind::Thing) => one(datastream().map(thing_of)),
        (Kind::Datastream, Kind::Sensor) => one(datastream().map(|d| inner.make_of(d))),
        (Kind::Datastream, Kind::ObservedProperty) => one(datastream().map(|d| d.layer + 1)),
        (Kind::Sensor, Kind::Datastream) => {
            let make = inner.makes.get(&id);
            let all = make.map(|make| make.datastreams.clone());
            Related::Many(numbered(target, all.unwrap_or_default()))
        }
        (Kind::ObservedProperty, Kind::Datastream) => {
            let all = inner.catalog.of_layer(id.wrapping_sub(1));
            Related::Many(numbered(target, all.map(|d| d.id).collect()))
        }
        (Kind::Observation, Kind::Datastream) => one(Some(id)),
        (Kind::Observation, Kind::FeatureOfInterest) => one(datastream().map(thing_of)),
        // Thing, its location and its one historical location share a number.
        _ if navigation.many => Related::Many(numbered(target, vec![id])),
        _ => one(Some(id)),
    }
}

/// The entity of a kind with this identifier.
pub(super) fn find(
    world: &World<'_>,
    kind: Kind,
    id: &str,
) -> Result<Option<Entity>, super::QueryError> {
    let inner = &world.catalog;
    if kind == Kind::Observation {
        let Some((datastream, key)) = parse_observation_id(id) else {
            return Ok(None);
        };
        if inner.catalog.datastream(datastream).is_none() {
            return Ok(None);
        }
        let found = world.store.find(datastream, key)?;
        return Ok(found.map(Entity::Observation));
    }
    let Ok(number) = id.parse::<u32>() else {
        return Ok(None);
    };
    let there = match kind {
        Kind::Datastream => inner.catalog.datastream(number).is_some(),
        Kind::Sensor => inner.makes.contains_key(&number),
        Kind::ObservedProperty => (1..=inner.catalog.layers.len()).contains(&(number as usize)),
        _ => inner.things.contains_key(&number),
    };
    Ok(there.then_some(Entity::Numbered(kind, number)))
}

fn numbered(kind: Kind, numbers: Vec<u32>) -> Vec<Entity> {
    let entity = |number| Entity::Numbered(kind, number);
    numbers.into_iter().map(entity).collect()
}
