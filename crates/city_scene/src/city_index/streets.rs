//! Streets by place and by name.

use city_geo::{DVec2, Geodetic, LocalFrame};

use super::CityIndex;
use crate::scenario::BaseStreet;
use crate::schema::Place;

impl CityIndex {
    /// The way of a street, from one end to the other; empty where it is not known.
    pub fn street_line(&self, id: &str) -> &[Place] {
        self.street_lines.get(id).map_or(&[], Vec::as_slice)
    }

    /// The street nearest to a place, no farther away than so many metres.
    pub fn street_near(&self, lon: f64, lat: f64, within_m: f64) -> Option<&BaseStreet> {
        let here = LocalFrame::enu(Geodetic::from_degrees(lon, lat, 0.0));
        // Generous: away from the poles a degree of latitude is 110 km or more, one of longitude less.
        let reach_deg = within_m / 110_000.0;
        let wide_deg = reach_deg / lat.to_radians().cos().abs().max(0.01);
        let mut best: Option<(f64, &str)> = None;
        for (id, line) in &self.street_lines {
            let near = |p: &Place, q: &Place| {
                p.lon.min(q.lon) <= lon + wide_deg
                    && p.lon.max(q.lon) >= lon - wide_deg
                    && p.lat.min(q.lat) <= lat + reach_deg
                    && p.lat.max(q.lat) >= lat - reach_deg
            };
            for pair in line.windows(2) {
                let [p, q] = pair else { continue };
                if !near(p, q) {
                    continue;
                }
                let at = |place: &Place| {
                    here.local_from_geodetic(Geodetic::from_degrees(place.lon, place.lat, 0.0))
                        .truncate()
                };
                let away_m = to_origin(at(p), at(q));
                if away_m <= within_m && best.is_none_or(|(nearest_m, _)| away_m < nearest_m) {
                    best = Some((away_m, id));
                }
            }
        }
        self.streets.as_ref()?.get(best?.1)
    }

    /// Streets whose name has a text in it or whose identifier begins with it, in any case; at most so many.
    pub fn find_streets(&self, text: &str, at_most: usize) -> Vec<&BaseStreet> {
        let text = text.trim().to_lowercase();
        if text.is_empty() {
            return Vec::new();
        }
        self.streets()
            .filter(|street| {
                street.name.to_lowercase().contains(&text)
                    || street.id.to_lowercase().starts_with(&text)
            })
            .take(at_most)
            .collect()
    }
}

/// From a segment to the origin, metres.
fn to_origin(a: DVec2, b: DVec2) -> f64 {
    let along = b - a;
    let length = along.length_squared();
    let share = if length > 0.0 {
        (-a.dot(along) / length).clamp(0.0, 1.0)
    } else {
        0.0
    };
    (a + along * share).length()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two streets: one along a parallel, one with a bend to the north of it.
    fn city() -> CityIndex {
        let mut city = CityIndex::default();
        let streets = r#"{
            "names": [{"en": "Lantern Street"}, {"en": "Drum Lane"}],
            "nodes": [[114.17, 22.29, 4.0], [114.172, 22.29, 6.0], [114.172, 22.292, 8.0]],
            "edges": [
                {"id": "R1", "a": 0, "b": 1, "class": "local", "kind": "surface", "name": 0,
                 "length_m": 206, "speed_kmh": 50, "lanes": 2},
                {"id": "R2", "a": 0, "b": 2, "class": "lane", "kind": "surface", "name": 1,
                 "length_m": 400, "speed_kmh": 20, "lanes": 1, "via": [[114.17, 22.292]]}
            ]
        }"#;
        city.read_streets(streets.as_bytes(), "streets.json")
            .unwrap();
        city
    }

    #[test]
    fn the_nearest_street_is_found_also_around_a_bend() {
        let city = city();
        let near = |lon, lat| city.street_near(lon, lat, 30.0).map(|s| s.id.as_str());
        assert_eq!(near(114.171, 22.2901), Some("R1"));
        assert_eq!(near(114.1701, 22.2915), Some("R2"));
        assert_eq!(near(114.171, 22.29195), Some("R2"), "behind the bend");
        assert_eq!(near(114.171, 22.291), None, "in the block between");
        assert_eq!(near(f64::NAN, 22.29), None);
    }

    #[test]
    fn a_way_rises_from_end_to_end() {
        let city = city();
        let heights: Vec<f64> = city.street_line("R2").iter().map(|p| p.height).collect();
        assert_eq!(heights, [4.0, 6.0, 8.0]);
        assert!(city.street_line("R9").is_empty());
    }

    #[test]
    fn streets_are_found_by_name_and_identifier() {
        let city = city();
        let found = |text: &str| -> Vec<&str> {
            let streets = city.find_streets(text, 5);
            streets.into_iter().map(|s| s.id.as_str()).collect()
        };
        assert_eq!(found("lantern"), ["R1"]);
        assert_eq!(found("r2"), ["R2"]);
        assert_eq!(found("R"), ["R1", "R2"]);
        assert!(found(" ").is_empty());
        assert_eq!(city.find_streets("R", 1).len(), 1);
    }
}
