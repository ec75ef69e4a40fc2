//! A scenario as a planner has it in hand.

use crate::ui::model::*;

fn text(s: &str) -> String {
    s.to_owned()
}

/// The scenarios of a hub, none of them open.
pub fn listed() -> PlanModel {
    PlanModel {
        can_edit: true,
        list: vec![
            (text("pier"), text("Pier quarter")),
            (text("low"), text("Pier quarter, low")),
        ],
        swipe: 0.5,
        ..PlanModel::default()
    }
}

/// The building that is chosen.
pub fn building() -> BuildingModel {
    BuildingModel {
        feature: text("op-1"),
        name: text("Pier House"),
        height_m: 48.0,
        storeys: 14,
        usage: text("Residential"),
        energy_class: text("B"),
        footprint_m2: 1240.0,
    }
}

fn operation(id: &str, kind: &str, subject: &str) -> OperationModel {
    OperationModel {
        id: text(id),
        kind: text(kind),
        subject: text(subject),
        author: text("Ada"),
        reason: text("More homes at the water"),
        ..OperationModel::default()
    }
}

fn difference(kind: &str, name: &str, detail: &str, has_place: bool) -> DifferenceModel {
    DifferenceModel {
        kind: text(kind),
        name: text(name),
        detail: text(detail),
        has_place,
    }
}

fn indicator(id: &str, name: &str, unit: &str, base: f64, value: f64) -> IndicatorModel {
    IndicatorModel {
        id: text(id),
        name: text(name),
        base: Some(base),
        value: Some(value),
        unit: text(unit),
        method: text("Sum over the buildings."),
        sources: vec![SourceModel {
            id: text("buildings"),
            name: text("Buildings"),
            from: text("the city's own list (city.json): 900 buildings"),
            ..SourceModel::default()
        }],
        by: text("Belvedere indicators 1 (screening)"),
    }
}

/// One that rests on a factor.
fn dwellings() -> IndicatorModel {
    let mut dwellings = indicator("dwellings", "Dwellings", "", 900.0, 1085.0);
    dwellings.sources.push(SourceModel {
        id: text("dwelling"),
        name: text("Floor area per dwelling"),
        is_factor: true,
        values: vec![(String::new(), 70.0)],
        unit: text("m²/dwelling"),
        from: text("assumption: a round figure"),
    });
    dwellings
}

/// One scenario open, saved, with everything in it.
pub fn opened() -> PlanModel {
    let mut failed = operation("op-3", "override-attribute", "b-404");
    failed.problem = text("There is no feature b-404.");
    failed.horizon = Horizon::Long;
    let open = OpenPlan {
        id: text("pier"),
        name: text("Pier quarter"),
        description: text("Homes instead of the depot"),
        on_hub: true,
        can_undo: true,
        operations: vec![
            operation("op-1", "add-building", "Pier House"),
            operation("op-2", "hide-features", "Old depot, Shed 4"),
            failed,
        ],
        differences: vec![
            difference("added", "Pier House", "48 m, 14 storeys", true),
            difference("hidden", "Old depot", "", true),
            difference("input-changed", "Sea level", "0 m → 0.6 m", false),
        ],
        indicators: vec![
            indicator("floor_area", "Floor area", "m²", 120_000.0, 137_360.0),
            dwellings(),
        ],
        ..OpenPlan::default()
    };
    PlanModel {
        open: Some(open),
        ..listed()
    }
}
