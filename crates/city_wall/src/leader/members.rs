//! The nodes, as their reports tell of them.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::FRAME_NS;
use crate::report::Report;
use crate::snapshot::digest_text;

/// A node that has not reported for this long (2 s) is taken to be gone.
const SILENT_NS: i64 = 2_000_000_000;
/// Reports over which lateness and skew are counted.
const WINDOW: usize = 512;

/// Whether the nodes draw the same tiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Agreement {
    /// No node reports.
    Unknown,
    /// Some still wait for tiles.
    Loading,
    /// All have what they wait for, and it is the same.
    Same,
    /// All have what they wait for, and it is not the same.
    Different,
}

/// How a node stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// Never heard of.
    Unseen,
    /// Shows the wall's frames.
    Live,
    /// Reports, but is behind: shows old frames, or those of another leader.
    Behind,
    /// Has not reported for two seconds.
    Lost,
}

/// A node, for the operator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NodeView {
    /// Identifier.
    pub id: String,
    /// How it stands.
    pub standing: Standing,
    /// Milliseconds since its last report.
    pub silent_ms: Option<i64>,
    /// How much later than asked for its last frame was shown, milliseconds; below 17 is on time.
    pub late_ms: f64,
    /// The same, whole frames.
    pub late_frames: i64,
    /// Epoch of its last frame.
    pub epoch: u32,
    /// Number of its last frame.
    pub frame: u64,
    /// Whether it has the wall's slow state.
    pub has_state: bool,
    /// Digest of the tiles that it draws.
    pub cut_digest: String,
    /// Tiles that it waits for.
    pub tiles_pending: u32,
    /// Median time of a frame, milliseconds.
    pub frame_p50_ms: f32,
    /// 99th percentile, milliseconds.
    pub frame_p99_ms: f32,
    /// Memory in use, bytes.
    pub rss_bytes: u64,
}

/// The answer to `GET /api/nodes`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WallView {
    /// The wall's epoch.
    pub epoch: u32,
    /// The last frame that was sent or heard.
    pub frame: u64,
    /// Nodes that are live.
    pub live: usize,
    /// Whether they draw the same tiles.
    pub tiles: Agreement,
    /// 99th percentile of lateness over the last reports, milliseconds.
    pub late_p99_ms: f64,
    /// Frames between the earliest and the latest live node, by their last reports.
    pub skew_frames: i64,
    /// Nodes in the configuration's order.
    pub nodes: Vec<NodeView>,
}

/// A line through the leader's frames: numbers and times of presentation go together.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Line {
    pub(crate) epoch: u32,
    pub(crate) frame: u64,
    pub(crate) present_at_ns: i64,
}

impl Line {
    fn late_ns(&self, report: &Report) -> i64 {
        let behind = self.frame as i128 - i128::from(report.frame);
        let due = i128::from(self.present_at_ns) - behind * i128::from(FRAME_NS);
        let late = i128::from(report.presented_at_ns) - due;
        late.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
    }
}

#[derive(Debug, Clone)]
struct Heard {
    report: Report,
    at_ns: i64,
    late_ns: i64,
    /// Was not waited for at a barrier.
    dropped: bool,
}

#[derive(Debug)]
pub(crate) struct Members {
    ids: Vec<String>,
    heard: BTreeMap<String, Heard>,
    late_ns: VecDeque<i64>,
}

impl Members {
    pub(crate) fn new(ids: Vec<String>) -> Self {
        Self {
            ids,
            heard: BTreeMap::new(),
            late_ns: VecDeque::new(),
        }
    }

    /// Takes a report of a node of this wall; others are ignored.
    pub(crate) fn take(&mut self, report: Report, line: Line, now_ns: i64) {
        if !self.ids.contains(&report.node) {
            return;
        }
        let late_ns = line.late_ns(&report);
        if report.epoch == line.epoch && report.frame > 0 {
            if self.late_ns.len() >= WINDOW {
                self.late_ns.pop_front();
            }
            self.late_ns.push_back(late_ns);
        }
        // Reports may overtake each other.
        if let Some(known) = self.heard.get(&report.node)
            && known.report.t0_ns > report.t0_ns
            && now_ns.saturating_sub(known.at_ns) < SILENT_NS
        {
            return;
        }
        let heard = Heard {
            at_ns: now_ns,
            late_ns,
            dropped: false,
            report,
        };
        self.heard.insert(heard.report.node.clone(), heard);
    }

    fn live(&self, now_ns: i64) -> impl Iterator<Item = &Heard> {
        self.heard
            .values()
            .filter(move |heard| now_ns.saturating_sub(heard.at_ns) < SILENT_NS)
    }

    /// Whether all nodes that are there have a revision of the state and wait for no tile.
    pub(crate) fn all_ready(&self, revision: u64, now_ns: i64) -> bool {
        let ready = |heard: &Heard| {
            heard.report.revision >= revision && heard.report.measures.tiles_pending == 0
        };
        self.live(now_ns).all(ready)
    }

    /// Whether all nodes that are waited for have shown a frame.
    pub(crate) fn all_shown(&self, epoch: u32, frame: u64, now_ns: i64) -> bool {
        self.live(now_ns)
            .filter(|heard| !heard.dropped)
            .all(|heard| heard.report.epoch == epoch && heard.report.frame >= frame)
    }

    /// No longer waits for nodes that have not shown a frame, until they report again.
    pub(crate) fn drop_late(&mut self, epoch: u32, frame: u64) {
        for heard in self.heard.values_mut() {
            heard.dropped = heard.report.epoch != epoch || heard.report.frame < frame;
        }
    }

    pub(crate) fn view(&self, line: Line, digest: u64, now_ns: i64) -> WallView {
        let nodes: Vec<NodeView> = self
            .ids
            .iter()
            .map(|id| node_view(id, self.heard.get(id), line, digest, now_ns))
            .collect();
        let live = nodes.iter().filter(|node| node.standing == Standing::Live);
        let late: Vec<i64> = live.clone().map(|node| node.late_frames).collect();
        let skew = late.iter().max().zip(late.iter().min());
        let mut sorted: Vec<i64> = self.late_ns.iter().copied().collect();
        sorted.sort_unstable();
        let p99 = sorted.get(sorted.len().saturating_sub(1) * 99 / 100);
        WallView {
            epoch: line.epoch,
            frame: line.frame,
            live: late.len(),
            tiles: agreement(live),
            late_p99_ms: p99.map_or(0.0, |ns| *ns as f64 / 1e6),
            skew_frames: skew.map_or(0, |(max, min)| max - min),
            nodes,
        }
    }
}

fn agreement<'a>(live: impl Iterator<Item = &'a NodeView>) -> Agreement {
    let mut first = None;
    let mut found = Agreement::Unknown;
    for node in live {
        if node.tiles_pending > 0 {
            return Agreement::Loading;
        }
        if *first.get_or_insert(&node.cut_digest) != &node.cut_digest {
            found = Agreement::Different;
        } else if found == Agreement::Unknown {
            found = Agreement::Same;
        }
    }
    found
}

fn node_view(id: &str, heard: Option<&Heard>, line: Line, digest: u64, now_ns: i64) -> NodeView {
    let silent_ns = heard.map(|heard| now_ns.saturating_sub(heard.at_ns).max(0));
    let late_ns = heard.map_or(0, |heard| heard.late_ns);
    let late_frames = late_ns.div_euclid(FRAME_NS).max(0);
    let report = heard.map(|heard| &heard.report);
    let standing = match (report, silent_ns) {
        (Some(report), Some(silent)) if silent < SILENT_NS => {
            if report.epoch == line.epoch && late_frames <= 6 {
                Standing::Live
            } else {
                Standing::Behind
            }
        }
        (Some(_), _) => Standing::Lost,
        (None, _) => Standing::Unseen,
    };
    let measures = report.map(|report| report.measures).unwrap_or_default();
    NodeView {
        id: id.to_owned(),
        standing,
        silent_ms: silent_ns.map(|ns| ns / 1_000_000),
        late_ms: late_ns as f64 / 1e6,
        late_frames,
        epoch: report.map_or(0, |report| report.epoch),
        frame: report.map_or(0, |report| report.frame),
        has_state: report.is_some_and(|report| report.digest == digest),
        cut_digest: digest_text(measures.cut_digest),
        tiles_pending: measures.tiles_pending,
        frame_p50_ms: measures.frame_p50_ms,
        frame_p99_ms: measures.frame_p99_ms,
        rss_bytes: measures.rss_bytes,
    }
}
