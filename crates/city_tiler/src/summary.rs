//! The city's plan for other programs: places to search for, and the streets as
//! a graph.

use glam::{DVec2, DVec3};
use serde::Serialize;

use crate::city::City;
use crate::city::building::{Building, ENERGY_CLASSES, Use};
use crate::city::districts::DISTRICTS;
use crate::city::massing::CoverKind;
use crate::city::names::Name;
use crate::generate::COPYRIGHT;
use crate::geom;
use crate::streets::RoadClass;

/// Longitude and latitude in degrees, to the centimetre.
type LonLat = [f64; 2];

#[derive(Serialize)]
struct Place {
    id: String,
    name: Name,
    lon: f64,
    lat: f64,
    height_m: f64,
}

#[derive(Serialize)]
struct StationJson<'a> {
    #[serde(flatten)]
    place: Place,
    lines: &'a [&'static str],
}

#[derive(Serialize)]
struct WayJson {
    elevated: bool,
    line: Vec<LonLat>,
}

#[derive(Serialize)]
struct LineJson {
    id: &'static str,
    name: Name,
    color: &'static str,
    stations: Vec<usize>,
    ways: Vec<WayJson>,
}

#[derive(Serialize)]
struct FerryJson {
    name: Name,
    piers: [&'static str; 2],
    line: Vec<LonLat>,
}

/// Buildings column by column: one entry per building in each.
#[derive(Serialize, Default)]
struct BuildingsJson {
    id: Vec<String>,
    name: Vec<String>,
    name_zh: Vec<String>,
    lon: Vec<f64>,
    lat: Vec<f64>,
    /// Of the roof, above the ellipsoid.
    top_m: Vec<f64>,
    height_m: Vec<f64>,
    /// Places in `districts`.
    district: Vec<usize>,
    landmark: Vec<u8>,
    /// Places in `uses`.
    #[serde(rename = "use")]
    usage: Vec<u8>,
    storeys: Vec<u16>,
    floor_area_m2: Vec<u32>,
    /// Places in `energy_classes`.
    energy_class: Vec<u8>,
    /// Of what stands on the ground, without overlaps of its volumes counted twice.
    footprint_m2: Vec<u32>,
}

#[derive(Serialize)]
struct CityJson<'a> {
    name: Name,
    copyright: &'static str,
    synthetic: bool,
    seed: u64,
    origin: LonLat,
    /// West, south, east, north.
    bounds: [f64; 4],
    districts: Vec<Place>,
    villages: Vec<Place>,
    stations: Vec<StationJson<'a>>,
    lines: Vec<LineJson>,
    piers: Vec<Place>,
    ferries: Vec<FerryJson>,
    uses: [&'static str; 12],
    energy_classes: [&'static str; 7],
    /// Parks, as convex pieces.
    greens: Vec<Vec<LonLat>>,
    buildings: BuildingsJson,
}

fn rounded(value: f64, per_unit: f64) -> f64 {
    (value * per_unit).round() / per_unit
}

fn lon_lat(city: &City, p: DVec2) -> LonLat {
    let (lon, lat) = city.frame.lon_lat_deg(p);
    [rounded(lon, 1e7), rounded(lat, 1e7)]
}

fn line(city: &City, points: &[DVec2]) -> Vec<LonLat> {
    points.iter().map(|p| lon_lat(city, *p)).collect()
}

fn place(city: &City, id: String, name: Name, p: DVec3) -> Place {
    let [lon, lat] = lon_lat(city, p.truncate());
    Place {
        id,
        name,
        lon,
        lat,
        height_m: rounded(p.z, 10.0),
    }
}

/// Ground covered by a building: its volumes that reach down to the ground, without those inside others. Towers on a
/// podium stand within its outline.
fn footprint_m2(building: &Building) -> f64 {
    let standing: Vec<_> = building
        .masses()
        .filter(|v| v.base_m <= building.ground_m + 0.5)
        .collect();
    let inside = |i: usize, ring: &[DVec2]| {
        let middle = geom::centre(ring);
        let area = geom::signed_area(ring).abs();
        standing.iter().enumerate().any(|(j, other)| {
            let larger = geom::signed_area(&other.ring).abs();
            let first = larger > area || (larger == area && j < i);
            j != i && first && geom::contains(&other.ring, middle)
        })
    };
    standing
        .iter()
        .enumerate()
        .filter(|(i, volume)| !inside(*i, &volume.ring))
        .map(|(_, volume)| geom::signed_area(&volume.ring).abs())
        .sum()
}

/// `city.json`.
pub(crate) fn city(city: &City) -> Result<Vec<u8>, serde_json::Error> {
    let domain = city.terrain.domain;
    let on_ground = |p: DVec2| city.terrain.on_ground(p);
    let districts = DISTRICTS.iter().map(|d| {
        let p = DVec2::new(d.centre.0, d.centre.1);
        place(city, d.id.to_owned(), d.name(), on_ground(p))
    });
    let villages =
        city.villages.iter().enumerate().map(|(i, (name, p))| {
            place(city, format!("V{:02}", i + 1), name.clone(), on_ground(*p))
        });
    let stations = city.stations.iter().enumerate().map(|(i, s)| StationJson {
        place: place(
            city,
            format!("S{:02}", i + 1),
            s.name.clone(),
            on_ground(s.p),
        ),
        lines: &s.lines,
    });
    let lines = city.lines.iter().map(|l| LineJson {
        id: l.id,
        name: l.name.clone(),
        color: l.color,
        stations: l.stations.clone(),
        ways: l
            .ways
            .iter()
            .map(|(way, elevated)| WayJson {
                elevated: *elevated,
                line: line(city, way),
            })
            .collect(),
    });
    let piers = city
        .piers
        .iter()
        .map(|p| place(city, p.id.to_owned(), p.name.clone(), p.head.extend(0.0)));
    let ferries = city.ferries.iter().map(|f| FerryJson {
        name: f.name.clone(),
        piers: f.piers,
        line: line(city, &f.line),
    });
    let parks = city.covers.iter().filter(|c| c.kind == CoverKind::Park);
    let greens = parks.map(|park| line(city, &park.ring));
    let mut buildings = BuildingsJson::default();
    for b in &city.buildings {
        let [lon, lat] = lon_lat(city, b.centre);
        buildings.id.push(b.id());
        buildings.name.push(b.name.en.clone());
        buildings.name_zh.push(b.name.hant.clone());
        buildings.lon.push(lon);
        buildings.lat.push(lat);
        buildings.top_m.push(rounded(b.ground_m + b.height_m, 10.0));
        buildings.height_m.push(b.height_m);
        buildings.district.push(b.district);
        buildings.landmark.push(u8::from(b.landmark));
        buildings.usage.push(b.usage as u8);
        buildings.storeys.push(b.storeys);
        // Whole square metres, and no negative ones: `as` saturates.
        buildings.floor_area_m2.push(b.floor_area_m2.round() as u32);
        buildings.energy_class.push(b.energy_class);
        buildings.footprint_m2.push(footprint_m2(b).round() as u32);
    }
    let [west, south] = lon_lat(city, -domain.half_m);
    let [east, north] = lon_lat(city, domain.half_m);
    serde_json::to_vec(&CityJson {
        name: Name::new("Harbour", "海港城", "海港城"),
        copyright: COPYRIGHT,
        synthetic: true,
        seed: city.seed,
        origin: lon_lat(city, DVec2::ZERO),
        bounds: [west, south, east, north],
        districts: districts.collect(),
        villages: villages.collect(),
        stations: stations.collect(),
        lines: lines.collect(),
        piers: piers.collect(),
        ferries: ferries.collect(),
        uses: Use::NAMES,
        energy_classes: ENERGY_CLASSES,
        greens: greens.collect(),
        buildings,
    })
}

#[derive(Serialize)]
struct ClassJson {
    name: &'static str,
    speed_kmh: u8,
    lanes: u8,
}

#[derive(Serialize)]
struct EdgeJson {
    /// "R" and five digits: the place in the list, which sensors name too.
    id: String,
    a: u32,
    b: u32,
    class: &'static str,
    kind: &'static str,
    name: u32,
    length_m: f64,
    speed_kmh: u8,
    lanes: u8,
    /// Points between the two nodes, where the street bends.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    via: Vec<LonLat>,
}

#[derive(Serialize)]
struct StreetsJson<'a> {
    copyright: &'static str,
    classes: Vec<ClassJson>,
    names: &'a [Name],
    /// Longitude, latitude and ellipsoidal height of each node.
    nodes: Vec<[f64; 3]>,
    edges: Vec<EdgeJson>,
}

/// `streets.json`.
pub(crate) fn streets(city: &City) -> Result<Vec<u8>, serde_json::Error> {
    let nodes = city.network.nodes.iter().map(|n| {
        let [lon, lat] = lon_lat(city, n.p);
        [lon, lat, rounded(city.terrain.height(n.p), 100.0)]
    });
    let edges = city
        .network
        .edges
        .iter()
        .enumerate()
        .map(|(i, e)| EdgeJson {
            id: format!("R{i:05}"),
            a: e.a,
            b: e.b,
            class: e.class.name(),
            kind: e.kind.name(),
            name: e.name,
            length_m: rounded(e.length_m(), 10.0),
            speed_kmh: e.class.speed_kmh(),
            lanes: e.class.lanes(),
            via: line(
                city,
                e.line
                    .get(1..e.line.len().saturating_sub(1))
                    .unwrap_or_default(),
            ),
        });
    let classes = RoadClass::ALL.map(|c| ClassJson {
        name: c.name(),
        speed_kmh: c.speed_kmh(),
        lanes: c.lanes(),
    });
    serde_json::to_vec(&StreetsJson {
        copyright: COPYRIGHT,
        classes: classes.into(),
        names: &city.street_names,
        nodes: nodes.collect(),
        edges: edges.collect(),
    })
}
