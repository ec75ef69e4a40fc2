//! Volumes and errors of tiles made by subdivision.

use city_geo::{BoundingVolume, DMat3, DVec3, OrientedBox, Region};

use super::Coord;
use crate::tileset::Subdivision;

/// The volume of an implicit tile, from the implicit root's; `None` for a sphere, which does not divide.
///
/// Boxes divide along their own axes, regions in longitude, latitude and (octrees only) height. A region that
/// crosses the antimeridian (west > east) stays one.
pub fn divided_volume(
    root: &BoundingVolume,
    subdivision: Subdivision,
    coord: Coord,
) -> Option<BoundingVolume> {
    // 2⁻ˡ is exact in f64, and so are the shares.
    let share = 0.5f64.powi(i32::try_from(coord.level).unwrap_or(i32::MAX));
    let octree = subdivision == Subdivision::Octree;
    match root {
        BoundingVolume::Box(b) => {
            let middle = |at: u32| (2.0 * f64::from(at) + 1.0) * share - 1.0;
            let (z_share, z_middle) = if octree {
                (share, middle(coord.z))
            } else {
                (1.0, 0.0)
            };
            let axes = b.half_axes;
            Some(BoundingVolume::Box(OrientedBox {
                center: b.center + axes * DVec3::new(middle(coord.x), middle(coord.y), z_middle),
                half_axes: DMat3::from_cols(
                    axes.x_axis * share,
                    axes.y_axis * share,
                    axes.z_axis * z_share,
                ),
            }))
        }
        BoundingVolume::Region(r) => {
            let (width, height) = (r.width_rad(), r.north - r.south);
            let wrap = |lon: f64| {
                if lon > std::f64::consts::PI {
                    lon - std::f64::consts::TAU
                } else {
                    lon
                }
            };
            let at = |start: f64, size: f64, index: u32| start + size * share * f64::from(index);
            let last = |index: u32| f64::from(index + 1) * share >= 1.0;
            let depth = r.max_height_m - r.min_height_m;
            let (min_height_m, max_height_m) = if octree {
                (
                    at(r.min_height_m, depth, coord.z),
                    at(r.min_height_m, depth, coord.z + 1),
                )
            } else {
                (r.min_height_m, r.max_height_m)
            };
            Some(BoundingVolume::Region(Region {
                west: wrap(at(r.west, width, coord.x)),
                // The last tile ends exactly where the root does, whatever rounding says.
                east: if last(coord.x) {
                    r.east
                } else {
                    wrap(at(r.west, width, coord.x + 1))
                },
                south: at(r.south, height, coord.y),
                north: if last(coord.y) {
                    r.north
                } else {
                    at(r.south, height, coord.y + 1)
                },
                min_height_m,
                max_height_m,
            }))
        }
        BoundingVolume::Sphere(_) => None,
    }
}

/// The geometric error of an implicit tile: halved at each level.
pub fn divided_error(root_error: f64, level: u32) -> f64 {
    root_error * 0.5f64.powi(i32::try_from(level).unwrap_or(i32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_divides_along_its_axes() {
        let root = BoundingVolume::Box(OrientedBox {
            center: DVec3::new(10.0, 20.0, 30.0),
            half_axes: DMat3::from_diagonal(DVec3::new(8.0, 4.0, 2.0)),
        });
        let coord = Coord {
            level: 2,
            x: 3,
            y: 0,
            z: 0,
        };
        let Some(BoundingVolume::Box(quad)) = divided_volume(&root, Subdivision::Quadtree, coord)
        else {
            panic!()
        };
        assert_eq!(quad.center.to_array(), [16.0, 17.0, 30.0]);
        assert_eq!(quad.half_axes.z_axis.z, 2.0);
        let Some(BoundingVolume::Box(oct)) = divided_volume(&root, Subdivision::Octree, coord)
        else {
            panic!()
        };
        assert_eq!(oct.center.z, 28.5);
        assert_eq!(oct.half_axes.z_axis.z, 0.5);
    }

    #[test]
    fn a_region_divides_and_may_cross_the_antimeridian() {
        let root = BoundingVolume::Region(Region {
            west: 3.0,
            south: 0.0,
            east: -3.0,
            north: 0.4,
            min_height_m: 0.0,
            max_height_m: 100.0,
        });
        let tile = |x| match divided_volume(
            &root,
            Subdivision::Quadtree,
            Coord {
                level: 1,
                x,
                y: 1,
                z: 0,
            },
        ) {
            Some(BoundingVolume::Region(r)) => r,
            _ => panic!(),
        };
        let (left, right) = (tile(0), tile(1));
        assert_eq!((left.west, right.east), (3.0, -3.0));
        assert!((left.east.abs() - std::f64::consts::PI).abs() < 1e-9);
        assert_eq!(
            (left.south, left.north, left.max_height_m),
            (0.2, 0.4, 100.0)
        );
        assert_eq!(divided_error(64.0, 3), 8.0);
    }
}
