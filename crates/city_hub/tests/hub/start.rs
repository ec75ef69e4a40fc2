//! What keeps a hub from starting is said, with what to do about it.

use crate::support::{config, sites, start};
use city_hub::{HubError, MqttFeed, SimulatedFeed, spawn};
use city_sensors::simulate;
use std::net::TcpListener;

fn refusal(config: city_hub::Config) -> String {
    let error: HubError = spawn(config, |_| {}).unwrap_err();
    error.to_string()
}

#[test]
fn a_port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let dir = tempfile::tempdir().unwrap();
    let (mut config, _) = config(dir.path());
    config.listen = taken.local_addr().unwrap();
    let address = config.listen.to_string();
    let message = refusal(config);
    assert!(
        message.contains(&address) && message.contains("in use"),
        "{message}"
    );
    assert!(message.contains("--listen"), "{message}");
}

#[test]
fn a_data_directory_that_is_a_file_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("data");
    std::fs::write(&file, "x").unwrap();
    let message = refusal(config(&file).0);
    assert!(
        message.contains("data") && message.contains("--data"),
        "{message}"
    );
}

#[test]
fn two_hubs_do_not_share_a_data_directory() {
    let dir = tempfile::tempdir().unwrap();
    let (first, clock) = config(dir.path());
    let _first = start(first, clock, None);
    let message = refusal(config(dir.path()).0);
    assert!(message.contains("in use by another hub"), "{message}");
}

#[test]
fn a_missing_tiles_directory_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let (mut config, _) = config(dir.path());
    config.tiles_dir = Some(dir.path().join("no/such/tiles"));
    let message = refusal(config);
    assert!(message.contains("no/such/tiles"), "{message}");
}

#[test]
fn a_feed_that_cannot_work_is_named_with_its_setting() {
    let dir = tempfile::tempdir().unwrap();
    let mapping = |topic: &str| -> city_sensors::protocols::mqtt_json::Mapping {
        serde_json::from_value(serde_json::json!({ "topic": topic, "layer": "x" })).unwrap()
    };
    for (broker, topic, part) in [
        (
            "mqtt://localhost",
            "a/#/{sensor}",
            "# is allowed at the end only",
        ),
        ("mqtts://localhost", "a/{sensor}", "mqtts"),
        ("mqtt://", "a/{sensor}", "host"),
        ("nonsense", "a/{sensor}", "nonsense"),
    ] {
        let (mut config, _) = config(dir.path());
        config.mqtt.push(MqttFeed {
            name: "harbour master".to_owned(),
            broker: broker.to_owned(),
            mapping: mapping(topic),
            simulated: false,
        });
        let message = refusal(config);
        assert!(message.contains("harbour master"), "{message}");
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn a_layer_that_cannot_work_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let (mut config, _) = config(dir.path());
    let mut layer = simulate::KINDS[0].layer();
    layer.range = [3.0, 3.0];
    config.layers.push(layer);
    let message = refusal(config);
    assert!(
        message.contains("traffic_speed") && message.contains("range"),
        "{message}"
    );
}

#[test]
fn datastreams_keep_their_numbers_across_restarts_and_other_scenes() {
    let dir = tempfile::tempdir().unwrap();
    let numbers = |sites: Vec<simulate::Site>| {
        let (mut config, clock) = config(dir.path());
        let mut feed = SimulatedFeed::new(7, 0, sites);
        feed.history_h = 0;
        config.simulated = Some(feed);
        let hub = start(config, clock, None);
        let catalog = hub.json("/api/catalog");
        let all = catalog["datastreams"].as_array().unwrap().clone();
        all.into_iter()
            .map(|d| {
                (
                    d["name"].as_str().unwrap().to_owned(),
                    d["id"].as_u64().unwrap(),
                )
            })
            .collect::<std::collections::BTreeMap<String, u64>>()
    };
    let mut turned = sites(4);
    turned.reverse();
    let first = numbers(sites(2));
    let second = numbers(turned);
    assert!(second.len() > first.len());
    for (name, id) in &first {
        assert_eq!(second.get(name), Some(id), "{name}");
    }
    assert_eq!(
        numbers(sites(2)),
        first,
        "sensors that the scene no longer has are not shown"
    );
}
