use crate::*;
use city_geo::Geodetic;
use footprint::{
    Crossing, FootprintFault, area_m2, centroid, crossings, distance_m, extrude, moved, moved_to,
    turned,
};

/// 100 m by 50 m, drawn in metres.
fn yard() -> Polygon<f64> {
    let frame = city_geo::LocalFrame::enu(Geodetic::from_degrees(114.17, 22.29, 0.0));
    let corner = |x: f64, y: f64| {
        let place = frame.geodetic_from_local(city_geo::DVec3::new(x, y, 0.0));
        geo_types::Coord {
            x: place.lon_deg(),
            y: place.lat_deg(),
        }
    };
    Polygon::new(
        [
            corner(0.0, 0.0),
            corner(100.0, 0.0),
            corner(100.0, 50.0),
            corner(0.0, 50.0),
        ]
        .into_iter()
        .collect(),
        vec![],
    )
}

#[test]
fn areas_and_distances_are_in_metres() {
    assert!(
        (area_m2(&yard()) - 5000.0).abs() < 0.01,
        "{}",
        area_m2(&yard())
    );
    let away = moved(&yard(), 3000.0, -4000.0);
    assert!((distance_m(&yard(), &away).unwrap() - 5000.0).abs() < 0.01);
    assert!((area_m2(&away) - 5000.0).abs() < 0.01, "{}", area_m2(&away));
    let back = moved_to(&away, 114.17, 22.29);
    let middle = centroid(&back).unwrap();
    assert!((middle.x - 114.17).abs() < 1e-9 && (middle.y - 22.29).abs() < 1e-9);
    let turn = turned(&yard(), 90.0);
    let bounds = |p: &Polygon<f64>| geo::BoundingRect::bounding_rect(p).unwrap();
    let (before, after) = (bounds(&yard()), bounds(&turn));
    assert!(after.height() > before.height() * 1.9 && after.width() < before.width() * 0.6);
    assert!(distance_m(&yard(), &turn).unwrap() < 1e-6);
    let full = (0..8).fold(yard(), |outline, _| turned(&outline, 45.0));
    for (a, b) in full.exterior().0.iter().zip(&yard().exterior().0) {
        assert!((a.x - b.x).abs() < 1e-10 && (a.y - b.y).abs() < 1e-10);
    }
    // Clockwise seen from above: the corner in the south-west goes to the north-west.
    let corner = turn.exterior().0[0];
    let middle = centroid(&turn).unwrap();
    assert!(corner.x < middle.x && corner.y > middle.y);
}

#[test]
fn crossings_name_their_sides() {
    let bow: Polygon<f64> =
        polygon![(x: 0.0, y: 0.0), (x: 0.1, y: 0.1), (x: 0.1, y: 0.0), (x: 0.0, y: 0.1)];
    let found = crossings(&bow);
    assert_eq!(found.len(), 1);
    let Crossing {
        ring,
        first,
        second,
        at,
    } = found[0];
    assert_eq!((ring, first, second), (0, 0, 2));
    assert!((at.x - 0.05).abs() < 1e-12 && (at.y - 0.05).abs() < 1e-12);
    let good: Polygon<f64> = polygon![(x: 0.0, y: 0.0), (x: 0.1, y: 0.0), (x: 0.1, y: 0.0), (x: 0.1, y: 0.1), (x: 0.05, y: 0.02)];
    assert_eq!(crossings(&good), [], "a corner twice in a row is one");
    assert_eq!(footprint::check(&good), Ok(()));
    let spike: Polygon<f64> =
        polygon![(x: 0.0, y: 0.0), (x: 0.1, y: 0.0), (x: 0.05, y: 0.0), (x: 0.05, y: 0.1)];
    assert!(matches!(
        footprint::check(&spike),
        Err(FootprintFault::Crossing(_))
    ));
    let touching: Polygon<f64> = polygon![(x: 0.0, y: 0.0), (x: 0.1, y: 0.0), (x: 0.1, y: 0.1), (x: 0.05, y: 0.0), (x: 0.0, y: 0.1)];
    assert!(!crossings(&touching).is_empty());
    let hole: Polygon<f64> = polygon![
        exterior: [(x: 0.0, y: 0.0), (x: 0.1, y: 0.0), (x: 0.1, y: 0.1), (x: 0.0, y: 0.1)],
        interiors: [[(x: 0.02, y: 0.02), (x: 0.04, y: 0.04), (x: 0.04, y: 0.02), (x: 0.02, y: 0.04)]],
    ];
    assert_eq!(crossings(&hole)[0].ring, 1);
    assert!(crossings(&hole)[0].to_string().starts_with("in hole 1, "));
}

/// Volume under a closed surface of triangles, and whether every normal fits its triangle.
fn volume(mesh: &footprint::Mesh) -> f64 {
    let at = |i: u32| city_geo::DVec3::from_array(mesh.positions[i as usize]);
    mesh.indices
        .chunks(3)
        .map(|t| {
            let [a, b, c] = [at(t[0]), at(t[1]), at(t[2])];
            let normal = mesh.normals[t[0] as usize].map(f64::from);
            assert!(
                (b - a)
                    .cross(c - a)
                    .normalize()
                    .dot(city_geo::DVec3::from_array(normal))
                    > 0.999
            );
            a.dot(b.cross(c)) / 6.0
        })
        .sum()
}

#[test]
fn an_extruded_outline_has_walls_and_a_roof_that_look_outward() {
    let anchor = Geodetic::from_degrees(114.17, 22.29, 5.0);
    for clockwise in [false, true] {
        let mut outline = yard();
        if clockwise {
            outline.exterior_mut(|ring| ring.0.reverse());
        }
        // The floor would lie in the plane of the anchor and add nothing to the volume.
        let mesh = extrude(&outline, anchor, 5.0, 20.0).unwrap();
        assert_eq!(
            (mesh.positions.len(), mesh.indices.len(), mesh.wall_indices),
            (20, 30, 24)
        );
        assert!(
            (volume(&mesh) - 100_000.0).abs() < 10.0,
            "{}",
            volume(&mesh)
        );
    }
    let x = |e: f64| 114.17 + e * 1e-4;
    let y = |n: f64| 22.29 + n * 1e-4;
    let ring = polygon![
        exterior: [(x: x(0.0), y: y(0.0)), (x: x(9.0), y: y(0.0)), (x: x(9.0), y: y(9.0)), (x: x(0.0), y: y(9.0))],
        interiors: [[(x: x(3.0), y: y(3.0)), (x: x(3.0), y: y(6.0)), (x: x(6.0), y: y(6.0)), (x: x(6.0), y: y(3.0))]],
    ];
    let mesh = extrude(&ring, anchor, 5.0, 20.0).unwrap();
    let expected = area_m2(&ring) * 20.0;
    assert!(
        (volume(&mesh) / expected - 1.0).abs() < 1e-3,
        "{} {expected}",
        volume(&mesh)
    );
    let bow = polygon![(x: 0.0, y: 0.0), (x: 0.1, y: 0.1), (x: 0.1, y: 0.0), (x: 0.0, y: 0.1)];
    assert!(extrude(&bow, anchor, 0.0, 1.0).is_err());
}
