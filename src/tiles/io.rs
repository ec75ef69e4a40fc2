//! Bytes in: requests and decode jobs, and which tile each belongs to.

use std::collections::{HashMap, VecDeque};

use bevy::ecs::prelude::*;
use city_tiles::prepared::PreparedTile;
use city_tiles::stream::{DecodeJob, FetchError, RequestId, TileId};

use super::TileTotals;
use super::layer::TileLayer;
use crate::platform::{Decoder, Fetcher, monotonic_ms};

/// A decoded content that waits for its turn to be uploaded.
pub(super) struct Waiting {
    pub layer: Entity,
    pub tile: TileId,
    pub content: u32,
    pub url: String,
    pub data: PreparedTile,
}

/// The platform's ends. Not `Send` in the browser.
pub(crate) struct TileIo {
    pub(super) fetcher: Fetcher,
    decoder: Decoder,
    requests: HashMap<u64, (Entity, RequestId)>,
    decodes: HashMap<u64, (Entity, TileId, u32, String)>,
    /// Files that are no tiles of a tileset and share the decoder; `None` while under way.
    others: HashMap<u64, Option<Result<PreparedTile, String>>>,
    pub(super) waiting: VecDeque<Waiting>,
    next_key: u64,
    pub requests_made: u64,
}

impl TileIo {
    pub fn new() -> Self {
        Self {
            fetcher: Fetcher::new(16),
            decoder: Decoder::new(),
            requests: HashMap::new(),
            decodes: HashMap::new(),
            others: HashMap::new(),
            waiting: VecDeque::new(),
            next_key: 0,
            requests_made: 0,
        }
    }

    pub fn request(&mut self, layer: Entity, id: RequestId, url: &str) {
        self.next_key += 1;
        self.requests_made += 1;
        self.requests.insert(self.next_key, (layer, id));
        self.fetcher.fetch(self.next_key, url);
    }

    pub fn cancel(&mut self, layer: Entity, id: RequestId) {
        let key = self
            .requests
            .iter()
            .find(|(_, of)| **of == (layer, id))
            .map(|(key, _)| *key);
        if let Some(key) = key {
            self.fetcher.abort(key);
        }
    }

    fn decode(&mut self, layer: Entity, job: DecodeJob) {
        self.next_key += 1;
        self.decodes.insert(
            self.next_key,
            (layer, job.tile, job.content, job.url.clone()),
        );
        self.decoder.decode(self.next_key, &job.url, job.bytes);
    }

    /// Decodes a file that is no tile of a tileset, beside the tiles.
    pub fn decode_other(&mut self, url: &str, bytes: Vec<u8>) -> u64 {
        self.next_key += 1;
        self.others.insert(self.next_key, None);
        self.decoder.decode(self.next_key, url, bytes);
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
        self.requests.is_empty() && self.decodes.is_empty() && self.waiting.is_empty()
    }
}

pub(super) fn receive(
    mut io: NonSendMut<TileIo>,
    mut layers: Query<&mut TileLayer>,
    mut totals: ResMut<TileTotals>,
) {
    let io = &mut *io;
    let now_ms = monotonic_ms() as u64;
    for fetched in io.fetcher.poll() {
        let Some((entity, request)) = io.requests.remove(&fetched.key) else {
            continue;
        };
        // A layer that was closed meanwhile takes nothing any more.
        let Ok(mut layer) = layers.get_mut(entity) else {
            continue;
        };
        let result = fetched.result.map_err(FetchError::from);
        if let Some(job) = layer.streamer.fetched(request, result, now_ms) {
            io.decode(entity, job);
        }
    }
    for decoded in io.decoder.poll() {
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
                tracing::warn!("{url}: {error}");
                stream.streamer.decoded(tile, content, Err(error));
            }
        }
    }
    totals.requests = io.requests_made;
    totals.bytes_fetched = io.fetcher.bytes_received();
}
