//! What a scenario comes to in figures.

use std::sync::Arc;

use city_geo::Geodetic;
use city_models::Provenance;
use city_models::indicators::{Factors, Indicator, Totals, indicators, totals};
use city_scene::CityIndex;
use city_scene::scenario::{Plan, facts_of_plan};

use super::desk::{OPEN, OTHER};
use crate::ui::format;

/// Indicators of the open scenario against the other.
#[derive(Default)]
pub struct Figures {
    of: Option<u64>,
    /// In the order in which they are shown.
    pub list: Vec<Indicator>,
}

impl Figures {
    pub(super) fn refresh(
        &mut self,
        stamp: u64,
        index: Option<&CityIndex>,
        plans: &[Arc<Plan>; 2],
    ) {
        if self.of == Some(stamp) {
            return;
        }
        self.of = Some(stamp);
        let factors = Factors::default();
        let sums = |plan: &Plan| -> Totals {
            let standing = index.into_iter().flat_map(CityIndex::facts);
            totals(facts_of_plan(standing, plan), &factors)
        };
        let green_m2 = |variant: usize| index?.green_m2_under(&plans[variant]);
        let green = green_m2(OTHER).zip(green_m2(OPEN));
        let (other, open) = (sums(&plans[OTHER]), sums(&plans[OPEN]));
        let data = origin(index);
        self.list = indicators(&other, &open, green, &factors, &data);
    }
}

/// Where what stands is known from. Up to the colon the panels know it in other languages.
fn origin(index: Option<&CityIndex>) -> String {
    let list = match index.is_some_and(CityIndex::is_synthetic) {
        true => "the city's own list (city.json), synthetic and of no real place",
        false => "the city's own list (city.json)",
    };
    let credit = match index.map_or("", CityIndex::copyright) {
        "" => String::new(),
        credit => format!(", {credit}"),
    };
    let count = format::count(index.map_or(0, CityIndex::len));
    format!("{list}: {count} buildings{credit}; what the scenario adds is as drawn")
}

/// Hours of direct sun on a place, on the clock's day.
#[derive(Clone, Debug, PartialEq)]
pub struct Sunlight {
    /// The place.
    pub place: Geodetic,
    /// The day, as people write it.
    pub date: String,
    /// Hours with the other scenario, or the city as it stands.
    pub other_h: f64,
    /// Hours with the open one.
    pub open_h: f64,
    /// Minutes between two looks at the sun.
    pub step_min: u32,
    /// What is farther away casts no shadow, metres.
    pub reach_m: f64,
    /// What worked it out.
    pub by: Provenance,
    /// The plans that this is of.
    pub stamp: u64,
}

impl Sunlight {
    /// How it is worked out, in English.
    #[must_use]
    pub fn method(&self) -> String {
        format!(
            "Every {} minutes of the day a ray to the middle of the sun, against all that is drawn within {:.0} m; clear \
             sky.",
            self.step_min, self.reach_m
        )
    }
}
