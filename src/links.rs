//! Every view is a link: camera, time, layers, what is open.

use bevy::ecs::prelude::*;
use bevy::ecs::system::SystemParam;
use city_time::ClockMode;

use crate::clock::SimClock;
use crate::frame::SceneFrame;
use crate::framing::pose_of;
use crate::overlays::LayerLooks;
use crate::render::CityView;
use crate::tiles::TileLayer;

/// A link is wanted on the clipboard.
#[derive(Message, Clone, Copy, Debug)]
pub struct CopyLink;

/// What a link is made of.
#[derive(SystemParam)]
pub struct LinkParts<'w, 's> {
    views: Query<'w, 's, &'static CityView>,
    frame: Res<'w, SceneFrame>,
    clock: Res<'w, SimClock>,
    looks: Option<Res<'w, LayerLooks>>,
    opened: Query<'w, 's, &'static TileLayer>,
    vectors: Query<'w, 's, &'static crate::geojson::VectorLayer>,
    scene: Res<'w, crate::scene::SceneInfo>,
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
    for layer in parts.vectors.iter().filter(|layer| !layer.of_scene) {
        out.append_pair("geojson", &layer.source.url);
    }
    if let Some(pose) = parts
        .views
        .iter()
        .next()
        .map(|view| pose_of(view, &parts.frame))
    {
        out.append_pair("camera", &pose.to_string());
    }
    if parts.clock.state().mode != ClockMode::Live {
        out.append_pair("time", &parts.clock.now().to_rfc3339());
    }
    if let Some(looks) = &parts.looks {
        let shown: Vec<&str> = looks
            .0
            .iter()
            .filter(|look| look.visible)
            .map(|look| look.id.as_str())
            .chain(
                parts
                    .vectors
                    .iter()
                    .filter(|layer| layer.visible)
                    .map(|layer| layer.source.id.as_str()),
            )
            .collect();
        out.append_pair("layers", &shown.join(","));
    }
    let fragment = out.finish();
    crate::platform::remember_link(&fragment);
    fragment
}

/// Puts the link on the clipboard and into the page's address.
pub fn copy(
    mut wanted: MessageReader<CopyLink>,
    parts: LinkParts,
    mut contexts: bevy_egui::EguiContexts,
    mut notices: ResMut<crate::notices::Notices>,
) {
    if wanted.read().last().is_none() {
        return;
    }
    let fragment = link(&parts);
    let link = crate::platform::page_address()
        .map_or_else(|| fragment.clone(), |page| format!("{page}#{fragment}"));
    if let Ok(ctx) = contexts.ctx_mut() {
        ctx.copy_text(link.clone());
    }
    notices.info("the link to this view is copied", link);
}
