//! Files: the viewer at `/`, tiles, scenes.

use crate::{config::Config, error::HubError, hub::Hub};
use axum::{
    Router,
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use std::{path::Path, sync::Arc};
use tower_http::services::ServeDir;

/// Adds the directories that the configuration names.
pub(super) fn add(
    mut router: Router<Arc<Hub>>,
    config: &Config,
) -> Result<Router<Arc<Hub>>, HubError> {
    let named = [
        ("tiles", "/tiles", &config.tiles_dir),
        ("scenes", "/scenes", &config.scenes_dir),
    ];
    for (what, route, path) in named {
        if let Some(path) = path {
            check(what, path)?;
            router = router.nest_service(
                route,
                directory(path).append_index_html_on_directories(false),
            );
        }
    }
    // Looked for at every request: the viewer may be built while the hub runs.
    Ok(match &config.web_dir {
        Some(path) => router.fallback_service(directory(path).fallback(without_viewer())),
        None => router.fallback_service(without_viewer()),
    })
}

/// What answers where the viewer has no file: a page that says how to build it, and nothing else.
fn without_viewer() -> Router {
    Router::new()
        .route("/", get(no_viewer))
        .route("/no_viewer.css", get(no_viewer_style))
        .fallback(not_found)
}

fn directory(path: &Path) -> ServeDir {
    ServeDir::new(path)
        .precompressed_br()
        .precompressed_gzip()
        .append_index_html_on_directories(true)
}

fn check(what: &'static str, path: &Path) -> Result<(), HubError> {
    let cause = match std::fs::metadata(path) {
        Ok(found) if found.is_dir() => return Ok(()),
        Ok(_) => "it is not a directory".to_owned(),
        Err(error) => error.to_string(),
    };
    Err(HubError::Directory {
        what,
        path: path.to_owned(),
        cause,
    })
}

async fn no_viewer() -> Html<&'static str> {
    Html(include_str!("no_viewer.html"))
}

async fn no_viewer_style() -> Response {
    let headers = [(header::CONTENT_TYPE, "text/css; charset=utf-8")];
    (headers, include_str!("no_viewer.css")).into_response()
}

async fn not_found() -> Response {
    (StatusCode::NOT_FOUND, "there is nothing here").into_response()
}
