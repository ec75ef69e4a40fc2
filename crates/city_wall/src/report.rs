//! What a node tells the leaders, and what the leader answers.

use crate::config::MAX_ID_BYTES;
use crate::wire::{Fault, Reader, Writer};

/// What a node's program measures of itself.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Measures {
    /// Digest of the tiles that it draws, in the order of their names; equal on all nodes that chose the same tiles.
    pub cut_digest: u64,
    /// Tiles that the present picture, or the next one ([`crate::WallState::next`]), still waits for.
    pub tiles_pending: u32,
    /// Median time of a frame, milliseconds.
    pub frame_p50_ms: f32,
    /// 99th percentile of the time of a frame, milliseconds.
    pub frame_p99_ms: f32,
    /// Memory in use, bytes.
    pub rss_bytes: u64,
}

/// A node's report, a few times a second.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The node's identifier.
    pub node: String,
    /// Epoch and number of the frame shown last; 0, 0 before the first.
    pub epoch: u32,
    /// See `epoch`.
    pub frame: u64,
    /// When it was shown: nanoseconds since the Unix epoch by the node's estimate of the leader's clock.
    pub presented_at_ns: i64,
    /// Revision of the slow state that the node has; 0 when it has none.
    pub revision: u64,
    /// The digest of that state.
    pub digest: u64,
    /// What the program measured.
    pub measures: Measures,
    /// When this was sent: nanoseconds by the node's own clock, which the answer brings back.
    pub t0_ns: i64,
}

/// The leader's answer, by which the node learns the leader's clock (RFC 5905, section 8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pong {
    /// The leader's epoch.
    pub epoch: u32,
    /// The leader's rank.
    pub rank: u8,
    /// The report's `t0_ns`.
    pub t0_ns: i64,
    /// When the report came, by the leader's clock.
    pub t1_ns: i64,
    /// When this was sent, by the leader's clock.
    pub t2_ns: i64,
}

impl Report {
    pub(crate) fn write(&self, w: &mut Writer) {
        w.text(&self.node);
        w.u32(self.epoch);
        w.u64(self.frame);
        w.i64(self.presented_at_ns);
        w.u64(self.revision);
        w.u64(self.digest);
        w.u64(self.measures.cut_digest);
        w.u32(self.measures.tiles_pending);
        w.f32(self.measures.frame_p50_ms);
        w.f32(self.measures.frame_p99_ms);
        w.u64(self.measures.rss_bytes);
        w.i64(self.t0_ns);
    }

    pub(crate) fn read(r: &mut Reader<'_>) -> Result<Self, Fault> {
        let node = r.text()?;
        if node.is_empty() || node.len() > MAX_ID_BYTES {
            return Err(Fault::Value("node"));
        }
        Ok(Self {
            node: node.to_owned(),
            epoch: r.u32()?,
            frame: r.u64()?,
            presented_at_ns: r.i64()?,
            revision: r.u64()?,
            digest: r.u64()?,
            measures: Measures {
                cut_digest: r.u64()?,
                tiles_pending: r.u32()?,
                frame_p50_ms: r.f32("frame time")?,
                frame_p99_ms: r.f32("frame time")?,
                rss_bytes: r.u64()?,
            },
            t0_ns: r.i64()?,
        })
    }
}

impl Pong {
    pub(crate) fn write(&self, w: &mut Writer) {
        w.u32(self.epoch);
        w.u8(self.rank);
        w.i64(self.t0_ns);
        w.i64(self.t1_ns);
        w.i64(self.t2_ns);
    }

    pub(crate) fn read(r: &mut Reader<'_>) -> Result<Self, Fault> {
        Ok(Self {
            epoch: r.u32()?,
            rank: r.u8()?,
            t0_ns: r.i64()?,
            t1_ns: r.i64()?,
            t2_ns: r.i64()?,
        })
    }
}
