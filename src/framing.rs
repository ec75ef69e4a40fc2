//! Making a tileset the scene: the local frame moves to it and the camera looks at all of it.

use bevy::ecs::prelude::*;
use city_geo::Camera;
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
    let pitch = 35f64.to_radians();
    let forward = DVec3::new(0.0, pitch.cos(), -pitch.sin());
    let up = DVec3::new(0.0, pitch.sin(), pitch.cos());
    CityView {
        position: center - forward * distance,
        forward,
        up,
        fov_y_rad,
        near_m: (radius_m * 1e-4).clamp(1e-3, 0.5),
        above_ground_m: distance * pitch.sin(),
    }
}

/// Frames tilesets that asked for it, as soon as their root is known. A camera that a link names wins.
pub fn frame_opened(
    mut layers: Query<&mut TileLayer>,
    mut wishes: ResMut<LinkWishes>,
    mut frame: ResMut<SceneFrame>,
    mut home: ResMut<HomeView>,
    mut cameras: Query<&mut CityView>,
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
        let generation = frame.generation + 1;
        *frame = SceneFrame {
            generation,
            ..SceneFrame::around_ecef(center_ecef)
        };
        let center = frame.local_from_ecef.transform_point3(center_ecef);
        let fov = cameras
            .iter()
            .next()
            .map_or(CityView::default().fov_y_rad, |view| view.fov_y_rad);
        let view = view_of_sphere(center, radius_m.max(0.01), fov);
        home.0 = Some(view);
        let view = match wishes.camera.take() {
            Some(pose) => view_from_pose(&pose, &frame),
            None => view,
        };
        for mut camera in &mut cameras {
            *camera = view;
        }
    }
}
