//! Indicators against sums by hand, and hours of sun against shadows in closed form.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use city_geo::{DVec3, Geodetic, LocalFrame};
use city_models::indicators::*;
use city_models::sun::{sun_day, sun_position};
use city_time::{NS_PER_HOUR, NS_PER_MINUTE, SimInstant, Zone};

fn at(text: &str) -> SimInstant {
    SimInstant::parse_rfc3339(text).unwrap()
}

fn building(usage: &str, floor_area_m2: f64, class: Option<EnergyClass>) -> BuildingFacts {
    BuildingFacts {
        id: usage.to_owned(),
        usage: usage.to_owned(),
        storeys: 10,
        floor_area_m2: Some(floor_area_m2),
        height_m: 30.0,
        energy_class: class,
        footprint_m2: 500.0,
    }
}

#[test]
fn sums_are_those_by_hand() {
    let factors = Factors::default();
    let drawn = BuildingFacts {
        floor_area_m2: None,
        ..building("office", 0.0, None)
    };
    let base = totals(
        [building("Residential", 7000.0, Some(EnergyClass::A))],
        &factors,
    );
    let scenario = totals(
        [
            building("Residential", 7000.0, Some(EnergyClass::A)),
            building("Village", 70.0, Some(EnergyClass::G)),
            drawn,
            building("Lighthouse", 100.0, Some(EnergyClass::G)),
        ],
        &factors,
    );
    let all = indicators(&base, &scenario, Some((900.0, 400.0)), &factors, "a list");
    let ids: Vec<&str> = all.iter().map(|i| i.id).collect();
    assert_eq!(
        ids,
        [
            "buildings",
            "floor_area",
            "dwellings",
            "jobs",
            "built_area",
            "green_area",
            "operational_carbon"
        ]
    );
    let of = |id: &str| all.iter().find(|i| i.id == id).unwrap();
    let near = |id: &str, base: f64, value: f64| {
        let found = of(id);
        assert!(
            (found.base_value - base).abs() < 1e-6,
            "{id} {}",
            found.base_value
        );
        assert!((found.value - value).abs() < 1e-6, "{id} {}", found.value);
    };
    near("buildings", 1.0, 4.0);
    near("floor_area", 7000.0, 7000.0 + 70.0 + 5000.0 + 100.0);
    near("dwellings", 100.0, 101.0);
    near("jobs", 0.0, 5000.0 / 18.0);
    near("built_area", 500.0, 2000.0);
    near("green_area", 900.0, 400.0);
    // 40, 260 and 120 × 1.3 kWh/(m² a), 0.4 kg/kWh; what is not a known use has no energy.
    let carbon = |kwh: f64| kwh * 0.4;
    near(
        "operational_carbon",
        carbon(7000.0 * 40.0),
        carbon(7000.0 * 40.0 + 70.0 * 260.0 + 5000.0 * 156.0),
    );
    assert_eq!(of("buildings").difference(), 3.0);
    assert_eq!(of("jobs").relative(), None);
    assert_eq!(of("dwellings").relative(), Some(0.01));
    for indicator in &all {
        assert!(!indicator.method.is_empty() && indicator.name_key.starts_with("indicator-"));
        assert!(indicator.by.validity.contains("screening"));
    }
    for indicator in &all {
        let [first, factors @ ..] = &indicator.sources[..] else {
            panic!("{} has no source", indicator.id)
        };
        assert_eq!(first.from, "a list");
        for factor in factors {
            assert!(factor.of.is_factor() && !factor.values.is_empty());
            assert!(factor.from.starts_with("assumption: "), "{}", factor.from);
        }
    }
    let values = |id: &str| {
        let sources = of(id).sources.iter();
        sources
            .map(|s| s.text(str::to_owned))
            .collect::<Vec<_>>()
            .join("; ")
    };
    assert_eq!(values("dwellings"), "; 70 m²/dwelling");
    assert!(values("jobs").contains("office 18"), "{}", values("jobs"));
    let carbon = values("operational_carbon");
    assert!(
        carbon.contains("A 40")
            && carbon.contains("retail 1.6")
            && carbon.ends_with("0.4 kg CO2e/kWh"),
        "{carbon}"
    );
    assert!(
        indicators(&base, &scenario, None, &factors, "a list")
            .iter()
            .all(|i| i.id != "green_area")
    );
}

#[test]
fn wrong_numbers_add_nothing() {
    let factors = Factors::default();
    let wrong = [f64::NAN, f64::INFINITY, -5.0].map(|area| building("Office", area, None));
    let sum = totals(wrong, &factors);
    assert_eq!(
        (sum.buildings, sum.floor_area_m2, sum.jobs, sum.carbon_kg_a),
        (3.0, 0.0, 0.0, 0.0)
    );
}

/// An upright box in the local frame, without its floor; it begins a metre under the ground, as foundations do.
fn upright(x: [f64; 2], y: [f64; 2], height_m: f64) -> Triangles {
    let p = |i: usize, j: usize, z: f64| DVec3::new(x[i], y[j], z);
    let quads = [
        [
            p(0, 0, -1.0),
            p(1, 0, -1.0),
            p(1, 0, height_m),
            p(0, 0, height_m),
        ],
        [
            p(1, 0, -1.0),
            p(1, 1, -1.0),
            p(1, 1, height_m),
            p(1, 0, height_m),
        ],
        [
            p(1, 1, -1.0),
            p(0, 1, -1.0),
            p(0, 1, height_m),
            p(1, 1, height_m),
        ],
        [
            p(0, 1, -1.0),
            p(0, 0, -1.0),
            p(0, 0, height_m),
            p(0, 1, height_m),
        ],
        [
            p(0, 0, height_m),
            p(1, 0, height_m),
            p(1, 1, height_m),
            p(0, 1, height_m),
        ],
    ];
    Triangles::new(
        quads
            .iter()
            .flat_map(|[a, b, c, d]| [[*a, *b, *c], [*a, *c, *d]]),
    )
}

#[test]
fn an_open_plain_has_the_sun_from_sunrise_to_sunset() {
    let zone = Zone::parse("Asia/Hong_Kong").unwrap();
    let place = Geodetic::from_degrees(114.17, 22.29, 0.0);
    let frame = LocalFrame::enu(place);
    for (day, step_min) in [
        ("2026-03-20T12:00:00+08:00", 5),
        ("2026-06-21T12:00:00+08:00", 10),
        ("2026-12-21T12:00:00+08:00", 1),
    ] {
        let t = at(day);
        let found = sun_hours(t, place, &zone, step_min, &frame, &NoOccluders).unwrap();
        let sun = sun_day(t, place, &zone).unwrap();
        let day_h = sun.sunset.unwrap().since(sun.sunrise.unwrap()) as f64 / NS_PER_HOUR as f64;
        assert!(
            (found.hours - day_h).abs() <= f64::from(step_min) / 60.0,
            "{} {day_h}",
            found.hours
        );
        assert_eq!(found.hours, found.possible_hours);
        assert_eq!(found.spans.len(), 1);
        let late_ns = found.spans[0].from.since(sun.sunrise.unwrap()).abs();
        assert!(late_ns <= i64::from(step_min) * NS_PER_MINUTE);
    }
}

#[test]
fn a_long_wall_in_the_east_takes_the_morning_until_the_sun_is_above_it() {
    // At the equator on the day of the equinox the sun climbs straight from the east, 15° an hour: over a wall of
    // height h at distance d it comes atan(h / d) / 15° after it crossed the horizon.
    let place = Geodetic::from_degrees(0.0, 0.0, 0.0);
    let frame = LocalFrame::enu(place);
    let t = at("2026-03-20T12:00:00Z");
    for (distance_m, height_m) in [(50.0, 50.0), (100.0, 57.735), (20.0, 34.641)] {
        let wall = upright([distance_m, distance_m + 20.0], [-5000.0, 5000.0], height_m);
        let step_min = 2;
        let found = sun_hours(t, place, &Zone::utc(), step_min, &frame, &wall).unwrap();
        let blocked_h =
            (f64::atan(height_m / distance_m)).to_degrees() / 15.0 + (50.0 / 60.0) / 15.0;
        let expected_h = found.possible_hours - blocked_h;
        assert!(
            (found.hours - expected_h).abs() <= f64::from(step_min) / 60.0,
            "{} h instead of {expected_h} h behind {height_m} m at {distance_m} m",
            found.hours
        );
        assert_eq!(found.spans.len(), 1);
    }
}

#[test]
fn the_shadow_of_a_box_is_that_of_its_closed_form() {
    let zone = Zone::parse("Asia/Hong_Kong").unwrap();
    let place = Geodetic::from_degrees(114.17, 22.29, 0.0);
    let frame = LocalFrame::enu(place);
    let (x, y, height_m) = ([-12.0, 18.0], [-55.0, -25.0], 60.0);
    let tower = upright(x, y, height_m);
    let t = at("2026-12-21T12:00:00+08:00");
    // In shadow where the sun's azimuth meets the box and the sun is lower than its near edge: tan α < h / s.
    let in_shadow = |direction: DVec3| {
        let (mut near, mut far) = (0.0_f64, f64::INFINITY);
        for (low, high, d) in [(x[0], x[1], direction.x), (y[0], y[1], direction.y)] {
            near = near.max((low / d).min(high / d));
            far = far.min((low / d).max(high / d));
        }
        near < far && near * direction.z < height_m
    };
    let step_min = 5;
    let found = sun_hours(t, place, &zone, step_min, &frame, &tower).unwrap();
    let day = sun_day(t, place, &zone).unwrap();
    let (rise, set) = (day.sunrise.unwrap(), day.sunset.unwrap());
    let seconds = set.since(rise) / 1_000_000_000;
    let lit_s = (0..seconds)
        .filter(|s| {
            let t = rise.plus_s(*s as f64 + 0.5);
            !in_shadow(sun_position(t, place).unwrap().direction_enu())
        })
        .count();
    let expected_h = lit_s as f64 / 3600.0;
    assert!(
        (found.hours - expected_h).abs() <= f64::from(step_min) / 60.0,
        "{} h instead of {expected_h} h",
        found.hours
    );
    assert!(
        found.possible_hours - found.hours > 2.0,
        "the tower takes hours: {found:?}"
    );
    assert_eq!(
        found.spans.len(),
        2,
        "sun before and after the tower's shadow"
    );
    // From its roof the tower is not in the way, and a second obstacle adds to it.
    let roof = frame.geodetic_from_local(DVec3::new(0.0, -40.0, height_m + 0.01));
    let above = sun_hours(t, roof, &zone, step_min, &frame, &tower).unwrap();
    assert_eq!(above.hours, above.possible_hours);
    let both = sun_hours(
        t,
        place,
        &zone,
        step_min,
        &frame,
        &(&tower, &upright([20.0, 30.0], [-500.0, 500.0], 80.0)),
    )
    .unwrap();
    assert!(both.hours < found.hours);
}

#[test]
fn the_hierarchy_answers_like_all_triangles_one_by_one() {
    let mut state = 1_u64;
    let mut random = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f64 / f64::from(1 << 24)
    };
    let mut point = |size: f64| DVec3::new(random(), random(), random()) * size;
    let triangles: Vec<[DVec3; 3]> = (0..700)
        .map(|_| {
            let middle = point(100.0);
            [
                middle + point(14.0),
                middle + point(14.0),
                middle + point(14.0),
            ]
        })
        .collect();
    let all = Triangles::new(triangles.iter().copied());
    assert_eq!(all.len(), 700);
    let mut hits = 0;
    for i in 0..400 {
        let origin = point(120.0) - 10.0;
        let mut direction = (point(2.0) - 1.0).normalize_or(DVec3::Z);
        if i % 5 == 0 {
            direction = [DVec3::X, DVec3::Y, DVec3::Z, -DVec3::X][i / 5 % 4];
        }
        let one_by_one = triangles
            .iter()
            .any(|t| Triangles::new([*t]).blocked(origin, direction));
        assert_eq!(
            all.blocked(origin, direction),
            one_by_one,
            "{origin} {direction}"
        );
        hits += usize::from(one_by_one);
    }
    assert!((40..360).contains(&hits), "{hits}");
    assert!(Triangles::new([[DVec3::NAN; 3]]).is_empty());
    let flat = [[0.0, 0.0, 5.0], [9.0, 0.0, 5.0], [0.0, 9.0, 5.0]];
    let mesh = Triangles::from_mesh(&flat, &[0, 1, 2, 0, 1, 9]);
    assert_eq!(mesh.len(), 1);
    assert!(mesh.blocked(DVec3::ONE, DVec3::Z) && !mesh.blocked(DVec3::ONE, -DVec3::Z));
    assert!(
        !mesh.blocked(DVec3::new(1.0, 1.0, 5.0), DVec3::Z),
        "a surface does not shade itself"
    );
}

#[test]
fn steps_and_places_that_are_none_are_refused() {
    let place = Geodetic::from_degrees(0.0, 0.0, 0.0);
    let frame = LocalFrame::enu(place);
    let ask = |place, step| {
        sun_hours(
            SimInstant(0),
            place,
            &Zone::utc(),
            step,
            &frame,
            &NoOccluders,
        )
    };
    for step in [0, 61] {
        assert!(
            ask(place, step)
                .unwrap_err()
                .to_string()
                .contains("choose 1 to 60")
        );
    }
    assert!(ask(Geodetic::from_degrees(f64::NAN, 0.0, 0.0), 5).is_err());
    // Beyond the polar circle: a day without end, and one without beginning.
    let north = Geodetic::from_degrees(20.0, 75.0, 0.0);
    let frame = LocalFrame::enu(north);
    let hours = |t: &str| {
        sun_hours(at(t), north, &Zone::utc(), 5, &frame, &NoOccluders)
            .unwrap()
            .hours
    };
    assert_eq!(
        (hours("2026-06-21T12:00:00Z"), hours("2026-12-21T12:00:00Z")),
        (24.0, 0.0)
    );
}
