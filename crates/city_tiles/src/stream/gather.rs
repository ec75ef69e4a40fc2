//! Files beside a content (models of i3dm, buffers and images of glTF): fetched through the same queue, before
//! decoding. A model that has come may name files in turn, so it is asked again then.

use super::Streamer;
use super::queue::{Flight, Target};
use super::tree::Ix;
use super::types::{DecodeJob, Priority};
use crate::formats::{self, DecodeOptions};

/// A content that waits for files beside it.
#[derive(Debug)]
pub(crate) struct Gathering {
    url: String,
    bytes: Vec<u8>,
    reserved: u64,
    files: Vec<File>,
    /// Files that stand in for missing ones have been asked for.
    stood_in: bool,
    /// How often its files have been asked for.
    rounds: usize,
}

impl Gathering {
    /// Adds files that what has come names and that have not been asked for; whether there are any.
    fn add_named(&mut self) -> bool {
        if self.rounds >= formats::EXTERNAL_ROUNDS {
            return false;
        }
        self.rounds += 1;
        let come = |url: &str| {
            let file = self.files.iter().find(|file| file.url == url)?;
            file.bytes.clone()
        };
        let options = DecodeOptions::default();
        // What is wrong with the content is the decoder's to say.
        let mut urls = formats::list_external_with(&self.bytes, &self.url, &come, &options)
            .unwrap_or_default();
        urls.sort();
        urls.dedup();
        urls.retain(|url| {
            crate::uri::decode_data(url).is_none() && self.files.iter().all(|f| f.url != *url)
        });
        let any = !urls.is_empty();
        self.files.extend(urls.into_iter().map(File::new));
        any
    }

    /// Why the files are too many, where they are.
    fn too_many(&self, limit: usize) -> Option<String> {
        let count = self.files.len();
        (count > limit).then(|| format!("it needs {count} files beside it, the limit is {limit}"))
    }
}

#[derive(Debug)]
struct File {
    url: String,
    asked: bool,
    answered: bool,
    bytes: Option<Vec<u8>>,
}

impl File {
    fn new(url: String) -> Self {
        Self {
            url,
            asked: false,
            answered: false,
            bytes: None,
        }
    }
}

impl Streamer {
    /// Whether a content can be drawn without this file beside it, if a poorer picture.
    pub(super) fn is_dispensable(&self, flight: &Flight, content: usize) -> bool {
        self.gathering
            .get(&(flight.ix, content))
            .is_some_and(|g| formats::can_do_without(&g.bytes, &g.url, &flight.url))
    }

    /// Whether this was a content's last attempt for now.
    pub(super) fn is_last_attempt(&self, flight: &Flight, content: usize) -> bool {
        let node = self.tree.node(flight.ix);
        let attempts = node
            .and_then(|n| n.slots.get(content))
            .map_or(0, |s| s.attempts);
        attempts.saturating_add(1) >= self.options.retry.attempts
    }

    /// Asks for the files that a content needs, or hands it on at once where there are none. What is wrong with the
    /// content is the decoder's to say.
    pub(super) fn gather(
        &mut self,
        flight: &Flight,
        index: usize,
        bytes: Vec<u8>,
    ) -> Option<DecodeJob> {
        let mut gathering = Gathering {
            url: flight.url.clone(),
            bytes,
            reserved: flight.reserved,
            files: Vec::new(),
            rounds: 0,
            stood_in: false,
        };
        if !gathering.add_named() {
            return self.hand_on(
                flight.ix,
                index,
                flight.reserved,
                gathering.url,
                gathering.bytes,
                Vec::new(),
            );
        }
        if let Some(cause) = gathering.too_many(self.options.limits.max_external_files) {
            self.fail(flight.ix, flight.target, &flight.url, &cause, false);
            return None;
        }
        self.gathering.insert((flight.ix, index), gathering);
        None
    }

    /// Starts what contents wait for; their own fetch was wanted, so these come first.
    pub(super) fn start_external(&mut self) {
        let mut due = Vec::new();
        for (&(ix, content), gathering) in &self.gathering {
            for (file, state) in gathering.files.iter().enumerate() {
                if !state.asked {
                    due.push((ix, content, file));
                }
            }
        }
        for (ix, content, file) in due {
            if !self.slots_free() {
                return;
            }
            if let Some(state) = self
                .gathering
                .get_mut(&(ix, content))
                .and_then(|g| g.files.get_mut(file))
            {
                state.asked = true;
            }
            self.launch(ix, Target::External(content, file), 0, Priority::Refine);
        }
    }

    pub(super) fn gathering_url(&self, ix: Ix, content: usize, file: usize) -> String {
        self.gathering
            .get(&(ix, content))
            .and_then(|g| g.files.get(file))
            .map(|f| f.url.clone())
            .unwrap_or_default()
    }

    /// One of the files has come, or cannot be had.
    pub(super) fn gathered(
        &mut self,
        flight: &Flight,
        content: usize,
        file: usize,
        bytes: Option<Vec<u8>>,
    ) -> Option<DecodeJob> {
        let key = (flight.ix, content);
        let gathering = self.gathering.get_mut(&key)?;
        if let Some(state) = gathering.files.get_mut(file) {
            (state.answered, state.bytes) = (true, bytes);
        }
        if gathering.files.iter().any(|f| !f.answered) {
            return None;
        }
        if gathering.add_named() {
            let cause = gathering.too_many(self.options.limits.max_external_files)?;
            let url = gathering.url.clone();
            self.gathering.remove(&key);
            self.fail(flight.ix, flight.target, &url, &cause, false);
            return None;
        }
        if !gathering.stood_in && gathering.files.iter().any(|f| f.bytes.is_none()) {
            gathering.stood_in = true;
            let files = &gathering.files;
            let is_missing = |url: &str| files.iter().any(|f| f.url == url && f.bytes.is_none());
            let mut more = formats::list_instead(&gathering.bytes, &gathering.url, &is_missing);
            more.retain(|url| files.iter().all(|f| f.url != *url));
            more.truncate(self.options.limits.max_external_files);
            if !more.is_empty() {
                gathering.files.extend(more.into_iter().map(File::new));
                return None;
            }
        }
        let done = self.gathering.remove(&key)?;
        let external = done
            .files
            .into_iter()
            .filter_map(|f| f.bytes.map(|b| (f.url, b)))
            .collect();
        self.hand_on(
            flight.ix,
            content,
            done.reserved,
            done.url,
            done.bytes,
            external,
        )
    }
}
