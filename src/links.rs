//! Every view is a link: camera, time, layers, what is open.

use bevy::ecs::prelude::*;
use bevy::ecs::system::SystemParam;
use city_geo::Camera;
use city_time::ClockMode;

use crate::clock::SimClock;
use crate::frame::SceneFrame;
use crate::overlays::LayerLooks;
use crate::render::CityView;
use crate::tiles::TileLayer;

/// What a link is made of.
#[derive(SystemParam)]
pub struct LinkParts<'w, 's> {
    views: Query<'w, 's, &'static CityView>,
    frame: Res<'w, SceneFrame>,
    clock: Res<'w, SimClock>,
    looks: Option<Res<'w, LayerLooks>>,
    opened: Query<'w, 's, &'static TileLayer>,
    scene: Res<'w, crate::scene::SceneInfo>,
}

/// A view in the local frame as a pose on the Earth; `None` off the Earth.
#[must_use]
pub fn pose_of(view: &CityView, frame: &SceneFrame) -> Option<Camera> {
    frame.origin?;
    let position = frame.ecef_from_local.transform_point3(view.position);
    let forward = frame.ecef_from_local.transform_vector3(view.forward);
    Some(Camera::looking_along(position, forward, 0.0, view.fov_y_rad))
}

/// The parameters of the current view, as they stand in an address.
#[must_use]
pub fn link(parts: &LinkParts) -> String {
    let mut out = url::form_urlencoded::Serializer::new(String::new());
    if let Some(scene) = &parts.scene.url {
        out.append_pair("scene", scene);
    } else if let Some(layer) = parts.opened.iter().next() {
        out.append_pair("tileset", &layer.source.url);
    }
    if let Some(pose) = parts.views.iter().next().and_then(|view| pose_of(view, &parts.frame)) {
        out.append_pair("camera", &pose.to_string());
    }
    if parts.clock.state().mode != ClockMode::Live {
        out.append_pair("time", &parts.clock.now().to_rfc3339());
    }
    if let Some(looks) = &parts.looks {
        let shown: Vec<&str> = looks.0.iter().filter(|look| look.visible).map(|look| look.id.as_str()).collect();
        out.append_pair("layers", &shown.join(","));
    }
    let fragment = out.finish();
    crate::platform::remember_link(&fragment);
    fragment
}
