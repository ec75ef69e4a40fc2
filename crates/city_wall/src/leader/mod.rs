//! The leader: a state machine that is told the time and the packets that came.
//!
//! A leader begins by listening. It leads when it has heard no other for half a second and a quarter for each leader
//! before it in the configuration, with an epoch above every one that it has heard of, from leaders or from nodes. It
//! steps down when it hears a higher epoch, or the same from a leader before it.

mod drive;
mod members;
mod obey;
mod settings;
mod tell;

use city_geo::Camera;

pub(crate) use drive::run_on;
pub use members::{Agreement, NodeView, Standing, WallView};
pub use settings::{LeaderSettings, Role};

use crate::frame::{Flags, FrameState};
use crate::packet::Packet;
use crate::report::{Pong, Report};
use crate::shared::WallState;
use drive::Drive;
use members::{Line, Members};
use obey::Waiting;

/// Time between two frames, nanoseconds (60 Hz).
pub(crate) const FRAME_NS: i64 = 16_666_667;
/// Silence after which the preferred leader leads, nanoseconds: thirty frames.
const SILENCE_NS: i64 = 500_000_000;
/// More of it for each leader before, so that two do not take over at once.
const STAGGER_NS: i64 = 250_000_000;
/// How long a barrier waits, nanoseconds.
const BARRIER_NS: i64 = 75_000_000;
/// A leader that is this far behind its own frames (it was stopped) leaves them out.
const MAX_BEHIND_NS: i64 = 4 * FRAME_NS;

/// What is known of the leader that leads.
#[derive(Debug, Clone, Copy)]
struct Heard {
    frame: FrameState,
    at_ns: i64,
}

/// A leader. See the module.
#[derive(Debug)]
pub struct Leader {
    settings: LeaderSettings,
    role: Role,
    /// Our own when we lead, else the highest that we know of.
    epoch: u32,
    heard: Option<Heard>,
    /// The newest frame that any report tells of: where nodes hear a leader whom we do not, they are led.
    reported: (u32, u64),
    silent_since_ns: i64,
    state: WallState,
    digest: u64,
    drive: Drive,
    members: Members,
    waiting: Option<Waiting>,
    /// The last frame: sent, or heard.
    line: Line,
    next_slot_ns: i64,
    sent_at_ns: i64,
}

impl Leader {
    /// A leader that listens. `state` and `camera` are what it begins with where there is nobody to hear.
    #[must_use]
    pub fn new(settings: LeaderSettings, state: WallState, camera: Camera, now_ns: i64) -> Self {
        Self {
            members: Members::new(settings.nodes.clone()),
            settings,
            role: Role::Standby,
            epoch: 0,
            heard: None,
            reported: (0, 0),
            silent_since_ns: now_ns,
            digest: state.digest(),
            state,
            drive: Drive::new(camera, now_ns),
            waiting: None,
            line: Line::default(),
            next_slot_ns: now_ns,
            sent_at_ns: now_ns,
        }
    }

    /// What it does.
    #[must_use]
    pub fn role(&self) -> Role {
        self.role
    }

    /// The epoch of the wall, as far as it is known.
    #[must_use]
    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    /// The slow state.
    #[must_use]
    pub fn state(&self) -> &WallState {
        &self.state
    }

    /// Takes a packet that came at `now_ns`; the answer goes to who sent it.
    pub fn receive(&mut self, packet: Packet, now_ns: i64) -> Option<Pong> {
        match packet {
            Packet::Frame(frame) => {
                self.hear(frame, now_ns);
                None
            }
            Packet::Report(report) => self.note(report, now_ns),
            Packet::Pong(_) => None,
        }
    }

    fn hear(&mut self, frame: FrameState, now_ns: i64) {
        let news = match (self.role, &self.heard) {
            // Our own frame, come back.
            _ if frame.rank == self.settings.rank => false,
            (Role::Active, _) => {
                frame.epoch > self.epoch
                    || (frame.epoch == self.epoch && frame.rank < self.settings.rank)
            }
            (Role::Standby, Some(heard)) => frame.order() > heard.frame.order(),
            (Role::Standby, None) => frame.epoch >= self.epoch,
        };
        if !news {
            return;
        }
        self.role = Role::Standby;
        self.waiting = None;
        self.epoch = self.epoch.max(frame.epoch);
        self.silent_since_ns = now_ns;
        self.reported = self.reported.max((frame.epoch, frame.frame));
        self.line = Line {
            epoch: frame.epoch,
            frame: frame.frame,
            present_at_ns: frame.present_at_ns,
        };
        self.heard = Some(Heard {
            frame,
            at_ns: now_ns,
        });
    }

    fn note(&mut self, report: Report, now_ns: i64) -> Option<Pong> {
        let t0_ns = report.t0_ns;
        if report.epoch > self.epoch {
            // Somebody leads whom we do not hear, or did before we started. Wait and see which.
            self.epoch = report.epoch;
            self.role = Role::Standby;
            self.waiting = None;
            self.silent_since_ns = now_ns;
        }
        if self.role == Role::Standby && (report.epoch, report.frame) > self.reported {
            self.reported = (report.epoch, report.frame);
            if report.frame > 0 {
                self.silent_since_ns = now_ns;
            }
        }
        self.members.take(report, self.line, now_ns);
        (self.role == Role::Active).then_some(Pong {
            epoch: self.epoch,
            rank: self.settings.rank,
            t0_ns,
            t1_ns: now_ns,
            t2_ns: now_ns,
        })
    }

    /// Lets time pass; the frame to send to all nodes and all other leaders, when one is due. Ask again until there
    /// is none, at least every few milliseconds.
    pub fn tick(&mut self, now_ns: i64) -> Option<FrameState> {
        if self.role == Role::Standby {
            let patience = SILENCE_NS + i64::from(self.settings.rank) * STAGGER_NS;
            if now_ns.saturating_sub(self.silent_since_ns) < patience {
                return None;
            }
            self.take_over(now_ns);
        }
        if self.next_slot_ns.saturating_sub(now_ns) > MAX_BEHIND_NS {
            // The machine's clock was set back.
            self.next_slot_ns = now_ns;
        }
        if now_ns < self.next_slot_ns {
            return None;
        }
        if self.settings.barrier && !self.barrier_opens(now_ns) {
            return None;
        }
        let behind = now_ns.saturating_sub(self.next_slot_ns);
        let slots = if behind > MAX_BEHIND_NS || self.settings.barrier {
            behind / FRAME_NS
        } else {
            0
        };
        let slot_ns = self.next_slot_ns.saturating_add(slots * FRAME_NS);
        self.next_slot_ns = slot_ns.saturating_add(FRAME_NS);
        self.sent_at_ns = now_ns;
        let present_at_ns = slot_ns.saturating_add(self.settings.lead_ns);
        self.drive.advance(present_at_ns);
        self.settle(now_ns);
        self.line = Line {
            epoch: self.epoch,
            // Numbers stay in step with time, also over frames that were left out.
            frame: self.line.frame.saturating_add(1 + slots as u64),
            present_at_ns,
        };
        Some(self.frame())
    }

    /// How long until [`Leader::tick`] may have something, nanoseconds.
    #[must_use]
    pub fn due_in_ns(&self, now_ns: i64) -> i64 {
        match self.role {
            Role::Active => self.next_slot_ns.saturating_sub(now_ns).max(0),
            Role::Standby => FRAME_NS,
        }
    }

    fn barrier_opens(&mut self, now_ns: i64) -> bool {
        let line = self.line;
        if self.members.all_shown(line.epoch, line.frame, now_ns) {
            return true;
        }
        if now_ns.saturating_sub(self.sent_at_ns) < BARRIER_NS {
            return false;
        }
        self.members.drop_late(line.epoch, line.frame);
        true
    }

    fn frame(&self) -> FrameState {
        let (camera, clock) = self.drive.shown();
        FrameState {
            epoch: self.epoch,
            rank: self.settings.rank,
            frame: self.line.frame,
            present_at_ns: self.line.present_at_ns,
            camera,
            cuts: self.drive.cuts,
            clock,
            revision: self.state.revision,
            digest: self.digest,
            flags: Flags {
                freeze: self.state.freeze,
                identify: self.state.identify,
            },
        }
    }

    fn take_over(&mut self, now_ns: i64) {
        self.role = Role::Active;
        self.epoch = self.epoch.saturating_add(1);
        self.next_slot_ns = now_ns;
        self.sent_at_ns = now_ns;
        let first_ns = now_ns.saturating_add(self.settings.lead_ns);
        if let Some(Heard { frame, at_ns }) = self.heard.take() {
            // By our own clock: the other's is not known.
            let shown_ns = at_ns.saturating_add(self.settings.lead_ns);
            self.drive = Drive::resume(&frame, shown_ns, first_ns.saturating_sub(FRAME_NS));
            let missed = first_ns.saturating_sub(shown_ns).max(0) / FRAME_NS;
            self.line.frame = frame.frame.saturating_add(missed as u64);
            if (frame.revision, frame.digest) != (self.state.revision, self.digest) {
                // The other's state was never fetched: its switches at least are known.
                self.state.freeze = frame.flags.freeze;
                self.state.identify = frame.flags.identify;
                self.state.revision = self.state.revision.max(frame.revision);
                self.change();
            }
        }
        self.line.frame = self.line.frame.max(self.reported.1);
        self.line.epoch = self.epoch;
        self.line.present_at_ns = first_ns.saturating_sub(FRAME_NS);
        self.drive.freeze(self.state.freeze);
        self.waiting = self
            .state
            .next
            .as_ref()
            .map(|_| Waiting::new(self.state.revision, now_ns));
    }

    /// Counts a change of the slow state.
    fn change(&mut self) {
        self.state.revision = self.state.revision.saturating_add(1);
        self.digest = self.state.digest();
    }
}
