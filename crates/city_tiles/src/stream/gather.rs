//! Files beside a content: fetched through the same queue, before decoding.

use super::Streamer;
use super::queue::{Flight, Target};
use super::tree::Ix;
use super::types::{DecodeJob, Priority};
use crate::beside::{Beside, Next};
use crate::formats;

/// A content that waits for files beside it.
#[derive(Debug)]
pub(crate) struct Gathering {
    beside: Beside,
    reserved: u64,
}

impl Streamer {
    /// Whether a content can be drawn without this file beside it, if a poorer picture.
    pub(super) fn is_dispensable(&self, flight: &Flight, content: usize) -> bool {
        self.gathering
            .get(&(flight.ix, content))
            .is_some_and(|g| formats::can_do_without(g.beside.bytes(), g.beside.url(), &flight.url))
    }

    /// Whether this was a content's last attempt for now.
    pub(super) fn is_last_attempt(&self, flight: &Flight, content: usize) -> bool {
        let node = self.tree.node(flight.ix);
        let attempts = node
            .and_then(|n| n.slots.get(content))
            .map_or(0, |s| s.attempts);
        attempts.saturating_add(1) >= self.options.retry.attempts
    }

    /// Asks for the files that a content needs, or hands it on at once where there are none.
    pub(super) fn gather(
        &mut self,
        flight: &Flight,
        index: usize,
        bytes: Vec<u8>,
    ) -> Option<DecodeJob> {
        let gathering = Gathering {
            beside: Beside::new(flight.url.clone(), bytes),
            reserved: flight.reserved,
        };
        self.go_on(flight, index, gathering)
    }

    /// Waits for files, hands the content on, or gives it up.
    fn go_on(
        &mut self,
        flight: &Flight,
        content: usize,
        mut gathering: Gathering,
    ) -> Option<DecodeJob> {
        let limit = self.options.limits.max_external_files;
        match gathering.beside.next(limit) {
            Next::Files => {
                self.gathering.insert((flight.ix, content), gathering);
                None
            }
            Next::TooMany(cause) => {
                let url = gathering.beside.url();
                self.fail(flight.ix, flight.target, url, &cause, false);
                None
            }
            Next::Nothing => {
                let (url, bytes, external) = gathering.beside.into_parts();
                self.hand_on(flight.ix, content, gathering.reserved, url, bytes, external)
            }
        }
    }

    /// Starts what contents wait for; their own fetch was wanted, so these come first.
    pub(super) fn start_external(&mut self) {
        let mut due = Vec::new();
        for (&(ix, content), gathering) in &self.gathering {
            due.extend(gathering.beside.due().map(|file| (ix, content, file)));
        }
        for (ix, content, file) in due {
            if !self.slots_free() {
                return;
            }
            if let Some(gathering) = self.gathering.get_mut(&(ix, content)) {
                gathering.beside.asked(file);
            }
            self.launch(ix, Target::External(content, file), 0, Priority::Refine);
        }
    }

    pub(super) fn gathering_url(&self, ix: Ix, content: usize, file: usize) -> String {
        self.gathering
            .get(&(ix, content))
            .and_then(|g| g.beside.address(file))
            .unwrap_or_default()
            .to_owned()
    }

    /// One of the files has come, or cannot be had.
    pub(super) fn gathered(
        &mut self,
        flight: &Flight,
        content: usize,
        file: usize,
        bytes: Option<Vec<u8>>,
    ) -> Option<DecodeJob> {
        let mut gathering = self.gathering.remove(&(flight.ix, content))?;
        gathering.beside.answered(file, bytes);
        self.go_on(flight, content, gathering)
    }
}
