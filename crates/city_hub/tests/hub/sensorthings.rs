//! SensorThings 1.1, clause by clause (OGC 18-088).

use crate::support::{NOON_NS, TestHub, encoded, simulated_in};
use serde_json::{Value, json};
use std::{path::Path, sync::LazyLock};

/// One hub for all; nothing here changes it. It is never dropped, so what earlier runs left is removed.
static HUB: LazyLock<TestHub> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR"));
    for entry in std::fs::read_dir(root).unwrap().map_while(Result::ok) {
        let name = entry.file_name().to_string_lossy().into_owned();
        let left = name
            .strip_prefix("sensorthings-")
            .is_some_and(|process| !Path::new("/proc").join(process).exists());
        if left {
            // Another test may be removing it too.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
    simulated_in(
        &root.join(format!("sensorthings-{}", std::process::id())),
        4,
    )
});

fn get(path: &str) -> Value {
    HUB.json(&format!("/v1.1{path}"))
}

fn refused(path: &str) -> (u16, String) {
    let (status, body) = HUB.status(&format!("/v1.1{path}"));
    (
        status,
        body["message"].as_str().unwrap_or_default().to_owned(),
    )
}

fn set(path: &str, filter: &str) -> Vec<Value> {
    let page = get(&format!("/{path}$filter={}", encoded(filter)));
    page["value"].as_array().unwrap().clone()
}

fn names(entities: &[Value]) -> Vec<&str> {
    entities
        .iter()
        .map(|e| e["name"].as_str().unwrap())
        .collect()
}

const SETS: [&str; 8] = [
    "Things",
    "Locations",
    "HistoricalLocations",
    "Datastreams",
    "Sensors",
    "ObservedProperties",
    "Observations",
    "FeaturesOfInterest",
];

// Clause 8.2: the entities and their properties.

#[test]
fn clause_8_2_entities_have_the_mandatory_properties() {
    let mandatory: [(&str, &[&str]); 8] = [
        ("Things", &["name", "description"]),
        (
            "Locations",
            &["name", "description", "encodingType", "location"],
        ),
        ("HistoricalLocations", &["time"]),
        (
            "Datastreams",
            &[
                "name",
                "description",
                "unitOfMeasurement",
                "observationType",
            ],
        ),
        (
            "Sensors",
            &["name", "description", "encodingType", "metadata"],
        ),
        ("ObservedProperties", &["name", "definition", "description"]),
        ("Observations", &["phenomenonTime", "result", "resultTime"]),
        (
            "FeaturesOfInterest",
            &["name", "description", "encodingType", "feature"],
        ),
    ];
    for (set, properties) in mandatory {
        let page = get(&format!("/{set}?$top=3"));
        for entity in page["value"].as_array().unwrap() {
            for property in properties {
                assert!(!entity[property].is_null(), "{set}: {property} of {entity}");
            }
            assert!(!entity["@iot.id"].is_null() && entity["@iot.selfLink"].is_string());
        }
    }
    let datastream = get("/Datastreams(1)");
    let unit = &datastream["unitOfMeasurement"];
    assert_eq!(
        *unit,
        json!({"name": "kilometre per hour", "symbol": "km/h", "definition": "ucum:km/h"})
    );
    assert_eq!(datastream["properties"]["simulated"], true);
    assert!(
        datastream["description"]
            .as_str()
            .unwrap()
            .contains("simulated")
    );
    assert_eq!(get("/Locations(1)/location")["location"]["type"], "Point");
}

#[test]
fn clause_8_2_every_navigation_link_leads_to_what_links_back() {
    for set in SETS {
        let entity = get(&format!("/{set}?$top=1"))["value"][0].clone();
        let links: Vec<(&String, &Value)> = entity
            .as_object()
            .unwrap()
            .iter()
            .filter(|(name, _)| name.ends_with("@iot.navigationLink"))
            .collect();
        assert!(!links.is_empty(), "{set}");
        for (name, link) in links {
            let target = HUB.json(link.as_str().unwrap());
            let one = target
                .get("value")
                .map_or(target.clone(), |all| all[0].clone());
            let own = one["@iot.selfLink"]
                .as_str()
                .unwrap_or_else(|| panic!("{set}: {name}"));
            assert_eq!(HUB.json(own)["@iot.id"], one["@iot.id"], "{own}");
        }
    }
}

// Clause 9.2: resource paths.

#[test]
fn clause_9_2_1_the_root_lists_sets_and_conformance() {
    let root = get("");
    let listed: Vec<&str> = names(root["value"].as_array().unwrap());
    assert_eq!(listed, SETS);
    for set in root["value"].as_array().unwrap() {
        HUB.json(&format!("{}?$top=1", set["url"].as_str().unwrap()));
    }
    let conformance = root["serverSettings"]["conformance"].as_array().unwrap();
    for class in [
        "datamodel",
        "resource-path/resource-path-to-entities",
        "request-data",
    ] {
        let uri = format!("http://www.opengis.net/spec/iot_sensing/1.1/req/{class}");
        assert!(
            conformance
                .iter()
                .any(|c| c.as_str().unwrap().starts_with(&uri)),
            "{class}"
        );
    }
    assert!(
        !conformance
            .iter()
            .any(|c| c.as_str().unwrap().contains("create-update-delete"))
    );
}

#[test]
fn clause_9_2_paths_lead_through_entities_to_values() {
    let observation = get("/Datastreams(1)/Observations?$top=1")["value"][0].clone();
    let id = observation["@iot.id"].as_str().unwrap();
    let thing = get("/Datastreams(1)/Thing");
    let thing_id = &thing["@iot.id"];
    let deep = format!("/Things({thing_id})/Datastreams(1)/Observations('{id}')");
    assert_eq!(get(&deep)["result"], observation["result"]);
    assert_eq!(
        get(&format!("{deep}/result")),
        json!({"result": observation["result"]})
    );
    let (_, raw) = HUB.get(&format!("/v1.1{deep}/result/$value"));
    assert_eq!(
        String::from_utf8(raw).unwrap(),
        observation["result"].to_string()
    );
    let (_, name) = HUB.get("/v1.1/Things(1)/name/$value");
    assert_eq!(name, thing["name"].as_str().unwrap().as_bytes());
    assert_eq!(
        get("/Datastreams(1)/unitOfMeasurement/symbol"),
        json!({"symbol": "km/h"})
    );
    let back = get(&format!("{deep}/Datastream/ObservedProperty"));
    assert_eq!(back["name"], "Traffic speed");
    let refs = get("/Things(1)/Datastreams/$ref");
    assert_eq!(refs["value"][0].as_object().unwrap().len(), 1);
    assert!(
        refs["value"][0]["@iot.selfLink"]
            .as_str()
            .unwrap()
            .ends_with("/Datastreams(1)")
    );
}

#[test]
fn clause_9_2_what_is_not_there_is_404() {
    for path in [
        "/Cats",
        "/Things(99999)",
        "/Things(x)",
        "/Things(1)/Datastreams(99999)",
        "/Things(2)/Datastreams(1)", // there, but not this thing's
        "/Things(1)/colour",
        "/Things/name",
        "/Observations('1-2-3')",
        "/Observations('x')",
        "/Things(1)/name/$value/more",
        "/Things/$ref/more",
    ] {
        let (status, message) = refused(path);
        assert_eq!(status, 404, "{path}: {message}");
        assert!(!message.is_empty());
    }
    assert_eq!(refused("/Things(1").0, 400);
    assert_eq!(refused("/Things()").0, 400);
}

#[test]
fn clause_9_2_a_property_that_is_null_has_no_content() {
    let missing = set("Observations?", "result eq null");
    let Some(missing) = missing.first() else {
        panic!("three hours of the simulated feed have a reading without value");
    };
    let link = missing["@iot.selfLink"].as_str().unwrap();
    assert_eq!(HUB.get(&format!("{link}/result")).0, 204);
    assert_eq!(missing["resultQuality"]["flag"], 9);
}

#[test]
fn clause_10_reading_only() {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .into();
    let address = format!("{}/v1.1/Things", HUB.hub.url());
    let answer = agent.post(&address).send("{}").unwrap();
    assert_eq!(answer.status().as_u16(), 405);
}

// Clause 9.3: query options.

#[test]
fn clause_9_3_2_select_gives_what_was_asked_for() {
    let things = get("/Things?$select=name,id&$top=2");
    let mut members: Vec<&String> = things["value"][0].as_object().unwrap().keys().collect();
    members.sort();
    assert_eq!(members, ["@iot.id", "name"]);
    let with_link = get("/Things(1)?$select=name,Datastreams");
    assert!(with_link["Datastreams@iot.navigationLink"].is_string());
}

#[test]
fn clause_9_3_2_expand_nests_with_options_of_its_own() {
    let query = "$expand=Datastreams($select=name,id;$expand=Observations($orderby=phenomenonTime desc;$top=2;$count=true;$select=result,phenomenonTime),ObservedProperty($select=name)),Locations";
    let thing = get(&format!("/Things(1)?{}", query.replace(' ', "%20")));
    let datastream = &thing["Datastreams"][0];
    let observations = datastream["Observations"].as_array().unwrap();
    assert_eq!(observations.len(), 2);
    assert_eq!(observations[0].as_object().unwrap().len(), 2);
    assert!(
        observations[0]["phenomenonTime"].as_str() > observations[1]["phenomenonTime"].as_str()
    );
    assert_eq!(
        datastream["ObservedProperty"],
        json!({"name": "Traffic speed"})
    );
    assert_eq!(
        thing["Locations"][0]["encodingType"],
        "application/geo+json"
    );
    let count = datastream["Observations@iot.count"].as_u64().unwrap();
    assert!(count > 400, "{count}");
    // The link to more of what was expanded is followed as it is.
    let next = datastream["Observations@iot.nextLink"].as_str().unwrap();
    let more = HUB.json(next);
    let times: Vec<&str> = more["value"]
        .as_array()
        .unwrap()
        .iter()
        .map(|o| o["phenomenonTime"].as_str().unwrap())
        .collect();
    assert_eq!(times.len(), 2);
    assert!(times[0] < observations[1]["phenomenonTime"].as_str().unwrap());
}

#[test]
fn clause_9_3_3_1_orderby_sorts_by_several_keys_through_links() {
    let path = "/Datastreams?$top=1000&$select=id,name&$expand=ObservedProperty&$orderby=ObservedProperty/name%20desc,id%20asc";
    let page = get(path);
    let keys: Vec<(std::cmp::Reverse<String>, u64)> = page["value"]
        .as_array()
        .unwrap()
        .iter()
        .map(|d| {
            let name = d["ObservedProperty"]["name"].as_str().unwrap().to_owned();
            (std::cmp::Reverse(name), d["@iot.id"].as_u64().unwrap())
        })
        .collect();
    assert!(keys.len() > 20 && keys.is_sorted());
    let by_result = get("/Datastreams(1)/Observations?$orderby=result%20desc&$top=50");
    let results: Vec<f64> = by_result["value"]
        .as_array()
        .unwrap()
        .iter()
        .map(|o| o["result"].as_f64().unwrap())
        .collect();
    assert!(results.is_sorted_by(|a, b| a >= b));
}

#[test]
fn clause_9_3_3_2_to_4_pages_joined_are_the_whole_set_once() {
    for path in [
        "/Datastreams?$top=7&$count=true",
        "/Datastreams(1)/Observations?$top=97&$count=true&$orderby=phenomenonTime%20desc",
        "/Observations?$top=400&$count=true&$filter=result%20gt%2040%20and%20phenomenonTime%20ge%202025-06-16T06:30:00Z",
        "/Observations?$top=250&$count=true&$orderby=phenomenonTime&$filter=phenomenonTime%20ge%202025-06-16T06:30:00Z",
        "/Observations?$top=250&$count=true&$orderby=result,id&$filter=phenomenonTime%20ge%202025-06-16T06:30:00Z",
    ] {
        let mut seen = Vec::new();
        let mut page = get(path);
        let count = page["@iot.count"].as_u64().unwrap();
        loop {
            for entity in page["value"].as_array().unwrap() {
                seen.push(entity["@iot.id"].to_string());
            }
            match page["@iot.nextLink"].as_str() {
                Some(next) => page = HUB.json(next),
                None => break,
            }
        }
        assert_eq!(seen.len() as u64, count, "{path}");
        assert!(count > 20, "{path}: {count}");
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len() as u64, count, "{path}: none twice");
    }
    assert_eq!(get("/Things?$top=3")["value"].as_array().unwrap().len(), 3);
    let second = get("/Things?$top=1&$skip=1")["value"][0]["@iot.id"].clone();
    assert_eq!(second, get("/Things?$top=2")["value"][1]["@iot.id"]);
    assert!(get("/Things?$top=5")["@iot.count"].is_null());
    let all = get("/Observations?$top=1000000");
    assert_eq!(
        all["value"].as_array().unwrap().len(),
        1000,
        "the service's own limit"
    );
    assert!(all["@iot.nextLink"].is_string());
}

#[test]
fn clause_9_3_3_5_filters_on_time_and_result() {
    let all = set("Datastreams(1)/Observations?$top=1000&", "true");
    assert!(all.len() > 400);
    let count = |filter: &str| set("Datastreams(1)/Observations?$top=1000&", filter).len();
    let middle = all[200]["phenomenonTime"].as_str().unwrap();
    assert_eq!(count(&format!("phenomenonTime eq {middle}")), 1);
    assert_eq!(count(&format!("phenomenonTime lt {middle}")), 200);
    assert_eq!(count(&format!("phenomenonTime le {middle}")), 201);
    assert_eq!(
        count(&format!("phenomenonTime gt {middle}")),
        all.len() - 201
    );
    assert_eq!(
        count(&format!("{middle} lt phenomenonTime")),
        all.len() - 201
    );
    assert_eq!(
        count(&format!("phenomenonTime ge {middle}")),
        all.len() - 200
    );
    assert_eq!(count(&format!("not (phenomenonTime ge {middle})")), 200);
    assert_eq!(count(&format!("phenomenonTime ne {middle}")), all.len() - 1);
    let end = all[300]["phenomenonTime"].as_str().unwrap();
    assert_eq!(
        count(&format!(
            "phenomenonTime ge {middle} and phenomenonTime lt {end}"
        )),
        100
    );
    assert_eq!(
        count(&format!(
            "phenomenonTime lt {middle} or phenomenonTime ge {end}"
        )),
        all.len() - 100
    );
    let above = |limit: f64| {
        let results = all.iter().filter_map(|o| o["result"].as_f64());
        results.filter(|r| *r > limit).count()
    };
    assert_eq!(count("result gt 30"), above(30.0));
    assert_eq!(count("result mul 2 sub 10 gt 50"), above(30.0));
    assert_eq!(count("-result lt -30"), above(30.0));
    assert_eq!(
        count("resultQuality/flag le 2") + count("resultQuality/flag gt 2"),
        all.len()
    );
    // Offsets mean the same instant, whether the plus is encoded or not.
    let local = "phenomenonTime ge 2025-06-16T14:30:00+08:00";
    assert_eq!(
        count(local),
        count("phenomenonTime ge 2025-06-16T06:30:00Z")
    );
    let bare = get(
        "/Datastreams(1)/Observations?$top=1000&$filter=phenomenonTime%20ge%202025-06-16T14:30:00+08:00",
    );
    assert_eq!(bare["value"].as_array().unwrap().len(), count(local));
}

#[test]
fn clause_9_3_3_5_filters_through_links() {
    let found = set(
        "Things?",
        "Datastreams/ObservedProperty/name eq 'Wind speed'",
    );
    assert_eq!(found.len(), 4);
    assert!(
        names(&found)
            .iter()
            .all(|name| name.starts_with("weather-"))
    );
    let found = set(
        "Observations?$count=true&",
        "Datastream/id eq 3 and result gt 0",
    );
    assert!(!found.is_empty());
    assert!(
        found
            .iter()
            .all(|o| o["@iot.id"].as_str().unwrap().starts_with("3-"))
    );
    let found = set("Datastreams?", "unitOfMeasurement/symbol eq '°C'");
    assert_eq!(found.len(), 4);
    let found = set(
        "Datastreams?",
        "Thing/name eq 'weather-0001' and properties/layer ne 'weather_wind'",
    );
    assert_eq!(found.len(), 2);
}

#[test]
fn clause_9_3_3_5_2_functions() {
    let count = |filter: &str| set("Things?", filter).len();
    assert_eq!(count("startswith(name,'traffic')"), 4);
    assert_eq!(count("endswith(name,'0001')"), 6);
    assert_eq!(count("substringof('park',name)"), 4);
    assert_eq!(count("contains(toupper(name),'PARK')"), 4);
    assert_eq!(
        count("length(name) eq length('traffic-0000')"),
        12,
        "traffic, parking and weather"
    );
    assert_eq!(
        count("indexof(name,'-') eq 7 and substring(name,8) eq '0002'"),
        3
    );
    assert_eq!(count("concat(name,'!') eq 'traffic-0003!'"), 1);
    let observations = |filter: &str| {
        let path = format!(
            "/Datastreams(1)/Observations?$count=true&$top=0&$filter={}",
            encoded(filter)
        );
        get(&path)["@iot.count"].as_u64().unwrap()
    };
    let all = observations("true");
    assert_eq!(
        observations("year(phenomenonTime) eq 2025 and month(phenomenonTime) eq 6"),
        all
    );
    let hours: u64 = (0..24)
        .map(|h| observations(&format!("hour(phenomenonTime) eq {h}")))
        .sum();
    assert_eq!(hours, all);
    assert_eq!(
        observations("floor(result) lt 30") + observations("floor(result) ge 30"),
        observations("result ne null")
    );
}

#[test]
fn clause_9_3_requests_that_cannot_be_met_say_why() {
    for (path, status, part) in [
        ("/Things?$filter=colour%20eq%201", 400, "no colour"),
        ("/Things?$top=many", 400, "whole number"),
        ("/Things?$expand=Cats", 400, "Cats"),
        ("/Things(1)?$top=3", 400, "sets of entities"),
        (
            "/Things?$filter=Datastreams/Observations/result%20gt%205",
            501,
            "/Observations",
        ),
        ("/Things?$filter=st_within(name,name)", 501, "st_within"),
        (
            "/Observations?$resultFormat=dataArray",
            501,
            "$resultFormat",
        ),
        ("/Things?$filter=name%20eq%20'%FF'", 400, "UTF-8"),
    ] {
        let (found, message) = refused(path);
        assert_eq!(found, status, "{path}: {message}");
        assert!(message.contains(part), "{path}: {message}");
    }
}

#[test]
fn datastreams_know_from_when_to_when_they_reach() {
    let datastream = get("/Datastreams(1)");
    let interval = datastream["phenomenonTime"].as_str().unwrap();
    let (from, to) = interval.split_once('/').unwrap();
    let first = get("/Datastreams(1)/Observations?$orderby=phenomenonTime&$top=1");
    let last = get("/Datastreams(1)/Observations?$orderby=phenomenonTime%20desc&$top=1");
    assert_eq!(first["value"][0]["phenomenonTime"], from);
    assert_eq!(last["value"][0]["phenomenonTime"], to);
    let to: city_time::SimInstant = to.parse().unwrap();
    assert!(to.0 <= NOON_NS);
    let later = set("Datastreams?", "phenomenonTime gt 2025-06-16T06:40:00Z");
    assert!(later.is_empty());
}

#[test]
fn things_say_where_they_stand() {
    let things = set("Things?", "name eq 'traffic-0001'");
    assert_eq!(things.len(), 1);
    let thing = &things[0];
    assert_eq!(thing["properties"]["place"]["en"], "1 Harbour Road");
    let description = thing["description"].as_str().unwrap();
    assert!(
        description.contains("stands at 1 Harbour Road"),
        "{description}"
    );
    assert!(thing["properties"].get("feature").is_none());
    let parking = set("Things?", "properties/feature eq 'B000001'");
    assert_eq!(parking.len(), 1);
    assert_eq!(parking[0]["name"], "parking-0001");
    let id = thing["@iot.id"].as_u64().unwrap();
    let locations = get(&format!("/Things({id})/Locations"));
    assert_eq!(locations["value"][0]["name"], "1 Harbour Road");
    let filter = "properties/place/en eq '1 Harbour Road'";
    assert!(set("Things?", filter).len() > 1);
}
