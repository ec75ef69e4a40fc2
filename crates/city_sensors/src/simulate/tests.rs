use super::*;
use crate::{NS_PER_S, qc::QcState, quality::Mark};

const SIMULATION: Simulation = Simulation {
    seed: 7,
    utc_offset_s: 8 * 3600,
};
/// 2024-06-03, a Monday, 00:00 in UTC+8.
const MONDAY_NS: i64 = (1_717_344_000) * NS_PER_S;
const HOUR_NS: i64 = 3600 * NS_PER_S;

fn streams(layer: &str, count: u32) -> Vec<SimStream> {
    let kind = kind(layer).unwrap();
    (0..count)
        .map(|i| SIMULATION.stream(i, &format!("{layer}/{i}"), kind))
        .collect()
}

fn day_of(stream: &SimStream) -> Vec<Observation> {
    let mut out = Vec::new();
    SIMULATION.arrivals(stream, MONDAY_NS, MONDAY_NS + 24 * HOUR_NS, &mut out);
    out
}

#[test]
fn layers_are_complete_and_cover_all_six_areas() {
    for (i, kind) in KINDS.iter().enumerate() {
        assert!(!kind.layer.is_empty() && !kind.site.is_empty() && !kind.name.is_empty());
        assert!(KINDS[..i].iter().all(|other| other.layer != kind.layer));
        assert!(kind.range[0] < kind.range[1] && kind.clamp[0] < kind.clamp[1]);
        assert!(kind.layer().unit.definition.starts_with("ucum:"));
    }
    for area in crate::Area::ALL {
        assert!(KINDS.iter().any(|kind| kind.area == area), "{area}");
    }
}

#[test]
fn a_spread_has_five_thousand_sensors_and_a_hundred_readings_a_second() {
    let sites = spread(1, 114.17, 22.29, 10.0);
    let kinds: Vec<_> = sites.iter().flat_map(|site| kinds_at(&site.kind)).collect();
    let per_s: f64 = kinds
        .iter()
        .map(|kind| 1.0 / f64::from(kind.cadence_s))
        .sum();
    assert!(kinds.len() >= 5000, "{}", kinds.len());
    assert!(per_s >= 100.0, "{per_s}");
}

#[test]
fn the_same_question_has_the_same_answer_however_it_is_cut() {
    for stream in streams("traffic_speed", 40) {
        let whole = day_of(&stream);
        let mut parts = Vec::new();
        let mut at = MONDAY_NS;
        while at < MONDAY_NS + 24 * HOUR_NS {
            let to = (at + 7919 * NS_PER_S / 3).min(MONDAY_NS + 24 * HOUR_NS);
            SIMULATION.arrivals(&stream, at, to, &mut parts);
            at = to;
        }
        let key = |o: &Observation| (o.phenomenon_time_ns, o.result_time_ns, o.value.to_bits());
        assert_eq!(
            whole.iter().map(key).collect::<Vec<_>>(),
            parts.iter().map(key).collect::<Vec<_>>()
        );
    }
}

#[test]
fn traffic_is_slower_in_the_rush_hour_than_at_night() {
    let mean = |from_h: i64, to_h: i64| {
        let mut values = Vec::new();
        for stream in streams("traffic_speed", 50) {
            let mut out = Vec::new();
            let at = |h: i64| MONDAY_NS + h * HOUR_NS;
            SIMULATION.arrivals(&stream, at(from_h), at(to_h), &mut out);
            values.extend(out.iter().map(|o| o.value).filter(|v| v.is_finite()));
        }
        values.iter().sum::<f64>() / values.len() as f64
    };
    assert!(mean(3, 4) > mean(8, 9) + 20.0);
}

#[test]
fn all_faults_happen_and_late_readings_arrive_late() {
    let mut seen = Vec::new();
    for stream in streams("noise_level", 400) {
        for minute in 0..(24 * 60) {
            if let Some(fault) = stream.fault_at(MONDAY_NS + minute * 60 * NS_PER_S)
                && !seen.contains(&fault)
            {
                seen.push(fault);
            }
        }
    }
    assert_eq!(seen.len(), 4, "{seen:?}");
    let late = streams("noise_level", 400)
        .iter()
        .flat_map(day_of)
        .filter(|o| o.result_time_ns - o.phenomenon_time_ns > 60 * NS_PER_S)
        .count();
    assert!(late > 100, "{late}");
}

/// The hub's tests must find most of the faults, and must not cry wolf.
#[test]
fn quality_control_finds_stuck_sensors_and_spikes_and_little_else() {
    for layer in [
        "traffic_speed",
        "noise_level",
        "air_pm25",
        "weather_temperature",
        "water_level",
    ] {
        let kind = kind(layer).unwrap();
        let entry = kind.layer();
        let (mut sound, mut false_alarms, mut stuck, mut stuck_found) = (0u32, 0u32, 0u32, 0u32);
        let (mut spikes, mut spikes_found) = (0u32, 0u32);
        for stream in streams(layer, 300) {
            let mut state = QcState::default();
            let mut columns = Columns::default();
            for mut reading in day_of(&stream) {
                let verdict = state.accept(&entry.limits, entry.cadence_s, &reading);
                reading.flags = verdict.flags;
                columns.insert(&reading);
                if let Some((time_ns, seq, flags)) = verdict.revised {
                    columns.set_flags(time_ns, seq, flags);
                }
            }
            for reading in columns.iter(0) {
                let bad = matches!(reading.quality(), Quality::Suspect | Quality::Fail);
                let clean = SIMULATION.value(&stream, reading.phenomenon_time_ns);
                let jumped = (reading.value - clean).abs() > kind.spike.abs() * 0.5;
                match stream.fault_at(reading.phenomenon_time_ns) {
                    Some(Fault::Stuck) => {
                        stuck += 1;
                        stuck_found += u32::from(reading.flags.has(Mark::FlatLine));
                    }
                    Some(Fault::Spikes) if jumped => {
                        spikes += 1;
                        spikes_found += u32::from(bad);
                    }
                    None => {
                        sound += 1;
                        false_alarms += u32::from(bad);
                    }
                    _ => {}
                }
            }
        }
        assert!(stuck > 0 && spikes > 0, "{layer}");
        let rate = |found: u32, all: u32| f64::from(found) / f64::from(all);
        println!(
            "{layer}: false {:.4} stuck {:.2} spikes {:.2}",
            rate(false_alarms, sound),
            rate(stuck_found, stuck),
            rate(spikes_found, spikes)
        );
        assert!(
            rate(false_alarms, sound) < 0.002,
            "{layer}: {false_alarms} of {sound}"
        );
        assert!(
            rate(stuck_found, stuck) > 0.3,
            "{layer}: {stuck_found} of {stuck}"
        );
        assert!(
            rate(spikes_found, spikes) > 0.7,
            "{layer}: {spikes_found} of {spikes}"
        );
    }
}

#[test]
fn a_forecast_starts_near_the_present_and_ends_after_six_hours() {
    for stream in streams("water_level", 5) {
        let issued = MONDAY_NS + 5 * HOUR_NS;
        let forecast = SIMULATION.forecast(&stream, issued, issued, i64::MAX);
        let times = forecast.times_ns();
        assert!(times[0] > issued);
        assert!(*times.last().unwrap() <= issued + 6 * HOUR_NS);
        assert!(times.len() >= 70);
        let now = SIMULATION.value(&stream, issued);
        assert!((forecast.values()[0] - now).abs() < 0.1);
    }
}
