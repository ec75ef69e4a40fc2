//! The browser: `fetch`, web workers, WebSocket, the page's address.

mod fetch;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use js_sys::{Array, ArrayBuffer, Object, Reflect, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AbortController, MessageEvent, WebSocket, Worker, WorkerOptions, WorkerType};

use city_tiles::formats::UpAxis;
use city_tiles::prepared::{ImageUse, PreparedTile};
use city_tiles::stream::DecodeJob;

use super::{Change, Decoded, Fetched, SocketEvent};

use fetch::{describe, request};

fn window() -> Option<web_sys::Window> {
    web_sys::window()
}

/// The wall clock: nanoseconds since the Unix epoch, UTC.
#[must_use]
pub fn wall_clock_ns() -> i64 {
    (js_sys::Date::now() * 1e6) as i64
}

/// Milliseconds since the page was opened, never going back.
#[must_use]
pub fn monotonic_ms() -> f64 {
    window()
        .and_then(|w| w.performance())
        .map_or(0.0, |p| p.now())
}

thread_local! {
    static LONGEST_MESSAGE_MS: Cell<f64> = const { Cell::new(0.0) };
}

/// The longest that one answer of a server or a worker kept the page, milliseconds.
#[must_use]
pub fn longest_message_ms() -> f64 {
    LONGEST_MESSAGE_MS.get()
}

fn timed<T>(work: impl FnOnce() -> T) -> T {
    let began_ms = monotonic_ms();
    let result = work();
    LONGEST_MESSAGE_MS.set(LONGEST_MESSAGE_MS.get().max(monotonic_ms() - began_ms));
    result
}

/// Shaders are always the built-in ones here.
#[must_use]
pub fn shader_override(_name: &str) -> Option<String> {
    None
}

/// Requests by `fetch`; each can be given up.
pub struct Fetcher {
    done: Rc<RefCell<Vec<Fetched>>>,
    controllers: HashMap<u64, AbortController>,
    bytes: Rc<Cell<u64>>,
}

impl Fetcher {
    /// The browser schedules its own connections; `_threads` is the desktop's concern.
    #[must_use]
    pub fn new(_threads: usize) -> Self {
        Self {
            done: Rc::default(),
            controllers: HashMap::new(),
            bytes: Rc::default(),
        }
    }

    /// The browser has its own limits.
    pub fn set_patience(&mut self, _patience: std::time::Duration) {}

    /// Asks for a URL, relative to the page.
    pub fn fetch(&mut self, key: u64, url: &str) {
        self.fetch_with(key, url, Vec::new());
    }

    /// As [`Self::fetch`], with headers for the server, such as an access token.
    pub fn fetch_with(&mut self, key: u64, url: &str, headers: Vec<(String, String)>) {
        let controller = AbortController::new().ok();
        let signal = controller.as_ref().map(AbortController::signal);
        if let Some(controller) = controller {
            self.controllers.insert(key, controller);
        }
        let (done, bytes, url) = (self.done.clone(), self.bytes.clone(), url.to_owned());
        spawn_local(async move {
            let result = request(&url, &headers, signal.as_ref()).await;
            if let Ok(body) = &result {
                bytes.set(bytes.get() + body.len() as u64);
            }
            done.borrow_mut().push(Fetched { key, result });
        });
    }

    /// Gives a request up.
    pub fn abort(&mut self, key: u64) {
        if let Some(controller) = self.controllers.get(&key) {
            controller.abort();
        }
    }

    /// What has ended since the last call.
    pub fn poll(&mut self) -> Vec<Fetched> {
        let done = std::mem::take(&mut *self.done.borrow_mut());
        for fetched in &done {
            self.controllers.remove(&fetched.key);
        }
        done
    }

    /// Bytes received so far (after transfer compression was undone).
    #[must_use]
    pub fn bytes_received(&self) -> u64 {
        self.bytes.get()
    }
}

/// An answer to a [`Saver`]: the request's key, and status and body.
pub type Kept = (u64, Result<(u16, Vec<u8>), String>);

/// The page keeps nothing on a server: it is for looking.
#[derive(Default)]
pub struct Saver(Vec<Kept>);

impl Saver {
    /// Does nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Refuses.
    pub fn send_made(
        &mut self,
        key: u64,
        _make: impl FnOnce() -> Result<Change, String> + Send + 'static,
    ) {
        self.0
            .push((key, Err("this page is for looking".to_owned())));
    }

    /// What has ended since the last call.
    pub fn poll(&mut self) -> Vec<Kept> {
        std::mem::take(&mut self.0)
    }
}

/// The page does not know.
#[must_use]
pub fn user_name() -> String {
    String::new()
}

/// The page saves nothing.
#[must_use]
pub fn scenario_token() -> Option<String> {
    None
}

/// The page has no environment.
#[must_use]
pub fn environment(_name: &str) -> Option<String> {
    None
}

type Inbox = Rc<RefCell<Vec<Decoded>>>;

/// Decodes tile contents in web workers, which load a module without the engine.
pub struct Decoder {
    workers: Vec<Worker>,
    busy: Rc<RefCell<HashMap<u64, usize>>>,
    done: Inbox,
    images: ImageUse,
    _handlers: Vec<Closure<dyn FnMut(MessageEvent)>>,
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decoder {
    /// Starts the workers: all cores but one, four at most. The page names their script in
    /// `<meta name="belvedere-worker">`.
    #[must_use]
    pub fn new() -> Self {
        let cores = window().map_or(2.0, |w| w.navigator().hardware_concurrency()) as usize;
        let done: Inbox = Rc::default();
        let busy: Rc<RefCell<HashMap<u64, usize>>> = Rc::default();
        let mut workers = Vec::new();
        let mut handlers = Vec::new();
        for _ in 0..cores.saturating_sub(1).clamp(1, 4) {
            let options = WorkerOptions::new();
            options.set_type(WorkerType::Module);
            let worker = match Worker::new_with_options(&worker_script(), &options) {
                Ok(worker) => worker,
                Err(error) => {
                    tracing::error!("a decode worker could not be started: {}", describe(&error));
                    continue;
                }
            };
            let (inbox, jobs) = (done.clone(), busy.clone());
            let handler = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
                if let Some(decoded) = timed(|| read_answer(&event.data())) {
                    jobs.borrow_mut().remove(&decoded.key);
                    inbox.borrow_mut().push(decoded);
                }
            });
            worker.set_onmessage(Some(handler.as_ref().unchecked_ref()));
            handlers.push(handler);
            let (inbox, jobs) = (done.clone(), busy.clone());
            let index = workers.len();
            let handler = Closure::<dyn FnMut(MessageEvent)>::new(move |_| {
                let lost: Vec<u64> = jobs
                    .borrow()
                    .iter()
                    .filter(|(_, at)| **at == index)
                    .map(|(key, _)| *key)
                    .collect();
                for key in lost {
                    jobs.borrow_mut().remove(&key);
                    inbox.borrow_mut().push(Decoded {
                        key,
                        result: Err("the decode worker has stopped".into()),
                    });
                }
            });
            worker.set_onerror(Some(handler.as_ref().unchecked_ref()));
            handlers.push(handler);
            workers.push(worker);
        }
        Self {
            workers,
            busy,
            done,
            images: ImageUse::default(),
            _handlers: handlers,
        }
    }

    /// Which images the jobs that follow are to give.
    pub fn set_images(&mut self, images: ImageUse) {
        self.images = images;
    }

    /// Queues a job with the worker that has least to do.
    pub fn decode(&mut self, key: u64, job: DecodeJob) {
        let (url, bytes) = (job.url.as_str(), job.bytes);
        let load = |index: usize| {
            self.busy
                .borrow()
                .values()
                .filter(|at| **at == index)
                .count()
        };
        let Some(index) = (0..self.workers.len()).min_by_key(|index| load(*index)) else {
            let error = "no decode worker runs; reload the page".to_owned();
            self.done.borrow_mut().push(Decoded {
                key,
                result: Err(error),
            });
            return;
        };
        let buffer = Uint8Array::from(bytes.as_slice()).buffer();
        let up = match job.up_axis {
            UpAxis::X => 0,
            UpAxis::Y => 1,
            UpAxis::Z => 2,
        };
        let (names, blobs, handed_over) = (Array::new(), Array::new(), Array::of1(&buffer));
        for (name, file) in &job.external {
            let file = Uint8Array::from(file.as_slice());
            names.push(&absolute(name).into());
            handed_over.push(&file.buffer());
            blobs.push(&file);
        }
        let message = Object::new();
        let fields: [(&str, JsValue); 7] = [
            ("id", JsValue::from_f64(key as f64)),
            ("url", absolute(url).into()),
            ("bytes", buffer.into()),
            ("up", up.into()),
            ("images", self.images.to_bits().into()),
            ("names", names.into()),
            ("blobs", blobs.into()),
        ];
        for (name, value) in fields {
            // Setting a field of a fresh object cannot fail.
            let _ = Reflect::set(&message, &name.into(), &value);
        }
        let sent = self
            .workers
            .get(index)
            .map(|worker| worker.post_message_with_transfer(&message, &handed_over));
        match sent {
            Some(Ok(())) => {
                self.busy.borrow_mut().insert(key, index);
            }
            other => {
                let why = match other {
                    Some(Err(error)) => describe(&error),
                    _ => "no worker".into(),
                };
                self.done.borrow_mut().push(Decoded {
                    key,
                    result: Err(format!("the decode worker refused the job: {why}")),
                });
            }
        }
    }

    /// What has ended since the last call.
    pub fn poll(&mut self) -> Vec<Decoded> {
        std::mem::take(&mut *self.done.borrow_mut())
    }
}

fn worker_script() -> String {
    meta("belvedere-worker").unwrap_or_else(|| "worker.js".into())
}

/// What the loader left in the page's head.
fn meta(name: &str) -> Option<String> {
    let document = window()?.document()?;
    let found = document.query_selector(&format!("meta[name={name}]"));
    found.ok().flatten()?.get_attribute("content")
}

/// Workers resolve addresses against their own script, so they get absolute ones.
fn absolute(url: &str) -> String {
    let base = window()
        .and_then(|w| w.location().href().ok())
        .unwrap_or_default();
    url::Url::parse(&base)
        .and_then(|base| base.join(url))
        .map_or_else(|_| url.to_owned(), Into::into)
}

fn read_answer(message: &JsValue) -> Option<Decoded> {
    let field = |name: &str| Reflect::get(message, &name.into()).ok();
    let key = field("id")?.as_f64()? as u64;
    let ok = field("ok").is_some_and(|ok| ok.is_truthy());
    let result = if ok {
        let buffer: ArrayBuffer = field("buffer")?.dyn_into().ok()?;
        PreparedTile::from_bytes(&Uint8Array::new(&buffer).to_vec())
            .map_err(|error| format!("the decode worker's answer is damaged: {error}"))
    } else {
        Err(field("error")
            .and_then(|e| e.as_string())
            .unwrap_or_else(|| "decoding failed".into()))
    };
    Some(Decoded { key, result })
}

/// A WebSocket to the hub.
pub struct Socket {
    socket: Option<WebSocket>,
    events: Rc<RefCell<Vec<SocketEvent>>>,
    _handlers: Vec<Closure<dyn FnMut(JsValue)>>,
}

impl Socket {
    /// Connects to `ws://…` or `wss://…`.
    #[must_use]
    pub fn connect(url: &str) -> Self {
        let events: Rc<RefCell<Vec<SocketEvent>>> = Rc::default();
        let socket = match WebSocket::new(url) {
            Ok(socket) => socket,
            Err(error) => {
                events
                    .borrow_mut()
                    .push(SocketEvent::Closed(describe(&error)));
                return Self {
                    socket: None,
                    events,
                    _handlers: Vec::new(),
                };
            }
        };
        socket.set_binary_type(web_sys::BinaryType::Arraybuffer);
        let mut handlers = Vec::new();
        let mut on = |translate: fn(JsValue) -> Option<SocketEvent>| {
            let events = events.clone();
            let handler = Closure::<dyn FnMut(JsValue)>::new(move |event: JsValue| {
                if let Some(event) = translate(event) {
                    events.borrow_mut().push(event);
                }
            });
            let function: js_sys::Function =
                handler.as_ref().unchecked_ref::<js_sys::Function>().clone();
            handlers.push(handler);
            function
        };
        socket.set_onopen(Some(&on(|_| Some(SocketEvent::Open))));
        socket.set_onmessage(Some(&on(|event| {
            let data = event.dyn_into::<MessageEvent>().ok()?.data();
            let buffer = data.dyn_into::<ArrayBuffer>().ok()?;
            Some(SocketEvent::Binary(Uint8Array::new(&buffer).to_vec()))
        })));
        socket.set_onclose(Some(&on(|_| {
            Some(SocketEvent::Closed("the connection is closed".into()))
        })));
        Self {
            socket: Some(socket),
            events,
            _handlers: handlers,
        }
    }

    /// What has happened since the last call.
    pub fn poll(&mut self) -> Vec<SocketEvent> {
        std::mem::take(&mut *self.events.borrow_mut())
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if let Some(socket) = &self.socket {
            socket.set_onopen(None);
            socket.set_onmessage(None);
            socket.set_onclose(None);
            // Closing a closed socket is no error worth telling.
            let _ = socket.close();
        }
    }
}

/// A page is never given paths: `drop.js` keeps what was dropped and opens it by address.
#[must_use]
pub fn dropped_path(_path: &std::path::Path) -> super::Dropped {
    super::Dropped::default()
}

/// The browser does not tell the resident memory.
#[must_use]
pub fn peak_rss_bytes() -> u64 {
    0
}

/// Puts the view into the page's address without a new entry in the history. What the address
/// already asks for before its fragment is not repeated, so that it can be edited there.
pub fn remember_link(parameters: &[(String, String)]) {
    let Some(window) = window() else {
        return;
    };
    let query = window.location().search().unwrap_or_default();
    let query: Vec<_> = url::form_urlencoded::parse(query.trim_start_matches('?').as_bytes())
        .into_owned()
        .collect();
    let fragment = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters.iter().filter(|pair| !query.contains(pair)))
        .finish();
    // A refused change (sandboxed page) costs only the link.
    let _ = window.history().map(|history| {
        history.replace_state_with_url(&JsValue::NULL, "", Some(&format!("#{fragment}")))
    });
}

/// Puts text on the clipboard, where the browser allows it: after a key or a click, on a secure page.
pub fn copy_text(text: &str) {
    let Some(navigator) = window().map(|w| w.navigator()) else {
        return;
    };
    // Absent on pages without TLS.
    let clipboard = Reflect::get(&navigator, &"clipboard".into()).unwrap_or_default();
    let Ok(clipboard) = clipboard.dyn_into::<web_sys::Clipboard>() else {
        tracing::warn!("the clipboard is closed to pages that are not served over https");
        return;
    };
    let done = JsFuture::from(clipboard.write_text(text));
    spawn_local(async move {
        if let Err(error) = done.await {
            tracing::warn!("nothing was copied: {}", describe(&error));
        }
    });
}

/// Opens an address, in a new tab or in this one.
pub fn open_url(address: &str, new_tab: bool) {
    // Only what is followed as a link: no script.
    let scheme = url::Url::parse(&absolute(address)).map(|parsed| parsed.scheme().to_owned());
    if !matches!(scheme.as_deref(), Ok("http" | "https" | "mailto")) {
        tracing::warn!("{address} is not opened: only web and mail addresses are");
        return;
    }
    let target = if new_tab { "_blank" } else { "_self" };
    let opened =
        window().map(|w| w.open_with_url_and_target_and_features(address, target, "noopener"));
    if let Some(Err(error)) = opened {
        tracing::warn!("{address} could not be opened: {}", describe(&error));
    }
}

/// Query and fragment parameters of the page.
#[must_use]
pub fn page_parameters() -> Vec<(String, String)> {
    let Some(location) = window().map(|w| w.location()) else {
        return Vec::new();
    };
    let query = location.search().unwrap_or_default();
    let fragment = location.hash().unwrap_or_default();
    [
        query.trim_start_matches('?'),
        fragment.trim_start_matches('#'),
    ]
    .iter()
    .flat_map(|text| url::form_urlencoded::parse(text.as_bytes()))
    .map(|(name, value)| (name.into_owned(), value.into_owned()))
    .collect()
}

/// The page's own address, without the fragment.
#[must_use]
pub fn page_address() -> Option<String> {
    let location = window()?.location();
    Some(format!(
        "{}{}",
        location.origin().ok()?,
        location.pathname().ok()?
    ))
}

/// The page's own origin: where the hub is.
#[must_use]
pub fn page_origin() -> Option<String> {
    window().and_then(|w| w.location().origin().ok())
}

/// What the page knows of the graphics adapter; empty where it asked for none.
#[must_use]
pub fn adapter_hint() -> String {
    meta("belvedere-adapter").unwrap_or_default()
}

/// Languages the user prefers, best first.
#[must_use]
pub fn languages() -> Vec<String> {
    window().map_or_else(Vec::new, |w| {
        w.navigator()
            .languages()
            .iter()
            .filter_map(|language| language.as_string())
            .collect()
    })
}
