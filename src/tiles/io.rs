//! Bytes in: requests and decode jobs, and which tile each belongs to.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use bevy::ecs::prelude::*;
use city_tiles::formats::UpAxis;
use city_tiles::prepared::{ImageUse, PreparedTile};
use city_tiles::stream::{DecodeJob, FetchError, RequestId, TileId};
use city_tiles::terrain::{self, TerrainSource};

use super::access::{Access, Endpoint, Gate};
use super::layer::{OpenTileset, TileLayer};
use super::{Notices, TileTotals};
use crate::platform::{Decoded, Decoder, FetchFailure, Fetched, Fetcher, monotonic_ms};
use crate::render::DrawnImages;

/// A decoded content that waits for its turn to be uploaded.
pub(super) struct Waiting {
    pub layer: Entity,
    pub tile: TileId,
    pub content: u32,
    pub url: String,
    pub data: PreparedTile,
}

/// A request under way.
#[derive(Clone)]
struct Asked {
    layer: Entity,
    id: RequestId,
    url: String,
    /// Of the token that it was asked with.
    generation: u32,
}

/// An asset endpoint that was asked.
enum Asking {
    /// For a tileset that is to be opened.
    Open(Box<OpenTileset>),
    /// For a fresh token of an open one.
    Renew(Entity),
}

/// The platform's ends. Not `Send` in the browser.
pub(crate) struct TileIo {
    pub(super) fetcher: Fetcher,
    decoder: Decoder,
    requests: HashMap<u64, Asked>,
    gates: HashMap<Entity, Gate>,
    /// Tilesets that are made on demand.
    terrains: HashMap<Entity, TerrainSource>,
    endpoints: HashMap<u64, Asking>,
    /// Refused requests that wait for a fresh token.
    held: Vec<(Asked, FetchFailure)>,
    decodes: HashMap<u64, (Entity, TileId, u32, String)>,
    /// Files that are no tiles of a tileset and share the decoder; `None` while under way.
    others: HashMap<u64, Option<Result<PreparedTile, String>>>,
    pub(super) waiting: VecDeque<Waiting>,
    /// What has come and is not taken in yet: a frame's time is bounded.
    fetched: VecDeque<Fetched>,
    decoded: VecDeque<Decoded>,
    /// Answers that needed no request: contents that are written into the tileset (`data:`).
    written: Vec<(Entity, RequestId, Result<Vec<u8>, FetchError>)>,
    next_key: u64,
    pub requests_made: u64,
}

impl TileIo {
    pub fn new() -> Self {
        Self {
            fetcher: Fetcher::new(16),
            decoder: Decoder::new(),
            requests: HashMap::new(),
            gates: HashMap::new(),
            terrains: HashMap::new(),
            endpoints: HashMap::new(),
            held: Vec::new(),
            decodes: HashMap::new(),
            others: HashMap::new(),
            waiting: VecDeque::new(),
            fetched: VecDeque::new(),
            decoded: VecDeque::new(),
            written: Vec::new(),
            next_key: 0,
            requests_made: 0,
        }
    }

    pub fn request(&mut self, layer: Entity, id: RequestId, url: &str) {
        if let Some(bytes) = city_tiles::uri::decode_data(url) {
            let answer = bytes.map_err(|error| FetchError::Refused(error.to_string()));
            self.written.push((layer, id, answer));
            return;
        }
        if terrain::is_address(url) {
            let document = (self.terrains.get(&layer)).and_then(|source| source.document(url));
            let answer = document.ok_or(FetchError::NotFound);
            self.written.push((layer, id, answer));
            return;
        }
        self.ask(layer, id, url);
    }

    /// Documents of a tileset that is made on demand come from here.
    pub(super) fn set_terrain(&mut self, layer: Entity, source: TerrainSource) {
        self.terrains.insert(layer, source);
    }

    fn ask(&mut self, layer: Entity, id: RequestId, url: &str) {
        self.next_key += 1;
        self.requests_made += 1;
        let gate = self.gates.get(&layer);
        let asked = Asked {
            layer,
            id,
            url: url.to_owned(),
            generation: gate.map_or(0, |gate| gate.generation),
        };
        self.requests.insert(self.next_key, asked);
        match gate {
            None => self.fetcher.fetch(self.next_key, url),
            Some(gate) => {
                let (url, headers) = gate.dress(url);
                self.fetcher.fetch_with(self.next_key, &url, headers);
            }
        }
    }

    /// How a layer's server is asked from now on.
    pub(super) fn set_access(&mut self, layer: Entity, access: &Access, tileset: &str) {
        self.gates.remove(&layer);
        if *access != Access::default() {
            self.gates.insert(layer, Gate::new(access.clone(), tileset));
        }
    }

    /// Forgets a layer that was closed.
    pub(super) fn close(&mut self, layer: Entity) {
        self.gates.remove(&layer);
        self.terrains.remove(&layer);
        self.held.retain(|(asked, _)| asked.layer != layer);
    }

    /// Asks an asset endpoint for the tileset that is to be opened.
    pub(super) fn ask_endpoint(&mut self, endpoint: &str, open: OpenTileset) {
        self.next_key += 1;
        self.endpoints
            .insert(self.next_key, Asking::Open(Box::new(open)));
        self.fetcher.fetch(self.next_key, endpoint);
    }

    /// A server refuses a request. True where it is asked again, at once or with a fresh token.
    fn is_held(&mut self, asked: &Asked, failure: &FetchFailure) -> bool {
        if !matches!(failure, FetchFailure::Status(401 | 403)) {
            return false;
        }
        let Some(gate) = self.gates.get_mut(&asked.layer) else {
            return false;
        };
        let Some(endpoint) = gate.endpoint().map(str::to_owned) else {
            return false;
        };
        if asked.generation < gate.generation && !gate.is_renewing {
            // The token was renewed while this one was under way.
            self.ask(asked.layer, asked.id, &asked.url);
            return true;
        }
        // A token that is refused although it is fresh will not be better for being fetched again.
        if asked.generation > 0 && asked.url == gate.refused {
            return false;
        }
        self.held.push((asked.clone(), failure.clone()));
        if !gate.is_renewing {
            gate.is_renewing = true;
            gate.refused.clone_from(&asked.url);
            self.next_key += 1;
            self.endpoints
                .insert(self.next_key, Asking::Renew(asked.layer));
            self.fetcher.fetch(self.next_key, &endpoint);
        }
        true
    }

    /// The fresh token is here, or cannot be had: what waited for it goes on. Returns what is refused for good.
    fn renewed(
        &mut self,
        layer: Entity,
        answer: Result<Endpoint, String>,
    ) -> Vec<(Asked, FetchFailure)> {
        let waiting = std::mem::take(&mut self.held);
        let (mine, others) = waiting
            .into_iter()
            .partition(|(asked, _)| asked.layer == layer);
        self.held = others;
        let mine: Vec<(Asked, FetchFailure)> = mine;
        let Some(gate) = self.gates.get_mut(&layer) else {
            return Vec::new();
        };
        match answer {
            Ok(endpoint) => {
                gate.renew(&endpoint);
                for (asked, _) in mine {
                    self.ask(layer, asked.id, &asked.url);
                }
                Vec::new()
            }
            Err(_) => {
                gate.is_renewing = false;
                mine
            }
        }
    }

    /// Which images are of use to what draws; for the contents that follow.
    pub fn set_images(&mut self, images: ImageUse) {
        self.decoder.set_images(images);
    }

    /// Applies to the requests that follow.
    pub fn set_patience(&mut self, seconds: f64) {
        let patience = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
        self.fetcher.set_patience(patience);
    }

    pub fn cancel(&mut self, layer: Entity, id: RequestId) {
        let key = self
            .requests
            .iter()
            .find(|(_, asked)| (asked.layer, asked.id) == (layer, id))
            .map(|(key, _)| *key);
        if let Some(key) = key {
            self.fetcher.abort(key);
        }
        self.held
            .retain(|(asked, _)| (asked.layer, asked.id) != (layer, id));
    }

    fn decode(&mut self, layer: Entity, job: DecodeJob) {
        if let Some(source) = self.terrains.get_mut(&layer) {
            source.learn_job(&job);
        }
        self.next_key += 1;
        self.decodes.insert(
            self.next_key,
            (layer, job.tile, job.content, job.url.clone()),
        );
        self.decoder.decode(self.next_key, job);
    }

    /// Decodes a file that is no tile of a tileset, beside the tiles, with the files that it names.
    pub fn decode_other(
        &mut self,
        url: &str,
        bytes: Vec<u8>,
        external: Vec<(String, Vec<u8>)>,
    ) -> u64 {
        self.next_key += 1;
        self.others.insert(self.next_key, None);
        // Of a job only the file counts here; the key alone says whose it is.
        let job = DecodeJob {
            tile: TileId::from_bits(0),
            content: 0,
            url: url.to_owned(),
            bytes,
            up_axis: UpAxis::Y,
            external,
        };
        self.decoder.decode(self.next_key, job);
        self.next_key
    }

    /// What became of it, once.
    pub fn take_other(&mut self, key: u64) -> Option<Result<PreparedTile, String>> {
        if self.others.get(&key)?.is_none() {
            return None;
        }
        self.others.remove(&key)?
    }

    pub fn idle(&self) -> bool {
        self.requests.is_empty()
            && self.endpoints.is_empty()
            && self.held.is_empty()
            && self.decodes.is_empty()
            && self.waiting.is_empty()
            && self.fetched.is_empty()
            && self.decoded.is_empty()
            && self.written.is_empty()
    }
}

/// Reading what has come may take so long in a frame, milliseconds; the rest waits. One piece always goes.
const RECEIVE_MS: f64 = 8.0;

/// Tells the decoder what the renderer draws.
pub(super) fn learn_images(mut io: NonSendMut<TileIo>, images: Res<DrawnImages>) {
    if images.is_changed() {
        io.set_images(images.0);
    }
}

pub(super) fn receive(
    mut io: NonSendMut<TileIo>,
    mut layers: Query<&mut TileLayer>,
    mut totals: ResMut<TileTotals>,
    mut open: MessageWriter<OpenTileset>,
    mut notices: ResMut<Notices>,
) {
    let io = &mut *io;
    let began_ms = monotonic_ms();
    let now_ms = began_ms as u64;
    let late = || monotonic_ms() - began_ms > RECEIVE_MS;
    io.fetched.extend(io.fetcher.poll());
    io.decoded.extend(io.decoder.poll());
    // What is decoded goes first: it is nearest to the screen.
    let mut first = true;
    while (first || !late())
        && let Some(decoded) = io.decoded.pop_front()
    {
        first = false;
        if let Some(other) = io.others.get_mut(&decoded.key) {
            *other = Some(decoded.result);
            continue;
        }
        let Some((layer, tile, content, url)) = io.decodes.remove(&decoded.key) else {
            continue;
        };
        let Ok(mut stream) = layers.get_mut(layer) else {
            continue;
        };
        match decoded.result {
            Ok(data) => {
                if let Some(source) = io.terrains.get_mut(&layer) {
                    source.learn(&url, &data);
                }
                stream.streamer.decoded(tile, content, Ok(data.byte_cost()));
                io.waiting.push_back(Waiting {
                    layer,
                    tile,
                    content,
                    url,
                    data,
                });
            }
            Err(error) => {
                // Problems name the file themselves.
                let cause = error
                    .strip_prefix(&url)
                    .and_then(|rest| rest.strip_prefix(": "))
                    .unwrap_or(&error);
                stream
                    .streamer
                    .decoded(tile, content, Err(cause.to_owned()));
            }
        }
    }
    first = true;
    while (first || !late())
        && let Some(fetched) = io.fetched.pop_front()
    {
        first = false;
        match io.endpoints.remove(&fetched.key) {
            None => {}
            Some(Asking::Open(wanted)) => {
                match Endpoint::of_answer(fetched.result) {
                    Ok(endpoint) => {
                        open.write(endpoint.open(*wanted));
                    }
                    Err(why) => {
                        let asset = city_tiles::uri::short(&wanted.source.url);
                        notices.error(
                            format!("{asset}: {why}"),
                            "check the asset's number and the token",
                        );
                    }
                }
                continue;
            }
            Some(Asking::Renew(layer)) => {
                let refused = io.renewed(layer, Endpoint::of_answer(fetched.result));
                let refused = refused.into_iter();
                io.written
                    .extend(refused.map(|(asked, why)| (asked.layer, asked.id, Err(why.into()))));
                continue;
            }
        }
        let Some(asked) = io.requests.remove(&fetched.key) else {
            continue;
        };
        // A layer that was closed meanwhile takes nothing any more.
        let Ok(mut layer) = layers.get_mut(asked.layer) else {
            continue;
        };
        if let Err(failure) = &fetched.result
            && io.is_held(&asked, failure)
        {
            continue;
        }
        let result = fetched.result.map_err(FetchError::from);
        if let Some(job) = layer.streamer.fetched(asked.id, result, now_ms) {
            io.decode(asked.layer, job);
        }
    }
    for (entity, request, answer) in std::mem::take(&mut io.written) {
        let Ok(mut layer) = layers.get_mut(entity) else {
            continue;
        };
        if let Some(job) = layer.streamer.fetched(request, answer, now_ms) {
            io.decode(entity, job);
        }
    }
    totals.requests = io.requests_made;
    totals.bytes_fetched = io.fetcher.bytes_received();
}
