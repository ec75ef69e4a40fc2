//! Lengths, areas and angles between points that were clicked. Local frame: metres, east, north, up.

use glam::{DVec2, DVec3};

/// The way along points: straight from one to the next, metres.
#[must_use]
pub fn length_m(points: &[DVec3]) -> f64 {
    points
        .windows(2)
        .map(|pair| pair[0].distance(pair[1]))
        .sum()
}

/// The same on the map, heights left out.
#[must_use]
pub fn length_on_map_m(points: &[DVec3]) -> f64 {
    let flat: Vec<DVec3> = points.iter().map(|p| p.with_z(0.0)).collect();
    length_m(&flat)
}

/// The area of an outline on the map, square metres (shoelace formula). An outline that crosses itself has none that
/// means anything: see [`crosses_itself`].
#[must_use]
pub fn area_on_map_m2(outline: &[DVec3]) -> f64 {
    let Some(first) = outline.first() else {
        return 0.0;
    };
    // From the first corner: coordinates far from the origin would cancel badly.
    let at = |p: &DVec3| (*p - *first).truncate();
    let twice: f64 = outline
        .iter()
        .zip(outline.iter().cycle().skip(1))
        .map(|(a, b)| at(a).perp_dot(at(b)))
        .sum();
    twice.abs() * 0.5
}

/// The area of the outline as it lies in space, square metres: the length of its vector area (Newell).
#[must_use]
pub fn area_in_space_m2(outline: &[DVec3]) -> f64 {
    let Some(first) = outline.first() else {
        return 0.0;
    };
    let twice: DVec3 = outline
        .iter()
        .zip(outline.iter().cycle().skip(1))
        .map(|(a, b)| (*a - *first).cross(*b - *first))
        .sum();
    twice.length() * 0.5
}

/// Whether two edges of an outline that do not follow each other cross on the map.
#[must_use]
pub fn crosses_itself(outline: &[DVec3]) -> bool {
    let count = outline.len();
    let corner = |index: usize| outline[index % count].truncate();
    (0..count).any(|a| {
        (a + 2..count)
            .filter(|b| (b + 1) % count != a)
            .any(|b| crosses(corner(a), corner(a + 1), corner(b), corner(b + 1)))
    })
}

fn crosses(a: DVec2, b: DVec2, c: DVec2, d: DVec2) -> bool {
    let side = |p: DVec2, q: DVec2, r: DVec2| (q - p).perp_dot(r - p);
    side(a, b, c) * side(a, b, d) < 0.0 && side(c, d, a) * side(c, d, b) < 0.0
}

/// The angle at `corner` between the ways to two others, radians, 0 to π; none where one of them is the corner.
#[must_use]
pub fn angle_rad(a: DVec3, corner: DVec3, b: DVec3) -> Option<f64> {
    let (a, b) = ((a - corner).try_normalize()?, (b - corner).try_normalize()?);
    // By both sine and cosine: near 0 and π the cosine alone tells nothing.
    Some(a.cross(b).length().atan2(a.dot(b)))
}

/// The direction from one point to another on the map, radians clockwise from north, 0 to 2π.
#[must_use]
pub fn bearing_rad(from: DVec3, to: DVec3) -> Option<f64> {
    let way = (to - from).truncate().try_normalize()?;
    Some(way.x.atan2(way.y).rem_euclid(std::f64::consts::TAU))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::{FRAC_PI_2, PI};

    const FAR: DVec3 = DVec3::new(40_000.0, -25_000.0, 120.0);

    fn square(slope: f64) -> Vec<DVec3> {
        [(0.0, 0.0), (30.0, 0.0), (30.0, 40.0), (0.0, 40.0)]
            .map(|(x, y)| FAR + DVec3::new(x, y, y * slope))
            .to_vec()
    }

    #[test]
    fn a_known_field_measures_as_it_is_known() {
        assert!((area_on_map_m2(&square(0.0)) - 1200.0).abs() < 1e-6);
        assert!((area_on_map_m2(&square(0.75)) - 1200.0).abs() < 1e-6);
        // On a slope of 3 in 4 the way up is 5 for 4.
        assert!((area_in_space_m2(&square(0.75)) - 1500.0).abs() < 1e-6);
        assert!((length_m(&square(0.75)) - (30.0 + 50.0 + 30.0)).abs() < 1e-9);
        assert!((length_on_map_m(&square(0.75)) - 100.0).abs() < 1e-9);
        assert_eq!(area_on_map_m2(&[]), 0.0);
        assert_eq!(area_in_space_m2(&square(0.0)[..2]), 0.0);
    }

    #[test]
    fn angles_and_bearings() {
        let corner = |x, y, z| FAR + DVec3::new(x, y, z);
        let angle = angle_rad(corner(1.0, 0.0, 0.0), FAR, corner(0.0, 0.0, 2.0)).unwrap();
        assert!((angle - FRAC_PI_2).abs() < 1e-9);
        let straight = angle_rad(corner(1.0, 0.0, 0.0), FAR, corner(-3.0, 0.0, 0.0)).unwrap();
        assert!((straight - PI).abs() < 1e-9);
        assert!(angle_rad(FAR, FAR, corner(1.0, 0.0, 0.0)).is_none());
        let west = bearing_rad(FAR, corner(-1.0, 0.0, 5.0)).unwrap();
        assert!((west - 1.5 * PI).abs() < 1e-9);
        assert!(bearing_rad(FAR, corner(0.0, 0.0, 5.0)).is_none());
    }

    #[test]
    fn an_outline_like_an_hourglass_crosses_itself() {
        let mut outline = square(0.0);
        assert!(!crosses_itself(&outline));
        outline.swap(1, 2);
        assert!(crosses_itself(&outline));
        assert!(!crosses_itself(&outline[..3]));
    }
}
