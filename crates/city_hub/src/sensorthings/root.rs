//! The service's root (clause 9.2.1): its entity sets and what it conforms to.

use super::model::Kind;
use serde_json::{Value, json};

/// Requirements of OGC 18-088 that this service meets. Creating, updating and MQTT are not among them, and of
/// `$filter` the geospatial functions are missing, so the class of built-in functions is not claimed.
pub(super) const CONFORMANCE: [&str; 28] = [
    "http://www.opengis.net/spec/iot_sensing/1.1/req/datamodel/thing/properties",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/datamodel/thing/relations",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/datamodel/location/properties",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/datamodel/location/relations",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/datamodel/historical-location/properties",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/datamodel/historical-location/relations",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/datamodel/datastream/properties",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/datamodel/datastream/relations",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/datamodel/sensor/properties",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/datamodel/sensor/relations",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/datamodel/observed-property/properties",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/datamodel/observed-property/relations",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/datamodel/observation/properties",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/datamodel/observation/relations",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/datamodel/feature-of-interest/properties",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/datamodel/feature-of-interest/relations",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/resource-path/resource-path-to-entities",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/request-data/order",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/request-data/expand",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/request-data/select",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/request-data/orderby",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/request-data/top",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/request-data/skip",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/request-data/count",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/request-data/filter",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/request-data/built-in-filter-operations",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/request-data/pagination",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/request-data/status-code",
];

/// The document at the root.
pub(super) fn document(root: &str) -> Value {
    let sets =
        Kind::ALL.map(|kind| json!({"name": kind.set(), "url": format!("{root}/{}", kind.set())}));
    json!({"value": sets, "serverSettings": {"conformance": CONFORMANCE}})
}
