use super::*;
use proptest::prelude::*;

const NOW_NS: i64 = 1_750_000_000_000_000_000;

fn parser() -> MqttJson {
    let mapping: Mapping = serde_json::from_value(serde_json::json!({
        "topic": "city/{layer}/{sensor}",
        "time": "/time",
    }))
    .unwrap();
    MqttJson::new(&mapping).unwrap()
}

fn parse(payload: &[u8]) -> Parsed {
    parser().parse(&Message {
        topic: "city/air_pm25/7",
        payload,
        received_ns: NOW_NS,
    })
}

fn reason(payload: &[u8]) -> Reason {
    let parsed = parse(payload);
    assert!(parsed.readings.is_empty());
    parsed.rejects[0].reason
}

#[test]
fn hostile_payloads_are_rejects_with_their_reason() {
    assert_eq!(reason(b"on fire"), Reason::NotJson);
    assert_eq!(reason(b""), Reason::NotJson);
    assert_eq!(reason(b"{\"value\": \xff\xfe}"), Reason::NotUtf8);
    assert_eq!(reason(&vec![b' '; 10 << 20]), Reason::TooLarge);
    assert_eq!(reason(&[b'['; 100_000]), Reason::NotJson);
    assert_eq!(reason(br#"{"time": 1749999999}"#), Reason::NoValue);
    assert_eq!(
        reason(br#"{"value": "warm", "time": 1749999999}"#),
        Reason::NotANumber
    );
    assert_eq!(
        reason(br#"{"value": {"a": 1}, "time": 1749999999}"#),
        Reason::NotANumber
    );
    assert_eq!(
        reason(br#"{"value": 1e400, "time": 1749999999}"#),
        Reason::NotJson
    );
    assert_eq!(
        reason(br#"{"value": "NaN", "time": 1749999999}"#),
        Reason::NotANumber
    );
    assert_eq!(reason(br#"{"value": 3}"#), Reason::Time);
    assert_eq!(
        reason(br#"{"value": 3, "time": "yesterday"}"#),
        Reason::Time
    );
    assert_eq!(reason(br#"{"value": 3, "time": 9e300}"#), Reason::Time);
    assert_eq!(
        reason(br#"{"value": 3, "time": "2100-01-01T00:00:00Z"}"#),
        Reason::Future
    );
}

#[test]
fn a_time_in_1970_parses_and_is_left_to_the_hub_that_knows_its_retention() {
    let parsed = parse(br#"{"value": 3, "time": "1970-01-01T00:00:01Z"}"#);
    assert_eq!(parsed.readings[0].phenomenon_time_ns, 1_000_000_000);
}

#[test]
fn details_are_short_even_when_the_message_is_long() {
    let long = format!(
        r#"{{"value": "{}", "time": 1749999999}}"#,
        "港".repeat(60_000)
    );
    let parsed = parse(long.as_bytes());
    assert!(parsed.rejects[0].detail.chars().count() < 200);
}

#[test]
fn mappings_that_cannot_work_are_refused_with_the_field() {
    let mapping = |json: Value| -> Mapping { serde_json::from_value(json).unwrap() };
    let error = |json| MqttJson::new(&mapping(json)).unwrap_err().to_string();
    assert_eq!(
        error(serde_json::json!({"topic": "city/{sensor}"})),
        "layer uses {layer}, which the topic pattern \"city/{sensor}\" does not capture"
    );
    assert!(
        error(serde_json::json!({"topic": "a/{sensor}", "layer": "x", "value": "value"}))
            .contains("is not a JSON pointer")
    );
    assert!(
        error(serde_json::json!({"topic": "a/{sensor}", "layer": "x", "lon": "/lon"}))
            .contains("together")
    );
}

proptest! {
    #[test]
    fn no_payload_makes_it_panic(payload in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = parse(&payload);
    }

    #[test]
    fn a_reading_comes_through_unchanged(value in -1e9..1e9f64, ahead_s in -100_000..300i64) {
        let time_s = NOW_NS / 1_000_000_000 + ahead_s;
        let payload = format!(r#"{{"value": {value}, "time": {time_s}}}"#);
        let parsed = parse(payload.as_bytes());
        prop_assert_eq!(parsed.readings.len(), 1);
        prop_assert_eq!(parsed.readings[0].value.to_bits(), value.to_bits());
        prop_assert_eq!(parsed.readings[0].phenomenon_time_ns, time_s * 1_000_000_000);
    }
}
