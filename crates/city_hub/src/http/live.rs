//! The live socket: `GET /api/live`, binary messages of `city_sensors::wire::Live`.

use super::headers::may_connect;
use crate::hub::Hub;
use axum::{
    extract::{
        State,
        ws::{Message, WebSocket, WebSocketUpgrade},
    },
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use city_sensors::wire::Live;
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{sync::broadcast::error::RecvError, time::timeout};

/// Most viewers at once.
const MAX_VIEWERS: usize = 2000;
/// A viewer has nothing to say; longer messages close the socket.
const MAX_MESSAGE_BYTES: usize = 4096;
/// After this long without readings, a beat says that the hub lives.
const BEAT: Duration = Duration::from_secs(5);
/// A viewer that takes longer to accept a message is let go.
const PATIENCE: Duration = Duration::from_secs(20);

static VIEWERS: AtomicUsize = AtomicUsize::new(0);

/// Opens the socket.
pub(super) async fn upgrade(
    State(hub): State<Arc<Hub>>,
    headers: HeaderMap,
    socket: WebSocketUpgrade,
) -> Response {
    if !may_connect(&hub.config, &headers) {
        let message = "pages from elsewhere may not open the live socket";
        return (StatusCode::FORBIDDEN, message).into_response();
    }
    if VIEWERS.load(Ordering::Relaxed) >= MAX_VIEWERS {
        let message = "there are as many viewers as this hub serves; try again later";
        return (StatusCode::SERVICE_UNAVAILABLE, message).into_response();
    }
    socket
        .max_message_size(MAX_MESSAGE_BYTES)
        .max_frame_size(MAX_MESSAGE_BYTES)
        .on_upgrade(|socket| async move {
            VIEWERS.fetch_add(1, Ordering::Relaxed);
            hub.health.add_viewers(1);
            serve(&hub, socket).await;
            hub.health.add_viewers(-1);
            VIEWERS.fetch_sub(1, Ordering::Relaxed);
        })
}

async fn serve(hub: &Hub, mut socket: WebSocket) {
    let mut messages = hub.live.subscribe();
    let mut stop = hub.stop.subscribe();
    let hello = Live::Hello {
        now_ns: hub.now_ns(),
        catalog_revision: hub.registry.read().catalog.revision,
    };
    if !send(&mut socket, hello.encode().into()).await {
        return;
    }
    loop {
        let bytes = tokio::select! {
            message = timeout(BEAT, messages.recv()) => match message {
                Ok(Ok(bytes)) => bytes,
                Ok(Err(RecvError::Lagged(missed))) => Live::Lagged { missed }.encode().into(),
                Ok(Err(RecvError::Closed)) => break,
                Err(_) => Live::Beat { now_ns: hub.now_ns() }.encode().into(),
            },
            received = socket.recv() => match received {
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(_)) => continue,
            },
            _ = stop.wait_for(|stop| *stop) => break,
        };
        if !send(&mut socket, bytes).await {
            return;
        }
    }
    let _ = timeout(Duration::from_secs(1), socket.send(Message::Close(None))).await;
}

async fn send(socket: &mut WebSocket, bytes: axum::body::Bytes) -> bool {
    matches!(
        timeout(PATIENCE, socket.send(Message::Binary(bytes))).await,
        Ok(Ok(()))
    )
}
