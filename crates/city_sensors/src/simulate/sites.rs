//! Places for simulated sensors where no city gives any: a spread around a point.

use super::hash::{key, signed, unit};
use crate::PlaceNames;

/// A place that carries sensors. A city's generator lists its own in a JSON file (`sensors.json`);
/// what else is said of a place there is left to others.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Site {
    /// Unique name, for example `traffic-0412`.
    pub name: String,
    /// Kind of site; see [`super::kinds_at`].
    pub kind: String,
    /// Longitude, degrees east.
    pub lon: f64,
    /// Latitude, degrees north.
    pub lat: f64,
    /// Height above the ellipsoid, in metres.
    pub height_m: f64,
    /// What people call the place, by language (BCP 47 tag): a street, a building, a district. Empty where it has no
    /// name.
    #[serde(default, skip_serializing_if = "PlaceNames::is_empty")]
    pub place: PlaceNames,
    /// Identifier of the building that it belongs to, if it belongs to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub building: Option<String>,
}

/// Kinds of site and how many of each a spread has.
const COUNTS: [(&str, u32); 13] = [
    ("traffic", 1100),
    ("parking", 360),
    ("ev_charger", 420),
    ("energy", 640),
    ("noise", 260),
    ("air_quality", 120),
    ("weather", 60),
    ("water_level", 90),
    ("crowd", 180),
    ("lamp_post", 1700),
    ("service_desk", 60),
    ("footfall", 220),
    ("cargo", 40),
];

/// Sites within some 4 km of a point, denser towards it, for a scene without a demo city of its own.
#[must_use]
pub fn spread(seed: u64, lon: f64, lat: f64, height_m: f64) -> Vec<Site> {
    let mut sites = Vec::new();
    let lon_per_m = 1.0 / (111_320.0 * lat.to_radians().cos().max(0.01));
    for (group, (kind, count)) in COUNTS.into_iter().enumerate() {
        for index in 0..count {
            let place = key(key(seed, group as u64), u64::from(index));
            let reach_m = 4000.0 * unit(key(place, 1)).sqrt();
            let (east, north) = (signed(key(place, 2)), signed(key(place, 3)));
            sites.push(Site {
                name: format!("{kind}-{index:04}"),
                kind: kind.to_owned(),
                lon: lon + reach_m * east * lon_per_m,
                lat: lat + reach_m * north / 111_320.0,
                height_m: height_m + 6.0,
                place: PlaceNames::new(),
                building: None,
            });
        }
    }
    sites
}
