//! Sums over buildings.

use super::factors::{Factors, is_dwelling};
use super::{BuildingFacts, PROVENANCE, Source, SourceOf};
use crate::Provenance;

/// A number about a scenario, beside the same about its base.
#[derive(Debug, Clone, PartialEq)]
pub struct Indicator {
    /// Identifier (`floor_area`).
    pub id: &'static str,
    /// Key of its name in the messages (`indicator-floor-area`).
    pub name_key: &'static str,
    /// With the scenario.
    pub value: f64,
    /// Without it.
    pub base_value: f64,
    /// Unit of both; empty for counts.
    pub unit: &'static str,
    /// How it is computed, in English.
    pub method: String,
    /// What goes into it, and where that is from: never empty.
    pub sources: Vec<Source>,
    /// Which model made it.
    pub by: Provenance,
}

impl Indicator {
    /// Scenario less base.
    pub fn difference(&self) -> f64 {
        self.value - self.base_value
    }

    /// The difference relative to the base; `None` where the base has nothing.
    pub fn relative(&self) -> Option<f64> {
        (self.base_value != 0.0).then(|| self.difference() / self.base_value)
    }
}

/// Sums over all buildings of a city or scenario.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Totals {
    /// Buildings.
    pub buildings: f64,
    /// Gross floor area, square metres.
    pub floor_area_m2: f64,
    /// Gross floor area of dwellings, square metres.
    pub residential_m2: f64,
    /// Dwellings, not rounded.
    pub dwellings: f64,
    /// Jobs, not rounded.
    pub jobs: f64,
    /// Ground covered by buildings, square metres.
    pub footprint_m2: f64,
    /// Operational carbon, kilograms of CO2 equivalent per year.
    pub carbon_kg_a: f64,
}

/// Adds up what stands.
pub fn totals(facts: impl IntoIterator<Item = BuildingFacts>, factors: &Factors) -> Totals {
    let mut sum = Totals::default();
    for building in facts {
        let floor_m2 = building.floor_m2();
        sum.buildings += 1.0;
        sum.floor_area_m2 += floor_m2;
        sum.footprint_m2 += building.footprint_m2.max(0.0);
        if is_dwelling(&building.usage) {
            sum.residential_m2 += floor_m2;
            sum.dwellings += per(floor_m2, factors.m2_per_dwelling.value);
        }
        let m2_per_job = factors.of_use(&building.usage).and_then(|f| f.m2_per_job);
        sum.jobs += m2_per_job.map_or(0.0, |m2| per(floor_m2, m2));
        let energy_kwh = floor_m2 * factors.energy_kwh_m2a(&building.usage, building.energy_class);
        sum.carbon_kg_a += energy_kwh * factors.grid_kg_per_kwh.value;
    }
    sum
}

fn per(area_m2: f64, m2: f64) -> f64 {
    if m2 > 0.0 { area_m2 / m2 } else { 0.0 }
}

/// All indicators, in the order in which they are shown. Green area comes only where the base says it
/// (`green_m2`: the base's, and the scenario's where it is known to differ). `data` says in English where the list of
/// what stands is from.
pub fn indicators(
    base: &Totals,
    scenario: &Totals,
    green_m2: Option<(f64, f64)>,
    factors: &Factors,
    data: &str,
) -> Vec<Indicator> {
    use SourceOf::{Buildings, Dwelling, Energy, Grid, Job, Parks, Ratio};
    let indicator =
        |id, name_key, pick: &dyn Fn(&Totals) -> f64, unit, method: &str, of: &[SourceOf]| {
            Indicator {
                id,
                name_key,
                value: pick(scenario),
                base_value: pick(base),
                unit,
                method: method.to_owned(),
                sources: of
                    .iter()
                    .map(|of| Source::new(*of, factors, data))
                    .collect(),
                by: PROVENANCE,
            }
        };
    let mut all = vec![
        indicator(
            "buildings",
            "indicator-buildings",
            &|t| t.buildings,
            "",
            "Buildings that stand.",
            &[Buildings],
        ),
        indicator(
            "floor_area",
            "indicator-floor-area",
            &|t| t.floor_area_m2,
            "m²",
            "Gross floor area of all storeys: the building's own figure, or its footprint times its storeys.",
            &[Buildings],
        ),
        indicator(
            "dwellings",
            "indicator-dwellings",
            &|t| t.dwellings,
            "",
            "Residential gross floor area divided by the area per dwelling.",
            &[Buildings, Dwelling],
        ),
        indicator(
            "jobs",
            "indicator-jobs",
            &|t| t.jobs,
            "",
            "Gross floor area divided by the area per job of its use.",
            &[Buildings, Job],
        ),
        indicator(
            "built_area",
            "indicator-built-area",
            &|t| t.footprint_m2,
            "m²",
            "Ground covered by buildings: the sum of their footprints.",
            &[Buildings],
        ),
    ];
    if let Some((base_m2, scenario_m2)) = green_m2 {
        let mut green = indicator(
            "green_area",
            "indicator-green-area",
            &|_| 0.0,
            "m²",
            "Parks of the base, less what the scenario builds on. Gardens, lawns along the water, trees and planted \
             roofs are not counted.",
            &[Parks],
        );
        (green.base_value, green.value) = (base_m2, scenario_m2);
        all.push(green);
    }
    all.push(indicator(
        "operational_carbon",
        "indicator-operational-carbon",
        &|t| t.carbon_kg_a,
        "kg CO2e/a",
        "Gross floor area times final energy per square metre and year by energy class and use, times the grid's \
         emissions per kWh. Construction is not counted.",
        &[Buildings, Energy, Ratio, Grid],
    ));
    all
}
