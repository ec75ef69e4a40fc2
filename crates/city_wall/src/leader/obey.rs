//! Carrying out commands.

use city_time::{ClockCommand, Outcome, SimInstant};

use super::{Leader, Role};
use crate::command::{Command, CommandError, How};
use crate::shared::NextView;
use crate::steer;

/// How long the wall waits for tiles before it switches to the next view all the same, nanoseconds.
const PATIENCE_NS: i64 = 5_000_000_000;

/// A switch that waits for tiles.
#[derive(Debug, Clone, Copy)]
pub(super) struct Waiting {
    /// Nodes know of the next view from this revision on.
    revision: u64,
    deadline_ns: i64,
}

impl Waiting {
    pub(super) fn new(revision: u64, now_ns: i64) -> Self {
        Self {
            revision,
            deadline_ns: now_ns.saturating_add(PATIENCE_NS),
        }
    }
}

impl Leader {
    /// Carries out an operator's command.
    ///
    /// # Errors
    /// When this leader does not lead, or the command cannot be carried out; nothing has changed then.
    pub fn command(&mut self, command: &Command, now_ns: i64) -> Result<(), CommandError> {
        if self.role != Role::Active {
            return Err(CommandError::NotActive {
                active: self.active().map(|leader| leader.id.clone()),
            });
        }
        command.check(&self.state)?;
        let ground_m = self.state.origin.height;
        match command {
            Command::SetCamera(pose) => {
                self.no_next_view();
                self.drive.cut_to(pose.camera());
            }
            Command::MoveCamera {
                forward_m,
                right_m,
                up_m,
                turn_rad,
                tilt_rad,
            } => {
                let by_m = [*forward_m, *right_m, *up_m];
                self.drive
                    .steer(|camera| steer::moved(camera, by_m, *turn_rad, *tilt_rad, ground_m));
            }
            Command::OrbitCamera {
                turn_rad,
                tilt_rad,
                zoom,
            } => self
                .drive
                .steer(|camera| steer::orbited(camera, *turn_rad, *tilt_rad, *zoom, ground_m)),
            Command::GoPreset { id, how, time } => self.go(id, *how, *time, now_ns)?,
            Command::Clock(command) => self.set_clock(*command)?,
            Command::SetLayer {
                id,
                visible,
                opacity,
            } => {
                if let Some(layer) = self.state.layers.iter_mut().find(|layer| layer.id == *id) {
                    layer.visible = visible.unwrap_or(layer.visible);
                    layer.opacity = opacity.unwrap_or(layer.opacity);
                }
                self.change();
            }
            Command::Freeze(freeze) => {
                self.drive.freeze(*freeze);
                self.state.freeze = *freeze;
                self.change();
            }
            Command::Identify(identify) => {
                self.state.identify = *identify;
                self.change();
            }
            Command::SetTheme(theme) => {
                self.state.theme = *theme;
                self.change();
            }
            Command::OpenScenario(scenario) => {
                self.state.scenario.clone_from(scenario);
                self.change();
            }
        }
        Ok(())
    }

    fn go(&mut self, id: &str, how: How, time: bool, now_ns: i64) -> Result<(), CommandError> {
        let Some(preset) = self.state.preset(id).cloned() else {
            return Err(CommandError::UnknownPreset(id.to_owned()));
        };
        let best = preset.time.as_deref().filter(|_| time);
        if let Some(instant) = best.and_then(|text| SimInstant::parse_rfc3339(text).ok()) {
            self.set_clock(ClockCommand::Seek(instant))?;
        }
        self.no_next_view();
        let camera = preset.pose.camera();
        match how {
            How::Fly => self.drive.fly_to(camera),
            How::Cut => self.drive.cut_to(camera),
            How::WhenReady => {
                self.state.next = Some(NextView {
                    preset: preset.id,
                    pose: preset.pose,
                });
                self.change();
                self.waiting = Some(Waiting::new(self.state.revision, now_ns));
            }
        }
        Ok(())
    }

    fn no_next_view(&mut self) {
        self.waiting = None;
        if self.state.next.take().is_some() {
            self.change();
        }
    }

    fn set_clock(&mut self, command: ClockCommand) -> Result<(), CommandError> {
        match self.drive.clock.apply(command) {
            Outcome::Done | Outcome::Clamped(_) => Ok(()),
            Outcome::Refused(refusal) => Err(refusal.into()),
        }
    }

    /// Switches to the next view when all nodes have its tiles, or when it has been waited long enough.
    pub(super) fn settle(&mut self, now_ns: i64) {
        let Some(waiting) = self.waiting else { return };
        if now_ns < waiting.deadline_ns && !self.members.all_ready(waiting.revision, now_ns) {
            return;
        }
        let next = self.state.next.as_ref().map(|next| next.pose.camera());
        self.no_next_view();
        if let Some(camera) = next {
            self.drive.cut_to(camera);
        }
    }
}
