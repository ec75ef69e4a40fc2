//! Where the demo city's simulated sensors stand.

use glam::DVec2;

use crate::city::City;
use crate::city::building::{Building, Use};
use crate::city::districts::{self, DISTRICTS, Zone};
use crate::city::names::Name;
use crate::geom;
use crate::land::Domain;
use crate::rng::Rng;
use crate::streets::{Edge, Kind, RoadClass};

/// A place that carries one sensor or several of a kind.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct SensorSite {
    /// A name that no other site has: "traffic-0412".
    pub name: String,
    /// What stands there: "traffic", "parking", "ev_charger", "energy", "noise",
    /// "air_quality", "weather", "water_level", "crowd", "lamp_post",
    /// "service_desk", "footfall" or "cargo".
    pub kind: &'static str,
    /// The area of the layer tree: "mobility", "living", "environment", "people",
    /// "government" or "economy".
    pub area: &'static str,
    /// Where it stands, for people: a street, a building or a district.
    pub place: Name,
    /// The district's id.
    pub district: &'static str,
    /// The building it belongs to ("B000123"), if it belongs to one.
    pub building: Option<String>,
    /// The street it stands on, an edge of `streets.json`, if it stands on one.
    pub street: Option<u32>,
    /// Longitude, degrees.
    pub lon: f64,
    /// Latitude, degrees.
    pub lat: f64,
    /// Height above the ellipsoid, metres.
    pub height_m: f64,
}

/// How many sites of each kind, and the area each is listed under.
const KINDS: [(&str, &str, usize); 13] = [
    ("traffic", "mobility", 1100),
    ("parking", "mobility", 360),
    ("ev_charger", "mobility", 420),
    ("energy", "living", 640),
    ("noise", "living", 260),
    ("air_quality", "environment", 120),
    ("weather", "environment", 60),
    ("water_level", "environment", 90),
    ("crowd", "people", 180),
    ("lamp_post", "government", 1700),
    ("service_desk", "government", 60),
    ("footfall", "economy", 220),
    ("cargo", "economy", 40),
];

/// The sensors of the whole demo city, at least 5,000. Plans the city (some
/// seconds of work), draws nothing.
#[must_use]
pub fn sensors(seed: u64) -> Vec<SensorSite> {
    of_city(&City::plan(seed, Domain::FULL, &|_| {}))
}

/// Where a site may stand.
struct Spot<'a> {
    p: DVec2,
    above_m: f64,
    place: Name,
    building: Option<&'a Building>,
    street: Option<u32>,
}

/// The sensors of a planned city.
#[must_use]
pub fn of_city(city: &City) -> Vec<SensorSite> {
    let mut sites = Vec::new();
    for (nth, (kind, area, wanted)) in KINDS.into_iter().enumerate() {
        let mut rng = Rng::new(&[city.seed, 0x5E25, nth as u64]);
        let mut spots = spots(city, kind, &mut rng);
        // A fair draw without repeats: shuffle, then take from the front.
        for i in (1..spots.len()).rev() {
            let j = rng.int(0, i as i64) as usize;
            spots.swap(i, j);
        }
        for (number, spot) in spots.into_iter().take(wanted).enumerate() {
            let (lon, lat) = city.frame.lon_lat_deg(spot.p);
            sites.push(SensorSite {
                name: format!("{kind}-{number:04}"),
                kind,
                area,
                place: spot.place,
                district: DISTRICTS[districts::at(spot.p)].id,
                building: spot.building.map(Building::id),
                street: spot.street,
                lon,
                lat,
                height_m: city.terrain.height(spot.p).max(0.0) + spot.above_m,
            });
        }
    }
    sites
}

fn spots<'a>(city: &'a City, kind: &str, rng: &mut Rng) -> Vec<Spot<'a>> {
    let wide = |e: &Edge| e.class <= RoadClass::Collector;
    match kind {
        "traffic" => on_streets(city, &wide, 0.0, 6.0, rng),
        "lamp_post" => on_streets(city, &|_| true, 0.9, 8.0, rng),
        "noise" => on_streets(city, &|_| true, 1.05, 4.0, rng),
        "footfall" => on_streets(city, &|e| e.class == RoadClass::Local, 0.8, 3.5, rng),
        "parking" => at_buildings(
            city,
            &|b| {
                matches!(
                    b.usage,
                    Use::Retail | Use::Office | Use::Hotel | Use::Hospital
                ) || b.name.en.ends_with("Mall")
            },
            false,
        ),
        "ev_charger" => at_buildings(
            city,
            &|b| b.year_built > 1984 && b.floor_area_m2 > 6000.0,
            false,
        ),
        "energy" => at_buildings(city, &|b| b.floor_area_m2 > 4000.0, true),
        "service_desk" => at_buildings(
            city,
            &|b| {
                matches!(
                    b.usage,
                    Use::Government | Use::Hospital | Use::Leisure | Use::Transport
                )
            },
            false,
        ),
        "crowd" => crowds(city),
        "water_level" => shores(city, rng),
        "cargo" => berths(city, rng),
        _ => spread(city, kind == "weather", rng),
    }
}

/// Points along streets; `aside` is the share of the half width off the middle.
fn on_streets<'a>(
    city: &City,
    want: &dyn Fn(&Edge) -> bool,
    aside: f64,
    above_m: f64,
    rng: &mut Rng,
) -> Vec<Spot<'a>> {
    let edges = city.network.edges.iter().enumerate();
    edges
        .filter(|(_, e)| e.kind == Kind::Surface && want(e))
        .map(|(id, edge)| {
            let (p, axis) = geom::along(&edge.line, edge.length_m() * rng.range(0.3, 0.7));
            let side = if rng.chance(0.5) { 1.0 } else { -1.0 };
            let off = edge.class.carriageway_half_m()
                + (edge.class.half_width_m() - edge.class.carriageway_half_m()) * 0.5;
            Spot {
                p: p + axis.perp() * side * off * aside,
                above_m,
                place: city
                    .street_names
                    .get(edge.name as usize)
                    .cloned()
                    .unwrap_or_else(|| DISTRICTS[districts::at(p)].name()),
                building: None,
                street: Some(id as u32),
            }
        })
        .collect()
}

/// Buildings: on the roof, or at the door.
fn at_buildings<'a>(city: &'a City, want: &dyn Fn(&Building) -> bool, roof: bool) -> Vec<Spot<'a>> {
    let spot = |b: &'a Building| {
        let p = b.centre;
        let above_m = if roof {
            b.ground_m + b.height_m - city.terrain.height(p).max(0.0) + 3.0
        } else {
            b.height_m.min(16.0) + 6.0
        };
        Spot {
            p,
            above_m,
            place: b.name.clone(),
            building: Some(b),
            street: None,
        }
    };
    city.buildings
        .iter()
        .filter(|b| want(b))
        .map(spot)
        .collect()
}

fn crowds<'a>(city: &City) -> Vec<Spot<'a>> {
    let spot = |p: DVec2, place: Name| Spot {
        p,
        above_m: 5.0,
        place,
        building: None,
        street: None,
    };
    let parks = city
        .blocks
        .iter()
        .filter(|b| matches!(b.zone, Zone::Park | Zone::Civic | Zone::Stadium));
    let parks = parks.map(|b| spot(b.centre(), DISTRICTS[b.district].name()));
    let stations = city
        .stations
        .iter()
        .map(|s| spot(s.p, s.name.with(("Station", "站", "站"))));
    stations.chain(parks).collect()
}

/// Along quays, and where hills drain into the streets.
fn shores<'a>(city: &City, rng: &mut Rng) -> Vec<Spot<'a>> {
    let half = city.terrain.domain.half_m;
    let mut found = Vec::new();
    for _ in 0..60_000 {
        let p = DVec2::new(rng.range(-half.x, half.x), rng.range(-half.y, half.y));
        let shore = city.terrain.shore(p);
        let quay = (-6.0..0.0).contains(&shore) && crate::land::relief::urban_shore(p) > 0.3;
        let slope = city.terrain.slope(p);
        let foot = shore > 100.0 && city.terrain.height(p) < 30.0 && (0.10..0.16).contains(&slope);
        if (quay || (foot && rng.chance(0.03))) && found.len() < 400 {
            found.push(Spot {
                p,
                above_m: 2.5,
                place: DISTRICTS[districts::at(p)].name(),
                building: None,
                street: None,
            });
        }
    }
    found
}

fn berths<'a>(city: &City, rng: &mut Rng) -> Vec<Spot<'a>> {
    let blocks = city.blocks.iter().filter(|b| b.zone == Zone::Port);
    let mut found = Vec::new();
    for block in blocks {
        for _ in 0..3 {
            let p = geom::bilinear(&block.quad, rng.range(0.15, 0.85), rng.range(0.15, 0.85));
            found.push(Spot {
                p,
                above_m: 20.0,
                place: DISTRICTS[block.district].name(),
                building: None,
                street: None,
            });
        }
    }
    found
}

/// All over the land, denser in town; weather stations on the hills as well.
fn spread<'a>(city: &City, hills: bool, rng: &mut Rng) -> Vec<Spot<'a>> {
    let half = city.terrain.domain.half_m;
    let mut found: Vec<Spot<'a>> = Vec::new();
    for _ in 0..40_000 {
        let p = DVec2::new(rng.range(-half.x, half.x), rng.range(-half.y, half.y));
        let height = city.terrain.height(p);
        let apart = found
            .iter()
            .all(|s| (s.p - p).length() > if hills { 420.0 } else { 260.0 });
        let street = city.network.nearest_edge(p);
        let town = street.is_some_and(|(_, d)| d < 18.0);
        if city.terrain.shore(p) > 20.0 && apart && (town || (hills && height > 60.0)) {
            found.push(Spot {
                p,
                above_m: if hills { 10.0 } else { 6.0 },
                place: DISTRICTS[districts::at(p)].name(),
                building: None,
                street: street.filter(|_| town).map(|(id, _)| id),
            });
        }
    }
    found
}
