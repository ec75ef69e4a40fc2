//! The request queue: what is under way, what is started next, what is aborted, and when a failure is repeated.

use super::Streamer;
use super::select::Want;
use super::tree::{Ix, SlotState, SubtreeSlot};
use super::types::{FetchRequest, Priority, RequestId, RetryPolicy, Selection};

/// Expected bytes of a tileset JSON or subtree, before anything is known.
const STRUCTURE_BYTES: u64 = 64 << 10;

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Content(usize),
    /// File number so-and-so beside content number so-and-so.
    External(usize, usize),
    Subtree,
    SubtreeBuffer(usize),
}

/// A request under way.
#[derive(Clone, Debug)]
pub(crate) struct Flight {
    pub ix: Ix,
    pub target: Target,
    pub url: String,
    pub reserved: u64,
    pub unwanted_since_ms: Option<u64>,
}

impl Streamer {
    /// Starts requests, the most urgent first, as far as slots and memory go. False where memory did not suffice.
    pub(super) fn start_all(
        &mut self,
        wants: Vec<Want>,
        preloads: Vec<Want>,
        ahead: &[Want],
    ) -> bool {
        let mut room = true;
        self.start_external();
        for want in &wants {
            if !self.slots_free() {
                break;
            }
            // What is passed before it comes would only hold up what is stayed with.
            if want.priority > Priority::Hole && self.is_outrun(want.ix) {
                continue;
            }
            room &= self.start(want);
            if !room {
                break;
            }
        }
        // What is beside the view can wait until nothing is wanted; what the camera flies to cannot.
        let beside = if wants.is_empty() { &preloads[..] } else { &[] };
        for want in ahead.iter().chain(beside) {
            if !room || !self.has_plenty() || !self.slots_free() || !self.start(want) {
                break;
            }
        }
        room
    }

    pub(super) fn slots_free(&self) -> bool {
        self.flights.len() < self.options.max_requests
            && self.tree.decoding < self.options.max_decodes
    }

    fn is_outrun(&self, ix: Ix) -> bool {
        self.tree
            .node(ix)
            .is_some_and(|node| self.motion.outruns(node.sphere.1))
    }

    fn start(&mut self, want: &Want) -> bool {
        let now_ms = self.now_ms;
        let Some(node) = self.tree.node(want.ix) else {
            return true;
        };
        let is_guess = node.known_cost == 0;
        let mut targets: Vec<(Target, u64)> = Vec::new();
        let subtree_due =
            node.implicit
                .as_ref()
                .and_then(|i| i.slot.as_ref())
                .map(|slot| match slot {
                    SubtreeSlot::Idle => vec![Target::Subtree],
                    SubtreeSlot::Waiting(at) | SubtreeSlot::Failed(Some(at)) if *at <= now_ms => {
                        vec![Target::Subtree]
                    }
                    SubtreeSlot::Buffers { missing, .. } => missing
                        .iter()
                        .filter(|(_, _, request)| request.is_none())
                        .map(|(index, _, _)| Target::SubtreeBuffer(*index))
                        .collect(),
                    _ => Vec::new(),
                });
        match subtree_due {
            Some(due) if !due.is_empty() => {
                targets.extend(due.into_iter().map(|t| (t, STRUCTURE_BYTES)))
            }
            _ => {
                let known = node.known_cost / node.slots.len().max(1) as u64;
                for (index, slot) in node.slots.iter().enumerate() {
                    let due = match slot.state {
                        SlotState::Idle => true,
                        SlotState::Waiting(at) | SlotState::Failed(Some(at)) => at <= now_ms,
                        _ => false,
                    };
                    if due {
                        let expected = if known > 0 {
                            known
                        } else {
                            self.average.expected()
                        };
                        targets.push((Target::Content(index), expected));
                    }
                }
            }
        }
        for (target, reserved) in targets {
            if self.flights.len() >= self.options.max_requests {
                return true;
            }
            if !self.make_room(reserved, is_guess) {
                return false;
            }
            self.launch(want.ix, target, reserved, want.priority);
        }
        true
    }

    pub(super) fn launch(&mut self, ix: Ix, target: Target, reserved: u64, priority: Priority) {
        let url = match target {
            Target::Content(index) => self.tree.content_url(ix, index),
            Target::External(content, file) => Ok(self.gathering_url(ix, content, file)),
            Target::Subtree => self.tree.subtree_url(ix),
            Target::SubtreeBuffer(index) => self.tree.subtree_url(ix).and_then(|base| {
                let uri = self.buffer_uri(ix, index);
                crate::uri::resolve(&base, &uri)
            }),
        };
        let url = match url {
            Ok(url) => url,
            Err(error) => {
                self.fail(ix, target, "", &error.to_string(), false);
                return;
            }
        };
        let id = RequestId(self.next_request);
        self.next_request += 1;
        self.totals.requests += 1;
        self.set_fetching(ix, target, id);
        let Selection { fetch, .. } = &mut self.selection;
        fetch.push(FetchRequest {
            id,
            url: url.clone(),
            priority,
        });
        self.flights.insert(
            id,
            Flight {
                ix,
                target,
                url,
                reserved,
                unwanted_since_ms: None,
            },
        );
    }

    fn buffer_uri(&self, ix: Ix, index: usize) -> String {
        match self
            .tree
            .node(ix)
            .and_then(|n| n.implicit.as_ref())
            .and_then(|i| i.slot.as_ref())
        {
            Some(SubtreeSlot::Buffers { missing, .. }) => missing
                .iter()
                .find(|(i, _, _)| *i == index)
                .map(|(_, uri, _)| uri.clone())
                .unwrap_or_default(),
            _ => String::new(),
        }
    }

    fn set_fetching(&mut self, ix: Ix, target: Target, id: RequestId) {
        self.tree.change(ix, |node| match target {
            Target::Content(index) | Target::External(index, _) => {
                if let Some(slot) = node.slots.get_mut(index) {
                    slot.state = SlotState::Fetching;
                }
            }
            Target::Subtree => {
                if let Some(implicit) = node.implicit.as_deref_mut() {
                    implicit.slot = Some(SubtreeSlot::Fetching);
                }
            }
            Target::SubtreeBuffer(index) => {
                if let Some(SubtreeSlot::Buffers { missing, .. }) =
                    node.implicit.as_deref_mut().and_then(|i| i.slot.as_mut())
                {
                    for (i, _, request) in missing.iter_mut() {
                        if *i == index {
                            *request = Some(id);
                        }
                    }
                }
            }
        });
    }

    /// Puts a target back to where it can be asked for again.
    pub(super) fn set_idle(&mut self, ix: Ix, target: Target) {
        self.tree.change(ix, |node| match target {
            Target::Content(index) | Target::External(index, _) => {
                if let Some(slot) = node.slots.get_mut(index) {
                    slot.state = SlotState::Idle;
                }
            }
            Target::Subtree | Target::SubtreeBuffer(_) => {
                if let Some(implicit) = node.implicit.as_deref_mut() {
                    implicit.slot = Some(SubtreeSlot::Idle);
                }
            }
        });
    }

    /// Aborts what no view wants any more: at once where others wait for the slot, else after a grace period,
    /// so that a glance aside costs nothing.
    pub(super) fn abort_unwanted(&mut self, others_wait: bool) {
        let full = others_wait && self.flights.len() >= self.options.max_requests;
        let (now_ms, update, grace_ms) = (self.now_ms, self.update, self.options.abort_after_ms);
        let mut aborted = Vec::new();
        for (id, flight) in &mut self.flights {
            if self
                .tree
                .node(flight.ix)
                .is_some_and(|n| n.wanted == update)
            {
                flight.unwanted_since_ms = None;
                continue;
            }
            let since = *flight.unwanted_since_ms.get_or_insert(now_ms);
            if full || now_ms.saturating_sub(since) >= grace_ms {
                aborted.push(*id);
            }
        }
        for id in aborted {
            if let Some(flight) = self.flights.remove(&id) {
                self.selection.cancel.push(id);
                self.abandon(&flight);
                self.set_idle(flight.ix, flight.target);
            }
        }
    }

    /// A subtree's buffers, and the files beside a content, stand or fall together: one is lost, so the others go.
    pub(super) fn abandon(&mut self, lost: &Flight) {
        let together = |f: &Flight| {
            f.ix == lost.ix
                && match (f.target, lost.target) {
                    (Target::SubtreeBuffer(_), Target::SubtreeBuffer(_)) => true,
                    (Target::External(a, _), Target::External(b, _)) => a == b,
                    _ => false,
                }
        };
        let others: Vec<_> = self
            .flights
            .iter()
            .filter(|(_, f)| together(f))
            .map(|(i, _)| *i)
            .collect();
        for other in others {
            self.flights.remove(&other);
            self.selection.cancel.push(other);
        }
        if let Target::External(content, _) = lost.target {
            self.gathering.remove(&(lost.ix, content));
        }
    }
}

/// The wait before the next attempt: doubling, with a spread of ±25 % that depends on the address and the attempt.
pub(crate) fn wait_ms(policy: &RetryPolicy, attempt: u8, url: &str) -> u64 {
    let doubled = policy
        .first_wait_ms
        .saturating_mul(1 << u32::from(attempt.saturating_sub(1).min(20)));
    let wait = doubled.min(policy.longest_wait_ms);
    // FNV-1a: the same everywhere, unlike the standard library's hasher.
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    for byte in url.bytes().chain([attempt]) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    let spread = wait / 2;
    wait - spread / 2
        + if spread == 0 {
            0
        } else {
            (hash >> 32) % spread
        }
}
