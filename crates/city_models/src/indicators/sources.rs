//! Where the numbers come from that go into an indicator.

use super::{EnergyClass, Factor, Factors};

/// What goes into an indicator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SourceOf {
    /// The list of buildings that stand.
    Buildings,
    /// The list of parks.
    Parks,
    /// Floor area per dwelling.
    Dwelling,
    /// Floor area per job, by use.
    Job,
    /// Energy by class.
    Energy,
    /// Energy by use, relative to dwellings.
    Ratio,
    /// Emissions of the grid.
    Grid,
}

impl SourceOf {
    /// All.
    pub const ALL: [Self; 7] = [
        Self::Buildings,
        Self::Parks,
        Self::Dwelling,
        Self::Job,
        Self::Energy,
        Self::Ratio,
        Self::Grid,
    ];

    /// Identifier: the messages have `plan-source-<id>`.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Buildings => "buildings",
            Self::Parks => "parks",
            Self::Dwelling => "dwelling",
            Self::Job => "job",
            Self::Energy => "energy",
            Self::Ratio => "ratio",
            Self::Grid => "grid",
        }
    }

    /// Its name, in English.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Buildings => "Buildings",
            Self::Parks => "Parks",
            Self::Dwelling => "Floor area per dwelling",
            Self::Job => "Floor area per job, by use",
            Self::Energy => "Final energy by class",
            Self::Ratio => "Energy by use, dwellings = 1",
            Self::Grid => "Emissions of the grid",
        }
    }

    /// Whether it is a factor; otherwise it was counted.
    pub const fn is_factor(self) -> bool {
        !matches!(self, Self::Buildings | Self::Parks)
    }
}

/// Something that goes into an indicator, with where it is from.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// What it is.
    pub of: SourceOf,
    /// Its values: by class or use, or one without a name; none of what is counted.
    pub values: Vec<(String, f64)>,
    /// Unit of the values.
    pub unit: &'static str,
    /// Where it is from, in English.
    pub from: String,
}

impl Source {
    /// As it goes into an indicator; `data` is where what is counted comes from.
    pub(super) fn new(of: SourceOf, factors: &Factors, data: &str) -> Self {
        let single = |factor: &Factor| {
            let values = vec![(String::new(), factor.value)];
            (values, factor.unit, factor.source.clone())
        };
        let uses = factors.uses.iter();
        let (values, unit, from) = match of {
            SourceOf::Buildings | SourceOf::Parks => (Vec::new(), "", data.to_owned()),
            SourceOf::Dwelling => single(&factors.m2_per_dwelling),
            SourceOf::Grid => single(&factors.grid_kg_per_kwh),
            SourceOf::Job => {
                let jobs = uses.filter_map(|f| Some((f.usage.clone(), f.m2_per_job?)));
                (jobs.collect(), "m²/job", factors.jobs_source.clone())
            }
            SourceOf::Energy => {
                let classes = EnergyClass::ALL.iter().zip(factors.energy_kwh_m2a);
                let classes = classes.map(|(class, kwh)| (class.letter().to_owned(), kwh));
                (
                    classes.collect(),
                    "kWh/(m² a)",
                    factors.energy_source.clone(),
                )
            }
            SourceOf::Ratio => {
                let ratios = uses.filter(|f| f.energy_ratio != 0.0);
                let ratios = ratios.map(|f| (f.usage.clone(), f.energy_ratio));
                (ratios.collect(), "", factors.ratio_source.clone())
            }
        };
        Self {
            of,
            values,
            unit,
            from,
        }
    }

    /// Its values in one line, with uses named by `name`; empty for what is counted.
    pub fn text(&self, name: impl Fn(&str) -> String) -> String {
        let values = self.values.iter().map(|(key, value)| match key.as_str() {
            "" => value.to_string(),
            key => format!("{} {value}", name(key)),
        });
        let values: Vec<String> = values.collect();
        match (self.unit, values.len()) {
            ("", _) | (_, 0) => values.join(", "),
            (unit, 1) => format!("{} {unit}", values.join(", ")),
            (unit, _) => format!("{unit}: {}", values.join(", ")),
        }
    }
}
