//! What stands in an area that a plan clears and that the plan cannot hide by its name: trees, and everything in cities
//! that have no list of what stands in them.

use city_geo::Geodetic;
use city_scene::scenario::{HiddenArea, Plan, footprint};
use city_tiles::prepared::{NO_FEATURE, PreparedTile};
use geo_types::Polygon;
use glam::{DVec3, Vec3};

use crate::frame::SceneFrame;
use crate::render::{CityMesh, Placement};

/// So far outside of an area's corners a tile may end that has something in it, metres: corners are looked up at the
/// height of the ellipsoid.
const BESIDE_M: f64 = 30.0;

/// The areas of a plan.
pub(super) struct Areas<'p> {
    areas: Vec<(&'p Polygon<f64>, DVec3, DVec3)>,
}

impl<'p> Areas<'p> {
    pub fn of(plan: &'p Plan, frame: &SceneFrame) -> Self {
        let with_bounds = |HiddenArea { polygon, .. }: &'p HiddenArea| {
            let corners = polygon.exterior().coords();
            let corners = corners.map(|c| frame.local(Geodetic::from_degrees(c.x, c.y, 0.0)));
            let (low, high) = bounds(corners);
            (polygon, low - BESIDE_M, high + BESIDE_M)
        };
        Self {
            areas: plan.hidden_areas.iter().map(with_bounds).collect(),
        }
    }

    /// Features of a mesh whose middle lies in an area, without those that `is_named` says are hidden by their name;
    /// ascending.
    pub fn features_in(
        &self,
        mesh: &CityMesh,
        placement: &Placement,
        frame: &SceneFrame,
        is_named: &dyn Fn(u32) -> bool,
    ) -> Vec<u32> {
        let reach = self.reaching(mesh, placement);
        if reach.is_empty() || mesh.0.features.is_empty() {
            return Vec::new();
        }
        let stands_in = |(feature, middle): &(u32, Vec3)| {
            let local = placement
                .local_from_mesh
                .transform_point3(middle.as_dvec3());
            !is_named(*feature)
                && frame.geodetic(local).is_some_and(|at| {
                    let (lon, lat) = (at.lon_deg(), at.lat_deg());
                    reach.iter().any(|area| footprint::contains(area, lon, lat))
                })
        };
        let inside = middles(&mesh.0).into_iter().filter(stands_in);
        inside.map(|(feature, _)| feature).collect()
    }

    /// The areas that may have something of a mesh in them.
    fn reaching(&self, mesh: &CityMesh, placement: &Placement) -> Vec<&'p Polygon<f64>> {
        let Some((low, high)) = mesh.1.filter(|_| !self.areas.is_empty()) else {
            return Vec::new();
        };
        let corners = (0..8).map(|corner| {
            let pick = |axis: usize| {
                let from = if corner & (1 << axis) == 0 { low } else { high };
                f64::from(from[axis])
            };
            let corner = DVec3::new(pick(0), pick(1), pick(2));
            placement.local_from_mesh.transform_point3(corner)
        });
        let (low, high) = bounds(corners);
        let meets =
            |a: &DVec3, b: &DVec3| low.x <= b.x && high.x >= a.x && low.y <= b.y && high.y >= a.y;
        let areas = self.areas.iter().filter(|(_, a, b)| meets(a, b));
        areas.map(|(polygon, ..)| *polygon).collect()
    }
}

fn bounds(points: impl Iterator<Item = DVec3>) -> (DVec3, DVec3) {
    points.fold(
        (DVec3::INFINITY, DVec3::NEG_INFINITY),
        |(low, high), point| (low.min(point), high.max(point)),
    )
}

/// The middle of each feature that is drawn, in the mesh's own frame; by feature.
fn middles(tile: &PreparedTile) -> Vec<(u32, Vec3)> {
    let mut boxes = vec![None; tile.features.len() as usize];
    for vertex in tile.primitives.iter().flat_map(|p| &p.vertices) {
        if vertex.feature == NO_FEATURE {
            continue;
        }
        if let Some(known) = boxes.get_mut(vertex.feature as usize) {
            let at = Vec3::from_array(vertex.position);
            let (low, high) = known.unwrap_or((at, at));
            *known = Some((low.min(at), high.max(at)));
        }
    }
    let boxes = boxes.into_iter().enumerate();
    boxes
        .filter_map(|(feature, known)| {
            let (low, high) = known?;
            Some((feature as u32, (low + high) * 0.5))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use city_geo::LocalFrame;
    use city_tiles::metadata::FeatureTable;
    use city_tiles::prepared::{PreparedPrimitive, Topology, Vertex};
    use geo_types::{LineString, polygon};

    use super::*;

    const HOME: (f64, f64) = (114.17, 22.29);

    fn frame() -> SceneFrame {
        SceneFrame::at(Geodetic::from_degrees(HOME.0, HOME.1, 0.0))
    }

    /// Trees so many metres to the east, on a lawn.
    fn trees(east_m: &[f32]) -> CityMesh {
        let corner = |feature: u32, east: f32, up: f32| Vertex {
            position: [east, 0.0, up],
            normal: [0, 0, 127, 0],
            color: [255; 4],
            uv: [0.0; 2],
            feature,
        };
        let mut vertices = vec![
            corner(NO_FEATURE, -500.0, 0.0),
            corner(NO_FEATURE, 500.0, 0.0),
            corner(NO_FEATURE, 0.0, 1.0),
        ];
        for (feature, east) in east_m.iter().enumerate() {
            let feature = feature as u32;
            vertices.extend(
                [(-3.0, 2.0), (3.0, 2.0), (0.0, 8.0)].map(|(x, up)| corner(feature, east + x, up)),
            );
        }
        let mut features = FeatureTable::default();
        features.push_block(east_m.len() as u32, None, Some("tree".to_owned()));
        CityMesh::new(PreparedTile {
            primitives: vec![PreparedPrimitive {
                topology: Topology::Triangles,
                indices: (0..vertices.len() as u32).collect(),
                vertices,
                material: 0,
                has_normals: true,
            }],
            features,
            ..Default::default()
        })
    }

    /// A square from so far east to so far east, 40 m high.
    fn square(west_m: f64, east_m: f64) -> Polygon<f64> {
        let lon = |m: f64| HOME.0 + m / 103_066.0;
        let lat = |m: f64| HOME.1 + m / 110_700.0;
        polygon![
            (x: lon(west_m), y: lat(-20.0)), (x: lon(east_m), y: lat(-20.0)),
            (x: lon(east_m), y: lat(20.0)), (x: lon(west_m), y: lat(20.0)),
        ]
    }

    fn hidden(mesh: &CityMesh, plan: &Plan, is_named: &dyn Fn(u32) -> bool) -> Vec<u32> {
        let frame = frame();
        let at = Geodetic::from_degrees(HOME.0, HOME.1, 0.0);
        let placement = Placement {
            local_from_mesh: frame.local_from_ecef * LocalFrame::enu(at).ecef_from_local(),
        };
        Areas::of(plan, &frame).features_in(mesh, &placement, &frame, is_named)
    }

    #[test]
    fn the_trees_in_an_area_go_and_the_lawn_and_the_others_stay() {
        let mesh = trees(&[-60.0, 0.0, 24.0, 60.0]);
        let area = |polygon| HiddenArea {
            polygon,
            origin: "op-1".to_owned(),
        };
        let mut plan = Plan::default();
        assert!(hidden(&mesh, &plan, &|_| false).is_empty());
        plan.hidden_areas.push(area(square(-25.0, 25.0)));
        assert_eq!(hidden(&mesh, &plan, &|_| false), [1, 2]);
        assert_eq!(hidden(&mesh, &plan, &|feature| feature == 1), [2]);
        plan.hidden_areas.push(area(square(55.0, 65.0)));
        assert_eq!(hidden(&mesh, &plan, &|_| false), [1, 2, 3]);
        // One that is far away is not looked at, one with a hole leaves what is in it.
        plan.hidden_areas = vec![area(square(9_000.0, 9_100.0))];
        assert!(hidden(&mesh, &plan, &|_| false).is_empty());
        let hole: LineString<f64> = square(-10.0, 10.0).exterior().clone();
        let ring = square(-25.0, 25.0).exterior().clone();
        plan.hidden_areas = vec![area(Polygon::new(ring, vec![hole]))];
        assert_eq!(hidden(&mesh, &plan, &|_| false), [2]);
    }
}
