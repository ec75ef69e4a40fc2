//! Deleting a scenario, with the models that no other names.

use super::{
    models::remove_unnamed,
    scenarios::{blocking, condition, may_save, not_there, overtaken, refusal},
};
use crate::{
    hub::Hub,
    scenarios::{Condition, Removed, models_of},
};
use axum::{
    Json,
    extract::{ConnectInfo, Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use city_time::SimInstant;
use serde_json::json;
use std::{io, net::SocketAddr, sync::Arc};

/// `DELETE /api/scenarios/{id}`
pub(super) async fn delete(
    State(hub): State<Arc<Hub>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    if !may_save(&hub.config, peer, &headers) {
        let message = "scenarios are deleted on the hub's own machine, or with its token (Authorization: Bearer ...)";
        return refusal(StatusCode::FORBIDDEN, message, json!({}));
    }
    let Some(condition) = condition(&headers).filter(|c| *c != Condition::New) else {
        let message = "say which revision is to be deleted with If-Match";
        return refusal(StatusCode::PRECONDITION_REQUIRED, message, json!({}));
    };
    let work = move || delete_now(&hub, &id, &condition);
    blocking(work).await.unwrap_or_else(|response| response)
}

fn delete_now(hub: &Hub, id: &str, condition: &Condition) -> io::Result<Response> {
    // Until its models are gone too, so that nobody saves a scenario with one of them meanwhile.
    let held = hub.scenarios.hold();
    let now = SimInstant(hub.now_ns()).to_rfc3339();
    Ok(match held.delete(id, condition, now)? {
        Removed::Done(was) => {
            let removed = remove_unnamed(hub, &held, models_of(&was.text))?;
            Json(json!({
                "id": id,
                "models": removed.models,
                "bytes": removed.bytes,
                "awaited": removed.awaited,
            }))
            .into_response()
        }
        Removed::Refused { current, ancestor } => {
            let message = "somebody else has saved this scenario meanwhile; it was not deleted";
            let file = format!("{id}.toml");
            overtaken(&file, message, &current, ancestor.as_deref(), None)
        }
        Removed::NotThere => not_there(id, hub.scenarios.deleted(id)?.as_ref()),
    })
}
