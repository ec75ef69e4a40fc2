//! The operator's page and what it asks for.

use std::net::TcpListener;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::json;

use super::lead::Shared;
use super::shared::{lock, thread};
use crate::command::{Command, CommandError};

/// Longest command, bytes.
const MAX_COMMAND_BYTES: usize = 16 << 10;
/// How long a wrong token is pondered on, so that guessing takes for ever.
const PONDER: Duration = Duration::from_millis(250);
/// How long open requests may take to end.
const GRACE: Duration = Duration::from_secs(1);

/// The page asks its own server only, and nothing written into it runs.
const SECURITY_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// Serves until the wall stops.
pub(super) fn serve(listener: TcpListener, shared: Arc<Shared>) -> std::io::Result<JoinHandle<()>> {
    listener.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("wall-http")
        .enable_all()
        .build()?;
    thread("wall-http-main", move || {
        runtime.block_on(async move {
            let listener = match tokio::net::TcpListener::from_std(listener) {
                Ok(listener) => listener,
                Err(error) => return tracing::error!("the operator's page is not served: {error}"),
            };
            let router = router(Arc::clone(&shared));
            let server = axum::serve(listener, router).into_future();
            let stopped = async {
                while !shared.wire.stops() {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            };
            tokio::select! {
                ended = server => if let Err(error) = ended {
                    tracing::error!("the operator's page is not served any more: {error}");
                },
                () = stopped => {}
            }
        });
        runtime.shutdown_timeout(GRACE);
    })
}

fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/", get(page))
        .route("/wall.js", get(script))
        .route("/wall.css", get(style))
        .route("/icon.svg", get(icon))
        .route("/api/state", get(state))
        .route("/api/nodes", get(nodes))
        .route("/api/command", post(command))
        .fallback(nothing)
        .layer(DefaultBodyLimit::max(MAX_COMMAND_BYTES))
        .layer(middleware::from_fn(headers))
        .with_state(shared)
}

async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, SECURITY_POLICY);
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

fn file(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}

async fn page() -> Response {
    file(
        "text/html; charset=utf-8",
        include_str!("../../../../web/wall/index.html"),
    )
}

async fn script() -> Response {
    file(
        "text/javascript; charset=utf-8",
        include_str!("../../../../web/wall/wall.js"),
    )
}

async fn style() -> Response {
    file(
        "text/css; charset=utf-8",
        include_str!("../../../../web/wall/wall.css"),
    )
}

async fn icon() -> Response {
    file("image/svg+xml", include_str!("../../../../web/icon.svg"))
}

async fn nothing() -> Response {
    problem(
        StatusCode::NOT_FOUND,
        "there is nothing here; the operator's page is at /",
    )
}

async fn state(State(shared): State<Arc<Shared>>) -> Response {
    let snapshot = lock(&shared.leader).snapshot();
    Json(snapshot).into_response()
}

async fn nodes(State(shared): State<Arc<Shared>>) -> Response {
    let now_ns = shared.wire.clock.now_ns();
    let view = lock(&shared.leader).nodes(now_ns);
    Json(view).into_response()
}

async fn command(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    if !knows_token(&shared, &headers) {
        tokio::time::sleep(PONDER).await;
        let mut response = problem(
            StatusCode::UNAUTHORIZED,
            "the wall's token is missing or wrong: send it as Authorization: Bearer TOKEN",
        );
        let scheme = HeaderValue::from_static("Bearer");
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, scheme);
        return response;
    }
    let command: Command = match serde_json::from_slice(&body) {
        Ok(command) => command,
        Err(error) => {
            let message = format!("this is no command: {error}");
            return problem(StatusCode::BAD_REQUEST, &message);
        }
    };
    let now_ns = shared.wire.clock.now_ns();
    let (done, revision, active) = {
        let mut leader = lock(&shared.leader);
        let done = leader.command(&command, now_ns);
        (done, leader.state().revision, leader.active().cloned())
    };
    match done {
        Ok(()) => {
            note(&command);
            Json(json!({ "revision": revision })).into_response()
        }
        Err(error @ CommandError::NotActive { .. }) => {
            let body = json!({"message": error.to_string(), "active": active});
            (StatusCode::CONFLICT, Json(body)).into_response()
        }
        Err(error) => problem(StatusCode::UNPROCESSABLE_ENTITY, &error.to_string()),
    }
}

/// What the wall was told is in the log; not a hand on the camera, twenty times a second.
fn note(command: &Command) {
    if !matches!(
        command,
        Command::MoveCamera { .. } | Command::OrbitCamera { .. }
    ) {
        tracing::info!("operator: {command:?}");
    }
}

/// Hashes are compared, and those in constant time, so that the time taken says nothing of the token.
fn knows_token(shared: &Shared, headers: &HeaderMap) -> bool {
    let given = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
    given.is_some_and(|given| blake3::hash(given) == shared.token)
}

fn problem(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "message": message }))).into_response()
}
