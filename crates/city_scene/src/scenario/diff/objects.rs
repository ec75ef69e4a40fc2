//! Features and models.

use super::{Change, Difference, DifferenceKind, change, named};
use crate::scenario::base::Base;
use crate::scenario::footprint;
use crate::scenario::kept::model_label;
use crate::scenario::plan::{Added, PlacedModel, Plan};
use crate::scenario::schema::{Building, Value};
use crate::schema::Place;

/// How a feature is in a plan.
enum State<'a> {
    /// As in the base, if it is in the base.
    Base,
    Hidden(&'a str),
    Built(&'a Added),
}

fn state<'a>(plan: &'a Plan, id: &str) -> State<'a> {
    match (plan.added.get(id), plan.hidden.get(id)) {
        (Some(added), _) => State::Built(added),
        (None, Some(origin)) => State::Hidden(origin),
        (None, None) => State::Base,
    }
}

pub(super) fn feature(a: &Plan, b: &Plan, id: &str, base: &dyn Base) -> Option<Difference> {
    use DifferenceKind as Kind;
    let known = base.feature(id);
    let of_base = |kind, origin: &str| Difference {
        kind,
        id: id.to_owned(),
        name: named(known.as_ref().map(|f| f.name.as_str()), id),
        place: known.as_ref().map(|f| f.centre),
        changes: Vec::new(),
        origin: origin.to_owned(),
    };
    let of_building = |kind, added: &Added, changes| Difference {
        kind,
        id: id.to_owned(),
        name: match known.as_ref().map(|f| f.name.as_str()) {
            Some(name) if added.building.name.is_empty() && !name.is_empty() => name.to_owned(),
            _ => added.building.label(),
        },
        place: place_of(
            &added.building,
            known.as_ref().map(|f| (f.centre, f.height_m)),
        ),
        changes,
        origin: added.origin.clone(),
    };
    Some(match (state(a, id), state(b, id)) {
        (State::Base, State::Base) | (State::Hidden(_), State::Hidden(_)) => return None,
        (State::Base, State::Hidden(origin)) => of_base(Kind::Hidden, origin),
        (State::Hidden(origin), State::Base) => of_base(Kind::Shown, origin),
        (State::Base | State::Hidden(_), State::Built(new)) if new.replaces_base => {
            let height = known.as_ref().map(|f| Value::Number(f.height_m));
            let changes = change(
                "height_m",
                height,
                Some(Value::Number(new.building.height_m)),
            );
            of_building(Kind::Replaced, new, changes.into_iter().collect())
        }
        (State::Base | State::Hidden(_), State::Built(new)) => {
            of_building(Kind::Added, new, Vec::new())
        }
        (State::Built(old), State::Base) if old.replaces_base => of_base(Kind::Shown, &old.origin),
        (State::Built(old), State::Base) => of_building(Kind::Removed, old, Vec::new()),
        (State::Built(old), State::Hidden(origin)) => Difference {
            origin: origin.to_owned(),
            ..of_building(Kind::Removed, old, Vec::new())
        },
        (State::Built(old), State::Built(new)) => {
            let changes = building_changes(&old.building, &new.building);
            if changes.is_empty() {
                return None;
            }
            let only_moved = changes
                .iter()
                .all(|c| matches!(c.what.as_str(), "moved_m" | "outline"));
            let kind = if only_moved {
                Kind::Moved
            } else {
                Kind::Changed
            };
            of_building(kind, new, changes)
        }
    })
}

/// The middle of a building's roof; where its foot is not given, that of the feature it replaces.
pub(super) fn place_of(building: &Building, replaced: Option<(Place, f64)>) -> Option<Place> {
    let middle = footprint::centroid(&building.footprint)?;
    let foot_m = building
        .base_height_m
        .or(replaced.map(|(top, height_m)| top.height - height_m));
    Some(Place {
        lon: middle.x,
        lat: middle.y,
        height: foot_m.unwrap_or(0.0) + building.height_m,
    })
}

/// Millimetres are the rounding of degrees.
const MOVED_M: f64 = 0.001;

fn building_changes(a: &Building, b: &Building) -> Vec<Change> {
    let number = |value: f64| Some(Value::Number(value));
    let text = |value: &str| (!value.is_empty()).then(|| Value::Text(value.to_owned()));
    let color =
        |rgb: Option<[u8; 3]>| rgb.map(|[r, g, b]| Value::Text(format!("#{r:02x}{g:02x}{b:02x}")));
    let mut changes = Vec::new();
    if a.footprint != b.footprint {
        let distance_m = footprint::distance_m(&a.footprint, &b.footprint).unwrap_or(0.0);
        if distance_m > MOVED_M {
            let rounded = (distance_m * 100.0).round() / 100.0;
            changes.extend(change("moved_m", None, number(rounded)));
        }
        let areas = [a, b].map(|x| (footprint::area_m2(&x.footprint) * 10.0).round() / 10.0);
        let another_shape = (areas[0] - areas[1]).abs() > 0.1 + areas[0] * 1e-6;
        if another_shape {
            changes.extend(change("footprint_m2", number(areas[0]), number(areas[1])));
        } else if changes.is_empty() {
            changes.push(Change {
                what: "outline".to_owned(),
                from: None,
                to: None,
                unit: String::new(),
            });
        }
    }
    let storeys = |n: u32| number(f64::from(n));
    let class = |x: &Building| x.energy_class.map(|c| Value::Text(c.letter().to_owned()));
    changes.extend(
        [
            change("name", text(&a.name), text(&b.name)),
            change("height_m", number(a.height_m), number(b.height_m)),
            change(
                "base_height_m",
                a.base_height_m.map(Value::Number),
                b.base_height_m.map(Value::Number),
            ),
            change("storeys", storeys(a.storeys), storeys(b.storeys)),
            change("use", text(&a.usage), text(&b.usage)),
            change(
                "floor_area_m2",
                a.floor_area_m2.map(Value::Number),
                b.floor_area_m2.map(Value::Number),
            ),
            change("energy_class", class(a), class(b)),
            change("wall_color", color(a.wall_rgb), color(b.wall_rgb)),
            change("roof_color", color(a.roof_rgb), color(b.roof_rgb)),
        ]
        .into_iter()
        .flatten(),
    );
    changes
}

pub(super) fn model(
    a: Option<&PlacedModel>,
    b: Option<&PlacedModel>,
    id: &str,
) -> Option<Difference> {
    let (kind, shown) = match (a, b) {
        (None, Some(new)) => (DifferenceKind::Added, new),
        (Some(old), None) => (DifferenceKind::Removed, old),
        (Some(old), Some(new)) if old.url != new.url || old.scale != new.scale => {
            (DifferenceKind::Changed, new)
        }
        (Some(old), Some(new))
            if old.position != new.position || old.heading_deg != new.heading_deg =>
        {
            (DifferenceKind::Moved, new)
        }
        _ => return None,
    };
    Some(Difference {
        kind,
        id: id.to_owned(),
        name: model_label(&shown.url).to_owned(),
        place: Some(shown.position),
        changes: Vec::new(),
        origin: shown.origin.clone(),
    })
}
