//! A node: a state machine that is told the time and the packets that came, and says what to show.
//!
//! It never stops. Late and lost frames are bridged between their neighbours; without a leader the camera holds and the
//! clock runs on.

mod offset;
mod view;

use std::collections::VecDeque;
use std::sync::Arc;

use city_time::Clock;

use crate::frame::{Flags, FrameState};
use crate::leader::run_on;
use crate::packet::Packet;
use crate::report::{Measures, Report};
use crate::shared::WallState;
use crate::steer::mix;
use offset::Offset;
pub use view::{NodeSettings, Presentation, Source};

/// Frames that are kept: half a second and a bit.
const KEPT: usize = 40;
/// States that frames have named lately.
const NAMED: usize = 32;
/// The leader counts as lost when its last frame has been due for this long, nanoseconds.
const GRACE_NS: i64 = 150_000_000;

/// What is on the screen.
#[derive(Debug, Clone)]
struct Shown {
    frame: FrameState,
    /// By our own clock: when `frame` was to be shown, and until when `clock` has run.
    due_ns: i64,
    clock: Clock,
    clock_ns: i64,
}

/// A node. See the module.
#[derive(Debug)]
pub struct Node {
    settings: NodeSettings,
    offset: Offset,
    /// Epoch and rank of the leader that is followed.
    leader: Option<(u32, u8)>,
    /// Frames to come, in order.
    buffer: VecDeque<FrameState>,
    shown: Option<Shown>,
    newest: Option<FrameState>,
    heard_ns: i64,
    /// (epoch, frame, when by the leader's clock)
    presented: (u32, u64, i64),
    /// Revisions and digests that the followed leader has named.
    named: VecDeque<(u64, u64)>,
    state: Option<(Arc<WallState>, u64)>,
    /// A snapshot that no frame has named yet.
    candidate: Option<(WallState, u64)>,
}

impl Node {
    /// A node that waits for a leader.
    #[must_use]
    pub fn new(settings: NodeSettings) -> Self {
        Self {
            settings,
            offset: Offset::default(),
            leader: None,
            buffer: VecDeque::new(),
            shown: None,
            newest: None,
            heard_ns: 0,
            presented: (0, 0, 0),
            named: VecDeque::new(),
            state: None,
            candidate: None,
        }
    }

    /// Takes a packet that came at `now_ns`, by the node's own clock.
    pub fn receive(&mut self, packet: &Packet, now_ns: i64) {
        match packet {
            Packet::Frame(frame) => self.hear(frame, now_ns),
            Packet::Pong(pong) if self.leader == Some((pong.epoch, pong.rank)) => {
                self.offset
                    .answer(pong.t0_ns, pong.t1_ns, pong.t2_ns, now_ns);
            }
            Packet::Pong(_) | Packet::Report(_) => {}
        }
    }

    fn hear(&mut self, frame: &FrameState, now_ns: i64) {
        let better = |(epoch, rank): (u32, u8)| (epoch, u8::MAX - rank);
        let theirs = (frame.epoch, frame.rank);
        match self.leader {
            Some(ours) if better(theirs) < better(ours) => return,
            Some(ours) if ours == theirs => {}
            _ => {
                // Another leader. What is on the screen stays until its first frame is due.
                self.leader = Some(theirs);
                self.buffer.clear();
                self.named.clear();
                self.newest = None;
                self.offset.forget();
            }
        }
        self.heard_ns = self.heard_ns.max(now_ns);
        let sent_ns = frame.present_at_ns.saturating_sub(self.settings.lead_ns);
        self.offset.frame(sent_ns, now_ns);
        if self.newest.is_none_or(|newest| newest.frame < frame.frame) {
            self.newest = Some(*frame);
            self.name(frame);
        }
        if self
            .shown
            .as_ref()
            .is_some_and(|shown| shown.frame.order() >= frame.order())
        {
            return;
        }
        // From the back: most come in order.
        let place = self
            .buffer
            .iter()
            .rposition(|other| other.frame <= frame.frame);
        if place.is_some_and(|i| self.buffer[i].frame == frame.frame) {
            return;
        }
        self.buffer.insert(place.map_or(0, |i| i + 1), *frame);
        if self.buffer.len() > KEPT {
            self.buffer.pop_front();
        }
    }

    fn name(&mut self, frame: &FrameState) {
        let named = (frame.revision, frame.digest);
        if self.named.back() == Some(&named) {
            return;
        }
        if self.named.len() >= NAMED {
            self.named.pop_front();
        }
        self.named.push_back(named);
        if let Some((state, digest)) = self.candidate.take_if(|(s, d)| (s.revision, *d) == named) {
            self.state = Some((Arc::new(state), digest));
        }
    }

    /// What to show at `now_ns`, by the node's own clock. Call it once a frame; time does not go back.
    pub fn at(&mut self, now_ns: i64) -> Presentation {
        let leader_ns = now_ns.saturating_add(self.offset.ns());
        self.go_on(leader_ns, now_ns);
        let Some(shown) = &mut self.shown else {
            return Presentation {
                camera: None,
                clock: None,
                epoch: 0,
                frame: 0,
                flags: Flags::default(),
                source: Source::Waiting,
            };
        };
        let frame = shown.frame;
        if !frame.flags.freeze {
            run_on(&mut shown.clock, now_ns.saturating_sub(shown.clock_ns));
        }
        shown.clock_ns = shown.clock_ns.max(now_ns);
        let clock = *shown.clock.state();
        let mut camera = frame.camera;
        let mut number = frame.frame;
        let next = self.buffer.front().filter(|next| {
            next.epoch == frame.epoch && next.cuts == frame.cuts && !self.settings.barrier
        });
        if let Some(next) = next {
            let whole = next.present_at_ns.saturating_sub(frame.present_at_ns);
            let part = leader_ns.saturating_sub(frame.present_at_ns);
            if whole > 0 && part > 0 {
                let share = (part as f64 / whole as f64).min(1.0);
                camera = mix(&frame.camera, &next.camera, share);
                let between = next.frame.saturating_sub(frame.frame).saturating_sub(1);
                let passed = (share * (between + 1) as f64) as u64;
                number += passed.min(between);
            }
        }
        let since_ns = self.silent_since(now_ns);
        self.presented = (frame.epoch, number, leader_ns);
        Presentation {
            camera: Some(camera),
            clock: Some(clock),
            epoch: frame.epoch,
            frame: number,
            flags: frame.flags,
            source: since_ns.map_or(Source::Live, |since_ns| Source::FreeRunning { since_ns }),
        }
    }

    /// Goes on to the last frame that is due.
    fn go_on(&mut self, leader_ns: i64, now_ns: i64) {
        let due = |frame: &FrameState| self.settings.barrier || frame.present_at_ns <= leader_ns;
        let count = self.buffer.iter().take_while(|frame| due(frame)).count();
        let Some(frame) = self.buffer.drain(..count).next_back() else {
            return;
        };
        let due_ns = if self.settings.barrier {
            now_ns
        } else {
            frame.present_at_ns.saturating_sub(self.offset.ns())
        };
        self.shown = Some(Shown {
            frame,
            due_ns,
            clock: Clock::from_state(frame.clock),
            clock_ns: due_ns,
        });
    }

    /// Since when the leader has been lost, if it is.
    fn silent_since(&self, now_ns: i64) -> Option<i64> {
        let last_due_ns = self.shown.as_ref()?.due_ns;
        let overdue = self.buffer.is_empty() && now_ns.saturating_sub(last_due_ns) > GRACE_NS;
        let silent = now_ns.saturating_sub(self.heard_ns) > GRACE_NS;
        (overdue && silent).then_some(last_due_ns)
    }

    /// The slow state, when a snapshot has been taken.
    #[must_use]
    pub fn state(&self) -> Option<Arc<WallState>> {
        self.state.as_ref().map(|(state, _)| Arc::clone(state))
    }

    /// The rank of the leader whose snapshot is wanted, because its frames name another state than ours.
    #[must_use]
    pub fn wants_snapshot(&self) -> Option<u8> {
        let newest = self.newest?;
        let ours = self
            .state
            .as_ref()
            .map(|(state, digest)| (state.revision, *digest));
        (ours != Some((newest.revision, newest.digest))).then_some(newest.rank)
    }

    /// Takes a snapshot's state: at once when a signed frame has named it, else when one does. Says whether it is
    /// used now.
    pub fn adopt(&mut self, state: WallState) -> bool {
        let digest = state.digest();
        let named = |revision, digest| self.named.iter().rposition(|n| *n == (revision, digest));
        let Some(place) = named(state.revision, digest) else {
            self.candidate = Some((state, digest));
            return false;
        };
        let ours = self.state.as_ref().and_then(|(s, d)| named(s.revision, *d));
        if ours.is_some_and(|ours| ours >= place) {
            return false;
        }
        self.state = Some((Arc::new(state), digest));
        true
    }

    /// Epoch and rank of the leader that is followed.
    #[must_use]
    pub fn leader(&self) -> Option<(u32, u8)> {
        self.leader
    }

    /// By how much the leader's clock is ahead of the node's, nanoseconds.
    #[must_use]
    pub fn offset_ns(&self) -> i64 {
        self.offset.ns()
    }

    /// Whether the leader's clock is known well; until then reports are sent more often.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.offset.is_settled()
    }

    /// The report to send to all leaders at `now_ns`.
    #[must_use]
    pub fn report(&self, measures: Measures, now_ns: i64) -> Report {
        let (epoch, frame, presented_at_ns) = self.presented;
        // A frame's time is not finite when nothing was measured.
        let finite = |ms: f32| if ms.is_finite() { ms } else { 0.0 };
        Report {
            node: self.settings.id.clone(),
            // A leader that starts must know of every epoch that was, shown or not.
            epoch: self.leader.map_or(epoch, |(epoch, _)| epoch),
            frame: if self.leader.is_some_and(|(heard, _)| heard != epoch) {
                0
            } else {
                frame
            },
            presented_at_ns,
            revision: self.state.as_ref().map_or(0, |(state, _)| state.revision),
            digest: self.state.as_ref().map_or(0, |(_, digest)| *digest),
            measures: Measures {
                frame_p50_ms: finite(measures.frame_p50_ms),
                frame_p99_ms: finite(measures.frame_p99_ms),
                ..measures
            },
            t0_ns: now_ns,
        }
    }
}
