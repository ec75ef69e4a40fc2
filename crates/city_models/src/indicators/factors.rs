//! The factors behind the indicators. Assumptions all of them, to be replaced by a city's own.

use super::EnergyClass;

/// A factor and where it is from.
#[derive(Debug, Clone, PartialEq)]
pub struct Factor {
    /// The value, in `unit`.
    pub value: f64,
    /// Unit of the value.
    pub unit: &'static str,
    /// Where it is from, for people to read.
    pub source: String,
}

impl Factor {
    fn assumed(value: f64, unit: &'static str, source: &str) -> Self {
        Self {
            value,
            unit,
            source: source.to_owned(),
        }
    }
}

/// Factors of one use.
#[derive(Debug, Clone, PartialEq)]
pub struct UseFactors {
    /// The use, as the buildings say it, in small letters.
    pub usage: String,
    /// Floor area per job, square metres; `None` where nobody works.
    pub m2_per_job: Option<f64>,
    /// Energy that a building of class D uses in a year, relative to a residential one.
    pub energy_ratio: f64,
}

/// All factors. [`Factors::default`] has the assumptions that `docs/scenarios.md` lists; a city that knows better
/// changes them, with its source.
#[derive(Debug, Clone, PartialEq)]
pub struct Factors {
    /// Gross floor area of a residential building per dwelling, stairs and walls included.
    pub m2_per_dwelling: Factor,
    /// Final energy per year and square metre of gross floor area of a residential building, classes A to G.
    pub energy_kwh_m2a: [f64; 7],
    /// Class taken where a building has none.
    pub default_class: EnergyClass,
    /// Where the energy by class is from.
    pub energy_source: String,
    /// Where the ratios by use are from.
    pub ratio_source: String,
    /// Emissions per energy.
    pub grid_kg_per_kwh: Factor,
    /// By use. What is not listed counts as "none".
    pub uses: Vec<UseFactors>,
    /// Where floor area per job is from.
    pub jobs_source: String,
}

/// The midpoints that are taken for the classes A to G, kWh/(m² a).
const ENERGY_KWH_M2A: [f64; 7] = [40.0, 65.0, 90.0, 120.0, 155.0, 200.0, 260.0];

/// Use, floor area per job, energy relative to dwellings.
const USES: [(&str, Option<f64>, f64); 12] = [
    ("none", None, 0.0),
    ("residential", None, 1.0),
    ("office", Some(18.0), 1.3),
    ("retail", Some(40.0), 1.6),
    ("industrial", Some(80.0), 1.2),
    ("school", Some(90.0), 1.0),
    ("hospital", Some(40.0), 2.4),
    ("hotel", Some(60.0), 1.7),
    ("government", Some(20.0), 1.3),
    ("transport", Some(150.0), 1.3),
    ("village", None, 1.0),
    ("leisure", Some(100.0), 1.5),
];

impl Default for Factors {
    fn default() -> Self {
        let uses = USES.map(|(usage, m2_per_job, energy_ratio)| UseFactors {
            usage: usage.to_owned(),
            m2_per_job,
            energy_ratio,
        });
        Self {
            m2_per_dwelling: Factor::assumed(
                70.0,
                "m²/dwelling",
                "assumption: a round figure for flats of a dense city with their share of stairs and walls; no published statistic",
            ),
            energy_kwh_m2a: ENERGY_KWH_M2A,
            default_class: EnergyClass::D,
            energy_source: "assumption: round figures, in steps like those of European energy certificates, which differ by country; class D where none is known"
                .to_owned(),
            ratio_source: "assumption: round ratios to a residential building of the same class; what is not a known use has no energy"
                .to_owned(),
            grid_kg_per_kwh: Factor::assumed(
                0.4,
                "kg CO2e/kWh",
                "assumption: a round figure for a mixed grid; all energy counts as electricity; take the local grid's own",
            ),
            uses: uses.into(),
            jobs_source: "assumption: round gross floor areas per job by use, in the range of published employment density guides; to be replaced by local surveys"
                .to_owned(),
        }
    }
}

impl Factors {
    /// The factors of a use, in either case; those of "none" for what is not listed.
    pub fn of_use(&self, usage: &str) -> Option<&UseFactors> {
        let find = |name: &str| {
            self.uses
                .iter()
                .find(|factors| factors.usage.eq_ignore_ascii_case(name.trim()))
        };
        find(usage).or_else(|| find("none"))
    }

    /// Final energy per year and square metre, kWh.
    pub fn energy_kwh_m2a(&self, usage: &str, class: Option<EnergyClass>) -> f64 {
        let class = class.unwrap_or(self.default_class);
        let ratio = self
            .of_use(usage)
            .map_or(0.0, |factors| factors.energy_ratio);
        self.energy_kwh_m2a[class as usize] * ratio
    }
}

/// Whether people live in buildings of a use.
pub fn is_dwelling(usage: &str) -> bool {
    ["residential", "village"]
        .iter()
        .any(|name| name.eq_ignore_ascii_case(usage.trim()))
}
