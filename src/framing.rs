//! Making a tileset the scene: the local frame moves to it and the camera looks at all of it.

use bevy::ecs::prelude::*;
use city_geo::{BoundingVolume, Camera};
use glam::DVec3;

use crate::frame::SceneFrame;
use crate::render::CityView;
use crate::scene::LinkWishes;
use crate::tiles::TileLayer;

/// Where "home" is: the scene's own pose, or the view that frames the tileset.
#[derive(Resource, Clone, Copy, Debug, Default)]
pub struct HomeView(pub Option<CityView>);

/// A pose of the camera on the Earth as a view in the local frame.
#[must_use]
pub fn view_from_pose(pose: &Camera, frame: &SceneFrame) -> CityView {
    let local_from_pose = frame.pose_from_local.inverse();
    let position = local_from_pose.transform_point3(pose.position_ecef());
    let turn = |ecef: DVec3| local_from_pose.transform_vector3(ecef).normalize();
    CityView {
        position,
        forward: turn(pose.forward()),
        up: turn(pose.up()),
        fov_y_rad: pose.fov_y_rad,
        ..CityView::default()
    }
}

/// A view in the local frame as a pose.
#[must_use]
pub fn pose_of(view: &CityView, frame: &SceneFrame) -> Camera {
    let position = frame.pose_from_local.transform_point3(view.position);
    let forward = frame.pose_from_local.transform_vector3(view.forward);
    // Straight down the heading is where the picture's top points.
    let up = frame.pose_from_local.transform_vector3(view.up);
    let level = Camera::looking_along(position, up, 0.0, view.fov_y_rad);
    Camera::looking_along(position, forward, level.heading_rad, view.fov_y_rad)
}

/// The view that has a sphere (local frame) in the picture: from the south, 35 degrees down.
#[must_use]
pub fn view_of_sphere(center: DVec3, radius_m: f64, fov_y_rad: f64) -> CityView {
    let distance = radius_m / (fov_y_rad * 0.5).sin() * 0.85;
    view_from_the_south(center, radius_m, distance, fov_y_rad)
}

/// The view that has all these points (local frame, around `center`) in a picture of `aspect` (width over height):
/// from the south, 35 degrees down, as near as they allow.
#[must_use]
pub fn view_of_points(center: DVec3, points: &[DVec3], fov_y_rad: f64, aspect: f64) -> CityView {
    /// How much of the picture they may take.
    const FILLED: f64 = 0.9;
    let (half_y, half_x) = {
        let half = (fov_y_rad * 0.5).tan() * FILLED;
        (half, half * aspect)
    };
    let (mut distance, mut radius_m) = (0f64, 0f64);
    for point in points {
        let from_center = *point - center;
        let ahead = from_center.dot(FORWARD.normalize());
        let aside = from_center.x.abs() / half_x;
        let above = from_center.dot(UP.normalize()).abs() / half_y;
        distance = distance.max(aside - ahead).max(above - ahead);
        radius_m = radius_m.max(from_center.length());
    }
    let radius_m = radius_m.max(0.01);
    // Never inside.
    view_from_the_south(center, radius_m, distance.max(radius_m * 1.05), fov_y_rad)
}

/// North and 35 degrees down; the direction up in the picture.
const FORWARD: DVec3 = DVec3::new(0.0, 0.819_152_044_289, -0.573_576_436_351);
const UP: DVec3 = DVec3::new(0.0, 0.573_576_436_351, 0.819_152_044_289);

fn view_from_the_south(center: DVec3, radius_m: f64, distance: f64, fov_y_rad: f64) -> CityView {
    let (forward, up) = (FORWARD.normalize(), UP.normalize());
    CityView {
        position: center - forward * distance,
        forward,
        up,
        fov_y_rad,
        near_m: (radius_m * 1e-4).clamp(1e-3, 0.5),
        above_ground_m: distance * -forward.z,
    }
}

/// Frames tilesets that asked for it, as soon as their root is known. A camera that a link names wins.
pub fn frame_opened(
    mut layers: Query<&mut TileLayer>,
    mut wishes: ResMut<LinkWishes>,
    mut frame: ResMut<SceneFrame>,
    mut home: ResMut<HomeView>,
    mut cameras: Query<(&mut CityView, &bevy::camera::Camera)>,
) {
    for mut layer in &mut layers {
        if !layer.frame_it {
            continue;
        }
        let Some(volume) = layer.streamer.bounding_volume() else {
            continue;
        };
        layer.frame_it = false;
        let (center_ecef, radius_m) = volume.bounding_sphere();
        let corners = volume.corners();
        let generation = frame.generation + 1;
        *frame = SceneFrame {
            generation,
            ..SceneFrame::around_ecef(center_ecef)
        };
        let center = frame.local_from_ecef.transform_point3(center_ecef);
        let (fov, aspect) =
            cameras
                .iter()
                .next()
                .map_or((CityView::default().fov_y_rad, 1.6), |(view, camera)| {
                    let size = camera.physical_viewport_size();
                    let aspect =
                        size.map_or(1.6, |s| f64::from(s.x.max(1)) / f64::from(s.y.max(1)));
                    (view.fov_y_rad, aspect)
                });
        let view = match volume {
            BoundingVolume::Sphere(_) => view_of_sphere(center, radius_m.max(0.01), fov),
            _ => {
                let local = corners.map(|corner| frame.local_from_ecef.transform_point3(corner));
                view_of_points(center, &local, fov, aspect)
            }
        };
        home.0 = Some(view);
        let view = match wishes.camera.take() {
            Some(pose) => view_from_pose(&pose, &frame),
            None => view,
        };
        for (mut camera, _) in &mut cameras {
            *camera = view;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_in_the_picture_and_fills_it() {
        let fov = 45f64.to_radians();
        for (half, aspect) in [
            (DVec3::new(1.0, 1.0, 4.0), 1.6),
            (DVec3::new(4.0, 1.0, 1.0), 1.6),
            (DVec3::new(3000.0, 2000.0, 40.0), 1.6),
            (DVec3::new(0.01, 0.01, 0.01), 0.5),
        ] {
            let center = DVec3::new(7.0, 8.0, 9.0);
            let corners: Vec<DVec3> = (0..8)
                .map(|i| {
                    let sign = |bit: i32| if i & bit == 0 { -1.0 } else { 1.0 };
                    center + half * DVec3::new(sign(1), sign(2), sign(4))
                })
                .collect();
            let view = view_of_points(center, &corners, fov, aspect);
            let tan = (fov * 0.5).tan();
            let most = corners
                .iter()
                .map(|c| {
                    let v = *c - view.position;
                    let ahead = v.dot(view.forward);
                    assert!(ahead > 0.0, "{half} is behind");
                    (v.dot(view.up) / (ahead * tan))
                        .abs()
                        .max((v.dot(view.right()) / (ahead * tan * aspect)).abs())
                })
                .fold(0.0, f64::max);
            assert!((0.6..=0.901).contains(&most), "{half}: {most}");
        }
    }
}
