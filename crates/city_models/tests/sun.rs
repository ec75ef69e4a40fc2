//! The sun against NREL's reference case, published tables and its own continuity.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use city_geo::{DVec3, Geodetic};
use city_models::MODELS;
use city_models::sun::*;
use city_time::{NS_PER_DAY, NS_PER_MINUTE, NS_PER_S, SimInstant, Zone};

fn at(text: &str) -> SimInstant {
    SimInstant::parse_rfc3339(text).unwrap()
}

fn golden() -> Geodetic {
    Geodetic::from_degrees(-105.1786, 39.742476, 1830.14)
}

fn hong_kong() -> Geodetic {
    Geodetic::from_degrees(114.17, 22.29, 0.0)
}

#[test]
fn nrel_reference_case() {
    let options = SunOptions {
        delta_t_s: Some(67.0),
        atmosphere: Some(Atmosphere {
            pressure_hpa: 820.0,
            temperature_c: 11.0,
        }),
    };
    let p = sun_position_with(at("2003-10-17T12:30:30-07:00"), golden(), &options).unwrap();
    let zenith_deg = 90.0 - p.elevation_rad.to_degrees();
    assert!(
        (zenith_deg - 50.111_622).abs() < 2e-5,
        "zenith {zenith_deg}"
    );
    assert!(
        (p.azimuth_rad.to_degrees() - 194.340_241).abs() < 2e-5,
        "azimuth {}",
        p.azimuth_rad.to_degrees()
    );
    assert!(
        (p.distance_au - 0.996_542_297_4).abs() < 1e-8,
        "{}",
        p.distance_au
    );
    assert_eq!(p.by, PROVENANCE);
}

#[test]
fn nrel_reference_day() {
    let near = |t: Option<SimInstant>, text: &str| {
        let apart_s = (t.unwrap().since(at(text)) as f64 / NS_PER_S as f64).abs();
        assert!(apart_s < 2.0, "{} is {apart_s} s from {text}", t.unwrap());
    };
    // NREL's program answers for the day of universal time: its sunset, 17:20:19, is the one of the evening before.
    let day = sun_day(at("2003-10-17T12:30:30-07:00"), golden(), &Zone::utc()).unwrap();
    near(day.sunrise, "2003-10-17T06:12:43-07:00");
    near(day.noon, "2003-10-17T11:46:04-07:00");
    near(day.sunset, "2003-10-16T17:20:19-07:00");
    // By the clocks of the place it is the evening's own, a minute and a half earlier in October.
    let day = sun_day(
        at("2003-10-17T12:30:30-07:00"),
        golden(),
        &Zone::fixed(-7 * 3600),
    )
    .unwrap();
    assert_eq!(day.start, at("2003-10-17T00:00:00-07:00"));
    near(day.sunrise, "2003-10-17T06:12:43-07:00");
    near(day.sunset, "2003-10-17T17:18:51-07:00");
    assert!(day.dawn < day.sunrise && day.sunset < day.dusk);
}

#[test]
fn hong_kong_summer_noon_is_north_of_the_zenith() {
    // At the June solstice the sun passes 1.1° north of the zenith of 22.29° N.
    let zone = Zone::parse("Asia/Hong_Kong").unwrap();
    let day = sun_day(at("2026-06-21T12:00:00+08:00"), hong_kong(), &zone).unwrap();
    let d = sun_direction_enu(day.noon.unwrap(), hong_kong());
    assert!(
        (d.y.asin().to_degrees() - 1.15).abs() < 0.05 && d.z > 0.999,
        "{d}"
    );
    // Noon comes 23 minutes after twelve: 114.17° E keeps the time of 120° E.
    let c = zone.civil(day.noon.unwrap());
    assert_eq!((c.hour, c.minute), (12, 25));
}

#[test]
fn directions_are_unit_and_rise_in_the_east() {
    let zone = Zone::parse("Asia/Hong_Kong").unwrap();
    let day = sun_day(at("2026-03-20T12:00:00+08:00"), hong_kong(), &zone).unwrap();
    let rise = sun_direction_enu(day.sunrise.unwrap(), hong_kong());
    let set = sun_direction_enu(day.sunset.unwrap(), hong_kong());
    assert!(rise.x > 0.99 && set.x < -0.99, "{rise} {set}");
    assert!((rise.length() - 1.0).abs() < 1e-12);
    assert_eq!(
        sun_direction_enu(day.start, Geodetic::new(f64::NAN, 0.0, 0.0)),
        DVec3::Z
    );
    assert!(sun_position(day.start, Geodetic::new(0.0, 9.0, 0.0)).is_err());
    // A longitude that went round once is the same place.
    let round = Geodetic::from_degrees(114.17 + 360.0, 22.29, 0.0);
    assert!(
        (sun_direction_enu(day.start, round) - sun_direction_enu(day.start, hong_kong())).length()
            < 1e-12
    );
}

#[test]
fn light_moves_without_jumps() {
    let start = at("2026-11-23T00:00:00+08:00");
    let mut before = sun_direction_enu(start, hong_kong());
    for minute in 1..24 * 60 {
        let d = sun_direction_enu(start.plus_ns(minute * NS_PER_MINUTE), hong_kong());
        let degrees = before.angle_between(d).to_degrees();
        assert!(degrees < 0.36, "{degrees} degrees in minute {minute}");
        before = d;
    }
}

#[test]
fn polar_day_and_night() {
    let svalbard = Geodetic::from_degrees(15.63, 78.22, 0.0);
    let zone = Zone::utc();
    let summer = sun_day(at("2026-06-21T12:00:00Z"), svalbard, &zone).unwrap();
    assert!(summer.sunrise.is_none() && summer.sunset.is_none() && summer.noon.is_some());
    let winter = sun_day(at("2026-12-21T12:00:00Z"), svalbard, &zone).unwrap();
    assert!(winter.sunrise.is_none() && winter.dusk.is_none());
}

#[test]
fn phases_in_their_order() {
    let deg = f64::to_radians;
    let phases: Vec<_> = [10.0, -0.5, -1.0, -7.0, -13.0, -30.0]
        .map(|d| TwilightPhase::of_elevation(deg(d)))
        .to_vec();
    use TwilightPhase::*;
    assert_eq!(phases, [Day, Day, Civil, Nautical, Astronomical, Night]);
    assert_eq!(darkness(deg(3.0)), 0.0);
    assert_eq!(darkness(deg(-6.0)), 1.0);
    assert!(darkness(deg(-2.0)) > 0.4 && darkness(deg(-2.0)) < 0.6);
    let noon = sun_position(at("2026-11-23T12:00:00+08:00"), hong_kong()).unwrap();
    assert_eq!(noon.phase(), Day);
    let night = sun_position(at("2026-11-23T23:00:00+08:00"), hong_kong()).unwrap();
    assert_eq!(night.phase(), Night);
}

#[test]
fn whole_range_of_instants_works() {
    for t in [
        SimInstant::MIN,
        SimInstant(-NS_PER_DAY * 40_000),
        SimInstant(0),
        SimInstant::MAX,
    ] {
        let d = sun_direction_enu(t, hong_kong());
        assert!((d.length() - 1.0).abs() < 1e-9 && d != DVec3::Z, "{t}: {d}");
    }
}

#[test]
fn list_of_models_is_complete_and_true() {
    for model in MODELS {
        assert!(!model.id.is_empty() && !model.help.is_empty() && !model.reference.is_empty());
        assert!(!model.provenance.validity.is_empty());
    }
    // The version that results carry is the one that is built in.
    let lock = include_str!("../../../Cargo.lock");
    let entry = format!(
        "name = \"solar-positioning\"\nversion = \"{}\"",
        PROVENANCE.version
    );
    assert!(
        lock.contains(&entry),
        "Cargo.lock has another solar-positioning than {}",
        PROVENANCE.version
    );
}
