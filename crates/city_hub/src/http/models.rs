//! Models of scenarios over HTTP: everyone may read, who may save scenarios may bring models.

use super::scenarios::{may_save, refusal};
use crate::{hub::Hub, models::ModelError};
use axum::{
    Json,
    body::{Body, to_bytes},
    extract::{ConnectInfo, Path, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use city_scene::scenario::{KEPT_MODELS, MAX_MODEL_BYTES, hash_of_file};
use serde_json::json;
use std::{net::SocketAddr, sync::Arc};
use tower_http::services::ServeFile;

/// A file that is named by what is in it holds for good.
const FOR_GOOD: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// `GET /api/models/{SHA-256}.glb`
pub(super) async fn read(
    State(hub): State<Arc<Hub>>,
    Path(file): Path<String>,
    request: Request,
) -> Response {
    let Some(path) = hub.models.path(&file) else {
        return refusal(StatusCode::NOT_FOUND, "there is no such model", json!({}));
    };
    // Parts of it too, and nothing where the client has it.
    let found = match ServeFile::new(path).try_call(request).await {
        Ok(found) => found,
        Err(error) => return refused(&error.into()),
    };
    let status = found.status();
    if status == StatusCode::NOT_FOUND {
        let message = format!("there is no model {file} on this hub");
        return refusal(StatusCode::NOT_FOUND, &message, json!({}));
    }
    let mut response = found.map(Body::new).into_response();
    if status.is_success() || status == StatusCode::NOT_MODIFIED {
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, FOR_GOOD);
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("model/gltf-binary"),
        );
    }
    response
}

/// `PUT /api/models/{SHA-256}.glb`
pub(super) async fn save(
    State(hub): State<Arc<Hub>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(file): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    if !may_save(&hub.config, peer, &headers) {
        let message = "models are kept for programs on the hub's own machine, or with its token (Authorization: Bearer ...)";
        return refusal(StatusCode::FORBIDDEN, message, json!({}));
    }
    if hash_of_file(&file).is_none() {
        // Before so much is read.
        return refused(&ModelError::Name(file));
    }
    let Ok(bytes) = to_bytes(body, MAX_MODEL_BYTES).await else {
        let message = format!("a model has at most {MAX_MODEL_BYTES} bytes");
        return refusal(StatusCode::PAYLOAD_TOO_LARGE, &message, json!({}));
    };
    let name = file.clone();
    let work = move || hub.models.put(&name, &bytes);
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(is_new)) => {
            let status = if is_new {
                StatusCode::CREATED
            } else {
                StatusCode::OK
            };
            let body = json!({"file": file, "address": format!("{KEPT_MODELS}{file}")});
            (status, Json(body)).into_response()
        }
        Ok(Err(error)) => refused(&error),
        Err(error) => refused(&std::io::Error::other(error).into()),
    }
}

fn refused(error: &ModelError) -> Response {
    let status = match error {
        ModelError::Name(_) | ModelError::NoGlb(_) | ModelError::OtherBytes(_) => {
            StatusCode::BAD_REQUEST
        }
        ModelError::Full { .. } => StatusCode::INSUFFICIENT_STORAGE,
        ModelError::Disk(error) => {
            tracing::error!("models cannot be read or kept: {error}");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    };
    refusal(status, &error.to_string(), json!({}))
}
