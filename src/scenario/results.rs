//! What a scenario comes to in figures.

use std::sync::Arc;

use city_geo::Geodetic;
use city_models::indicators::{Factors, Indicator, Totals, indicators, totals};
use city_scene::CityIndex;
use city_scene::scenario::{Plan, facts_of_plan};

use super::desk::{OPEN, OTHER};

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
        self.list = indicators(&sums(&plans[OTHER]), &sums(&plans[OPEN]), green, &factors);
    }
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
    /// The plans that this is of.
    pub stamp: u64,
}
