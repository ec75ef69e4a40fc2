//! Selecting what is seen in a shape, by what is really drawn; hiding and colouring it.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use belvedere::app::QualityChoice;
use belvedere::camera_control::CameraLed;
use belvedere::clipping::{Clipping, CutPlane};
use belvedere::headless::Headless;
use belvedere::marking::Marks;
use belvedere::picking::region::{RegionRequest, RegionStats, RegionTool, Shape};
use belvedere::picking::{AlsoSelected, How, Selection, pick_feature, pixel_ray};
use belvedere::render::{CityMesh, CityView, LineSet, Placement, Shown, Style};
use belvedere::tiles::{OpenTileset, TileOf, TileTotals, TilesetSource};
use bevy::ecs::entity::Entity;
use city_geo::Geodetic;
use city_tiles::metadata::{Column, ColumnValues, PropertyTable};
use city_tiles::prepared::{PreparedMaterial, PreparedPrimitive, PreparedTile, Topology, Vertex};
use city_tiles::stream::TileId;
use glam::{DMat4, DVec2, DVec3};

const SIZE: [u32; 2] = [400, 200];

/// Upright squares of 20 m that look south: east, north and grey.
fn squares(places: &[[f32; 2]]) -> PreparedTile {
    let mut primitive = PreparedPrimitive {
        topology: Topology::Triangles,
        vertices: Vec::new(),
        indices: Vec::new(),
        material: 0,
        has_normals: true,
    };
    for (feature, [east, north]) in (0..).zip(places) {
        let first = primitive.vertices.len() as u32;
        for [x, z] in [[-10.0, -10.0], [10.0, -10.0], [10.0, 10.0], [-10.0, 10.0]] {
            primitive.vertices.push(Vertex {
                position: [east + x, *north, z],
                normal: [0, -127, 0, 0],
                color: [200, 200, 200, 255],
                uv: [0.0; 2],
                feature,
            });
        }
        primitive
            .indices
            .extend([0, 1, 2, 0, 2, 3].map(|index| first + index));
    }
    let ids: Vec<String> = (0..places.len()).map(|n| format!("b{n}")).collect();
    let mut ends = Vec::new();
    for id in &ids {
        ends.push(ends.last().unwrap_or(&0) + id.len() as u32);
    }
    let mut tile = PreparedTile {
        primitives: vec![primitive],
        materials: vec![PreparedMaterial {
            unlit: true,
            double_sided: true,
            ..PreparedMaterial::default()
        }],
        ..PreparedTile::default()
    };
    tile.features.tables.push(PropertyTable {
        count: places.len() as u32,
        columns: vec![Column::new(
            "id",
            ColumnValues::Text {
                ends,
                text: ids.concat(),
            },
        )],
        ..PropertyTable::default()
    });
    tile.features.push_block(places.len() as u32, Some(0), None);
    tile
}

/// Three in a row, and one behind the middle.
fn start() -> (Headless, Entity, Entity) {
    let mut headless = Headless::new(SIZE, QualityChoice::Lean).unwrap();
    headless.app.insert_resource(CameraLed);
    headless.set_view(CityView {
        position: DVec3::new(0.0, -60.0, 0.0),
        forward: DVec3::Y,
        up: DVec3::Z,
        ..CityView::default()
    });
    let world = headless.app.world_mut();
    let layer = world
        .spawn(belvedere::styling::TilesetStyle::default())
        .id();
    let places = [[-25.0, 0.0], [0.0, 0.0], [25.0, 0.0], [0.0, 30.0]];
    let of = TileOf {
        layer,
        tile: TileId::from_bits(0),
        content: 0,
    };
    let place = Placement {
        local_from_mesh: DMat4::IDENTITY,
    };
    let mesh = CityMesh::new(squares(&places));
    let mesh = world
        .spawn((mesh, place, Shown(true), Style::default(), of))
        .id();
    for _ in 0..4 {
        headless.frame().unwrap();
    }
    (headless, layer, mesh)
}

fn pixel(east_m: f64, up_m: f64) -> DVec2 {
    let scale = 100.0 / (city_geo::Camera::DEFAULT_FOV_Y_RAD * 0.5).tan() / 60.0;
    DVec2::new(200.0 + east_m * scale, 100.0 - up_m * scale)
}

/// The features that are selected, ascending.
fn drawn(headless: &mut Headless, shape: Option<Shape>, how: How) -> Vec<u32> {
    headless.app.world_mut().write_message(RegionRequest {
        shape,
        viewport_px: SIZE.map(f64::from),
        how,
    });
    for _ in 0..50 {
        headless.frame().unwrap();
        if !headless.app.world().resource::<RegionTool>().is_busy {
            break;
        }
    }
    let world = headless.app.world();
    let all = std::iter::once(world.resource::<Selection>());
    let all = all.chain(&world.resource::<AlsoSelected>().0);
    let mut features: Vec<u32> = all
        .filter_map(|one| match one {
            Selection::Feature { feature, .. } => Some(*feature),
            _ => None,
        })
        .collect();
    features.sort_unstable();
    features
}

#[test]
fn what_is_seen_in_a_shape_is_selected_and_nothing_else() {
    let (mut headless, _, _) = start();
    let left = Shape::Box([pixel(-30.0, 5.0), pixel(-20.0, -5.0)]);
    assert_eq!(drawn(&mut headless, Some(left.clone()), How::Replace), [0]);
    // The one behind the middle is not seen.
    assert_eq!(drawn(&mut headless, None, How::Replace), [0, 1, 2]);
    assert_eq!(
        drawn(&mut headless, Some(left.clone()), How::Remove),
        [1, 2]
    );
    assert_eq!(drawn(&mut headless, Some(left), How::Add), [0, 1, 2]);
    let sky = Shape::Box([pixel(-30.0, 20.0), pixel(30.0, 14.0)]);
    assert!(drawn(&mut headless, Some(sky), How::Replace).is_empty());
    // Around the outer two, over the middle one.
    let lasso = [
        (-30.0, -5.0),
        (-30.0, 14.0),
        (30.0, 14.0),
        (30.0, -5.0),
        (20.0, -5.0),
        (20.0, 12.0),
        (-20.0, 12.0),
        (-20.0, -5.0),
    ];
    let lasso = Shape::Lasso(lasso.map(|(x, z)| pixel(x, z)).to_vec());
    assert_eq!(drawn(&mut headless, Some(lasso), How::Replace), [0, 2]);
    // Each has its outline: one set of lines for the mesh, four for a square.
    headless.frame().unwrap();
    let world = headless.app.world_mut();
    let lines: usize = world
        .query::<&LineSet>()
        .iter(world)
        .map(|set| set.segments.len())
        .sum();
    assert_eq!(lines, 8);
    // What stands before the middle one is cut away, and the one behind it comes into view.
    headless.app.insert_resource(Clipping {
        planes: vec![CutPlane {
            at: Geodetic::from_degrees(0.0, 0.0, 0.0),
            heading_deg: 180.0,
            tilt_deg: 0.0,
            offset_m: -15.0,
            flipped: false,
        }],
        ..Clipping::default()
    });
    headless.frame().unwrap();
    assert_eq!(drawn(&mut headless, None, How::Replace), [3]);
}

#[test]
fn what_is_hidden_and_coloured_by_hand_looks_like_that() {
    let (mut headless, layer, _) = start();
    let mut marks = headless.app.world_mut().resource_mut::<Marks>();
    marks.change([(layer, "b1".to_owned())], |mark| mark.hidden = true);
    marks.change([(layer, "b2".to_owned())], |mark| {
        mark.color = Some([255, 0, 0])
    });
    for _ in 0..6 {
        headless.frame().unwrap();
    }
    let picture = headless.picture().unwrap();
    let at = |east_m: f64| {
        let at = pixel(east_m, 0.0);
        picture.get_pixel(at.x as u32, at.y as u32).0
    };
    let [r, g, b, _] = at(25.0);
    assert!(r > 150 && g < 60 && b < 60, "{r} {g} {b}");
    let [r, g, b, _] = at(-25.0);
    assert!(r.abs_diff(g) < 30 && g.abs_diff(b) < 40, "{r} {g} {b}");
    // Through where the middle one stood the one behind it is seen, and selected.
    assert_eq!(drawn(&mut headless, None, How::Replace), [0, 2, 3]);
    let mut marks = headless.app.world_mut().resource_mut::<Marks>();
    marks.change_all(|mark| mark.hidden = false);
    for _ in 0..4 {
        headless.frame().unwrap();
    }
    assert_eq!(drawn(&mut headless, None, How::Replace), [0, 1, 2]);
}

/// What a shape over the whole picture of the demo city costs, beside rays through every fourth pixel.
#[test]
#[ignore = "measures; needs the demo city"]
fn what_selecting_a_whole_picture_costs() {
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap();
    let url = home.join(".local/share/belvedere/demo/tileset.json");
    let size = [1600, 900];
    let mut headless = Headless::new(size, QualityChoice::Lean).unwrap();
    headless.app.world_mut().write_message(OpenTileset {
        source: TilesetSource {
            name: "demo".into(),
            url: url.display().to_string(),
            ..TilesetSource::default()
        },
        frame_it: true,
        replace: true,
    });
    headless.settle(Duration::from_secs(240)).unwrap();
    headless.app.world_mut().write_message(RegionRequest {
        shape: None,
        viewport_px: size.map(f64::from),
        how: How::Replace,
    });
    loop {
        headless.frame().unwrap();
        if !headless.app.world().resource::<RegionTool>().is_busy {
            break;
        }
    }
    let stats = *headless.app.world().resource::<RegionStats>();
    let triangles = headless.app.world().resource::<TileTotals>().triangles;
    println!("{triangles} triangles: {stats:?}");
    let view = headless.view();
    let world = headless.app.world_mut();
    let mut meshes = world.query::<(Entity, &CityMesh, &Placement, &Shown)>();
    let (mut rays, mut hits) = (0u32, 0u32);
    let began = Instant::now();
    for (x, y) in (0..20).flat_map(|y| (0..20).map(move |x| (x, y))) {
        let at = [f64::from(x) * 80.0 + 2.0, f64::from(y) * 45.0 + 2.0];
        let direction = pixel_ray(&view, at, size.map(f64::from));
        let shown = meshes.iter(world).filter(|(.., shown)| shown.0);
        let shown = shown.map(|(e, m, p, _)| (e, m, p, &[][..]));
        rays += 1;
        hits += u32::from(pick_feature(view.position, direction, None, shown).is_some());
    }
    let ray_ms = began.elapsed().as_secs_f64() * 1e3 / f64::from(rays);
    let all = 1600.0 * 900.0 / 16.0;
    println!(
        "a ray takes {ray_ms:.3} ms ({hits} of {rays} hit): {:.1} s for every fourth pixel both ways",
        ray_ms * all * 1e-3
    );
    assert!(stats.found > 100);
}
