//! MQTT payloads under mappings that use every key: readings, or rejects that say why.
#![no_main]

use city_sensors::protocols::Message;
use city_sensors::protocols::mqtt_json::{Mapping, MqttJson};
use std::sync::LazyLock;

static PARSERS: LazyLock<Vec<MqttJson>> = LazyLock::new(|| {
    let mappings = [
        serde_json::json!({"topic": "city/{layer}/{sensor}"}),
        serde_json::json!({
            "topic": "city/{layer}/{gateway}", "readings": "/readings", "sensor": "/id", "value": "/v", "time": "/t",
            "lon": "/lon", "lat": "/lat", "height_m": "/h", "seq": "/n", "missing": [-1.0], "scale": 0.5, "offset": 1.0,
        }),
    ];
    let parser = |json| {
        serde_json::from_value::<Mapping>(json)
            .ok()
            .and_then(|m| MqttJson::new(&m).ok())
    };
    let parsers: Vec<_> = mappings.into_iter().filter_map(parser).collect();
    assert_eq!(parsers.len(), 2, "the mappings are good");
    parsers
});

libfuzzer_sys::fuzz_target!(init: belvedere_fuzz::plant("mqtt_json"), |bytes: &[u8]| {
    for parser in PARSERS.iter() {
        let message = Message { topic: "city/air/a1", payload: bytes, received_ns: 1_795_435_200_000_000_000 };
        let parsed = parser.parse(&message);
        assert!(parsed.rejects.iter().all(|reject| reject.detail.chars().count() <= 161));
    }
});
