//! What a leader tells of the wall, and what a standby takes over from the one that leads.

use city_geo::Camera;
use city_scene::Pose;

use super::{Leader, Role, WallView};
use crate::shared::WallState;
use crate::snapshot::{LeaderView, Snapshot, digest_text};

impl Leader {
    /// The leader whose snapshot is wanted, because a standby's state is not the active leader's any more.
    #[must_use]
    pub fn wants_snapshot(&self) -> Option<u8> {
        let heard = self.heard.as_ref().filter(|_| self.role == Role::Standby)?;
        let same = (heard.frame.revision, heard.frame.digest) == (self.state.revision, self.digest);
        (!same).then_some(heard.frame.rank)
    }

    /// Takes the active leader's state. `false` when it is not the one that its frames name, or not any more.
    pub fn adopt(&mut self, state: WallState) -> bool {
        let digest = state.digest();
        let named = self.heard.as_ref().is_some_and(|heard| {
            (heard.frame.revision, heard.frame.digest) == (state.revision, digest)
        });
        if self.role == Role::Active || !named {
            return false;
        }
        self.state = state;
        self.digest = digest;
        true
    }

    /// Who leads, as far as it is known.
    #[must_use]
    pub fn active(&self) -> Option<&LeaderView> {
        let rank = match self.role {
            Role::Active => self.settings.rank,
            Role::Standby => self.heard.as_ref()?.frame.rank,
        };
        self.settings.leaders.get(usize::from(rank))
    }

    /// Where the wall stands, for pages, standbys and nodes.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let (camera, clock) = match &self.heard {
            Some(heard) if self.role == Role::Standby => (heard.frame.camera, heard.frame.clock),
            _ => self.drive.shown(),
        };
        Snapshot {
            wall: self.settings.wall.clone(),
            leader: self.own_view(),
            role: self.role,
            active: self.active().cloned(),
            epoch: self.epoch,
            revision: self.state.revision,
            digest: digest_text(self.digest),
            state: self.state.clone(),
            camera: pose_of(&camera),
            clock,
        }
    }

    fn own_view(&self) -> LeaderView {
        let own = self.settings.leaders.get(usize::from(self.settings.rank));
        own.cloned().unwrap_or_else(|| LeaderView {
            id: String::new(),
            url: String::new(),
        })
    }

    /// How the nodes stand.
    #[must_use]
    pub fn nodes(&self, now_ns: i64) -> WallView {
        self.members.view(self.line, self.digest, now_ns)
    }
}

fn pose_of(camera: &Camera) -> Pose {
    Pose {
        lon: camera.position.lon_deg(),
        lat: camera.position.lat_deg(),
        height: camera.position.height_m,
        heading: camera.heading_rad.to_degrees(),
        pitch: camera.pitch_rad.to_degrees(),
        fov: Some(camera.fov_y_rad.to_degrees()),
    }
}
