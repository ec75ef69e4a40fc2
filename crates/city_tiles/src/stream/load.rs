//! What has arrived: tilesets and subtrees are taken in here, contents are handed on to be decoded.

use std::sync::Arc;

use super::queue::{Flight, Target, wait_ms};
use super::tree::{Ix, SlotState, SubtreeSlot};
use super::types::{DecodeJob, FetchError, RequestId};
use super::{Streamer, grow};
use crate::implicit::SubtreeDocument;
use crate::tileset::{Tileset, gunzip, is_tileset};
use crate::uri;

impl Streamer {
    /// An answer to a request. Tilesets and subtrees are taken in; a content comes back as a job to decode.
    /// Answers to requests that are no longer under way are ignored.
    pub fn fetched(
        &mut self,
        id: RequestId,
        result: Result<Vec<u8>, FetchError>,
        now_ms: u64,
    ) -> Option<DecodeJob> {
        self.now_ms = self.now_ms.max(now_ms);
        let flight = self.flights.remove(&id)?;
        self.stir();
        let bytes = match result {
            Ok(bytes) => bytes,
            Err(FetchError::Cancelled) => {
                self.abandon(&flight);
                self.set_idle(flight.ix, flight.target);
                return None;
            }
            Err(error) => {
                if let Target::External(content, file) = flight.target
                    && (!error.is_passing()
                        || (self.is_last_attempt(&flight, content)
                            && self.is_dispensable(&flight, content)))
                {
                    // The decoder knows best what a missing image or buffer means.
                    return self.gathered(&flight, content, file, None);
                }
                self.abandon(&flight);
                self.fail(
                    flight.ix,
                    flight.target,
                    &flight.url,
                    &error.to_string(),
                    error.is_passing(),
                );
                return None;
            }
        };
        self.totals.bytes_fetched += bytes.len() as u64;
        let limits = &self.options.limits;
        let limit = match flight.target {
            Target::Content(_) | Target::External(..) => limits.max_content_bytes,
            Target::Subtree | Target::SubtreeBuffer(_) => limits.max_subtree_bytes,
        };
        let bytes = match gunzip(bytes, limit) {
            Ok(bytes) if !bytes.is_empty() => bytes,
            Ok(_) => {
                // Some servers of imagery answer so where they have nothing.
                if let Target::External(content, file) = flight.target
                    && self.is_dispensable(&flight, content)
                {
                    return self.gathered(&flight, content, file, None);
                }
                self.abandon(&flight);
                self.fail(
                    flight.ix,
                    flight.target,
                    &flight.url,
                    "the answer is empty",
                    true,
                );
                return None;
            }
            Err(cause) => {
                self.abandon(&flight);
                self.fail(flight.ix, flight.target, &flight.url, &cause, false);
                return None;
            }
        };
        match flight.target {
            Target::Content(index) => self.take_content(&flight, index, bytes),
            Target::External(content, file) => self.gathered(&flight, content, file, Some(bytes)),
            Target::Subtree => {
                self.take_subtree(&flight, &bytes);
                None
            }
            Target::SubtreeBuffer(index) => {
                self.take_buffer(&flight, index, bytes);
                None
            }
        }
    }

    fn take_content(&mut self, flight: &Flight, index: usize, bytes: Vec<u8>) -> Option<DecodeJob> {
        let start = bytes
            .iter()
            .position(|b| !b.is_ascii_whitespace() && !b"\xef\xbb\xbf".contains(b));
        let maybe_tileset = start.and_then(|s| bytes.get(s)) == Some(&b'{')
            && !uri::short(&flight.url).ends_with(".gltf");
        if maybe_tileset && bytes.len() <= self.options.limits.max_tileset_bytes {
            let plain = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
            match serde_json::from_slice::<serde_json::Value>(plain) {
                Ok(json) if is_tileset(&json) => {
                    let parsed = Tileset::from_json(&json, &flight.url, &self.options.limits);
                    self.take_tileset(flight, index, parsed.map_err(|e| e.cause()));
                    return None;
                }
                Ok(_) => {}
                Err(error) => {
                    let cause = format!("not a readable JSON file ({error}); it may be truncated");
                    self.fail(flight.ix, flight.target, &flight.url, &cause, false);
                    return None;
                }
            }
        }
        self.gather(flight, index, bytes)
    }

    /// Hands a content on to be decoded.
    pub(super) fn hand_on(
        &mut self,
        ix: Ix,
        index: usize,
        reserved: u64,
        url: String,
        bytes: Vec<u8>,
        external: Vec<(String, Vec<u8>)>,
    ) -> Option<DecodeJob> {
        let tileset = self.tree.node(ix)?.tileset;
        self.tree.change(ix, |node| {
            if let Some(slot) = node.slots.get_mut(index) {
                slot.state = SlotState::Decoding { reserved };
            }
        });
        let up_axis = self
            .tree
            .opened(tileset)
            .map(|o| o.up_axis)
            .unwrap_or_default();
        Some(DecodeJob {
            tile: self.tree.id(ix),
            content: index as u32,
            url,
            bytes,
            up_axis,
            external,
        })
    }

    fn take_tileset(&mut self, flight: &Flight, index: usize, parsed: Result<Tileset, String>) {
        let attached = parsed.and_then(|tileset| {
            let (offset, limits) = (self.options.height_offset_m, &self.options.limits);
            self.tree
                .attach(flight.ix, &tileset, &flight.url, offset, limits)
                .map(|()| tileset)
        });
        match attached {
            Ok(tileset) => {
                for warning in &tileset.warnings {
                    self.note(&flight.url, warning, false);
                }
                self.tree.change(flight.ix, |node| {
                    if let Some(slot) = node.slots.get_mut(index) {
                        slot.state = SlotState::Tileset;
                    }
                });
                self.settled(&flight.url);
            }
            Err(cause) => self.fail(flight.ix, flight.target, &flight.url, &cause, false),
        }
    }

    fn take_subtree(&mut self, flight: &Flight, bytes: &[u8]) {
        let document = match SubtreeDocument::parse(bytes, &self.options.limits) {
            Ok(document) => document,
            Err(error) => {
                return self.fail(
                    flight.ix,
                    flight.target,
                    &flight.url,
                    &error.to_string(),
                    false,
                );
            }
        };
        let missing: Vec<_> = document
            .missing_buffers()
            .into_iter()
            .map(|(i, u)| (i, u, None))
            .collect();
        if missing.is_empty() {
            return self.finish_subtree(flight, &document);
        }
        self.tree.change(flight.ix, |node| {
            if let Some(implicit) = node.implicit.as_deref_mut() {
                implicit.slot = Some(SubtreeSlot::Buffers {
                    document: Box::new(document),
                    missing,
                });
            }
        });
    }

    fn take_buffer(&mut self, flight: &Flight, index: usize, bytes: Vec<u8>) {
        let whole = self.tree.change(flight.ix, |node| {
            let slot = node.implicit.as_deref_mut()?.slot.as_mut()?;
            let SubtreeSlot::Buffers { document, missing } = slot else {
                return None;
            };
            document.set_buffer(index, bytes);
            missing.retain(|(i, _, _)| *i != index);
            missing.is_empty().then(|| document.clone())
        });
        if let Some(Some(document)) = whole {
            self.finish_subtree(flight, &document);
        }
    }

    fn finish_subtree(&mut self, flight: &Flight, document: &SubtreeDocument) {
        let Some(tiling) = self
            .tree
            .node(flight.ix)
            .and_then(|n| n.implicit.as_ref())
            .map(|i| i.tiling.clone())
        else {
            return;
        };
        let subtree = match document.build(tiling.spec.subdivision, tiling.spec.subtree_levels) {
            Ok(subtree) => Arc::new(subtree),
            Err(error) => {
                return self.fail(
                    flight.ix,
                    Target::Subtree,
                    &flight.url,
                    &error.to_string(),
                    false,
                );
            }
        };
        for warning in &subtree.warnings {
            self.note(&flight.url, warning, false);
        }
        if subtree.content_rows() > tiling.contents.len() {
            self.note(
                &flight.url,
                "it has more content rows than the tile has content templates",
                false,
            );
        }
        self.tree.bytes += subtree.byte_cost();
        self.tree.change(flight.ix, |node| {
            if let Some(implicit) = node.implicit.as_deref_mut() {
                node.slots = grow::implicit_slots(&tiling, &subtree, Default::default());
                implicit.subtree = Some(subtree);
                implicit.slot = Some(SubtreeSlot::Ready);
            }
        });
        self.settled(&flight.url);
    }

    /// Records a failure: repeated after a wait while that may help, given up otherwise.
    pub(super) fn fail(&mut self, ix: Ix, target: Target, url: &str, cause: &str, passing: bool) {
        let policy = self.options.retry.clone();
        let now_ms = self.now_ms;
        let failed_for_good = self.tree.change(ix, |node| {
            let attempts = match target {
                Target::Content(index) | Target::External(index, _) => {
                    node.slots.get_mut(index).map(|s| &mut s.attempts)
                }
                Target::Subtree | Target::SubtreeBuffer(_) => {
                    node.implicit.as_deref_mut().map(|i| &mut i.attempts)
                }
            };
            let attempt = attempts.map_or(u8::MAX, |a| {
                *a = a.saturating_add(1);
                *a
            });
            let wait_until = (passing && attempt < policy.attempts)
                .then(|| now_ms + wait_ms(&policy, attempt, url));
            let again = passing.then(|| now_ms + policy.again_after_ms);
            match target {
                Target::Content(index) | Target::External(index, _) => {
                    if let Some(slot) = node.slots.get_mut(index) {
                        slot.state =
                            wait_until.map_or(SlotState::Failed(again), SlotState::Waiting);
                        slot.bytes = 0;
                    }
                }
                Target::Subtree | Target::SubtreeBuffer(_) => {
                    if let Some(implicit) = node.implicit.as_deref_mut() {
                        implicit.slot = Some(
                            wait_until.map_or(SubtreeSlot::Failed(again), SubtreeSlot::Waiting),
                        );
                    }
                }
            }
            wait_until.is_none()
        });
        if failed_for_good == Some(true) {
            self.totals.contents_failed += 1;
            let what = if passing {
                format!("{cause}; it will be tried again")
            } else {
                cause.to_owned()
            };
            self.note(url, &what, true);
        }
    }
}
