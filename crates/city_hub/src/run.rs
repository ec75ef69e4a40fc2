//! Starting and stopping a hub.

use crate::{
    Config, HubError,
    feeds::{SIMULATED, mqtt::Mqtt, simulated},
    health::State,
    http,
    hub::Hub,
    ingest,
};
use std::{
    fmt,
    net::SocketAddr,
    sync::{Arc, mpsc},
    thread::JoinHandle,
    time::Duration,
};
use tokio::{net::TcpListener, runtime::Handle, sync::watch, task::JoinSet};

/// How often hours are sealed and old ones deleted.
const MAINTENANCE: Duration = Duration::from_secs(60);
/// How long open requests may take to end when the hub stops.
const GRACE: Duration = Duration::from_secs(3);

/// What the hub is doing while it gets ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It answers at this address.
    Listening {
        /// The address, with the port that was given.
        address: SocketAddr,
    },
    /// It fills in history of the simulated feed.
    Filling {
        /// Datastreams done.
        done: u64,
        /// Datastreams in all.
        total: u64,
    },
    /// History is there and feeds run.
    Ready,
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listening { address } => write!(f, "the hub answers at http://{address}"),
            Self::Filling { done, total } => {
                write!(f, "filling in history: {done} of {total} datastreams")
            }
            Self::Ready => write!(f, "history is filled in and feeds run"),
        }
    }
}

/// A running hub. It stops when this is dropped.
#[derive(Debug)]
pub struct HubHandle {
    /// Where it listens, with the port that was given.
    pub addr: SocketAddr,
    stop: watch::Sender<bool>,
    ready: watch::Receiver<bool>,
    ended: watch::Receiver<bool>,
    thread: Option<JoinHandle<()>>,
}

impl HubHandle {
    /// Its address on this machine.
    #[must_use]
    pub fn url(&self) -> String {
        let mut address = self.addr;
        if address.ip().is_unspecified() {
            address.set_ip(match address {
                SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
                SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
            });
        }
        format!("http://{address}")
    }

    /// Waits, blocking, until history is filled in and feeds run; `false` if the hub stopped before.
    #[must_use]
    pub fn wait_ready(&self) -> bool {
        loop {
            if *self.ready.borrow() {
                return true;
            }
            if *self.ended.borrow() || self.ended.has_changed().is_err() {
                return false;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until history is filled in and feeds run; `false` if the hub stopped before.
    pub async fn ready(&mut self) -> bool {
        self.ready.wait_for(|ready| *ready).await.is_ok()
    }

    /// Waits until the hub has stopped.
    pub async fn ended(&mut self) {
        // An error means that the hub is gone, which is what is waited for.
        let _ = self.ended.wait_for(|ended| *ended).await;
    }

    /// Asks the hub to stop, without waiting.
    pub fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// Stops the hub; for one of its own thread, waits until everything is on disk and closed.
    pub fn shutdown(mut self) {
        self.stop_and_join();
    }

    fn stop_and_join(&mut self) {
        self.stop();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the hub's thread ended badly");
        }
    }
}

impl Drop for HubHandle {
    fn drop(&mut self) {
        self.stop_and_join();
    }
}

/// Runs a hub on a thread of its own, and returns when it listens.
///
/// # Errors
/// As [`serve`].
pub fn spawn(
    config: Config,
    progress: impl Fn(Progress) + Send + Sync + 'static,
) -> Result<HubHandle, HubError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("hub")
        .enable_all()
        .build()?;
    let (started, start) = mpsc::channel();
    let thread = std::thread::Builder::new()
        .name("hub-main".to_owned())
        .spawn(move || {
            runtime.block_on(async move {
                let result = serve(config, progress).await;
                let mut ended = result.as_ref().ok().map(|handle| handle.ended.clone());
                if started.send(result).is_ok()
                    && let Some(ended) = &mut ended
                {
                    let _ = ended.wait_for(|ended| *ended).await;
                }
            });
        })?;
    match start.recv() {
        Ok(Ok(mut handle)) => {
            handle.thread = Some(thread);
            Ok(handle)
        }
        Ok(Err(error)) => Err(error),
        Err(_) => Err(HubError::System(std::io::Error::other(
            "the hub's thread ended before it had started",
        ))),
    }
}

/// Runs a hub in the present tokio runtime, and returns when it listens. History is filled in and feeds are started
/// behind that; `progress` hears of it.
///
/// # Errors
/// Where the address is taken, the data directory cannot be used, or a feed, layer or directory is described
/// wrongly; the message says which and what to do.
pub async fn serve(
    config: Config,
    progress: impl Fn(Progress) + Send + Sync + 'static,
) -> Result<HubHandle, HubError> {
    let progress: Arc<dyn Fn(Progress) + Send + Sync> = Arc::new(progress);
    // What can be wrong with the description is found before anything is touched.
    let feeds = config
        .mqtt
        .iter()
        .map(|feed| Mqtt::new(feed, &config.data_dir))
        .collect::<Result<Vec<Mqtt>, HubError>>()?;
    let address = config.listen;
    let listen_error = |cause| HubError::Listen { address, cause };
    let listener = TcpListener::bind(address).await.map_err(listen_error)?;
    let addr = listener.local_addr().map_err(listen_error)?;
    let (hub, batches) = tokio::task::spawn_blocking(move || Hub::open(config))
        .await
        .map_err(std::io::Error::other)??;
    let router = http::router(&hub)?;
    let mut tasks = JoinSet::new();
    tasks.spawn(http_server(listener, router, hub.stop.subscribe()));
    let (ingest_hub, runtime) = (Arc::clone(&hub), Handle::current());
    let ingest = std::thread::Builder::new()
        .name("hub-ingest".to_owned())
        .spawn(move || ingest::run(&ingest_hub, batches, &runtime))?;
    tasks.spawn(maintain(Arc::clone(&hub)));
    progress(Progress::Listening { address: addr });
    tasks.spawn(start_feeds(Arc::clone(&hub), feeds, Arc::clone(&progress)));
    let (ended_sender, ended) = watch::channel(false);
    let handle = HubHandle {
        addr,
        stop: hub.stop.clone(),
        ready: hub.ready.subscribe(),
        ended,
        thread: None,
    };
    tokio::spawn(finish(hub, tasks, ingest, ended_sender));
    Ok(handle)
}

async fn http_server(listener: TcpListener, router: axum::Router, mut stop: watch::Receiver<bool>) {
    let stopped = async move {
        let _ = stop.wait_for(|stop| *stop).await;
    };
    // Who asks decides whether scenarios may be saved.
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let server = axum::serve(listener, service).with_graceful_shutdown(stopped);
    if let Err(error) = server.await {
        tracing::error!("the server ended: {error}");
    }
}

/// Fills in history, then runs all feeds until the hub stops.
async fn start_feeds(
    hub: Arc<Hub>,
    feeds: Vec<Mqtt>,
    progress: Arc<dyn Fn(Progress) + Send + Sync>,
) {
    let mut running = JoinSet::new();
    for feed in &feeds {
        hub.health.add_feed(feed.name(), "mqtt");
    }
    if let Some(feed) = hub.config.simulated.clone() {
        hub.health.add_feed(SIMULATED, "simulated");
        let filling = Arc::clone(&hub);
        let heard = Arc::clone(&progress);
        let in_process = feed.in_process;
        let until_ns = loop {
            let (filling, heard, feed) = (Arc::clone(&filling), Arc::clone(&heard), feed.clone());
            let work = move || {
                simulated::register(&filling, &feed)?;
                let until_ns = simulated::fill(&filling, &feed, &*heard)?;
                Ok::<i64, HubError>(until_ns)
            };
            match tokio::task::spawn_blocking(work).await {
                Ok(Ok(until_ns)) => break until_ns,
                Ok(Err(error)) => {
                    tracing::error!("{error}");
                    hub.health.set_store_error(Some(error.to_string()));
                    hub.health
                        .set_state(SIMULATED, State::Waiting(error.to_string()));
                }
                Err(error) => {
                    tracing::error!("filling in history ended badly: {error}");
                    return;
                }
            }
            if wait_or_stop(&hub, Duration::from_secs(2)).await {
                return;
            }
        };
        hub.health.set_store_error(None);
        hub.health.set_fill(None);
        hub.send_catalog_changed();
        if in_process {
            running.spawn(simulated::publish(Arc::clone(&hub), until_ns));
        }
    }
    for feed in feeds {
        running.spawn(feed.run(Arc::clone(&hub)));
    }
    hub.ready.send_replace(true);
    progress(Progress::Ready);
    while let Some(ended) = running.join_next().await {
        if let Err(error) = ended {
            tracing::error!("a feed ended badly: {error}");
        }
    }
}

/// Seals finished hours and deletes old ones until the hub stops.
async fn maintain(hub: Arc<Hub>) {
    while !wait_or_stop(&hub, MAINTENANCE).await {
        let hub = Arc::clone(&hub);
        let work = move || {
            let now_ns = hub.now_ns();
            let result = hub
                .store
                .seal(now_ns)
                .and_then(|_| hub.store.expire(now_ns));
            if let Err(error) = result {
                tracing::warn!("maintenance of the store is put off: {error}");
            }
        };
        if let Err(error) = tokio::task::spawn_blocking(work).await {
            tracing::error!("maintenance ended badly: {error}");
        }
    }
}

/// Waits; `true` when the hub is to stop.
async fn wait_or_stop(hub: &Hub, time: Duration) -> bool {
    let mut stop = hub.stop.subscribe();
    tokio::time::timeout(time, stop.wait_for(|stop| *stop))
        .await
        .is_ok()
}

async fn finish(
    hub: Arc<Hub>,
    mut tasks: JoinSet<()>,
    ingest: JoinHandle<()>,
    ended: watch::Sender<bool>,
) {
    let mut stop = hub.stop.subscribe();
    let _ = stop.wait_for(|stop| *stop).await;
    let all = async { while tasks.join_next().await.is_some() {} };
    if tokio::time::timeout(GRACE, all).await.is_err() {
        tasks.abort_all();
    }
    let close = move || {
        if ingest.join().is_err() {
            tracing::error!("storing readings ended badly");
        }
        hub.store.close()
    };
    if let Ok(Err(error)) = tokio::task::spawn_blocking(close).await {
        tracing::warn!("{error}");
    }
    ended.send_replace(true);
}
