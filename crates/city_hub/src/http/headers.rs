//! Headers of every answer: what a page may do, who may read, how long it holds.

use crate::{config::Config, hub::Hub};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::sync::Arc;

/// Scripts and styles come from the hub's files alone, and scripts may compile WebAssembly; nothing written into a
/// page runs. Tiles and feeds may come from anywhere, since any tileset's address can be opened.
const SECURITY_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; \
     style-src 'self'; img-src 'self' data: blob: http: https:; \
     connect-src 'self' blob: http: https: ws: wss:; object-src 'none'; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'self'",
);

/// Adds the headers.
pub(super) async fn add(State(hub): State<Arc<Hub>>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let origin = request.headers().get(header::ORIGIN).cloned();
    let mut response = if request.method() == Method::OPTIONS {
        StatusCode::NO_CONTENT.into_response()
    } else {
        next.run(request).await
    };
    // What is not there now may be there with the next build.
    let cached = if response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED
    {
        cache_control(&path)
    } else {
        HeaderValue::from_static("no-cache")
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, SECURITY_POLICY);
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("same-origin"),
    );
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, cached);
    }
    // Files have compressed versions beside them, chosen by what the client accepts.
    headers.append(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(origin) = origin
        && is_allowed(&hub.config, &origin)
    {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.append(header::VARY, HeaderValue::from_static("origin"));
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            HeaderValue::from_static("range, content-type"),
        );
    }
    response
}

/// Where the browser viewer keeps the files of one build: their folders' names carry a hash of what is in them.
const HASHED: &str = "/v/";

/// Files of one build never change; tiles hardly; everything else is asked for again each time.
fn cache_control(path: &str) -> HeaderValue {
    HeaderValue::from_static(if path.starts_with(HASHED) {
        "public, max-age=31536000, immutable"
    } else if path.starts_with("/tiles/") && !path.ends_with(".json") {
        "public, max-age=3600"
    } else {
        "no-cache"
    })
}

fn is_allowed(config: &Config, origin: &HeaderValue) -> bool {
    let allowed = config.allow_origins.iter();
    allowed
        .into_iter()
        .any(|a| a == "*" || origin == a.as_str())
}

/// May a page from where the request comes open the live socket? Browsers do not ask this themselves.
pub(super) fn may_connect(config: &Config, headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return true; // not a browser
    };
    let host = headers.get(header::HOST).and_then(|h| h.to_str().ok());
    let same = origin
        .to_str()
        .ok()
        .and_then(|o| o.split_once("://"))
        .is_some_and(|(_, origin_host)| Some(origin_host) == host);
    same || is_allowed(config, origin)
}

/// The address by which the client knows this hub.
pub(super) fn own_address(config: &Config, headers: &HeaderMap) -> String {
    if let Some(address) = &config.public_url {
        return address.trim_end_matches('/').to_owned();
    }
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let plain = |host: &&str| {
        !host.is_empty()
            && host
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b".:-[]_".contains(&b))
    };
    let host = text(&header::HOST).filter(plain).unwrap_or("localhost");
    format!("http://{host}")
}
