use super::*;
use crate::prepared::{PreparedPrimitive, Vertex};
use proptest::prelude::*;

fn vertex(position: [f32; 3], feature: u32) -> Vertex {
    Vertex {
        position,
        normal: [-127, 0, 0, 0],
        color: [255; 4],
        uv: [0.0; 2],
        feature,
    }
}

/// A wall across the x axis, from -5 to 5 m in y and 0 to 10 m in z.
fn wall(feature: u32, x: f32) -> PreparedPrimitive {
    let corners = [
        [x, -5.0, 0.0],
        [x, 5.0, 0.0],
        [x, 5.0, 10.0],
        [x, -5.0, 10.0],
    ];
    PreparedPrimitive {
        topology: Topology::Triangles,
        vertices: corners.map(|at| vertex(at, feature)).to_vec(),
        indices: vec![0, 1, 2, 0, 2, 3],
        material: 0,
        has_normals: true,
    }
}

fn tile(primitives: Vec<PreparedPrimitive>) -> PreparedTile {
    PreparedTile {
        primitives,
        ..Default::default()
    }
}

fn candidate<'a>(tile: &'a PreparedTile, at: DVec3, hidden: &'a [u32]) -> Candidate<'a, u8> {
    Candidate {
        key: 1,
        tile,
        bounds: (tile.bounds()).map(|(low, high)| (low.into(), high.into())),
        local_from_mesh: DMat4::from_translation(at),
        hidden,
    }
}

#[test]
fn a_point_of_a_triangle_is_told_by_its_corners() {
    let tile = tile(vec![wall(0, 4.0)]);
    // Corners at (-5, 0), (5, 0), (5, 10) in y and z.
    let at = |y: f32, z: f32| weights(&tile, 0, [0, 1, 2], Vec3::new(4.0, y, z)).unwrap();
    let near = |a: [f32; 3], b: [f32; 3]| (0..3).all(|i| (a[i] - b[i]).abs() < 1e-5);
    assert!(near(at(-5.0, 0.0), [1.0, 0.0, 0.0]));
    assert!(near(at(5.0, 0.0), [0.0, 1.0, 0.0]));
    assert!(near(at(5.0, 10.0), [0.0, 0.0, 1.0]));
    assert!(near(at(2.5, 5.0), [0.25, 0.25, 0.5]));
    assert!(weights(&tile, 1, [0, 1, 2], Vec3::ZERO).is_none());
}

#[test]
fn triangles_are_counted_through_their_primitives() {
    let tile = tile(vec![wall(7, 4.0), wall(3, 2.0)]);
    let of = |triangle| feature_of(&tile, triangle, Vec3::ZERO);
    let found = [0, 1, 2, 3, 4].map(of);
    assert_eq!(found, [Some(7), Some(7), Some(3), Some(3), None]);
}

#[test]
fn what_is_cut_away_lets_the_ray_through() {
    let tile = tile(vec![wall(7, 4.0), wall(3, 2.0)]);
    let clip = |x: f64| Clip {
        planes: vec![city_geo::ClipPlane::through(DVec3::X * x, DVec3::X)],
        ..Clip::default()
    };
    let eye = DVec3::new(-10.0, 0.0, 5.0);
    let met = |x: f64| {
        let all = [candidate(&tile, DVec3::ZERO, &[])].into_iter();
        first_hit(eye, DVec3::X, Some(&clip(x)), all).and_then(|hit| hit.feature)
    };
    assert_eq!([met(0.0), met(3.0), met(5.0)], [Some(3), Some(7), None]);
}

#[test]
fn the_nearer_wall_wins_far_from_the_origin() {
    let tile = tile(vec![wall(7, 4.0), wall(3, 2.0)]);
    let at = DVec3::new(20_000.0, -9_000.0, 40.0);
    let eye = DVec3::new(19_990.0, -9_000.0, 45.0);
    let look = |eye, direction, hidden| {
        first_hit(
            eye,
            direction,
            None,
            [candidate(&tile, at, hidden)].into_iter(),
        )
    };
    let hit = look(eye, DVec3::X, &[]).unwrap();
    assert_eq!(hit.feature, Some(3));
    assert!((hit.distance_m - 12.0).abs() < 1e-3);
    assert!(look(eye, DVec3::NEG_X, &[]).is_none());
    let behind = look(eye, DVec3::X, &[3]).unwrap();
    assert_eq!(behind.feature, Some(7), "what is hidden is seen through");
    assert!(look(eye + DVec3::Z * 20.0, DVec3::X, &[]).is_none());
}

#[test]
fn the_nearest_of_several_tiles_wins_in_any_order() {
    let (near, far) = (tile(vec![wall(1, 0.0)]), tile(vec![wall(2, 0.0)]));
    // The far one is large: its bounds are entered first.
    let large = tile(vec![wall(4, 300.0), wall(5, -30.0)]);
    let at = |x: f64| DVec3::new(x, 0.0, -5.0);
    let all = [
        candidate(&far, at(200.0), &[]),
        candidate(&large, at(50.0), &[5]),
        candidate(&near, at(100.0), &[]),
    ];
    for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2], [1, 2, 0]] {
        let hit = first_hit(
            DVec3::ZERO,
            DVec3::X,
            None,
            order.into_iter().map(|i| all[i]),
        )
        .unwrap();
        assert_eq!(hit.feature, Some(1), "{order:?}");
        assert!((hit.distance_m - 100.0).abs() < 1e-3);
    }
}

prop_compose! {
    fn soup()(corners in prop::collection::vec(prop::array::uniform3(-50_f32..50.0), 3..900)) -> PreparedTile {
        let triangles = corners.len() / 3;
        tile(vec![PreparedPrimitive {
            topology: Topology::Triangles,
            vertices: (0..).zip(&corners).map(|(i, at)| vertex(*at, i / 3)).collect(),
            indices: (0..triangles as u32 * 3).collect(),
            material: 0,
            has_normals: true,
        }])
    }
}

proptest! {
    /// Boxes make a ray faster and change nothing.
    #[test]
    fn boxes_hide_nothing(
        bare in soup(),
        origin in prop::array::uniform3(-90_f64..90.0),
        toward in prop::array::uniform3(-60_f64..60.0),
        axis in 0_usize..4,
    ) {
        let origin = DVec3::from(origin);
        // Along an axis too, where a box has infinite slopes.
        let direction = match axis {
            0 => DVec3::X,
            1 => DVec3::NEG_Z,
            _ => (DVec3::from(toward) - origin).normalize_or(DVec3::Y),
        };
        let mut boxed = bare.clone();
        boxed.make_boxes();
        prop_assert!(boxed.boxes.fit(&boxed.primitives));
        let look = |tile: &PreparedTile| {
            first_hit(origin, direction, None, [candidate(tile, DVec3::ZERO, &[])].into_iter())
        };
        prop_assert_eq!(look(&bare), look(&boxed));
        prop_assert_eq!(bare.bounds(), boxed.bounds());
    }
}
