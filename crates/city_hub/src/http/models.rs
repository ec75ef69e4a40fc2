//! Models of scenarios over HTTP: everyone may read, who may save scenarios may bring models and remove those that no
//! saved scenario names.

use super::scenarios::{blocking, may_save, refusal};
use crate::{
    hub::Hub,
    models::{ModelError, Removal},
};
use axum::{
    Json,
    body::{Body, to_bytes},
    extract::{ConnectInfo, Path, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use city_scene::scenario::{KEPT_MODELS, MAX_MODEL_BYTES, hash_of_file};
use serde::Serialize;
use serde_json::json;
use std::{collections::BTreeSet, io, net::SocketAddr, sync::Arc};
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
    let work = move || hub.models.put(&name, &bytes, hub.now_ns());
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
        Err(error) => refused(&io::Error::other(error).into()),
    }
}

/// A model as a list shows it.
#[derive(Debug, Serialize)]
struct Listed {
    file: String,
    bytes: u64,
    /// Ids of the saved scenarios that name it.
    named_by: BTreeSet<String>,
}

/// `GET /api/models`
pub(super) async fn list(State(hub): State<Arc<Hub>>) -> Response {
    let work = move || {
        let mut named = hub.scenarios.hold().models()?;
        let listed = hub.models.list()?.into_iter().map(|(file, bytes)| Listed {
            named_by: named.remove(&file).unwrap_or_default(),
            file,
            bytes,
        });
        Ok(listed.collect::<Vec<_>>())
    };
    match blocking(work).await {
        Ok(all) => Json(all).into_response(),
        Err(response) => response,
    }
}

/// What was removed.
#[derive(Debug, Default, Serialize)]
pub(super) struct Removed {
    /// Files of models.
    pub models: Vec<String>,
    /// What they took, together.
    pub bytes: u64,
    /// How many stay because somebody has brought them for a scenario that is not saved yet.
    pub awaited: usize,
}

/// Removes those of some models that no saved scenario names.
pub(super) fn remove_unnamed(
    hub: &Hub,
    held: &crate::scenarios::Held<'_>,
    files: impl IntoIterator<Item = String>,
) -> io::Result<Removed> {
    let named = held.models()?;
    let mut removed = Removed::default();
    for file in files {
        if named.contains_key(&file) {
            continue;
        }
        match hub.models.remove(&file, hub.now_ns())? {
            Removal::Done(bytes) => {
                removed.models.push(file);
                removed.bytes += bytes;
            }
            Removal::Awaited => removed.awaited += 1,
            Removal::NotThere => {}
        }
    }
    Ok(removed)
}

const MAY_NOT: &str =
    "models are deleted on the hub's own machine, or with its token (Authorization: Bearer ...)";

/// `DELETE /api/models`: all that no saved scenario names.
pub(super) async fn tidy(
    State(hub): State<Arc<Hub>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Response {
    if !may_save(&hub.config, peer, &headers) {
        return refusal(StatusCode::FORBIDDEN, MAY_NOT, json!({}));
    }
    let work = move || {
        let held = hub.scenarios.hold();
        let all = hub.models.list()?;
        remove_unnamed(&hub, &held, all.into_keys())
    };
    match blocking(work).await {
        Ok(removed) => Json(removed).into_response(),
        Err(response) => response,
    }
}

/// `DELETE /api/models/{SHA-256}.glb`: one that no saved scenario names. Its name is what is in it, so there is no
/// other revision that it could be taken for.
pub(super) async fn remove(
    State(hub): State<Arc<Hub>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Response {
    if !may_save(&hub.config, peer, &headers) {
        return refusal(StatusCode::FORBIDDEN, MAY_NOT, json!({}));
    }
    let work = move || {
        let held = hub.scenarios.hold();
        if let Some(ids) = held.models()?.get(&file) {
            let names: Vec<&str> = ids.iter().map(String::as_str).collect();
            let message = format!(
                "the model is in use: take it out of these scenarios first, or delete them: {}",
                names.join(", ")
            );
            let more = json!({ "named_by": ids });
            return Ok(refusal(StatusCode::CONFLICT, &message, more));
        }
        Ok(match hub.models.remove(&file, hub.now_ns())? {
            Removal::Done(bytes) => Json(json!({"file": file, "bytes": bytes})).into_response(),
            Removal::Awaited => {
                let message = "somebody has brought this model within the last hour, for a scenario that is not saved yet; ask again later";
                refusal(StatusCode::CONFLICT, message, json!({}))
            }
            Removal::NotThere => refusal(
                StatusCode::NOT_FOUND,
                "there is no such model on this hub",
                json!({}),
            ),
        })
    };
    blocking(work).await.unwrap_or_else(|response| response)
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
