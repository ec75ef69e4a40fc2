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
    desk: Res<'w, crate::scenario::Desk>,
}

/// The parameters of the current view.
#[must_use]
pub fn parameters(parts: &LinkParts) -> Vec<(String, String)> {
    let mut out: Vec<(&str, String)> = Vec::new();
    if let Some(scene) = &parts.scene.url {
        out.push(("scene", scene.clone()));
    } else if let Some(layer) = parts.opened.iter().next() {
        out.push(("tileset", layer.source.url.clone()));
    }
    for layer in parts.vectors.iter().filter(|layer| !layer.of_scene) {
        out.push(("geojson", layer.source.url.clone()));
    }
    if let Some(view) = parts.views.iter().next() {
        out.push(("camera", pose_of(view, &parts.frame).to_string()));
    }
    if parts.clock.state().mode != ClockMode::Live {
        out.push(("time", parts.clock.now().to_rfc3339()));
    }
    if let Some(looks) = parts.looks.as_ref().filter(|looks| !looks.0.is_empty()) {
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
        out.push(("layers", shown.join(",")));
    }
    // What is nowhere yet cannot be opened by others.
    if let (Some(editor), Some(_)) = (&parts.desk.editor, &parts.desk.revision) {
        out.push(("scenario", editor.scenario().id.clone()));
    }
    out.into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// The current view as it stands in an address.
#[must_use]
pub fn fragment(parameters: &[(String, String)]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters)
        .finish()
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
    let parameters = parameters(&parts);
    crate::platform::remember_link(&parameters);
    let fragment = fragment(&parameters);
    let link = crate::platform::page_address()
        .map_or_else(|| fragment.clone(), |page| format!("{page}#{fragment}"));
    if let Ok(ctx) = contexts.ctx_mut() {
        ctx.copy_text(link.clone());
    }
    notices.info("the link to this view is copied", link);
}

/// How often the address may change, milliseconds: browsers refuse more than some three a second.
const ADDRESS_EVERY_MS: f64 = 1000.0;

/// Keeps the page's address at the current view, so that reload, bookmark and a copied address all
/// lead back to it. Waits until what the address asked for has been opened.
pub fn keep_address(
    parts: LinkParts,
    wishes: Res<crate::scene::LinkWishes>,
    home: Res<crate::framing::HomeView>,
    mut last: Local<(f64, Vec<(String, String)>)>,
) {
    let now_ms = crate::platform::monotonic_ms();
    let still_opening = parts.scene.loading || home.0.is_none() || wishes.camera.is_some();
    if still_opening || now_ms - last.0 < ADDRESS_EVERY_MS {
        return;
    }
    last.0 = now_ms;
    let now = parameters(&parts);
    if now != last.1 {
        crate::platform::remember_link(&now);
        last.1 = now;
    }
}
