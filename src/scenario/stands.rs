//! Where the things of a scenario stand: by the plan, or in the hand that drags them.

use bevy::ecs::prelude::*;
use city_geo::LocalFrame;
use glam::{DMat4, DQuat, DVec3};

use super::carry::Shift;
use super::desk::Desk;
use crate::frame::SceneFrame;
use crate::render::Placement;

/// Something that a scenario puts into the city, a building or a model: where it stands by the plan.
#[derive(Component, Clone, Debug, PartialEq)]
pub(super) struct Stands {
    /// The feature's identifier.
    pub feature: String,
    /// Local frame from its mesh.
    pub local_from_mesh: DMat4,
    /// The middle of it, on the ground; local frame.
    pub foot: DVec3,
}

/// Shows what is in the hand where it would stand if it were put down now, and everything else where it stands.
pub(super) fn carry(
    desk: Res<Desk>,
    frame: Res<SceneFrame>,
    mut standing: Query<(&Stands, &mut Placement)>,
) {
    let held = desk.held.as_ref().zip(desk.chosen.as_ref());
    for (stands, mut placement) in &mut standing {
        let carried = match held {
            Some((by, chosen)) if *chosen == stands.feature => {
                local_from_home(stands.foot, by, &frame) * stands.local_from_mesh
            }
            _ => stands.local_from_mesh,
        };
        if placement.local_from_mesh != carried {
            placement.local_from_mesh = carried;
        }
    }
}

/// A move and a turn about a foot, local frame.
fn local_from_home(foot: DVec3, by: &Shift, frame: &SceneFrame) -> DMat4 {
    let Some(here) = frame.geodetic(foot) else {
        return DMat4::IDENTITY;
    };
    let axes = frame.local_from_ecef * LocalFrame::enu(here).ecef_from_local();
    let way = axes.transform_vector3(DVec3::new(by.east_m, by.north_m, by.up_m));
    let turn = DQuat::from_axis_angle(
        axes.z_axis.truncate().normalize_or(DVec3::Z),
        -by.clockwise_deg.to_radians(),
    );
    DMat4::from_translation(foot + way) * DMat4::from_quat(turn) * DMat4::from_translation(-foot)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_the_hand_is_moved_and_turned_about_its_foot() {
        let frame = SceneFrame::at(city_geo::Geodetic::from_degrees(114.17, 22.29, 0.0));
        let foot = DVec3::new(500.0, -300.0, 5.0);
        let by = Shift {
            east_m: 10.0,
            north_m: 20.0,
            up_m: 1.0,
            clockwise_deg: 90.0,
        };
        let moved = local_from_home(foot, &by, &frame);
        let near = |p: DVec3, q: DVec3| p.distance(q) < 0.02;
        assert!(near(
            moved.transform_point3(foot),
            foot + DVec3::new(10.0, 20.0, 1.0)
        ));
        let to_the_north = foot + DVec3::Y * 8.0;
        assert!(near(
            moved.transform_point3(to_the_north),
            foot + DVec3::new(18.0, 20.0, 1.0)
        ));
        let still = local_from_home(foot, &Shift::default(), &frame);
        assert!(near(still.transform_point3(to_the_north), to_the_north));
    }
}
