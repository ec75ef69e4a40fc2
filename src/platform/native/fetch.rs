//! Requests: over HTTP with what is kept on disk, and from disk.

use std::collections::HashMap;
use std::io::Read;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use city_tiles::uri::package_of;
use crossbeam_channel::{Receiver, Sender, unbounded};
use ureq::http::request::Builder;
use ureq::http::{Request, Response};

use super::super::{FetchFailure, Fetched, MAX_RESPONSE_BYTES};
use super::disk_cache::{CacheChoice, DiskCache, Found};
use super::package::{self, OnDisk, Source};
use super::{PATIENCE, database, spawn};

/// The answers that are kept, for all requests of the program.
struct Cache {
    disk: DiskCache,
    /// Only what is kept, nothing from the network.
    is_offline: bool,
}

static CACHE: OnceLock<Option<Cache>> = OnceLock::new();

/// Keeps answers from now on; the first call counts, and without one nothing is kept.
pub fn use_cache(choice: &CacheChoice, is_offline: bool) {
    let cache = DiskCache::open(choice).map(|disk| Cache { disk, is_offline });
    if CACHE.set(cache).is_err() {
        tracing::warn!("where answers are kept is decided once, at the start");
    }
}

fn cache() -> Option<&'static Cache> {
    CACHE.get().and_then(Option::as_ref)
}

/// Requests over HTTP and from disk on a few threads; each can be given up.
pub struct Fetcher {
    jobs: Sender<Job>,
    done: Receiver<Fetched>,
    flags: HashMap<u64, Arc<AtomicBool>>,
    bytes: Arc<AtomicU64>,
    patience: Duration,
}

struct Job {
    key: u64,
    url: String,
    headers: Vec<(String, String)>,
    cancelled: Arc<AtomicBool>,
    patience: Duration,
}

impl Fetcher {
    /// Starts `threads` workers; requests beyond that wait in order.
    #[must_use]
    pub fn new(threads: usize) -> Self {
        let (jobs, inbox) = unbounded::<Job>();
        let (outbox, done) = unbounded();
        let bytes = Arc::new(AtomicU64::new(0));
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .timeout_connect(Some(Duration::from_secs(15)))
            .http_status_as_error(false)
            .user_agent(concat!("belvedere/", env!("CARGO_PKG_VERSION")))
            .build()
            .into();
        for index in 0..threads.max(1) {
            let (inbox, outbox, agent, bytes) =
                (inbox.clone(), outbox.clone(), agent.clone(), bytes.clone());
            let worker = move || {
                for job in inbox {
                    let result = if job.cancelled.load(Ordering::Relaxed) {
                        Err(FetchFailure::Cancelled)
                    } else {
                        read(&agent, &job, &bytes)
                    };
                    if outbox
                        .send(Fetched {
                            key: job.key,
                            result,
                        })
                        .is_err()
                    {
                        return;
                    }
                }
            };
            spawn(&format!("fetch-{index}"), worker);
        }
        Self {
            jobs,
            done,
            flags: HashMap::new(),
            bytes,
            patience: PATIENCE,
        }
    }

    /// How long a server may be silent before a request made from now on is given up.
    pub fn set_patience(&mut self, patience: Duration) {
        self.patience = patience;
    }

    /// Asks for a URL (`http`, `https`, `file`) or a path.
    pub fn fetch(&mut self, key: u64, url: &str) {
        self.fetch_with(key, url, Vec::new());
    }

    /// As [`Self::fetch`], with headers for the server, such as an access token.
    pub fn fetch_with(&mut self, key: u64, url: &str, headers: Vec<(String, String)>) {
        let cancelled = Arc::new(AtomicBool::new(false));
        self.flags.insert(key, cancelled.clone());
        // The workers live as long as this fetcher, so the channel is open.
        let _ = self.jobs.send(Job {
            key,
            url: url.to_owned(),
            headers,
            cancelled,
            patience: self.patience,
        });
    }

    /// Gives a request up; its answer is [`FetchFailure::Cancelled`] or comes too late to matter.
    pub fn abort(&mut self, key: u64) {
        if let Some(flag) = self.flags.get(&key) {
            flag.store(true, Ordering::Relaxed);
        }
    }

    /// What has ended since the last call.
    pub fn poll(&mut self) -> Vec<Fetched> {
        let done: Vec<Fetched> = self.done.try_iter().collect();
        for fetched in &done {
            self.flags.remove(&fetched.key);
        }
        done
    }

    /// Bytes received so far.
    #[must_use]
    pub fn bytes_received(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }
}

/// What to do about a database on a server.
const DATABASES: &str =
    "a database of tiles opens from this machine's disk; download it, or ask for it as .3tz";

fn read(agent: &ureq::Agent, job: &Job, bytes: &AtomicU64) -> Result<Vec<u8>, FetchFailure> {
    let is_http = job.url.starts_with("http://") || job.url.starts_with("https://");
    if let Some(place) = package_of(&job.url) {
        let address = place.package.clone();
        if place.is_database() {
            if is_http {
                let name = city_tiles::uri::short(&address);
                return Err(FetchFailure::Refused(format!("{name}: {DATABASES}")));
            }
            return database::read(&file_path(&address), &place.path, MAX_RESPONSE_BYTES).inspect(
                |read| {
                    bytes.fetch_add(read.len() as u64, Ordering::Relaxed);
                },
            );
        }
        return if is_http {
            package::read(
                &place,
                &OnServer {
                    agent,
                    job,
                    bytes,
                    address,
                },
            )
        } else {
            package::read(&place, &OnDisk(file_path(&address)))
        };
    }
    if is_http {
        return over_http(agent, job, bytes);
    }
    let path = file_path(&job.url);
    let file = std::fs::File::open(&path).map_err(|error| unread(&path, &error))?;
    body(Box::new(file), job, bytes)
}

/// A package on a server: ranges of it, by HTTP (RFC 9110, 14).
struct OnServer<'a> {
    agent: &'a ureq::Agent,
    job: &'a Job,
    bytes: &'a AtomicU64,
    address: String,
}

impl OnServer<'_> {
    fn ask(&self, range: &str) -> Result<Response<ureq::Body>, FetchFailure> {
        let request = Request::get(&self.address)
            .header("range", range)
            // A range of what is compressed on the way is no range of the package.
            .header("accept-encoding", "identity");
        let request = with_headers(request, self.job)?;
        let response = call(self.agent, request, self.job)?;
        match response.status().as_u16() {
            206 => Ok(response),
            200 => Err(FetchFailure::Network(
                "its server gives no parts of files (HTTP range requests), which packages need"
                    .into(),
            )),
            status => Err(FetchFailure::Status(status)),
        }
    }
}

impl Source for OnServer<'_> {
    fn size(&self) -> Result<u64, FetchFailure> {
        let response = self.ask("bytes=0-0")?;
        let range = response.headers().get("content-range");
        let size = range.and_then(|range| range.to_str().ok()?.rsplit('/').next()?.parse().ok());
        size.ok_or_else(|| FetchFailure::Network("its server does not say how large it is".into()))
    }

    fn range(&self, range: std::ops::Range<u64>) -> Result<Vec<u8>, FetchFailure> {
        let response = self.ask(&format!(
            "bytes={}-{}",
            range.start,
            range.end.saturating_sub(1)
        ))?;
        body(
            Box::new(response.into_body().into_reader()),
            self.job,
            self.bytes,
        )
    }
}

/// The request, with what the job's server wants to see.
fn with_headers(mut request: Builder, job: &Job) -> Result<Request<()>, FetchFailure> {
    for (name, value) in &job.headers {
        request = request.header(name, value);
    }
    request
        .body(())
        .map_err(|error| FetchFailure::Network(error.to_string()))
}

fn over_http(agent: &ureq::Agent, job: &Job, bytes: &AtomicU64) -> Result<Vec<u8>, FetchFailure> {
    let request = with_headers(Request::get(&job.url), job)?;
    let cache = cache().filter(|cache| cache.disk.covers(&job.url));
    let found = match &cache {
        None => Found::Absent,
        Some(cache) => cache.disk.look(&request),
    };
    let (asking, kept) = match found {
        Found::Fresh(entry) => return Ok(entry.body),
        Found::Stale(_, entry) if cache.is_some_and(|cache| cache.is_offline) => {
            return Ok(entry.body);
        }
        Found::Stale(asking, entry) => (*asking, Some(entry)),
        Found::Absent => (request.clone(), None),
    };
    if cache.is_some_and(|cache| cache.is_offline) {
        let told =
            "it was never fetched before, and the program works without a network (--offline)";
        return Err(FetchFailure::Network(told.to_owned()));
    }
    let response = match call(agent, asking.clone(), job) {
        Ok(response) => response,
        // The line is down: what was seen before is better than nothing.
        Err(FetchFailure::Network(_)) if kept.is_some() => {
            return Ok(kept.map(|entry| entry.body).unwrap_or_default());
        }
        Err(failure) => return Err(failure),
    };
    let status = response.status().as_u16();
    let (parts, answer) = response.into_parts();
    let head = Response::from_parts(parts, ());
    if let (304, Some(entry)) = (status, kept) {
        if let Some(cache) = cache {
            cache.disk.renew(&asking, &head, &entry);
        }
        return Ok(entry.body);
    }
    if !(200..300).contains(&status) {
        return Err(FetchFailure::Status(status));
    }
    let whole = body(Box::new(answer.into_reader()), job, bytes)?;
    if let (200, Some(cache)) = (status, cache) {
        cache.disk.keep(&request, &head, &whole);
    }
    Ok(whole)
}

fn call(
    agent: &ureq::Agent,
    request: Request<()>,
    job: &Job,
) -> Result<Response<ureq::Body>, FetchFailure> {
    let request = agent
        .configure_request(request)
        .timeout_recv_response(Some(job.patience))
        .timeout_per_read(Some(job.patience))
        .build();
    agent.run(request).map_err(|error| failed(error, job))
}

fn failed(error: ureq::Error, job: &Job) -> FetchFailure {
    FetchFailure::Network(match error {
        ureq::Error::Timeout(_) => {
            format!(
                "the server said nothing for {} s",
                job.patience.as_secs_f64()
            )
        }
        ureq::Error::Io(cause) if cause.kind() == std::io::ErrorKind::UnexpectedEof => {
            "the connection ended in the middle of the answer".into()
        }
        ureq::Error::Io(cause) => cause.to_string(),
        other => other.to_string(),
    })
}

fn body(mut reader: Box<dyn Read>, job: &Job, bytes: &AtomicU64) -> Result<Vec<u8>, FetchFailure> {
    let mut body = Vec::new();
    let mut chunk = vec![0u8; 64 << 10];
    loop {
        if job.cancelled.load(Ordering::Relaxed) {
            return Err(FetchFailure::Cancelled);
        }
        let count = reader
            .read(&mut chunk)
            .map_err(|error| failed(error.into(), job))?;
        if count == 0 {
            return Ok(body);
        }
        bytes.fetch_add(count as u64, Ordering::Relaxed);
        if body.len() + count > MAX_RESPONSE_BYTES {
            return Err(FetchFailure::TooLarge(MAX_RESPONSE_BYTES));
        }
        body.extend_from_slice(chunk.get(..count).unwrap_or_default());
    }
}

/// Why a file of this machine could not be read.
pub(super) fn unread(path: &str, error: &std::io::Error) -> FetchFailure {
    match error.kind() {
        std::io::ErrorKind::NotFound => FetchFailure::Status(404),
        _ => FetchFailure::Network(format!("{path}: {error}")),
    }
}

fn file_path(url: &str) -> String {
    match url::Url::parse(url) {
        Ok(parsed) if parsed.scheme() == "file" => parsed.to_file_path().map_or_else(
            |()| url.to_owned(),
            |path| path.to_string_lossy().into_owned(),
        ),
        // A relative reference may carry percent-encoded characters and a query even on disk.
        _ => {
            let bare = url.split(['?', '#']).next().unwrap_or(url);
            if Path::new(bare).exists() {
                bare.to_owned()
            } else {
                percent_encoding::percent_decode_str(bare)
                    .decode_utf8_lossy()
                    .into_owned()
            }
        }
    }
}

/// Reads a small file or URL now; for start-up only.
///
/// # Errors
/// As a request of the [`Fetcher`].
pub fn read_now(url: &str) -> Result<Vec<u8>, FetchFailure> {
    let mut fetcher = Fetcher::new(1);
    fetcher.fetch(0, url);
    match fetcher.done.recv() {
        Ok(fetched) => fetched.result,
        Err(_) => Err(FetchFailure::Network("the reading thread ended".into())),
    }
}
