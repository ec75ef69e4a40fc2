//! The six areas of a smart city, by which layers are grouped.

use serde::{Deserialize, Serialize};

/// One of the six areas (the division of Hong Kong's Smart City Blueprint).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Area {
    /// Traffic, parking, public transport, charging.
    Mobility,
    /// Homes, energy, comfort, health.
    Living,
    /// Air, water, noise, weather.
    Environment,
    /// Presence of people, always as aggregates.
    People,
    /// Public services and public lighting.
    Government,
    /// Trade and footfall.
    Economy,
}

impl Area {
    /// All six, in the order in which they are shown.
    pub const ALL: [Self; 6] = [
        Self::Mobility,
        Self::Living,
        Self::Environment,
        Self::People,
        Self::Government,
        Self::Economy,
    ];

    /// The identifier used in scene files, links and on the wire.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Mobility => "mobility",
            Self::Living => "living",
            Self::Environment => "environment",
            Self::People => "people",
            Self::Government => "government",
            Self::Economy => "economy",
        }
    }

    /// The area with this identifier, in any letter case.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|area| area.id().eq_ignore_ascii_case(id))
    }
}

impl std::fmt::Display for Area {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_find_their_area_again() {
        for area in Area::ALL {
            assert_eq!(Area::from_id(area.id()), Some(area));
            assert_eq!(Area::from_id(&area.id().to_uppercase()), Some(area));
        }
        assert_eq!(Area::from_id("mobil"), None);
    }
}
