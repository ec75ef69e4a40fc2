//! The hub's pages: SensorThings, the viewer's interface, the live socket, files.

mod api;
mod deleting;
mod density;
mod files;
mod headers;
mod live;
mod models;
mod scenarios;
mod sensorthings;

pub use density::Counted;

use crate::{error::HubError, hub::Hub};
use axum::{Router, middleware, routing::get};
use std::sync::Arc;

/// All routes.
///
/// # Errors
/// Where a directory that is to be served is not there.
pub fn router(hub: &Arc<Hub>) -> Result<Router, HubError> {
    let router = Router::new()
        .route("/v1.1", get(sensorthings::answer))
        .route("/v1.1/", get(sensorthings::answer))
        .route("/v1.1/{*path}", get(sensorthings::answer))
        .route("/api/scene", get(api::scene))
        .route("/api/catalog", get(api::catalog))
        .route("/api/window", get(api::window))
        .route("/api/series", get(api::series))
        .route("/api/density", get(density::density))
        .route("/api/health", get(api::health))
        .route("/api/scenarios", get(scenarios::list))
        .route(
            "/api/scenarios/{id}",
            get(scenarios::read)
                .put(scenarios::save)
                .delete(deleting::delete),
        )
        .route("/api/models", get(models::list).delete(models::tidy))
        .route(
            "/api/models/{file}",
            get(models::read).put(models::save).delete(models::remove),
        )
        .route("/api/live", get(live::upgrade));
    let router = files::add(router, &hub.config)?;
    Ok(router
        .layer(middleware::from_fn_with_state(
            Arc::clone(hub),
            headers::add,
        ))
        .with_state(Arc::clone(hub)))
}
