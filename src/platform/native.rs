//! The desktop: threads, files and blocking requests.

mod database;
mod disk_cache;
mod fetch;
mod package;

pub use disk_cache::CacheChoice;
pub use fetch::{Fetcher, read_now, use_cache};

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use city_tiles::formats::{DecodeOptions, decode};
use city_tiles::prepared::ImageUse;
use city_tiles::stream::DecodeJob;
use crossbeam_channel::{Receiver, Sender, unbounded};

use super::{Change, Decoded, Dropped, DroppedFile, SocketEvent, Verb};

/// The wall clock: nanoseconds since the Unix epoch, UTC.
#[must_use]
pub fn wall_clock_ns() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| {
            i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
        })
}

/// Milliseconds since the program started, never going back.
#[must_use]
pub fn monotonic_ms() -> f64 {
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_secs_f64() * 1e3
}

/// The text of a shader from the directory named by `BELVEDERE_SHADERS`, for those who work on
/// shaders and do not want to compile the program for every stroke.
#[must_use]
pub fn shader_override(name: &str) -> Option<String> {
    let directory = std::env::var_os("BELVEDERE_SHADERS")?;
    let path = Path::new(&directory).join(name);
    match std::fs::read_to_string(&path) {
        Ok(text) => Some(text),
        Err(error) => {
            tracing::error!("{}: {error}; the built-in shader is used", path.display());
            None
        }
    }
}

/// How long a server may be silent, before its answer and inside it.
const PATIENCE: Duration = Duration::from_secs(30);

/// An answer to a [`Saver`]: the request's key, and status and body.
pub type Kept = (u64, Result<(u16, Vec<u8>), String>);

/// Changes files on a server, one after the other, on a thread of its own.
pub struct Saver {
    jobs: Sender<Box<dyn FnOnce(&ureq::Agent) -> Kept + Send>>,
    done: Receiver<Kept>,
}

/// Answers to a save are small.
const MAX_KEPT_BYTES: u64 = 8 << 20;

/// A line that sends less in a second is taken for dead, bytes.
const SLOWEST_SAVE: u64 = 64 << 10;

impl Saver {
    /// Starts the thread.
    #[must_use]
    pub fn new() -> Self {
        let (jobs, inbox) = unbounded::<Box<dyn FnOnce(&ureq::Agent) -> Kept + Send>>();
        let (outbox, done) = unbounded();
        spawn("save", move || {
            let agent: ureq::Agent = ureq::Agent::config_builder()
                .http_status_as_error(false)
                .build()
                .into();
            for job in inbox {
                if outbox.send(job(&agent)).is_err() {
                    return;
                }
            }
        });
        Self { jobs, done }
    }

    /// Makes a change on the thread, and sends it to its server.
    pub fn send_made(
        &mut self,
        key: u64,
        make: impl FnOnce() -> Result<Change, String> + Send + 'static,
    ) {
        // The thread lives as long as this, so the channel is open.
        let _ = self.jobs.send(Box::new(move |agent| {
            (key, make().and_then(|change| sent(agent, &change)))
        }));
    }

    /// What has ended since the last call.
    pub fn poll(&mut self) -> Vec<Kept> {
        self.done.try_iter().collect()
    }
}

fn sent(agent: &ureq::Agent, change: &Change) -> Result<(u16, Vec<u8>), String> {
    let patience = PATIENCE + Duration::from_secs(change.body.len() as u64 / SLOWEST_SAVE);
    let response = match change.verb {
        Verb::Put => {
            let mut request = agent.put(&change.url);
            for (name, value) in &change.headers {
                request = request.header(*name, value);
            }
            let request = request.config().timeout_global(Some(patience)).build();
            request.send(&change.body[..])
        }
        Verb::Delete => {
            let mut request = agent.delete(&change.url);
            for (name, value) in &change.headers {
                request = request.header(*name, value);
            }
            let request = request.config().timeout_global(Some(patience)).build();
            request.call()
        }
    };
    let answer = response.and_then(|mut response| {
        let status = response.status().as_u16();
        let body = response.body_mut().with_config().limit(MAX_KEPT_BYTES);
        Ok((status, body.read_to_vec()?))
    });
    answer.map_err(|error| error.to_string())
}

impl Default for Saver {
    fn default() -> Self {
        Self::new()
    }
}

/// Who uses the program, as the system calls them; empty where it does not tell.
#[must_use]
pub fn user_name() -> String {
    ["USER", "LOGNAME", "USERNAME"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok())
        .unwrap_or_default()
}

/// What a hub elsewhere asks of those who save scenarios, from `BELVEDERE_SCENARIO_TOKEN`; the hub reads the same.
#[must_use]
pub fn scenario_token() -> Option<String> {
    environment("BELVEDERE_SCENARIO_TOKEN").filter(|token| !token.is_empty())
}

/// What a name of the environment stands for.
#[must_use]
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) {
    if let Err(error) = std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
    {
        tracing::error!("thread {name} could not be started: {error}");
    }
}

/// Decodes tile contents on threads of its own.
pub struct Decoder {
    jobs: Sender<(u64, DecodeJob, ImageUse)>,
    done: Receiver<Decoded>,
    images: ImageUse,
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decoder {
    /// Starts the decoding threads: all cores but one, four at most.
    #[must_use]
    pub fn new() -> Self {
        let (jobs, inbox) = unbounded::<(u64, DecodeJob, ImageUse)>();
        let (outbox, done) = unbounded();
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        for index in 0..cores.saturating_sub(1).clamp(1, 4) {
            let (inbox, outbox) = (inbox.clone(), outbox.clone());
            spawn(&format!("decode-{index}"), move || {
                for (key, job, images) in inbox {
                    let options = DecodeOptions {
                        up_axis: job.up_axis,
                        images,
                        ..DecodeOptions::default()
                    };
                    let external = |address: &str| job.external(address);
                    let result = decode(&job.bytes, &job.url, &external, &options)
                        .map_err(|error| error.to_string());
                    if outbox.send(Decoded { key, result }).is_err() {
                        return;
                    }
                }
            });
        }
        Self {
            jobs,
            done,
            images: ImageUse::default(),
        }
    }

    /// Which images the jobs that follow are to give.
    pub fn set_images(&mut self, images: ImageUse) {
        self.images = images;
    }

    /// Queues a job, which brings the files beside its content.
    pub fn decode(&mut self, key: u64, job: DecodeJob) {
        // The threads live as long as this decoder, so the channel is open.
        let _ = self.jobs.send((key, job, self.images));
    }

    /// What has ended since the last call.
    pub fn poll(&mut self) -> Vec<Decoded> {
        self.done.try_iter().collect()
    }
}

/// A WebSocket to the hub, on a thread.
pub struct Socket {
    events: Receiver<SocketEvent>,
    stop: Arc<AtomicBool>,
}

impl Socket {
    /// Connects to `ws://…` or `wss://…` in the background.
    #[must_use]
    pub fn connect(url: &str) -> Self {
        let (outbox, events) = unbounded();
        let stop = Arc::new(AtomicBool::new(false));
        let (url, stopped) = (url.to_owned(), stop.clone());
        spawn("live-socket", move || {
            let reason = listen(&url, &outbox, &stopped);
            let _ = outbox.send(SocketEvent::Closed(reason));
        });
        Self { events, stop }
    }

    /// What has happened since the last call.
    pub fn poll(&mut self) -> Vec<SocketEvent> {
        self.events.try_iter().collect()
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

fn listen(url: &str, outbox: &Sender<SocketEvent>, stop: &AtomicBool) -> String {
    let mut socket = match tungstenite::connect(url) {
        Ok((socket, _)) => socket,
        Err(error) => return error.to_string(),
    };
    if let tungstenite::stream::MaybeTlsStream::Plain(stream) = socket.get_ref() {
        // A bounded wait, so that a dropped socket ends its thread.
        if let Err(error) = stream.set_read_timeout(Some(Duration::from_millis(500))) {
            return error.to_string();
        }
    }
    if outbox.send(SocketEvent::Open).is_err() {
        return String::new();
    }
    while !stop.load(Ordering::Relaxed) {
        match socket.read() {
            Ok(tungstenite::Message::Binary(bytes)) => {
                if outbox.send(SocketEvent::Binary(bytes.to_vec())).is_err() {
                    break;
                }
            }
            Ok(tungstenite::Message::Close(_)) => return "the hub closed the connection".into(),
            Ok(_) => {}
            Err(tungstenite::Error::Io(error))
                if matches!(
                    error.kind(),
                    std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut
                ) => {}
            Err(error) => return error.to_string(),
        }
    }
    String::new()
}

/// A file or folder that was dropped on the window. A folder gives the files that lie in it.
#[must_use]
pub fn dropped_path(path: &Path) -> Dropped {
    let file = |path: &Path| DroppedFile {
        path: path
            .file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
        // As a URL, since a path may hold what an address has another meaning for.
        url: url::Url::from_file_path(path)
            .map_or_else(|()| path.to_string_lossy().into_owned(), Into::into),
    };
    if !path.is_dir() {
        return Dropped {
            files: vec![file(path)],
            ..Dropped::default()
        };
    }
    match std::fs::read_dir(path) {
        Ok(entries) => {
            let mut files: Vec<DroppedFile> = entries
                .filter_map(|entry| entry.ok().map(|entry| entry.path()))
                .filter(|path| path.is_file())
                .take(MAX_FOLDER_FILES)
                .map(|path| file(&path))
                .collect();
            files.sort_by(|a, b| a.path.cmp(&b.path));
            Dropped {
                files,
                ..Dropped::default()
            }
        }
        Err(error) => Dropped {
            problem: Some(format!("{} cannot be read: {error}", path.display())),
            ..Dropped::default()
        },
    }
}

/// Files of a dropped folder that are looked at.
const MAX_FOLDER_FILES: usize = 10_000;

/// The peak of resident memory so far in bytes, where the system tells it.
#[must_use]
pub fn peak_rss_bytes() -> u64 {
    status_bytes("VmHWM:")
}

/// Resident memory now, in bytes; 0 where the system does not tell.
#[must_use]
pub fn rss_bytes() -> u64 {
    status_bytes("VmRSS:")
}

fn status_bytes(name: &str) -> u64 {
    std::fs::read_to_string("/proc/self/status")
        .ok()
        .and_then(|status| {
            let line = status.lines().find(|line| line.starts_with(name))?;
            line.split_whitespace().nth(1)?.parse::<u64>().ok()
        })
        .map_or(0, |kib| kib * 1024)
}

/// Answers are taken in on threads of their own, and cost the main thread nothing.
#[must_use]
pub fn longest_message_ms() -> f64 {
    0.0
}

/// The driver tells everything itself.
#[must_use]
pub fn adapter_hint() -> String {
    String::new()
}

/// Keeps a link to the view; the desktop prints it to the log, the clipboard is egui's.
pub fn remember_link(_parameters: &[(String, String)]) {}

/// The page's own address; the desktop has none.
#[must_use]
pub fn page_address() -> Option<String> {
    None
}

/// Parameters the program was opened with; the desktop takes them from the command line.
#[must_use]
pub fn page_parameters() -> Vec<(String, String)> {
    Vec::new()
}

/// Languages the user prefers, best first.
#[must_use]
pub fn languages() -> Vec<String> {
    ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .filter_map(|name| std::env::var(name).ok())
        .filter(|value| !value.is_empty())
        .collect()
}
