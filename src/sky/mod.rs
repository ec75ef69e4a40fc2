//! Light by the clock: the sun where it stands, the sky's colours, the hour's lit windows.

mod palette;

use bevy::app::{App, Plugin, Update};
use bevy::ecs::prelude::*;
use glam::{DVec3, Vec3};

use crate::clock::SimClock;
use crate::frame::SceneFrame;
use crate::render::Lighting;
use crate::schedule::FrameSet;

/// Keeps [`Lighting`] in step with the clock.
pub struct SkyPlugin;

impl Plugin for SkyPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Lighting>()
            .add_systems(Update, follow_clock.in_set(FrameSet::Sky));
    }
}

fn follow_clock(clock: Res<SimClock>, frame: Res<SceneFrame>, mut lighting: ResMut<Lighting>) {
    // Off the Earth there is no sun to compute; a steady afternoon is kind to models.
    let Some(origin) = frame.origin else {
        *lighting = palette::lighting(DVec3::new(0.45, -0.55, 0.70).normalize(), 14.0, 0.0);
        return;
    };
    let toward_sun = city_models::sun::sun_direction_enu(clock.now(), origin);
    let seconds = clock.now().0.rem_euclid(3_600_000_000_000) as f64 * 1e-9;
    *lighting = palette::lighting(toward_sun, clock.local_hour(), seconds as f32);
}

/// A direction for pictures that need the sun's own place, not the moon's.
#[must_use]
pub fn is_night(lighting: &Lighting) -> bool {
    lighting.sun_sine < -0.07 || lighting.toward_light == Vec3::ZERO
}
