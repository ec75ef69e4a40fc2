//! The shapes of a real service: the BGS FROST server's answers, as recorded in the sample data.

use crate::support::{TestHub, simulated};
use serde_json::Value;
use std::path::PathBuf;

fn sample(name: &str) -> Option<Value> {
    let root = std::env::var_os("BELVEDERE_SAMPLES").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    let path = root
        .join("waldowred5__GeoSense/src/__fixtures__")
        .join(name);
    if !path.exists() {
        println!("skipped: the sample {} is not here", path.display());
        return None;
    }
    Some(serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Every member of `theirs` is in `ours` with the same kind of value, but for the ones named.
fn same_shape(ours: &Value, theirs: &Value, but: &[&str]) {
    for (name, value) in theirs.as_object().unwrap() {
        if but.contains(&name.as_str()) {
            continue;
        }
        let found = ours
            .get(name)
            .unwrap_or_else(|| panic!("{name} is missing in {ours}"));
        assert_eq!(kind(found), kind(value), "{name}");
    }
}

fn hub_with(layer: &str) -> (TestHub, Value) {
    let hub = simulated(1);
    let filter = crate::support::encoded(&format!("properties/layer eq '{layer}'"));
    let datastream = hub.json(&format!("/v1.1/Datastreams?$filter={filter}"))["value"][0].clone();
    (hub, datastream)
}

#[test]
fn observations_have_the_members_of_a_real_page() {
    let Some(theirs) = sample("observationsRawDataResponseFixture.json") else {
        return;
    };
    let (hub, datastream) = hub_with("water_level");
    let link = datastream["Observations@iot.navigationLink"]
        .as_str()
        .unwrap();
    let ours = hub.json(&format!("{link}?$top=5&$count=true"));
    same_shape(&ours, &theirs, &[]);
    // Identifiers here are texts, which the standard allows; there is no MultiDatastream.
    let but = ["@iot.id", "MultiDatastream@iot.navigationLink"];
    same_shape(&ours["value"][0], &theirs["value"][0], &but);
    let quality = &ours["value"][0]["resultQuality"]["quality"];
    assert_eq!(quality, "good");
}

#[test]
fn the_query_of_a_real_next_link_is_understood() {
    let Some(theirs) = sample("observationsRawDataResponseFixture.json") else {
        return;
    };
    let (hub, datastream) = hub_with("water_level");
    let next = theirs["@iot.nextLink"].as_str().unwrap();
    let query = next.split_once('?').unwrap().1;
    assert!(query.contains("year%28phenomenonTime%29+eq+2023"));
    let link = datastream["Observations@iot.navigationLink"]
        .as_str()
        .unwrap();
    let in_2023 = hub.json(&format!("{link}?{query}"));
    assert_eq!(in_2023["@iot.count"], 0, "the test's clock stands in 2025");
    let in_2025 = hub.json(&format!(
        "{link}?{}",
        query
            .replace("2023", "2025")
            .replace("$skip=500", "$skip=5")
    ));
    assert!(in_2025["@iot.count"].as_u64().unwrap() > 100);
}

#[test]
fn datastreams_have_the_members_of_real_ones() {
    let Some(theirs) = sample("datastreamsByFeature_GGA01.json") else {
        return;
    };
    let (_hub, ours) = hub_with("water_level");
    for theirs in theirs.as_array().unwrap() {
        // The recording's application has put the feature of interest into the datastream.
        same_shape(&ours, theirs, &["FeatureOfInterest"]);
        same_shape(
            &ours["unitOfMeasurement"],
            &theirs["unitOfMeasurement"],
            &[],
        );
        same_shape(&ours["observedArea"], &theirs["observedArea"], &[]);
        assert!(ours["phenomenonTime"].as_str().unwrap().contains('/'));
    }
}
