//! One geometry, checked against the standard and made continuous over the antimeridian.

use geo_types::{
    Coord, Geometry, GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon,
    Point, Polygon,
};
use geojson::{GeometryValue, Position};

use super::fault::FeatureFault;
use super::{MAX_DEPTH, MAX_POLYGON_POSITIONS};

/// A checked geometry.
pub(super) struct Shape {
    pub geometry: Geometry<f64>,
    pub positions: usize,
}

/// Numbers that a writer rounded are let beyond the edge by this much, degrees.
const ROUNDING_DEG: f64 = 1e-6;

/// Checks a geometry.
pub(super) fn shape(value: &GeometryValue) -> Result<Shape, FeatureFault> {
    let mut positions = 0;
    let geometry = geometry(value, 0, &mut positions)?;
    Ok(Shape {
        geometry,
        positions,
    })
}

fn geometry(
    value: &GeometryValue,
    depth: usize,
    count: &mut usize,
) -> Result<Geometry<f64>, FeatureFault> {
    Ok(match value {
        GeometryValue::Point { coordinates } => {
            *count += 1;
            Geometry::Point(Point(coord(coordinates)?))
        }
        GeometryValue::MultiPoint { coordinates } => {
            *count += coordinates.len();
            let points = coordinates.iter().map(|p| coord(p).map(Point));
            Geometry::MultiPoint(MultiPoint(not_empty(
                points.collect::<Result<_, _>>()?,
                "MultiPoint",
            )?))
        }
        GeometryValue::LineString { coordinates } => {
            Geometry::LineString(line(coordinates, count)?)
        }
        GeometryValue::MultiLineString { coordinates } => {
            let lines = coordinates.iter().map(|l| line(l, count));
            Geometry::MultiLineString(MultiLineString(not_empty(
                lines.collect::<Result<_, _>>()?,
                "MultiLineString",
            )?))
        }
        GeometryValue::Polygon { coordinates } => Geometry::Polygon(polygon(coordinates, count)?),
        GeometryValue::MultiPolygon { coordinates } => {
            let polygons = coordinates.iter().map(|p| polygon(p, count));
            Geometry::MultiPolygon(MultiPolygon(not_empty(
                polygons.collect::<Result<_, _>>()?,
                "MultiPolygon",
            )?))
        }
        GeometryValue::GeometryCollection { geometries } => {
            if depth >= MAX_DEPTH {
                return Err(FeatureFault::TooDeep(MAX_DEPTH));
            }
            let parts = geometries
                .iter()
                .map(|g| geometry(&g.value, depth + 1, count));
            Geometry::GeometryCollection(GeometryCollection(not_empty(
                parts.collect::<Result<_, _>>()?,
                "GeometryCollection",
            )?))
        }
    })
}

fn not_empty<T>(list: Vec<T>, name: &'static str) -> Result<Vec<T>, FeatureFault> {
    if list.is_empty() {
        return Err(FeatureFault::Empty(name));
    }
    Ok(list)
}

fn coord(position: &Position) -> Result<Coord<f64>, FeatureFault> {
    let &[lon, lat, ..] = position.as_slice() else {
        return Err(FeatureFault::ShortPosition(position.len()));
    };
    if !lon.is_finite() || !lat.is_finite() {
        return Err(FeatureFault::NotFinite);
    }
    if lon.abs() > 180.0 + ROUNDING_DEG {
        return Err(FeatureFault::Longitude(lon));
    }
    if lat.abs() > 90.0 + ROUNDING_DEG {
        return Err(FeatureFault::Latitude(lat));
    }
    Ok(Coord {
        x: lon.clamp(-180.0, 180.0),
        y: lat.clamp(-90.0, 90.0),
    })
}

fn line(positions: &[Position], count: &mut usize) -> Result<LineString<f64>, FeatureFault> {
    *count += positions.len();
    let mut coords = positions.iter().map(coord).collect::<Result<Vec<_>, _>>()?;
    coords.dedup();
    if coords.len() < 2 {
        return Err(match positions.is_empty() {
            true => FeatureFault::Empty("LineString"),
            false => FeatureFault::ShortLine,
        });
    }
    unwrap(&mut coords);
    Ok(LineString(coords))
}

fn polygon(rings: &[Vec<Position>], count: &mut usize) -> Result<Polygon<f64>, FeatureFault> {
    let found: usize = rings.iter().map(Vec::len).sum();
    *count += found;
    if found > MAX_POLYGON_POSITIONS {
        return Err(FeatureFault::TooLarge {
            found,
            limit: MAX_POLYGON_POSITIONS,
        });
    }
    let mut checked = rings
        .iter()
        .enumerate()
        .map(|(index, positions)| ring(index, positions))
        .collect::<Result<Vec<_>, _>>()?
        .into_iter();
    let outer = checked.next().ok_or(FeatureFault::Empty("Polygon"))?;
    let middle = middle(&outer);
    let holes = checked
        .map(|mut hole| {
            // A hole is unwrapped by itself and may have landed a turn away from its polygon.
            let turns = ((middle - self::middle(&hole)) / 360.0).round() * 360.0;
            hole.0.iter_mut().for_each(|c| c.x += turns);
            hole
        })
        .collect();
    Ok(Polygon::new(outer, holes))
}

fn middle(ring: &LineString<f64>) -> f64 {
    let (low, high) = ring.0.iter().fold((f64::MAX, f64::MIN), |(low, high), c| {
        (low.min(c.x), high.max(c.x))
    });
    (low + high) * 0.5
}

fn ring(index: usize, positions: &[Position]) -> Result<LineString<f64>, FeatureFault> {
    let mut coords = positions.iter().map(coord).collect::<Result<Vec<_>, _>>()?;
    if coords.len() < 4 {
        return Err(FeatureFault::ShortRing(coords.len()));
    }
    if coords.first() != coords.last() {
        return Err(FeatureFault::OpenRing(index));
    }
    coords.dedup();
    let raw = coords.clone();
    unwrap(&mut coords);
    // A ring around a pole does not close by turning on; as it stands in the file it does.
    if coords.first() != coords.last() {
        coords = raw;
    }
    let doubled = signed_area_2(&coords);
    if coords.len() < 4 || doubled.abs() < 1e-16 {
        return Err(FeatureFault::FlatRing(index));
    }
    // The standard's right-hand rule is not kept by everyone.
    if (doubled > 0.0) != (index == 0) {
        coords.reverse();
    }
    Ok(LineString(coords))
}

/// Twice the area in square degrees, positive where the ring runs counter-clockwise.
fn signed_area_2(coords: &[Coord<f64>]) -> f64 {
    let Some(first) = coords.first() else {
        return 0.0;
    };
    // Relative to the first position: the products of far coordinates would cancel badly.
    coords
        .windows(2)
        .map(|pair| match pair {
            [a, b] => (a.x - first.x) * (b.y - first.y) - (b.x - first.x) * (a.y - first.y),
            _ => 0.0,
        })
        .sum()
}

/// Lets longitudes run on over the antimeridian instead of jumping to the other end of the map.
fn unwrap(coords: &mut [Coord<f64>]) {
    let mut turns = 0.0;
    let mut before: Option<f64> = None;
    for coord in coords {
        if let Some(before) = before {
            let step = coord.x - before;
            if step > 180.0 {
                turns -= 360.0;
            } else if step < -180.0 {
                turns += 360.0;
            }
        }
        before = Some(coord.x);
        coord.x += turns;
    }
}
