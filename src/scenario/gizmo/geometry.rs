//! The shape of the gizmo, what the pointer is on, and what a drag comes to. Local frame, metres; pixels from the
//! left and the top.

use std::f64::consts::TAU;

use glam::{DVec2, DVec3};

use crate::pointer::to_segment;
use crate::render::LineSegment;
use crate::scenario::carry::Shift;

/// What can be taken hold of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Handle {
    /// The disc: moves along the ground.
    Ground,
    /// The arrow to the east.
    East,
    /// The arrow to the north.
    North,
    /// The ring: turns.
    Turn,
}

/// A ground plane at somebody's foot: east and north along it, up from it; of length 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Compass {
    pub foot: DVec3,
    pub east: DVec3,
    pub north: DVec3,
    pub up: DVec3,
}

/// From the foot to the ring, logical pixels.
pub(super) const RADIUS_PX: f64 = 90.0;
/// The disc at the foot, logical pixels across.
const DISC_PX: f64 = 22.0;
/// Where an arrow begins and ends, and how long its barbs are, shares of the radius.
const ARROW: [f64; 3] = [0.2, 0.8, 0.14];
/// Sides of the ring.
const SIDES: usize = 72;
/// Rays flatter than this to the ground (sine) meet it too far away to aim.
const FLATTEST: f64 = 0.01;
/// Nothing is dragged farther than this in one go, metres.
const FARTHEST_M: f64 = 20_000.0;

impl Compass {
    /// A point on the plane.
    fn at(&self, east_m: f64, north_m: f64) -> DVec3 {
        self.foot + self.east * east_m + self.north * north_m
    }

    /// The same plane, carried along.
    pub fn shifted(&self, by: &Shift) -> Self {
        Self {
            foot: self.at(by.east_m, by.north_m) + self.up * by.up_m,
            ..*self
        }
    }

    /// Where a ray (direction of length 1) meets the plane: metres east and north of the foot.
    pub fn meets(&self, origin: DVec3, direction: DVec3) -> Option<DVec2> {
        let down = -direction.dot(self.up);
        let above_m = (origin - self.foot).dot(self.up);
        if down.abs() < FLATTEST || above_m * down <= 0.0 {
            return None;
        }
        let met = origin + direction * (above_m / down) - self.foot;
        let met = DVec2::new(met.dot(self.east), met.dot(self.north));
        (met.length() < FARTHEST_M).then_some(met)
    }

    /// The handle under the pointer. `radius_m` is the ring's; `project` says where a point is seen, where it is.
    pub fn handle_at(
        &self,
        radius_m: f64,
        pointer: DVec2,
        slack_px: f64,
        project: &dyn Fn(DVec3) -> Option<DVec2>,
    ) -> Option<Handle> {
        let foot = project(self.foot)?;
        if foot.distance(pointer) <= slack_px.max(DISC_PX * 0.5) {
            return Some(Handle::Ground);
        }
        let away_px = |a: DVec3, b: DVec3| match (project(a), project(b)) {
            (Some(a), Some(b)) => to_segment(pointer, a, b),
            _ => f64::INFINITY,
        };
        let [from, to, _] = ARROW.map(|share| share * radius_m);
        let east = away_px(self.at(from, 0.0), self.at(to, 0.0));
        let north = away_px(self.at(0.0, from), self.at(0.0, to));
        let ring = self
            .ring(radius_m)
            .windows(2)
            .map(|side| away_px(side[0], side[1]))
            .fold(f64::INFINITY, f64::min);
        // Seen from the side an arrow may lie over the ring: what is nearest counts, arrows first.
        [
            (east, Handle::East),
            (north, Handle::North),
            (ring, Handle::Turn),
        ]
        .into_iter()
        .filter(|(px, _)| *px <= slack_px)
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, handle)| handle)
    }

    fn ring(&self, radius_m: f64) -> Vec<DVec3> {
        (0..=SIDES)
            .map(|side| {
                let (sin, cos) = (side as f64 / SIDES as f64 * TAU).sin_cos();
                self.at(radius_m * sin, radius_m * cos)
            })
            .collect()
    }

    /// The gizmo as lines from its foot; what is hot has another colour. `px` is the size of a logical pixel.
    pub fn lines(&self, radius_m: f64, px: f64, hot: Option<Handle>) -> Vec<LineSegment> {
        let mut lines = Vec::new();
        // Twice: what is light below, so that it is seen on any ground.
        for edge in [true, false] {
            let mut draw = |handle: Handle, a: DVec3, b: DVec3, width_px: f64| {
                let color = match (edge, hot == Some(handle)) {
                    (true, _) => EDGE,
                    (false, true) => HOT,
                    (false, false) => IDLE,
                };
                let width_px = if edge { width_px + 3.0 } else { width_px };
                lines.push(LineSegment {
                    a: (a - self.foot).as_vec3().to_array(),
                    width_px: (width_px * px) as f32,
                    b: (b - self.foot).as_vec3().to_array(),
                    color,
                });
            };
            for side in self.ring(radius_m).windows(2) {
                draw(Handle::Turn, side[0], side[1], 4.0);
            }
            let [from, to, barb] = ARROW.map(|share| share * radius_m);
            let back = to - barb;
            let side = barb * 0.55;
            for (handle, along) in [(Handle::East, true), (Handle::North, false)] {
                let at = |ahead: f64, beside: f64| match along {
                    true => self.at(ahead, beside),
                    false => self.at(beside, ahead),
                };
                draw(handle, at(from, 0.0), at(to, 0.0), 4.0);
                draw(handle, at(to, 0.0), at(back, side), 4.0);
                draw(handle, at(to, 0.0), at(back, -side), 4.0);
            }
            // A segment of no length is a point.
            draw(Handle::Ground, self.foot, self.foot, DISC_PX);
        }
        lines
    }
}

/// The accent, what is under the pointer, and the edge around both; linear.
const IDLE: [u8; 4] = [20, 94, 255, 255];
const HOT: [u8; 4] = [255, 120, 6, 255];
const EDGE: [u8; 4] = [255; 4];

/// What a drag of a handle comes to, from one place on the plane to another (metres from the foot). With `steps` in
/// whole metres and 15 degrees.
pub(super) fn dragged(handle: Handle, from: DVec2, to: DVec2, steps: bool) -> Shift {
    let step = |value: f64, size: f64| match steps {
        true => (value / size).round() * size,
        false => value,
    };
    let way = to - from;
    let shift = Shift::default();
    match handle {
        Handle::Ground => Shift {
            east_m: step(way.x, 1.0),
            north_m: step(way.y, 1.0),
            ..shift
        },
        Handle::East => Shift {
            east_m: step(way.x, 1.0),
            ..shift
        },
        Handle::North => Shift {
            north_m: step(way.y, 1.0),
            ..shift
        },
        Handle::Turn => {
            // From north, clockwise: the angle from one to the other the other way round.
            let angle_rad = if from.length() > 0.0 && to.length() > 0.0 {
                to.angle_to(from)
            } else {
                0.0
            };
            Shift {
                clockwise_deg: step(angle_rad.to_degrees(), 15.0),
                ..shift
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GROUND: Compass = Compass {
        foot: DVec3::new(1000.0, -500.0, 20.0),
        east: DVec3::X,
        north: DVec3::Y,
        up: DVec3::Z,
    };

    /// From above, a pixel is a metre; north is up.
    fn from_above(p: DVec3) -> Option<DVec2> {
        let rel = p - GROUND.foot;
        Some(DVec2::new(rel.x, -rel.y))
    }

    fn on(x: f64, y: f64) -> Option<Handle> {
        GROUND.handle_at(90.0, DVec2::new(x, y), 8.0, &from_above)
    }

    #[test]
    fn each_handle_is_found_where_it_is_drawn() {
        assert_eq!(on(3.0, -4.0), Some(Handle::Ground));
        assert_eq!(on(50.0, 5.0), Some(Handle::East));
        assert_eq!(on(-5.0, -50.0), Some(Handle::North));
        assert_eq!(on(-88.0, 0.0), Some(Handle::Turn));
        assert_eq!(on(64.0, 64.0), Some(Handle::Turn));
        assert_eq!(on(-40.0, 30.0), None, "between");
        assert_eq!(on(120.0, 0.0), None, "outside");
    }

    #[test]
    fn what_cannot_be_seen_cannot_be_taken() {
        let behind = |_: DVec3| None;
        let at = GROUND.handle_at(90.0, DVec2::ZERO, 8.0, &behind);
        assert_eq!(at, None);
        // The foot is seen, and of the rest nothing.
        let foot_only = |p: DVec3| (p == GROUND.foot).then_some(DVec2::ZERO);
        let at = |x: f64| GROUND.handle_at(90.0, DVec2::new(x, 0.0), 8.0, &foot_only);
        assert_eq!(at(0.0), Some(Handle::Ground));
        assert_eq!(at(50.0), None);
    }

    #[test]
    fn rays_meet_the_plane_below_them_and_no_farther_than_one_can_aim() {
        let eye = GROUND.foot + DVec3::new(0.0, -100.0, 100.0);
        let ahead = DVec3::new(0.1, 1.0, -1.0).normalize();
        let met = GROUND.meets(eye, ahead).unwrap();
        assert!(met.distance(DVec2::new(10.0, 0.0)) < 1e-9);
        assert_eq!(GROUND.meets(eye, DVec3::Y), None, "along the ground");
        assert_eq!(GROUND.meets(eye, DVec3::Z), None, "into the sky");
        let flat = DVec3::new(0.0, 1.0, -0.005).normalize();
        assert_eq!(GROUND.meets(eye, flat), None);
        let from_below = GROUND.meets(GROUND.foot - DVec3::Z * 5.0, DVec3::Z);
        assert_eq!(from_below, Some(DVec2::ZERO));
    }

    #[test]
    fn arrows_keep_to_their_axis_and_the_disc_does_not() {
        let (from, to) = (DVec2::new(1.0, 1.0), DVec2::new(13.4, -6.2));
        let ground = dragged(Handle::Ground, from, to, false);
        assert!((ground.east_m - 12.4).abs() < 1e-9 && (ground.north_m + 7.2).abs() < 1e-9);
        let east = dragged(Handle::East, from, to, false);
        assert!((east.east_m - 12.4).abs() < 1e-9 && east.north_m == 0.0);
        let north = dragged(Handle::North, from, to, true);
        assert_eq!((north.east_m, north.north_m), (0.0, -7.0), "whole metres");
    }

    #[test]
    fn the_ring_turns_by_the_angle_of_the_drag_clockwise_from_above() {
        let north = DVec2::new(0.0, 80.0);
        let turn = |to: DVec2, steps| dragged(Handle::Turn, north, to, steps).clockwise_deg;
        assert!(
            (turn(DVec2::new(50.0, 0.0), false) - 90.0).abs() < 1e-9,
            "east"
        );
        assert!((turn(DVec2::new(-3.0, 3.0), false) + 45.0).abs() < 1e-9);
        let nearly = DVec2::from_angle(50.0_f64.to_radians());
        assert!((turn(nearly, true) - 45.0).abs() < 1e-9, "in steps of 15");
        assert_eq!(turn(DVec2::ZERO, false), 0.0);
        let moved = dragged(Handle::Turn, north, DVec2::X, false);
        assert_eq!((moved.east_m, moved.north_m), (0.0, 0.0));
    }

    #[test]
    fn it_is_drawn_from_its_foot_and_the_hot_handle_differs() {
        let lines = GROUND.lines(10.0, 2.0, Some(Handle::East));
        let reach = lines
            .iter()
            .flat_map(|line| [line.a, line.b])
            .map(|p| f64::from(p[0]).hypot(f64::from(p[1])))
            .fold(0.0, f64::max);
        assert!((reach - 10.0).abs() < 1e-4);
        assert_eq!(lines.iter().filter(|line| line.color == HOT).count(), 3);
        assert!(lines.iter().all(|line| line.a[2] == 0.0));
    }
}
