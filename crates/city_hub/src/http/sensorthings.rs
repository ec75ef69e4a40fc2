//! `/v1.1` over HTTP.

use super::headers::own_address;
use crate::{
    hub::Hub,
    sensorthings::{Answer, QueryError, World},
};
use axum::{
    Json,
    extract::{OriginalUri, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;
use std::sync::Arc;

/// Answers a request below `/v1.1`.
pub(super) async fn answer(
    State(hub): State<Arc<Hub>>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Response {
    let root = format!("{}/v1.1", own_address(&hub.config, &headers));
    let path = uri.path().strip_prefix("/v1.1").unwrap_or("").to_owned();
    let query = uri.query().unwrap_or("").to_owned();
    let work = move || {
        let world = World::new(hub.registry.read(), &hub.store, root);
        world.answer(&path, &query)
    };
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(Answer::Json(document))) => Json(document).into_response(),
        Ok(Ok(Answer::Text(text))) => {
            ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
        }
        Ok(Ok(Answer::NoContent)) => StatusCode::NO_CONTENT.into_response(),
        Ok(Err(error)) => refusal(&error),
        Err(error) => {
            tracing::error!("a SensorThings request ended badly: {error}");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn refusal(error: &QueryError) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST);
    if status.is_server_error() {
        tracing::error!("{error}");
    }
    let body = json!({"code": status.as_u16(), "type": "error", "message": error.to_string()});
    (status, Json(body)).into_response()
}
