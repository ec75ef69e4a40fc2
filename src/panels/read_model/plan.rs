//! The planning panel: the open scenario, what it does and what it comes to.

use city_models::indicators::Source;
use city_scene::scenario::{Difference, DifferenceKind, Value, footprint};
use city_time::Zone;

use crate::scenario::{Desk, OPEN};
use crate::ui::model as ui;

use super::operations::{conflict, operations};

pub(super) fn plan(desk: &mut Desk, zone: &Zone) -> ui::PlanModel {
    let open = desk.editor.is_some().then(|| open(desk, zone)).flatten();
    ui::PlanModel {
        can_edit: desk.can_edit,
        list: desk.list.clone(),
        idle_models: (desk.idle_models.count, desk.idle_models.bytes),
        open,
        against: desk
            .against
            .as_ref()
            .map(|scenario| (scenario.id.clone(), scenario.name.clone())),
        compare: desk.compare,
        shows_other: desk.shows_other,
        swipe: desk.swipe,
        tool: desk.tool,
        tool_points: desk.corners.len(),
        model_url: desk.model_url.clone(),
        hand: desk.hand,
        dragged: desk.held.map(|by| ui::DragModel {
            east_m: by.east_m,
            north_m: by.north_m,
            clockwise_deg: by.clockwise_deg,
        }),
        conflict: conflict(desk),
        busy: desk.busy > 0,
    }
}

fn open(desk: &mut Desk, zone: &Zone) -> Option<ui::OpenPlan> {
    let indicators = desk
        .figures()
        .list
        .iter()
        .map(|indicator| ui::IndicatorModel {
            id: indicator.id.to_owned(),
            name: indicator.id.replace('_', " "),
            base: Some(indicator.base_value),
            value: Some(indicator.value),
            unit: indicator.unit.to_owned(),
            method: indicator.method.clone(),
            sources: indicator.sources.iter().map(source).collect(),
            by: indicator.by.to_string(),
        })
        .collect();
    let indicators = if desk.base.as_ref().is_some_and(|base| base.has_facts()) {
        indicators
    } else {
        // Without a list of what stands there is nothing to compare with.
        Vec::new()
    };
    let editor = desk.editor.as_ref()?;
    let plan = desk.plan(OPEN);
    let scenario = editor.scenario();
    Some(ui::OpenPlan {
        id: scenario.id.clone(),
        name: scenario.name.clone(),
        description: scenario.description.clone(),
        on_hub: desk.revision.is_some(),
        dirty: editor.is_dirty() || desk.revision.is_none(),
        can_undo: editor.can_undo(),
        can_redo: editor.can_redo(),
        operations: operations(desk, editor, zone),
        building: desk.chosen.as_ref().and_then(|feature| {
            let building = &plan.added.get(feature)?.building;
            Some(ui::BuildingModel {
                feature: feature.clone(),
                name: building.name.clone(),
                height_m: building.height_m,
                storeys: building.storeys,
                usage: building.usage.clone(),
                energy_class: building
                    .energy_class
                    .map_or("", |class| class.letter())
                    .to_owned(),
                footprint_m2: footprint::area_m2(&building.footprint),
            })
        }),
        placed: desk.chosen.as_ref().and_then(|feature| {
            let model = plan.models.get(feature)?;
            Some(ui::PlacedModel {
                feature: feature.clone(),
                url: model.url.clone(),
                heading_deg: model.heading_deg,
                scale: model.scale,
                height_m: model.position.height,
            })
        }),
        knows_streets: desk.city().knows_all_streets(),
        found_streets: desk.found_streets.clone(),
        street: street(desk),
        differences: desk.differences().iter().map(difference).collect(),
        indicators,
        problems: plan.problems.iter().map(ToString::to_string).collect(),
        sun: desk.sun.as_ref().map(|sun| ui::SunModel {
            place: format!("{:.5}, {:.5}", sun.place.lat_deg(), sun.place.lon_deg()),
            date: sun.date.clone(),
            base_h: sun.other_h,
            value_h: sun.open_h,
            method: sun.method(),
            by: sun.by.to_string(),
        }),
    })
}

fn source(source: &Source) -> ui::SourceModel {
    ui::SourceModel {
        id: source.of.id().to_owned(),
        name: source.of.name().to_owned(),
        is_factor: source.of.is_factor(),
        values: source.values.clone(),
        unit: source.unit.to_owned(),
        from: source.from.clone(),
    }
}

/// The chosen street, with what the scenario makes of it.
fn street(desk: &Desk) -> Option<ui::StreetModel> {
    let street = desk.chosen_street()?;
    let change = desk.plan(OPEN).streets.get(&street.id);
    let number = |attribute: &str| {
        let changed = change.and_then(|change| change.attributes.get(attribute));
        let value = changed.map(|sourced| &sourced.value);
        match value.or_else(|| street.attributes.get(attribute)) {
            Some(Value::Number(number)) => Some(*number),
            _ => None,
        }
    };
    Some(ui::StreetModel {
        speed_kmh: number("speed_kmh"),
        lanes: number("lanes"),
        closed_by: change
            .and_then(|change| change.closed.clone())
            .unwrap_or_default(),
        id: street.id,
        name: street.name,
    })
}

/// The name of a kind in messages.
pub(crate) fn kind_id(kind: DifferenceKind) -> &'static str {
    match kind {
        DifferenceKind::Hidden => "hidden",
        DifferenceKind::Shown => "shown",
        DifferenceKind::Added => "added",
        DifferenceKind::Removed => "removed",
        DifferenceKind::Replaced => "replaced",
        DifferenceKind::Moved => "moved",
        DifferenceKind::Changed => "changed",
        DifferenceKind::AttributeChanged => "attribute-changed",
        DifferenceKind::StreetClosed => "street-closed",
        DifferenceKind::StreetOpened => "street-opened",
        DifferenceKind::StreetChanged => "street-changed",
        DifferenceKind::InputChanged => "input-changed",
    }
}

fn difference(difference: &Difference) -> ui::DifferenceModel {
    ui::DifferenceModel {
        kind: kind_id(difference.kind).to_owned(),
        name: difference.name.clone(),
        detail: difference
            .changes
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("; "),
        has_place: difference.place.is_some(),
    }
}
