//! Buildings at the water that belong to no block: the hall on its own quay, the
//! clock tower, the arts centre and the cruise terminal.

use glam::DVec2;

use super::building::{Use, Volume, Wall};
use super::districts;
use super::massing::{Built, Draft, FOUNDATION_M, Land};
use super::names::Name;
use super::shapes::{Pose, scaled};
use crate::rng::Rng;

/// Ground that a waterfront building may stand on: dry, whatever the streets.
fn ground(land: &Land<'_>, ring: &[DVec2]) -> Option<f64> {
    let dry = ring.iter().all(|p| {
        land.terrain.shore(*p) > super::massing::SHORE_M && land.terrain.domain.contains(*p, 5.0)
    });
    let low = ring
        .iter()
        .map(|p| land.terrain.height(*p))
        .fold(f64::INFINITY, f64::min);
    (dry && land.network.clearance_m(ring) > 0.0).then_some(low)
}

/// Wings of a hall: shells that rise towards the water, one above the other.
fn shells(pose: Pose, ground_m: f64) -> Vec<Volume> {
    let mut volumes = vec![
        Volume::prism(
            pose.rectangle(190.0, 84.0),
            ground_m - FOUNDATION_M,
            ground_m + 21.0,
            2,
        ),
        Volume::prism(
            pose.moved(0.0, 4.0).oval(150.0, 66.0, 20),
            ground_m + 20.5,
            ground_m + 33.0,
            2,
        ),
    ];
    for (shift, lift, width) in [(-10.0, 0.0, 176.0), (10.0, 8.0, 132.0), (28.0, 15.0, 84.0)] {
        for side in [-1.0, 1.0] {
            let wing = pose.moved(side * width * 0.25, shift);
            let ring = wing.rectangle(width * 0.5, 36.0);
            let (near, far) = (ground_m + 30.0 + lift, ground_m + 44.0 + lift);
            let top = ring.iter().map(|p| {
                let across = ((*p - pose.centre).dot(pose.axis) / width * 2.0).abs();
                let out = (*p - wing.centre).dot(pose.axis.perp()) / 18.0;
                p.extend(near + (far - near) * (0.5 + 0.5 * out) - 15.0 * across * across)
            });
            let top: Vec<_> = top.collect();
            volumes.push(Volume {
                top,
                ..Volume::prism(ring, ground_m + 20.0, far, 2).walled(Wall::Roof)
            });
        }
    }
    volumes
}

fn clock_tower(pose: Pose, ground_m: f64) -> Vec<Volume> {
    let square = |side: f64| pose.rectangle(side, side);
    vec![
        Volume::prism(square(9.0), ground_m - FOUNDATION_M, ground_m + 34.0, 2),
        Volume::prism(square(10.0), ground_m + 33.5, ground_m + 38.0, 2).walled(Wall::Plain),
        Volume::prism(pose.oval(6.0, 6.0, 8), ground_m + 38.0, ground_m + 44.0, 1)
            .walled(Wall::Plain),
        Volume::tapered(
            pose.oval(6.6, 6.6, 8),
            &pose.oval(0.3, 0.3, 8),
            ground_m + 44.0,
            ground_m + 50.0,
            1,
        )
        .walled(Wall::Roof),
    ]
}

fn arts_centre(pose: Pose, ground_m: f64) -> Vec<Volume> {
    // The roof sweeps up to both ends.
    let halves = [-27.5, 27.5].map(|x| {
        let half = pose.moved(x, 0.0).rectangle(55.0, 52.0);
        let top = half.iter().map(|p| {
            let x = (*p - pose.centre).dot(pose.axis) / 55.0;
            p.extend(ground_m + 14.0 + 22.0 * x * x)
        });
        Volume {
            top: top.collect(),
            ..Volume::prism(half.clone(), ground_m - FOUNDATION_M, ground_m, 2).walled(Wall::Plain)
        }
    });
    halves.into_iter().collect()
}

fn terminal(pose: Pose, ground_m: f64) -> Vec<Volume> {
    let ring = pose.rectangle(430.0, 62.0);
    let roof = pose.chamfered(424.0, 56.0, 20.0);
    vec![
        Volume::prism(ring, ground_m - FOUNDATION_M, ground_m + 22.0, 2).with_parapet(),
        Volume::tapered(
            roof.clone(),
            &scaled(&roof, 0.82),
            ground_m + 21.0,
            ground_m + 29.0,
            1,
        ),
        Volume::prism(
            pose.moved(-150.0, 0.0).rectangle(60.0, 40.0),
            ground_m + 21.0,
            ground_m + 36.0,
            1,
        ),
    ]
}

type Plan = fn(Pose, f64) -> Vec<Volume>;

/// Name, place, direction of its length, footprint, plan, use and year.
const SITES: [(
    (&str, &str, &str),
    (f64, f64),
    (f64, f64),
    (f64, f64),
    Plan,
    Use,
    i64,
); 4] = [
    (
        ("Harbour Hall", "海港會展中心", "海港会展中心"),
        (-40.0, -292.0),
        (1.0, 0.0),
        (190.0, 84.0),
        shells,
        Use::Leisure,
        1997,
    ),
    (
        ("Clock Tower", "鐘樓", "钟楼"),
        (-620.0, 405.0),
        (1.0, 0.0),
        (9.0, 9.0),
        clock_tower,
        Use::Leisure,
        1921,
    ),
    (
        ("Arts Centre", "演藝中心", "演艺中心"),
        (-520.0, 345.0),
        (0.95, -0.2),
        (110.0, 52.0),
        arts_centre,
        Use::Leisure,
        1989,
    ),
    (
        ("Cruise Terminal", "郵輪碼頭", "邮轮码头"),
        (3640.0, 712.0),
        (0.86, -0.52),
        (430.0, 62.0),
        terminal,
        Use::Transport,
        2013,
    ),
];

/// Builds what fits.
#[must_use]
pub fn build(land: &Land<'_>, rng: &mut Rng) -> Built {
    let mut built = Built::default();
    for ((en, hant, hans), (x, y), (ax, ay), (w, d), plan, usage, year) in SITES {
        let pose = Pose {
            centre: DVec2::new(x, y),
            axis: DVec2::new(ax, ay).normalize_or(DVec2::X),
        };
        let Some(ground_m) = ground(land, &pose.rectangle(w, d)) else {
            built.refused += 1;
            continue;
        };
        let draft = Draft {
            name: Name::new(en, hant, hans),
            usage,
            pose,
            ground_m,
            volumes: plan(pose, ground_m),
            colors: ([196, 192, 184], [150, 156, 160]),
            year,
            landmark: true,
        };
        built
            .buildings
            .push(draft.build(districts::at(pose.centre), None, rng));
    }
    built
}
