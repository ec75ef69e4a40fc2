//! Parks, schools, hospitals, public buildings and the stadium.

use super::{Built, Cover, CoverKind, Draft, FOUNDATION_M, Land, block_name, roof_top, tone};
use crate::city::blocks::Block;
use crate::city::building::{Use, Volume, Wall};
use crate::city::districts::DISTRICTS;
use crate::city::shapes::{Pose, scaled};
use crate::geom;
use crate::rng::Rng;

const PUBLIC: &[[u8; 3]] = &[
    [191, 186, 176],
    [176, 172, 167],
    [163, 159, 156],
    [184, 174, 163],
];
const GREY: &[[u8; 3]] = &[[132, 130, 126], [118, 118, 116], [104, 118, 100]];

fn draft(
    name: super::Name,
    usage: Use,
    pose: Pose,
    ground_m: f64,
    volumes: Vec<Volume>,
    rng: &mut Rng,
) -> Draft {
    Draft {
        name,
        usage,
        pose,
        ground_m,
        volumes,
        colors: (tone(PUBLIC, rng), tone(GREY, rng)),
        year: rng.int(1955, 2022),
        landmark: false,
    }
}

/// A park.
#[must_use]
pub fn park(block: &Block, rng: &mut Rng) -> Built {
    let mut built = Built::default();
    built.covers.push(Cover {
        ring: block.quad.to_vec(),
        kind: CoverKind::Park,
    });
    built.plant(&block.quad, 75.0, rng);
    // A clearing in the middle, round, as large as the park allows.
    let (w, d) = geom::size(&block.quad);
    let pose = Pose::of(&block.quad);
    if w.min(d) > 50.0 && block.slope < 0.08 {
        let r = w.min(d) * rng.range(0.16, 0.24);
        built
            .trees
            .retain(|t| (t.p - pose.centre).length() > r + 2.0);
        built.covers.push(Cover {
            ring: pose.oval(r * 2.0, r * 2.0, 16),
            kind: if rng.chance(0.6) {
                CoverKind::Pitch
            } else {
                CoverKind::Plaza
            },
        });
    }
    built
}

/// A school round two sides of its pitch.
#[must_use]
pub fn school(land: &Land<'_>, block: &Block, rng: &mut Rng) -> Built {
    let mut built = Built::default();
    built.covers.push(Cover {
        ring: block.quad.to_vec(),
        kind: CoverKind::Garden,
    });
    let (w, d) = geom::size(&block.quad);
    let whole = Pose::of(&block.quad);
    let (w, d) = (w.min(110.0), d.min(90.0));
    let bar = 13.0_f64.min(d * 0.4);
    let ring = whole.ell(w * 0.86, d * 0.84, bar);
    if let Some(ground_m) = land.ground(&ring) {
        let top = ground_m + rng.range(5.0, 7.9).floor() * 3.6;
        let mut volumes = vec![Volume::prism(ring, ground_m - FOUNDATION_M, top, 2).with_parapet()];
        let hall = whole
            .moved(-w * 0.43 + bar * 0.5, d * 0.3)
            .rectangle(bar * 0.7, bar * 0.6);
        volumes.push(Volume::prism(hall, top - 1.0, top + 3.5, 0).walled(Wall::Plain));
        let kind = if rng.chance(0.5) {
            ("School", "學校", "学校")
        } else {
            ("College", "書院", "书院")
        };
        let name = block_name(land, block, kind);
        let school = draft(name, Use::School, whole, ground_m, volumes, rng);
        built
            .buildings
            .push(school.build(block.district, Some(block.id), rng));
        let (pw, pd) = (w * 0.86 - bar - 8.0, d * 0.84 - bar - 8.0);
        if pw > 14.0 && pd > 12.0 {
            let pitch = whole.moved(bar * 0.5 + 2.0, bar * 0.5 + 2.0);
            built.covers.push(Cover {
                ring: pitch.rectangle(pw, pd),
                kind: CoverKind::Track,
            });
            built.covers.push(Cover {
                ring: pitch.rectangle(pw - 8.0, pd - 8.0),
                kind: CoverKind::Pitch,
            });
        }
    } else {
        built.refused += 1;
        built.plant(&block.quad, 120.0, rng);
    }
    built
}

/// Ward blocks on a broad base, with a helicopter deck.
#[must_use]
pub fn hospital(land: &Land<'_>, block: &Block, rng: &mut Rng) -> Built {
    let mut built = Built::default();
    built.covers.push(Cover {
        ring: block.quad.to_vec(),
        kind: CoverKind::Garden,
    });
    let (w, d) = geom::size(&block.quad);
    let pose = Pose::of(&block.quad);
    let (w, d) = (w.min(150.0) * 0.84, d.min(120.0) * 0.8);
    let base = pose.rectangle(w, d);
    let Some(ground_m) = land.ground(&base) else {
        built.refused += 1;
        return park(block, rng);
    };
    let podium = ground_m + 13.0;
    let mut volumes = vec![Volume::prism(base, ground_m - FOUNDATION_M, podium, 2).with_parapet()];
    let wards = (w / 34.0).floor().clamp(1.0, 3.0) as u32;
    for i in 0..wards {
        let x = (f64::from(i) + 0.5) / f64::from(wards) - 0.5;
        let ward =
            pose.moved(x * w, 0.0)
                .aitch((w / f64::from(wards) - 9.0).min(40.0), d * 0.82, 0.34);
        let top = podium + rng.range(7.0, 15.9).floor() * 4.2;
        volumes.push(Volume::prism(ward.clone(), podium - 0.5, top, 2).with_parapet());
        if i == 0 {
            let deck = pose.moved(x * w, 0.0).oval(19.0, 19.0, 12);
            volumes.push(Volume::prism(deck, top - 0.5, top + 3.0, 0).walled(Wall::Roof));
        } else {
            roof_top(&ward, top, pose, rng, &mut volumes);
        }
    }
    let name = DISTRICTS[block.district]
        .name()
        .with(("Hospital", "醫院", "医院"));
    let hospital = Draft {
        landmark: true,
        ..draft(name, Use::Hospital, pose, ground_m, volumes, rng)
    };
    built
        .buildings
        .push(hospital.build(block.district, Some(block.id), rng));
    built.plant(&block.quad, 420.0, rng);
    let keep = built.buildings[0].volumes[0].ring.clone();
    built
        .trees
        .retain(|t| !geom::contains(&scaled(&keep, 1.06), t.p));
    built
}

/// A public building in its square.
#[must_use]
pub fn public(land: &Land<'_>, block: &Block, rng: &mut Rng) -> Built {
    let mut built = Built::default();
    built.covers.push(Cover {
        ring: block.quad.to_vec(),
        kind: CoverKind::Plaza,
    });
    let (w, d) = geom::size(&block.quad);
    let pose = Pose::of(&block.quad);
    let (w, d) = (w.min(120.0) * 0.8, d.min(90.0) * 0.74);
    let kinds = [
        (
            Use::Government,
            ("Government Offices", "政府合署", "政府合署"),
        ),
        (Use::Government, ("Town Hall", "大會堂", "大会堂")),
        (Use::Leisure, ("Museum", "博物館", "博物馆")),
        (Use::Leisure, ("Theatre", "劇院", "剧院")),
        (Use::Leisure, ("Library", "圖書館", "图书馆")),
        (Use::Retail, ("Market", "街市", "街市")),
        (Use::Government, ("Law Courts", "法院", "法院")),
    ];
    let (usage, kind) = kinds[rng.weighted(&[2.0, 1.0, 1.0, 1.0, 1.0, 2.0, 0.7])];
    let ring = match rng.weighted(&[2.0, 1.5, 1.0]) {
        0 => pose.rectangle(w, d),
        1 => pose.chamfered(w, d, d * 0.2),
        _ => pose.oval(w, d, 20),
    };
    let Some(ground_m) = land.ground(&ring) else {
        built.refused += 1;
        return park(block, rng);
    };
    let height = if kind.0 == "Government Offices" {
        rng.range(48.0, 110.0)
    } else {
        rng.range(18.0, 34.0)
    };
    let top = ground_m + height;
    let mut volumes =
        vec![Volume::prism(ring.clone(), ground_m - FOUNDATION_M, top, 2).with_parapet()];
    if height < 40.0 {
        let upper = scaled(&ring, 0.4);
        volumes.push(
            Volume::tapered(
                scaled(&ring, 0.86),
                &upper,
                top - 1.0,
                top + height * 0.3,
                1,
            )
            .walled(Wall::Roof),
        );
    } else {
        roof_top(&ring, top, pose, rng, &mut volumes);
    }
    let name = DISTRICTS[block.district].name().with(kind);
    let civic = Draft {
        landmark: usage != Use::Retail,
        ..draft(name, usage, pose, ground_m, volumes, rng)
    };
    built
        .buildings
        .push(civic.build(block.district, Some(block.id), rng));
    for k in 0..10 {
        let x = (f64::from(k) / 9.0 - 0.5) * w;
        for y in [-d * 0.5 - 7.0, d * 0.5 + 7.0] {
            let p = pose.at(x, y);
            if geom::contains(&block.quad, p) {
                built.trees.push(super::tree(p, rng));
            }
        }
    }
    built
}

/// A bowl of stands round a pitch: wedges that rise outwards.
#[must_use]
pub fn stadium(land: &Land<'_>, block: &Block, rng: &mut Rng) -> Built {
    let mut built = Built::default();
    built.covers.push(Cover {
        ring: block.quad.to_vec(),
        kind: CoverKind::Plaza,
    });
    let (w, d) = geom::size(&block.quad);
    let mut pose = Pose::of(&block.quad);
    let (mut w, mut d) = (w * 0.92, d * 0.92);
    if d > w {
        std::mem::swap(&mut w, &mut d);
        pose.axis = pose.axis.perp();
    }
    let (w, d) = (w.min(250.0), d.min(200.0));
    let outer = pose.oval(w, d, 32);
    let Some(ground_m) = land.ground(&outer) else {
        built.refused += 1;
        return park(block, rng);
    };
    let field = pose.oval(w * 0.58, d * 0.5, 32);
    let crest = d * 0.22;
    let mut volumes = Vec::new();
    for i in 0..32 {
        let j = (i + 1) % 32;
        let ring = vec![outer[i], outer[j], field[j], field[i]];
        // The long sides have the higher stands.
        let lift =
            |k: usize| 0.78 + 0.22 * libm::fabs(libm::sin(k as f64 / 32.0 * std::f64::consts::TAU));
        let top = vec![
            outer[i].extend(ground_m + crest * lift(i)),
            outer[j].extend(ground_m + crest * lift(j)),
            field[j].extend(ground_m + 3.0),
            field[i].extend(ground_m + 3.0),
        ];
        volumes.push(Volume {
            ring,
            base_m: ground_m - FOUNDATION_M,
            top,
            wall: Wall::Plain,
            parapet: false,
            detail: 2,
        });
    }
    let name = DISTRICTS[block.district]
        .name()
        .with(("Stadium", "大球場", "大球场"));
    let bowl = Draft {
        landmark: true,
        year: rng.int(1994, 2025),
        ..draft(name, Use::Leisure, pose, ground_m, volumes, rng)
    };
    built
        .buildings
        .push(bowl.build(block.district, Some(block.id), rng));
    built.covers.push(Cover {
        ring: field,
        kind: CoverKind::Track,
    });
    built.covers.push(Cover {
        ring: pose.oval(w * 0.5, d * 0.4, 24),
        kind: CoverKind::Pitch,
    });
    built
}
