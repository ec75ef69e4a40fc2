//! What the viewer asks for beside SensorThings: the catalogue, windows of history, one series, health.

use crate::{
    hub::Hub,
    store::{HOUR_NS, StoreError},
};
use axum::{
    Json,
    extract::{Query, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use city_sensors::{
    Columns,
    simulate::FORECAST_S,
    wire::{Series, Window},
};
use city_time::SimInstant;
use serde::Deserialize;
use serde_json::json;
use std::{collections::BTreeSet, sync::Arc};

/// Longest window, in hours.
const MAX_WINDOW_H: i64 = 7 * 24;

/// `GET /api/catalog`
pub(super) async fn catalog(State(hub): State<Arc<Hub>>) -> Response {
    let mut catalog = hub.registry.read().catalog.clone();
    let now_ns = hub.now_ns();
    catalog.now_ns = now_ns;
    let oldest = hub.store.oldest_hour().ok().flatten();
    catalog.history_start_ns = oldest.map_or(now_ns, |hour| {
        (i64::from(hour) * HOUR_NS).max(hub.store.keeps_from_ns(now_ns))
    });
    if hub.simulated.get().is_some() {
        catalog.forecast_s = FORECAST_S as u32;
    } else {
        catalog.no_forecast = Some("no feed of this scene gives a forecast".to_owned());
    }
    Json(catalog).into_response()
}

/// The scene that a viewer opens when its address names none: `{"scene": "scenes/harbour.toml"}` or null.
pub(super) async fn scene(State(hub): State<Arc<Hub>>) -> Response {
    Json(json!({ "scene": hub.config.scene })).into_response()
}

/// `GET /api/health`
pub(super) async fn health(State(hub): State<Arc<Hub>>) -> Response {
    let now_ns = hub.now_ns();
    let mut document = hub.health.to_json(now_ns);
    let size = hub.store.size();
    document["name"] = json!(hub.config.name);
    document["now"] = json!(SimInstant(now_ns).to_string());
    document["ready"] = json!(*hub.ready.borrow());
    document["datastreams"] = json!(hub.registry.read().catalog.datastreams.len());
    if let Ok(size) = size {
        document["store"] = json!({
            "disk_bytes": size.disk_bytes,
            "hot_readings": size.hot_readings,
            "oldest": SimInstant(i64::from(size.oldest_hour) * HOUR_NS).to_string(),
        });
    }
    ([(header::CACHE_CONTROL, "no-store")], Json(document)).into_response()
}

/// Query of a window: layer, or some datastreams of it, and from when to when.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WindowQuery {
    layer: String,
    from: String,
    to: String,
    /// Whether a window that reaches beyond the present brings the forecast.
    #[serde(default = "yes")]
    forecast: bool,
}

const fn yes() -> bool {
    true
}

/// `GET /api/window?layer=&from=&to=`: all readings of a layer's datastreams, columnar
/// (`city_sensors::wire::Window`), with the forecast unless `forecast=false`.
pub(super) async fn window(
    State(hub): State<Arc<Hub>>,
    Query(query): Query<WindowQuery>,
) -> Result<Response, ApiError> {
    let (from_ns, to_ns) = span(&query.from, &query.to)?;
    let work = move || -> Result<Vec<u8>, ApiError> {
        let registry = hub.registry.read();
        let (layer, _) = registry
            .catalog
            .layer(&query.layer)
            .ok_or_else(|| ApiError::NotFound(format!("there is no layer {}", query.layer)))?;
        let wanted = registry.catalog.of_layer(layer).map(|d| d.id).collect();
        let window = make_window(&hub, query.layer, &wanted, (from_ns, to_ns), query.forecast)?;
        Ok(window.encode())
    };
    binary(work).await
}

/// Query of one series.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SeriesQuery {
    datastream: u32,
    from: String,
    to: String,
}

/// `GET /api/series?datastream=&from=&to=`: the readings of one datastream, as a window of one series.
pub(super) async fn series(
    State(hub): State<Arc<Hub>>,
    Query(query): Query<SeriesQuery>,
) -> Result<Response, ApiError> {
    let (from_ns, to_ns) = span(&query.from, &query.to)?;
    let work = move || -> Result<Vec<u8>, ApiError> {
        let registry = hub.registry.read();
        let datastream = registry.catalog.datastream(query.datastream);
        let layer = datastream.and_then(|d| registry.catalog.layer_of(d));
        let layer = layer.ok_or_else(|| {
            ApiError::NotFound(format!("there is no datastream {}", query.datastream))
        })?;
        let wanted = BTreeSet::from([query.datastream]);
        let window = make_window(&hub, layer.id.clone(), &wanted, (from_ns, to_ns), true)?;
        Ok(window.encode())
    };
    binary(work).await
}

fn make_window(
    hub: &Hub,
    layer: String,
    datastreams: &BTreeSet<u32>,
    (from_ns, to_ns): (i64, i64),
    forecast: bool,
) -> Result<Window, ApiError> {
    // Before the store is read: what it lacks then comes over the live socket with a later clock.
    let now_ns = hub.now_ns();
    let mut series = hub.store.window(datastreams, from_ns, to_ns)?;
    if forecast
        && to_ns > now_ns
        && let Some((simulation, streams)) = hub.simulated.get()
    {
        let mut forecasts = Vec::new();
        for datastream in datastreams {
            let Some(stream) = streams.get(datastream) else {
                continue;
            };
            let forecast = simulation.forecast(stream, now_ns, from_ns, to_ns);
            if !forecast.is_empty() {
                forecasts.push((*datastream, forecast));
            }
        }
        for (datastream, forecast) in forecasts {
            match series.binary_search_by_key(&datastream, |s| s.datastream) {
                Ok(index) => series[index].forecast = forecast,
                Err(index) => series.insert(
                    index,
                    Series {
                        datastream,
                        readings: Columns::default(),
                        forecast,
                    },
                ),
            }
        }
    }
    Ok(Window {
        layer,
        from_ns,
        to_ns,
        now_ns,
        series,
    })
}

fn span(from: &str, to: &str) -> Result<(i64, i64), ApiError> {
    let (from_ns, to_ns) = (instant("from", from)?, instant("to", to)?);
    if to_ns < from_ns {
        return Err(ApiError::Bad("to lies before from".to_owned()));
    }
    if to_ns.saturating_sub(from_ns) > MAX_WINDOW_H * HOUR_NS {
        let detail = format!("a window may be {MAX_WINDOW_H} hours long; ask for a shorter one");
        return Err(ApiError::Bad(detail));
    }
    Ok((from_ns, to_ns))
}

/// RFC 3339, or nanoseconds since the epoch.
fn instant(name: &str, text: &str) -> Result<i64, ApiError> {
    if let Ok(time_ns) = text.parse::<i64>() {
        return Ok(time_ns);
    }
    // A plus that was not encoded has become a space.
    let time = text.replace(' ', "+").parse::<SimInstant>();
    time.map(|t| t.0)
        .map_err(|e| ApiError::Bad(format!("{name}: {e}")))
}

async fn binary(
    work: impl FnOnce() -> Result<Vec<u8>, ApiError> + Send + 'static,
) -> Result<Response, ApiError> {
    let bytes = tokio::task::spawn_blocking(work)
        .await
        .map_err(|e| ApiError::Failed(e.to_string()))??;
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, bytes).into_response())
}

/// Why a request of the viewer is not answered.
pub(super) enum ApiError {
    Bad(String),
    NotFound(String),
    Failed(String),
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::TooMany { .. } => Self::Bad(error.to_string()),
            other => Self::Failed(other.to_string()),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, message) = match self {
            Self::Bad(message) => (StatusCode::BAD_REQUEST, message),
            Self::NotFound(message) => (StatusCode::NOT_FOUND, message),
            Self::Failed(message) => {
                tracing::error!("{message}");
                (StatusCode::INTERNAL_SERVER_ERROR, message)
            }
        };
        let body = json!({"code": status.as_u16(), "type": "error", "message": message});
        (status, Json(body)).into_response()
    }
}
